// From the parser's tree (unbash) to the shell's own: words taken apart, line numbers counted,
// braces expanded.

import type * as Parsed from 'unbash';
import { expandBraces } from './braces.ts';
import { afterBracket } from './scan.ts';
import type {
  Argument,
  ArrayElement,
  Assignment,
  Case,
  List,
  Node,
  Redirect,
  Statement,
  TestNode,
  Word,
} from './tree.ts';
import { readWord, type WordPlace } from './word.ts';

/**
 * Builds the tree of parsed statements. `source` is what was parsed, `firstLine` the number of its
 * first line.
 */
export class TreeBuilder {
  private readonly source: string;
  private readonly firstLine: number;
  private readonly braces: boolean;
  private lineAt = 0;
  private lineCount = 0;

  constructor(source: string, firstLine: number, braces: boolean) {
    this.source = source;
    this.firstLine = firstLine;
    this.braces = braces;
  }

  list(commands: readonly Parsed.Statement[]): List {
    return commands.map((command) => this.statement(command));
  }

  private statement(parsed: Parsed.Statement): Statement {
    return {
      node: this.node(parsed.command),
      background: parsed.background === true,
      position: parsed.pos,
      text: this.source.slice(parsed.command.pos, parsed.command.end),
    };
  }

  /** The line of a position; positions mostly come in order. */
  private line(position: number): number {
    if (position < this.lineAt) {
      this.lineAt = 0;
      this.lineCount = 0;
    }
    for (;;) {
      const next = this.source.indexOf('\n', this.lineAt);
      if (next < 0 || next >= position) return this.firstLine + this.lineCount;
      this.lineAt = next + 1;
      this.lineCount++;
    }
  }

  private node(parsed: Parsed.Statement['command'] | Parsed.CompoundList): Node {
    switch (parsed.type) {
      case 'Command':
        return this.simple(parsed);
      case 'Redirected':
        return {
          kind: 'redirected',
          command: this.node(parsed.command),
          redirects: this.redirects(parsed.redirects),
        };
      case 'Pipeline':
        return this.pipeline(parsed);
      case 'AndOr':
        return {
          kind: 'and-or',
          commands: parsed.commands.map((command) => this.node(command)),
          operators: parsed.operators,
        };
      case 'CompoundList':
        return { kind: 'group', body: this.list(parsed.commands), line: this.line(parsed.pos) };
      case 'Function':
        return {
          kind: 'function',
          line: this.line(parsed.pos),
          name: parsed.name.text,
          body: this.node(parsed.body),
          file: this.source,
        };
      case 'Coproc':
        return {
          kind: 'coproc',
          name: parsed.name?.text ?? 'COPROC',
          body: this.node(parsed.body),
        };
      default:
        return this.compound(parsed);
    }
  }

  private compound(parsed: Parsed.CompoundCommand): Node {
    const line = this.line(parsed.pos);
    switch (parsed.type) {
      case 'If': {
        const branches = [parsed, ...parsed.elif].map(({ clause, then }) => ({
          condition: this.list(clause.commands),
          body: this.list(then.commands),
        }));
        return { kind: 'if', branches, otherwise: parsed.else && this.list(parsed.else.commands) };
      }
      case 'For':
      case 'Select':
        return {
          kind: parsed.type === 'For' ? 'for' : 'select',
          line,
          name: parsed.name.text,
          words: parsed.wordlist?.flatMap((word) => this.words(word.text)),
          body: this.list(parsed.body.commands),
        };
      case 'ArithmeticFor':
        return {
          kind: 'arithmetic-for',
          line,
          initialize: this.arithmetic(parsed.initialize),
          test: this.arithmetic(parsed.test),
          update: this.arithmetic(parsed.update),
          body: this.list(parsed.body.commands),
        };
      case 'While':
        return {
          kind: parsed.kind,
          condition: this.list(parsed.clause.commands),
          body: this.list(parsed.body.commands),
        };
      case 'Case':
        return this.caseNode(parsed, line);
      case 'Subshell':
      case 'BraceGroup': {
        const kind = parsed.type === 'Subshell' ? 'subshell' : 'group';
        return { kind, body: this.list(parsed.body.commands), line };
      }
      case 'TestCommand':
        return {
          kind: 'conditional',
          line,
          expression: this.test(parsed.expression),
          text: this.source.slice(parsed.pos, parsed.end),
        };
      case 'ArithmeticCommand':
        return { kind: 'arithmetic', line, expression: readWord(parsed.body, 'arithmetic') };
    }
  }

  private caseNode(parsed: Parsed.Case, line: number): Case {
    return {
      kind: 'case',
      line,
      word: readWord(parsed.word.text, 'assignment'),
      items: parsed.items.map((item) => ({
        patterns: item.pattern.map((word) => readWord(word.text, 'word')),
        body: this.list(item.body.commands),
        end: item.terminator ?? ';;',
      })),
    };
  }

  private pipeline(parsed: Parsed.Pipeline): Node {
    const time = parsed.prefixes.find((prefix) => prefix.type === 'Time');
    const negations = parsed.prefixes.filter((prefix) => prefix.type === 'Negation').length;
    return {
      kind: 'pipeline',
      commands: parsed.commands.map((command) => this.node(command)),
      both: parsed.operators.map((operator) => operator === '|&'),
      negate: negations % 2 === 1,
      time: time ? (time.posix ? 'posix' : 'bash') : 'no',
    };
  }

  private simple(parsed: Parsed.Command): Node {
    const line = this.line(parsed.pos);
    const assignments: Assignment[] = [];
    for (const entry of parsed.prefix) {
      if (entry.type === 'Assignment') assignments.push(this.assignment(entry));
    }
    const words: Argument[] = parsed.name ? this.words(parsed.name.text) : [];
    for (const entry of parsed.suffix) {
      if (entry.type === 'Assignment') {
        words.push({ assignment: this.assignment(entry), raw: entry.text });
      } else if (entry.type === 'Word') {
        words.push(...this.words(entry.text));
      }
    }
    const redirects = this.redirects(parsed.redirects);
    const plain = assignments.every(({ index, value }) => !index && 'raw' in value && value.quick);
    return {
      kind: 'simple',
      line,
      assignments,
      words,
      redirects,
      text: this.source.slice(parsed.pos, parsed.end),
      quickAssignments: plain && words.length === 0 && redirects.length === 0,
    };
  }

  private words(text: string): Word[] {
    if (!this.braces || !text.includes('{')) return [readWord(text, 'word')];
    return expandBraces(text).map((one) => readWord(one, 'word'));
  }

  private assignment(parsed: Parsed.Assignment): Assignment {
    const { value } = parsed;
    return {
      name: parsed.name,
      index: parsed.index && readWord(parsed.index.text, 'word'),
      append: parsed.append === true,
      value:
        value.type === 'ArrayValue'
          ? value.elements.map((element) => this.element(element.text))
          : readWord(value.text, 'assignment'),
    };
  }

  private element(text: string): ArrayElement {
    if (text.startsWith('[')) {
      const end = afterBracket(text, 1);
      const operator = /^\+?=/.exec(text.slice(end))?.[0];
      if (operator !== undefined) {
        return {
          key: readWord(text.slice(1, end - 1), 'word'),
          append: operator === '+=',
          words: [readWord(text.slice(end + operator.length), 'assignment')],
        };
      }
    }
    return { key: undefined, append: false, words: this.words(text) };
  }

  private arithmetic(parsed: { readonly pos: number; readonly end: number } | undefined): Word {
    return readWord(parsed ? this.source.slice(parsed.pos, parsed.end) : '', 'arithmetic');
  }

  private redirects(list: readonly Parsed.Redirection[]): Redirect[] {
    return list.map((redirect) => {
      const { descriptor } = redirect;
      const delimiter = redirect.type === 'HereDoc' ? redirect.delimiter?.text : undefined;
      return {
        ...(delimiter === undefined ? {} : { delimiter }),
        operator: redirect.operator,
        fd: descriptor?.type === 'FileDescriptor' ? descriptor.value : undefined,
        variable: descriptor?.type === 'FileDescriptorVariable' ? descriptor.name : undefined,
        target:
          redirect.type === 'HereDoc'
            ? this.document(redirect)
            : readWord(redirect.target?.text ?? '', 'word'),
      };
    });
  }

  private document(parsed: Parsed.HereDoc): Word {
    const written = parsed.body.text;
    const text = written === '' || written.endsWith('\n') ? written : `${written}\n`;
    const body = parsed.operator === '<<-' ? text.replace(/^\t+/gm, '') : text;
    if (!parsed.delimiter?.quoted) return readWord(body, 'document');
    return {
      raw: body,
      pieces: [{ kind: 'text', text: body, quoted: true }],
      literal: body,
      blocks: false,
      quick: true,
    };
  }

  private test(parsed: Parsed.TestExpression): TestNode {
    const word = (given: Parsed.Word, place: WordPlace = 'word'): Word =>
      readWord(given.text, place);
    switch (parsed.type) {
      case 'TestUnary':
        return { kind: 'unary', operator: parsed.operator, operand: word(parsed.operand) };
      case 'TestBinary':
        return {
          kind: 'binary',
          operator: parsed.operator,
          left: word(parsed.left),
          right: word(parsed.right),
        };
      case 'TestLogical':
        return {
          kind: 'logical',
          operator: parsed.operator,
          operands: parsed.operands.map((operand) => this.test(operand)),
        };
      case 'TestNot': {
        const operand = this.test(parsed.operand);
        return parsed.negations.length % 2 === 0 ? operand : { kind: 'not', operand };
      }
      case 'TestGroup':
        return this.test(parsed.expression);
    }
  }
}
