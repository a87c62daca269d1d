// The lines of kubectl describe: levels of indentation, fields, labels, times; aligned by a tab writer at the end.

import { DESCRIBE, tabulate } from '../output/tabwriter.ts';
import type { KubeObject } from '../rest.ts';

/** Collects lines with tabs. */
export class Lines {
  private text = '';
  private done = '';

  /** Adds a line, two spaces per level. */
  put(level: number, line: string): void {
    this.text += `${'  '.repeat(level)}${line}\n`;
  }

  /** Adds text as it is. */
  raw(text: string): void {
    this.text += text;
  }

  /** Ends what is aligned together. */
  flush(): void {
    this.done += tabulate(this.text, DESCRIBE);
    this.text = '';
  }

  /** Everything with its tabs, not aligned. */
  unaligned(): string {
    return this.text;
  }

  /** Everything, aligned. */
  toString(): string {
    this.flush();
    return this.done;
  }
}

/** Name, namespace and labels and annotations, as most kinds begin. */
export function heading(out: Lines, object: KubeObject, withNamespace = true): void {
  const { metadata = {} } = object;
  out.put(0, `Name:\t${metadata.name ?? ''}`);
  if (withNamespace && metadata.namespace) out.put(0, `Namespace:\t${metadata.namespace}`);
  pairsLine(out, 0, 'Labels', metadata.labels);
  annotationsLine(out, metadata.annotations);
}

/** `Labels:  a=b` with the others beneath, which begin with the tab alone. */
export function pairsLine(
  out: Lines,
  level: number,
  title: string,
  pairs: Readonly<Record<string, unknown>> | undefined,
  skip?: ReadonlySet<string>,
): void {
  const keys = Object.keys(pairs ?? {})
    .sort()
    .filter((key) => !skip?.has(key));
  if (keys.length === 0) {
    out.put(level, `${title}:\t<none>`);
    return;
  }
  for (const [i, key] of keys.entries())
    out.put(i === 0 ? level : 0, `${i === 0 ? `${title}:` : ''}\t${key}=${String(pairs?.[key])}`);
}

const HIDDEN = 'kubectl.kubernetes.io/last-applied-configuration';

/** `Annotations:  a: b` with the others beneath; long ones on lines of their own. */
export function annotationsLine(
  out: Lines,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  const keys = Object.keys(annotations ?? {})
    .sort()
    .filter((key) => key !== HIDDEN);
  if (keys.length === 0) {
    out.put(0, 'Annotations:\t<none>');
    return;
  }
  for (const [i, key] of keys.entries()) {
    const value = (annotations?.[key] ?? '').replace(/\n$/, '');
    const start = i === 0 ? 'Annotations:\t' : '\t';
    if (value.length + key.length + 2 > 140 || value.includes('\n')) {
      out.put(0, `${start}${key}:`);
      for (const line of value.split('\n'))
        out.put(0, `\t  ${line.length > 140 ? `${line.slice(0, 140)}...` : line}`);
    } else out.put(0, `${start}${key}: ${value}`);
  }
}

/** RFC 1123 with a numeric zone: `Sat, 21 Nov 2026 00:49:22 +0000`. */
export function longTime(text: unknown): string {
  if (typeof text !== 'string' || text === '') return '<unset>';
  const date = new Date(text);
  return `${date.toUTCString().replace(' GMT', '')} +0000`;
}

/** The time since, as ages are printed (duration.HumanDuration). */
export function age(text: unknown, now: number): string {
  if (typeof text !== 'string' || text === '') return '<unknown>';
  const seconds = Math.floor((now - Date.parse(text)) / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  return `${days}d`;
}
