// The loop of a shell at a terminal: prompt, line, history, run, report jobs, again.

import type { Routine } from '../../../core/wait.ts';
import { decode, encode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { SIGCONT, SIGHUP } from '../../../kernel/signals.ts';
import type { WindowSize } from '../../../kernel/terminal/terminal.ts';
import { readProfile, readStartFile } from '../invoke.ts';
import { jobLine, stateOf } from '../run/jobs.ts';
import { isIncomplete, runText } from '../run/text.ts';
import { applyDisposition, runExitTrap } from '../run/traps.ts';
import type { Shell } from '../shell.ts';
import { scalar } from '../variables.ts';
import { editLine } from './editor.ts';
import { expandHistory } from './expand-history.ts';
import { History } from './history.ts';
import { promptText } from './prompt.ts';

export interface InteractRules {
  readonly login: boolean;
  readonly readsProfile: boolean;
  readonly readsRc: boolean;
  readonly rcFile: string | undefined;
}

const DEFAULT_PROMPT = '\\u@\\h:\\w\\$ ';
const HISTORY_SIZE = 500;

/** Runs an interactive shell until it exits. */
export function* interact(shell: Shell, rules: InteractRules): Routine<number> {
  takeTerminal(shell);
  yield* readStartFiles(shell, rules);
  yield* loadHistory(shell);
  let leaving = false;
  for (;;) {
    yield* reportJobs(shell);
    yield* runPromptCommand(shell);
    const text = yield* readCommand(shell);
    if (text === undefined) {
      const word = !shell.dialect.extended ? '' : rules.login ? 'logout' : 'exit';
      yield* shell.print(2, `${word}\n`);
      if (!leaving && (yield* mindsJobs(shell))) {
        leaving = true;
        continue;
      }
      break;
    }
    if (text.trim() !== '') yield* runTyped(shell, text);
    const jump = shell.jump as Shell['jump'];
    shell.jump = undefined;
    if (jump?.kind !== 'exit') {
      leaving = false;
      continue;
    }
    if (!leaving && (yield* mindsJobs(shell))) {
      leaving = true;
      continue;
    }
    break;
  }
  yield* saveHistory(shell);
  hangUpJobs(shell);
  return yield* runExitTrap(shell);
}

/**
 * Job control: a process group of its own, in the foreground, and the signals of the terminal under
 * control.
 */
function takeTerminal(shell: Shell): void {
  const { process, settings } = shell;
  shell.interactive = true;
  shell.numbered = false;
  shell.readFlags = 's';
  for (const name of ['monitor', 'emacs', 'history', 'histexpand'] as const) settings.set.add(name);
  settings.shopt.add('expand_aliases');
  if (shell.login) settings.shopt.add('login_shell');
  const terminal = process.dup(2, 255, true);
  shell.terminal = isErrno(terminal) ? 2 : terminal;
  for (const name of ['INT', 'QUIT', 'TERM', 'TSTP', 'TTIN', 'TTOU']) applyDisposition(shell, name);
  process.setpgid(0, 0);
  const group = process.getpgid();
  if (!isErrno(group)) process.setForeground(shell.terminal, group);
  shell.assign('PS2', '> ');
  if (shell.parameter('PS1') === undefined) {
    shell.assign('PS1', defaultPrompt(shell));
  }
}

/** What each shell prompts with where nobody says otherwise; busybox is built with its fancy prompt. */
function defaultPrompt({ dialect, process }: Shell): string {
  if (dialect.extended) return DEFAULT_PROMPT;
  if (dialect.name === 'ash') return '\\w \\$ ';
  return process.euid === 0 ? '# ' : '$ ';
}

function* readStartFiles(shell: Shell, rules: InteractRules): Routine<void> {
  if (rules.login) {
    if (rules.readsProfile) yield* readProfile(shell);
  } else if (rules.readsRc && shell.dialect.extended) {
    if (rules.rcFile === undefined) yield* readStartFile(shell, '/etc/bash.bashrc');
    yield* readStartFile(shell, rules.rcFile ?? `${shell.value('HOME')}/.bashrc`);
  }
  shell.jump = undefined;
}

/** A command, read to its end with PS2 for further lines; undefined at the end of the input. */
function* readCommand(shell: Shell): Routine<string | undefined> {
  checkWindow(shell);
  let text = '';
  for (;;) {
    const prompt = promptText(shell, shell.value(text === '' ? 'PS1' : 'PS2'));
    const typed = yield* editLine(shell, prompt);
    if (typed.kind === 'interrupted') {
      shell.lastStatus = 130;
      return '';
    }
    if (typed.kind === 'end') {
      if (text === '') return undefined;
      return text;
    }
    const line = yield* expanded(shell, typed.text);
    if (line === undefined) return '';
    text += `${line}\n`;
    if (!isIncomplete(shell, text)) break;
  }
  const whole = text.replace(/\n$/, '');
  if (whole.trim() !== '' && shell.option('history')) remember(shell, whole);
  return whole;
}

/** The line after history expansion; undefined where that failed or only showed. */
function* expanded(shell: Shell, line: string): Routine<string | undefined> {
  if (!shell.option('histexpand') || !shell.history) return line;
  const result = expandHistory(shell.history, line);
  if (result.error !== undefined) {
    yield* shell.complain(result.error);
    return undefined;
  }
  if (result.changed) yield* shell.print(2, `${result.text}\n`);
  if (!result.onlyShow) return result.text;
  remember(shell, result.text);
  return undefined;
}

function remember(shell: Shell, text: string): void {
  const size = Number(shell.parameter('HISTSIZE') ?? HISTORY_SIZE);
  shell.history?.add(
    joinLines(text),
    shell.value('HISTCONTROL'),
    Number.isFinite(size) ? size : HISTORY_SIZE,
  );
}

/** cmdhist: a command of several lines is kept as one, `;` where a newline ended a command. */
function joinLines(text: string): string {
  if (!text.includes('\n') || /<<|['"]/.test(text)) return text;
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .reduce((all, line) =>
      /(?:\b(?:then|do|else|in)|[{(;&|])$/.test(all) || all === ''
        ? `${all} ${line}`
        : `${all}; ${line}`,
    )
    .trim();
}

/** Runs what was typed. */
function* runTyped(shell: Shell, text: string): Routine<void> {
  shell.commandNumber++;
  shell.interrupted = false;
  shell.guarded = 0;
  shell.loops = 0;
  shell.line = 1;
  const status = yield* runText(shell, text, {});
  if (shell.interrupted) {
    shell.interrupted = false;
    shell.lastStatus = 130;
    yield* shell.print(2, '\n');
  } else if (!shell.jump) shell.lastStatus = status;
}

function* runPromptCommand(shell: Shell): Routine<void> {
  const command = scalar(shell.variables.find('PROMPT_COMMAND'));
  if (!command) return;
  const status = shell.lastStatus;
  yield* runText(shell, command, {});
  shell.jump = undefined;
  shell.lastStatus = status;
}

/** Before a prompt: jobs that ended or stopped since. */
function* reportJobs(shell: Shell): Routine<void> {
  shell.jobs.collect(shell.process);
  for (const job of [...shell.jobs.list]) {
    const state = stateOf(job);
    if (!job.notified && state !== 'running')
      yield* shell.print(2, jobLine(shell.jobs, job, false));
    job.notified = true;
    if (state === 'done') shell.jobs.remove(job);
  }
}

/** Says once that jobs are stopped. */
function* mindsJobs(shell: Shell): Routine<boolean> {
  if (!shell.jobs.list.some((job) => stateOf(job) === 'stopped')) return false;
  yield* shell.print(2, 'There are stopped jobs.\n');
  return true;
}

function hangUpJobs(shell: Shell): void {
  for (const job of shell.jobs.list) {
    const state = stateOf(job);
    const hangs = state === 'stopped' || (shell.login && shell.shopt('huponexit'));
    if (state === 'done' || job.noHangup || !hangs) continue;
    shell.process.kill(-job.group, SIGHUP);
    shell.process.kill(-job.group, SIGCONT);
  }
}

/** checkwinsize: LINES and COLUMNS follow the window. */
function checkWindow(shell: Shell): void {
  if (!shell.shopt('checkwinsize')) return;
  const size = shell.process.ioctl(0, 'TIOCGWINSZ') as WindowSize;
  if (isErrno(size)) return;
  shell.assign('LINES', String(size.rows));
  shell.assign('COLUMNS', String(size.columns));
}

function* loadHistory(shell: Shell): Routine<void> {
  const history = new History();
  shell.history = history;
  if (!shell.dialect.extended) return;
  for (const name of ['HISTSIZE', 'HISTFILESIZE']) {
    if (shell.parameter(name) === undefined) shell.assign(name, String(HISTORY_SIZE));
  }
  if (shell.parameter('HISTFILE') === undefined) {
    shell.assign('HISTFILE', `${shell.value('HOME')}/.bash_history`);
  }
  const fd = shell.process.open(shell.value('HISTFILE'));
  if (isErrno(fd)) return;
  const bytes = yield* shell.process.readAll(fd);
  shell.process.close(fd);
  if (isErrno(bytes)) return;
  for (const line of decode(bytes).split('\n')) {
    if (line === '') continue;
    history.add(line);
    history.linesRead++;
  }
  history.unsaved = 0;
}

function* saveHistory(shell: Shell): Routine<void> {
  const path = shell.parameter('HISTFILE');
  const lines = shell.history?.all ?? [];
  if (!path || lines.length === 0 || !shell.dialect.extended) return;
  const fd = shell.process.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
  if (isErrno(fd)) return;
  yield* shell.process.write(fd, encode(`${lines.join('\n')}\n`));
  shell.process.close(fd);
}
