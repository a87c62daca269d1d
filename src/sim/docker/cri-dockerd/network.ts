// Pods' networks (network/cni): the plugins of /etc/cni/net.d fill the network namespace of a sandbox's process, which docker
// made with the network `none`.

import {
  type Attachment,
  addNetwork,
  CNI_CONF,
  deleteNetwork,
  loadNetwork,
} from '../../containers/cni/library.ts';
import type { PodSandboxMetadata, PortMapping } from '../../containers/cri/types.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { formatIp } from '../../kernel/network/address.ts';
import type { DockerService } from './service.ts';

/** What stands for the namespace of a process. */
const namespaceOf = (pid: number): string => (pid === 0 ? '' : `/proc/${pid}/ns/net`);

function attachmentOf(
  id: string,
  pid: number,
  { namespace, name, uid }: PodSandboxMetadata,
  ports: readonly PortMapping[],
): Attachment {
  const portMappings = ports
    .filter(({ hostPort = 0 }) => hostPort > 0)
    .map(({ hostPort, containerPort, protocol = 'TCP', hostIp = '' }) => ({
      hostPort,
      containerPort,
      protocol: protocol.toLowerCase(),
      hostIP: hostIp,
    }));
  return {
    containerId: id,
    netns: namespaceOf(pid),
    interfaceName: 'eth0',
    args: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${namespace};K8S_POD_NAME=${name};K8S_POD_INFRA_CONTAINER_ID=${id};K8S_POD_UID=${uid}`,
    ...(portMappings.length > 0 ? { runtimeConfig: { portMappings } } : {}),
  };
}

/** What the plugins say of the network's configuration; undefined where there is one (Status). */
export function* networkFault(p: Process): Routine<string | undefined> {
  const network = yield* loadNetwork(p, CNI_CONF);
  return typeof network === 'string' ? 'cni config uninitialized' : undefined;
}

/** SetUpPod; what went wrong where it did. */
export function* setUpPod(
  service: DockerService,
  p: Process,
  sandbox: { readonly id: string; readonly pid: number; readonly pod: PodSandboxMetadata },
  ports: readonly PortMapping[],
): Routine<string | undefined> {
  const network = yield* loadNetwork(p, CNI_CONF);
  if (typeof network === 'string') return 'cni config uninitialized';
  const attachment = attachmentOf(sandbox.id, sandbox.pid, sandbox.pod, ports);
  const result = yield* addNetwork(p, network, attachment);
  if ('error' in result) return result.error;
  service.addresses.set(sandbox.id, result.ips?.[0]?.address.split('/')[0] ?? '');
  return undefined;
}

/** TearDownPod; what went wrong where it did. */
export function* tearDownPod(
  service: DockerService,
  p: Process,
  sandbox: { readonly id: string; readonly pid: number; readonly pod: PodSandboxMetadata },
  ports: readonly PortMapping[],
): Routine<string | undefined> {
  const network = yield* loadNetwork(p, CNI_CONF);
  if (typeof network === 'string') return 'cni config uninitialized';
  service.addresses.delete(sandbox.id);
  const attachment = attachmentOf(sandbox.id, sandbox.pid, sandbox.pod, ports);
  return yield* deleteNetwork(p, network, attachment);
}

/** The address of eth0 inside a sandbox (GetPodNetworkStatus): of one of an earlier run a thread has to go and look. */
export function* podAddress(
  service: DockerService,
  p: Process,
  id: string,
  pid: number,
): Routine<string> {
  const known = service.addresses.get(id);
  if (known !== undefined || pid === 0) return known ?? '';
  let found: string | undefined;
  const looked = new WaitQueue();
  // biome-ignore lint/correctness/useYield: the thread only looks
  p.thread(function* (thread) {
    found = addressInside(thread, pid);
    looked.wake();
    return 0;
  });
  while (found === undefined) yield { on: [looked] };
  service.addresses.set(id, found);
  return found;
}

function addressInside(thread: Process, pid: number): string {
  const fd = thread.open(namespaceOf(pid));
  if (isErrno(fd)) return '';
  const refused = thread.setns(fd);
  thread.close(fd);
  if (refused) return '';
  const link = thread.network.linksByIndex.find(({ name }) => name === 'eth0');
  const texts = (link?.addresses ?? []).map(({ address }) => formatIp(address));
  return texts.find((text) => !text.includes(':')) ?? '';
}
