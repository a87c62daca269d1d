// dockerd(8): the daemon. It speaks HTTP on /var/run/docker.sock, or where -H says, and has containerd run the containers.

import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { listenAt } from '../../containers/rpc-socket.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGINT, SIGPIPE, SIGTERM } from '../../kernel/signals.ts';
import { type ServerTls, serveHttp } from '../../userland/http/server.ts';
import { readAccounts } from '../../userland/libc/accounts.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { answerApi } from './api/routes.ts';
import { Dockerd } from './model.ts';
import { setUpNetworking } from './network/networks.ts';
import { watchMemory } from './oom.ts';
import { type DaemonOptions, daemonTls, isUnknownOption, readOptions } from './options.ts';
import { restoreContainers, shutDownContainers, storedState } from './restore.ts';

/** Where the daemon listens. */
export const DOCKER_SOCKET = '/var/run/docker.sock';

/** The socket of one -H; a text says why there is none. */
function* openListener(main: Main, host: string): Routine<number | string> {
  const { process: p } = main;
  const tcp = /^tcp:\/\/([^:/]*):(\d+)$/.exec(host);
  if (tcp) {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return `failed to load listeners: ${fd.message.toLowerCase()}`;
    const [, address = '', port = ''] = tcp;
    p.setsockopt(fd, 'SO_REUSEADDR', 1);
    const place = { address: address || '127.0.0.1', port: Number(port) };
    const refused = p.bind(fd, place) ?? p.listen(fd);
    p.setCloseOnExec(fd, true);
    if (!refused) return fd;
    p.close(fd);
    return `failed to load listeners: listen tcp ${address}:${port}: bind: ${refused.message.toLowerCase()}`;
  }
  // With socket activation systemd hands the socket over; there, too, it is this one.
  const path = host.startsWith('unix://') ? host.slice('unix://'.length) : DOCKER_SOCKET;
  const fd = listenAt(p, path);
  if (isErrno(fd))
    return `failed to load listeners: can't create unix socket ${path}: ${fd.message.toLowerCase()}`;
  // Without --group it is the group docker's, where there is one.
  const group = (yield* readAccounts(p)).groupByName('docker');
  if (group) p.chown(path, 0, group.gid);
  return fd;
}

/** Opens every listener; a text says what went wrong. */
function* openListeners(
  main: Main,
  { hosts }: DaemonOptions,
): Routine<{ readonly fd: number; readonly secure: boolean }[] | string> {
  const listeners: { fd: number; secure: boolean }[] = [];
  for (const host of hosts) {
    const fd = yield* openListener(main, host);
    if (typeof fd === 'string') return fd;
    listeners.push({ fd, secure: host.startsWith('tcp:') });
  }
  return listeners;
}

export const dockerd = program('dockerd', function* (main) {
  const { process: p, args } = main;
  if (args[0] === '--version' || args[0] === '-v') {
    main.out.put('Docker version 29.0.0, build d105562\n');
    return 0;
  }
  const options = readOptions(args);
  if (isUnknownOption(options)) return yield* notSimulated(main, `dockerd ${options.unknown}`);
  const tls = yield* daemonTls(p, options);
  if (typeof tls === 'string') {
    yield* main.fail(tls);
    return 1;
  }
  for (const directory of ['/var/lib/docker/containers', '/var/lib/docker/volumes', '/run/docker'])
    makeDirectories(p, directory, 0o711);
  p.sigaction(SIGPIPE, 'ignore');
  const daemon = new Dockerd(p, storedState(p), options);
  for (const signal of [SIGTERM, SIGINT])
    p.sigaction(signal, () => {
      if (daemon.ending) return;
      daemon.ending = true;
      daemon.thread(function* () {
        yield* shutDownContainers(daemon);
        p.exit(0);
      });
    });
  const listeners = yield* openListeners(main, options);
  if (typeof listeners === 'string') {
    yield* main.fail(listeners);
    return 1;
  }
  setUpNetworking(daemon);
  daemon.thread((thread) => daemon.reaper.run(thread));
  daemon.thread((thread) => watchMemory(daemon, thread));
  yield* restoreContainers(daemon, p);
  const serve = (fd: number, secure: ServerTls | undefined): Routine<unknown> =>
    serveHttp(p, fd, (request, thread) => answerApi(daemon, request, thread), {
      ...(secure ? { tls: secure } : {}),
    });
  const [last, ...others] = [...listeners].reverse();
  for (const { fd, secure } of others)
    daemon.thread(function* () {
      yield* serve(fd, secure ? tls : undefined);
    });
  if (last) yield* serve(last.fd, last.secure ? tls : undefined);
  return 0;
});
