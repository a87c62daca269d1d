// The cpuset controller: which processors a group's members may use. One memory node is modelled.

import { EINVAL, ERANGE, type Errno, isErrno } from '../errno.ts';
import type { Cgroup } from './cgroup.ts';

export class CpusetControl {
  readonly group: Cgroup;
  readonly parent: CpusetControl | undefined;
  /** As written; empty: what the parent has. */
  cpus: readonly number[] = [];
  mems: readonly number[] = [];
  partition: 'member' | 'root' | 'isolated' = 'member';

  constructor(group: Cgroup, parent: CpusetControl | undefined) {
    this.group = group;
    this.parent = parent;
  }

  /** Processors of the group out of `count` of the machine: its own that the parent has too, else the parent's. */
  effectiveCpus(count: number): readonly number[] {
    const above = this.parent?.effectiveCpus(count) ?? Array.from({ length: count }, (_, i) => i);
    const mine = this.cpus.filter((cpu) => above.includes(cpu));
    return mine.length > 0 ? mine : above;
  }

  effectiveMems(): readonly number[] {
    const above = this.parent?.effectiveMems() ?? [0];
    const mine = this.mems.filter((node) => above.includes(node));
    return mine.length > 0 ? mine : above;
  }
}

/** `0-2,4`: EINVAL where it is malformed, ERANGE for a number that no machine of this kernel has. */
export function parseList(text: string, highest: number): readonly number[] | Errno {
  const word = text.trim();
  if (word === '') return [];
  const found = new Set<number>();
  for (const part of word.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) return EINVAL;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (to < from) return EINVAL;
    if (to > highest) return ERANGE;
    for (let i = from; i <= to; i++) found.add(i);
  }
  return [...found].sort((a, b) => a - b);
}

/** The inverse: runs of three or more, and of two, as `a-b`. */
export function formatList(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i] ?? 0;
    let to = from;
    while (numbers[i + 1] === to + 1) {
      to++;
      i++;
    }
    parts.push(from === to ? String(from) : `${from}-${to}`);
  }
  return parts.join(',');
}

/** Numbers that a machine with `count` processors has: EINVAL for others (the kernel's mask is wider). */
export function parseCpus(text: string, count: number, highest: number): readonly number[] | Errno {
  const list = parseList(text, highest);
  if (isErrno(list)) return list;
  return list.some((cpu) => cpu >= count) ? EINVAL : list;
}
