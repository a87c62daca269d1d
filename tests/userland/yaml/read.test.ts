// Documents, whole and broken, with what Go programs say of them: sigs.k8s.io/yaml 1.6 (yaml.v2) and yaml.v3 answered.

import { describe, expect, test } from 'vitest';
import { YamlFault, YamlProblem } from '../../../src/sim/userland/yaml/fault.ts';
import { parseDocument } from '../../../src/sim/userland/yaml/nodes.ts';
import { parseYaml } from '../../../src/sim/userland/yaml/read.ts';
import { valueOf } from '../../../src/sim/userland/yaml/values.ts';
import documents from './documents.json' with { type: 'json' };

interface Known {
  readonly text: string;
  /** What yaml.v2 has against it, or what JSON it is. */
  readonly v2?: string;
  readonly json?: unknown;
  /** What yaml.v3 has against it; '' for nothing. */
  readonly v3?: string;
}

const known = documents as readonly Known[];

/** What yaml.v3 would say; '' where it reads the text. */
function refusal(text: string): string {
  try {
    const node = parseDocument(text, 'v3');
    if (node) valueOf(node, 'v3');
    return '';
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    return error.message;
  }
}

describe('yaml.v2', () => {
  test.each(known.map((one) => [JSON.stringify(one.text), one] as const))('%s', (_, one) => {
    const read = parseYaml(one.text);
    if (one.v2 === undefined) expect(read).toEqual(one.json);
    else expect(read).toEqual(new YamlProblem(one.v2));
  });
});

describe('yaml.v3', () => {
  const told = known.filter(({ v3 }) => v3 !== undefined);
  test.each(told.map((one) => [JSON.stringify(one.text), one] as const))('%s', (_, one) => {
    expect(refusal(one.text)).toBe(one.v3);
  });
});

describe('bounds', () => {
  test('a bomb of aliases is refused', () => {
    const rows = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [was, is] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'])
      rows.push(`${is}: &${is} [${Array(10).fill(`*${was}`).join(', ')}]`);
    expect(parseYaml(rows.join('\n'))).toEqual(
      new YamlProblem('yaml: document contains excessive aliasing'),
    );
  });

  test('a document that is too deep is refused', () => {
    expect(parseYaml('['.repeat(5000))).toBeInstanceOf(YamlProblem);
    const deep = Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(parseYaml(deep)).toBeInstanceOf(YamlProblem);
  });
});
