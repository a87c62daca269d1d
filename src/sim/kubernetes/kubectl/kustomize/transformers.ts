// kustomize's built-in transformers of fields: labels, annotations, images, replica counts.

import { changeFields, type FieldSpec, type Fields, type Item } from './item.ts';

const TEMPLATED = [
  'Deployment',
  'ReplicaSet',
  'DaemonSet',
  'StatefulSet',
  'ReplicationController',
  'Job',
];

/** Where the labels of pod templates stand. */
const TEMPLATE_LABELS: readonly FieldSpec[] = [
  { path: 'spec/template/metadata/labels', kinds: TEMPLATED, create: true },
  { path: 'spec/jobTemplate/metadata/labels', kinds: ['CronJob'], create: true },
  { path: 'spec/jobTemplate/spec/template/metadata/labels', kinds: ['CronJob'], create: true },
];

const TERMS = [
  'affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm',
  'affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution',
  'affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm',
  'affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution',
  'topologySpreadConstraints',
];

/** Where labels select. */
const SELECTORS: readonly FieldSpec[] = [
  { path: 'spec/selector', kinds: ['Service', 'ReplicationController'], create: true },
  {
    path: 'spec/selector/matchLabels',
    kinds: ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'],
    create: true,
  },
  { path: 'spec/selector/matchLabels', kinds: ['Job', 'PodDisruptionBudget'] },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', kinds: ['CronJob'] },
  ...TERMS.map((term) => ({
    path: `spec/template/spec/${term}/labelSelector/matchLabels`,
    kinds: ['Deployment', 'StatefulSet'],
  })),
  { path: 'spec/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
  { path: 'spec/ingress/from/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
  { path: 'spec/egress/to/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
];

const OWN_LABELS: FieldSpec = { path: 'metadata/labels', create: true };
const CLAIM_LABELS: FieldSpec = {
  path: 'spec/volumeClaimTemplates/metadata/labels',
  kinds: ['StatefulSet'],
  create: true,
};

/** Which of an object's labels a `labels` entry reaches. */
export interface LabelReach {
  readonly selectors: boolean;
  readonly templates: boolean;
}

export function addLabels(items: readonly Item[], pairs: Fields, reach: LabelReach): void {
  const specs = [
    OWN_LABELS,
    ...(reach.selectors || reach.templates ? [...TEMPLATE_LABELS, CLAIM_LABELS] : []),
    ...(reach.selectors ? SELECTORS : []),
  ];
  addPairs(items, pairs, specs);
}

const ANNOTATIONS: readonly FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  ...TEMPLATE_LABELS.map((spec) => ({
    ...spec,
    path: spec.path.replace(/labels$/, 'annotations'),
  })),
];

export function addAnnotations(items: readonly Item[], pairs: Fields): void {
  addPairs(items, pairs, ANNOTATIONS);
}

function addPairs(items: readonly Item[], pairs: Fields, specs: readonly FieldSpec[]): void {
  const texts = Object.fromEntries(
    Object.entries(pairs).map(([key, value]) => [key, String(value)]),
  );
  for (const item of items)
    item.object = changeFields(item.object, specs, (at) => ({ ...(at as object), ...texts }));
}

interface Image {
  readonly name?: string;
  readonly newName?: string;
  readonly newTag?: string | number;
  readonly digest?: string;
  readonly tagSuffix?: string;
}

/** Gives containers of an image another name, tag or digest, wherever they stand. */
export function setImages(items: readonly Item[], images: readonly Image[]): void {
  for (const image of images)
    for (const item of items) item.object = withImage(item.object, image) as typeof item.object;
}

function withImage(value: unknown, image: Image): unknown {
  if (Array.isArray(value)) return value.map((one) => withImage(one, image));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => {
      if (key !== 'containers' && key !== 'initContainers') return [key, withImage(inside, image)];
      const list = Array.isArray(inside) ? (inside as Fields[]) : [];
      return [
        key,
        list.map((one) =>
          typeof one.image === 'string' ? { ...one, image: imageText(one.image, image) } : one,
        ),
      ];
    }),
  );
}

function imageText(text: string, { name = '', newName, newTag, digest, tagSuffix }: Image): string {
  const [, own = '', tag = '', at = ''] =
    /^(.*?)(?::([\w][\w.-]*))?(?:@([\w:]+))?$/.exec(text) ?? [];
  if (own !== name) return text;
  const base = newName || own;
  if (newTag !== undefined && digest) return `${base}:${newTag}@${digest}`;
  if (newTag !== undefined) return `${base}:${newTag}`;
  if (digest) return `${base}@${digest}`;
  const suffixed = tagSuffix && tag ? `${tag}${tagSuffix}` : tag;
  return `${base}${suffixed ? `:${suffixed}` : ''}${at ? `@${at}` : ''}`;
}

const REPLICAS: readonly FieldSpec[] = [
  {
    path: 'spec/replicas',
    kinds: ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'],
    create: true,
  },
];

/** Sets replica counts by the names that objects were written with; the names that matched nothing. */
export function setReplicas(
  items: readonly Item[],
  replicas: readonly { readonly name?: string; readonly count?: number }[],
): string[] {
  return replicas.flatMap(({ name = '', count = 0 }) => {
    const found = items.filter(
      ({ names, object }) =>
        names.includes(name) && REPLICAS[0]?.kinds?.includes(object.kind ?? ''),
    );
    for (const item of found) item.object = changeFields(item.object, REPLICAS, () => count);
    return found.length === 0 ? [name] : [];
  });
}
