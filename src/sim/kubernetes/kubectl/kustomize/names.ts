// Names in kustomize: prefixes and suffixes, namespaces, hashes of content, and the fields that refer to other objects.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import { BUILT_IN_KINDS } from '../../api/kinds/index.ts';
import { compactJson } from '../output/json.ts';
import { changeAt, type Fields, groupOf, type Item, rename } from './item.ts';

/** Kinds whose names no prefix or suffix changes. */
const KEEP_NAMES = new Set(['CustomResourceDefinition', 'APIService', 'Namespace']);

export function affixNames(items: readonly Item[], prefix: string, suffix: string): void {
  for (const item of items) {
    if (KEEP_NAMES.has(item.object.kind ?? '')) continue;
    rename(item, `${prefix}${item.object.metadata?.name ?? ''}${suffix}`);
  }
}

function isClusterScoped(item: Item): boolean {
  const { group } = groupOf(item.object);
  const found = BUILT_IN_KINDS.find((one) => one.group === group && one.kind === item.object.kind);
  return found !== undefined && !found.namespaced;
}

/** Puts every object into a namespace; a Namespace itself takes the name. */
export function setNamespace(items: readonly Item[], namespace: string): void {
  for (const item of items) {
    const { object } = item;
    if (object.kind === 'Namespace' && groupOf(object).group === '') rename(item, namespace);
    else if (!isClusterScoped(item))
      item.object = { ...object, metadata: { ...object.metadata, namespace } };
    if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') continue;
    const moved = (subject: Fields): Fields =>
      subject.kind === 'ServiceAccount' && subject.name === 'default'
        ? { ...subject, namespace }
        : subject;
    item.object = {
      ...item.object,
      ...(item.object.subjects ? { subjects: (item.object.subjects as Fields[]).map(moved) } : {}),
    };
  }
}

const LETTERS: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };

/** Ten letters that stand for the content of a ConfigMap or Secret. */
export function contentHash({ object }: Item): string {
  const { kind = '', data, binaryData, stringData, type } = object;
  // The hasher looks for a field `metadata/name`, finds none, and so the name never counts.
  const body = {
    kind,
    name: '',
    ...(kind === 'Secret' ? { type: type ?? '' } : {}),
    data: data ?? '',
    ...(binaryData ? { binaryData } : {}),
    ...(stringData ? { stringData } : {}),
  };
  return hashOfContent(body);
}

/** Ten letters that stand for a body, without vowels. */
export function hashOfContent(body: object): string {
  const digest = sha256(encode(compactJson(body)));
  return [...digest.slice(0, 10)].map((char) => LETTERS[char] ?? char).join('');
}

export function addHashes(items: readonly Item[]): void {
  for (const item of items)
    if (item.hashed) rename(item, `${item.object.metadata?.name ?? ''}-${contentHash(item)}`);
}

/** Where a pod's specification stands in each kind. */
const POD_SPECS: Readonly<Record<string, string>> = {
  Pod: 'spec',
  PodTemplate: 'template/spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  ReplicationController: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
};

/** Fields of a pod's specification that name objects of a kind. */
const POD_REFERENCES: readonly (readonly [string, string])[] = [
  ...['containers', 'initContainers'].flatMap((list) => [
    ['ConfigMap', `${list}/env/valueFrom/configMapKeyRef/name`] as const,
    ['ConfigMap', `${list}/envFrom/configMapRef/name`] as const,
    ['Secret', `${list}/env/valueFrom/secretKeyRef/name`] as const,
    ['Secret', `${list}/envFrom/secretRef/name`] as const,
  ]),
  ['ConfigMap', 'volumes/configMap/name'],
  ['ConfigMap', 'volumes/projected/sources/configMap/name'],
  ['Secret', 'volumes/secret/secretName'],
  ['Secret', 'volumes/projected/sources/secret/name'],
  ['Secret', 'imagePullSecrets/name'],
  ['ServiceAccount', 'serviceAccountName'],
  ['PersistentVolumeClaim', 'volumes/persistentVolumeClaim/claimName'],
  ['PriorityClass', 'priorityClassName'],
];

/** Other fields that name objects: of which kinds they stand in, and the kind that they name. */
const REFERENCES: readonly (readonly [string, string, string])[] = [
  ['Ingress', 'Service', 'spec/rules/http/paths/backend/service/name'],
  ['Ingress', 'Service', 'spec/defaultBackend/service/name'],
  ['Ingress', 'Secret', 'spec/tls/secretName'],
  ['Ingress', 'IngressClass', 'spec/ingressClassName'],
  ['StatefulSet', 'Service', 'spec/serviceName'],
  ['ServiceAccount', 'Secret', 'secrets/name'],
  ['ServiceAccount', 'Secret', 'imagePullSecrets/name'],
  ['PersistentVolumeClaim', 'PersistentVolume', 'spec/volumeName'],
  ['PersistentVolumeClaim', 'StorageClass', 'spec/storageClassName'],
  ['PersistentVolume', 'StorageClass', 'spec/storageClassName'],
  ['StatefulSet', 'StorageClass', 'spec/volumeClaimTemplates/spec/storageClassName'],
  ['Role', 'ConfigMap', 'rules/resourceNames'],
  ['ClusterRole', 'ConfigMap', 'rules/resourceNames'],
  ['Role', 'Secret', 'rules/resourceNames'],
  ['ClusterRole', 'Secret', 'rules/resourceNames'],
];

/** Makes every field that named an object by an earlier name use its last one. */
export function fixReferences(items: readonly Item[]): void {
  const latest = (kind: string, name: unknown, namespace: string | undefined): unknown => {
    const found = items.filter(
      (one) => one.object.kind === kind && one.names.includes(String(name)),
    );
    const near = found.find((one) => one.object.metadata?.namespace === namespace) ?? found[0];
    return near ? near.object.metadata?.name : name;
  };
  for (const item of items) {
    const { kind = '', metadata } = item.object;
    const pods = POD_SPECS[kind];
    const paths = [
      ...(pods ? POD_REFERENCES.map(([of, path]) => [of, `${pods}/${path}`] as const) : []),
      ...REFERENCES.filter(([where]) => where === kind).map(([, of, path]) => [of, path] as const),
    ];
    for (const [of, path] of paths)
      item.object = changeAt(item.object, path.split('/'), (name) =>
        latest(of, name, metadata?.namespace),
      ) as typeof item.object;
    fixTyped(items, item, latest);
  }
}

type Latest = (kind: string, name: unknown, namespace: string | undefined) => unknown;

/** References that say their kind themselves: of autoscalers and bindings. */
function fixTyped(items: readonly Item[], item: Item, latest: Latest): void {
  const { kind = '', metadata } = item.object;
  const typed = (value: unknown): unknown => {
    const { kind: of = '', name } = (value ?? {}) as { kind?: string; name?: string };
    return value && { ...(value as Fields), name: latest(of, name, metadata?.namespace) };
  };
  if (kind === 'HorizontalPodAutoscaler')
    item.object = changeAt(item.object, ['spec', 'scaleTargetRef'], typed) as typeof item.object;
  if (kind !== 'RoleBinding' && kind !== 'ClusterRoleBinding') return;
  const subject = (value: unknown): unknown => {
    const one = value as { kind?: string; name?: string; namespace?: string };
    const account = items.find(
      ({ object, names, firstNamespace }) =>
        one.kind === 'ServiceAccount' &&
        object.kind === 'ServiceAccount' &&
        names.includes(one.name ?? '') &&
        [undefined, firstNamespace || 'default', object.metadata?.namespace].includes(
          one.namespace,
        ),
    );
    if (!account) return value;
    const { name, namespace } = account.object.metadata ?? {};
    return { ...one, name, ...(namespace ? { namespace } : {}) };
  };
  item.object = changeAt(item.object, ['roleRef'], typed) as typeof item.object;
  const { subjects } = item.object as { subjects?: unknown[] };
  if (subjects) item.object = { ...item.object, subjects: subjects.map(subject) };
}
