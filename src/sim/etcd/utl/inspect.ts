// etcdutl hashkv and snapshot status: what a database file says of itself.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { EXIT, fail } from '../ctl/ctl.ts';
import { humanBytes } from '../ctl/endpoint.ts';
import { drawTable } from '../ctl/show.ts';
import { EtcdError } from '../error.ts';
import { crc32c, hashKv } from '../mvcc/hash.ts';
import { type Backend, type BackendImage, newBackend, restoreImage } from '../server/backend.ts';
import { decodeImage, hasDigest } from '../server/image.ts';

/** A database that was read from a file. */
export interface DatabaseFile {
  readonly bytes: Uint8Array;
  readonly image: BackendImage;
}

/** Reads a database file or a snapshot; ends the command where it is none. */
export function* openDatabase(invocation: Invocation, path: string): Routine<DatabaseFile> {
  const { main } = invocation;
  const bytes = yield* readFile(main.process, path);
  if (isErrno(bytes)) {
    const why = bytes.message.charAt(0).toLowerCase() + bytes.message.slice(1);
    return yield* fail(main, EXIT.error, `stat ${path}: ${why}`);
  }
  const image = decodeImage(bytes);
  if (image === undefined) return yield* fail(main, EXIT.error, 'invalid database');
  return { bytes, image };
}

/** The backend of an image, to look into. */
function backendOf(invocation: Invocation, image: BackendImage): Backend {
  const backend = newBackend();
  restoreImage(backend, image, invocation.main.process.now);
  return backend;
}

/** A row of values under names, printed as --write-out says. */
function* printRow(
  invocation: Invocation,
  row: {
    readonly headings: readonly string[];
    readonly cells: readonly string[];
    readonly json: object;
    readonly fields: string;
  },
): ProgramRun {
  const { main, values } = invocation;
  const format = values.text('write-out');
  const forms: Readonly<Record<string, () => string>> = {
    simple: () => `${row.cells.join(', ')}\n`,
    json: () => `${JSON.stringify(row.json)}\n`,
    fields: () => row.fields,
    table: () => drawTable(row.headings, [row.cells]),
  };
  const form = forms[format];
  if (form === undefined) {
    const text =
      format === 'protobuf'
        ? 'protobuf not supported as output format'
        : 'unsupported output format';
    return yield* fail(main, EXIT.badFeature, text);
  }
  yield* main.out.print(form());
  return 0;
}

export const hashKvCommand: Command = {
  name: 'hashkv',
  operands: '<filename>',
  short: 'Prints the KV history hash of a given file',
  arguments: 1,
  flags: [
    {
      name: 'rev',
      kind: 'int64',
      value: '0',
      usage: 'maximum revision to hash (default: latest revision)',
    },
  ],
  *run(invocation): ProgramRun {
    const [path = ''] = invocation.args;
    const { image } = yield* openDatabase(invocation, path);
    const { store } = backendOf(invocation, image);
    const revision = invocation.values.number('rev') || store.revision;
    const refusal = store.unreadable(revision);
    if (refusal instanceof EtcdError) {
      const text = refusal.message.replace('etcdserver: ', '');
      return yield* fail(invocation.main, EXIT.error, text);
    }
    const hash = hashKv(store, revision);
    const { compacted } = store;
    return yield* printRow(invocation, {
      headings: ['hash', 'hash revision', 'compact revision'],
      cells: [String(hash), String(revision), String(compacted)],
      json: { hash, hashRevision: revision, compactRevision: compacted },
      fields: `"Hash" : ${hash}\n"Hash revision" : ${revision}\n"Compact revision" : ${compacted}\n`,
    });
  },
};

export const snapshotStatusCommand: Command = {
  name: 'status',
  operands: '<filename>',
  short: 'Gets backend snapshot status of a given file',
  *run(invocation): ProgramRun {
    const { main, args } = invocation;
    const [path = ''] = args;
    if (args.length !== 1) {
      const text = 'snapshot status requires exactly one argument';
      return yield* fail(main, EXIT.badArguments, text);
    }
    const { bytes, image } = yield* openDatabase(invocation, path);
    const { store } = backendOf(invocation, image);
    const hash = crc32c(bytes);
    const { revision } = store;
    const keys = image.versions.length;
    const size = hasDigest(bytes) ? bytes.length - (bytes.length % 512) : bytes.length;
    const version = image.clusterVersion;
    return yield* printRow(invocation, {
      headings: ['hash', 'revision', 'total keys', 'total size', 'version'],
      cells: [hash.toString(16), String(revision), String(keys), humanBytes(size), version],
      json: { hash, revision, totalKey: keys, totalSize: size, version },
      fields: `"Hash" : ${hash}\n"Revision" : ${revision}\n"Keys" : ${keys}\n"Size" : ${size}\n"Version" : ${version}\n`,
    });
  },
};
