// Flags of Dockerfile instructions (`COPY --from=build`): which each takes, and what is said of others.

import { BuildError, hint } from './errors.ts';
import type { Node } from './parser.ts';

/** Kinds of flags: text, yes or no, given several times. */
type FlagKind = 'text' | 'bool' | 'list';
/** The flags that instructions take. */
export const FLAGS: Readonly<Record<string, Readonly<Record<string, FlagKind>>>> = {
  add: {
    chown: 'text',
    chmod: 'text',
    link: 'bool',
    'keep-git-dir': 'bool',
    checksum: 'text',
    unpack: 'bool',
    exclude: 'list',
  },
  copy: {
    chown: 'text',
    from: 'text',
    chmod: 'text',
    link: 'bool',
    exclude: 'list',
    parents: 'bool',
  },
  from: { platform: 'text' },
  run: { mount: 'list', network: 'text', security: 'text', device: 'list' },
  healthcheck: {
    interval: 'text',
    timeout: 'text',
    'start-period': 'text',
    'start-interval': 'text',
    retries: 'text',
  },
};

/** Flags of one instruction; what it does not know is thrown. */
export class Flags {
  private readonly values = new Map<string, string[]>();

  constructor(node: Node, known: Readonly<Record<string, FlagKind>>) {
    for (const word of node.flags) this.take(word, known);
  }

  private take(word: string, known: Readonly<Record<string, FlagKind>>): void {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const key = name.slice(2);
    const kind = known[key];
    if (kind === undefined)
      throw new BuildError(`unknown flag: ${name}${hint(key, Object.keys(known), true)}`);
    const before = this.values.get(key);
    if (before && kind !== 'list') throw new BuildError(`duplicate flag specified: ${name}`);
    let value = equals < 0 ? undefined : word.slice(equals + 1);
    if (kind === 'bool') {
      if (value === '') throw new BuildError(`missing a value on flag: ${name}`);
      value = (value ?? 'true').toLowerCase();
      if (value !== 'true' && value !== 'false')
        throw new BuildError(`expecting boolean value for flag ${name}, not: ${value}`);
    }
    if (value === undefined) throw new BuildError(`missing a value on flag: ${name}`);
    if (before) before.push(value);
    else this.values.set(key, [value]);
  }

  text(name: string, fallback = ''): string {
    return this.values.get(name)?.at(-1) ?? fallback;
  }
  list(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }
  on(name: string): boolean {
    return this.text(name) === 'true';
  }
  given(name: string): boolean {
    return this.values.has(name);
  }
}
