// What a client knows of a build while it hears its progress (BuildKit's progressui trace).

import { SECOND } from '../../../core/time.ts';
import type { Warning } from '../../builder/dockerfile/lint.ts';
import type { ProgressEvent, TaskStatus, VertexStatus } from '../../builder/progress.ts';

/** A vertex with all that was told of it. */
export interface Traced {
  readonly digest: string;
  status: VertexStatus;
  /** Printed under this number; 0 before. */
  index: number;
  readonly tasks: Map<string, TaskStatus>;
  /** Ids of tasks that changed since they were printed. */
  readonly changed: Set<string>;
  readonly warnings: Warning[];
  printedWarnings: number;
  /** Whole lines with their time, and what has no end yet. */
  readonly lines: string[];
  printedLines: number;
  partial: string;
  updated: boolean;
}

/** Seconds with a digit, as progress shows durations. */
export function seconds(from: number, to: number, digits = 1): string {
  return ((to - from) / SECOND).toFixed(digits);
}

/** `98B`, `1.37kB`, `3.64MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes}B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(2)}${units[unit]}`;
}

/** The text of a warning with its rule and line. */
export function warningText({ rule, message, lines }: Warning): string {
  return `${rule}: ${message}${lines.start > 0 ? ` (line ${lines.start})` : ''}`;
}

export class Trace {
  readonly vertices: Traced[] = [];
  readonly warnings: Warning[] = [];
  private readonly byDigest = new Map<string, Traced>();

  private traced(digest: string): Traced | undefined {
    return this.byDigest.get(digest);
  }

  /** Takes news in. */
  take(event: ProgressEvent): void {
    if (event.type === 'vertex') return void this.vertex(event.vertex);
    const vertex = this.traced(event.type === 'task' ? event.task.vertex : event.vertex);
    if (!vertex) return;
    vertex.updated = true;
    if (event.type === 'task') {
      vertex.tasks.set(event.task.id, event.task);
      vertex.changed.add(event.task.id);
    } else if (event.type === 'warning') {
      vertex.warnings.push(event.warning);
      this.warnings.push(event.warning);
    } else {
      const stamp = seconds(vertex.status.started, event.at, 3);
      const parts = event.text.split('\n');
      for (const [i, part] of parts.entries()) {
        if (vertex.partial === '' && part !== '') vertex.partial = `${stamp} `;
        if (vertex.partial === '' && i < parts.length - 1) vertex.partial = `${stamp} `;
        vertex.partial += part;
        if (i === parts.length - 1) break;
        vertex.lines.push(vertex.partial.replace(/\r$/, ''));
        vertex.partial = '';
      }
    }
  }

  private vertex(status: VertexStatus): void {
    const before = this.traced(status.digest);
    if (before) {
      before.status = { ...status, started: before.status.started };
      before.updated = true;
      return;
    }
    const traced: Traced = {
      digest: status.digest,
      status,
      index: 0,
      tasks: new Map(),
      changed: new Set(),
      warnings: [],
      printedWarnings: 0,
      lines: [],
      printedLines: 0,
      partial: '',
      updated: true,
    };
    this.vertices.push(traced);
    this.byDigest.set(status.digest, traced);
  }

  /** The output of failing steps again, between lines of dashes. */
  errorLogs(): string {
    return this.vertices
      .filter(({ status }) => status.error !== undefined && status.error !== 'context canceled')
      .map(({ status, lines, partial }) => {
        const all = partial === '' ? lines : [...lines, partial];
        const last = all.slice(-10).map((line) => `${line}\n`);
        return `------\n > ${status.name}:\n${last.join('')}------\n`;
      })
      .join('');
  }
}
