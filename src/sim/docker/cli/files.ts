// docker cp, diff and export.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { applyLayer } from '../../containers/images/layer.ts';
import { readTar, type TarEntry, writeTar } from '../../containers/images/tar.ts';
import { baseName, dirName, writeAll, writeFile } from '../../userland/libc/whole-file.ts';
import { wholeBody } from '../../userland/http/client.ts';
import { decodeBase64 } from '../base64.ts';
import {
  DIRECTORY_BIT,
  entriesOf,
  inodeAtPath,
  LINK_BIT,
  type PathStat,
} from '../daemon/archive.ts';
import { Api, type CallError, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { fail } from './output.ts';
import { wrongOutput } from './output-path.ts';

const LETTERS = ['C', 'A', 'D'];

export const diffAction: Action = function* (call) {
  const found = yield* new Api(call.main.process, call.host).get<
    { Path: string; Kind: number }[] | null
  >(`/containers/${encodeURIComponent(call.args[0] ?? '')}/changes`);
  if (isCallError(found)) return yield* fail(call, found.text);
  for (const { Path, Kind } of found ?? []) call.main.out.put(`${LETTERS[Kind]} ${Path}\n`);
  return 0;
};

export const exportAction: Action = function* (call) {
  const { main, flags, args } = call;
  const output = flags.text('output');
  if (output === '' && main.process.isTerminal(1))
    return yield* fail(
      call,
      'cowardly refusing to save to a terminal. Use the -o flag or redirect',
    );
  const refused = wrongOutput(main.process, output);
  if (refused !== undefined) return yield* fail(call, `failed to export container: ${refused}`);
  const answer = yield* new Api(main.process, call.host).open(
    'GET',
    `/containers/${encodeURIComponent(args[0] ?? '')}/export`,
  );
  if (isCallError(answer)) return yield* fail(call, answer.text);
  const bytes = (yield* wholeBody(answer)).bytes();
  const failed =
    output === ''
      ? yield* writeAll(main.process, 1, bytes)
      : yield* writeFile(main.process, output, bytes, 0o600);
  return failed
    ? yield* fail(
        call,
        `failed to export container: open ${output}: ${failed.message.toLowerCase()}`,
      )
    : 0;
};

/** `CONTAINER:PATH`; a path that begins with `/` or `.` is local. */
function splitArgument(text: string): { container: string; path: string } | undefined {
  const colon = text.indexOf(':');
  if (colon <= 0 || /^[./]/.test(text)) return undefined;
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}

const archivePath = (container: string): string =>
  `/containers/${encodeURIComponent(container)}/archive`;

function* statOf(api: Api, container: string, path: string): Routine<PathStat | CallError> {
  const answer = yield* api.open('HEAD', archivePath(container), { path });
  if (isCallError(answer)) return answer;
  return JSON.parse(decodeBase64(answer.headers['x-docker-container-path-stat'] ?? '')) as PathStat;
}

/** Entries under another top name; an empty one takes the top itself away. */
function renamed(entries: readonly TarEntry[], from: string, to: string): TarEntry[] {
  const out: TarEntry[] = [];
  for (const entry of entries) {
    const rest = entry.name.replace(/\/$/, '').slice(from.length).replace(/^\//, '');
    const name = [to, rest].filter((part) => part !== '').join('/');
    if (name !== '') out.push({ ...entry, name });
  }
  return out;
}

/** The path that is copied: where the link leads to, with -L. */
function* followed(
  call: Call,
  api: Api,
  { container, path }: { container: string; path: string },
): Routine<string | CallError> {
  if (!call.flags.on('follow-link')) return path;
  const stat = yield* statOf(api, container, path);
  if (isCallError(stat)) return stat;
  return (stat.mode & LINK_BIT) !== 0 ? stat.linkTarget : path;
}

function* fromContainer(
  call: Call,
  api: Api,
  source: { container: string; path: string },
  target: string,
): Routine<number> {
  const { process: p } = call.main;
  const absolute = target.startsWith('/') ? target : `${String(p.getcwd())}/${target}`;
  if (target !== '-' && !inodeAtPath(p, dirName(absolute.replace(/\/+$/, ''))))
    return yield* fail(
      call,
      `invalid output path: directory ${JSON.stringify(dirName(absolute.replace(/\/+$/, '')))} does not exist`,
    );
  const path = yield* followed(call, api, source);
  if (isCallError(path)) return yield* fail(call, path.text);
  const answer = yield* api.open('GET', archivePath(source.container), { path });
  if (isCallError(answer)) return yield* fail(call, answer.text);
  const bytes = (yield* wholeBody(answer)).bytes();
  if (target === '-') {
    yield* writeAll(p, 1, bytes);
    return 0;
  }
  const entries = readTar(bytes);
  if (typeof entries === 'string') return yield* fail(call, entries);
  const top = (entries[0]?.name ?? '').replace(/\/$/, '');
  const isFolder = entries[0]?.kind === 'directory';
  const contents = /\/\.$/.test(source.path);
  const into = inodeAtPath(p, target);
  if (!into?.isDirectory) {
    if (into && isFolder) return yield* fail(call, 'cannot copy directory');
    const parent = inodeAtPath(p, dirName(absolute.replace(/\/+$/, '')));
    if (!parent?.isDirectory) return yield* fail(call, 'not a directory');
    if (/\/$/.test(target) && !isFolder) return yield* fail(call, 'no such directory');
    applyLayer(parent, renamed(entries, top, baseName(absolute.replace(/\/+$/, ''))), 'remove');
    return 0;
  }
  if (contents) applyLayer(into, renamed(entries, top, ''), 'remove');
  else applyLayer(into, entries, 'remove');
  return 0;
}

function* put(
  call: Call,
  api: Api,
  container: string,
  path: string,
  tar: Uint8Array,
): Routine<number> {
  const answer = yield* api.open(
    'PUT',
    archivePath(container),
    { path, noOverwriteDirNonDir: 'true' },
    Content.ofBytes(tar),
    { 'content-type': 'application/x-tar' },
  );
  return isCallError(answer) ? yield* fail(call, answer.text) : 0;
}

function* toContainer(
  call: Call,
  api: Api,
  source: string,
  target: { container: string; path: string },
): Routine<number> {
  const { process: p } = call.main;
  const { container } = target;
  const path = target.path.startsWith('/') ? target.path : `/${target.path}`;
  if (source === '-') {
    const found = yield* statOf(api, container, path);
    if (isCallError(found) || found.mode < DIRECTORY_BIT)
      return yield* fail(
        call,
        `destination ${JSON.stringify(`${container}:${target.path}`)} must be a directory`,
      );
    const bytes = yield* p.readAll(0);
    return isErrno(bytes)
      ? yield* fail(call, bytes.message)
      : yield* put(call, api, container, path, bytes);
  }
  const inode = inodeAtPath(p, source);
  if (!inode) {
    const absolute = source.startsWith('/') ? source : `${String(p.getcwd())}/${source}`;
    return yield* fail(call, `lstat ${absolute}: no such file or directory`);
  }
  const stat = yield* statOf(api, container, path);
  if (isCallError(stat) && (stat.status === 0 || stat.message.startsWith('No such container')))
    return yield* fail(
      call,
      stat.text || `Error response from daemon: No such container: ${container}`,
    );
  const name = baseName(source.replace(/\/\.$/, ''));
  const real = call.flags.on('follow-link') ? p.realpath(source) : source;
  const entries = entriesOf(p, isErrno(real) ? source : real, name);
  const linked =
    !isCallError(stat) && (stat.mode & LINK_BIT) !== 0
      ? yield* statOf(api, container, stat.linkTarget)
      : stat;
  const folder = !isCallError(linked) && linked.mode >= DIRECTORY_BIT;
  if (folder) {
    const contents = /(^|\/)\.$/.test(source);
    return yield* put(
      call,
      api,
      container,
      path,
      writeTar(contents ? renamed(entries, name, '') : entries),
    );
  }
  if (!isCallError(stat) && inode.isDirectory) return yield* fail(call, 'cannot copy directory');
  if (isCallError(stat) && path.endsWith('/') && !inode.isDirectory)
    return yield* fail(call, 'no such directory');
  return yield* put(
    call,
    api,
    container,
    dirName(path),
    writeTar(renamed(entries, name, baseName(path))),
  );
}

export const copyAction: Action = function* (call) {
  const [from = '', to = ''] = call.args;
  const source = splitArgument(from);
  const target = splitArgument(to);
  const api = new Api(call.main.process, call.host);
  if (from === '' || to === '')
    return yield* fail(
      call,
      from === '' ? 'source can not be empty' : 'destination can not be empty',
    );
  if (source && target) return yield* fail(call, 'copying between containers is not supported');
  if (source) return yield* fromContainer(call, api, source, to);
  if (target) return yield* toContainer(call, api, from, target);
  return yield* fail(call, 'must specify at least one container source');
};
