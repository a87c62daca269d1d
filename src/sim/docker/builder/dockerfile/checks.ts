// Checks that look at a Dockerfile as a whole: casing, names of stages, stages that need each other.

import { BuildError, type Lines } from './errors.ts';
import type { Program } from './instructions.ts';
import type { Linter } from './lint.ts';
import type { Node } from './parser.ts';
import type { StageState } from './stage.ts';

const isLower = (text: string): boolean => text === text.toLowerCase();
const isUpper = (text: string): boolean => text === text.toUpperCase();

function describe(node: Node, name: string, keys: readonly string[], lint: Linter): void {
  const words = node.comments.at(-1)?.split(' ');
  if (!words || keys.length === 0 || keys.includes(words[0] ?? '')) return;
  const example = keys.length > 1 ? '<arg_key>' : (keys[0] ?? '');
  lint.report('InvalidDefinitionDescription', node, name, example);
}

/** Checks of FROM, ARG and MAINTAINER as they are written. */
export function checkFroms(node: Node, lint: Linter): void {
  const kind = node.word.toLowerCase();
  if (kind === 'maintainer') lint.report('MaintainerDeprecated', node);
  if (kind === 'arg')
    describe(
      node,
      'ARG',
      node.args.map((arg) => arg.split('=')[0] ?? ''),
      lint,
    );
  const [, as = '', name = ''] = node.args;
  if (kind !== 'from' || node.args.length !== 3) return;
  if (!isLower(name)) lint.report('StageNameCasing', node, name);
  const differs = isLower(node.word) ? !isLower(as) : isUpper(node.word) && !isUpper(as);
  if (differs) lint.report('FromAsCasing', node, as, node.word);
  describe(node, 'FROM', [name.toLowerCase()], lint);
}

/** Names of stages, and the casing of instructions. */
export function checkProgram({ stages }: Program, lint: Linter): void {
  const names = new Set<string>();
  for (const stage of stages) {
    if (stage.name === '') continue;
    if (stage.name === 'context' || stage.name === 'scratch')
      lint.report('ReservedStageName', stage, stage.name);
    if (names.has(stage.name)) lint.report('DuplicateStageName', stage, stage.name);
    names.add(stage.name);
  }
  const all = stages.flatMap((stage) => [stage, ...stage.instructions]);
  const lower = all.filter(({ word }) => isLower(word)).length;
  const upper = all.filter(({ word }) => isUpper(word)).length;
  for (const instruction of all) {
    const { word } = instruction;
    if (lower > upper ? isLower(word) : isUpper(word)) continue;
    const casing = lower > upper ? 'lowercase' : 'uppercase';
    lint.report('ConsistentInstructionCasing', instruction, word, casing);
  }
}

/** Throws where stages need each other in a circle. */
export function checkCircles(states: readonly StageState[]): void {
  const seen = new Set<StageState>();
  const path = new Set<StageState>();
  const visit = (state: StageState, lines: readonly Lines[]): readonly Lines[] | undefined => {
    if (seen.has(state)) return undefined;
    seen.add(state);
    path.add(state);
    for (const [need, at] of state.needs) {
      const found = path.has(need) ? [...lines, at] : visit(need, [...lines, at]);
      if (found) return found;
    }
    path.delete(state);
    return undefined;
  };
  for (const state of states) {
    const lines = visit(state, []);
    if (lines) throw new BuildError(`circular dependency detected on stage: ${state.name}`, lines);
  }
}
