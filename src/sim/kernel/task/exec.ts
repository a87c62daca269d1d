// execve(2): the file decides what runs. An ELF file names its program, `#!` an interpreter; set-user-ID bits and
// file capabilities change who the task is; descriptors marked close-on-exec close; handlers are reset.

import { limits } from '../../core/limits.ts';
import { binaryString } from '../../core/text.ts';
import { E2BIG, EACCES, ELOOP, ENOENT, ENOEXEC, type Errno, isErrno } from '../errno.ts';
import { S_IFREG } from '../files/inode.ts';
import { type Location, MS_NOEXEC } from '../files/mount.ts';
import { MAY_EXEC, permission, resolve } from '../files/walk.ts';
import { elfImage, isElf, type ProgramFile } from '../program.ts';
import { afterExec } from './exec-credentials.ts';
import { LOADER, missingLibrary, withoutLibrary } from './loader.ts';
import { ImageReplaced } from './run.ts';
import { execSignals } from './signal.ts';
import type { Task } from './task.ts';

/** Processor time of an execve, nanoseconds. */
const EXEC_COST = 400_000;
/** Resident bytes of a fresh program: what ps shows for something small. */
const FRESH_RESIDENT = 1_800_000;
const FRESH_VIRTUAL = 5_600_000;
const INTERPRETERS = 4;

interface Image {
  readonly place: Location;
  readonly program: ProgramFile;
  readonly argv: readonly string[];
}

/** Replaces the program of a process. Returns only on failure; success is thrown as ImageReplaced. */
export function execve(
  task: Task,
  path: string,
  argv: readonly string[],
  environment: ReadonlyMap<string, string>,
): Errno {
  let bytes = 0;
  for (const word of argv) bytes += word.length + 9;
  for (const [name, value] of environment) bytes += name.length + value.length + 10;
  if (bytes > limits.argumentBytes) return E2BIG;
  const image = load(task, path, argv, environment);
  if (isErrno(image)) return image;
  const { leader } = task;
  for (const thread of leader.threads) if (thread !== task) thread.process.exiting ??= 0;
  const startup = image.program.startup ?? 0;
  task.debt += EXEC_COST + startup;
  task.systemTime += EXEC_COST;
  task.userTime += startup;
  task.credentials = afterExec(task, image.place);
  if (task.files.users > 1) {
    task.files.users--;
    task.files = task.files.copy();
  }
  task.files.closeOnExec();
  execSignals(task.signals);
  const name = path.slice(path.lastIndexOf('/') + 1).slice(0, 15);
  task.name = name;
  const { process } = leader;
  process.argv = image.argv;
  process.words = undefined;
  process.environment = environment;
  process.executable = image.place;
  task.kernel.memory.setResident(leader, FRESH_RESIDENT, FRESH_VIRTUAL);
  process.executed = true;
  task.kernel.because(`exec ${path} as PID ${leader.pid}`, leader);
  task.kernel.executed(task);
  throw new ImageReplaced(image.program.run(task.kernel.processOf(task)));
}

function load(
  task: Task,
  path: string,
  argv: readonly string[],
  environment: ReadonlyMap<string, string>,
  depth = 0,
): Image | Errno {
  if (depth > INTERPRETERS) return ELOOP;
  const place = resolve(task, path);
  if (isErrno(place)) return place;
  const { inode, mount } = place;
  if (inode.kind !== S_IFREG) return EACCES;
  if (mount.flags & MS_NOEXEC) return EACCES;
  const refused = permission(task, inode, MAY_EXEC);
  if (refused) return refused;
  const head = inode.readAt(0, 256, task);
  if (isErrno(head)) return head;
  if (isElf(head)) {
    const elf = elfImage(head);
    const program = elf && task.kernel.programs(elf.program);
    if (!program) return ENOEXEC;
    const { needs } = elf;
    if (!needs) return { place, program, argv };
    if (isErrno(resolve(task, LOADER))) return ENOENT;
    const missing = missingLibrary(task, needs, environment);
    return { place, program: missing === undefined ? program : withoutLibrary(missing), argv };
  }
  const line = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*)/.exec(binaryString(head));
  if (!line) return ENOEXEC;
  const [, interpreter = '', argument = ''] = line;
  const words = argument.trim() === '' ? [] : [argument.trim()];
  const found = load(
    task,
    interpreter,
    [interpreter, ...words, path, ...argv.slice(1)],
    environment,
    depth + 1,
  );
  return found === ENOENT ? ENOENT : found;
}
