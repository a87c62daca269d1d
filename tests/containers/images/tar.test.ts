import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTar, type TarEntry, writeTar } from '../../../src/sim/containers/images/tar.ts';

const name = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', '.x', 'é'), minLength: 1, maxLength: 60 }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join('/'));

const entry: fc.Arbitrary<TarEntry> = fc.record({
  name,
  kind: fc.constant('file' as const),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 65_535 }),
  gid: fc.integer({ min: 0, max: 65_535 }),
  mtime: fc.integer({ min: 0, max: 2_000_000_000 }),
  content: fc.uint8Array({ maxLength: 1500 }),
});

test('files come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      const back = readTar(writeTar(entries));
      expect(typeof back).not.toBe('string');
      const list = (back as TarEntry[]).map(({ rdev: _none, ...rest }) => ({
        ...rest,
        content: [...(rest.content ?? [])],
      }));
      expect(list).toEqual(entries.map((e) => ({ ...e, content: [...(e.content ?? [])] })));
    }),
  );
});

test('what is cut short or is no archive is said so', () => {
  const whole = writeTar([
    {
      name: 'f',
      kind: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      content: new Uint8Array(600),
    },
  ]);
  expect(readTar(whole.subarray(0, 800))).toBe('unexpected EOF');
  expect(readTar(new Uint8Array(1024).fill(65))).toBe('archive/tar: invalid tar header');
});
