import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunzip, gzipFile, gzipHeader } from '../../../../src/sim/userland/libc/gzip.ts';
import {
  closeArchive,
  decodeArchive,
  encodeMember,
  type TarMember,
} from '../../../../src/sim/userland/programs/text/tar-format.ts';

const name = fc
  .array(fc.constantFrom('a', 'dir', 'é', 'x'.repeat(60)), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join('/'));

const member: fc.Arbitrary<TarMember> = fc.record({
  name,
  flag: fc.constant('0'),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 65_535 }),
  gid: fc.integer({ min: 0, max: 65_535 }),
  user: fc.constantFrom('', 'root', 'ana'),
  group: fc.constantFrom('', 'root', 'ana'),
  mtime: fc.integer({ min: 0, max: 4_000_000_000 }),
  target: fc.constant(''),
  major: fc.constant(0),
  minor: fc.constant(0),
  content: fc.uint8Array({ maxLength: 1500 }),
});

describe('tar archives', () => {
  test('members come back as they went in, in order, and the size is a multiple of a record', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const bytes = closeArchive(members.map(encodeMember));
        expect(bytes.length % 10_240).toBe(0);
        const read = decodeArchive(bytes);
        expect(read.problem).toBeUndefined();
        expect(read.members).toEqual(
          members.map((m) => ({ ...m, content: new Uint8Array(m.content) })),
        );
      }),
    );
  });

  test('links keep long targets', () => {
    const target = 't/'.repeat(80);
    const link: TarMember = {
      name: 'l',
      flag: '2',
      mode: 0o777,
      uid: 0,
      gid: 0,
      user: 'root',
      group: 'root',
      mtime: 1,
      target,
      major: 0,
      minor: 0,
      content: new Uint8Array(0),
    };
    expect(decodeArchive(closeArchive([encodeMember(link)])).members).toEqual([link]);
  });

  test('bytes that are no archive, and archives that are cut off, are told apart', () => {
    expect(decodeArchive(new Uint8Array(600).fill(65)).problem).toBe('not tar');
    const whole = encodeMember({
      name: 'f',
      flag: '0',
      mode: 0o644,
      uid: 0,
      gid: 0,
      user: '',
      group: '',
      mtime: 0,
      target: '',
      major: 0,
      minor: 0,
      content: new Uint8Array(2000),
    });
    expect(decodeArchive(whole.subarray(0, 1500)).problem).toBe('cut off');
  });
});

describe('gzip files', () => {
  test('contents, name and time come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => {
        const packed = gzipFile(bytes, { name: 'f', mtime: 1_700_000_000 });
        expect(gunzip(packed)).toEqual(new Uint8Array(bytes));
        expect(gzipHeader(packed)).toMatchObject({
          name: 'f',
          mtime: 1_700_000_000,
          length: bytes.length,
        });
      }),
      { numRuns: 20 },
    );
  });
});
