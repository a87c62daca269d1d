// The files of a group's directory: the core's own (cgroup.*) here, each controller's in files-*.ts.

import { EBUSY, EINVAL, ENOENT, EOPNOTSUPP, ERANGE, ESRCH, type Errno, isErrno } from '../errno.ts';
import { SIGKILL } from '../signals.ts';
import { sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import {
  type Cgroup,
  type Controller,
  CONTROLLERS,
  inheritControllers,
  THREADED,
  commonAncestor,
} from './cgroup.ts';
import { applyFreeze, type CgroupContext, type CgroupFile } from './cgroupfs.ts';
import { cpuFiles, cpusetFiles } from './files-cpu.ts';
import { ioFiles, miscFiles, pidsFiles } from './files-io.ts';
import { memoryFiles } from './files-memory.ts';
import { canBeThreadRoot, domainOf, isThreadRoot, isValidDomain, moveTask } from './members.ts';
import { parseCount, parseWhole, showLimit } from './numbers.ts';

/** cgroup.type. */
function typeOf(group: Cgroup): string {
  if (group.threaded) return 'threaded\n';
  if (!isValidDomain(group)) return 'domain invalid\n';
  return isThreadRoot(group) ? 'domain threaded\n' : 'domain\n';
}

function setType(group: Cgroup, text: string): Errno | undefined {
  if (text.trim() !== 'threaded') return EINVAL;
  if (group.threaded) return undefined;
  const domains = [...group.subtree].some((name) => !THREADED.includes(name));
  if (group.isPopulated || domains || !group.parent) return EOPNOTSUPP;
  const domain = domainOf(group.parent);
  if (!isValidDomain(domain) || !canBeThreadRoot(domain)) return EOPNOTSUPP;
  group.threaded = true;
  return undefined;
}

/** Processes in a group: of a threaded domain's root, those of its threaded groups too. */
function listProcesses(group: Cgroup, { task }: CgroupContext): string | Errno {
  if (group.threaded) return EOPNOTSUPP;
  const groups = isThreadRoot(group) ? threadedBelow(group) : [group];
  const pids = groups
    .flatMap((each) => [...each.tasks])
    .filter((member) => member === member.leader)
    .map((member) => member.pidIn(task.pidNamespace));
  return [...new Set(pids)]
    .sort((a, b) => a - b)
    .map((pid) => `${pid}\n`)
    .join('');
}

function threadedBelow(group: Cgroup): Cgroup[] {
  const below = [...group.children.values()].filter((child) => child.threaded);
  return [group, ...below.flatMap(threadedBelow)];
}

function listThreads(group: Cgroup, { task }: CgroupContext): string {
  const ids = [...group.tasks].map((member) => member.pidIn(task.pidNamespace));
  return ids
    .sort((a, b) => a - b)
    .map((pid) => `${pid}\n`)
    .join('');
}

function enter(wholeProcess: boolean) {
  return (group: Cgroup, text: string, context: CgroupContext): Errno | undefined => {
    const word = text.trim();
    if (!/^\d+$/.test(word)) return EINVAL;
    const { task } = context;
    const found: Task | undefined = word === '0' ? task : task.pidNamespace.tasks.get(Number(word));
    if (!found || found.ended) return ESRCH;
    if (found.process.kernelThread) return EINVAL;
    if (wholeProcess && group.threaded) return EOPNOTSUPP;
    // nsdelegate: from a cgroup namespace nothing can be moved in or out of it.
    const { root } = task.namespaces.cgroup;
    const outside = [found.cgroup, group].some((each) => commonAncestor(each, root) !== root);
    if (outside && context.writable(commonAncestor(found.cgroup, group))) return ENOENT;
    return moveTask(found, group, wholeProcess, context.writable);
  };
}

function setSubtree(group: Cgroup, text: string): Errno | undefined {
  const wanted = new Map<Controller, boolean>();
  for (const word of text.trim().split(/\s+/)) {
    if (word === '') continue;
    const name = CONTROLLERS.find((controller) => controller === word.slice(1));
    if (!name || !/^[+-]/.test(word)) return EINVAL;
    // The last word on a controller counts.
    wanted.set(name, word.startsWith('+'));
  }
  const enable = [...wanted].filter(([, on]) => on).map(([name]) => name);
  const disable = [...wanted].filter(([, on]) => !on).map(([name]) => name);
  const added = enable.filter((name) => !group.subtree.has(name));
  for (const name of added) if (!group.has(name)) return ENOENT;
  for (const name of disable) {
    for (const child of group.children.values()) if (child.subtree.has(name)) return EBUSY;
  }
  const refused = mayEnable(group, added);
  if (refused) return refused;
  for (const name of added) group.subtree.add(name);
  for (const name of disable) group.subtree.delete(name);
  for (const child of group.children.values()) inheritControllers(child);
  return undefined;
}

/** No internal processes: a group that holds any may enable only controllers that work per thread. */
function mayEnable(group: Cgroup, names: readonly Controller[]): Errno | undefined {
  if (names.length === 0) return undefined;
  if (!isValidDomain(group) && !group.threaded) return EOPNOTSUPP;
  if (!group.parent) return undefined;
  if (names.some((name) => !THREADED.includes(name))) {
    if (group.threaded || isThreadRoot(group)) return EOPNOTSUPP;
  } else if (group.threaded || canBeThreadRoot(group)) {
    return undefined;
  }
  return group.tasks.size > 0 ? EBUSY : undefined;
}

function setFreeze(group: Cgroup, text: string): Errno | undefined {
  const value = parseWhole(text, 0, 1);
  if (isErrno(value)) return value;
  group.freeze = value === 1;
  applyFreeze(group);
  return undefined;
}

function killAll(group: Cgroup, text: string): Errno | undefined {
  const value = parseWhole(text, 1, 1);
  if (isErrno(value)) return value;
  if (group.threaded) return EOPNOTSUPP;
  for (const each of [...group.subtreeGroups()]) {
    for (const task of [...each.tasks]) if (task === task.leader) sendSignal(task, SIGKILL);
  }
  return undefined;
}

function limitFile(name: string, field: 'maxDepth' | 'maxDescendants'): CgroupFile {
  return {
    name,
    mode: 0o644,
    where: 'all',
    read: (group) => showLimit(group[field]),
    write: (group, text) => {
      const value = parseCount(text, ERANGE);
      if (isErrno(value)) return value;
      group[field] = value;
      return undefined;
    },
  };
}

const words = (list: Iterable<string>): string => {
  const text = [...list].join(' ');
  return text === '' ? '' : `${text}\n`;
};

const inOrder = (group: Cgroup): readonly Controller[] =>
  CONTROLLERS.filter((name) => group.subtree.has(name));

const coreFiles: readonly CgroupFile[] = [
  { name: 'cgroup.procs', mode: 0o644, where: 'all', read: listProcesses, write: enter(true) },
  { name: 'cgroup.threads', mode: 0o644, where: 'all', read: listThreads, write: enter(false) },
  {
    name: 'cgroup.controllers',
    mode: 0o444,
    where: 'all',
    read: (group) => words(group.available),
  },
  {
    name: 'cgroup.subtree_control',
    mode: 0o644,
    where: 'all',
    read: (group) => words(inOrder(group)),
    write: setSubtree,
  },
  { name: 'cgroup.type', mode: 0o644, where: 'groups', read: typeOf, write: setType },
  {
    name: 'cgroup.events',
    mode: 0o444,
    where: 'groups',
    read: (group) => `populated ${group.isPopulated ? 1 : 0}\nfrozen ${group.isFrozen ? 1 : 0}\n`,
  },
  limitFile('cgroup.max.descendants', 'maxDescendants'),
  limitFile('cgroup.max.depth', 'maxDepth'),
  {
    name: 'cgroup.stat',
    mode: 0o444,
    where: 'all',
    read: (group) =>
      `nr_descendants ${[...group.subtreeGroups()].length - 1}\nnr_dying_descendants 0\n`,
  },
  {
    name: 'cgroup.freeze',
    mode: 0o644,
    where: 'groups',
    read: (group) => `${group.freeze ? 1 : 0}\n`,
    write: setFreeze,
  },
  { name: 'cgroup.kill', mode: 0o200, where: 'groups', write: killAll },
  {
    name: 'cgroup.pressure',
    mode: 0o644,
    where: 'all',
    read: () => '1\n',
    write: (_group, text) => {
      const value = parseWhole(text, 0, 1);
      return isErrno(value) ? value : undefined;
    },
  },
];

/** Every file by its name. */
export const cgroupFiles: ReadonlyMap<string, CgroupFile> = new Map(
  [
    ...coreFiles,
    ...cpuFiles,
    ...cpusetFiles,
    ...memoryFiles,
    ...pidsFiles,
    ...ioFiles,
    ...miscFiles,
  ].map((file) => [file.name, file] as const),
);
