// The columns of the core group's smaller kinds.

import { timeText } from '../clock.ts';
import type { Cell, TableForm } from '../kinds/descriptor.ts';
import type { CoreEvent } from '../types/config.ts';
import type { Node } from '../types/node.ts';
import type { EndpointSlice, Endpoints } from '../types/service.ts';
import { ageText } from './ages.ts';
import { columns, type Loose, listCell, table } from './columns.ts';

const NONE = '<none>';

export const secretTable: TableForm = table(['Type', 'Data', 'Age'], (secret, age) => [
  secret.text('type'),
  Object.keys((secret.field('data') as object | undefined) ?? {}).length,
  age(),
]);

export const ageTable: TableForm = table(['Age'], (_, age) => [age()]);

const ROLE_LABEL = 'node-role.kubernetes.io/';

function rolesOf(node: Node): string {
  const labels = node.metadata.labels ?? {};
  const roles = Object.keys(labels).flatMap((label) => {
    if (label.startsWith(ROLE_LABEL)) return [label.slice(ROLE_LABEL.length)];
    return label === 'kubernetes.io/role' ? [labels[label] ?? ''] : [];
  });
  return (
    [...new Set(roles)]
      .filter((role) => role !== '')
      .sort()
      .join(',') || NONE
  );
}

function addressOf(node: Node, type: string): string {
  return node.status?.addresses?.find((address) => address.type === type)?.address ?? NONE;
}

export const nodeTable: TableForm = table(
  [
    'Status',
    'Roles',
    'Age',
    'Version',
    '*Internal-IP',
    '*External-IP',
    '*OS-Image',
    '*Kernel-Version',
    '*Container-Runtime',
  ],
  ({ object }, age) => {
    const node = object as unknown as Node;
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
    const info = node.status?.nodeInfo;
    const architecture = info?.architecture ? ` (${info.architecture})` : '';
    return [
      node.spec.unschedulable ? `${state},SchedulingDisabled` : state,
      rolesOf(node),
      age(),
      info?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      `${info?.kernelVersion || '<unknown>'}${architecture}`,
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
);

function sourceText(event: CoreEvent): string {
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}

export const eventTable: TableForm = {
  columns: [
    { name: 'Last Seen' },
    { name: 'Type' },
    { name: 'Reason' },
    { name: 'Object' },
    { name: 'Subobject', priority: 1 },
    { name: 'Source', priority: 1 },
    { name: 'Message' },
    { name: 'First Seen', priority: 1 },
    { name: 'Count', priority: 1 },
    { name: 'Name', format: 'name', priority: 1 },
  ],
  cells: (object, nanoseconds): readonly Cell[] => {
    const event = object as unknown as CoreEvent;
    const now = timeText(nanoseconds);
    const first = ageText(event.firstTimestamp ?? event.eventTime, now);
    const last = event.series
      ? ageText(event.series.lastObservedTime, now)
      : event.lastTimestamp
        ? ageText(event.lastTimestamp, now)
        : first;
    const about = event.involvedObject;
    const kind = (about.kind ?? '').toLowerCase();
    return [
      last,
      event.type ?? '',
      event.reason ?? '',
      about.name ? `${kind}/${about.name}` : kind,
      about.fieldPath ?? '',
      sourceText(event),
      (event.message ?? '').trim(),
      first,
      event.series?.count ?? (event.count || 1),
      event.metadata.name ?? '',
    ];
  },
};

function endpointTexts({ subsets = [] }: Endpoints): string[] {
  return subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
}

export const endpointsTable: TableForm = table(['Endpoints', 'Age'], ({ object }, age) => {
  const endpoints = object as unknown as Endpoints;
  const none = (endpoints.subsets ?? []).length === 0;
  return [none ? NONE : listCell(endpointTexts(endpoints), 3), age()];
});

export const endpointSliceTable: TableForm = table(
  ['AddressType', 'Ports', 'Endpoints', 'Age'],
  ({ object }, age) => {
    const slice = object as unknown as EndpointSlice;
    const ports = (slice.ports ?? []).map(({ port, name }) => String(port ?? name ?? '*'));
    const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
    return [
      slice.addressType,
      ports.length === 0 ? '<unset>' : listCell(ports, 3),
      addresses.length === 0 ? '<unset>' : listCell(addresses, 3),
      age(),
    ];
  },
);

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** Access modes in their short form, in the order of the server. */
export function accessModes(modes: unknown): string {
  if (!Array.isArray(modes)) return '';
  return Object.keys(MODES)
    .filter((mode) => modes.includes(mode))
    .map((mode) => MODES[mode])
    .join(',');
}

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function storageClassOf({ object, text }: Loose): string {
  return object.metadata.annotations?.[CLASS_ANNOTATION] ?? text('spec.storageClassName');
}

export const persistentVolumeTable: TableForm = table(
  [
    'Capacity',
    'Access Modes',
    'Reclaim Policy',
    'Status',
    'Claim',
    'StorageClass',
    'VolumeAttributesClass',
    'Reason',
    'Age',
    '*VolumeMode',
  ],
  (volume, age) => [
    volume.text('spec.capacity.storage', '0'),
    accessModes(volume.field('spec.accessModes')),
    volume.text('spec.persistentVolumeReclaimPolicy'),
    volume.object.metadata.deletionTimestamp ? 'Terminating' : volume.text('status.phase'),
    volume.field('spec.claimRef')
      ? `${volume.text('spec.claimRef.namespace')}/${volume.text('spec.claimRef.name')}`
      : '',
    storageClassOf(volume),
    volume.text('spec.volumeAttributesClassName', '<unset>'),
    volume.text('status.reason'),
    age(),
    volume.text('spec.volumeMode', '<unset>'),
  ],
);

export const persistentVolumeClaimTable: TableForm = table(
  [
    'Status',
    'Volume',
    'Capacity',
    'Access Modes',
    'StorageClass',
    'VolumeAttributesClass',
    'Age',
    '*VolumeMode',
  ],
  (claim, age) => {
    const bound = claim.text('spec.volumeName') !== '';
    return [
      claim.object.metadata.deletionTimestamp ? 'Terminating' : claim.text('status.phase'),
      claim.text('spec.volumeName'),
      bound ? claim.text('status.capacity.storage', '0') : '',
      bound ? accessModes(claim.field('status.accessModes')) : '',
      storageClassOf(claim),
      claim.text('spec.volumeAttributesClassName', '<unset>'),
      age(),
      claim.text('spec.volumeMode', '<unset>'),
    ];
  },
);

export const resourceQuotaTable: TableForm = table(['Request', 'Limit', 'Age'], (quota, age) => {
  const hard = (quota.field('status.hard') ?? {}) as Readonly<Record<string, string>>;
  const used = (quota.field('status.used') ?? {}) as Readonly<Record<string, string>>;
  const texts = (wanted: boolean): string =>
    Object.keys(hard)
      .sort()
      .filter((name) => name.startsWith('limits.') === wanted)
      .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
      .join(', ');
  return [texts(false), texts(true), age()];
});

export const componentStatusTable: TableForm = {
  columns: columns('Status', 'Message', 'Error'),
  cells: (object) => {
    const condition = (object.conditions as readonly Record<string, string>[] | undefined)?.[0];
    const healthy = condition?.status === 'True' ? 'Healthy' : 'Unhealthy';
    return [object.metadata.name ?? '', healthy, condition?.message ?? '', condition?.error ?? ''];
  },
};
