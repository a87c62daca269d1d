// kubectl describe pod, and the pod templates within other kinds.

import { nanoOf } from '../../api/fields/quantity.ts';
import { selectorText } from '../../api/selectors.ts';
import type { Container, EnvVar, Probe } from '../../api/types/container.ts';
import type { ContainerStatus, Pod, PodSpec } from '../../api/types/pod.ts';
import type { Volume } from '../../api/types/volume.ts';
import type { KubeObject } from '../rest.ts';
import { probeText } from './probe.ts';
import { volumeLines } from './volumes.ts';
import { annotationsLine, type Lines, longTime, pairsLine } from './writer.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The lines of a pod. */
export function describePod(out: Lines, object: KubeObject): void {
  const pod = object as unknown as Pod;
  const { metadata, spec } = pod;
  const status = pod.status ?? {};
  out.put(0, `Name:\t${metadata.name ?? ''}`);
  out.put(0, `Namespace:\t${metadata.namespace ?? ''}`);
  if (spec.priority !== undefined) out.put(0, `Priority:\t${spec.priority}`);
  if (spec.priorityClassName) out.put(0, `Priority Class Name:\t${spec.priorityClassName}`);
  if (spec.runtimeClassName) out.put(0, `Runtime Class Name:\t${spec.runtimeClassName}`);
  out.put(0, `Service Account:\t${spec.serviceAccountName ?? ''}`);
  out.put(0, spec.nodeName ? `Node:\t${spec.nodeName}/${status.hostIP ?? ''}` : 'Node:\t<none>');
  if (status.startTime) out.put(0, `Start Time:\t${longTime(status.startTime)}`);
  pairsLine(out, 0, 'Labels', metadata.labels);
  annotationsLine(out, metadata.annotations);
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    out.put(0, `Status:\tTerminating (lasts ${'<invalid>'})`);
    out.put(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else out.put(0, `Status:\t${status.phase ?? ''}`);
  if (status.reason) out.put(0, `Reason:\t${status.reason}`);
  if (status.message) out.put(0, `Message:\t${status.message}`);
  if (spec.securityContext?.seccompProfile)
    out.put(0, `SeccompProfile:\t${spec.securityContext.seccompProfile.type}`);
  out.put(0, `IP:\t${status.podIP ?? ''}`);
  const ips = status.podIPs ?? [];
  if (ips.length === 0) out.put(0, 'IPs:\t<none>');
  else {
    out.put(0, 'IPs:\t');
    for (const { ip } of ips) out.put(1, `IP:\t${ip ?? ''}`);
  }
  const owner = metadata.ownerReferences?.find((one) => one.controller);
  if (owner) out.put(0, `Controlled By:\t${owner.kind}/${owner.name}`);
  if (status.nominatedNodeName) out.put(0, `NominatedNodeName:\t${status.nominatedNodeName}`);
  if (spec.initContainers?.length)
    containerLines(
      out,
      'Init Containers',
      spec.initContainers,
      status.initContainerStatuses ?? [],
      0,
    );
  containerLines(out, 'Containers', spec.containers, status.containerStatuses ?? [], 0);
  if (spec.ephemeralContainers?.length) {
    containerLines(
      out,
      'Ephemeral Containers',
      spec.ephemeralContainers as unknown as readonly Container[],
      status.ephemeralContainerStatuses ?? [],
      0,
    );
  }
  if (spec.readinessGates?.length) {
    out.put(0, 'Readiness Gates:\n  Type\tStatus');
    for (const { conditionType } of spec.readinessGates) {
      const found = status.conditions?.find((one) => one.type === conditionType);
      out.put(1, `${conditionType} \t${found?.status ?? '<none>'} `);
    }
  }
  if (status.conditions?.length) {
    out.raw('Conditions:\n  Type\tStatus\n');
    for (const { type, status: state } of status.conditions) out.put(1, `${type} \t${state} `);
  }
  volumeLines(out, (spec.volumes ?? []) as readonly Volume[], '');
  out.put(0, `QoS Class:\t${status.qosClass ?? ''}`);
  pairsLine(out, 0, 'Node-Selectors', spec.nodeSelector);
  tolerationLines(out, spec, '');
  spreadLines(out, spec, '');
}

/** `Topology Spread Constraints:  KEY:ACTION when max skew N is exceeded for selector …`. */
function spreadLines(out: Lines, spec: PodSpec, indent: string): void {
  const constraints = [...(spec.topologySpreadConstraints ?? [])].sort((a, b) =>
    a.topologyKey < b.topologyKey ? -1 : 1,
  );
  for (const [i, one] of constraints.entries()) {
    const { topologyKey, whenUnsatisfiable, maxSkew, labelSelector } = one;
    const label = i === 0 ? `${indent}Topology Spread Constraints:` : indent;
    const selects = labelSelector && ` for selector ${selectorText(labelSelector) || '<none>'}`;
    out.put(
      0,
      `${label}\t${topologyKey}:${whenUnsatisfiable} when max skew ${maxSkew} is exceeded${selects ?? ''}`,
    );
  }
}

/** `Tolerations:  key=value:effect op=… for …`. */
export function tolerationLines(out: Lines, spec: PodSpec, indent: string): void {
  const list = [...(spec.tolerations ?? [])].sort((a, b) =>
    (a.key ?? '') < (b.key ?? '') ? -1 : 1,
  );
  if (list.length === 0) {
    out.raw(`${indent}Tolerations:\t<none>\n`);
    return;
  }
  for (const [i, toleration] of list.entries()) {
    let text = toleration.key ?? '';
    if (toleration.value) text += `=${toleration.value}`;
    if (toleration.effect) text += `:${toleration.effect}`;
    if (toleration.operator === 'Exists' && !toleration.value) {
      text += (toleration.key ?? '') !== '' || toleration.effect ? ' op=Exists' : 'op=Exists';
    }
    if (toleration.tolerationSeconds !== undefined) text += ` for ${toleration.tolerationSeconds}s`;
    out.raw(`${i === 0 ? `${indent}Tolerations:` : indent}\t${text}\n`);
  }
}

/** The containers of a pod (`space` 0) or of a template, whose names stand one column further in. */
export function containerLines(
  out: Lines,
  title: string,
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  level: number,
  template = false,
): void {
  const lead = '  '.repeat(level);
  out.raw(`${lead}${title}:\n`);
  const nameLead = template ? `${lead} ` : `${lead}  `;
  const fieldLead = `${lead}${template ? '  ' : '    '}`;
  for (const container of containers) {
    out.raw(`${nameLead}${container.name}:\n`);
    const put = (line: string): void => out.raw(`${template ? `${lead}  ` : fieldLead}${line}\n`);
    const status = statuses.find((one) => one.name === container.name);
    basics(put, container, status);
    words(put, 'Command', container.command);
    words(put, 'Args', container.args);
    if (status) statusLines(put, status);
    resourceLines(put, container);
    if (container.livenessProbe) put(`Liveness:\t${probeText(container.livenessProbe as Probe)}`);
    if (container.readinessProbe)
      put(`Readiness:\t${probeText(container.readinessProbe as Probe)}`);
    if (container.startupProbe) put(`Startup:\t${probeText(container.startupProbe as Probe)}`);
    environmentLines(put, container);
    mountLines(put, container);
  }
}

type Put = (line: string) => void;

function basics(put: Put, container: Container, status: ContainerStatus | undefined): void {
  if (status) put(`Container ID:\t${status.containerID ?? ''}`);
  put(`Image:\t${container.image ?? ''}`);
  if (status) put(`Image ID:\t${status.imageID ?? ''}`);
  const ports = container.ports ?? [];
  const own = ports
    .map(
      (port) =>
        `${port.containerPort}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`,
    )
    .join(', ');
  const host = ports
    .map(
      (port) =>
        `${port.hostPort ?? 0}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`,
    )
    .join(', ');
  put(`${own.includes(',') ? 'Ports' : 'Port'}:\t${own || '<none>'}`);
  put(`${host.includes(',') ? 'Host Ports' : 'Host Port'}:\t${host || '<none>'}`);
}

function words(put: Put, title: string, list: readonly string[] | undefined): void {
  if (!list?.length) return;
  put(`${title}:`);
  for (const word of list) for (const line of word.split('\n')) put(`  ${line}`);
}

function statusLines(put: Put, status: ContainerStatus): void {
  stateLines(put, 'State', status.state as Fields | undefined);
  const last = status.lastState as Fields | undefined;
  if (last?.terminated) stateLines(put, 'Last State', last);
  put(`Ready:\t${status.ready ? 'True' : 'False'}`);
  put(`Restart Count:\t${status.restartCount}`);
}

function stateLines(put: Put, title: string, state: Fields | undefined): void {
  const running = state?.running as Fields | undefined;
  const terminated = state?.terminated as Fields | undefined;
  const waiting = state?.waiting as Fields | undefined;
  if (running) {
    put(`${title}:\tRunning`);
    put(`  Started:\t${longTime(running.startedAt)}`);
  } else if (terminated) {
    put(`${title}:\tTerminated`);
    if (terminated.reason) put(`  Reason:\t${String(terminated.reason)}`);
    if (terminated.message) put(`  Message:\t${String(terminated.message)}`);
    put(`  Exit Code:\t${String(terminated.exitCode ?? 0)}`);
    if (terminated.signal) put(`  Signal:\t${String(terminated.signal)}`);
    put(`  Started:\t${longTime(terminated.startedAt)}`);
    put(`  Finished:\t${longTime(terminated.finishedAt)}`);
  } else {
    put(`${title}:\tWaiting`);
    if (waiting?.reason) put(`  Reason:\t${String(waiting.reason)}`);
  }
}

function resourceLines(put: Put, { resources }: Container): void {
  for (const [title, list] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const keys = Object.keys(list ?? {}).sort();
    if (keys.length > 0) put(`${title}:`);
    for (const key of keys) put(`  ${key}:\t${String((list as Fields)[key])}`);
  }
}

function environmentLines(put: Put, container: Container): void {
  for (const source of (container.envFrom ?? []) as readonly {
    prefix?: string;
    configMapRef?: { name: string; optional?: boolean };
    secretRef?: { name: string; optional?: boolean };
  }[]) {
    if (source === container.envFrom?.[0]) put('Environment Variables from:');
    const [from, ref] = source.configMapRef
      ? (['ConfigMap', source.configMapRef] as const)
      : (['Secret', source.secretRef] as const);
    const prefix = source.prefix ? ` with prefix '${source.prefix}'` : '';
    put(`  ${ref?.name ?? ''}\t${from}${prefix}\tOptional: ${ref?.optional ?? false}`);
  }
  if (!container.env?.length) {
    put('Environment:\t<none>');
    return;
  }
  put('Environment:');
  for (const one of container.env) put(`  ${one.name}:\t${environmentValue(one, container)}`);
}

function environmentValue({ value, valueFrom }: EnvVar, container: Container): string {
  if (!valueFrom) return (value ?? '').split('\n').join('\n      \t');
  const from = valueFrom as Readonly<
    Record<
      string,
      | {
          key?: string;
          name?: string;
          optional?: boolean;
          fieldPath?: string;
          apiVersion?: string;
          resource?: string;
          containerName?: string;
          divisor?: string;
        }
      | undefined
    >
  >;
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = from;
  if (fieldRef) return ` (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath ?? ''})`;
  if (configMapKeyRef)
    return `<set to the key '${configMapKeyRef.key ?? ''}' of config map '${configMapKeyRef.name ?? ''}'>\tOptional: ${configMapKeyRef.optional ?? false}`;
  if (secretKeyRef)
    return `<set to the key '${secretKeyRef.key ?? ''}' in secret '${secretKeyRef.name ?? ''}'>\tOptional: ${secretKeyRef.optional ?? false}`;
  if (resourceFieldRef)
    return `${resourceValue(container, resourceFieldRef.resource ?? '', resourceFieldRef.divisor)} (${resourceFieldRef.resource ?? ''})`;
  return '';
}

/** What a resourceFieldRef comes to in units of its divisor; a limit that is not set is the node's. */
function resourceValue({ resources }: Container, name: string, divisor = '0'): string {
  const [list = '', ...rest] = name.split('.');
  const { [list]: amounts } = (resources ?? {}) as Readonly<Record<string, Fields | undefined>>;
  const unit = nanoOf(divisor) === 0n ? 1_000_000_000n : nanoOf(divisor);
  const value = (nanoOf(String(amounts?.[rest.join('.')] ?? '0')) + unit - 1n) / unit;
  const ofNode = value === 0n && (name === 'limits.cpu' || name === 'limits.memory');
  return ofNode ? 'node allocatable' : String(value);
}

function mountLines(put: Put, container: Container): void {
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) =>
    a.mountPath < b.mountPath ? -1 : 1,
  );
  if (mounts.length === 0) {
    put('Mounts:\t<none>');
    return;
  }
  put('Mounts:');
  for (const { mountPath, name, readOnly, subPath } of mounts) {
    const flags = [readOnly ? 'ro' : 'rw', ...(subPath ? [`path="${subPath}"`] : [])];
    put(`  ${mountPath} from ${name} (${flags.join(',')})`);
  }
}

/** A pod template: its labels, containers, volumes, selectors and tolerations. */
export function templateLines(
  out: Lines,
  template: {
    metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
    spec: PodSpec;
  },
): void {
  const { metadata = {}, spec } = template;
  out.put(0, 'Pod Template:');
  pairsLine(out, 1, 'Labels', metadata.labels);
  if (metadata.annotations && Object.keys(metadata.annotations).length > 0) {
    for (const [i, key] of Object.keys(metadata.annotations).sort().entries()) {
      out.put(1, `${i === 0 ? 'Annotations:' : ''}\t${key}: ${metadata.annotations[key] ?? ''}`);
    }
  }
  if (spec.serviceAccountName) out.put(1, `Service Account:\t${spec.serviceAccountName}`);
  if (spec.initContainers?.length)
    containerLines(out, 'Init Containers', spec.initContainers, [], 1, true);
  containerLines(out, 'Containers', spec.containers, [], 1, true);
  volumeLines(out, (spec.volumes ?? []) as readonly Volume[], '  ');
  spreadLines(out, spec, '  ');
  if (spec.priorityClassName) out.put(1, `Priority Class Name:\t${spec.priorityClassName}`);
  pairsLine(out, 1, 'Node-Selectors', spec.nodeSelector);
  tolerationLines(out, spec, '  ');
}
