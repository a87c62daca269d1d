// How far and how fast an autoscaler may go: limits, stabilisation over recent recommendations, and the rates of
// spec.behavior.

import { SECOND } from '../../../core/time.ts';
import type { HPAScalingRules, HorizontalPodAutoscaler } from '../../api/types/policy.ts';

/** A number of replicas at a time. */
interface Sample {
  readonly at: number;
  readonly value: number;
}

/** What is remembered of one autoscaler. */
export interface History {
  recommendations: Sample[];
  /** Replicas added and removed. */
  ups: Sample[];
  downs: Sample[];
}

/** What normalising ends with, and the conditions that tell of it. */
export interface Normalized {
  readonly replicas: number;
  readonly able: readonly [string, string];
  readonly limited: readonly [boolean, string, string];
}

/** --horizontal-pod-autoscaler-downscale-stabilization. */
const DOWN_WINDOW = 300;
const READY = ['ReadyForNewScale', 'recommended size matches current size'] as const;
const DOWN = [
  'ScaleDownStabilized',
  'recent recommendations were higher than current one, applying the highest recent recommendation',
] as const;
const UP = [
  'ScaleUpStabilized',
  'recent recommendations were lower than current one, applying the lowest recent recommendation',
] as const;
const WITHIN = ['DesiredWithinRange', 'the desired count is within the acceptable range'] as const;
const TOO_MANY = [
  'TooManyReplicas',
  'the desired replica count is more than the maximum replica count',
] as const;
const TOO_FEW = [
  'TooFewReplicas',
  'the desired replica count is less than the minimum replica count',
] as const;
const UP_LIMIT = [
  'ScaleUpLimit',
  'the desired replica count is increasing faster than the maximum scale rate',
] as const;
const DOWN_LIMIT = [
  'ScaleDownLimit',
  'the desired replica count is decreasing faster than the maximum scale rate',
] as const;

/** Without spec.behavior: the highest recommendation of five minutes, and at most twice as many at once. */
function byRules(
  hpa: HorizontalPodAutoscaler,
  history: History,
  current: number,
  desired: number,
  now: number,
): Normalized {
  const cutoff = now - DOWN_WINDOW * SECOND;
  const recent = history.recommendations.filter(({ at }) => at > cutoff);
  const stable = Math.max(desired, ...recent.map(({ value }) => value));
  history.recommendations = [...recent, { at: now, value: desired }];
  const { minReplicas = 1, maxReplicas } = hpa.spec;
  const rate = Math.max(2 * current, 4);
  const most = Math.min(maxReplicas, rate);
  const able = stable === desired ? READY : DOWN;
  if (stable < minReplicas) return { replicas: minReplicas, able, limited: [true, ...TOO_FEW] };
  if (stable > most) {
    const why = maxReplicas > rate ? UP_LIMIT : TOO_MANY;
    return { replicas: most, able, limited: [true, ...why] };
  }
  return { replicas: stable, able, limited: [false, ...WITHIN] };
}

function changedIn(samples: readonly Sample[], seconds: number, now: number): number {
  return samples
    .filter(({ at }) => at > now - seconds * SECOND)
    .reduce((sum, { value }) => sum + value, 0);
}

/** The furthest that the policies of one direction let it go. */
function rateLimit(
  rules: HPAScalingRules,
  history: History,
  current: number,
  now: number,
  up: boolean,
): number {
  const { selectPolicy = 'Max', policies = [] } = rules;
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const added = changedIn(history.ups, periodSeconds, now);
    const removed = changedIn(history.downs, periodSeconds, now);
    const start = current - added + removed;
    if (type === 'Pods') return up ? start + value : start - value;
    return up ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100));
  });
  const largest = (selectPolicy === 'Max') === up;
  return largest ? Math.max(...limits) : Math.min(...limits);
}

function byBehavior(
  hpa: HorizontalPodAutoscaler,
  history: History,
  current: number,
  desired: number,
  now: number,
): Normalized {
  const { scaleUp = {}, scaleDown = {} } = hpa.spec.behavior ?? {};
  const upWindow = scaleUp.stabilizationWindowSeconds ?? 0;
  const downWindow = scaleDown.stabilizationWindowSeconds ?? DOWN_WINDOW;
  let low = desired;
  let high = desired;
  for (const { at, value } of history.recommendations) {
    if (at > now - upWindow * SECOND) low = Math.min(low, value);
    if (at > now - downWindow * SECOND) high = Math.max(high, value);
  }
  const longest = Math.max(upWindow, downWindow) * SECOND;
  history.recommendations = [
    ...history.recommendations.filter(({ at }) => at > now - longest),
    { at: now, value: desired },
  ];
  const stable = Math.min(Math.max(current, low), high);
  const able = stable === desired ? READY : desired >= current ? UP : DOWN;
  const { minReplicas = 1, maxReplicas } = hpa.spec;
  if (stable > current) {
    const rate = Math.max(current, rateLimit(scaleUp, history, current, now, true));
    const most = Math.min(maxReplicas, rate);
    const why = maxReplicas > rate ? UP_LIMIT : TOO_MANY;
    if (stable > most) return { replicas: most, able, limited: [true, ...why] };
  } else if (stable < current) {
    const rate = Math.min(current, rateLimit(scaleDown, history, current, now, false));
    const least = Math.max(minReplicas, rate);
    const why = minReplicas < rate ? DOWN_LIMIT : TOO_FEW;
    if (stable < least) return { replicas: least, able, limited: [true, ...why] };
  }
  return { replicas: stable, able, limited: [false, ...WITHIN] };
}

/** Brings a desired number into what is allowed now, and remembers it. */
export function normalize(
  hpa: HorizontalPodAutoscaler,
  history: History,
  current: number,
  desired: number,
  now: number,
): Normalized {
  const rule = hpa.spec.behavior ? byBehavior : byRules;
  return rule(hpa, history, current, desired, now);
}
