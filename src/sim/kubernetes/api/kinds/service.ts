// Service.

import { objectAge } from '../handlers/table.ts';
import { fillIn, type KubeObject, mapShared, replaceField } from '../object.ts';
import { labelsCell } from '../tables/workloads.ts';
import type { Service, ServiceSpec } from '../types/service.ts';
import { dnsLabel } from '../validation/names.ts';
import { serviceWarnings, validateService, validateServiceUpdate } from '../validation/service.ts';
import type { KindDescriptor } from './descriptor.ts';

const asService = (object: KubeObject): Service => object as unknown as Service;
const specOf = (object: KubeObject): ServiceSpec => asService(object).spec;

function defaults(object: KubeObject): KubeObject {
  let spec = fillIn(specOf(object), { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig) {
    const { sessionAffinityConfig: _, ...rest } = spec;
    spec = rest;
  }
  if (
    spec.sessionAffinity === 'ClientIP' &&
    !spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
  ) {
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
    spec = { ...spec, sessionAffinityConfig };
  }
  if (spec.ports) {
    const ports = mapShared(spec.ports, (port) => {
      const target = port.targetPort;
      const filled = fillIn(port, { protocol: 'TCP' });
      return target === undefined || target === 0 || target === ''
        ? { ...filled, targetPort: port.port }
        : filled;
    });
    spec = replaceField(spec, 'ports', ports);
  }
  if (spec.type !== 'ExternalName') spec = fillIn(spec, { internalTrafficPolicy: 'Cluster' });
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    spec = fillIn(spec, { externalTrafficPolicy: 'Cluster' });
  }
  if (spec.type === 'LoadBalancer') spec = fillIn(spec, { allocateLoadBalancerNodePorts: true });
  return replaceField(object, 'spec', spec);
}

/** What a change leaves unsaid stays; what belongs to another type goes. */
function carryOver(object: KubeObject, old: KubeObject): KubeObject {
  const before = specOf(old);
  let spec = specOf(object);
  if (spec.type === 'ExternalName') {
    const { internalTrafficPolicy: _, externalTrafficPolicy: __, ...rest } = spec;
    const same = before.type !== 'ExternalName' && spec.clusterIP === before.clusterIP;
    const { clusterIP: ___, clusterIPs: ____, ...unaddressed } = rest;
    spec = same ? unaddressed : rest;
  } else if (before.type !== 'ExternalName') {
    const [kept] = before.clusterIPs ?? [];
    const named = spec.clusterIP ?? '';
    const changed = named !== '' && named !== before.clusterIP;
    if (changed && spec.clusterIPs?.[0] === kept) spec = { ...spec, clusterIPs: [named] };
    else if (kept !== undefined) spec = { clusterIP: kept, clusterIPs: [kept], ...spec };
  }
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (!external) {
    const { externalTrafficPolicy: _, allocateLoadBalancerNodePorts: __, ...rest } = spec;
    const inherited = new Set((before.ports ?? []).map(({ nodePort }) => nodePort));
    const was = before.type === 'NodePort' || before.type === 'LoadBalancer';
    const ports = rest.ports?.map((port) => {
      if (!was || !port.nodePort || !inherited.has(port.nodePort)) return port;
      const { nodePort: ___, ...plain } = port;
      return plain;
    });
    spec = ports ? { ...rest, ports } : rest;
  }
  return spec === specOf(object) ? object : { ...object, spec };
}

function externalAddress(service: Service): string {
  const { type, externalIPs = [], externalName } = service.spec;
  if (type === 'ExternalName') return externalName ?? '';
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const given = ingress.map(({ ip, hostname }) => ip ?? hostname ?? '');
  if (type !== 'LoadBalancer') return externalIPs.join(',') || '<none>';
  return [...given, ...externalIPs].join(',') || '<pending>';
}

function portsCell(spec: ServiceSpec): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.join(',') || '<none>';
}

export const service: KindDescriptor = {
  kind: 'Service',
  group: '',
  version: 'v1',
  plural: 'services',
  singular: 'service',
  namespaced: true,
  shortNames: ['svc'],
  categories: ['all'],
  type: 'core/v1.Service',
  storage: 'services/specs',
  hasStatus: true,
  nameRule: dnsLabel,
  warnings: (object) => serviceWarnings(specOf(object)),
  subresources: [
    {
      name: 'proxy',
      kind: 'ServiceProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
  ],
  defaults,
  prepareForCreate: (object) => ({ ...object, status: { loadBalancer: {} } }),
  prepareForUpdate: carryOver,
  validate: (object) => validateService(asService(object)),
  validateUpdate: (object, old) => validateServiceUpdate(asService(object), asService(old)),
  selectableFields: {
    'spec.clusterIP': (object) => specOf(object).clusterIP ?? '',
    'spec.type': (object) => specOf(object).type ?? '',
  },
  table: {
    columns: [
      { name: 'Name', format: 'name' },
      { name: 'Type' },
      { name: 'Cluster-IP' },
      { name: 'External-IP' },
      { name: 'Port(s)' },
      { name: 'Age' },
      { name: 'Selector', priority: 1 },
    ],
    cells: (object, now) => {
      const spec = specOf(object);
      return [
        object.metadata.name ?? '',
        spec.type ?? '',
        spec.clusterIPs?.[0] ?? spec.clusterIP ?? '<none>',
        externalAddress(asService(object)),
        portsCell(spec),
        objectAge(object, now),
        labelsCell(spec.selector),
      ];
    },
  },
};
