// When a file was last changed, as git tells, and where its source can be edited. A build outside a checkout, or
// without a repository's address (DRYDOCK_REPOSITORY), leaves them out.

import { execFileSync } from 'node:child_process';

const changes = new Map<string, Date>();
let read = false;

/** The day of a file's last commit; undefined where git does not know. */
export function changedOn(path: string): Date | undefined {
  if (!read) readHistory();
  return changes.get(path);
}

/** One walk over the log: the first commit that names a file is its newest. */
function readHistory(): void {
  read = true;
  let log: string;
  try {
    const words = ['log', '--format=%x00%cI', '--name-only', '--', 'content'];
    log = execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return;
  }
  for (const commit of log.split('\0').slice(1)) {
    const [when = '', ...paths] = commit.split('\n').filter((line) => line !== '');
    for (const path of paths) if (!changes.has(path)) changes.set(path, new Date(when));
  }
}

/** The address at which a file can be edited; undefined where the repository's is not known. */
export function editAddress(path: string): string | undefined {
  const repository = process.env.DRYDOCK_REPOSITORY;
  return repository ? `${repository}/edit/main/${path}` : undefined;
}
