// kubectl describe of permissions and policies: roles, bindings, disruption budgets, autoscalers, signing requests.

import { decode } from '../../../core/text.ts';
import { requestsOf } from '../../../userland/tls/request.ts';
import { fromBase64 } from '../../../core/base64.ts';
import { selectorText } from '../../api/selectors.ts';
import { failure } from '../failure.ts';
import { compactRules, type PolicyRule, resourcesText } from '../policy-rules.ts';
import {
  conditionsOf,
  type Describer,
  type Facts,
  type Fields,
  labelLines,
  pairsText,
  spec,
  status,
} from './facts.ts';
import { age, heading, type Lines, longTime } from './writer.ts';

function role(out: Lines, { object }: Facts): void {
  heading(out, object, false);
  out.put(0, 'PolicyRule:');
  out.put(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs');
  out.put(1, '---------\t-----------------\t--------------\t-----');
  for (const rule of compactRules((object.rules ?? []) as PolicyRule[]))
    out.put(
      1,
      `${resourcesText(rule)}\t[${(rule.nonResourceURLs ?? []).join(' ')}]\t[${(rule.resourceNames ?? []).join(' ')}]\t[${rule.verbs.join(' ')}]`,
    );
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

function disruptionBudget(out: Lines, { object }: Facts): void {
  const s = spec(object);
  const t = status(object);
  const { name = '', namespace = '' } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nNamespace:\t${namespace}`);
  if (s.minAvailable !== undefined) out.put(0, `Min available:\t${String(s.minAvailable)}`);
  else if (s.maxUnavailable !== undefined)
    out.put(0, `Max unavailable:\t${String(s.maxUnavailable)}`);
  const selector = s.selector ? selectorText(s.selector as never) || '<none>' : '<unset>';
  out.put(0, `Selector:\t${selector}\nStatus:`);
  out.put(2, `Allowed disruptions:\t${String(t.disruptionsAllowed ?? 0)}`);
  out.put(2, `Current:\t${String(t.currentHealthy ?? 0)}`);
  out.put(2, `Desired:\t${String(t.desiredHealthy ?? 0)}`);
  out.put(2, `Total:\t${String(t.expectedPods ?? 0)}`);
}

interface Metric {
  readonly type: string;
  readonly [source: string]: unknown;
}

interface Amount {
  readonly type?: string;
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

function autoscaler(out: Lines, { object }: Facts): void {
  const s = spec(object) as Fields & {
    scaleTargetRef: { kind: string; name: string };
    metrics?: Metric[];
    behavior?: { scaleUp?: Fields; scaleDown?: Fields };
  };
  const t = status(object) as Fields & { currentMetrics?: (Metric | undefined)[] | null };
  const { name = '', namespace = '', creationTimestamp } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nNamespace:\t${namespace}`);
  labelLines(out, object);
  out.put(0, `CreationTimestamp:\t${longTime(creationTimestamp)}`);
  out.put(0, `Reference:\t${s.scaleTargetRef.kind}/${s.scaleTargetRef.name}`);
  out.put(0, 'Metrics:\t( current / target )');
  for (const [i, metric] of (s.metrics ?? []).entries())
    out.put(1, metricText(metric, t.currentMetrics?.[i]));
  out.put(0, `Min replicas:\t${String(s.minReplicas ?? '<unset>')}`);
  out.put(0, `Max replicas:\t${String(s.maxReplicas ?? '')}`);
  if (s.behavior) {
    out.put(0, 'Behavior:');
    directionLines(out, 'Scale Up', s.behavior.scaleUp);
    directionLines(out, 'Scale Down', s.behavior.scaleDown);
  }
  out.put(
    0,
    `${s.scaleTargetRef.kind} pods:\t${String(t.currentReplicas ?? 0)} current / ${String(t.desiredReplicas ?? 0)} desired`,
  );
  const list = conditionsOf(object);
  if (list.length === 0) return;
  out.put(0, 'Conditions:');
  out.put(1, 'Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------');
  for (const one of list)
    out.put(1, `${one.type}\t${one.status}\t${one.reason ?? ''}\t${one.message ?? ''}`);
}

/** The source of a metric by its type: `Resource` stands in `resource`. */
function sourceOf(metric: Metric | undefined, type: string): Fields {
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  return (metric?.[field] ?? {}) as Fields;
}

function metricText(metric: Metric, now: Metric | undefined): string {
  const source = sourceOf(metric, metric.type);
  const target = (source.target ?? {}) as Amount;
  const current = (sourceOf(now, metric.type).current ?? {}) as Amount;
  const average = `${current.averageValue ?? '<unknown>'} / ${target.averageValue ?? ''}`;
  const value = `${current.value ?? '<unknown>'} / ${target.value ?? ''}`;
  const named = (source.metric as { name?: string } | undefined)?.name ?? '';
  switch (metric.type) {
    case 'External':
      return target.averageValue !== undefined
        ? `"${named}" (target average value):\t${average}`
        : `"${named}" (target value):\t${value}`;
    case 'Pods':
      return `"${named}" on pods:\t${average}`;
    case 'Object': {
      const { kind = '', name = '' } = (source.describedObject ?? {}) as Record<string, string>;
      return target.type === 'AverageValue'
        ? `"${named}" on ${kind}/${name} (target average value):\t${average}`
        : `"${named}" on ${kind}/${name} (target value):\t${value}`;
    }
    case 'Resource':
    case 'ContainerResource': {
      const of =
        metric.type === 'Resource' ? '' : ` of container "${String(source.container ?? '')}"`;
      const what = `resource ${String(source.name ?? '')}${of} on pods`;
      if (target.averageValue !== undefined) return `${what}:\t${average}`;
      const used =
        current.averageUtilization === undefined
          ? '<unknown>'
          : `${current.averageUtilization}% (${current.averageValue ?? ''})`;
      const wanted =
        target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
      return `${what}  (as a percentage of request):\t${used} / ${wanted}`;
    }
    default:
      return `<unknown metric type "${metric.type}">`;
  }
}

function directionLines(out: Lines, direction: string, rules: Fields | undefined): void {
  if (!rules) return;
  out.put(1, `${direction}:`);
  if (rules.stabilizationWindowSeconds !== undefined)
    out.put(2, `Stabilization Window: ${String(rules.stabilizationWindowSeconds)} seconds`);
  const policies = (rules.policies ?? []) as Fields[];
  if (policies.length === 0) return;
  out.put(2, `Select Policy: ${String(rules.selectPolicy ?? 'Max')}\n    Policies:`);
  for (const { type, value, periodSeconds } of policies)
    out.put(
      3,
      `- Type: ${String(type)}\tValue: ${String(value)}\tPeriod: ${String(periodSeconds)} seconds`,
    );
}

function signingRequest(out: Lines, { object }: Facts): void {
  const s = spec(object) as Record<string, unknown>;
  const pem = decode(fromBase64(String(s.request ?? '')));
  const [request] = requestsOf(pem);
  if (!request) throw failure('Error parsing CSR: PEM block type must be CERTIFICATE REQUEST');
  const { metadata } = object;
  out.put(0, `Name:\t${metadata?.name ?? ''}`);
  out.put(0, `Labels:\t${pairsText(metadata?.labels)}`);
  out.put(0, `Annotations:\t${pairsText(metadata?.annotations)}`);
  out.put(0, `CreationTimestamp:\t${longTime(metadata?.creationTimestamp)}`);
  out.put(0, `Requesting User:\t${String(s.username ?? '')}`);
  if (s.signerName) out.put(0, `Signer:\t${String(s.signerName)}`);
  if (s.expirationSeconds !== undefined) {
    const length = age(new Date(0).toISOString(), Number(s.expirationSeconds) * 1000);
    out.put(0, `Requested Duration:\t${length}`);
  }
  out.put(0, `Status:\t${signingStatus(object)}`);
  out.put(0, `Subject:\n\tCommon Name:\t${request.commonName}\n\tSerial Number:\t`);
  listLines(out, 'Organization', request.organizations);
  if (request.dnsNames.length + request.ipAddresses.length === 0) return;
  out.put(0, 'Subject Alternative Names:');
  listLines(out, 'DNS Names', request.dnsNames);
  listLines(out, 'IP Addresses', request.ipAddresses);
}

function listLines(out: Lines, title: string, values: readonly string[]): void {
  if (values.length > 0) out.put(0, `\t${title}:\t${values.join('\n\t\t')}`);
}

/** `Approved,Issued`: denied wins over approved. */
function signingStatus(object: Facts['object']): string {
  const types = conditionsOf(object).map(({ type }) => type);
  const first = types.includes('Denied')
    ? 'Denied'
    : types.includes('Approved')
      ? 'Approved'
      : 'Pending';
  const failed = types.includes('Failed') ? ',Failed' : '';
  return `${first}${failed}${status(object).certificate ? ',Issued' : ''}`;
}

export const POLICIES: Readonly<Record<string, Describer>> = {
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  PodDisruptionBudget: disruptionBudget,
  HorizontalPodAutoscaler: autoscaler,
  CertificateSigningRequest: signingRequest,
};
