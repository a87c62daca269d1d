// kubectl cp: files between this machine and a container, as a tar archive through exec. The container needs a tar.

import type { RemoteEnds } from '../../../containers/cri/remote-command.ts';
import { readTar, type TarEntry, writeTar } from '../../../containers/images/tar.ts';
import { concatBytes, decode } from '../../../core/text.ts';
import { epochSeconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { baseName, dirName, readFile, writeFile } from '../../../userland/libc/whole-file.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Call, Command } from '../command.ts';
import { needResource, pathOf } from '../discovery.ts';
import { Failure, failure } from '../failure.ts';
import { containerNamed, defaultContainer } from '../pods.ts';
import { joinRemote, succeed } from '../remote.ts';

export const cp: Command = {
  name: 'cp',
  run: runCp,
};

interface FileSpec {
  readonly namespace: string;
  /** Empty for this machine. */
  readonly pod: string;
  readonly file: string;
}

function fileSpec(text: string): FileSpec {
  const at = text.indexOf(':');
  const file = (path: string): string => (path === '/' ? path : path.replace(/\/$/, ''));
  if (at < 0) return { namespace: '', pod: '', file: file(text) };
  const pieces = text.slice(0, at).split('/');
  if (at === 0 || pieces.length > 2)
    throw failure('filespec must match the canonical format: [[namespace/]pod:]file/path');
  const [first = '', second] = pieces;
  const rest = file(text.slice(at + 1));
  return second === undefined
    ? { namespace: '', pod: first, file: rest }
    : { namespace: first, pod: second, file: rest };
}

function* runCp(call: Call): Routine<void> {
  const [from, to] = call.args;
  if (from === undefined || to === undefined || call.args.length !== 2)
    throw failure('source and destination are required');
  const source = fileSpec(from);
  const destination = fileSpec(to);
  if (source.pod !== '' && destination.pod !== '')
    throw failure('one of src or dest must be a local file specification');
  if (source.file === '' || destination.file === '') throw failure('filepath can not be empty');
  if (source.pod !== '') return yield* copyFromPod(call, source, destination.file);
  if (destination.pod !== '') return yield* copyToPod(call, source.file, destination);
  throw failure('one of src or dest must be a remote file specification');
}

/** Runs a command in the container that a file is in; `says` takes what kubectl itself has to say. */
function* execute(
  call: Call,
  { namespace, pod }: FileSpec,
  command: readonly string[],
  ends: RemoteEnds,
  says: (text: string) => Routine<void>,
): Routine<void> {
  const client = yield* call.client();
  const pods = needResource(yield* call.discovery(), 'pods');
  const where = namespace || (yield* call.namespace());
  const found = (yield* client.call('GET', pathOf(pods, where, pod))) as unknown as Pod;
  const phase = found.status?.phase ?? '';
  if (phase === 'Succeeded' || phase === 'Failed')
    throw failure(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const named = call.values.text('container');
  const container =
    named === ''
      ? yield* defaultContainer({ ...call, err: says }, found, false)
      : containerNamed(found, named);
  const stdin = ends.stdin !== undefined;
  const options = { stdin, stdout: true, stderr: true, tty: false };
  succeed(
    yield* joinRemote(
      call,
      { pod: found, subresource: 'exec', container: container.name, command, options },
      ends,
    ),
  );
}

function* nothing(): Routine<void> {}

/** Whether the destination is a directory of the container; where it cannot be told it is none. */
function* isDirectory(call: Call, spec: FileSpec): Routine<boolean> {
  const ends = { stdout: nothing, stderr: nothing };
  try {
    yield* execute(call, spec, ['test', '-d', spec.file], ends, nothing);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

function* copyToPod(call: Call, source: string, destination: FileSpec): Routine<void> {
  const { process } = call.main;
  if (isErrno(process.stat(source))) throw failure(`${source} doesn't exist in local filesystem`);
  let target = destination.file;
  if (yield* isDirectory(call, destination)) target = `${target}/${baseName(source)}`;
  target = clean(target);
  const archive = writeTar(yield* entriesOf(process, clean(source), baseName(target)));
  const command = call.values.is('no-preserve')
    ? ['tar', '--no-same-permissions', '--no-same-owner', '-xmf', '-']
    : ['tar', '-xmf', '-'];
  const directory = dirName(target);
  if (directory !== '') command.push('-C', directory);
  let sent = false;
  const ends: RemoteEnds = {
    *stdin() {
      if (sent) return undefined;
      sent = true;
      return archive;
    },
    *stdout(bytes) {
      yield* call.out(decode(bytes));
    },
    *stderr(bytes) {
      yield* call.err(decode(bytes));
    },
  };
  yield* execute(call, destination, command, ends, (text) => call.err(text));
}

/** A path without doubled slashes, `.` and `..` (Go's path.Clean). */
function clean(path: string): string {
  const out: string[] = [];
  const rooted = path.startsWith('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !rooted) out.push(part);
  }
  return (rooted ? '/' : '') + out.join('/') || '.';
}

/** The files under a path, named from `name` on; directories only where they are empty. */
function* entriesOf(process: Process, path: string, name: string): Routine<TarEntry[]> {
  const stat = process.lstat(path);
  if (isErrno(stat)) throw failure(`lstat ${path}: ${stat.message.toLowerCase()}`);
  const common = {
    name,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: epochSeconds(stat.mtime),
  };
  switch (stat.mode & S_IFMT) {
    case S_IFDIR: {
      const items = process.readdir(path);
      if (isErrno(items)) throw failure(`open ${path}: ${items.message.toLowerCase()}`);
      const names = items.map((item) => item.name).filter((one) => one !== '.' && one !== '..');
      if (names.length === 0) return [{ ...common, kind: 'directory' }];
      const all: TarEntry[] = [];
      for (const one of names.sort())
        all.push(...(yield* entriesOf(process, `${path}/${one}`, `${name}/${one}`)));
      return all;
    }
    case S_IFLNK: {
      const target = process.readlink(path);
      return [{ ...common, kind: 'symlink', target: isErrno(target) ? '' : target }];
    }
    default: {
      const content = yield* readFile(process, path);
      if (isErrno(content)) throw failure(`open ${path}: ${content.message.toLowerCase()}`);
      return [{ ...common, kind: 'file', content }];
    }
  }
}

function* copyFromPod(call: Call, source: FileSpec, destination: string): Routine<void> {
  const parts: Uint8Array[] = [];
  const ends: RemoteEnds = {
    *stdout(bytes) {
      parts.push(bytes);
    },
    *stderr(bytes) {
      yield* call.out(decode(bytes));
      yield* call.main.out.flush();
    },
  };
  const { file } = source;
  const quoted = file.replaceAll("'", "'\\''");
  const command =
    call.values.number('retries') === 0
      ? ['tar', 'cf', '-', file]
      : ['sh', '-c', `tar cf - '${quoted}' | tail -c+0`];
  let failed: unknown;
  try {
    yield* execute(call, source, command, ends, (text) => call.out(text));
  } catch (error) {
    failed = error;
  }
  // An archive that came to its end counts, however the tar that wrote it ended.
  const archive = concatBytes(parts);
  if (failed !== undefined && archive.length === 0) throw failed;
  const entries = readTar(archive);
  if (typeof entries === 'string') throw failure(entries);
  const prefix = withoutShortcuts(clean(file.replace(/^\/+/, '')));
  yield* unpack(call, source, entries, prefix, destination);
}

/** A path without leading `../`, `.` and `/`. */
function withoutShortcuts(path: string): string {
  const rest = path.replace(/^(\.\.\/)+/, '');
  return rest === '.' || rest === '..' ? '' : rest.replace(/^\//, '');
}

function* unpack(
  call: Call,
  source: FileSpec,
  entries: readonly TarEntry[],
  prefix: string,
  destination: string,
): Routine<void> {
  const { process } = call.main;
  let warned = false;
  for (const entry of entries) {
    if (!entry.name.startsWith(prefix)) throw failure('tar contents corrupted');
    const path = clean(`${destination}/${entry.name.slice(prefix.length)}`);
    const base = clean(destination);
    if (base !== '.' && path !== base && !path.startsWith(base === '/' ? '/' : `${base}/`)) {
      yield* call.err(
        `warning: file ${JSON.stringify(path)} is outside target destination, skipping\n`,
      );
      continue;
    }
    const missing = makeDirectories(process, dirName(path));
    if (missing !== undefined) throw failure(missing);
    if (entry.kind === 'directory') {
      const refused = makeDirectories(process, path);
      if (refused !== undefined) throw failure(refused);
    } else if (entry.kind === 'symlink') {
      const { namespace, pod, file } = source;
      const hint = ` (consider using "kubectl exec -n ${JSON.stringify(namespace)} ${JSON.stringify(pod)} -- tar cf - ${JSON.stringify(file)} | tar xf -")`;
      const link = `${JSON.stringify(path)} -> ${JSON.stringify(entry.target ?? '')}`;
      yield* call.err(`warning: skipping symlink: ${link}${warned ? '' : hint}\n`);
      warned = true;
    } else {
      const wrong = yield* writeFile(process, path, entry.content ?? new Uint8Array(0));
      if (wrong) throw failure(`open ${path}: ${wrong.message.toLowerCase()}`);
    }
  }
}

/** mkdir -p; what went wrong in Go's words. */
function makeDirectories(process: Process, path: string): string | undefined {
  const there = process.stat(path);
  if (!isErrno(there))
    return (there.mode & S_IFMT) === S_IFDIR ? undefined : `mkdir ${path}: not a directory`;
  const above = makeDirectories(process, dirName(path));
  if (above !== undefined) return above;
  const failed = process.mkdir(path, 0o755);
  return failed ? `mkdir ${path}: ${failed.message.toLowerCase()}` : undefined;
}
