// kubectl describe of storage: volumes, claims, classes, and what drivers a node has.

import {
  boolText,
  type Describer,
  type Facts,
  type Fields,
  labelLines,
  longConditionRows,
  pairsText,
  spec,
  status,
} from './facts.ts';
import { volumeSourceLines } from './volumes.ts';
import { age, heading, type Lines, longTime } from './writer.ts';

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,ROX`, in the order of the table above. */
function modesText(modes: unknown): string {
  const list = (modes ?? []) as string[];
  return Object.keys(MODES)
    .filter((mode) => list.includes(mode))
    .map((mode) => MODES[mode])
    .join(',');
}

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

function classOf({ object }: Facts): string {
  const { storageClassName = '' } = spec(object) as { storageClassName?: string };
  return object.metadata?.annotations?.[BETA_CLASS] ?? storageClassName;
}

function statusLine(out: Lines, { object, now }: Facts): void {
  const { deletionTimestamp } = object.metadata ?? {};
  out.put(
    0,
    deletionTimestamp
      ? `Status:\tTerminating (lasts ${age(deletionTimestamp, now)})`
      : `Status:\t${String(status(object).phase ?? '')}`,
  );
}

function finalizers({ object }: Facts): string {
  return `Finalizers:\t[${((object.metadata?.finalizers ?? []) as string[]).join(' ')}]`;
}

interface Expression {
  readonly key: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

function termLines(
  out: Lines,
  level: number,
  title: string,
  expressions: readonly Expression[],
): void {
  if (expressions.length === 0) out.put(level, `${title}:\t<none>`);
  for (const [i, { key, operator = 'In', values = [] }] of expressions.entries()) {
    const list = values.length > 0 ? ` [${values.join(', ')}]` : '';
    out.put(level, `${i === 0 ? `${title}:` : ''}\t${key} ${operator.toLowerCase()}${list}`);
  }
}

function volume(out: Lines, facts: Facts): void {
  const { object } = facts;
  const s = spec(object) as Fields & {
    claimRef?: { namespace: string; name: string };
    capacity?: Record<string, string>;
    nodeAffinity?: {
      required?: { nodeSelectorTerms?: { matchExpressions?: Expression[] }[] };
    };
  };
  heading(out, object, false);
  out.put(0, `${finalizers(facts)}\nStorageClass:\t${classOf(facts)}`);
  statusLine(out, facts);
  out.put(0, `Claim:\t${s.claimRef ? `${s.claimRef.namespace}/${s.claimRef.name}` : ''}`);
  out.put(0, `Reclaim Policy:\t${String(s.persistentVolumeReclaimPolicy ?? '')}`);
  out.put(0, `Access Modes:\t${modesText(s.accessModes)}`);
  if (s.volumeMode) out.put(0, `VolumeMode:\t${String(s.volumeMode)}`);
  out.put(0, `Capacity:\t${s.capacity?.storage ?? '0'}`);
  const required = s.nodeAffinity?.required;
  if (!required) out.put(0, 'Node Affinity:\t<none>');
  else {
    const terms = required.nodeSelectorTerms ?? [];
    out.put(0, `Node Affinity:\t\n  Required Terms:\t${terms.length === 0 ? '<none>' : ''}`);
    for (const [i, { matchExpressions = [] }] of terms.entries())
      termLines(out, 2, `Term ${i}`, matchExpressions);
  }
  out.put(0, `Message:\t${String(status(object).message ?? '')}`);
  out.put(0, 'Source:');
  volumeSourceLines(out, s, '    ');
}

function claim(out: Lines, facts: Facts): void {
  const { object, related } = facts;
  const s = spec(object) as Fields & {
    volumeName?: string;
    dataSource?: { apiGroup?: string; kind: string; name: string };
  };
  const { accessModes, capacity } = status(object) as {
    accessModes?: string[];
    capacity?: Record<string, string>;
  };
  const { name = '', namespace = '' } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nNamespace:\t${namespace}\nStorageClass:\t${classOf(facts)}`);
  statusLine(out, facts);
  out.put(0, `Volume:\t${s.volumeName ?? ''}`);
  labelLines(out, object);
  out.put(0, finalizers(facts));
  const bound = Boolean(s.volumeName);
  out.put(0, `Capacity:\t${bound ? (capacity?.storage ?? '0') : ''}`);
  out.put(0, `Access Modes:\t${bound ? modesText(accessModes) : ''}`);
  if (s.volumeMode) out.put(0, `VolumeMode:\t${String(s.volumeMode)}`);
  if (s.dataSource) {
    const { apiGroup, kind, name: source } = s.dataSource;
    out.put(0, 'DataSource:');
    if (apiGroup) out.put(1, `APIGroup:\t${apiGroup}`);
    out.put(1, `Kind:\t${kind}\n  Name:\t${source}`);
  }
  const users = related
    .filter(({ kind }) => kind === 'Pod')
    .map(({ metadata }) => metadata?.name ?? '')
    .sort();
  out.put(0, `Used By:\t${users[0] ?? '<none>'}`);
  for (const user of users.slice(1)) out.put(0, `\t${user}`);
  longConditionRows(out, object, 'LastProbeTime');
}

const DEFAULTS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function storageClass(out: Lines, { object }: Facts): void {
  const { metadata, mountOptions, reclaimPolicy, volumeBindingMode } = object;
  const isDefault = DEFAULTS.some((key) => metadata?.annotations?.[key] === 'true');
  out.put(0, `Name:\t${metadata?.name ?? ''}\nIsDefaultClass:\t${isDefault ? 'Yes' : 'No'}`);
  out.put(0, `Annotations:\t${pairsText(metadata?.annotations)}`);
  out.put(0, `Provisioner:\t${String(object.provisioner ?? '')}`);
  out.put(0, `Parameters:\t${pairsText(object.parameters)}`);
  out.put(0, `AllowVolumeExpansion:\t${boolText(object.allowVolumeExpansion)}`);
  const options = (mountOptions ?? []) as string[];
  out.put(0, options.length === 0 ? 'MountOptions:\t<none>' : 'MountOptions:');
  for (const option of options) out.put(1, option);
  if (reclaimPolicy) out.put(0, `ReclaimPolicy:\t${String(reclaimPolicy)}`);
  if (volumeBindingMode) out.put(0, `VolumeBindingMode:\t${String(volumeBindingMode)}`);
  const topologies = object.allowedTopologies as
    | { matchLabelExpressions?: Expression[] }[]
    | undefined;
  if (!topologies) return;
  out.put(0, `AllowedTopologies:\t${topologies.length === 0 ? '<none>' : ''}`);
  for (const [i, { matchLabelExpressions = [] }] of topologies.entries())
    termLines(out, 1, `Term ${i}`, matchLabelExpressions);
}

function attributesClass(out: Lines, { object }: Facts): void {
  out.put(0, `Name:\t${object.metadata?.name ?? ''}`);
  out.put(0, `Annotations:\t${pairsText(object.metadata?.annotations)}`);
  out.put(0, `DriverName:\t${String(object.driverName ?? '')}`);
  out.put(0, `Parameters:\t${pairsText(object.parameters)}`);
}

function csiNode(out: Lines, { object }: Facts): void {
  heading(out, object, false);
  out.put(0, `CreationTimestamp:\t${longTime(object.metadata?.creationTimestamp)}\nSpec:`);
  const { drivers } = spec(object) as {
    drivers?: {
      name: string;
      nodeID: string;
      topologyKeys?: string[];
      allocatable?: { count?: number };
    }[];
  };
  if (!drivers) return;
  out.put(1, 'Drivers:');
  for (const { name, nodeID, allocatable, topologyKeys } of drivers) {
    out.put(2, `${name}:\n      Node ID:\t${nodeID}`);
    if (allocatable?.count !== undefined)
      out.put(3, `Allocatables:\n        Count:\t${allocatable.count}`);
    if (topologyKeys) out.put(3, `Topology Keys:\t[${topologyKeys.join(' ')}]`);
  }
}

export const STORAGE: Readonly<Record<string, Describer>> = {
  PersistentVolume: volume,
  PersistentVolumeClaim: claim,
  StorageClass: storageClass,
  VolumeAttributesClass: attributesClass,
  CSINode: csiNode,
};
