// The results of a note's examples, as the build makes them and the pages show them: every step is run in
// a fresh lab at full speed, and what its commands print and return is kept.

import { type Command, expectedExit, type FencedStep } from './block.ts';
import { Execution } from './execution.ts';
import type { Lab } from './lab.ts';
import { terminalLines } from './screen.ts';
import { STEP_TERMINAL } from './step-terminal.ts';

/** What one command printed and returned. */
export interface CommandResult {
  readonly output: string;
  readonly status: number;
  /** The output is what a terminal was sent, and the command was typed there. */
  readonly terminal: boolean;
}

export interface StepResult {
  readonly id: string;
  readonly meta: string;
  readonly source: string;
  readonly commands: readonly CommandResult[];
}

/** The file that the build leaves per note. */
export interface NoteResults {
  /** Of what the results were made: they are kept while it stays the same. */
  readonly key: string;
  readonly steps: readonly StepResult[];
  /** What went wrong, as the build reports it. */
  readonly failures: readonly string[];
}

/** Virtual time after which a step of a note counts as one that never ends. */
const STEP_LIMIT = 3600e9;
/** Turns and events after which it counts as running away. */
const WORK_LIMIT = 60_000_000;
const SLICE = 500_000;
/** What is not simulated says so and ends with this status; no example may, unless it expects to. */
const NOT_SIMULATED = 125;
const NOT_SIMULATED_LINE = /^drydock: .* not simulated$/m;

/**
 * Runs the steps of a note, those of one lab in one lab; `open` switches a lab on. A lab that cannot be
 * switched on, or in which the simulator fails, is a failure of its steps and of no others.
 */
export function runSteps(
  steps: readonly FencedStep[],
  open: (lab: string) => Lab,
): { steps: StepResult[]; failures: string[] } {
  const labs = new Map<string, Lab | undefined>();
  const failures: string[] = [];
  const results: StepResult[] = [];
  for (const step of steps) {
    try {
      if (!labs.has(step.lab) || step.fresh) labs.set(step.lab, open(step.lab));
      const lab = labs.get(step.lab);
      if (!lab) continue;
      const commands = runStep(lab, step);
      failures.push(...failuresOf(step, commands));
      results.push({ id: step.id, meta: step.meta, source: step.source, commands });
    } catch (error) {
      labs.set(step.lab, undefined);
      const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failures.push(`line ${step.line}, ${step.id}: the lab ${step.lab} is lost: ${told}`);
    }
  }
  return { steps: results, failures };
}

/** Runs one step to its end at full speed. */
export function runStep(lab: Lab, step: FencedStep): CommandResult[] {
  const outputs = step.commands.map(() => '');
  const statuses: (number | undefined)[] = step.commands.map(() => undefined);
  const execution = new Execution(lab, step, {
    output: (command, text) => {
      outputs[command] += text;
    },
    status: (command, status) => {
      statuses[command] = status;
    },
    terminal: () => undefined,
  });
  const { simulation } = lab;
  const timeLimit = simulation.now + STEP_LIMIT;
  const workLimit = simulation.steps + WORK_LIMIT;
  while (!execution.ended && simulation.now < timeLimit && simulation.steps < workLimit) {
    execution.advance(timeLimit, SLICE);
  }
  if (!execution.ended) execution.interrupt();
  return step.commands.map((command, i) => ({
    output:
      command.typed.length > 0 ? shownInTerminal(command, outputs[i] ?? '') : (outputs[i] ?? ''),
    status: statuses[i] ?? -1,
    terminal: command.typed.length > 0,
  }));
}

/** What a terminal showed after all that it was sent, without the line on which the command itself was typed. */
export function shownInTerminal(command: Command, output: string): string {
  const lines = terminalLines(output, STEP_TERMINAL.rows);
  const text = lines.map((line) =>
    line
      .map((run) => run.text)
      .join('')
      .trimEnd(),
  );
  const first = command.text.split('\n')[0] ?? '';
  const typedAt = text.findIndex((line) => line.endsWith(first));
  return `${text
    .slice(typedAt + 1)
    .join('\n')
    .trimEnd()}\n`;
}

function failuresOf(step: FencedStep, results: readonly CommandResult[]): string[] {
  return results.flatMap((result, i) => {
    const expected = expectedExit(step, i);
    const interrupted = step.lasts !== undefined && result.status === 130;
    const missing = expected === NOT_SIMULATED ? undefined : NOT_SIMULATED_LINE.exec(result.output);
    if (missing) return [`line ${step.line}, ${step.id}: ${missing[0]}`];
    if (result.status === expected || interrupted) return [];
    const ended = result.status < 0 ? 'did not end' : `exit ${result.status}, not ${expected}`;
    const command = step.commands[i]?.text.replaceAll('\n', '\n  > ') ?? '';
    const output = result.output.trimEnd().split('\n').slice(-12).join('\n    ');
    return [`line ${step.line}, ${step.id}: ${ended}\n  $ ${command}\n    ${output}`];
  });
}
