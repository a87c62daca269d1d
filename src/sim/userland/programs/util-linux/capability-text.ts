// Capability sets in libcap's text forms (cap_text_formats(7)): `cap_chown,cap_kill=ep`, and lists of names.

import { CAPABILITIES, type CapabilitySet } from '../../../kernel/task/credentials.ts';

/** The three sets that text can speak of. */
export interface CapabilityText {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
}

const ALL: CapabilitySet = (1n << BigInt(CAPABILITIES.length)) - 1n;

/** The bit of `cap_chown`, `CHOWN` or a number; undefined where there is none. */
export function capabilityByName(name: string): CapabilitySet | undefined {
  const plain = name.toLowerCase().replace(/^cap_/, '');
  const index = /^\d+$/.test(plain)
    ? Number(plain)
    : CAPABILITIES.findIndex((each) => each === plain);
  return index < 0 || index > 63 ? undefined : 1n << BigInt(index);
}

/** `cap_chown,cap_kill`. */
export function nameList(set: CapabilitySet): string {
  const names: string[] = [];
  for (let i = 0; i < 64; i++)
    if ((set >> BigInt(i)) & 1n) names.push(CAPABILITIES[i] ? `cap_${CAPABILITIES[i]}` : String(i));
  return names.join(',');
}

type Sets = { e: CapabilitySet; p: CapabilitySet; i: CapabilitySet };

/** cap_from_text(3); undefined where it is malformed. */
export function parseCapabilities(text: string): CapabilityText | undefined {
  const sets: Sets = { e: 0n, p: 0n, i: 0n };
  for (const clause of text.trim().split(/\s+/)) {
    const match = /^([a-z0-9_,]*)((?:[=+-][eip]*)+)$/i.exec(clause);
    if (!match) return undefined;
    const [, names = '', actions = ''] = match;
    let which: CapabilitySet | undefined = names === '' || names.toLowerCase() === 'all' ? ALL : 0n;
    if (which === 0n) {
      for (const name of names.split(',')) {
        const bit = capabilityByName(name);
        which = bit === undefined || which === undefined ? undefined : which | bit;
      }
    }
    if (which === undefined || (names === '' && !actions.startsWith('='))) return undefined;
    apply(sets, which, actions);
  }
  return { effective: sets.e, permitted: sets.p, inheritable: sets.i };
}

function apply(sets: Sets, which: CapabilitySet, actions: string): void {
  for (const [, sign, letters = ''] of actions.matchAll(/([=+-])([eip]*)/g)) {
    if (sign === '=') for (const key of ['e', 'p', 'i'] as const) sets[key] &= ~which;
    for (const letter of letters) {
      const key = letter as keyof Sets;
      if (sign === '-') sets[key] &= ~which;
      else sets[key] |= which;
    }
  }
}

/** cap_to_text(3): the commonest combination first as `=…`, then what differs from it. */
export function formatCapabilities(sets: CapabilityText): string {
  const groups = new Map<string, CapabilitySet>();
  for (let i = 0; i < CAPABILITIES.length; i++) {
    const bit = 1n << BigInt(i);
    const flags = `${sets.effective & bit ? 'e' : ''}${sets.inheritable & bit ? 'i' : ''}${sets.permitted & bit ? 'p' : ''}`;
    groups.set(flags, (groups.get(flags) ?? 0n) | bit);
  }
  const count = (set: CapabilitySet): number => set.toString(2).replaceAll('0', '').length;
  const [base = ''] = [...groups].sort((a, b) => count(b[1]) - count(a[1]))[0] ?? [];
  const others = [...groups].filter(([flags]) => flags !== base);
  const parts = base === '' ? [] : [`=${base}`];
  for (const [flags, set] of others) {
    if (base === '') parts.push(`${nameList(set)}=${flags}`);
    else parts.push(`${nameList(set)}${difference(base, flags)}`);
  }
  return parts.join(' ') || '=';
}

function difference(base: string, flags: string): string {
  const added = [...flags].filter((flag) => !base.includes(flag)).join('');
  const removed = [...base].filter((flag) => !flags.includes(flag)).join('');
  return `${added ? `+${added}` : ''}${removed ? `-${removed}` : ''}`;
}
