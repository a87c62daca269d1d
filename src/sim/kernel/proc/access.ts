// Who may look into a process (ptrace(2), "Ptrace access mode checking"), and what hidepid hides.

import { CAP_SYS_PTRACE, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';

/** PTRACE_MODE_READ with file-system ids: environ, maps, fd, exe, cwd, root, ns and the like ask this. */
export function mayInspect(reader: Task, target: Task): boolean {
  if (reader.leader === target.leader) return true;
  const mine = reader.credentials;
  const theirs = target.credentials;
  const privileged = capableIn(reader, theirs.user, CAP_SYS_PTRACE);
  if (privileged) return true;
  const { fsuid, fsgid } = mine;
  const sameUser = fsuid === theirs.uid && fsuid === theirs.euid && fsuid === theirs.suid;
  const sameGroup = fsgid === theirs.gid && fsgid === theirs.egid && fsgid === theirs.sgid;
  if (!sameUser || !sameGroup || !target.leader.process.dumpable) return false;
  return mine.user === theirs.user && (theirs.permitted & ~mine.effective) === 0n;
}
