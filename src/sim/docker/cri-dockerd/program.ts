// cri-dockerd: an adapter that serves the CRI, which dockerd does not speak, and calls dockerd's own API for it. Flags that
// only change time-outs and log lines are passed over.

import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { SANDBOX_IMAGE } from '../../containers/cri/sandbox.ts';
import { listenAt, serveRpc } from '../../containers/rpc-socket.ts';
import { rfc3339 } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGTERM } from '../../kernel/signals.ts';
import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { criDockerMethods } from './methods.ts';
import type { DockerService } from './service.ts';

const VERSION = '0.4.0 (b9b8893)';
/** Where cri-docker.socket listens: the service is given it as fd://. */
export const CRI_DOCKER_SOCKET = '/var/run/cri-dockerd.sock';

/** Flags that are known; the plugins' directories are where these always are. */
const FLAGS = [
  'container-runtime-endpoint',
  'pod-infra-container-image',
  'network-plugin',
  'hairpin-mode',
  'cni-conf-dir',
  'cni-bin-dir',
  'cni-cache-dir',
  'docker-endpoint',
  'pod-cidr',
  'log-level',
];

export const criDockerd = program('cri-dockerd', function* (main) {
  const { process, args } = main;
  const values = new Map(
    args.map((word) => {
      const [, name = word, value = ''] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
      return [name, value];
    }),
  );
  if (values.has('version')) {
    main.out.put(`cri-dockerd ${VERSION}\n`);
    return 0;
  }
  const unknown = args.find((word, i) => {
    const name = /^--([\w-]+)/.exec(word)?.[1];
    const isValue = /^--[\w-]+$/.test(args[i - 1] ?? '') && !word.startsWith('-');
    return !isValue && (name === undefined || !FLAGS.includes(name));
  });
  if (unknown !== undefined) return yield* notSimulated(main, `cri-dockerd ${unknown}`);
  const log = (text: string): void => {
    main.err.put(`time="${rfc3339(process.now)}" level=info msg=${JSON.stringify(text)}\n`);
  };
  log(`Starting cri-dockerd ${VERSION}`);
  const endpoint = values.get('container-runtime-endpoint') ?? '';
  const path = endpoint.startsWith('unix://') ? endpoint.slice(7) : CRI_DOCKER_SOCKET;
  const dockerSocket = values.get('docker-endpoint') || 'unix:///var/run/docker.sock';
  log(`Connecting to docker on the Endpoint ${dockerSocket}`);
  process.sigaction(SIGTERM, () => process.exit(0));
  makeDirectories(process, '/var/lib/cri-dockerd');
  const fd = listenAt(process, path);
  if (isErrno(fd)) {
    yield* main.fail(`listen unix ${path}: ${fd.message.toLowerCase()}`);
    return 1;
  }
  const service: DockerService = {
    process,
    dockerSocket,
    sandboxImage: values.get('pod-infra-container-image') || SANDBOX_IMAGE,
    networkReady: new Map(),
    addresses: new Map(),
  };
  log('Start cri-dockerd grpc backend');
  yield* main.err.flush();
  yield* serveRpc(process, fd, criDockerMethods(service));
  return 0;
});
