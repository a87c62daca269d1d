// getopts: one option at a time, its place kept in OPTIND (and, inside a word, in the shell).

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import { say, usage } from './messages.ts';

/** Sets the name to the next option and OPTARG to its argument; 1 at the end. */
export function* getopts(shell: Shell, words: readonly string[]): Routine<number> {
  const [, spec, name] = words;
  if (spec === undefined || name === undefined) {
    if (!shell.dialect.extended)
      return yield* say(shell, 'getopts', 'Usage: getopts optstring var [arg]', 2);
    return yield* usage(shell, 'getopts');
  }
  if (shell.dialect.extended && !/^[A-Za-z_]\w*$/.test(name))
    return yield* say(shell, 'getopts', `\`${name}': not a valid identifier`);
  const args = words.length > 3 ? words.slice(3) : shell.positional;
  const silent = spec.startsWith(':') || shell.value('OPTERR') === '0';
  let index = Number(shell.value('OPTIND')) || 1;
  let place = shell.optionPlace;
  const word = args[index - 1];
  if (
    place === 1 &&
    (word === undefined || word === '-' || !word.startsWith('-') || word === '--')
  ) {
    if (word === '--') setIndex(shell, index + 1, 1);
    shell.assign(name, '?');
    shell.variables.remove('OPTARG');
    return 1;
  }
  const letter = word?.[place] ?? '';
  place++;
  if (place >= (word?.length ?? 0)) {
    index++;
    place = 1;
  }
  const known = letter === ':' ? -1 : spec.indexOf(letter);
  if (known < 0) {
    setIndex(shell, index, place);
    shell.assign(name, '?');
    if (spec.startsWith(':')) shell.assign('OPTARG', letter);
    else shell.variables.remove('OPTARG');
    if (!silent) yield* shell.print(2, wrong(shell, 'illegal option', letter));
    return 0;
  }
  if (spec[known + 1] !== ':') {
    setIndex(shell, index, place);
    shell.assign(name, letter);
    shell.variables.remove('OPTARG');
    return 0;
  }
  const argument = place > 1 ? word?.slice(place) : args[index - 1];
  setIndex(shell, index + 1, 1);
  if (argument !== undefined) {
    shell.assign(name, letter);
    shell.assign('OPTARG', argument);
    return 0;
  }
  setIndex(shell, index, 1);
  shell.assign(name, spec.startsWith(':') ? ':' : '?');
  if (spec.startsWith(':')) shell.assign('OPTARG', letter);
  else shell.variables.remove('OPTARG');
  if (!silent) yield* shell.print(2, wrong(shell, 'option requires an argument', letter));
  return 0;
}

function wrong(shell: Shell, what: string, letter: string): string {
  if (shell.dialect.extended) return `${shell.name}: ${what} -- ${letter}\n`;
  return what.startsWith('illegal')
    ? `Illegal option -${letter}\n`
    : `No arg for -${letter} option\n`;
}

function setIndex(shell: Shell, index: number, place: number): void {
  shell.assign('OPTIND', String(index));
  shell.optionPlace = place;
}
