// Tracebacks as Python prints them: the frames with their source lines, and marks under the part that failed.

import type { Routine } from '../../../core/wait.ts';
import type { PyException, Trace } from './errors.ts';
import { exceptionText, qualified } from './repr.ts';
import type { PythonSyntaxError } from './tokens.ts';
import type { Vm } from './vm.ts';

/** The lines of one frame. */
function frameLines(vm: Vm, { file, name, at, anchor }: Trace): string {
  const head = `  File "${file}", line ${at.line}, in ${name}\n`;
  const source = vm.sources.get(file)?.split('\n')[at.line - 1];
  if (source === undefined) return head;
  const text = source.trim();
  const indent = source.length - source.trimStart().length;
  const end = at.endLine === at.line ? at.endColumn : source.trimEnd().length;
  let out = `${head}    ${text}\n`;
  const whole = at.column <= indent && end >= source.trimEnd().length;
  if (vm.since(11) && end > at.column && (!whole || anchor)) {
    let marks = '';
    for (let column = at.column; column < end; column++)
      marks += anchor && (column < anchor[0] || column >= anchor[1]) ? '~' : '^';
    out += `    ${' '.repeat(Math.max(0, at.column - indent))}${marks}\n`;
  }
  return out;
}

/** The last line: the class and what it says. */
function* lastLine(vm: Vm, exception: PyException): Routine<string> {
  const name = qualified(exception.type).replace(/^(builtins|__main__)\./, '');
  const text = yield* exceptionText(vm, exception);
  return text === '' ? `${name}\n` : `${name}: ${text}\n`;
}

/** A whole traceback with those of the exceptions before it. */
export function* tracebackText(vm: Vm, exception: PyException): Routine<string> {
  let before = '';
  if (exception.cause)
    before = `${yield* tracebackText(vm, exception.cause)}\nThe above exception was the direct cause of the following exception:\n\n`;
  else if (exception.context && !exception.suppressContext)
    before = `${yield* tracebackText(vm, exception.context)}\nDuring handling of the above exception, another exception occurred:\n\n`;
  const frames: string[] = [];
  const { trace } = exception;
  for (let i = 0; i < trace.length; i++) {
    const here = trace[i];
    if (!here) continue;
    const lines = frameLines(vm, here);
    let again = 0;
    while (sameAs(trace[i + 1], here)) {
      i++;
      again++;
    }
    for (let shown = 0; shown < Math.min(again + 1, 3); shown++) frames.push(lines);
    if (again > 2) frames.push(`  [Previous line repeated ${again - 2} more times]\n`);
  }
  const head = frames.length > 0 ? 'Traceback (most recent call last):\n' : '';
  return `${before}${head}${frames.join('')}${yield* lastLine(vm, exception)}`;
}

function sameAs(next: Trace | undefined, here: Trace): boolean {
  return next?.file === here.file && next.name === here.name && next.at.line === here.at.line;
}

/** What is printed for a source that is no Python. */
export function syntaxErrorText(error: PythonSyntaxError, source: string, file: string): string {
  const { line, column, endLine, endColumn } = error.span;
  const text = source.split('\n')[line - 1] ?? '';
  const indent = text.length - text.trimStart().length;
  const end = endLine === line ? Math.max(endColumn, column + 1) : column + 1;
  const marks = ' '.repeat(Math.max(0, column - indent)) + '^'.repeat(Math.max(1, end - column));
  return `  File "${file}", line ${line}\n    ${text.trim()}\n    ${marks}\n${error.type}: ${error.message}\n`;
}
