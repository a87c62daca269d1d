// docker-proxy: takes connections on a port of the host and passes them to one of a container, for what does not go
// through the rules of netfilter (127.0.0.1 of the host). dockerd hands it the listening socket as descriptor 4. Of UDP
// only the port is held.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGPIPE } from '../../kernel/signals.ts';
import { notSimulated, program } from '../../userland/libc/stdio.ts';

function* copy(p: Process, from: number, to: number): Routine<number> {
  for (;;) {
    const content = yield* p.receiveContent(from);
    if (content === undefined || isErrno(content)) break;
    const size = content.message === undefined ? content.size : 512;
    if (isErrno(yield* p.sendContent(to, content, size))) break;
  }
  p.shutdown(to, 'write');
  return 0;
}

export const dockerProxy = program('docker-proxy', function* (main) {
  const { process: p, args } = main;
  const option = (name: string): string => args[args.indexOf(`-${name}`) + 1] ?? '';
  const udp = option('proto') === 'udp';
  p.sigaction(SIGPIPE, 'ignore');
  if (!args.includes('-use-listen-fd')) return yield* notSimulated(main, 'docker-proxy alone');
  const fd = 4;
  while (udp) yield { on: [] };
  for (;;) {
    const client = yield* p.accept(fd);
    if (isErrno(client)) return 1;
    p.thread(function* (thread) {
      const server = thread.socket('inet', 'stream');
      if (isErrno(server)) return 1;
      const failed = yield* thread.connect(server, {
        address: option('container-ip'),
        port: Number(option('container-port')),
      });
      if (!failed) {
        thread.thread((other) => copy(other, server, client));
        yield* copy(thread, client, server);
      } else thread.close(client);
      return 0;
    });
  }
});
