// Phases around the kubelet: kubelet-start, wait-control-plane, kubelet-finalize. The kubelet is systemd's; its health is asked
// for over HTTP, and so is that of the control plane's components.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { goDuration } from '../../etcd/cobra/flags.ts';
import { isErrno } from '../../kernel/errno.ts';
import { httpRequest, isHttpFailure } from '../../userland/http/client.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { askManager } from '../../userland/systemd/protocol.ts';
import { readText } from '../component/kubeconfig.ts';
import { put, type RunContext } from './context.ts';
import { Failure } from './failure.ts';
import { writeKubeletFiles } from './phase-files.ts';
import { say, warn } from './settings.ts';

const PATIENCE = 240 * SECOND;
const TURN = SECOND / 2;
const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** Has systemd do something with the kubelet; false where there is no such unit. */
export function* kubeletUnit(main: Main, verb: 'start' | 'stop' | 'restart'): Routine<boolean> {
  yield* askManager(main.process, { verb: 'daemon-reload', unit: '' });
  const answer = yield* askManager(main.process, { verb, unit: 'kubelet.service' });
  return answer !== undefined && answer.error === undefined;
}

/** The phase kubelet-start. */
export function* kubeletStartPhase(context: RunContext): Routine<void> {
  yield* kubeletUnit(context.main, 'stop');
  yield* writeKubeletFiles(context);
  yield* startKubelet(context.main);
}

export function* startKubelet(main: Main): Routine<void> {
  yield* say(main, '[kubelet-start] Starting the kubelet');
  if (yield* kubeletUnit(main, 'restart')) return;
  yield* warn(main, '[kubelet-start] WARNING: unable to start the kubelet service');
  yield* say(main, '[kubelet-start] Please ensure kubelet is reloaded and running manually.');
}

function* isHealthy(main: Main, url: string): Routine<boolean> {
  const [, scheme, host = '', port = '', path = '/'] =
    /^(https?):\/\/([^:/]+):(\d+)(\/.*)$/.exec(url) ?? [];
  const target = {
    host,
    port: Number(port),
    ...(scheme === 'https' ? { tls: { authorities: [], insecure: true } } : {}),
  };
  const answer = yield* httpRequest(
    main.process,
    target,
    {
      method: 'GET',
      path,
      query: new Map(),
      headers: { host: `${host}:${port}` },
      body: Content.empty,
    },
    { connectBy: main.process.now + SECOND, alone: true },
  );
  return !isHttpFailure(answer) && answer.status === 200;
}

/** Waits for the kubelet's health; throws Failure with kubeadm's hints. */
export function* waitForKubelet(main: Main): Routine<void> {
  const url = 'http://127.0.0.1:10248/healthz';
  const start = main.process.now;
  yield* say(
    main,
    `[kubelet-check] Waiting for a healthy kubelet at ${url}. This can take up to 4m0s`,
  );
  while (!(yield* isHealthy(main, url))) {
    if (main.process.now - start > PATIENCE) {
      yield* say(main, `[kubelet-check] The kubelet is not healthy after ${goDuration(PATIENCE)}`);
      yield* say(main, KUBELET_HINT);
      throw new Failure(
        `failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL ${url}' returned error: Get "${url}": dial tcp 127.0.0.1:10248: connect: connection refused`,
      );
    }
    yield* sleepUntil(main.process.now + TURN);
  }
  const took = goDuration(main.process.now - start + 1_000_000);
  yield* say(main, `[kubelet-check] The kubelet is healthy after ${took}`);
}

const KUBELET_HINT = `
Unfortunately, an error has occurred, likely caused by:
	- The kubelet is not running
	- The kubelet is unhealthy due to a misconfiguration of the node in some way (required cgroups disabled)

If you are on a systemd-powered system, you can try to troubleshoot the error with the following commands:
	- 'systemctl status kubelet'
	- 'journalctl -xeu kubelet'
`;

const controlPlaneHint = (socket: string): string => `
A control plane component may have crashed or exited when started by the container runtime.
To troubleshoot, list all containers using your preferred container runtimes CLI.
Here is one example how you may list all running Kubernetes containers by using crictl:
	- 'crictl --runtime-endpoint ${socket} ps -a | grep kube | grep -v pause'
	Once you have found the failing container, you can inspect its logs with:
	- 'crictl --runtime-endpoint ${socket} logs CONTAINERID'
`;

/** The phase wait-control-plane. */
export function* waitControlPlanePhase(context: RunContext): Routine<void> {
  const { main, init } = context;
  yield* say(
    main,
    '[wait-control-plane] Waiting for the kubelet to boot up the control plane as static Pods from directory "/etc/kubernetes/manifests"',
  );
  yield* waitForKubelet(main);
  const { advertiseAddress, bindPort } = init.localAPIEndpoint;
  const waiting = new Map([
    ['kube-apiserver', `https://${advertiseAddress}:${bindPort}/livez`],
    ['kube-controller-manager', 'https://127.0.0.1:10257/healthz'],
    ['kube-scheduler', 'https://127.0.0.1:10259/livez'],
  ]);
  const start = main.process.now;
  yield* say(
    main,
    '[control-plane-check] Waiting for healthy control plane components. This can take up to 4m0s',
  );
  for (const [name, url] of waiting)
    yield* say(main, `[control-plane-check] Checking ${name} at ${url}`);
  while (waiting.size > 0) {
    for (const [name, url] of [...waiting]) {
      if (!(yield* isHealthy(main, url))) continue;
      waiting.delete(name);
      const took = goDuration(main.process.now - start + 1_000_000);
      yield* say(main, `[control-plane-check] ${name} is healthy after ${took}`);
    }
    if (waiting.size > 0 && main.process.now - start > PATIENCE) {
      for (const name of waiting.keys())
        yield* say(
          main,
          `[control-plane-check] ${name} is not healthy after ${goDuration(PATIENCE)}`,
        );
      yield* say(main, controlPlaneHint(init.nodeRegistration.criSocket));
      const names = [...waiting].map(
        ([name, url]) => `${name} check failed at ${url}: Get "${url}": context deadline exceeded`,
      );
      const text = names.length > 1 ? `[${names.join(', ')}]` : names.join('');
      throw new Failure(`failed while waiting for the control plane to start: ${text}`);
    }
    if (waiting.size > 0) yield* sleepUntil(main.process.now + TURN);
  }
}

/** The phase kubelet-finalize: the kubeconfig leads to the certificate that the kubelet renews. */
export function* kubeletFinalizePhase(context: RunContext): Routine<void> {
  const { main, kubeconfigDirectory } = context;
  const path = `${kubeconfigDirectory}/kubelet.conf`;
  if (isErrno(main.process.stat(CURRENT))) return;
  yield* say(
    main,
    `[kubelet-finalize] Updating "${path}" to point to a rotatable kubelet client certificate and key`,
  );
  const text = yield* readText(main.process, path);
  if (isErrno(text)) throw new Failure(`could not load kubeconfig file "${path}"`);
  const rotating = text
    .replace(/client-certificate-data: .*/, `client-certificate: ${CURRENT}`)
    .replace(/client-key-data: .*/, `client-key: ${CURRENT}`);
  yield* put(main, path, rotating, 0o600);
  yield* kubeletUnit(main, 'restart');
}
