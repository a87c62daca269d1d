// What `--check` and `--call=targets` print.

import type { Routine } from '../../../core/wait.ts';
import type { Lines } from '../../builder/dockerfile/errors.ts';
import type { Warning } from '../../builder/dockerfile/lint.ts';
import type { Call } from '../command.ts';
import { tabulate } from '../output.ts';
import { excerpt } from './build.ts';

interface Answer {
  readonly warnings?: readonly Warning[];
  readonly source?: { readonly filename: string; readonly text: string };
  readonly error?: { readonly message: string; readonly lines: readonly Lines[] };
  readonly targets?: readonly {
    readonly name: string;
    readonly description: string;
    readonly default: boolean;
  }[];
}

/** Prints the answer; 1 where a check was not passed. */
export function* printCheck(call: Call, text: string): Routine<number> {
  const { out } = call.main;
  const { warnings = [], source, error, targets } = JSON.parse(text) as Answer;
  if (targets) {
    const rows = targets.map((target) => [
      target.default
        ? `${target.name === '' ? '(default)' : `${target.name} (default)`}`
        : target.name,
      target.description,
    ]);
    out.put(tabulate([['TARGET', 'DESCRIPTION'], ...rows], 0));
    return 0;
  }
  const { filename = '', text: dockerfile = '' } = source ?? {};
  if (warnings.length === 0 && !error) {
    out.put('Check complete, no warnings found.\n');
    return 0;
  }
  if (warnings.length > 0)
    out.put(
      `Check complete, ${warnings.length === 1 ? '1 warning has' : `${warnings.length} warnings have`} been found!\n`,
    );
  const sorted = [...warnings].sort((a, b) => a.lines.start - b.lines.start);
  for (const { rule, url, message, lines } of sorted) {
    const page = url === '' ? '' : ` - ${url}`;
    out.put(`\nWARNING: ${rule}${page}\n${message}\n${excerpt(filename, dockerfile, [lines])}`);
  }
  if (error) {
    const before = warnings.length > 0 ? '\n' : '';
    const where = excerpt(filename, dockerfile, error.lines);
    out.put(`${before}ERROR: ${error.message}\n${where}\n`);
  }
  return 1;
}
