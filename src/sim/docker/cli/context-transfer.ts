// docker context export and import: a context as a tar archive (context/store/store.go). Zip archives and TLS material
// are left out.

import { concatBytes, decode, encode } from '../../core/text.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readTar, type TarEntry, writeTar } from '../../containers/images/tar.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { readFile, writeAll, writeFile } from '../../userland/libc/whole-file.ts';
import type { Action } from './command.ts';
import {
  type ContextMetadata,
  contextOf,
  DEFAULT_CONTEXT,
  storeContext,
  wrongContextName,
} from './context-store.ts';
import { isFlagError } from './flag-error.ts';
import { complain, fail } from './output.ts';

const META_FILE = 'meta.json';

/** What is wrong with a file's place in an archive (isValidFilePath). */
function wrongPlace(name: string): string | undefined {
  if (name !== META_FILE && !name.startsWith('tls/')) return 'unexpected context file';
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'unexpected path format';
  return name.includes('\\') ? "unexpected '\\' in path" : undefined;
}

export const exportContext: Action = function* (call) {
  const { main, args } = call;
  const { process: p } = main;
  const [name = '', path = `${name}.dockercontext`] = args;
  const wrong = name === DEFAULT_CONTEXT ? undefined : wrongContextName(name);
  if (wrong !== undefined) return yield* fail(call, wrong);
  if (path === '-' && p.isTerminal(1))
    return yield* fail(call, 'cowardly refusing to export to a terminal, specify a file path');
  if (path !== '-' && !isErrno(p.lstat(path)))
    return yield* fail(call, `open ${path}: file exists`);
  const metadata = yield* contextOf(p, name);
  const base = { uid: 0, gid: 0, mtime: 0 };
  const archive = isFlagError(metadata)
    ? new Uint8Array()
    : writeTar([
        {
          ...base,
          name: META_FILE,
          kind: 'file',
          mode: 0o644,
          content: encode(JSON.stringify(metadata)),
        },
        { ...base, name: 'tls', kind: 'directory', mode: 0o700 },
      ]);
  const failed =
    path === '-' ? yield* writeAll(p, 1, archive) : yield* writeFile(p, path, archive, 0o600);
  if (failed) return yield* fail(call, `open ${path}: ${failed.message.toLowerCase()}`);
  if (isFlagError(metadata)) return yield* fail(call, metadata.wrong);
  if (path !== '-') yield* complain(main, `Written file ${JSON.stringify(path)}`);
  return 0;
};

/** The metadata in an archive, or what is wrong with the archive. */
function metadataIn(entries: readonly TarEntry[]): ContextMetadata | string {
  let found: ContextMetadata | undefined;
  for (const { name, kind, content } of entries) {
    if (kind !== 'file') continue;
    const wrong = wrongPlace(name);
    if (wrong !== undefined) return `${name}: ${wrong}`;
    if (name !== META_FILE || !content) continue;
    try {
      found = JSON.parse(decode(content)) as ContextMetadata;
    } catch {
      return 'unexpected end of JSON input';
    }
  }
  return found ?? 'invalid context: no metadata found';
}

export const importContext: Action = function* (call) {
  const { main, args } = call;
  const { process: p } = main;
  const [name = '', path = ''] = args;
  const wrong = wrongContextName(name);
  if (wrong !== undefined) return yield* fail(call, wrong);
  if (!isFlagError(yield* contextOf(p, name)))
    return yield* fail(call, `context ${JSON.stringify(name)} already exists`);
  const bytes = path === '-' ? yield* p.readAll(0) : yield* readFile(p, path);
  if (isErrno(bytes)) return yield* fail(call, `open ${path}: ${bytes.message.toLowerCase()}`);
  const archive = concatBytes([bytes]);
  if (decode(archive.subarray(0, 4)) === 'PK\x03\x04')
    return yield* notSimulated(main, 'docker context import of a zip file');
  const entries = readTar(archive);
  const metadata = typeof entries === 'string' ? entries : metadataIn(entries);
  if (typeof metadata === 'string') return yield* fail(call, metadata);
  yield* storeContext(p, { ...metadata, Name: name });
  main.out.put(`${name}\n`);
  yield* complain(main, `Successfully imported context ${JSON.stringify(name)}`);
  return 0;
};
