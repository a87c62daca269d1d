// The defaults of pods and pod templates. Objects that have them already are returned as they are, and what was
// made for one template is kept, so that all pods of a template share their parts.

import { roundUpToMilli } from '../fields/quantity.ts';
import { fillIn, mapShared, replaceField } from '../object.ts';
import type {
  Container,
  ContainerPort,
  EnvVar,
  EphemeralContainer,
  HTTPGetAction,
  Lifecycle,
  Probe,
  ResourceRequirements,
} from '../types/container.ts';
import type { PodSpec, PodTemplateSpec } from '../types/pod.ts';
import type { Volume } from '../types/volume.ts';

/** The tag of an image reference; `latest` where there is neither tag nor digest. */
export function imageTag(image: string): string {
  if (image.includes('@')) return '';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0 ? 'latest' : last.slice(colon + 1);
}

function portDefaults(port: ContainerPort): ContainerPort {
  return fillIn(port, { protocol: 'TCP' });
}

function httpDefaults(action: HTTPGetAction): HTTPGetAction {
  return fillIn(action, { path: '/', scheme: 'HTTP' });
}

function probeDefaults(probe: Probe): Probe {
  const filled = fillIn(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  if (filled.grpc) {
    return replaceField(filled, 'grpc', fillIn(filled.grpc, { service: '' }));
  }
  return filled.httpGet ? replaceField(filled, 'httpGet', httpDefaults(filled.httpGet)) : filled;
}

function lifecycleDefaults(lifecycle: Lifecycle): Lifecycle {
  let filled = lifecycle;
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = filled[hook];
    if (!handler?.httpGet) continue;
    filled = { ...filled, [hook]: { ...handler, httpGet: httpDefaults(handler.httpGet) } };
  }
  return filled;
}

function envDefaults(variable: EnvVar): EnvVar {
  const field = variable.valueFrom?.fieldRef;
  if (!field || field.apiVersion !== undefined) return variable;
  return {
    ...variable,
    valueFrom: { ...variable.valueFrom, fieldRef: { ...field, apiVersion: 'v1' } },
  };
}

type ResourceList = Readonly<Record<string, string>>;

function roundList(list: ResourceList | undefined): ResourceList | undefined {
  if (!list) return list;
  let rounded: Record<string, string> | undefined;
  for (const name in list) {
    const text = list[name] ?? '';
    const up = roundUpToMilli(text);
    if (up === text) continue;
    rounded ??= { ...list };
    rounded[name] = up;
  }
  return rounded ?? list;
}

function resourceDefaults(resources: ResourceRequirements): ResourceRequirements {
  let filled = resources;
  const limits = roundList(resources.limits);
  if (limits) filled = replaceField(filled, 'limits', limits);
  const requests = roundList(resources.requests);
  return requests ? replaceField(filled, 'requests', requests) : filled;
}

function containerDefaults<T extends Container | EphemeralContainer>(container: T): T {
  const image = container.image ?? '';
  let filled: Container = fillIn<Container>(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent',
  });
  if (filled.ports) filled = replaceField(filled, 'ports', mapShared(filled.ports, portDefaults));
  if (filled.env) filled = replaceField(filled, 'env', mapShared(filled.env, envDefaults));
  if (filled.resources) {
    filled = replaceField(filled, 'resources', resourceDefaults(filled.resources));
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = filled[name];
    if (probe) filled = replaceField(filled, name, probeDefaults(probe));
  }
  if (filled.lifecycle) {
    filled = replaceField(filled, 'lifecycle', lifecycleDefaults(filled.lifecycle));
  }
  return filled as T;
}

const DEFAULT_MODE = 420;

function volumeDefaults(volume: Volume): Volume {
  if (volume.secret) {
    return replaceField(volume, 'secret', fillIn(volume.secret, { defaultMode: DEFAULT_MODE }));
  }
  if (volume.configMap) {
    const filled = fillIn(volume.configMap, { defaultMode: DEFAULT_MODE });
    return replaceField(volume, 'configMap', filled);
  }
  if (volume.downwardAPI) {
    const filled = fillIn(volume.downwardAPI, { defaultMode: DEFAULT_MODE });
    const items = filled.items && mapShared(filled.items, fieldReferenceDefaults);
    return replaceField(
      volume,
      'downwardAPI',
      items ? replaceField(filled, 'items', items) : filled,
    );
  }
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (volume.ephemeral && template) {
    const spec = fillIn(template.spec, { volumeMode: 'Filesystem' });
    const filled = replaceField(template, 'spec', spec);
    return replaceField(
      volume,
      'ephemeral',
      replaceField(volume.ephemeral, 'volumeClaimTemplate', filled),
    );
  }
  if (volume.projected) {
    const filled = fillIn(volume.projected, { defaultMode: DEFAULT_MODE });
    const sources = filled.sources && mapShared(filled.sources, sourceDefaults);
    return replaceField(
      volume,
      'projected',
      sources ? replaceField(filled, 'sources', sources) : filled,
    );
  }
  if (volume.hostPath) {
    return replaceField(volume, 'hostPath', fillIn(volume.hostPath, { type: '' }));
  }
  return Object.keys(volume).length === 1 ? { ...volume, emptyDir: {} } : volume;
}

interface WithFieldReference {
  readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string };
}

function fieldReferenceDefaults<T extends WithFieldReference>(item: T): T {
  if (!item.fieldRef || item.fieldRef.apiVersion !== undefined) return item;
  return { ...item, fieldRef: { ...item.fieldRef, apiVersion: 'v1' } };
}

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

function sourceDefaults(source: Projection): Projection {
  if (source.serviceAccountToken) {
    const filled = fillIn(source.serviceAccountToken, { expirationSeconds: 3600 });
    return replaceField(source, 'serviceAccountToken', filled);
  }
  const items = source.downwardAPI?.items;
  if (!items) return source;
  const filled = mapShared(items, fieldReferenceDefaults);
  return filled === items ? source : { ...source, downwardAPI: { items: filled } };
}

/** With host networking a container's ports are the host's. */
function hostPorts(container: Container): Container {
  if (!container.ports) return container;
  const ports = mapShared(container.ports, (port) =>
    (port.hostPort ?? 0) === 0 ? { ...port, hostPort: port.containerPort } : port,
  );
  return replaceField(container, 'ports', ports);
}

const templateSpecs = new WeakMap<PodSpec, PodSpec>();

/** The defaults that pods and templates share. */
export function podSpecDefaults(spec: PodSpec): PodSpec {
  const known = templateSpecs.get(spec);
  if (known) return known;
  const made = makePodSpec(spec);
  templateSpecs.set(spec, made);
  templateSpecs.set(made, made);
  return made;
}

function makePodSpec(spec: PodSpec): PodSpec {
  let filled = fillIn(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  if ((filled.terminationGracePeriodSeconds ?? 0) < 0) {
    filled = replaceField(filled, 'terminationGracePeriodSeconds', 1);
  }
  const account = filled.serviceAccountName ?? filled.serviceAccount;
  if (account !== undefined) {
    filled = fillIn(filled, { serviceAccountName: account, serviceAccount: account });
  }
  if (filled.volumes) {
    filled = replaceField(filled, 'volumes', mapShared(filled.volumes, volumeDefaults));
  }
  const complete = filled.hostNetwork
    ? (container: Container): Container => hostPorts(containerDefaults(container))
    : containerDefaults<Container>;
  filled = replaceField(filled, 'containers', mapShared(filled.containers ?? [], complete));
  if (filled.initContainers) {
    filled = replaceField(filled, 'initContainers', mapShared(filled.initContainers, complete));
  }
  if (filled.ephemeralContainers) {
    const ephemeral = mapShared(filled.ephemeralContainers, containerDefaults<EphemeralContainer>);
    filled = replaceField(filled, 'ephemeralContainers', ephemeral);
  }
  if (filled.overhead) {
    filled = replaceField(filled, 'overhead', roundList(filled.overhead) ?? {});
  }
  return filled;
}

/** The defaults of a template inside a workload. */
export function templateDefaults<T extends PodTemplateSpec | undefined>(template: T): T {
  if (!template) return template;
  return replaceField(template as PodTemplateSpec, 'spec', podSpecDefaults(template.spec)) as T;
}

const podSpecs = new WeakMap<PodSpec, PodSpec>();

/** The defaults of a pod proper: a template's, and requests where only limits are given. */
export function standalonePodSpec(spec: PodSpec): PodSpec {
  const known = podSpecs.get(spec);
  if (known) return known;
  let filled = fillIn(podSpecDefaults(spec), { enableServiceLinks: true });
  filled = replaceField(filled, 'containers', mapShared(filled.containers, requestsFromLimits));
  if (filled.initContainers) {
    const init = mapShared(filled.initContainers, requestsFromLimits);
    filled = replaceField(filled, 'initContainers', init);
  }
  podSpecs.set(spec, filled);
  podSpecs.set(filled, filled);
  return filled;
}

function requestsFromLimits(container: Container): Container {
  const limits = container.resources?.limits;
  if (!limits) return container;
  const requests = fillIn<ResourceList>(container.resources?.requests ?? {}, limits);
  if (requests === container.resources?.requests) return container;
  return { ...container, resources: { ...container.resources, requests } };
}
