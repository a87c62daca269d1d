// What kubectl describe says of each kind: one function per kind in one table; other kinds are shown field by field.

import { fromBase64 } from '../../api/base64.ts';
import { selectorText } from '../../api/selectors.ts';
import type { PodSpec } from '../../api/types/pod.ts';
import type { KubeObject } from '../rest.ts';
import { describePod, templateLines } from './pod.ts';
import { annotationsLine, heading, Lines, longTime, pairsLine } from './writer.ts';

/** What a kind's lines are made from. */
export interface Facts {
  readonly object: KubeObject;
  /** Objects that belong to it: a deployment's replica sets, a service's slices, a set's pods. */
  readonly related: readonly KubeObject[];
}

type Fields = Readonly<Record<string, unknown>>;
type Template = Parameters<typeof templateLines>[1];

function spec(object: KubeObject): Fields {
  return (object.spec ?? {}) as Fields;
}

function status(object: KubeObject): Fields {
  return (object.status ?? {}) as Fields;
}

function configMap(out: Lines, { object }: Facts): void {
  heading(out, object);
  out.put(0, '\nData\n====');
  const data = (object.data ?? {}) as Readonly<Record<string, string>>;
  for (const key of Object.keys(data).sort()) out.put(0, `${key}:\n----\n${data[key] ?? ''}\n`);
  out.put(0, '\nBinaryData\n====');
  const binary = (object.binaryData ?? {}) as Readonly<Record<string, string>>;
  for (const key of Object.keys(binary).sort())
    out.put(0, `${key}: ${fromBase64(binary[key] ?? '').length} bytes`);
  out.put(0, '');
}

function secret(out: Lines, { object }: Facts): void {
  heading(out, object);
  out.put(0, `\nType:\t${String(object.type ?? '')}\n\nData\n====`);
  const data = (object.data ?? {}) as Readonly<Record<string, string>>;
  for (const key of Object.keys(data).sort())
    out.put(0, `${key}:\t${fromBase64(data[key] ?? '').length} bytes`);
}

function serviceAccount(out: Lines, { object }: Facts): void {
  heading(out, object);
  const names = ((object.imagePullSecrets ?? []) as { name: string }[]).map(({ name }) => name);
  out.put(0, `Image pull secrets:\t${names[0] ?? '<none>'}`);
  for (const name of names.slice(1)) out.put(0, `\t${name}`);
}

function namespace(out: Lines, { object, related }: Facts): void {
  heading(out, object, false);
  out.put(0, `Status:\t${String(status(object).phase ?? '')}`);
  const quotas = related.filter(({ kind }) => kind === 'ResourceQuota');
  const limits = related.filter(({ kind }) => kind === 'LimitRange');
  out.flush();
  if (quotas.length === 0) out.put(0, '\nNo resource quota.');
  else {
    out.put(0, '\nResource Quotas');
    for (const quota of quotas) {
      out.put(
        0,
        `  Name:\t${quota.metadata?.name ?? ''}\n  Resource\tUsed\tHard\n  --------\t---\t---`,
      );
      const { hard = {}, used = {} } = status(quota) as { hard?: Fields; used?: Fields };
      for (const key of Object.keys(hard).sort())
        out.put(0, `  ${key}\t${String(used[key] ?? '')}\t${String(hard[key])}`);
    }
  }
  out.flush();
  if (limits.length === 0) out.put(0, '\nNo LimitRange resource.');
  else {
    out.put(0, '\nResource Limits');
    limitRows(out, limits, ' ');
  }
}

function limitRows(out: Lines, limits: readonly KubeObject[], lead: string): void {
  out.raw(
    `${lead}Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n`,
  );
  out.raw(
    `${lead}----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n`,
  );
  for (const limit of limits.flatMap(
    (one) => (spec(one).limits ?? []) as Readonly<Record<string, Fields | undefined>>[],
  )) {
    const { min = {}, max = {}, defaultRequest = {}, maxLimitRequestRatio = {} } = limit;
    const own = limit.default ?? {};
    const names = new Set(
      [min, max, defaultRequest, own, maxLimitRequestRatio].flatMap((map) => Object.keys(map)),
    );
    for (const name of [...names].sort()) {
      const cells = [min, max, defaultRequest, own, maxLimitRequestRatio].map((map) =>
        String(map[name] ?? '-'),
      );
      out.raw(`${lead}${String(limit.type)}\t${name}\t${cells.join('\t')}\n`);
    }
  }
}

function quota(out: Lines, { object }: Facts): void {
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}`,
  );
  const scopes = (spec(object).scopes ?? []) as string[];
  if (scopes.length > 0) out.put(0, `Scopes:\t${scopes.join(', ')}`);
  out.put(0, 'Resource\tUsed\tHard\n--------\t----\t----');
  const { hard = {}, used = {} } = status(object) as { hard?: Fields; used?: Fields };
  for (const key of Object.keys(hard).sort())
    out.put(0, `${key}\t${String(used[key] ?? '')}\t${String(hard[key])}`);
}

function limitRange(out: Lines, { object }: Facts): void {
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}`,
  );
  limitRows(out, [object], '');
}

function service(out: Lines, { object, related }: Facts): void {
  heading(out, object);
  const s = spec(object) as Fields & {
    ports?: {
      name?: string;
      port: number;
      protocol?: string;
      targetPort?: unknown;
      nodePort?: number;
    }[];
    selector?: Record<string, string>;
    clusterIPs?: string[];
    ipFamilies?: string[];
  };
  pairsLine(out, 0, 'Selector', s.selector);
  out.put(0, `Type:\t${String(s.type ?? '')}`);
  if (s.ipFamilyPolicy) out.put(0, `IP Family Policy:\t${String(s.ipFamilyPolicy)}`);
  out.put(0, `IP Families:\t${s.ipFamilies?.join(',') || '<none>'}`);
  out.put(0, `IP:\t${String(s.clusterIP ?? '')}`);
  out.put(0, `IPs:\t${s.clusterIPs?.join(',') || '<none>'}`);
  const external = (s.externalIPs ?? []) as string[];
  if (external.length > 0) out.put(0, `External IPs:\t${external.join(',')}`);
  if (s.externalName) out.put(0, `External Name:\t${String(s.externalName)}`);
  const ingress = (
    (status(object).loadBalancer as { ingress?: { ip?: string; hostname?: string }[] } | undefined)
      ?.ingress ?? []
  ).map((one) => one.ip ?? one.hostname ?? '');
  if (ingress.length > 0) out.put(0, `LoadBalancer Ingress:\t${ingress.join(', ')}`);
  for (const port of s.ports ?? []) {
    out.put(0, `Port:\t${port.name || '<unset>'}\t${port.port}/${port.protocol ?? 'TCP'}`);
    out.put(0, `TargetPort:\t${String(port.targetPort ?? port.port)}/${port.protocol ?? 'TCP'}`);
    if (port.nodePort)
      out.put(
        0,
        `NodePort:\t${port.name || '<unset>'}\t${port.nodePort}/${port.protocol ?? 'TCP'}`,
      );
    out.put(0, `Endpoints:\t${endpointsOf(related, port.name ?? '')}`);
  }
  out.put(0, `Session Affinity:\t${String(s.sessionAffinity ?? '')}`);
  if (s.externalTrafficPolicy)
    out.put(0, `External Traffic Policy:\t${String(s.externalTrafficPolicy)}`);
  if (s.internalTrafficPolicy)
    out.put(0, `Internal Traffic Policy:\t${String(s.internalTrafficPolicy)}`);
}

function endpointsOf(slices: readonly KubeObject[], name: string): string {
  const found = slices.flatMap((slice) => {
    const port = ((slice.ports ?? []) as { name?: string; port?: number }[]).find(
      (one) => (one.name ?? '') === name,
    );
    if (!port) return [];
    return ((slice.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses.map((address) => `${address}:${port.port ?? ''}`));
  });
  const shown = found.slice(0, 3).join(',');
  return found.length > 3 ? `${shown} + ${found.length - 3} more...` : shown;
}

function conditionRows(out: Lines, object: KubeObject): void {
  const list = (status(object).conditions ?? []) as {
    type: string;
    status: string;
    reason?: string;
  }[];
  if (list.length === 0) return;
  out.put(0, 'Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------');
  for (const one of list) out.put(1, `${one.type} \t${one.status}\t${one.reason ?? ''}`);
}

function deployment(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & {
    selector: object;
    strategy?: { type: string; rollingUpdate?: Fields };
    template: Template;
  };
  const t = status(object);
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}\nCreationTimestamp:\t${longTime(object.metadata?.creationTimestamp)}`,
  );
  pairsLine(out, 0, 'Labels', object.metadata?.labels);
  annotationsLine(out, object.metadata?.annotations);
  out.put(0, `Selector:\t${selectorText(s.selector as never)}`);
  out.put(
    0,
    `Replicas:\t${String(s.replicas ?? 1)} desired | ${String(t.updatedReplicas ?? 0)} updated | ${String(t.replicas ?? 0)} total | ${String(t.availableReplicas ?? 0)} available | ${String(t.unavailableReplicas ?? 0)} unavailable`,
  );
  out.put(0, `StrategyType:\t${s.strategy?.type ?? ''}`);
  out.put(0, `MinReadySeconds:\t${String(s.minReadySeconds ?? 0)}`);
  const rolling = s.strategy?.rollingUpdate;
  if (rolling)
    out.put(
      0,
      `RollingUpdateStrategy:\t${String(rolling.maxUnavailable)} max unavailable, ${String(rolling.maxSurge)} max surge`,
    );
  templateLines(out, s.template);
  conditionRows(out, object);
  const sets = related.filter((one) => one.kind === 'ReplicaSet');
  const revision = object.metadata?.annotations?.['deployment.kubernetes.io/revision'];
  const isNew = (one: KubeObject): boolean =>
    one.metadata?.annotations?.['deployment.kubernetes.io/revision'] === revision;
  out.put(0, `OldReplicaSets:\t${setsText(sets.filter((one) => !isNew(one)))}`);
  out.put(0, `NewReplicaSet:\t${setsText(sets.filter(isNew))}`);
}

function setsText(sets: readonly KubeObject[]): string {
  const texts = sets.map(
    (one) =>
      `${one.metadata?.name ?? ''} (${String(status(one).replicas ?? 0)}/${String(spec(one).replicas ?? 0)} replicas created)`,
  );
  return texts.length > 0 ? texts.join(', ') : '<none>';
}

function podCounts(pods: readonly KubeObject[]): string {
  const count = (...phases: string[]): number =>
    pods.filter((pod) => phases.includes(String(status(pod).phase))).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

function controlled(out: Lines, object: KubeObject): void {
  const owners = (object.metadata?.ownerReferences ?? []) as {
    kind: string;
    name: string;
    controller?: boolean;
  }[];
  const owner = owners.find((one) => one.controller);
  if (owner) out.put(0, `Controlled By:\t${owner.kind}/${owner.name}`);
}

function replicaSet(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & { selector: object; template: Template };
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}\nSelector:\t${selectorText((object.kind === 'ReplicationController' ? { matchLabels: s.selector } : s.selector) as never)}`,
  );
  pairsLine(out, 0, 'Labels', object.metadata?.labels);
  annotationsLine(out, object.metadata?.annotations);
  controlled(out, object);
  out.put(
    0,
    `Replicas:\t${String(status(object).replicas ?? 0)} current / ${String(s.replicas ?? 0)} desired`,
  );
  out.put(0, `Pods Status:\t${podCounts(related.filter(({ kind }) => kind === 'Pod'))}`);
  templateLines(out, s.template);
  conditionRows(out, object);
}

function daemonSet(out: Lines, { object, related }: Facts): void {
  const s = spec(object) as Fields & { selector: object; template: Template & { spec: PodSpec } };
  const t = status(object);
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}\nSelector:\t${selectorText(s.selector as never)}`,
  );
  pairsLine(out, 0, 'Node-Selector', s.template.spec.nodeSelector);
  pairsLine(out, 0, 'Labels', object.metadata?.labels);
  annotationsLine(out, object.metadata?.annotations);
  out.put(0, `Desired Number of Nodes Scheduled: ${String(t.desiredNumberScheduled ?? 0)}`);
  out.put(0, `Current Number of Nodes Scheduled: ${String(t.currentNumberScheduled ?? 0)}`);
  out.put(
    0,
    `Number of Nodes Scheduled with Up-to-date Pods: ${String(t.updatedNumberScheduled ?? 0)}`,
  );
  out.put(0, `Number of Nodes Scheduled with Available Pods: ${String(t.numberAvailable ?? 0)}`);
  out.put(0, `Number of Nodes Misscheduled: ${String(t.numberMisscheduled ?? 0)}`);
  out.put(0, `Pods Status:\t${podCounts(related.filter(({ kind }) => kind === 'Pod'))}`);
  templateLines(out, s.template);
}

interface Rule {
  readonly resources?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

function role(out: Lines, { object }: Facts): void {
  heading(out, object, false);
  out.put(0, 'PolicyRule:');
  out.put(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs');
  out.put(1, '---------\t-----------------\t--------------\t-----');
  for (const rule of (object.rules ?? []) as Rule[]) {
    const names = (rule.resources ?? []).flatMap((resource) =>
      (rule.apiGroups ?? ['']).map((group) => (group === '' ? resource : `${resource}.${group}`)),
    );
    for (const name of names.length > 0 ? names : ['']) {
      out.put(
        1,
        `${name}\t[${(rule.nonResourceURLs ?? []).join(' ')}]\t[${(rule.resourceNames ?? []).join(' ')}]\t[${rule.verbs.join(' ')}]`,
      );
    }
  }
}

function binding(out: Lines, { object }: Facts): void {
  heading(out, object, false);
  const ref = object.roleRef as { kind: string; name: string };
  out.put(
    0,
    `Role:\n  Kind:\t${ref.kind}\n  Name:\t${ref.name}\nSubjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------`,
  );
  for (const subject of (object.subjects ?? []) as {
    kind: string;
    name: string;
    namespace?: string;
  }[]) {
    out.put(1, `${subject.kind}\t${subject.name}\t${subject.namespace ?? ''}`);
  }
}

/** `additionalPrinterColumns` as `Additional Printer Columns`. */
function smartLabel(field: string): string {
  const words = field
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ');
  const upper = new Set(['api', 'url', 'uid', 'gid', 'osb', 'id', 'ip', 'dns']);
  return words
    .map((word) =>
      upper.has(word.toLowerCase())
        ? word.toUpperCase()
        : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(' ');
}

function generic(out: Lines, { object }: Facts): void {
  heading(out, object);
  const { metadata, ...rest } = object;
  const kept = Object.fromEntries(
    Object.entries(metadata ?? {}).filter(
      ([key]) => !['name', 'namespace', 'labels', 'annotations', 'managedFields'].includes(key),
    ),
  );
  mapLines(out, 0, { ...rest, ...(Object.keys(kept).length > 0 ? { metadata: kept } : {}) });
}

function mapLines(out: Lines, level: number, fields: Fields): void {
  const keys = Object.keys(fields)
    .map((key) => [smartLabel(key), key] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [title, key] of keys) {
    const value = fields[key];
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) {
      out.put(level, `${title}:`);
      for (const item of value) {
        if (item !== null && typeof item === 'object') mapLines(out, level + 1, item as Fields);
        else out.put(level + 1, String(item));
      }
    } else if (typeof value === 'object') {
      out.put(level, `${title}:`);
      mapLines(out, level + 1, value as Fields);
    } else out.put(level, `${title}:\t${String(value)}`);
  }
}

/** The kinds with a form of their own. */
const KINDS: Readonly<Record<string, (out: Lines, facts: Facts) => void>> = {
  ConfigMap: configMap,
  Secret: secret,
  ServiceAccount: serviceAccount,
  Namespace: namespace,
  ResourceQuota: quota,
  LimitRange: limitRange,
  Service: service,
  Deployment: deployment,
  ReplicaSet: replicaSet,
  ReplicationController: replicaSet,
  DaemonSet: daemonSet,
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  Pod: (out, { object }) => describePod(out, object),
};

/** Kinds whose description has no events. */
const WITHOUT_EVENTS = new Set([
  'Secret',
  'Namespace',
  'ResourceQuota',
  'LimitRange',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
]);

/** The lines of an object, and whether its events follow. */
export function describeKind(facts: Facts): { out: Lines; events: boolean } {
  const out = new Lines();
  const kind = facts.object.kind ?? '';
  (KINDS[kind] ?? generic)(out, facts);
  return { out, events: !WITHOUT_EVENTS.has(kind) };
}
