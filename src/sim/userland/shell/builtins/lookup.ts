// type, command, builtin, hash, enable: what a name would run.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { findAll, findCommand } from '../run/external.ts';
import { singleQuote } from '../quote.ts';
import { runWords } from '../run/words.ts';
import type { Shell } from '../shell.ts';
import { BASH_KEYWORDS, KEYWORDS } from '../syntax/keywords.ts';
import { printFunction } from '../syntax/print.ts';
import { allBuiltins, anyBuiltin, type Builtin, findBuiltin } from './index.ts';
import { letters, output, say, wrongLetter } from './messages.ts';

interface Meaning {
  readonly kind: 'alias' | 'keyword' | 'function' | 'builtin' | 'file';
  /** The value, the path. */
  readonly text: string;
  readonly hashed: boolean;
}

/** Everything a name means, in the order in which the shell looks. */
function meanings(shell: Shell, name: string, all: boolean, noFunctions: boolean): Meaning[] {
  const found: Meaning[] = [];
  const alias = shell.aliases.get(name);
  if (alias !== undefined && shell.shopt('expand_aliases'))
    found.push({ kind: 'alias', text: alias, hashed: false });
  if (KEYWORDS.includes(name) && (shell.dialect.extended || !BASH_KEYWORDS.has(name))) {
    found.push({ kind: 'keyword', text: name, hashed: false });
  }
  if (shell.functions.has(name) && !noFunctions)
    found.push({ kind: 'function', text: name, hashed: false });
  if (findBuiltin(shell, name)) found.push({ kind: 'builtin', text: name, hashed: false });
  if (found.length > 0 && !all) return found;
  for (const path of files(shell, name, all)) found.push(path);
  return found;
}

function files(shell: Shell, name: string, all: boolean): Meaning[] {
  const executable = (path: string): boolean => {
    const stat = shell.process.stat(path);
    return (
      !isErrno(stat) &&
      (stat.mode & 0o170000) !== 0o040000 &&
      shell.process.access(path, 1) === undefined
    );
  };
  if (name.includes('/'))
    return executable(name) ? [{ kind: 'file', text: name, hashed: false }] : [];
  if (!all) {
    const hashed = shell.hash.has(name);
    const path = findCommand(shell, name, false);
    return path !== undefined && executable(path) ? [{ kind: 'file', text: path, hashed }] : [];
  }
  return findAll(shell, name, shell.value('PATH'))
    .filter(executable)
    .map((text) => ({ kind: 'file', text, hashed: false }));
}

/** `ls is /usr/bin/ls`, as type and command -V say. */
function described(shell: Shell, name: string, meaning: Meaning): string {
  switch (meaning.kind) {
    case 'alias':
      return shell.dialect.extended
        ? `${name} is aliased to \`${meaning.text}'\n`
        : `${name} is an alias for ${meaning.text}\n`;
    case 'keyword':
      return `${name} is a shell keyword\n`;
    case 'function': {
      const definition = shell.functions.get(name);
      if (!shell.dialect.extended) return `${name} is a shell function\n`;
      return `${name} is a function\n${definition ? printFunction(definition) : ''}`;
    }
    case 'builtin': {
      const special = !shell.dialect.extended && anyBuiltin(name)?.special;
      return `${name} is a ${special ? 'special ' : ''}shell builtin\n`;
    }
    case 'file':
      return meaning.hashed && shell.dialect.extended
        ? `${name} is hashed (${meaning.text})\n`
        : `${name} is ${meaning.text}\n`;
  }
}

function* type(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = shell.dialect.extended
    ? letters(words, 'afptP')
    : { options: [], operands: words.slice(1) };
  if ('wrong' in parsed && parsed.wrong) return yield* wrongLetter(shell, 'type', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  let status = 0;
  for (const name of parsed.operands) {
    const all = flags.has('a');
    const found = flags.has('P')
      ? files(shell, name, all)
      : meanings(shell, name, all, flags.has('f'));
    if (found.length === 0) {
      status = 1;
      if (!flags.has('t') && !flags.has('p') && !flags.has('P'))
        yield* notFound(shell, 'type', name);
      continue;
    }
    for (const meaning of all ? found : found.slice(0, 1)) {
      let text = described(shell, name, meaning);
      if (flags.has('t')) text = `${meaning.kind}\n`;
      else if (flags.has('p') || flags.has('P'))
        text = meaning.kind === 'file' ? `${meaning.text}\n` : '';
      status = (yield* output(shell, 'type', text)) || status;
    }
  }
  return status;
}

function* notFound(shell: Shell, command: string, name: string): Routine<number> {
  if (shell.dialect.extended) return yield* say(shell, command, `${name}: not found`);
  yield* output(shell, command, `${name}: not found\n`);
  return 127;
}

function* command(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'pVv');
  if (parsed.wrong) return yield* wrongLetter(shell, 'command', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  if (!flags.has('v') && !flags.has('V')) {
    if (parsed.operands.length === 0) return 0;
    return yield* runWords(shell, parsed.operands, { functions: false });
  }
  let status = parsed.operands.length > 0 ? 1 : 0;
  for (const name of parsed.operands) {
    const [meaning] = meanings(shell, name, false, false);
    if (!meaning) {
      if (flags.has('V')) yield* notFound(shell, 'command', name);
      if (!shell.dialect.extended) status = 127;
      continue;
    }
    status = 0;
    let text = described(shell, name, meaning);
    if (flags.has('v')) {
      text =
        meaning.kind === 'alias'
          ? `alias ${name}=${singleQuote(meaning.text)}\n`
          : `${meaning.text}\n`;
    }
    yield* output(shell, 'command', text);
  }
  return status;
}

function* builtin(shell: Shell, words: readonly string[]): Routine<number> {
  const rest = words[1] === '--' ? words.slice(2) : words.slice(1);
  const [name] = rest;
  if (name === undefined) return 0;
  if (!findBuiltin(shell, name))
    return yield* say(shell, 'builtin', `${name}: not a shell builtin`);
  return yield* runWords(shell, rest, { functions: false, programs: false });
}

function* hash(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, shell.dialect.extended ? 'dlrtp:' : 'r');
  if (parsed.wrong) return yield* wrongLetter(shell, 'hash', parsed.wrong);
  const options = new Map(parsed.options);
  if (options.has('r')) {
    shell.hash.clear();
    return 0;
  }
  if (parsed.operands.length === 0) {
    if (shell.hash.size === 0) {
      return shell.dialect.extended ? yield* output(shell, 'hash', 'hash: hash table empty\n') : 0;
    }
    const rows = [...shell.hash].map(([name, { path, hits }]) =>
      options.has('l')
        ? `builtin hash -p ${path} ${name}\n`
        : `${String(hits).padStart(4)}\t${path}\n`,
    );
    return yield* output(
      shell,
      'hash',
      (options.has('l') ? '' : 'hits\tcommand\n') + rows.join(''),
    );
  }
  let status = 0;
  for (const name of parsed.operands) {
    const path = options.get('p');
    if (path !== undefined) shell.hash.set(name, { path, hits: 0 });
    else if (options.has('d')) {
      if (!shell.hash.delete(name)) status = yield* say(shell, 'hash', `${name}: not found`);
    } else if (options.has('t')) {
      const known = shell.hash.get(name);
      if (known)
        yield* output(
          shell,
          'hash',
          parsed.operands.length > 1 ? `${name}\t${known.path}\n` : `${known.path}\n`,
        );
      else status = yield* say(shell, 'hash', `${name}: not found`);
    } else if (!findBuiltin(shell, name) && !shell.functions.has(name)) {
      const found = findCommand(shell, name);
      const known = shell.hash.get(name);
      if (known) known.hits = 0;
      if (found === undefined) status = yield* say(shell, 'hash', `${name}: not found`);
    }
  }
  return status;
}

function* enable(shell: Shell, words: readonly string[]): Routine<number> {
  const parsed = letters(words, 'adnpsf:');
  if (parsed.wrong) return yield* wrongLetter(shell, 'enable', parsed.wrong);
  const flags = new Set(parsed.options.map(([letter]) => letter));
  if (parsed.operands.length === 0) {
    const names = allBuiltins()
      .map(({ name }) => name)
      .sort();
    const lines = names
      .filter((name) => flags.has('a') || shell.disabled.has(name) === flags.has('n'))
      .filter((name) => !flags.has('s') || anyBuiltin(name)?.special)
      .map((name) => `enable ${shell.disabled.has(name) ? '-n ' : ''}${name}\n`);
    return yield* output(shell, 'enable', lines.join(''));
  }
  let status = 0;
  for (const name of parsed.operands) {
    if (!anyBuiltin(name)) status = yield* say(shell, 'enable', `${name}: not a shell builtin`);
    else if (flags.has('n')) shell.disabled.add(name);
    else shell.disabled.delete(name);
  }
  return status;
}

export const lookupBuiltins: readonly Builtin[] = [
  { name: 'type', posix: true, run: type },
  { name: 'command', posix: true, run: command },
  { name: 'builtin', run: builtin },
  { name: 'hash', posix: true, run: hash },
  { name: 'enable', run: enable },
];
