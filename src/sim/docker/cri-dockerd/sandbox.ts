// Pod sandboxes (core/sandbox_*.go): a pause container that holds the pod's network and IPC namespaces. The checkpoints that
// the real one keeps in files are read from the container itself here.

import { writeWholeFile } from '../../containers/containerd/daemon.ts';
import { labelsMatch } from '../../containers/cri/messages.ts';
import type {
  PodSandbox,
  PodSandboxConfig,
  PodSandboxMetadata,
  PodSandboxStatus,
  PortMapping,
  StringMap,
} from '../../containers/cri/types.ts';
import { RpcError } from '../../containers/rpc.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { isCallError } from '../cli/api.ts';
import type { HostConfig, PortBinding, PortMap } from '../daemon/types.ts';
import { removeContainer } from './container.ts';
import { ensureImage } from './images.ts';
import {
  containerName,
  parseName,
  SANDBOX_ID_LABEL,
  SANDBOX_TYPE,
  sandboxLabels,
  splitLabels,
  TYPE_LABEL,
} from './naming.ts';
import { podAddress, setUpPod, tearDownPod } from './network.ts';
import { isHost, securityOf } from './security.ts';
import {
  type DockerService,
  engine,
  failed,
  type Inspection,
  inspect,
  isMissing,
  list,
  type Summary,
} from './service.ts';
import { nanosOf, nanosOfSeconds } from './times.ts';

/** What a sandbox gets of the processor, and how late it is killed where memory runs short. */
const CPU_SHARES = 2;
const OOM_SCORE = -998;
/** Seconds that a sandbox has to end. */
const GRACE = 10;

/** Ports of the host as docker is told them, though plugins see to them. */
function bindingsOf(ports: readonly PortMapping[]): PortMap {
  const map: Record<string, PortBinding[]> = {};
  for (const { hostPort = 0, containerPort, protocol = 'TCP', hostIp = '' } of ports) {
    if (hostPort === 0) continue;
    const binding = { HostPort: String(hostPort), HostIp: hostIp };
    (map[`${containerPort}/${protocol.toLowerCase()}`] ??= []).push(binding);
  }
  return map;
}

/** The ports of a sandbox that is there. */
function portsOf({ HostConfig: { PortBindings = {} } }: Inspection): PortMapping[] {
  return Object.entries(PortBindings).flatMap(([key, bindings]) => {
    const [port, protocol = 'tcp'] = key.split('/');
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      containerPort: Number(port),
      hostPort: Number(HostPort),
      hostIp: HostIp,
      protocol: protocol.toUpperCase() as 'TCP' | 'UDP',
    }));
  });
}

/** makeSandboxDockerConfig. */
function createRequest(config: PodSandboxConfig, image: string): object {
  const { linux, hostname = '', portMappings = [] } = config;
  const context = linux?.securityContext;
  const options = context?.namespaceOptions;
  const { user, host } = securityOf(context);
  const bindings = bindingsOf(portMappings);
  const HostConfig: Partial<HostConfig> = {
    ...host,
    IpcMode: options?.ipc === 'NODE' ? 'host' : 'shareable',
    PidMode: options?.pid === 'NODE' ? 'host' : '',
    NetworkMode: options?.network === 'NODE' ? 'host' : 'none',
    ...(linux?.sysctls ? { Sysctls: linux.sysctls } : {}),
    PortBindings: bindings,
    OomScoreAdj: OOM_SCORE,
    CpuShares: CPU_SHARES,
    CgroupParent: linux?.cgroupParent ?? '',
    SecurityOpt: [...(host.SecurityOpt ?? []), 'no-new-privileges'],
  };
  return {
    Hostname: hostname,
    Image: image,
    User: user,
    Labels: sandboxLabels(config),
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    HostConfig,
  };
}

/** RunPodSandbox: the sandbox's id. */
export function* runSandbox(
  service: DockerService,
  p: Process,
  config: PodSandboxConfig,
): Routine<string | RpcError> {
  const { metadata, linux, portMappings = [] } = config;
  const missing = yield* ensureImage(service, p, service.sandboxImage);
  if (missing) return missing;
  const name = containerName(metadata);
  const api = engine(service, p);
  const request = createRequest(config, service.sandboxImage);
  const made = yield* api.post<{ Id: string }>('/containers/create', { name }, request);
  if (isCallError(made))
    return failed(made, `failed to create a sandbox for pod "${metadata.name}": `);
  const { Id: id } = made;
  service.networkReady.set(id, false);
  const started = yield* api.post(`/containers/${id}/start`);
  if (isCallError(started))
    return failed(started, `failed to start sandbox container for pod "${metadata.name}": `);
  const found = yield* inspect(service, p, id);
  if (isCallError(found))
    return failed(found, `failed to inspect sandbox container for pod "${metadata.name}": `);
  rewriteResolvConf(p, found.ResolvConfPath, config);
  if (linux?.securityContext?.namespaceOptions?.network !== 'NODE') {
    const pod = { id, pid: found.State.Pid, pod: metadata };
    const fault = yield* setUpPod(service, p, pod, portMappings);
    if (fault !== undefined) return yield* giveUp(service, p, pod, portMappings, fault);
  }
  service.networkReady.set(id, true);
  return id;
}

/** Takes a sandbox back whose network could not be set up. */
function* giveUp(
  service: DockerService,
  p: Process,
  sandbox: { readonly id: string; readonly pid: number; readonly pod: PodSandboxMetadata },
  ports: readonly PortMapping[],
  fault: string,
): Routine<RpcError> {
  const { id, pod } = sandbox;
  const about = `sandbox container "${id}" network for pod "${pod.name}": networkPlugin cni failed to`;
  const name = `"${pod.name}_${pod.namespace}" network: `;
  const errors = [`failed to set up ${about} set up pod ${name}${fault}`];
  const left = yield* tearDownPod(service, p, sandbox, ports);
  if (left !== undefined) errors.push(`failed to clean up ${about} teardown pod ${name}${left}`);
  const stopped = yield* engine(service, p).post(`/containers/${id}/stop`, { t: GRACE });
  if (isCallError(stopped))
    errors.push(`failed to stop sandbox container "${id}" for pod "${pod.name}": ${stopped.text}`);
  return new RpcError('Unknown', errors.length > 1 ? `[${errors.join(', ')}]` : (errors[0] ?? ''));
}

/** The pod's own resolv.conf in the place of docker's: every container of the pod shares it. */
function rewriteResolvConf(p: Process, path: string, { dnsConfig }: PodSandboxConfig): void {
  if (!dnsConfig || path === '' || isErrno(p.stat(path))) return;
  const { servers = [], searches = [], options = [] } = dnsConfig;
  const lines = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  if (lines.length > 0) writeWholeFile(p, path, encode(`${lines.join('\n')}\n`));
}

/** StopPodSandbox. */
export function* stopSandbox(
  service: DockerService,
  p: Process,
  id: string,
): Routine<RpcError | undefined> {
  const found = yield* inspect(service, p, id);
  if (isCallError(found)) return isMissing(found) ? undefined : failed(found);
  const parsed = parseName(found.Name);
  const errors: string[] = [];
  if (parsed && !isHost(found.HostConfig.NetworkMode) && service.networkReady.get(id) !== false) {
    const { pod } = parsed;
    const sandbox = { id: found.Id, pid: found.State.Pid, pod };
    const fault = yield* tearDownPod(service, p, sandbox, portsOf(found));
    if (fault === undefined) service.networkReady.set(found.Id, false);
    else
      errors.push(
        `networkPlugin cni failed to teardown pod "${pod.name}_${pod.namespace}" network: ${fault}`,
      );
  }
  const stopped = yield* engine(service, p).post(`/containers/${id}/stop`, { t: GRACE });
  if (isCallError(stopped) && !isMissing(stopped)) errors.push(stopped.text);
  if (errors.length === 0) return undefined;
  return new RpcError('Unknown', errors.length > 1 ? `[${errors.join(', ')}]` : (errors[0] ?? ''));
}

/** RemovePodSandbox: with every container in it. */
export function* removeSandbox(
  service: DockerService,
  p: Process,
  id: string,
): Routine<RpcError | undefined> {
  const inside = yield* list(service, p, { [SANDBOX_ID_LABEL]: id });
  for (const { Id } of isCallError(inside) ? [] : inside) {
    const kept = yield* removeContainer(service, p, Id);
    if (kept) return kept;
  }
  const removed = yield* engine(service, p).call('DELETE', `/containers/${id}`, {
    v: true,
    force: true,
  });
  if (isCallError(removed) && !isMissing(removed)) return failed(removed);
  service.networkReady.delete(id);
  service.addresses.delete(id);
  return undefined;
}

/** PodSandboxStatus. */
export function* sandboxStatus(
  service: DockerService,
  p: Process,
  id: string,
): Routine<PodSandboxStatus | RpcError> {
  const found = yield* inspect(service, p, id);
  if (isCallError(found)) return failed(found);
  const parsed = parseName(found.Name);
  if (!parsed)
    return new RpcError('Unknown', `container is not managed by kubernetes: "${found.Name}"`);
  const { NetworkMode, PidMode, IpcMode, Runtime } = found.HostConfig;
  const known = service.networkReady.get(found.Id) !== false && !isHost(NetworkMode);
  const ip = known ? yield* podAddress(service, p, found.Id, found.State.Pid) : '';
  return {
    id: found.Id,
    metadata: parsed.pod,
    state: found.State.Running ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    createdAt: nanosOf(found.Created),
    ...splitLabels(found.Config.Labels),
    network: { ip, additionalIps: [] },
    linux: {
      namespaces: {
        options: {
          network: isHost(NetworkMode) ? 'NODE' : 'POD',
          pid: isHost(PidMode) ? 'NODE' : 'CONTAINER',
          ipc: isHost(IpcMode) ? 'NODE' : 'POD',
        },
      },
    },
    runtimeHandler: Runtime,
  };
}

function sandboxOf(one: Summary): PodSandbox[] {
  const parsed = parseName(one.Names[0] ?? '');
  if (!parsed) return [];
  return [
    {
      id: one.Id,
      metadata: parsed.pod,
      state: one.Status.startsWith('Up') ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAt: nanosOfSeconds(one.Created),
      ...splitLabels(one.Labels),
      runtimeHandler: '',
    },
  ];
}

/** What a list of sandboxes is to hold. */
export interface SandboxFilter {
  readonly id?: string;
  readonly state?: { readonly state: string };
  readonly labelSelector?: StringMap;
}

/** ListPodSandbox. */
export function* listSandboxes(
  service: DockerService,
  p: Process,
  { id = '', state, labelSelector = {} }: SandboxFilter = {},
): Routine<PodSandbox[] | RpcError> {
  const wanted = { [TYPE_LABEL]: SANDBOX_TYPE, ...labelSelector };
  const found = yield* list(service, p, wanted, id === '' ? {} : { id: [id] });
  if (isCallError(found)) return isMissing(found) ? [] : failed(found);
  return found
    .flatMap(sandboxOf)
    .filter(
      (one) => (!state || one.state === state.state) && labelsMatch(one.labels, labelSelector),
    );
}
