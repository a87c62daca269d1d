// A Dockerfile's lines as nodes (BuildKit's frontend/dockerfile/parser): parser directives, continuations, comments,
// heredocs, and the arguments of each instruction in the form that it has.

import { BuildError, about, type Lines } from './errors.ts';
import { expand } from './lex.ts';

export interface Heredoc {
  readonly name: string;
  readonly expand: boolean;
  /** `<<-`: leading tabs go. */
  readonly chomp: boolean;
  readonly content: string;
}

/** One instruction as it is written. */
export interface Node {
  /** The instruction's word as it was typed. */
  readonly word: string;
  readonly original: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
  /** The arguments were a JSON array. */
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
  readonly lines: Lines;
  readonly comments: readonly string[];
}

export interface Parsed {
  readonly nodes: readonly Node[];
  readonly escape: string;
  readonly directives: ReadonlyMap<string, string>;
  /** Last lines of instructions with an empty line inside of them. */
  readonly emptyContinuations: readonly number[];
}

const DIRECTIVES = ['syntax', 'escape', 'check'];
const SPACE = /[\t\v\f\r ]+/;
const HEREDOC = /^(\d*)<<(-?)\s*([^<]*)$/;
const WITH_HEREDOC = /^(add|copy|run|onbuild)$/i;

/** Heredoc content without leading tabs. */
export function chomped(content: string): string {
  return content.replace(/^\t+/gm, '');
}

/** The heredoc that a word announces. */
export function heredocOf(word: string): Omit<Heredoc, 'content'> | undefined {
  const match = HEREDOC.exec(word);
  const rest = match?.[3] ?? '';
  if (!match || rest === '') return undefined;
  const { words } = expand(rest, new Map(), { keepUnset: true });
  const raw = expand(rest, new Map(), { keepUnset: true, rawQuotes: true }).words;
  const [name] = words;
  if (words.length !== 1 || name === undefined) return undefined;
  const quotes = (text: string): number => text.replace(/[^'"]/g, '').length;
  return { name, expand: quotes(name) === quotes(raw[0] ?? ''), chomp: match[2] === '-' };
}

function heredocsOf(line: string): Omit<Heredoc, 'content'>[] {
  const options = { rawQuotes: true, rawEscapes: true, keepUnset: true };
  let words: readonly string[] = [];
  try {
    words = expand(line, new Map(), options).words;
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
  }
  return words.flatMap((word) => heredocOf(word) ?? []);
}

/** Flags in front of the arguments, and what is left. */
function splitFlags(line: string, escape: string): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && /\s/.test(line[at] ?? '')) at++;
    if (!line.startsWith('--', at)) return { flags, rest: line.slice(at) };
    let word = '';
    let quote = '';
    for (; at < line.length; at++) {
      const char = line[at] ?? '';
      if (quote === '' && /\s/.test(char)) break;
      if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else if (char === escape) word += line[++at] ?? '';
      else word += char;
    }
    if (word === '--') return { flags, rest: line.slice(at) };
    flags.push(word);
  }
}

/** Words with their quotes and escapes as they are written. */
function quotedWords(rest: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let open = false;
  let quote = '';
  for (let i = 0; i < rest.length; i++) {
    const char = rest[i] ?? '';
    if (quote === '' && /\s/.test(char)) {
      if (open) words.push(word);
      word = '';
      open = false;
      continue;
    }
    open = true;
    if (char === escape && quote !== "'") {
      if (i + 1 < rest.length) word += char + (rest[++i] ?? '');
      continue;
    }
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    word += char;
  }
  if (open) words.push(word);
  return words;
}

/** Names, values and delimiters, three for each pair. */
function nameValues(rest: string, word: string, escape: string): string[] {
  const words = quotedWords(rest, escape);
  const [first] = words;
  if (first === undefined) return [];
  if (!first.includes('=')) {
    const match = /^(\S+?)[\t\v\f\r ]+([^]*)$/.exec(rest);
    if (!match) throw new BuildError(`${word} must have two arguments`);
    return [match[1] ?? '', match[2] ?? '', ''];
  }
  return words.flatMap((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 0)
      throw new BuildError(
        `Syntax error - can't find = in ${JSON.stringify(pair)}. Must be of the form: name=value`,
      );
    return [pair.slice(0, equals), pair.slice(equals + 1), '='];
  });
}

interface Arguments {
  readonly args: readonly string[];
  readonly json?: boolean;
}

function jsonArray(rest: string): readonly string[] | undefined {
  if (!rest.trimStart().startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (!value.every((item) => typeof item === 'string'))
    throw new BuildError('when using JSON array syntax, arrays must be comprised of strings only');
  return value as string[];
}

const maybeJson = (rest: string): Arguments => {
  const array = jsonArray(rest);
  if (array) return { args: array, json: true };
  return { args: rest === '' ? [] : [rest] };
};
const whole = (rest: string): Arguments => ({ args: rest === '' ? [] : [rest] });
const spaced = (rest: string): Arguments => ({ args: rest === '' ? [] : rest.split(SPACE) });
const jsonOrSpaced = (rest: string): Arguments => {
  const array = jsonArray(rest);
  return array ? { args: array, json: true } : spaced(rest);
};

function healthArguments(rest: string): Arguments {
  const match = /^(\S+)\s*([^]*)$/.exec(rest);
  if (!match) return { args: [] };
  const { args, json } = maybeJson(match[2] ?? '');
  return { args: [match[1] ?? '', ...args], json: json ?? false };
}

/** How the rest of a line is read, by instruction. */
const FORMS: Readonly<Record<string, (rest: string, escape: string) => Arguments>> = {
  add: jsonOrSpaced,
  arg: (rest, escape) => ({ args: quotedWords(rest, escape) }),
  cmd: maybeJson,
  copy: jsonOrSpaced,
  entrypoint: maybeJson,
  env: (rest, escape) => ({ args: nameValues(rest, 'ENV', escape) }),
  expose: spaced,
  from: spaced,
  healthcheck: healthArguments,
  label: (rest, escape) => ({ args: nameValues(rest, 'LABEL', escape) }),
  maintainer: whole,
  onbuild: (rest, escape) => {
    if (rest === '') return { args: [] };
    const inner = nodeOf(rest, escape, { start: 0, end: 0 }, [], []);
    return { args: [inner.word, ...inner.args], json: inner.json };
  },
  run: maybeJson,
  shell: maybeJson,
  stopsignal: whole,
  user: whole,
  volume: jsonOrSpaced,
  workdir: whole,
};

/** Words of instructions, as suggestions name them. */
export const INSTRUCTIONS = Object.keys(FORMS).map((word) => word.toUpperCase());

function nodeOf(
  line: string,
  escape: string,
  lines: Lines,
  heredocs: readonly Heredoc[],
  comments: readonly string[],
): Node {
  const trimmed = line.trim();
  const space = SPACE.exec(trimmed);
  const word = space ? trimmed.slice(0, space.index) : trimmed;
  const { flags, rest } = splitFlags(
    space ? trimmed.slice(space.index + space[0].length) : '',
    escape,
  );
  const { args, json = false } = FORMS[word.toLowerCase()]?.(rest.trim(), escape) ?? { args: [] };
  return { word, original: line, flags, args, json, heredocs, lines, comments };
}

/** Reads the parser directives at the head of a file. */
class Directives {
  readonly seen = new Map<string, string>();
  private done = false;

  /** True where the line is one. */
  take(line: string): boolean {
    if (this.done) return false;
    const match = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line);
    const name = (match?.[1] ?? '').toLowerCase();
    if (!match || !DIRECTIVES.includes(name)) {
      this.done = true;
      return false;
    }
    if (this.seen.has(name)) throw new BuildError(`only one ${name} parser directive can be used`);
    const value = match[2] ?? '';
    if (name === 'escape' && value !== '`' && value !== '\\')
      throw new BuildError(`invalid escape token '${value}' does not match \` or \\`);
    this.seen.set(name, value);
    return true;
  }
}

const isComment = (line: string): boolean => /^\s*#/.test(line);

class Reader {
  private readonly source: readonly string[];
  private at = 0;
  private readonly directives = new Directives();
  private readonly nodes: Node[] = [];
  private readonly emptyContinuations: number[] = [];
  private comments: string[] = [];

  constructor(text: string) {
    this.source = text.replace(/^\uFEFF/, '').match(/[^\n]*\n|[^\n]+$/g) ?? [];
  }

  private get escape(): string {
    return this.directives.seen.get('escape') ?? '\\';
  }

  /** The line without its continuation; undefined where it is the last. */
  private continued(line: string): string | undefined {
    const mark = this.escape === '\\' ? '\\\\' : this.escape;
    const form = new RegExp(`([^${mark}])${mark}[ \\t]*$|^${mark}[ \\t]*$`);
    return form.test(line) ? line.replace(form, '$1') : undefined;
  }

  private nextLine(): string | undefined {
    return this.source[this.at++];
  }

  private logical(first: string): string {
    let line = first;
    let empty = false;
    let more = this.continued(line);
    if (more !== undefined) line = more;
    while (more !== undefined) {
      const raw = this.nextLine();
      if (raw === undefined) {
        this.at--;
        break;
      }
      const next = raw.replace(/[\r\n]+$/, '');
      if (isComment(next)) continue;
      if (next.trim() === '') {
        empty = true;
        continue;
      }
      more = this.continued(next);
      line += more ?? next;
    }
    if (empty) this.emptyContinuations.push(this.at);
    return line;
  }

  private heredocs(line: string, start: number): Heredoc[] {
    const word = /^\s*(\S+)/.exec(line)?.[1] ?? '';
    if (!WITH_HEREDOC.test(word) || !line.includes('<<')) return [];
    return heredocsOf(line).map((doc) => {
      let content = '';
      for (;;) {
        const raw = this.nextLine();
        if (raw === undefined) {
          this.at--;
          throw new BuildError('unterminated heredoc', [{ start, end: this.at }]);
        }
        const bare = raw.replace(/[\r\n]+$/, '');
        if ((doc.chomp ? bare.replace(/^\t+/, '') : bare) === doc.name) return { ...doc, content };
        content += raw;
      }
    });
  }

  private instruction(raw: string): void {
    const line = raw.replace(/[\r\n]+$/, '').trimStart();
    const directive = about({ start: this.at - 1, end: 0 }, () => this.directives.take(line));
    if (directive) return;
    if (isComment(line)) {
      const comment = line.slice(1).trim();
      if (comment === '') this.comments = [];
      else this.comments.push(comment);
      return;
    }
    if (line === '') return;
    const start = this.at;
    const logical = this.logical(line);
    const lines = (): Lines => ({ start, end: this.at });
    about({ start, end: this.at }, () => nodeOf(logical, this.escape, lines(), [], []));
    const heredocs = this.heredocs(logical, start);
    this.nodes.push(nodeOf(logical, this.escape, lines(), heredocs, this.comments));
    this.comments = [];
  }

  run(): Parsed {
    for (let raw = this.nextLine(); raw !== undefined; raw = this.nextLine()) this.instruction(raw);
    if (this.nodes.length === 0)
      throw new BuildError('file with no instructions', [{ start: this.source.length, end: 0 }]);
    return {
      nodes: this.nodes,
      escape: this.escape,
      directives: this.directives.seen,
      emptyContinuations: this.emptyContinuations,
    };
  }
}

/** Parses a Dockerfile; it throws a BuildError where it is none. */
export function parseDockerfile(text: string): Parsed {
  return new Reader(text).run();
}
