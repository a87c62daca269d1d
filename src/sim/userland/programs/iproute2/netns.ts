// ip netns: namespaces with names, which are nsfs files bind-mounted under /run/netns, and running programs in them.

import type { Process } from '../../../kernel/calls/process.ts';
import { EEXIST, EINVAL, isErrno } from '../../../kernel/errno.ts';
import { MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, MS_SLAVE } from '../../../kernel/files/mount.ts';
import { NamespaceInode } from '../../../kernel/files/nsfs.ts';
import { resolve } from '../../../kernel/files/walk.ts';
import { CLONE_NEWNET, CLONE_NEWNS } from '../../../kernel/namespaces/namespace.ts';
import { NetworkNamespace } from '../../../kernel/network/namespace.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { execvp } from '../../libc/spawn.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { commandOf, type IpContext, jsonText, Misuse, type Words } from './context.ts';

const DIRECTORY = '/run/netns';
const COMMANDS = [
  'list',
  'show',
  'lst',
  'help',
  'add',
  'set',
  'delete',
  'identify',
  'pids',
  'exec',
  'monitor',
  'list-id',
  'attach',
];

/** ip netns … */
export function* ipNetns(context: IpContext, words: Words): ProgramRun {
  const word = words.next();
  const command = word === undefined ? 'list' : commandOf(word, COMMANDS);
  const name = words.peek();
  if (command !== undefined && name !== undefined && !context.options.all && !isName(name))
    return yield* context.error(`Invalid netns name "${name}"`, 255);
  switch (command) {
    case 'list':
    case 'show':
    case 'lst':
      return list(context);
    case 'add':
      return yield* add(context, words.next());
    case 'attach':
      return yield* attach(context, words.next(), words.next());
    case 'set':
      return yield* setId(context, words.next(), words.next());
    case 'list-id':
      return listIds(context);
    case 'delete':
      if (context.options.all) {
        for (const each of names(context.process)) yield* remove(context, each);
        return 0;
      }
      return yield* remove(context, words.next());
    case 'exec':
      return yield* execute(context, words);
    case 'pids':
      return yield* pids(context, words.next());
    case 'identify':
      return yield* identify(context, words.next());
    case 'help':
      return yield* context.error(USAGE, 255);
    case undefined:
      throw new Misuse(`Command "${word}" is unknown, try "ip netns help".`, 255);
    default:
      return yield* notSimulated(context.main, `ip netns ${command}`);
  }
}

const USAGE = `Usage:	ip netns list
	ip netns add NAME
	ip netns attach NAME PID
	ip netns set NAME NETNSID
	ip [-all] netns delete [NAME]
	ip netns identify [PID]
	ip netns pids NAME
	ip [-all] netns exec [NAME] cmd ...
	ip netns monitor
	ip netns list-id [target-nsid POSITIVE-INT] [nsid POSITIVE-INT]
NETNSID := auto | POSITIVE-INT`;

/** The namespace that a name under /run/netns stands for. */
function named(process: Process, name: string): NetworkNamespace | undefined {
  const place = resolve(process.task, `${DIRECTORY}/${name}`);
  if (isErrno(place) || !(place.inode instanceof NamespaceInode)) return undefined;
  const { namespace } = place.inode;
  return namespace instanceof NetworkNamespace ? namespace : undefined;
}

/** The names as readdir(3) gives them: a tmpfs has the newest first. */
function names(process: Process): string[] {
  const entries = process.readdir(DIRECTORY);
  return isErrno(entries) ? [] : entries.map((entry) => entry.name).reverse();
}

function isName(word: string): boolean {
  return word !== '' && word !== '.' && word !== '..' && !word.includes('/') && word.length < 256;
}

/** Names by namespace, for `link-netns NAME`. */
export function namedNamespaces(process: Process): ReadonlyMap<unknown, string> {
  const found = new Map<unknown, string>();
  for (const name of names(process)) {
    const namespace = named(process, name);
    if (namespace) found.set(namespace, name);
  }
  return found;
}

/** `netns NAME|PID` as ip link takes it. */
export function namespaceFor(process: Process, word: string): NetworkNamespace {
  const byName = named(process, word);
  if (byName) return byName;
  if (!/^\d+$/.test(word))
    throw new Misuse(`Error: argument "${word}" is wrong: Invalid "netns" value\n`, 255);
  const task = process.task.pidNamespace.tasks.get(Number(word));
  if (!task || task.ended) throw new Misuse('RTNETLINK answers: No such process', 2);
  return task.namespaces.net;
}

/** Enters a named namespace (`ip -n NAME`); what to say where that fails. */
export function enterNamed(process: Process, name: string): string | undefined {
  const fd = process.open(`${DIRECTORY}/${name}`);
  if (isErrno(fd)) return `Cannot open network namespace "${name}": ${fd.message}\n`;
  const failure = process.setns(fd, CLONE_NEWNET);
  process.close(fd);
  return failure
    ? `setting the network namespace "${name}" failed: ${failure.message}\n`
    : undefined;
}

function list(context: IpContext): number {
  const { process, options, namespace } = context;
  const all = names(process).map((name) => {
    const target = named(process, name);
    const id = target && namespace.ids.get(target);
    return { name, ...(id === undefined ? {} : { id }) };
  });
  if (options.json) {
    context.main.out.put(jsonText(all, options.pretty));
    return 0;
  }
  for (const { name, id } of all)
    context.print(id === undefined ? `${name}\n` : `${name} (id: ${id})\n`);
  return 0;
}

function* add(context: IpContext, name: string | undefined): ProgramRun {
  const { process } = context;
  if (name === undefined) return yield* context.error('No netns name specified', 1);
  return yield* give(context, name, () => {
    const failure = process.unshare(CLONE_NEWNET);
    return failure
      ? `Failed to create a new network namespace "${name}": ${failure.message}`
      : '/proc/self/ns/net';
  });
}

/** Names the namespace of a process. */
function* attach(
  context: IpContext,
  name: string | undefined,
  word: string | undefined,
): ProgramRun {
  if (name === undefined || word === undefined)
    return yield* context.error('No netns name and PID specified', 1);
  if (!/^\d+$/.test(word)) return yield* context.error(`Invalid PID: ${word}`, 1);
  return yield* give(context, name, () => `/proc/${word}/ns/net`);
}

/** Makes the file of a name and binds a namespace to it; `from` gives its path, or says what failed. */
function* give(context: IpContext, name: string, from: () => string): ProgramRun {
  const { process } = context;
  const refused = prepareDirectory(process);
  if (refused !== undefined) return yield* context.error(refused, 1);
  const path = `${DIRECTORY}/${name}`;
  const fd = process.open(path, 0o302, 0);
  if (isErrno(fd))
    return yield* context.error(`Cannot create namespace file "${path}": ${fd.message}`, 1);
  process.close(fd);
  const source = from();
  if (!source.startsWith('/')) {
    process.unlink(path);
    return yield* context.error(source, 1);
  }
  const failure = process.mount(source, path, 'none', MS_BIND);
  if (!failure) return 0;
  process.unlink(path);
  return yield* context.error(`Bind ${source} -> ${path} failed: ${failure.message}`, 1);
}

/** The number by which this namespace calls another one. */
function* setId(
  context: IpContext,
  name: string | undefined,
  word: string | undefined,
): ProgramRun {
  if (name === undefined) return yield* context.error('No netns name specified', 1);
  if (word === undefined) return yield* context.error('No nsid specified', 1);
  if (word !== 'auto' && !/^\d+$/.test(word))
    throw new Misuse(`Invalid "netnsid" value: ${word}\n`.trimEnd(), 255);
  const target = named(context.process, name);
  if (!target) {
    return yield* context.error(
      `Cannot open network namespace "${name}": No such file or directory`,
      1,
    );
  }
  const { ids } = context.namespace;
  if (ids.has(target))
    return yield* context.error('Error: Peer netns already has a nsid assigned.', 2);
  const taken = new Set(ids.values());
  let id = word === 'auto' ? 0 : Number(word);
  if (word === 'auto') while (taken.has(id)) id++;
  if (taken.has(id)) return yield* context.error('Error: The specified nsid is already used.', 2);
  ids.set(target, id);
  return 0;
}

function listIds(context: IpContext): number {
  const { namespace, process, options } = context;
  const byNamespace = namedNamespaces(process);
  const all = [...namespace.ids]
    .map(([target, id]) => ({ id, name: byNamespace.get(target) }))
    .sort((a, b) => a.id - b.id);
  if (options.json) {
    const list = all.map(({ id, name }) => ({ nsid: id, ...(name === undefined ? {} : { name }) }));
    context.main.out.put(jsonText(list, options.pretty));
    return 0;
  }
  for (const { id, name } of all)
    context.print(`nsid ${id} ${name === undefined ? '' : `(iproute2 netns name: ${name})`}\n`);
  return 0;
}

/** /run/netns is a mount point that is shared, so that names are seen (and go) everywhere. */
function prepareDirectory(process: Process): string | undefined {
  const made = process.mkdir(DIRECTORY, 0o755);
  if (made && made !== EEXIST) return `mkdir ${DIRECTORY} failed: ${made.message}`;
  const shared = process.mount('', DIRECTORY, 'none', MS_SHARED | MS_REC);
  if (!shared) return undefined;
  if (shared !== EINVAL) return `mount --make-shared ${DIRECTORY} failed: ${shared.message}`;
  const bound = process.mount(DIRECTORY, DIRECTORY, 'none', MS_BIND | MS_REC);
  if (bound) return `mount --bind ${DIRECTORY} ${DIRECTORY} failed: ${bound.message}`;
  const again = process.mount('', DIRECTORY, 'none', MS_SHARED | MS_REC);
  return again && `mount --make-shared ${DIRECTORY} failed: ${again.message}`;
}

function* remove(context: IpContext, name: string | undefined): ProgramRun {
  const { process } = context;
  if (name === undefined) return yield* context.error('No netns name specified', 1);
  const path = `${DIRECTORY}/${name}`;
  process.umount(path, MNT_DETACH);
  const failure = process.unlink(path);
  if (!failure) return 0;
  return yield* context.error(`Cannot remove namespace file "${path}": ${failure.message}`, 1);
}

function* execute(context: IpContext, words: Words): ProgramRun {
  const { process, main } = context;
  if (context.options.all) return yield* executeInAll(context, words.rest());
  const name = words.next();
  const command = words.rest();
  if (name === undefined) return yield* context.error('No netns name specified', 1);
  if (command.length === 0) return yield* context.error('No command specified', 1);
  const failure = enterNamed(process, name);
  if (failure !== undefined) {
    main.err.put(failure);
    return 255;
  }
  const refused = ownMounts(process, name);
  if (refused !== undefined) return yield* context.error(refused, 255);
  yield* main.out.flush();
  const errno = execvp(process, command);
  return yield* context.error(`exec of "${command[0]}" failed: ${errno.message}`, 1);
}

/** `ip -all netns exec`: the command in each, one after another. */
function* executeInAll(context: IpContext, command: readonly string[]): ProgramRun {
  const { process, main } = context;
  if (command.length === 0) return yield* context.error('No netns name specified', 1);
  for (const name of names(process)) {
    context.print(`\nnetns: ${name}\n`);
    yield* main.out.flush();
    const pid = process.fork(function* (child) {
      const failure = enterNamed(child, name);
      if (failure !== undefined) return 255;
      ownMounts(child, name);
      execvp(child, command);
      yield* context.error(`exec of "${command[0]}" failed: No such file or directory`, 1);
      return 1;
    });
    if (isErrno(pid)) return 1;
    yield* process.wait(pid);
  }
  return 0;
}

/** A mount namespace of its own with a fresh /sys and the files of /etc/netns/NAME over those of /etc. */
function ownMounts(process: Process, name: string): string | undefined {
  const made = process.unshare(CLONE_NEWNS);
  if (made) return `unshare failed: ${made.message}`;
  const slave = process.mount('', '/', 'none', MS_SLAVE | MS_REC);
  if (slave) return `"mount --make-rslave /" failed: ${slave.message}`;
  process.umount('/sys', MNT_DETACH);
  const sys = process.mount(name, '/sys', 'sysfs', 0);
  if (sys) return `mount of /sys failed: ${sys.message}`;
  const files = process.readdir(`/etc/netns/${name}`);
  if (isErrno(files)) return undefined;
  for (const { name: file } of files) {
    process.mount(`/etc/netns/${name}/${file}`, `/etc/${file}`, 'none', MS_BIND);
  }
  return undefined;
}

function* pids(context: IpContext, name: string | undefined): ProgramRun {
  const { process } = context;
  if (name === undefined) return yield* context.error('No netns name specified', 1);
  const namespace = named(process, name);
  if (!namespace) {
    return yield* context.error('Cannot open network namespace: No such file or directory', 1);
  }
  for (const [pid, task] of process.task.pidNamespace.tasks) {
    if (task === task.leader && !task.ended && task.namespaces.net === namespace)
      context.print(`${pid}\n`);
  }
  return 0;
}

function* identify(context: IpContext, word: string | undefined): ProgramRun {
  const { process } = context;
  if (word !== undefined && !/^\d+$/.test(word))
    return yield* context.error(`Specified string '${word}' is not a pid`, 1);
  const pid = word === undefined ? process.pid : Number(word);
  const task = process.task.pidNamespace.tasks.get(pid);
  if (!task) {
    return yield* context.error('Cannot open network namespace: No such file or directory', 1);
  }
  // The last one that is found is said; an empty line where there is none.
  const found = names(process).find((name) => named(process, name) === task.namespaces.net);
  context.print(`${found ?? ''}\n`);
  return 0;
}
