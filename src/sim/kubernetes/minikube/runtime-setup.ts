// The container runtime of a cluster's nodes: which one it is, and how it is brought up on a node before Kubernetes is.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { dirName } from '../../userland/libc/whole-file.ts';
import type { Call } from './command.ts';
import { CRI_DOCKER_ENDPOINT, DOCKER_START, dockerFiles } from './docker-runtime.ts';
import { type Ran, runOnNode } from './node-runner.ts';
import { machineName, type Profile, type ProfileNode } from './profile.ts';
import { exitWith } from './reasons.ts';
import { KUBERNETES_VERSION } from './versions.ts';

const READY_WITHIN = 60 * SECOND;

/** The runtime of a new cluster: minikube's own choice is docker, which machines that are reached over SSH have not here. */
export function runtimeOf(call: Call, driver: string): string {
  const asked = call.setting('container-runtime') ?? '';
  if (asked !== '' && asked !== 'auto') return asked;
  return driver === 'ssh' ? 'containerd' : 'docker';
}

/** The endpoint at which a runtime speaks the CRI. */
export function endpointOf(runtime: string): string {
  return runtime === 'docker' ? CRI_DOCKER_ENDPOINT : 'unix:///run/containerd/containerd.sock';
}

/** Has docker come up on a node; what went wrong where it did not. */
function* bringUpDocker(
  call: Call,
  profile: Profile,
  node: ProfileNode,
): Routine<string | undefined> {
  const { process } = call.main;
  const name = machineName(profile, node);
  const files = yield* dockerFiles(process, { name, address: node.IP, driver: profile.Driver });
  const run = (line: string, input = ''): Routine<Ran> => runOnNode(process, node.IP, line, input);
  for (const [path, text] of files) {
    const put = yield* run(`mkdir -p ${dirName(path)} && cat > ${path}`, text);
    if (put.status !== 0) return put.err;
  }
  const started = yield* run(DOCKER_START);
  if (started.status !== 0) return started.err;
  const until = process.now + READY_WITHIN;
  for (;;) {
    const asked = yield* run('crictl version');
    if (asked.status === 0) return undefined;
    if (process.now > until) return asked.err;
    yield* process.sleep(SECOND / 2);
  }
}

/** Brings the runtime of a new node up. */
export function* setUpRuntime(call: Call, profile: Profile, node: ProfileNode): Routine<void> {
  if (profile.KubernetesConfig.ContainerRuntime !== 'docker') return;
  const failed = yield* bringUpDocker(call, profile, node);
  if (failed !== undefined)
    yield* exitWith(
      call.out,
      'RUNTIME_ENABLE',
      `Failed to enable container runtime: ${failed.trim()}`,
      true,
    );
}

/** Says on what Kubernetes is prepared. */
export function* tellRuntime(call: Call, profile: Profile, node: ProfileNode): Routine<void> {
  const isDocker = profile.KubernetesConfig.ContainerRuntime === 'docker';
  const line = isDocker ? "docker version --format '{{.Server.Version}}'" : 'containerd --version';
  const ran = yield* runOnNode(call.main.process, node.IP, line);
  const version = /v?(\d+\.\d+\.\d+)/.exec(ran.out)?.[1] ?? '';
  const name = isDocker ? 'Docker' : 'containerd';
  yield* call.out.step(
    isDocker ? 'Docker' : 'Containerd',
    `Preparing Kubernetes ${KUBERNETES_VERSION} on ${name} ${version} ...`,
  );
}
