// trap and kill.

import type { Routine } from '../../../core/wait.ts';
import { EINVAL } from '../../../kernel/errno.ts';
import { SIGTERM, signalInfo, signalNumber } from '../../../kernel/signals.ts';
import { singleQuote } from '../quote.ts';
import { stateOf } from '../run/jobs.ts';
import { setTrap, trapName, trapOrder, trapTitle } from '../run/traps.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';
import { letters, output, say, usage, wrongLetter } from './messages.ts';

const LAST_SIGNAL = 64;
const SIGNALS_A_LINE = 5;

/** The table of `kill -l` and `trap -l`. */
function signalTable(): string {
  const entries: string[] = [];
  for (let number = 1; number <= LAST_SIGNAL; number++) {
    const info = signalInfo(number);
    if (info) entries.push(`${String(number).padStart(2)}) SIG${nameOf(number)}`);
  }
  let text = '';
  for (const [i, entry] of entries.entries()) {
    const end = i % SIGNALS_A_LINE === SIGNALS_A_LINE - 1 || i === entries.length - 1;
    text += `${entry}${end ? '\n' : '\t'}`;
  }
  return text;
}

/** Real-time signals above the middle count down from the last. */
function nameOf(number: number): string {
  if (number > 49 && number < LAST_SIGNAL) return `RTMAX-${LAST_SIGNAL - number}`;
  return signalInfo(number)?.name ?? '';
}

function* trap(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed =
    words[1] === '-' ? { options: [], operands: words.slice(1) } : letters(words, 'lp');
  if ('wrong' in parsed && parsed.wrong) return yield* wrongLetter(shell, 'trap', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  if (flags.has('l')) return yield* output(shell, 'trap', signalTable());
  const [action, ...names] = parsed.operands;
  if (flags.has('p') || action === undefined) return yield* listTraps(shell, parsed.operands);
  const single = names.length === 0;
  const reset =
    action === '-' || single || (/^\d+$/.test(action) && trapName(action) !== undefined);
  const targets = single || (reset && action !== '-') ? parsed.operands : names;
  if (single && (action === '-' || trapName(action) === undefined)) {
    if (action === '-' || shell.dialect.extended) return yield* usage(shell, 'trap');
  }
  let status = 0;
  for (const target of targets) {
    const name = trapName(target);
    if (name === undefined) {
      const what = shell.dialect.extended
        ? `${target}: invalid signal specification`
        : `${target}: bad trap`;
      status = yield* say(shell, 'trap', what);
    } else setTrap(shell, name, reset ? undefined : action);
  }
  return status;
}

function* listTraps(shell: Shell, wanted: readonly string[]): Routine<number> {
  const { traps } = shell;
  const actions = traps.inherited ?? traps.actions;
  let names = [...actions.keys()].sort((a, b) => trapOrder(a) - trapOrder(b));
  let status = 0;
  if (wanted.length > 0) {
    names = [];
    for (const word of wanted) {
      const name = trapName(word);
      if (name === undefined)
        status = yield* say(shell, 'trap', `${word}: invalid signal specification`);
      else if (actions.has(name)) names.push(name);
    }
  }
  const title = shell.dialect.extended ? trapTitle : (name: string): string => name;
  const text = names.map(
    (name) => `trap -- ${singleQuote(actions.get(name) ?? '')} ${title(name)}\n`,
  );
  return (yield* output(shell, 'trap', text.join(''))) || status;
}

function* kill(shell: Shell, words: readonly string[]): Routine<number> {
  let at = 1;
  let signal = SIGTERM;
  const first = words[at];
  if (first === undefined) return yield* killUsage(shell);
  if (first === '-l' || first === '-L') return yield* listSignals(shell, words.slice(2));
  if (first === '-s' || first === '-n') {
    const name = words[at + 1];
    if (name === undefined)
      return yield* say(shell, 'kill', `${first}: option requires an argument`);
    const number = signalNumber(name);
    if (number === undefined) return yield* badSignal(shell, name);
    signal = number;
    at += 2;
  } else if (/^-./.test(first) && first !== '--') {
    const number = signalNumber(first.slice(1));
    if (number === undefined) return yield* badSignal(shell, first.slice(1));
    signal = number;
    at++;
  }
  if (words[at] === '--') at++;
  const targets = words.slice(at);
  if (targets.length === 0) return yield* killUsage(shell);
  let status = 0;
  for (const target of targets) status = (yield* killOne(shell, target, signal)) || status;
  // A signal to oneself arrives before kill(2) returns: this lets the kernel deliver it.
  yield { on: [], until: shell.process.now };
  return status;
}

function* killUsage(shell: Shell): Routine<number> {
  if (shell.dialect.extended) return yield* usage(shell, 'kill');
  yield* shell.print(
    2,
    'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]\n',
  );
  return 2;
}

function* badSignal(shell: Shell, name: string): Routine<number> {
  if (shell.dialect.extended)
    return yield* say(shell, 'kill', `${name}: invalid signal specification`);
  return yield* say(shell, 'kill', `invalid signal number or name: ${name}`, 2);
}

function* killOne(shell: Shell, target: string, signal: number): Routine<number> {
  const { process } = shell;
  if (target.startsWith('%')) {
    const job = shell.jobs.find(target);
    if (job === undefined) return yield* say(shell, 'kill', `${target}: no such job`);
    if (job === 'ambiguous')
      return yield* say(shell, 'kill', `${target.slice(1)}: ambiguous job spec`);
    if (job.group) {
      const failure = process.kill(-job.group, signal);
      if (!failure && stateOf(job) === 'stopped' && signal === SIGTERM)
        process.kill(-job.group, 18);
      return failure ? yield* say(shell, 'kill', `(${job.group}) - ${failure.message}`) : 0;
    }
    for (const { pid, status } of job.processes)
      if (status === undefined) process.kill(pid, signal);
    return 0;
  }
  if (!/^-?\d+$/.test(target)) {
    const what = shell.dialect.extended
      ? `${target}: arguments must be process or job IDs`
      : `Illegal number: ${target}`;
    return yield* say(shell, 'kill', what, shell.dialect.extended ? 1 : 2);
  }
  const failure = process.kill(Number(target), signal);
  if (!failure) return 0;
  if (failure === EINVAL) return yield* badSignal(shell, String(signal));
  if (!shell.dialect.extended) {
    const ash = shell.dialect.name === 'ash';
    return yield* say(
      shell,
      'kill',
      ash ? `can't kill pid ${target}: ${failure.message}` : `${failure.message}\n`.trimEnd(),
    );
  }
  return yield* say(shell, 'kill', `(${target}) - ${failure.message}`);
}

function* listSignals(shell: Shell, specs: readonly string[]): Routine<number> {
  if (specs.length === 0) return yield* output(shell, 'kill', signalTable());
  let status = 0;
  for (const spec of specs) {
    if (/^\d+$/.test(spec)) {
      const number = Number(spec) > 128 ? Number(spec) - 128 : Number(spec);
      const name = number === 0 ? 'EXIT' : nameOf(number);
      if (name) status = (yield* output(shell, 'kill', `${name}\n`)) || status;
      else status = yield* badSignal(shell, spec);
      continue;
    }
    const number = signalNumber(spec);
    if (number === undefined) status = yield* badSignal(shell, spec);
    else status = (yield* output(shell, 'kill', `${number}\n`)) || status;
  }
  return status;
}

export const signalBuiltins: readonly Builtin[] = [
  { name: 'trap', posix: true, special: true, run: trap },
  { name: 'kill', posix: true, run: kill },
];
