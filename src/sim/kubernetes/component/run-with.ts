// A component that runs a program of its machine, as kube-proxy and the kubelet run iptables-restore.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { writeAll } from '../../userland/libc/whole-file.ts';

/** Runs a program with `input` on its standard input; its exit code. */
export function* runWith(p: Process, argv: readonly string[], input: string): Routine<number> {
  const pipe = p.pipe(true);
  if (isErrno(pipe)) return 1;
  const [reader, writer] = pipe;
  const pid = p.fork(function* (child) {
    child.dup2(reader, 0);
    child.exec(
      `/usr/local/bin/${argv[0]}`,
      argv,
      new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin']]),
    );
    child.exec(`/usr/sbin/${argv[0]}`, argv, new Map([['PATH', '/usr/sbin:/usr/bin']]));
    return 127;
  });
  p.close(reader);
  if (isErrno(pid)) return 1;
  yield* writeAll(p, writer, encode(input));
  p.close(writer);
  const ended = yield* p.wait(pid);
  return isErrno(ended) || !ended ? 1 : ended.status >> 8;
}
