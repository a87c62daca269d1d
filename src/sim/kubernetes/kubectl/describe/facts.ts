// What a kind's description is made from, and what kinds share: their heads, conditions, owners.

import type { KubeObject } from '../rest.ts';
import { annotationsLine, type Lines, longTime, pairsLine } from './writer.ts';

/** What a kind's lines are made from. */
export interface Facts {
  readonly object: KubeObject;
  /** Objects that belong to it: a deployment's replica sets, a service's slices, a set's pods. */
  readonly related: readonly KubeObject[];
  /** The time now, in milliseconds since 1970. */
  readonly now: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Writes one kind's lines. */
export type Describer = (out: Lines, facts: Facts) => void;

export function spec(object: KubeObject): Fields {
  return (object.spec ?? {}) as Fields;
}

export function status(object: KubeObject): Fields {
  return (object.status ?? {}) as Fields;
}

/** `a=1,b=2`, or `<none>` (labels.FormatLabels). */
export function pairsText(pairs: unknown): string {
  const keys = Object.keys((pairs ?? {}) as object).sort();
  if (keys.length === 0) return '<none>';
  return keys.map((key) => `${key}=${String((pairs as Fields)[key])}`).join(',');
}

/** Labels and annotations. */
export function labelLines(out: Lines, { metadata }: KubeObject): void {
  pairsLine(out, 0, 'Labels', metadata?.labels);
  annotationsLine(out, metadata?.annotations);
}

/** `True`, `False`, `<unset>`. */
export function boolText(value: unknown): string {
  return value === undefined || value === null ? '<unset>' : value ? 'True' : 'False';
}

/** The controller among the owners. */
export function controlled(out: Lines, object: KubeObject): void {
  const owners = (object.metadata?.ownerReferences ?? []) as {
    kind: string;
    name: string;
    controller?: boolean;
  }[];
  const owner = owners.find((one) => one.controller);
  if (owner) out.put(0, `Controlled By:\t${owner.kind}/${owner.name}`);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastProbeTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastTransitionTime?: string;
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  return (status(object).conditions ?? []) as Condition[];
}

/** Conditions with type, status and reason. */
export function conditionRows(out: Lines, object: KubeObject): void {
  const list = conditionsOf(object);
  if (list.length === 0) return;
  out.put(0, 'Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------');
  for (const one of list) out.put(1, `${one.type} \t${one.status}\t${one.reason ?? ''}`);
}

/** Conditions with their times and messages; `heard` names the first time's column and field. */
export function longConditionRows(
  out: Lines,
  object: KubeObject,
  heard: 'LastProbeTime' | 'LastHeartbeatTime',
): void {
  const list = conditionsOf(object);
  if (list.length === 0) return;
  out.put(0, 'Conditions:');
  out.put(1, `Type\tStatus\t${heard}\tLastTransitionTime\tReason\tMessage`);
  out.put(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const one of list) {
    const first = heard === 'LastProbeTime' ? one.lastProbeTime : one.lastHeartbeatTime;
    out.put(
      1,
      `${one.type} \t${one.status} \t${zeroTime(first)} \t${zeroTime(one.lastTransitionTime)} \t${one.reason ?? ''} \t${one.message ?? ''}`,
    );
  }
}

function zeroTime(text: string | undefined): string {
  return text ? longTime(text) : 'Mon, 01 Jan 0001 00:00:00 +0000';
}
