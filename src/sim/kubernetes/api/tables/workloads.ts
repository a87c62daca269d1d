// The columns of workloads: Deployment, ReplicaSet, StatefulSet, DaemonSet, ReplicationController, PodTemplate.

import { objectAge } from '../handlers/table.ts';
import type { Cell, Column, TableForm } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { selectorText } from '../selectors.ts';
import type {
  DaemonSet,
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../types/apps.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { PodTemplate, PodTemplateSpec } from '../types/pod.ts';

const NAME: Column = { name: 'Name', format: 'name' };
const AGE: Column = { name: 'Age' };
const IMAGES: readonly Column[] = [
  { name: 'Containers', priority: 1 },
  { name: 'Images', priority: 1 },
];
const SELECTOR: Column = { name: 'Selector', priority: 1 };

/** The names and images of a template's containers. */
export function imageCells(template: PodTemplateSpec | undefined): readonly [string, string] {
  const containers = template?.spec.containers ?? [];
  return [
    containers.map(({ name }) => name).join(','),
    containers.map(({ image }) => image ?? '').join(','),
  ];
}

/** A selector as tables show it. */
export function selectorCell(selector: LabelSelector | null | undefined): string {
  return selectorText(selector) || '<none>';
}

/** A map of labels as tables show it. */
export function labelsCell(labels: Readonly<Record<string, string>> | null | undefined): string {
  return selectorText({ matchLabels: labels ?? {} }) || '<none>';
}

const name = (object: KubeObject): string => object.metadata.name ?? '';

export const deploymentTable: TableForm = {
  columns: [
    NAME,
    { name: 'Ready' },
    { name: 'Up-to-date' },
    { name: 'Available' },
    AGE,
    ...IMAGES,
    SELECTOR,
  ],
  cells: (object, now): readonly Cell[] => {
    const { spec, status = {} } = object as unknown as Deployment;
    return [
      name(object),
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      objectAge(object, now),
      ...imageCells(spec.template),
      selectorText(spec.selector),
    ];
  },
};

export const replicaSetTable: TableForm = {
  columns: [
    NAME,
    { name: 'Desired', type: 'integer' },
    { name: 'Current', type: 'integer' },
    { name: 'Ready', type: 'integer' },
    AGE,
    ...IMAGES,
    SELECTOR,
  ],
  cells: (object, now) => {
    const { spec, status } = object as unknown as ReplicaSet;
    return [
      name(object),
      spec.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      objectAge(object, now),
      ...imageCells(spec.template),
      selectorText(spec.selector),
    ];
  },
};

export const replicationControllerTable: TableForm = {
  columns: replicaSetTable.columns,
  cells: (object, now) => {
    const { spec, status } = object as unknown as ReplicationController;
    return [
      name(object),
      spec.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      objectAge(object, now),
      ...imageCells(spec.template),
      labelsCell(spec.selector),
    ];
  },
};

export const statefulSetTable: TableForm = {
  columns: [NAME, { name: 'Ready' }, AGE, ...IMAGES],
  cells: (object, now) => {
    const { spec, status } = object as unknown as StatefulSet;
    return [
      name(object),
      `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      objectAge(object, now),
      ...imageCells(spec.template),
    ];
  },
};

export const daemonSetTable: TableForm = {
  columns: [
    NAME,
    { name: 'Desired', type: 'integer' },
    { name: 'Current', type: 'integer' },
    { name: 'Ready', type: 'integer' },
    { name: 'Up-to-date', type: 'integer' },
    { name: 'Available', type: 'integer' },
    { name: 'Node Selector' },
    AGE,
    ...IMAGES,
    SELECTOR,
  ],
  cells: (object, now) => {
    const { spec, status } = object as unknown as DaemonSet;
    return [
      name(object),
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsCell(spec.template.spec.nodeSelector),
      objectAge(object, now),
      ...imageCells(spec.template),
      selectorText(spec.selector),
    ];
  },
};

export const podTemplateTable: TableForm = {
  columns: [NAME, { name: 'Containers' }, { name: 'Images' }, { name: 'Pod Labels' }],
  cells: (object) => {
    const { template } = object as unknown as PodTemplate;
    return [name(object), ...imageCells(template), labelsCell(template?.metadata?.labels)];
  },
};
