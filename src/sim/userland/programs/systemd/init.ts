// systemd(1) as the first process of a container: it is there already with its file systems, makes a control group for itself, so
// that those of its units may have controllers, and is the manager then (the container interface of systemd).

import { encode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { SIGKILL, SIGPWR, SIGTERM } from '../../../kernel/signals.ts';
import { SECOND } from '../../../core/time.ts';
import { O_WRONLY } from '../../../kernel/files/open-file.ts';
import { MS_SHARED, MS_REC } from '../../../kernel/files/mount.ts';
import { writeAll } from '../../libc/whole-file.ts';
import { program } from '../../libc/stdio.ts';
import { runSystemd } from '../../systemd/manager.ts';

const CGROUP = '/sys/fs/cgroup';
const SCOPE = `${CGROUP}/init.scope`;
/** SIGRTMIN+3 asks systemd to halt (systemd(1)). */
const HALT = 37;
/** How long processes have between being asked to end and being killed, here where each ends at once. */
const GRACE = 2 * SECOND;

export const systemd = program('systemd', function* (main) {
  const { process } = main;
  if (process.pid !== 1) {
    main.err.put(
      'Trying to run as user instance, but the system has not been booted with systemd.\n',
    );
    return 1;
  }
  process.mount('none', '/', '', MS_SHARED | MS_REC);
  process.mkdir('/run/lock');
  process.mkdir(SCOPE);
  for (const [path, text] of [
    [`${SCOPE}/cgroup.procs`, '0\n'],
    [`${CGROUP}/cgroup.subtree_control`, '+cpu +memory +io +pids +cpuset\n'],
  ] as const) {
    const fd = process.open(path, O_WRONLY);
    if (isErrno(fd)) continue;
    yield* writeAll(process, fd, encode(text));
    process.close(fd);
  }
  process.sigaction(HALT, () => void process.kill(1, SIGPWR));
  yield* runSystemd(process);
  process.kill(-1, SIGTERM);
  yield* process.sleep(GRACE);
  process.kill(-1, SIGKILL);
  return 0;
});
