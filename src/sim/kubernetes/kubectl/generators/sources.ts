// What --from-file, --from-literal and --from-env-file of kubectl create configmap and secret read.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { baseName, readFile } from '../../../userland/libc/whole-file.ts';
import { configMapKey, plainEnvironmentName } from '../../api/validation/names.ts';
import type { Call } from '../command.ts';
import { failure } from '../failure.ts';

type Kind = 'ConfigMap' | 'Secret';
type Entries = Map<string, Uint8Array>;

/** Adds an entry; the two kinds refuse in words of their own. */
function add(call: Call, what: Kind, entries: Entries, key: string, value: Uint8Array): void {
  const mistakes = configMapKey(key);
  if (mistakes.length > 0) {
    throw failure(
      what === 'Secret'
        ? `"${key}" is not valid key name for a Secret ${mistakes.join(';')}`
        : `"${key}" is not a valid key name for a ConfigMap: ${mistakes.join(',')}`,
    );
  }
  const before = entries.get(key);
  if (before) {
    const place = isText(before) ? 'Data' : 'BinaryData';
    throw failure(
      what === 'Secret'
        ? `cannot add key ${key}, another key by that name already exists`
        : `cannot add key "${key}", another key by that name already exists in ${place} for ConfigMap "${call.args[0] ?? ''}"`,
    );
  }
  entries.set(key, value);
}

/** `path`, or `key=path`. */
function fileSource(source: string): { key: string; path: string } {
  const [first = '', second, ...more] = source.split('=');
  if (second === undefined) return { key: baseName(source), path: source };
  if (more.length > 0) throw failure("key names or file paths cannot contain '='");
  if (first === '') throw failure(`key name for file path ${second} missing`);
  if (second === '') throw failure(`file path for key name ${first} missing`);
  return { key: first, path: second };
}

/** What a path is; refused where there is nothing. */
function typeOf(call: Call, path: string): 'directory' | 'file' {
  const stat = call.main.process.stat(path);
  if (isErrno(stat)) throw failure(`error reading ${path}: ${stat.message.toLowerCase()}`);
  return (stat.mode & 0o170000) === 0o040000 ? 'directory' : 'file';
}

function* fromFile(call: Call, what: Kind, entries: Entries, source: string): Routine<void> {
  const { process } = call.main;
  const { key, path } = fileSource(source);
  if (typeOf(call, path) === 'directory') {
    if (source.includes('=')) throw failure('cannot give a key name for a directory path');
    const names = process.readdir(path);
    if (isErrno(names))
      throw failure(`error listing files in ${path}: ${names.message.toLowerCase()}`);
    for (const { name } of [...names].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = process.lstat(`${path}/${name}`);
      if (isErrno(inside) || (inside.mode & 0o170000) !== 0o100000) continue;
      const bytes = yield* readFile(process, `${path}/${name}`);
      if (!isErrno(bytes)) add(call, what, entries, name, bytes);
    }
    return;
  }
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) throw failure(`open ${path}: ${bytes.message.toLowerCase()}`);
  add(call, what, entries, key, bytes);
}

/** A line is `KEY=value`, or `KEY` alone, whose value the environment has. */
function* fromEnvFile(call: Call, what: Kind, entries: Entries, path: string): Routine<void> {
  if (typeOf(call, path) === 'directory')
    throw failure(`env ${what === 'Secret' ? 'secret' : 'config'} file cannot be a directory`);
  const bytes = yield* readFile(call.main.process, path);
  if (isErrno(bytes)) throw failure(`open ${path}: ${bytes.message.toLowerCase()}`);
  for (const line of decode(bytes).split('\n')) {
    const bare = line.replace(/\r$/, '').trimStart();
    if (bare === '' || bare.startsWith('#')) continue;
    const at = bare.indexOf('=');
    const key = at < 0 ? bare : bare.slice(0, at);
    const mistakes = plainEnvironmentName(key);
    if (mistakes.length > 0)
      throw failure(`"${key}" is not a valid key name: ${mistakes.join(';')}`);
    const value = at < 0 ? (call.main.process.environment.get(key) ?? '') : bare.slice(at + 1);
    add(call, what, entries, key, encode(value));
  }
}

/** The entries that the command line names: files, then literals, then files of variables. */
export function* entriesOf(call: Call, what: Kind): Routine<Entries> {
  const { values } = call;
  const entries: Entries = new Map();
  // Of the secrets for registries only files can be given.
  const listed = (flag: string): string[] => (values.changed(flag) ? values.list(flag) : []);
  const [envFiles, files] = [listed('from-env-file'), listed('from-file')];
  const literals = values.all('from-literal');
  if (envFiles.length > 0 && files.length + literals.length > 0)
    throw failure('from-env-file cannot be combined with from-file or from-literal');
  const readLiterals = (): void => {
    for (const source of literals) {
      const at = source.indexOf('=');
      if (at < 1) throw failure(`invalid literal source ${source}, expected key=value`);
      add(call, what, entries, source.slice(0, at), encode(source.slice(at + 1)));
    }
  };
  if (what === 'Secret') readLiterals();
  for (const source of files) yield* fromFile(call, what, entries, source);
  if (what === 'ConfigMap') readLiterals();
  for (const path of envFiles) yield* fromEnvFile(call, what, entries, path);
  return entries;
}

/** True for bytes that are UTF-8. */
export function isText(bytes: Uint8Array): boolean {
  const back = encode(decode(bytes));
  return (
    back.length === bytes.length &&
    back.every((byte, i) => byte === bytes[i]) &&
    !decode(bytes).includes('\ufffd')
  );
}
