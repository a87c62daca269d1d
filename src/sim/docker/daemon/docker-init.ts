// docker-init (tini): PID 1 that starts one command, hands signals on and reaps whatever is left behind.

import { isErrno } from '../../kernel/errno.ts';
import { execvp } from '../../userland/libc/spawn.ts';
import { program } from '../../userland/libc/stdio.ts';

/** Signals that are passed to the command. */
const PASSED = [1, 2, 3, 10, 12, 15, 28];

export const dockerInit = program('docker-init', function* (main) {
  const { process: p } = main;
  const words = main.args[0] === '--' ? main.args.slice(1) : main.args;
  const child = p.fork(function* (own) {
    const failure = execvp(own, words);
    yield* main.fail(`exec ${words[0]} failed: ${failure.message}`);
    return failure.name === 'ENOENT' ? 127 : 126;
  });
  if (isErrno(child)) return 1;
  for (const signal of PASSED) p.sigaction(signal, () => void p.kill(child, signal));
  for (;;) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended) && ended.name !== 'EINTR') return 1;
    if (isErrno(ended) || !ended || ended.pid !== child) continue;
    const signal = ended.status & 0x7f;
    return signal === 0 ? (ended.status >> 8) & 0xff : 128 + signal;
  }
});
