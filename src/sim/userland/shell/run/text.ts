// Running a piece of script: eval, source, traps, -c, the lines typed at a prompt. What stands
// before a syntax error still runs, as bash reads command by command.

import type { Routine } from '../../../core/wait.ts';
import type { Shell } from '../shell.ts';
import { expandAliases } from '../syntax/aliases.ts';
import type { ParsedScript, Refusal } from '../syntax/diagnose.ts';
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
  return readsByLine(shell, text)
    ? yield* runByLines(shell, text, rules)
    : yield* runWhole(shell, text, rules);
}

/** True where what a line does may change how the next one is read: aliases, extglob and set -v. */
function readsByLine(shell: Shell, text: string): boolean {
  if (shell.option('verbose') || /\b(?:set\s+[-+]\w*v|verbose)\b/.test(text)) return true;
  if (shell.aliases.size > 0 && expandsAliases(shell)) return true;
  return text.includes('\n') && /\b(?:alias|extglob)\b/.test(text);
}

/** Prompts and sh expand aliases; a script of bash only where it asks for that. */
function expandsAliases(shell: Shell): boolean {
  return !shell.dialect.extended || shell.shopt('expand_aliases');
}

/** Reads a text as bash does: as many lines as make whole commands, which run before the next. */
function* runByLines(shell: Shell, text: string, rules: TextRules): Routine<number> {
  const lines = text.split('\n');
  const first = rules.line ?? 1;
  let status = shell.lastStatus;
  for (let at = 0; at < lines.length && !shell.jump; ) {
    let end = at + 1;
    while (end < lines.length && isIncomplete(shell, `${lines.slice(at, end).join('\n')}\n`)) end++;
    const piece = lines.slice(at, end).join('\n');
    const final = end >= lines.length || (end === lines.length - 1 && lines[end] === '');
    if (shell.option('verbose') && (piece !== '' || !final)) yield* shell.print(2, `${piece}\n`);
    if (piece.trim() !== '') {
      const source = expandsAliases(shell)
        ? expandAliases(piece, shell.aliases, shell.dialect.name)
        : piece;
      const last = rules.last === true && final;
      const line = first + at;
      status = yield* runWhole(shell, source, { ...rules, line, last });
      if (parse(shell, source, line).error) return status;
    }
    at = end;
  }
  return status;
}

/** Parses a text as this shell reads it now. */
function parse(shell: Shell, text: string, line: number): ParsedScript {
  return parseScript(text, line, shell.dialect.name, shell.shopt('extglob'));
}

/** True where a text is the beginning of a command. */
export function isIncomplete(shell: Shell, text: string): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\\n?$/.test(text) && text.endsWith('\\\n')) return true;
  const parsed = parse(shell, text, 1);
  return (
    parsed.cutDocuments.length > 0 ||
    (parsed.error !== undefined && parsed.error.kind !== 'token' && parsed.error.kind !== 'test')
  );
}

function* runWhole(shell: Shell, text: string, rules: TextRules): Routine<number> {
  const parsed = parse(shell, text, rules.line ?? 1);
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
  } else if (error.kind === 'test') {
    yield* shell.print(2, `${head}${error.token}\n`);
    // bash 5.2 takes what follows for read: the status is that of the command before, except in eval.
    return rules.context === 'eval' ? 2 : shell.lastStatus;
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
