// dockerd(8): the daemon. It speaks HTTP on /var/run/docker.sock and has containerd run the containers.

import { isErrno } from '../../kernel/errno.ts';
import { SIGINT, SIGPIPE, SIGTERM } from '../../kernel/signals.ts';
import { listenAt } from '../../containers/rpc-socket.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { readAccounts } from '../../userland/libc/accounts.ts';
import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { answerApi } from './api/routes.ts';
import { Dockerd } from './model.ts';
import { watchMemory } from './oom.ts';
import { restoreContainers, shutDownContainers, storedState } from './restore.ts';
import { setUpNetworking } from './network/networks.ts';

/** Where the daemon listens. */
export const DOCKER_SOCKET = '/var/run/docker.sock';

export const dockerd = program('dockerd', function* (main) {
  const { process: p, args } = main;
  if (args[0] === '--version' || args[0] === '-v') {
    main.out.put('Docker version 29.0.0, build d105562\n');
    return 0;
  }
  const unknown = args.find(
    (word) => word.startsWith('-') && !/^(-H|--host|--containerd)/.test(word),
  );
  if (unknown !== undefined) return yield* notSimulated(main, `dockerd ${unknown}`);
  for (const directory of ['/var/lib/docker/containers', '/var/lib/docker/volumes', '/run/docker'])
    makeDirectories(p, directory, 0o711);
  p.sigaction(SIGPIPE, 'ignore');
  const daemon = new Dockerd(p, storedState(p));
  for (const signal of [SIGTERM, SIGINT])
    p.sigaction(signal, () => {
      if (daemon.ending) return;
      daemon.ending = true;
      daemon.thread(function* () {
        yield* shutDownContainers(daemon);
        p.exit(0);
      });
    });
  const listening = listenAt(p, DOCKER_SOCKET);
  if (isErrno(listening)) {
    yield* main.fail(
      `failed to load listeners: can't create unix socket ${DOCKER_SOCKET}: ${listening.message.toLowerCase()}`,
    );
    return 1;
  }
  // Without --group it is the group docker's, where there is one.
  const group = (yield* readAccounts(p)).groupByName('docker');
  if (group) p.chown(DOCKER_SOCKET, 0, group.gid);
  setUpNetworking(daemon);
  daemon.thread((thread) => daemon.reaper.run(thread));
  daemon.thread((thread) => watchMemory(daemon, thread));
  yield* restoreContainers(daemon, p);
  yield* serveHttp(p, listening, (request, thread) => answerApi(daemon, request, thread));
  return 0;
});
