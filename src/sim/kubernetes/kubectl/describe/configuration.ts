// kubectl describe of configuration and policy of namespaces: config maps, secrets, accounts, quotas, limits, priorities.

import { fromBase64 } from '../../../core/base64.ts';
import type { KubeObject } from '../rest.ts';
import { type Describer, type Facts, type Fields, pairsText, spec, status } from './facts.ts';
import { heading, type Lines } from './writer.ts';

/** What a quota's scope matches, in kubectl's words. */
const SCOPES: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

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
      out.put(0, `  Name:\t${quota.metadata?.name ?? ''}`);
      scopeLines(out, quota, '  ');
      out.put(0, '  Resource\tUsed\tHard\n  --------\t---\t---');
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
  scopeLines(out, object, '', ' ');
  out.put(0, 'Resource\tUsed\tHard\n--------\t----\t----');
  const { hard = {}, used = {} } = status(object) as { hard?: Fields; used?: Fields };
  for (const key of Object.keys(hard).sort())
    out.put(0, `${key}\t${String(used[key] ?? '')}\t${String(hard[key])}`);
}

/** The scopes of a quota with what each means. */
function scopeLines(out: Lines, quota: KubeObject, lead: string, indent = ''): void {
  const scopes = [...((spec(quota).scopes ?? []) as string[])].sort();
  if (scopes.length > 0) out.put(0, `${lead}Scopes:\t${scopes.join(', ')}`);
  for (const scope of scopes) {
    if (SCOPES[scope]) out.put(0, `${lead}${indent}* ${SCOPES[scope]}`);
  }
}

function limitRange(out: Lines, { object }: Facts): void {
  out.put(
    0,
    `Name:\t${object.metadata?.name ?? ''}\nNamespace:\t${object.metadata?.namespace ?? ''}`,
  );
  limitRows(out, [object], '');
}

function priorityClass(out: Lines, { object }: Facts): void {
  out.put(0, `Name:\t${object.metadata?.name ?? ''}`);
  out.put(0, `Value:\t${String(object.value ?? 0)}`);
  out.put(0, `GlobalDefault:\t${String(object.globalDefault ?? false)}`);
  out.put(0, `PreemptionPolicy:\t${String(object.preemptionPolicy ?? '')}`);
  out.put(0, `Description:\t${String(object.description ?? '')}`);
  out.put(0, `Annotations:\t${pairsText(object.metadata?.annotations)}`);
}

export const CONFIGURATION: Readonly<Record<string, Describer>> = {
  ConfigMap: configMap,
  Secret: secret,
  ServiceAccount: serviceAccount,
  Namespace: namespace,
  ResourceQuota: quota,
  LimitRange: limitRange,
  PriorityClass: priorityClass,
};
