// The conditions of an autoscaler: the time of a condition changes only with its status.

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
} from '../../api/types/policy.ts';

type Type = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

export class Conditions {
  list: readonly HorizontalPodAutoscalerCondition[];
  private readonly now: string;

  constructor(hpa: HorizontalPodAutoscaler, now: string) {
    this.list = hpa.status?.conditions ?? [];
    this.now = now;
  }

  set(type: Type, holds: boolean, reason: string, message: string): void {
    const status = holds ? 'True' : 'False';
    const before = this.list.find((one) => one.type === type);
    const lastTransitionTime =
      before?.status === status ? (before.lastTransitionTime ?? this.now) : this.now;
    const condition = { type, status, lastTransitionTime, reason, message };
    this.list = before
      ? this.list.map((one) => (one === before ? condition : one))
      : [...this.list, condition];
  }
}
