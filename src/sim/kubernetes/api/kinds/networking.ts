// networking.k8s.io and discovery.k8s.io: Ingress, IngressClass, NetworkPolicy, IPAddress, ServiceCIDR, EndpointSlice.

import { fillIn, type KubeObject, mapShared, replaceField } from '../object.ts';
import { selectorText } from '../selectors.ts';
import { listCell, table } from '../tables/columns.ts';
import { endpointSliceTable } from '../tables/core.ts';
import type { Ingress, NetworkPolicy } from '../types/service.ts';
import { isIpAddress } from '../validation/addresses.ts';
import { validateEndpointSlice } from '../validation/endpoints.ts';
import { fieldErrors } from '../validation/errors.ts';
import {
  validateIngress,
  validateIngressClass,
  validateNetworkPolicy,
} from '../validation/networking.ts';
import { immutable } from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const NETWORKING = { group: 'networking.k8s.io', version: 'v1' } as const;

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export const ingress: KindDescriptor = {
  kind: 'Ingress',
  ...NETWORKING,
  plural: 'ingresses',
  singular: 'ingress',
  namespaced: true,
  shortNames: ['ing'],
  type: 'networking/v1.Ingress',
  storage: 'ingress',
  hasStatus: true,
  generation: true,
  prepareForCreate: (object) => ({ ...object, status: { loadBalancer: {} } }),
  validate: (object) => validateIngress(object as unknown as Ingress),
  warnings: ({ metadata }, old) =>
    !old && metadata.annotations?.[CLASS_ANNOTATION] !== undefined
      ? [
          `annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`,
        ]
      : [],
  validateUpdate: (object) => validateIngress(object as unknown as Ingress),
  table: table(['Class', 'Hosts', 'Address', 'Ports', 'Age'], (one, age) => {
    const rules = one.list('spec.rules');
    const hosts = rules.map(({ host }) => String(host ?? '')).filter((host) => host !== '');
    const given = one.list('status.loadBalancer.ingress');
    return [
      one.text('spec.ingressClassName', '<none>'),
      listCell(hosts, 3) || '*',
      given.map(({ ip, hostname }) => String(ip ?? hostname ?? '')).join(','),
      one.list('spec.tls').length > 0 ? '80, 443' : '80',
      age(),
    ];
  }),
};

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

const ingressClassCells = table(['Controller', 'Parameters', 'Age'], (one, age) => [
  one.text('spec.controller'),
  one.field('spec.parameters')
    ? [
        `${one.text('spec.parameters.kind')}${one.field('spec.parameters.apiGroup') ? `.${one.text('spec.parameters.apiGroup')}` : ''}`,
        one.text('spec.parameters.name'),
      ].join('/')
    : '<none>',
  age(),
]);

export const ingressClass: KindDescriptor = {
  kind: 'IngressClass',
  ...NETWORKING,
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  type: 'networking/v1.IngressClass',
  storage: 'ingressclasses',
  generation: true,
  validate: validateIngressClass,
  validateUpdate: (object, old) => [
    ...validateIngressClass(object),
    ...immutable(controllerOf(object), controllerOf(old), 'spec.controller'),
  ],
  table: {
    columns: ingressClassCells.columns,
    cells: (object, now) => {
      const [name = '', ...cells] = ingressClassCells.cells(object, now);
      const isDefault = object.metadata.annotations?.[DEFAULT_CLASS] === 'true';
      return [isDefault ? `${name} (default)` : name, ...cells];
    },
  },
};

function controllerOf(object: KubeObject): unknown {
  return (object.spec as { controller?: string } | undefined)?.controller;
}

const policyOf = (object: KubeObject): NetworkPolicy => object as unknown as NetworkPolicy;

function networkPolicyDefaults(object: KubeObject): KubeObject {
  const given = policyOf(object).spec;
  const types = given.egress ? ['Ingress', 'Egress'] : ['Ingress'];
  let spec = fillIn(given, { policyTypes: types });
  for (const side of ['ingress', 'egress'] as const) {
    const rules = spec[side];
    if (!rules) continue;
    const filled = mapShared<{ ports?: readonly { protocol?: string }[] }>(rules, (rule) =>
      rule.ports
        ? replaceField(
            rule,
            'ports',
            mapShared(rule.ports, (port) => fillIn(port, { protocol: 'TCP' })),
          )
        : rule,
    );
    spec = { ...spec, [side]: filled };
  }
  return replaceField(object, 'spec', spec);
}

export const networkPolicy: KindDescriptor = {
  kind: 'NetworkPolicy',
  ...NETWORKING,
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  namespaced: true,
  shortNames: ['netpol'],
  type: 'networking/v1.NetworkPolicy',
  storage: 'networkpolicies',
  generation: true,
  defaults: networkPolicyDefaults,
  validate: (object) => validateNetworkPolicy(policyOf(object)),
  validateUpdate: (object) => validateNetworkPolicy(policyOf(object)),
  table: table(['Pod-Selector', 'Age'], ({ object }, age) => [
    selectorText(policyOf(object).spec.podSelector) || '<none>',
    age(),
  ]),
};

export const ipAddress: KindDescriptor = {
  kind: 'IPAddress',
  ...NETWORKING,
  plural: 'ipaddresses',
  singular: 'ipaddress',
  namespaced: false,
  shortNames: ['ip'],
  type: 'networking/v1.IPAddress',
  storage: 'ipaddresses',
  nameRule: (name) => (isIpAddress(name) ? [] : ['must be a valid IP address']),
  table: table(['ParentRef'], (one) => {
    if (!one.field('spec.parentRef')) return ['<none>'];
    const group = one.text('spec.parentRef.group');
    const resource = one.text('spec.parentRef.resource');
    const of = group === '' ? resource : `${resource}.${group}`;
    const namespace = one.text('spec.parentRef.namespace');
    const place = namespace === '' ? of : `${of}/${namespace}`;
    return [`${place}/${one.text('spec.parentRef.name')}`];
  }),
};

export const serviceCidr: KindDescriptor = {
  kind: 'ServiceCIDR',
  ...NETWORKING,
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  type: 'networking/v1.ServiceCIDR',
  storage: 'servicecidrs',
  hasStatus: true,
  table: table(['CIDRs', 'Age'], (one, age) => [String(one.field('spec.cidrs') ?? ''), age()]),
};

export const endpointSlice: KindDescriptor = {
  kind: 'EndpointSlice',
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  type: 'discovery/v1.EndpointSlice',
  storage: 'endpointslices',
  generation: true,
  defaults: (object) => {
    const ports = object.ports as readonly Record<string, unknown>[] | null | undefined;
    if (!ports) return object;
    const filled = mapShared(ports, (port) => fillIn(port, { name: '', protocol: 'TCP' }));
    return replaceField(object, 'ports', filled);
  },
  validate: validateEndpointSlice,
  validateUpdate: (object, old) => [
    ...(object.addressType === old.addressType
      ? []
      : [fieldErrors.invalid('addressType', object.addressType, 'field is immutable')]),
    ...validateEndpointSlice(object),
  ],
  table: endpointSliceTable,
};
