// From a pod's spec to the CRI's configurations (kuberuntime's generatePodSandboxConfig and generateContainerConfig).

import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import type {
  ContainerConfig,
  CriMount,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  NamespaceOption,
  PodSandboxConfig,
  SecurityProfile,
} from '../../containers/cri/types.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { qosClass } from '../api/resources/qos.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod, PodSpec } from '../api/types/pod.ts';
import { type KubeletContext, podDirectory } from './context.ts';
import { LABELS } from './cri.ts';
import { environmentOf, expand } from './environment.ts';
import { hashOf } from './hash.ts';
import { containerResources, podCgroup } from './resources.ts';
import type { MountedVolumes } from './volumes.ts';

/** The directory of a pod's logs. */
export function logDirectory({ metadata }: Pod): string {
  return `/var/log/pods/${metadata.namespace}_${metadata.name}_${metadata.uid}`;
}

function podLabels(pod: Pod): Record<string, string> {
  const { name = '', namespace = '', uid = '', labels = {} } = pod.metadata;
  return { ...labels, [LABELS.pod]: name, [LABELS.namespace]: namespace, [LABELS.uid]: uid };
}

function namespaceOptions(spec: PodSpec, targetId?: string): NamespaceOption {
  const own = spec.shareProcessNamespace ? 'POD' : 'CONTAINER';
  const pid = spec.hostPID ? 'NODE' : own;
  const others = {
    network: spec.hostNetwork ? 'NODE' : 'POD',
    ipc: spec.hostIPC ? 'NODE' : 'POD',
  } as const;
  if (targetId !== undefined && pid === 'CONTAINER') return { ...others, pid: 'TARGET', targetId };
  return { ...others, pid };
}

function seccompOf(type: string | undefined): SecurityProfile {
  return { profileType: type === 'RuntimeDefault' ? 'RuntimeDefault' : 'Unconfined' };
}

function dnsConfigOf(
  context: KubeletContext,
  pod: Pod,
): NonNullable<PodSandboxConfig['dnsConfig']> | undefined {
  const { spec, metadata } = pod;
  const { clusterDns, clusterDomain } = context.settings;
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const given = spec.dnsConfig ?? {};
  const options = (given.options ?? []).map(({ name = '', value }) =>
    value ? `${name}:${value}` : name,
  );
  const servers = [...(given.nameservers ?? [])];
  const searches = [...(given.searches ?? [])];
  if (policy === 'None') return { servers, searches, options };
  if (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork)) {
    const own = [
      `${metadata.namespace}.svc.${clusterDomain}`,
      `svc.${clusterDomain}`,
      clusterDomain,
    ];
    const ndots = options.some((option) => option.startsWith('ndots:')) ? [] : ['ndots:5'];
    return {
      servers: [...clusterDns, ...servers],
      searches: [...own, ...searches],
      options: [...ndots, ...options],
    };
  }
  return servers.length + searches.length + options.length > 0
    ? { servers, searches, options }
    : undefined;
}

/** The host name that a pod's processes see. */
export function hostnameOf(pod: Pod): string {
  return (pod.spec.hostname ?? pod.metadata.name ?? '').slice(0, 63).replace(/[-.]+$/, '');
}

/** The configuration of a pod's sandbox. */
export function sandboxConfig(
  context: KubeletContext,
  pod: Pod,
  attempt: number,
): PodSandboxConfig {
  const { metadata, spec } = pod;
  const dnsConfig = dnsConfigOf(context, pod);
  const security = spec.securityContext ?? {};
  const ports = spec.hostNetwork
    ? []
    : spec.containers.flatMap((container) => container.ports ?? []);
  const sysctls = Object.fromEntries(
    (security.sysctls ?? []).map(({ name, value }) => [name, value]),
  );
  return {
    metadata: {
      name: metadata.name ?? '',
      namespace: metadata.namespace ?? '',
      uid: metadata.uid ?? '',
      attempt,
    },
    ...(spec.hostNetwork ? {} : { hostname: hostnameOf(pod) }),
    logDirectory: logDirectory(pod),
    ...(dnsConfig ? { dnsConfig } : {}),
    portMappings: ports.map(({ containerPort, hostPort = 0, protocol = 'TCP', hostIP = '' }) => ({
      containerPort,
      hostPort,
      protocol: protocol as 'TCP' | 'UDP',
      hostIp: hostIP,
    })),
    labels: podLabels(pod),
    annotations: metadata.annotations ?? {},
    linux: {
      cgroupParent: podCgroup(pod),
      ...(Object.keys(sysctls).length > 0 ? { sysctls } : {}),
      securityContext: {
        namespaceOptions: namespaceOptions(spec),
        ...(security.runAsUser === undefined ? {} : { runAsUser: { value: security.runAsUser } }),
        ...(security.runAsGroup === undefined
          ? {}
          : { runAsGroup: { value: security.runAsGroup } }),
        supplementalGroups: groupsOf(pod),
        seccomp: seccompOf('RuntimeDefault'),
      },
    },
  };
}

function groupsOf(pod: Pod): number[] {
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  return [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
}

function securityOf(
  pod: Pod,
  container: Container,
  targetId: string | undefined,
): LinuxContainerSecurityContext {
  const own = container.securityContext ?? {};
  const ofPod = pod.spec.securityContext ?? {};
  const user = own.runAsUser ?? ofPod.runAsUser;
  const group = own.runAsGroup ?? ofPod.runAsGroup;
  const privileged = own.privileged ?? false;
  const unmasked = own.procMount === 'Unmasked' ? { maskedPaths: [], readonlyPaths: [] } : {};
  return {
    capabilities: {
      addCapabilities: own.capabilities?.add ?? [],
      dropCapabilities: own.capabilities?.drop ?? [],
    },
    privileged,
    namespaceOptions: namespaceOptions(pod.spec, targetId),
    ...(user === undefined ? {} : { runAsUser: { value: user } }),
    ...(group === undefined ? {} : { runAsGroup: { value: group } }),
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    supplementalGroups: groupsOf(pod),
    noNewPrivs: own.allowPrivilegeEscalation === false,
    seccomp: seccompOf((own.seccompProfile ?? ofPod.seccompProfile)?.type),
    ...unmasked,
  };
}

/** The first variable that an expression names and that is not there. */
function missingIn(text: string, env: ReadonlyMap<string, string>): string | undefined {
  const names = text.replaceAll('$$', '').matchAll(/\$\(([^)]*)\)/g);
  return [...names].map(([, name = '']) => name).find((name) => !env.has(name));
}

/** /etc/hosts as the kubelet manages it for a pod. */
function hostsText(context: KubeletContext, pod: Pod, ip: string, nodeHosts: string): string {
  const aliases = (pod.spec.hostAliases ?? []).map(
    ({ ip: address, hostnames = [] }) => `${address}\t${hostnames.join('\t')}\n`,
  );
  const tail = aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : '';
  if (pod.spec.hostNetwork)
    return `# Kubernetes-managed hosts file (host network).\n${nodeHosts}${tail}`;
  const { subdomain } = pod.spec;
  const name = hostnameOf(pod);
  const full = subdomain
    ? `${name}.${subdomain}.${pod.metadata.namespace}.svc.${context.settings.clusterDomain}\t${name}`
    : name;
  return (
    [
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      `${ip}\t${full}`,
      '',
    ].join('\n') + tail
  );
}

/** What a container is started with. */
export interface StartRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly ip: string;
  readonly volumes: MountedVolumes;
  /** The id of the image that was found for it. */
  readonly imageRef: string;
  /** /etc/hosts of the node. */
  readonly nodeHosts: string;
  /** Of an ephemeral container: whose processes it shares. */
  readonly targetId?: string | undefined;
}

function mountsOf(
  context: KubeletContext,
  request: StartRequest,
  env: ReadonlyMap<string, string>,
): readonly CriMount[] | string {
  const { pod, container, attempt, volumes, ip, nodeHosts } = request;
  const { process: p } = context;
  const mounts: CriMount[] = [];
  for (const {
    name,
    mountPath,
    readOnly,
    subPath,
    subPathExpr,
    mountPropagation,
  } of container.volumeMounts ?? []) {
    const source = volumes.get(name);
    if (source === undefined)
      return `cannot find volume "${name}" to mount into container "${container.name}"`;
    const missing = subPathExpr && missingIn(subPathExpr, env);
    if (missing) return `missing value for ${missing}`;
    const below = subPathExpr ? expand(subPathExpr, env) : subPath;
    const hostPath = below ? `${source}/${below}` : source;
    if (below && !p.exists(hostPath)) makeDirectories(p, hostPath, 0o777);
    const declared = pod.spec.volumes?.find((volume) => volume.name === name);
    const generated =
      declared?.configMap || declared?.secret || declared?.projected || declared?.downwardAPI;
    const propagation =
      mountPropagation === 'Bidirectional'
        ? 'PROPAGATION_BIDIRECTIONAL'
        : mountPropagation === 'HostToContainer'
          ? 'PROPAGATION_HOST_TO_CONTAINER'
          : 'PROPAGATION_PRIVATE';
    const claim = declared?.persistentVolumeClaim?.readOnly ?? false;
    mounts.push({
      containerPath: mountPath,
      hostPath,
      readonly: (readOnly ?? false) || claim || Boolean(generated),
      propagation,
    });
  }
  const directory = podDirectory(pod);
  if (!mounts.some(({ containerPath }) => containerPath === '/etc/hosts')) {
    writeWholeFile(p, `${directory}/etc-hosts`, encode(hostsText(context, pod, ip, nodeHosts)));
    mounts.push({ containerPath: '/etc/hosts', hostPath: `${directory}/etc-hosts` });
  }
  const own = `${directory}/containers/${container.name}`;
  makeDirectories(p, own);
  const log = `${own}/${context.simulation.random.fork(`termination ${pod.metadata.uid} ${container.name} ${attempt}`).hex(8)}`;
  writeWholeFile(p, log, new Uint8Array(0), 0o666);
  p.chmod(log, 0o666);
  mounts.push({
    containerPath: container.terminationMessagePath ?? '/dev/termination-log',
    hostPath: log,
  });
  return mounts;
}

/** The configuration of a container; a text says what is missing (CreateContainerConfigError). */
export function* containerConfig(
  context: KubeletContext,
  request: StartRequest,
): Routine<ContainerConfig | string> {
  const { pod, container, attempt, ip, imageRef } = request;
  const env = yield* environmentOf(context, pod, container, ip);
  if (typeof env === 'string') return env;
  const mounts = mountsOf(context, request, env);
  if (typeof mounts === 'string') return mounts;
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const resources: LinuxContainerResources = containerResources(
    context,
    container,
    qosClass(pod.spec),
  );
  const words = (list: readonly string[] | undefined): string[] =>
    (list ?? []).map((word) => expand(word, env));
  return {
    metadata: { name: container.name, attempt },
    image: { image: imageRef, userSpecifiedImage: container.image ?? '' },
    command: words(container.command),
    args: words(container.args),
    workingDir: container.workingDir ?? '',
    envs: [...env].map(([key, value]) => ({ key, value })),
    mounts,
    labels: {
      [LABELS.container]: container.name,
      [LABELS.pod]: name,
      [LABELS.namespace]: namespace,
      [LABELS.uid]: uid,
    },
    annotations: {
      'io.kubernetes.container.hash': hashOf(container),
      'io.kubernetes.container.restartCount': String(attempt),
      'io.kubernetes.container.terminationMessagePath':
        container.terminationMessagePath ?? '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy':
        container.terminationMessagePolicy ?? 'File',
      'io.kubernetes.pod.terminationGracePeriod': String(
        pod.spec.terminationGracePeriodSeconds ?? 30,
      ),
    },
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(container.lifecycle?.stopSignal ? { stopSignal: container.lifecycle.stopSignal } : {}),
    linux: { resources, securityContext: securityOf(pod, container, request.targetId) },
  };
}
