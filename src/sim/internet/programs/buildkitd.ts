// buildkitd of moby/buildkit: what runs in the container of a builder. It says that it serves and ends when told to;
// its API is left out (see docker/cli/buildx-container.ts).

import { rfc3339Fraction } from '../../core/time.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { program } from '../../userland/libc/stdio.ts';

export const buildkitd = program('buildkitd', function* (main) {
  const { process: p } = main;
  let told = false;
  for (const signal of [SIGINT, SIGTERM])
    p.sigaction(signal, () => {
      told = true;
    });
  const say = (level: string, text: string): void => {
    const time = rfc3339Fraction(p.now, 0);
    main.err.put(`time="${time}" level=${level} msg=${JSON.stringify(text)}\n`);
  };
  say('info', 'auto snapshotter: using overlayfs');
  say('warning', 'using host network as the default');
  say('info', 'running server on /run/buildkit/buildkitd.sock');
  yield* main.err.flush();
  while (!told) yield* p.pause();
  say('info', 'stopping server');
  return 0;
});
