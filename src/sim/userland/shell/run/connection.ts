// `/dev/tcp/HOST/PORT` and `/dev/udp/…` in redirections: names that bash itself turns into
// connections.

import type { Routine } from '../../../core/wait.ts';
import { EINVAL, type Errno, isErrno } from '../../../kernel/errno.ts';
import { resolveHost } from '../../libc/resolver.ts';
import type { Shell } from '../shell.ts';

const SERVICES = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['pop3', 110],
  ['ntp', 123],
  ['https', 443],
]);

/** Opens a connection as a descriptor; -1 after the two messages of a failure. */
export function* openConnection(
  shell: Shell,
  path: string,
  protocol: string,
  host: string,
  service: string,
): Routine<number> {
  const made = yield* connect(shell, protocol, host, service);
  if (!isErrno(made)) return made;
  yield* shell.complain(`${path}: ${made.message}`);
  return -1;
}

/** The first message says what failed: the name, the service or the call. */
function* connect(
  shell: Shell,
  protocol: string,
  host: string,
  service: string,
): Routine<number | Errno> {
  const { process } = shell;
  const port = /^\d+$/.test(service) ? Number(service) & 0xffff : SERVICES.get(service);
  if (port === undefined) {
    yield* shell.complain(`${service}: Servname not supported for ai_socktype`);
    return EINVAL;
  }
  const addresses = yield* resolveHost(process, host);
  if ('failure' in addresses) {
    yield* shell.complain(`${host}: ${addresses.text}`);
    return EINVAL;
  }
  let failure: Errno = EINVAL;
  for (const address of addresses) {
    const family = address.includes(':') ? 'inet6' : 'inet';
    const fd = process.socket(family, protocol === 'tcp' ? 'stream' : 'dgram');
    if (isErrno(fd)) {
      failure = fd;
      continue;
    }
    const refused = yield* process.connect(fd, { address, port });
    if (!refused) return fd;
    process.close(fd);
    failure = refused;
  }
  yield* shell.complain(`connect: ${failure.message}`);
  return failure;
}
