// mysql and mariadb: the client. One statement from -e, a script on standard input, or a prompt. Left out: history,
// completion, pager, tee, delimiter.

import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { decode } from '../../core/text.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { OptionSpec, ParsedOptions } from '../../userland/libc/options.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { Outcome } from '../sql/engine.ts';
import { boxed, tabbed, vertical } from '../sql/mysql-tables.ts';
import { openQuote, splitStatements } from '../sql/tokens.ts';
import { errorLine, open, type Opened, readWords } from './mysql-connect.ts';
import { type Flavour, flavourOf } from './mysqld.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'database', short: 'D', long: 'database', argument: 'required' },
  { key: 'execute', short: 'e', long: 'execute', argument: 'required' },
  { key: 'noNames', short: 'N', long: 'skip-column-names' },
  { key: 'batch', short: 'B', long: 'batch' },
  { key: 'silent', short: 's', long: 'silent' },
  { key: 'table', short: 't', long: 'table' },
  { key: 'vertical', short: 'E', long: 'vertical' },
  { key: 'force', short: 'f', long: 'force' },
  { key: 'comments', short: 'c', long: 'comments' },
  { key: 'raw', short: 'r', long: 'raw' },
];

interface Client extends Opened {
  readonly main: Main;
  readonly flavour: Flavour;
  readonly options: ParsedOptions;
  readonly interactive: boolean;
  database: string | undefined;
}

function rows(count: number): string {
  return `${count} row${count === 1 ? '' : 's'}`;
}

const TIME = '(0.00 sec)';

/** What a statement came to, as a person is told. */
function summary(outcome: Outcome): string {
  const { affected, tag, found } = outcome;
  if (tag === 'USE') return 'Database changed\n';
  let text = `Query OK, ${rows(affected)} affected ${TIME}\n`;
  if (tag.startsWith('UPDATE'))
    text += `Rows matched: ${found ?? 0}  Changed: ${affected}  Warnings: 0\n`;
  else if (tag.startsWith('INSERT') && (found ?? 0) > 1)
    text += `Records: ${found}  Duplicates: ${Math.max(0, affected - (found ?? 0))}  Warnings: 0\n`;
  return `${text}\n`;
}

function show(client: Client, outcome: Outcome, upright: boolean): void {
  const { main, options, interactive } = client;
  const { relation } = outcome;
  const box = interactive ? !options.has('batch') && !options.has('silent') : options.has('table');
  if (!relation) {
    if (interactive) main.out.put(summary(outcome));
    return;
  }
  const empty = relation.rows.length === 0;
  const names = !options.has('noNames');
  if (!interactive && empty) return;
  if (interactive && empty) {
    main.out.put(`Empty set ${TIME}\n\n`);
    return;
  }
  if (upright || options.has('vertical')) main.out.put(vertical(relation));
  else main.out.put(box ? boxed(relation, names) : tabbed(relation, names));
  if (interactive) main.out.put(`${rows(relation.rows.length)} in set ${TIME}\n\n`);
}

/** Sends a statement and shows what comes; false where it failed. */
function* perform(
  client: Client,
  statement: string,
  upright: boolean,
  line: number,
): Routine<boolean> {
  const { main, connection, interactive } = client;
  const text = statement.trim();
  if (text === '') return true;
  const told = yield* connection.ask({ kind: 'query', text });
  if (!told) {
    main.err.put('ERROR 2013 (HY000): Lost connection to MySQL server during query\n');
    return false;
  }
  if (told.kind === 'error') {
    yield* main.out.flush();
    const shown = errorLine(told.error);
    main.err.put(`${interactive ? shown : shown.replace('): ', `) at line ${line}: `)}\n`);
    yield* main.err.flush();
    return false;
  }
  if (told.kind !== 'outcome') return false;
  if (told.outcome.database !== undefined) client.database = told.outcome.database;
  show(client, told.outcome, upright);
  yield* main.out.flush();
  return true;
}

/** Splits at `;`, `\g` and `\G`. */
function pieces(script: string): {
  statements: { text: string; upright: boolean; line: number }[];
  rest: string;
} {
  const marked = script.replace(/\\G/g, ' ;\u0001').replace(/\\g/g, ' ;');
  const { statements, rest } = splitStatements(marked, 'mysql');
  const uprights = marked
    .split(';')
    .slice(1)
    .map((part) => part.startsWith('\u0001'));
  let from = 0;
  return {
    statements: statements.map((text, i) => {
      const plain = text.replaceAll('\u0001', '').trim();
      from = Math.max(from, script.indexOf(plain.slice(0, 20), from));
      const line = script.slice(0, from).split('\n').length;
      return { text: plain, upright: uprights[i] ?? false, line };
    }),
    rest: rest.replaceAll('\u0001', ''),
  };
}

function* runScript(client: Client, script: string): Routine<number> {
  const { statements, rest } = pieces(script);
  const last =
    rest.trim() === '' ? [] : [{ text: rest, upright: false, line: script.split('\n').length }];
  for (const { text, upright, line } of [...statements, ...last]) {
    const use = /^use\s+`?(\w+)`?$/i.exec(text);
    const statement = use ? `USE \`${use[1]}\`` : text;
    const done = yield* perform(client, statement, upright, line);
    if (!done && !client.options.has('force')) return 1;
  }
  return 0;
}

function banner({ main, welcome, flavour }: Client): void {
  if (flavour.maria) {
    main.out.put(
      `Welcome to the MariaDB monitor.  Commands end with ; or \\g.\nYour MariaDB connection id is ${welcome.connection}\nServer version: ${welcome.version} ${flavour.comment}\n\nCopyright (c) 2000, 2018, Oracle, MariaDB Corporation Ab and others.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n`,
    );
    return;
  }
  const year = flavour.major >= 8 ? 2025 : 2021;
  main.out.put(
    `Welcome to the MySQL monitor.  Commands end with ; or \\g.\nYour MySQL connection id is ${welcome.connection}\nServer version: ${welcome.version} ${flavour.comment}\n\nCopyright (c) 2000, ${year}, Oracle and/or its affiliates.\n\nOracle is a registered trademark of Oracle Corporation and/or its\naffiliates. Other names may be trademarks of their respective\nowners.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n`,
  );
}

/** A line that is a command of the client itself; undefined where it is not. */
function* command(client: Client, line: string): Routine<'quit' | 'done' | undefined> {
  const { main } = client;
  const [word = '', argument = ''] = line.replace(/;$/, '').trim().split(/\s+/);
  switch (word.toLowerCase()) {
    case 'exit':
    case 'quit':
    case '\\q':
      return 'quit';
    case 'use':
    case '\\u':
      yield* perform(client, `USE \`${argument.replaceAll('`', '')}\``, false, 1);
      return 'done';
    case 'status':
    case '\\s':
      main.out.put(
        `--------------\n${main.name}  Ver ${client.welcome.version} for Linux on x86_64\n\nConnection id:\t\t${client.welcome.connection}\nCurrent database:\t${client.database ?? ''}\nServer version:\t\t${client.welcome.version} ${client.flavour.comment}\n--------------\n\n`,
      );
      return 'done';
    case 'source':
    case '\\.': {
      const bytes = yield* readFile(main.process, argument);
      if (isErrno(bytes))
        main.err.put(`ERROR: \nFailed to open file '${argument}', error: ${bytes.number}\n`);
      else yield* runScript(client, decode(bytes));
      return 'done';
    }
    case 'help':
    case '\\h':
    case '?':
      yield* notSimulated(main, `${main.name} help`);
      return 'done';
    default:
      return undefined;
  }
}

function* prompt(client: Client): Routine<number> {
  const { main, flavour } = client;
  banner(client);
  let held = '';
  for (;;) {
    const quote = openQuote(held);
    const first = flavour.maria ? `MariaDB [${client.database ?? '(none)'}]> ` : 'mysql> ';
    const more = `${quote === undefined ? '-' : quote}> `.padStart(first.length);
    main.out.put(held === '' ? first : more);
    yield* main.out.flush();
    const line = yield* main.input.line();
    if (line === undefined || (held === '' && (yield* command(client, line)) === 'quit')) {
      main.out.put(line === undefined ? '\nBye\n' : 'Bye\n');
      return 0;
    }
    if (held === '' && /^\s*(use|status|source|help|\?|\\[usq.h])\b/i.test(line)) continue;
    held += line;
    if (/\\c\s*$/.test(held)) {
      held = '';
      continue;
    }
    const { statements, rest } = pieces(held);
    for (const { text, upright } of statements) yield* perform(client, text, upright, 1);
    held = rest.trim() === '' ? '' : rest;
  }
}

function* run(main: Main): ProgramRun {
  const { process: p } = main;
  const flavour = flavourOf(p);
  const options = readWords(main, OPTIONS);
  if (!options) return 7;
  if (options.has('version')) {
    main.out.put(`${main.name}  Ver ${flavour.version} for Linux on x86_64 (${flavour.comment})\n`);
    return 0;
  }
  const database = options.value('database') ?? options.operands[0];
  const opened = yield* open(main, options, database);
  if ('text' in opened) {
    main.err.put(`${errorLine(opened)}\n`);
    return 1;
  }
  const execute = options.value('execute');
  const interactive = execute === undefined && p.isTerminal(0);
  const client: Client = { ...opened, main, flavour, options, interactive, database };
  if (execute !== undefined) {
    const onTerminal = p.isTerminal(1) && !options.has('batch') && !options.has('silent');
    const boxes: ParsedOptions = onTerminal
      ? { ...options, has: (key) => key === 'table' || options.has(key) }
      : options;
    return yield* runScript({ ...client, options: boxes }, execute);
  }
  if (interactive) return yield* prompt(client);
  return yield* runScript(client, decode(yield* main.input.rest()));
}

export const mysql = program('mysql', run);
