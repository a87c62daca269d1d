// The forms in which diff prints changes: normal, unified, context, ed scripts, RCS scripts and two columns.
// Lines are byte strings (one character a byte), each with its newline if it had one.

import { binaryBytes, binaryString, decode, encode } from '../../../core/text.ts';
import type { Change } from './diff-script.ts';

export type DiffStyle = 'normal' | 'unified' | 'context' | 'ed' | 'rcs' | 'columns';

/** Two files and what changed between them. */
export interface Comparison {
  readonly old: readonly string[];
  readonly young: readonly string[];
  readonly changes: readonly Change[];
  /** Changes that count: blank lines or lines matching -I alone do not, where that was asked. */
  readonly counts: (change: Change) => boolean;
}

/** How two columns are laid out. */
export interface Columns {
  readonly width: number;
  readonly suppressCommon: boolean;
  readonly leftOnly: boolean;
}

const NO_NEWLINE = '\n\\ No newline at end of file\n';

/** A line behind a mark. */
function marked(mark: string, line: string): string {
  return mark + (line.endsWith('\n') ? line : line + NO_NEWLINE);
}

/** `3` or `3,5`: lines as normal, ed and context forms count them; of none, the line before. */
function range(from: number, count: number): string {
  return count > 1 ? `${from + 1},${from + count}` : String(from + count);
}

/** `2c2`, `< old`, `---`, `> new`. */
export function normalDiff({ old, young, changes, counts }: Comparison): string {
  let out = '';
  for (const change of changes) {
    if (!counts(change)) continue;
    const { from, to, deleted, inserted } = change;
    const letter = deleted === 0 ? 'a' : inserted === 0 ? 'd' : 'c';
    out += `${range(from, deleted)}${letter}${range(to, inserted)}\n`;
    for (const line of old.slice(from, from + deleted)) out += marked('< ', line);
    if (deleted > 0 && inserted > 0) out += '---\n';
    for (const line of young.slice(to, to + inserted)) out += marked('> ', line);
  }
  return out;
}

/** Changes near enough to share their context, with at least one that counts in each group. */
function hunks({ changes, counts }: Comparison, context: number): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const gap = before ? change.from - (before.from + before.deleted) : 0;
    const limit = counts(change) ? 2 * context : context - 1;
    if (group && gap <= limit) group.push(change);
    else groups.push([change]);
  }
  return groups.filter((group) => group.some(counts));
}

/** The lines of both files that a hunk shows. */
function extent(group: readonly Change[], { old }: Comparison, context: number) {
  const first = group[0] ?? { from: 0, to: 0 };
  const last = group.at(-1) ?? { from: 0, to: 0, deleted: 0, inserted: 0 };
  const lead = Math.min(first.from, context);
  const trail = Math.min(old.length - last.from - last.deleted, context);
  return {
    from: first.from - lead,
    fromEnd: last.from + last.deleted + trail,
    to: first.to - lead,
    toEnd: last.to + last.inserted + trail,
  };
}

/** `@@ -1,4 +1,5 @@` and its lines, for every hunk. */
export function unifiedDiff(comparison: Comparison, context: number): string {
  const { old, young } = comparison;
  const count = (from: number, end: number): string =>
    end - from === 1 ? String(end) : `${end === from ? from : from + 1},${end - from}`;
  let out = '';
  for (const group of hunks(comparison, context)) {
    const { from, fromEnd, to, toEnd } = extent(group, comparison, context);
    out += `@@ -${count(from, fromEnd)} +${count(to, toEnd)} @@\n`;
    let at = from;
    for (const change of group) {
      for (; at < change.from; at++) out += marked(' ', old[at] ?? '');
      for (; at < change.from + change.deleted; at++) out += marked('-', old[at] ?? '');
      const added = young.slice(change.to, change.to + change.inserted);
      for (const line of added) out += marked('+', line);
    }
    for (; at < fromEnd; at++) out += marked(' ', old[at] ?? '');
  }
  return out;
}

/** Both versions of every hunk, one after the other. */
export function contextDiff(comparison: Comparison, context: number): string {
  let out = '';
  for (const group of hunks(comparison, context)) {
    const { from, fromEnd, to, toEnd } = extent(group, comparison, context);
    out += `***************\n*** ${range(from, fromEnd - from)} ****\n`;
    if (group.some((change) => change.deleted > 0)) {
      const parts = group.map((c) => ({
        at: c.from,
        count: c.deleted,
        mark: c.inserted ? '! ' : '- ',
      }));
      out += version(comparison.old, from, fromEnd, parts);
    }
    out += `--- ${range(to, toEnd - to)} ----\n`;
    if (group.some((change) => change.inserted > 0)) {
      const parts = group.map((c) => ({
        at: c.to,
        count: c.inserted,
        mark: c.deleted ? '! ' : '+ ',
      }));
      out += version(comparison.young, to, toEnd, parts);
    }
  }
  return out;
}

function version(
  lines: readonly string[],
  from: number,
  end: number,
  parts: readonly { readonly at: number; readonly count: number; readonly mark: string }[],
): string {
  let out = '';
  for (let i = from; i < end; i++) {
    const part = parts.find(({ at, count }) => i >= at && i < at + count);
    out += marked(part?.mark ?? '  ', lines[i] ?? '');
  }
  return out;
}

/** Commands for ed, last change first; a line that is a single dot is put in by way of two dots. */
export function edScript({ young, changes, counts }: Comparison): string {
  let out = '';
  for (const change of changes.filter(counts).reverse()) {
    const { from, deleted, to, inserted } = change;
    const letter = deleted === 0 ? 'a' : inserted === 0 ? 'd' : 'c';
    out += `${range(from, deleted)}${letter}\n`;
    if (inserted === 0) continue;
    const added = young.slice(to, to + inserted);
    let open = true;
    for (const [i, line] of added.entries()) {
      if (!open) out += 'a\n';
      open = line !== '.\n';
      out += open ? line : '..\n.\ns/.//\n';
      if (!open && i === added.length - 1) return out;
    }
    out += '.\n';
  }
  return out;
}

/** Commands as RCS keeps them: `d2 1`, `a2 1`. */
export function rcsScript({ young, changes, counts }: Comparison): string {
  let out = '';
  for (const { from, deleted, to, inserted } of changes.filter(counts)) {
    if (deleted > 0) out += `d${from + 1} ${deleted}\n`;
    if (inserted > 0) out += `a${from + deleted} ${inserted}\n`;
    out += young.slice(to, to + inserted).join('');
  }
  return out;
}

const TAB = 8;

/** Two columns with `|`, `<`, `>` between lines that differ. */
export function columnsDiff(
  comparison: Comparison,
  { width, suppressCommon, leftOnly }: Columns,
): string {
  const { old, young, changes } = comparison;
  const offset = Math.floor((width + TAB + 3) / (2 * TAB)) * TAB;
  const half = Math.max(0, Math.min(offset - 3, width - offset));
  const right = half ? offset : width;
  const row = (left: string | undefined, mark: string, other: string | undefined): string => {
    let out = left === undefined ? '' : halfLine(left, 0, half);
    let column = left === undefined ? 0 : shownWidth(left, half);
    let newline = left?.endsWith('\n') ?? false;
    if (mark !== ' ') {
      const place = Math.floor((half + right - 1) / 2);
      const odd = mark === '|' && newline !== (other?.endsWith('\n') ?? false);
      out += tabs(column, place) + (odd ? (newline ? '/' : '\\') : mark);
      column = place + 1;
    }
    if (other !== undefined) {
      newline ||= other.endsWith('\n');
      if (other !== '\n') out += tabs(column, right) + halfLine(other, right, half);
    }
    return newline ? `${out}\n` : out;
  };
  let out = '';
  let i = 0;
  let j = 0;
  const common = (end: number): void => {
    for (; i < end; i++, j++) {
      if (suppressCommon) continue;
      out += leftOnly ? row(old[i], '(', undefined) : row(old[i], ' ', young[j]);
    }
  };
  for (const { from, to, deleted, inserted } of changes) {
    common(from);
    for (; i < from + deleted && j < to + inserted; i++, j++) out += row(old[i], '|', young[j]);
    for (; j < to + inserted; j++) out += row(undefined, '>', young[j]);
    for (; i < from + deleted; i++) out += row(old[i], '<', undefined);
  }
  common(old.length);
  return out;
}

/** Tabs and spaces from one column to another. */
function tabs(from: number, to: number): string {
  let out = '';
  let at = from;
  for (let next = at + TAB - (at % TAB); next <= to; next += TAB) {
    out += '\t';
    at = next;
  }
  return out + ' '.repeat(Math.max(0, to - at));
}

/** As much of a line as a column holds; its tabs as they fall. */
function halfLine(line: string, start: number, limit: number): string {
  let out = '';
  let shown = 0;
  let position = 0;
  for (const char of decode(binaryBytes(line.replace(/\n$/, '')))) {
    if (char === '\t') {
      const next = position + TAB - (position % TAB);
      if (position === shown && next < limit) {
        out += tabs(start + shown, start + next);
        shown = next;
      }
      position = next;
    } else if (position++ < limit) {
      out += char;
      shown = position;
    }
  }
  return binaryString(encode(out));
}

function shownWidth(line: string, limit: number): number {
  let at = 0;
  for (const char of decode(binaryBytes(line.replace(/\n$/, '')))) {
    const next = char === '\t' ? at + TAB - (at % TAB) : at + 1;
    if (char === '\t' ? next >= limit : next > limit) break;
    at = next;
  }
  return at;
}
