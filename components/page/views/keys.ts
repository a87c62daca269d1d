// etcd's keys by revision: every write in order, newest first, with what it changed in the value.

import type { ChangeLook, KeysLook } from '../../../src/sim/labs/looks/looks.ts';
import { draw } from './draw.ts';

/** Returns the function that draws the revisions anew. */
export function keysView(place: HTMLElement): (keys: KeysLook | undefined) => void {
  const open = new Set<number>();
  const row = (change: ChangeLook): HTMLElement => {
    const { revision, key, value, before } = change;
    const what = value === undefined ? 'deleted' : before === undefined ? 'created' : 'changed';
    const fold = document.createElement('details');
    fold.open = open.has(revision);
    const fill = (): void => {
      if (fold.open && fold.childElementCount === 1) fold.append(difference(before, value));
    };
    fold.addEventListener('toggle', () => {
      open[fold.open ? 'add' : 'delete'](revision);
      fill();
    });
    fold.append(
      draw(
        'summary',
        `change ${what}`,
        draw('span', 'count', String(revision)),
        draw('code', '', key),
        draw('small', '', what),
      ),
    );
    fill();
    return fold;
  };
  return (keys) => {
    if (!keys) {
      place.replaceChildren(draw('p', 'empty', 'No etcd runs in this lab.'));
      return;
    }
    const facts = `revision ${keys.revision} · ${keys.keys} keys`;
    const cut = keys.compacted > 0 ? ` · compacted at ${keys.compacted}` : '';
    const rows = withRenewalsFolded(keys.changes).map((entry) =>
      Array.isArray(entry) ? renewals(entry, row) : row(entry),
    );
    place.replaceChildren(draw('h3', '', facts + cut), ...rows);
  };
}

/** A renewed lease: the heartbeat of a node, or of whoever leads. */
function isRenewal({ key, value, before }: ChangeLook): boolean {
  return key.startsWith('/registry/leases/') && value !== undefined && before !== undefined;
}

/** Renewals that follow on each other as one entry: they would hide everything else. */
function withRenewalsFolded(changes: readonly ChangeLook[]): (ChangeLook | ChangeLook[])[] {
  const entries: (ChangeLook | ChangeLook[])[] = [];
  for (const change of changes) {
    const last = entries.at(-1);
    if (!isRenewal(change)) entries.push(change);
    else if (Array.isArray(last)) last.push(change);
    else entries.push([change]);
  }
  return entries;
}

function renewals(
  changes: readonly ChangeLook[],
  row: (change: ChangeLook) => HTMLElement,
): HTMLElement {
  const [newest] = changes;
  if (changes.length === 1 && newest) return row(newest);
  const fold = document.createElement('details');
  fold.append(
    draw(
      'summary',
      'change renewals',
      draw('span', 'count', String(newest?.revision ?? '')),
      draw('small', '', `leases renewed ${changes.length} times`),
    ),
    ...changes.map(row),
  );
  return fold;
}

/** The lines of both values: what went, what came, and what stayed around them. */
function difference(before: string | undefined, after: string | undefined): HTMLElement {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const place = draw('pre', 'difference');
  let at = 0;
  for (const line of old) {
    const found = fresh.indexOf(line, at);
    if (found < 0) {
      place.append(draw('del', '', `- ${line}\n`));
      continue;
    }
    for (const added of fresh.slice(at, found)) place.append(draw('ins', '', `+ ${added}\n`));
    place.append(`  ${line}\n`);
    at = found + 1;
  }
  for (const added of fresh.slice(at)) place.append(draw('ins', '', `+ ${added}\n`));
  return place;
}

function linesOf(value: string | undefined): string[] {
  if (value === undefined) return [];
  try {
    return JSON.stringify(JSON.parse(value), undefined, 2).split('\n');
  } catch {
    return value.split('\n');
  }
}
