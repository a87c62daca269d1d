// Replaying what was typed at a prompt: a terminal is opened on the lab, lines and keys go in, and what appears between
// one prompt and the next, without the echo of the line, is the output.

import { SECOND } from '../sim/core/time.ts';
import { type Lab, openLab } from '../sim/labs/index.ts';
import type { TerminalSession } from '../sim/labs/session.ts';
import { commandLines, outputLines, type SessionFile, type Step } from './session-file.ts';

/** Keys that are pressed some seconds after a command was entered. */
interface Press {
  readonly after: number;
  readonly keys: string;
}

interface TypedStep extends Step {
  readonly presses: readonly Press[];
}

/** The prompt tells the status, and where output ends. */
const PROMPT = /@@(\d+)@@ $/;
const SET_PROMPT = "PS1='@@$?@@ '";
const COLUMNS = 200;
const PATIENCE = 60 * SECOND;

/** The steps of a .cmds file: set-up lines, commands, and the keys pressed after each. */
function parseKeys(text: string): TypedStep[] {
  const steps: { silent: boolean; command: string; output: string[]; presses: Press[] }[] = [];
  for (const line of text.split('\n')) {
    const step = steps.at(-1);
    const [, after, keys] = /^@ ([\d.]+) (.*)$/.exec(line) ?? [];
    if (line.startsWith('$ ') || line.startsWith('! ')) {
      steps.push({ silent: line.startsWith('!'), command: line.slice(2), output: [], presses: [] });
    } else if (step && line.startsWith('> ')) step.command += `\n${line.slice(2)}`;
    else if (step && after && keys !== undefined) {
      step.presses.push({ after: Number(after) * SECOND, keys: controls(keys) });
    }
  }
  return steps;
}

/** `^C` and its like as the characters they stand for. */
function controls(keys: string): string {
  return keys.replace(/\^([@-_?])/g, (_, letter: string) =>
    letter === '?' ? '\x7f' : String.fromCharCode(letter.charCodeAt(0) & 31),
  );
}

/** What an interactive session printed, in the format of a session file. */
export function replayInteractive(file: SessionFile, keys: string, seed: string): string {
  const lab = openLab(file.header.get('lab') ?? 'linux', seed);
  const terminal = lab.session.openTerminal(COLUMNS, 50);
  enter(lab, terminal, SET_PROMPT, []);
  const out: string[] = [];
  for (const step of parseKeys(keys)) {
    const { text, status } = enter(lab, terminal, step.command, step.presses);
    if (step.silent) continue;
    out.push(...commandLines(step), ...outputLines(text));
    if (status !== 0) out.push(`[exit ${status}]`);
    if (terminal.ended) break;
  }
  return out.join('\n');
}

function enter(
  lab: Lab,
  terminal: TerminalSession,
  command: string,
  presses: readonly Press[],
): { text: string; status: number } {
  const { simulation } = lab;
  simulation.advance({ until: simulation.now });
  terminal.takeOutput();
  const entered = simulation.now;
  for (const line of command.split('\n')) terminal.write(`${line}\r`);
  let shown = '';
  for (const { after, keys } of presses) {
    simulation.advance({ until: entered + after });
    shown += terminal.takeOutput();
    terminal.write(keys);
  }
  simulation.advance({
    until: simulation.now + PATIENCE,
    done: () => {
      if (simulation.busy) return false;
      shown += terminal.takeOutput();
      return terminal.ended || PROMPT.test(shown);
    },
  });
  shown += terminal.takeOutput();
  const status = Number(PROMPT.exec(shown)?.[1] ?? 0);
  return { text: withoutEcho(shown.replace(PROMPT, ''), command), status };
}

/** What came after the echo of the lines that were typed. */
function withoutEcho(shown: string, command: string): string {
  const plain = shown.replace(/\x1b\[\?2004[hl]\r?/g, '');
  const lines = plain.split('\r\n');
  return lines.slice(command.split('\n').length).join('\n');
}
