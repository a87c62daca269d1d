// What is wrong with a document, and where go-yaml says that it is.

import type { Mark } from './reader.ts';

/** The two readers of Go programs: yaml.v2, which sigs.k8s.io/yaml builds on, and yaml.v3, which compose uses. */
export type Dialect = 'v2' | 'v3';

/** What is wrong with a document: `yaml: line 4: …`. */
export class YamlProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Thrown within the reader; parseYaml and its like make a YamlProblem of it. */
export class YamlFault extends Error {}

/** A fault of the scanner, which notices it at `at` while it reads what began at `context`. Lines count from 1 here. */
export function scannerFault(
  dialect: Dialect,
  problem: string,
  at: Mark,
  context: Mark | undefined,
): YamlFault {
  return new YamlFault(placed(dialect, problem, at.line, context?.line, 1));
}

/** A fault of the parser. go-yaml tells its line one too low, as it counts from 0. */
export function parserFault(
  dialect: Dialect,
  problem: string,
  at: Mark,
  context: Mark | undefined,
): YamlFault {
  return new YamlFault(placed(dialect, problem, at.line, context?.line, 0));
}

/** yaml.v2 prefers the line of the problem, yaml.v3 that of its context; neither tells line 0. */
function placed(
  dialect: Dialect,
  problem: string,
  problemLine: number,
  contextLine = 0,
  further: number,
): string {
  let line: number;
  if (dialect === 'v2') line = problemLine !== 0 ? problemLine + further : contextLine;
  else line = (contextLine !== 0 ? contextLine : problemLine) + further;
  if (dialect === 'v3' && contextLine === 0 && problemLine === 0) line = 0;
  return `yaml: ${line !== 0 ? `line ${line}: ` : ''}${problem}`;
}
