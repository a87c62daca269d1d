// `/dev/tcp/HOST/PORT` and `/dev/udp/…` in redirections: names that bash itself turns into
// connections.

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';

/** Opens a connection as a descriptor; -1 after the message. */
export function* openConnection(
  shell: Shell,
  path: string,
  protocol: string,
  _host: string,
  _port: string,
): Routine<number> {
  yield* shell.print(2, `drydock: a redirection of ${path} (${protocol}) is not simulated\n`);
  return -1;
}
