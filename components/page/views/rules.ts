// A packet's way through the nat table: the chains at the hooks, what each leads to, and how many packets went there.
// Rules that were met since the view was drawn last are marked.

import type { ChainEntry, RulesEntry } from '../../../src/worker/views.ts';
import { draw } from './draw.ts';

const HOOKS = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'];
/** Chains that lead to themselves would have no end; the kernel refuses loops, so this is never met. */
const DEEPEST = 8;

/** Returns the function that draws the rules anew. */
export function rulesView(place: HTMLElement): (machines: readonly RulesEntry[]) => void {
  const seen = new Map<string, number>();
  const open = new Set<string>();
  const chainBox = (
    entry: RulesEntry,
    chain: ChainEntry,
    path: string,
    depth: number,
  ): HTMLElement => {
    const lines = chain.rules.map((rule, i) => {
      const key = `${path} ${i}`;
      const fresh = rule.packets > (seen.get(key) ?? 0);
      seen.set(key, rule.packets);
      const below = entry.chains.find((other) => other.name === rule.chain);
      const { match, comment } = withoutComment(rule.text);
      const text = draw('span', '', draw('code', '', match), draw('small', '', comment));
      const count = draw('span', fresh ? 'count met' : 'count', String(rule.packets));
      if (!below || depth >= DEEPEST) return draw('li', 'rule', count, text);
      const fold = document.createElement('details');
      fold.open = open.has(key);
      fold.addEventListener('toggle', () => open[fold.open ? 'add' : 'delete'](key));
      fold.append(
        draw('summary', 'rule', count, text),
        chainBox(entry, below, `${path}/${below.name}`, depth + 1),
      );
      return draw('li', '', fold);
    });
    return draw('ul', 'chain-rules', ...lines);
  };
  return (machines) => {
    const parts = machines.flatMap((entry) => {
      const hooks = entry.chains.filter(
        (chain) => HOOKS.includes(chain.name) && chain.rules.length > 0,
      );
      if (hooks.length === 0) return [];
      return [
        draw(
          'section',
          'machine',
          draw('h3', '', entry.machine, draw('small', '', 'table nat')),
          ...hooks.map((chain) =>
            draw(
              'div',
              '',
              draw('b', '', chain.name),
              chainBox(entry, chain, `${entry.machine}/${chain.name}`, 0),
            ),
          ),
        ),
      ];
    });
    place.replaceChildren(
      ...(parts.length > 0
        ? parts
        : [draw('p', 'empty', 'No machine has a rule in its nat table.')]),
    );
  };
}

/** A rule's comment stands behind it, and the hashes in it are cut: what matches is what counts here. */
function withoutComment(rule: string): { match: string; comment: string } {
  const found = /-m comment --comment ("(?:[^"\\]|\\.)*"|\S+) ?/.exec(rule);
  if (!found) return { match: rule, comment: '' };
  const comment = (found[1] ?? '').replaceAll(/^"|"$|\\/g, '');
  return {
    match: rule.replace(found[0], ''),
    comment: comment.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…'),
  };
}
