// Running a piece of script: eval, source, traps, -c, the lines typed at a prompt. What stands
// before a syntax error still runs, as bash reads command by command.

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import type { Refusal } from '../syntax/diagnose.ts';
import { parseScript } from '../syntax/parse.ts';
import { runList } from './list.ts';

export interface TextRules {
  /** The number of the text's first line. */
  readonly line?: number;
  /** What stands between the shell's name and a syntax error's line: `-c`, `eval` … */
  readonly context?: string;
  /** Syntax errors show the line's number and text. */
  readonly showLine?: boolean;
  /** The shell ends with this text: its last command needs no process of its own. */
  readonly last?: boolean;
}

/** Runs a text in this shell; its status. */
export function* runText(shell: Shell, text: string, rules: TextRules = {}): Routine<number> {
  const parsed = parseScript(text, rules.line ?? 1, shell.dialect.extended);
  if (text.trim() === '') return shell.lastStatus;
  let status = 0;
  for (const { line, word } of parsed.cutDocuments) {
    if (!shell.dialect.extended) continue;
    const where = `here-document at line ${line} delimited by end-of-file (wanted \`${word}')`;
    yield* shell.complain(`warning: ${where}`);
  }
  if (parsed.list.length > 0) {
    status = yield* runList(shell, parsed.list, rules.last === true && parsed.error === undefined);
  }
  if (parsed.error && !shell.jump) {
    status = yield* reportSyntaxError(shell, parsed.error, rules);
    shell.lastStatus = status;
    if (!shell.dialect.extended) shell.jump = { kind: 'exit' };
  }
  return status;
}

/** Prints a syntax error as bash or dash does; status 2. */
export function* reportSyntaxError(
  shell: Shell,
  error: Refusal,
  rules: TextRules,
): Routine<number> {
  shell.line = error.line;
  if (!shell.dialect.extended) {
    yield* shell.complain(posixWording(shell, error));
    return 2;
  }
  const context = rules.context ? `${rules.context}: ` : '';
  const line = rules.showLine ? `line ${error.line}: ` : '';
  const head = `${shell.caller}: ${context}${line}`;
  if (error.kind === 'quote') {
    yield* shell.print(2, `${head}unexpected EOF while looking for matching \`${error.token}'\n`);
  } else if (error.kind === 'end') {
    yield* shell.print(2, `${head}syntax error: unexpected end of file\n`);
  } else {
    yield* shell.print(2, `${head}syntax error near unexpected token \`${error.token}'\n`);
    if (rules.showLine) yield* shell.print(2, `${head}\`${error.lineText}'\n`);
  }
  return 2;
}

function posixWording(shell: Shell, error: Refusal): string {
  const ash = shell.dialect.name === 'ash';
  if (error.kind === 'quote') {
    if (ash) return 'syntax error: unterminated quoted string';
    return error.token === '}'
      ? "Syntax error: Missing '}'"
      : 'Syntax error: Unterminated quoted string';
  }
  const expecting = error.expecting ? ` (expecting "${error.expecting}")` : '';
  const isOperator = /^[;&|<>()]/.test(error.token);
  const reserved = /^(then|else|elif|fi|do|done|esac|in|\}|\{|!)$/.test(error.token);
  const token =
    error.kind === 'end'
      ? 'end of file'
      : error.token === 'newline'
        ? 'newline'
        : isOperator || reserved
          ? `"${error.token}"`
          : 'word';
  if (ash) return `syntax error: unexpected ${token}${expecting}`;
  return `Syntax error: ${token} unexpected${expecting}`;
}
