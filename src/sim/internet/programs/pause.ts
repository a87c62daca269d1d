// /pause of Kubernetes: the first process of a pod's sandbox. It reaps what comes to it and ends when told to.

import { isErrno } from '../../kernel/errno.ts';
import { SIGCHLD, SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { program } from '../../userland/libc/stdio.ts';

export const pause = program('pause', function* (main) {
  const { process: p } = main;
  if (main.args.includes('-v')) {
    main.out.put('pause.c 3.10.2\n');
    return 0;
  }
  let told = false;
  for (const signal of [SIGINT, SIGTERM]) {
    p.sigaction(signal, () => {
      told = true;
    });
  }
  p.sigaction(SIGCHLD, () => {
    for (let more = true; more; ) {
      const ended = p.wait(-1, { noHang: true }).next();
      more = ended.done === true && ended.value !== undefined && !isErrno(ended.value);
    }
  });
  while (!told) yield* p.pause();
  main.err.put('Shutting down, got signal: Terminated\n');
  return 0;
});
