// `npm run lab -- LAB [SCRIPT] [--json] [--seed=S]`: a lab in the terminal you are in, or a script run in one.

import { readFileSync } from 'node:fs';
import { MILLISECOND } from '../sim/core/time.ts';
import { type Lab, labNames, openLab } from '../sim/labs/index.ts';

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const [name = 'linux', script] = words.filter((word) => !word.startsWith('--'));
const seed = flags.find((flag) => flag.startsWith('--seed='))?.slice(7) ?? 'drydock';

if (!labNames().includes(name)) {
  console.error(`There is no lab ${name}. There are: ${labNames().join(', ')}`);
  process.exit(2);
}
const lab = openLab(name, seed);
if (script !== undefined)
  process.exitCode = runScript(lab, readFileSync(script, 'utf8'), flags.includes('--json'));
else interactive(lab);

/** Runs a script's commands one after another; the status of the last. */
function runScript(lab: Lab, text: string, json: boolean): number {
  const results: { command: string; output: string; exit: number }[] = [];
  for (const command of commandsOf(text)) {
    lab.session.start(command);
    lab.simulation.advance({ budget: 200_000_000, done: () => !lab.session.running });
    const output = lab.session.takeOutput();
    const exit = lab.session.running ? 124 : lab.session.status;
    results.push({ command, output, exit });
    if (!json) process.stdout.write(output);
    if (lab.session.running) break;
  }
  if (json) console.log(JSON.stringify(results, null, 2));
  return results.at(-1)?.exit ?? 0;
}

/** With --json each line of a script is a command of its own, unless it is continued; else the whole is one. */
function commandsOf(text: string): string[] {
  if (!flags.includes('--json')) return [text];
  const commands: string[] = [];
  let open = '';
  for (const line of text.split('\n')) {
    open += open ? `\n${line}` : line;
    if (line.endsWith('\\')) continue;
    if (open.trim() !== '' && !open.startsWith('#')) commands.push(open);
    open = '';
  }
  if (open.trim() !== '') commands.push(open);
  return commands;
}

/** A shell of the lab in this terminal; virtual time follows the clock on the wall. */
function interactive(lab: Lab): void {
  const { stdin, stdout } = process;
  const terminal = lab.session.openTerminal(stdout.columns ?? 80, stdout.rows ?? 24);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  stdin.on('data', (keys) => terminal.write(String(keys)));
  stdin.on('end', () => terminal.close());
  stdout.on('resize', () => terminal.resize(stdout.columns, stdout.rows));
  const started = performance.now();
  const begin = lab.simulation.now;
  const tick = setInterval(() => {
    const until = begin + (performance.now() - started) * MILLISECOND;
    lab.simulation.advance({ until });
    stdout.write(terminal.takeOutput());
    if (!terminal.ended) return;
    clearInterval(tick);
    stdin.setRawMode?.(false);
    stdin.pause();
  }, 10);
}
