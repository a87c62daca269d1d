// Go's text/template, the parser: text and actions become a tree, and templates that are defined within one are kept by name.

import { isCoreFunction } from './functions.ts';
import { pieces, unquote } from './lex.ts';

/** What an operand or a pipeline stage is. */
export type Expression =
  | {
      readonly kind: 'field';
      readonly path: readonly string[];
      readonly text: string;
      readonly at: number;
    }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly path: readonly string[];
      readonly text: string;
      readonly at: number;
    }
  | {
      readonly kind: 'constant';
      readonly value: unknown;
      readonly text: string;
      readonly at: number;
    }
  | { readonly kind: 'call'; readonly name: string; readonly text: string; readonly at: number }
  | {
      readonly kind: 'group';
      readonly pipe: Pipe;
      readonly path: readonly string[];
      readonly text: string;
      readonly at: number;
    };

/** Stages joined by `|`, each a list of words; with `$x :=` or `$i, $x :=` before. */
export interface Pipe {
  readonly stages: readonly (readonly Expression[])[];
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly text: string;
  readonly at: number;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipe: Pipe | undefined;
      readonly at: number;
    }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' };

/** A parsed template with those that it defines. */
export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}

/** What a program adds to the language. */
export interface ParseOptions {
  readonly functions?: { has(name: string): boolean };
  /** Integers are kept apart from floats, as bigints. */
  readonly integers?: boolean;
}

/** `line:column: reason` is built by whoever prints it; this holds Go's whole sentence after `template: `. */
export class TemplateError extends Error {}

interface Token {
  readonly kind:
    | 'word'
    | 'text'
    | 'open'
    | 'close'
    | 'pipe'
    | 'declare'
    | 'assign'
    | 'comma'
    | 'string'
    | 'number'
    | 'char';
  readonly text: string;
  readonly at: number;
}

/** Parses a template. `name` is what its errors call it. */
export function parseTemplate(
  source: string,
  name = '',
  options: ParseOptions = {},
): ParsedTemplate {
  return new Parser(source, name, options).parse();
}

const LEXEMES: readonly (readonly [RegExp, Token['kind']])[] = [
  [/^"(?:[^"\\\n]|\\.)*"|^`[^`]*`/, 'string'],
  [/^'(?:[^'\\]|\\.)'/, 'char'],
  [/^[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/, 'number'],
  [/^:=/, 'declare'],
  [/^=/, 'assign'],
  [/^,/, 'comma'],
  [/^\(/, 'open'],
  [/^\)(?:\.[A-Za-z_]\w*)*/, 'close'],
  [/^\|/, 'pipe'],
  [/^(?:\$\w*|[A-Za-z_]\w*)?(?:\.[A-Za-z_]\w*)+|^\$\w*|^[A-Za-z_]\w*|^\./, 'word'],
];

class Parser {
  private readonly name: string;
  private readonly source: string;
  private readonly list: { text: string; action: boolean; at: number }[];
  private next = 0;
  /** The variables that are declared here; `$` is always. */
  private variables = ['$'];

  private readonly definitions = new Map<string, readonly Node[]>();
  private readonly options: ParseOptions;

  constructor(source: string, name: string, options: ParseOptions) {
    this.name = name;
    this.options = options;
    this.source = source;
    this.list = pieces(source, (at, text) => this.fail(at, text));
  }

  private fail(at: number, text: string): never {
    const line = this.source.slice(0, at).split('\n').length;
    throw new TemplateError(`template: ${this.name}:${line}: ${text}`);
  }

  parse(): ParsedTemplate {
    const nodes = this.nodes();
    const left = this.list[this.next];
    if (left) this.fail(left.at, `unexpected {{${left.text.trim().split(/\s/)[0]}}}`);
    return { nodes, definitions: this.definitions };
  }

  /** Nodes up to an `end` or `else`, which is left to be read. */
  private nodes(): Node[] {
    const out: Node[] = [];
    for (;;) {
      const piece = this.list[this.next];
      if (!piece) return out;
      if (!piece.action) {
        out.push({ kind: 'text', text: piece.text });
        this.next++;
        continue;
      }
      const word = /^\s*(\w+)/.exec(piece.text)?.[1];
      if (word === 'end' || word === 'else') return out;
      this.next++;
      if (word === 'if' || word === 'range' || word === 'with') out.push(this.block(word, piece));
      else if (word === 'define' || word === 'block') this.define(word, piece, out);
      else if (word === 'template') out.push(this.call('template', piece));
      else if (word === 'break') out.push({ kind: 'break' });
      else if (word === 'continue') out.push({ kind: 'continue' });
      else out.push({ kind: 'action', pipe: this.pipe(piece.text, piece.at, 'command') });
    }
  }

  /** `define "name"` and `block "name" pipeline`, which is both a definition and its use. */
  private define(kind: 'define' | 'block', piece: { text: string; at: number }, out: Node[]): void {
    const use = this.call(kind, piece);
    if (use.kind !== 'template') return;
    const { variables } = this;
    this.variables = ['$'];
    const body = this.nodes();
    this.variables = variables;
    const stop = this.list[this.next++];
    if (!stop) this.fail(this.source.length, 'unexpected EOF');
    this.definitions.set(use.name, body);
    if (kind === 'block') out.push(use);
  }

  private call(kind: string, piece: { text: string; at: number }): Node {
    const match = /^\s*\w+\s+("(?:[^"\\]|\\.)*"|`[^`]*`)/.exec(piece.text);
    const quoted = match?.[1] ?? '';
    if (!match) this.fail(piece.at, `unexpected "${piece.text.trim()}" in ${kind} clause`);
    const offset = match[0].length;
    const rest = piece.text.slice(offset);
    const pipe = rest.trim() === '' ? undefined : this.pipe(rest, piece.at + offset, kind);
    const name = quoted.startsWith('`') ? quoted.slice(1, -1) : unquote(quoted);
    return { kind: 'template', name, pipe, at: piece.at + match[0].indexOf(quoted) };
  }

  private block(kind: 'if' | 'range' | 'with', piece: { text: string; at: number }): Node {
    const declared = this.variables.length;
    const node = this.control(kind, piece);
    this.variables.length = declared;
    return node;
  }

  private control(kind: 'if' | 'range' | 'with', piece: { text: string; at: number }): Node {
    const offset = piece.text.indexOf(kind) + kind.length;
    const pipe = this.pipe(piece.text.slice(offset), piece.at + offset, kind);
    const body = this.nodes();
    let otherwise: Node[] = [];
    let stop = this.list[this.next++];
    const rest = /^\s*else\s*(if|with)?/.exec(stop?.text ?? '');
    if (stop && rest) {
      if (rest[1]) {
        const inner = { text: stop.text.replace(/^\s*else\s*/, ''), at: stop.at };
        return { kind, pipe, body, otherwise: [this.block(rest[1] as 'if' | 'with', inner)] };
      }
      otherwise = this.nodes();
      stop = this.list[this.next++];
    }
    if (!stop) this.fail(this.source.length, 'unexpected EOF');
    return { kind, pipe, body, otherwise };
  }

  private tokens(text: string, base: number): Token[] {
    const found: Token[] = [];
    let at = 0;
    while (at < text.length) {
      const rest = text.slice(at);
      const space = /^[ \t\r\n]+/.exec(rest);
      if (space) {
        at += space[0].length;
        continue;
      }
      const hit = LEXEMES.map(([form, kind]) => ({ kind, text: form.exec(rest)?.[0] ?? '' })).find(
        (t) => t.text !== '',
      );
      if (!hit) {
        const quote = rest[0] === '"' ? 'unterminated quoted string' : undefined;
        this.fail(
          base + at,
          quote ??
            `unexpected bad character U+${(rest.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${rest[0]}' in command`,
        );
      }
      found.push({ ...hit, at: base + at });
      at += hit.text.length;
    }
    return found;
  }

  private pipe(text: string, base: number, context: string): Pipe {
    const tokens = this.tokens(text, base);
    let variables: string[] = [];
    let assigns = false;
    const declare = tokens.findIndex((t) => t.kind === 'declare' || t.kind === 'assign');
    if (declare > 0) {
      variables = tokens
        .slice(0, declare)
        .filter((t) => t.kind === 'word')
        .map((t) => t.text);
      assigns = tokens[declare]?.kind === 'assign';
      this.variables.push(...variables);
      tokens.splice(0, declare + 1);
    }
    const position = { index: 0 };
    const stages = this.stages(tokens, position, base, context, false);
    return { stages, variables, assigns, text: text.trim(), at: base };
  }

  private stages(
    tokens: readonly Token[],
    position: { index: number },
    base: number,
    context: string,
    inner: boolean,
  ): Expression[][] {
    const stages: Expression[][] = [[]];
    for (;;) {
      const token = tokens[position.index];
      if (!token || token.kind === 'close') {
        if (!token && inner) this.fail(base, 'unclosed left paren');
        if (token && !inner) this.fail(token.at, 'unexpected right paren');
        break;
      }
      position.index++;
      const stage = stages.at(-1) ?? [];
      if (token.kind === 'pipe') stages.push([]);
      else stage.push(this.operand(token, tokens, position, context));
    }
    if (stages.some((stage) => stage.length === 0)) this.fail(base, `missing value for ${context}`);
    return stages;
  }

  private number(text: string): number | bigint {
    const whole = /^[+-]?(0x[0-9a-fA-F]+|\d+)$/.test(text);
    return whole && this.options.integers ? BigInt(text.replace(/^\+/, '')) : Number(text);
  }

  private operand(
    token: Token,
    tokens: readonly Token[],
    position: { index: number },
    context: string,
  ): Expression {
    const { text, at, kind } = token;
    if (kind === 'open') {
      const stages = this.stages(tokens, position, at, 'parenthesized pipeline', true);
      const close = tokens[position.index++]?.text ?? ')';
      const inner = this.source.slice(at + 1, tokens[position.index - 1]?.at);
      const pipe: Pipe = { stages, variables: [], assigns: false, text: inner, at };
      return { kind: 'group', pipe, path: close.split('.').slice(1), text: `(${inner})`, at };
    }
    if (kind === 'string') {
      const value = text.startsWith('`') ? text.slice(1, -1) : unquote(text);
      return { kind: 'constant', value, text, at };
    }
    if (kind === 'char') return { kind: 'constant', value: text.codePointAt(1), text, at };
    if (kind === 'number') return { kind: 'constant', value: this.number(text), text, at };
    if (kind !== 'word') this.fail(at, `unexpected "${text}" in ${context}`);
    if (text.startsWith('$')) {
      const [name = '$', ...path] = text.split('.');
      if (!this.variables.includes(name)) this.fail(at, `undefined variable "${name}"`);
      return { kind: 'variable', name, path, text, at };
    }
    if (text.startsWith('.'))
      return {
        kind: 'field',
        path: text
          .split('.')
          .slice(1)
          .filter((n) => n !== ''),
        text,
        at,
      };
    if (text === 'true' || text === 'false')
      return { kind: 'constant', value: text === 'true', text, at };
    if (text === 'nil') return { kind: 'constant', value: null, text, at };
    const known = isCoreFunction(text) || this.options.functions?.has(text) === true;
    if (!known) this.fail(at, `function "${text}" not defined`);
    return { kind: 'call', name: text, text, at };
  }
}
