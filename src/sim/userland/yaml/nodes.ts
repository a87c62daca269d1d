// The tree of a document, as go-yaml's parser makes it of libyaml's grammar: scalars, lists, mappings, with their tags
// and lines.

import { type Dialect, parserFault, YamlFault } from './fault.ts';
import type { Mark } from './reader.ts';
import type { Style } from './scalars.ts';
import { Scanner, type Token, type TokenKind } from './scanner.ts';

interface Properties {
  /** As written, `!!` for the tags of YAML itself; empty where none was. */
  readonly tag: string;
  /** From 1. */
  readonly line: number;
}

export interface ScalarNode extends Properties {
  readonly kind: 'scalar';
  readonly value: string;
  readonly style: Style;
}

export interface SequenceNode extends Properties {
  readonly kind: 'sequence';
  readonly items: YamlNode[];
}

export interface MappingNode extends Properties {
  readonly kind: 'mapping';
  readonly pairs: [YamlNode, YamlNode][];
}

export interface AliasNode extends Properties {
  readonly kind: 'alias';
  readonly target: YamlNode;
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

const LONG_TAG = 'tag:yaml.org,2002:';
/** What may not stand in a document at all. */
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** The documents of a text. Throws YamlFault with go-yaml's words for what it cannot read. */
export function parseDocuments(text: string, dialect: Dialect): YamlNode[] {
  const parser = new Parser(text, dialect);
  const documents: YamlNode[] = [];
  for (let node = parser.document(); node; node = parser.document()) documents.push(node);
  return documents;
}

/** The first document of a text; nothing where there is none. What follows it is not looked at. */
export function parseDocument(text: string, dialect: Dialect): YamlNode | undefined {
  return new Parser(text, dialect).document();
}

class Parser {
  private readonly scanner: Scanner;
  private readonly dialect: Dialect;
  private anchors = new Map<string, YamlNode>();
  private first = true;

  constructor(text: string, dialect: Dialect) {
    if (CONTROL.test(text)) throw new YamlFault('yaml: control characters are not allowed');
    this.scanner = new Scanner(text, dialect);
    this.dialect = dialect;
  }

  private next(): TokenKind {
    return this.scanner.peek().kind;
  }

  private fault(problem: string, context?: Mark): YamlFault {
    return parserFault(this.dialect, problem, this.scanner.peek().at, context);
  }

  /** One document with the indicators around it. */
  document(): YamlNode | undefined {
    const { scanner } = this;
    if (!this.first) while (this.next() === 'document-end') scanner.take();
    if (this.next() === 'stream-end') return undefined;
    this.anchors = new Map();
    let node: YamlNode;
    if (this.first && this.next() !== 'directive' && this.next() !== 'document-start') {
      node = this.node(true, false);
    } else {
      while (this.next() === 'directive') scanner.take();
      if (this.next() !== 'document-start')
        throw this.fault('did not find expected <document start>');
      const { at } = scanner.take();
      const empty = ['directive', 'document-start', 'document-end', 'stream-end'];
      node = empty.includes(this.next()) ? this.empty(at) : this.node(true, false);
    }
    this.first = false;
    if (this.next() === 'document-end') scanner.take();
    return node;
  }

  /** A scalar that is not there: null. */
  private empty({ line }: Mark): ScalarNode {
    return { kind: 'scalar', tag: '', line: line + 1, value: '', style: 'plain' };
  }

  /** `indentless`: the items of a list may stand as far as the key that it belongs to. */
  private node(block: boolean, indentless: boolean): YamlNode {
    const { scanner } = this;
    const start = scanner.peek();
    if (start.kind === 'alias') {
      const name = start.value ?? '';
      const target = this.anchors.get(name);
      if (!target) throw new YamlFault(`yaml: unknown anchor '${name}' referenced`);
      scanner.take();
      return { kind: 'alias', tag: '', line: start.at.line + 1, target };
    }
    let anchor: string | undefined;
    let tagToken: Token | undefined;
    for (
      let kind: TokenKind = start.kind;
      kind === 'anchor' || kind === 'tag';
      kind = this.next()
    ) {
      if (kind === 'anchor' ? anchor !== undefined : tagToken) break;
      const token = scanner.take();
      if (kind === 'anchor') anchor = token.value;
      else tagToken = token;
    }
    const tag = tagToken ? this.tagOf(tagToken, start) : '';
    const properties = { tag, line: start.at.line + 1 };
    return this.content(block, indentless, start, properties, anchor);
  }

  private tagOf({ value = '', suffix = '', at }: Token, start: Token): string {
    if (value === '!!') return `!!${suffix}`;
    if (value === '' && suffix.startsWith(LONG_TAG)) return `!!${suffix.slice(LONG_TAG.length)}`;
    if (value === '' || value === '!') return value + suffix;
    throw parserFault(this.dialect, 'found undefined tag handle', at, start.at);
  }

  private content(
    block: boolean,
    indentless: boolean,
    start: Token,
    properties: Properties,
    anchor: string | undefined,
  ): YamlNode {
    const token = this.scanner.peek();
    const known = (node: YamlNode): void => {
      if (anchor !== undefined) this.anchors.set(anchor, node);
    };
    if (token.kind === 'scalar') {
      this.scanner.take();
      const { value = '', style = 'plain' } = token;
      const node: YamlNode = { kind: 'scalar', ...properties, value, style };
      known(node);
      return node;
    }
    const isList =
      token.kind === '[' ||
      (block && token.kind === 'block-sequence-start') ||
      (indentless && token.kind === 'block-entry');
    if (isList) {
      const node: SequenceNode = { kind: 'sequence', ...properties, items: [] };
      known(node);
      if (token.kind === '[') this.flowSequence(node);
      else if (token.kind === 'block-entry') this.indentlessSequence(node);
      else this.blockSequence(node);
      return node;
    }
    if (token.kind === '{' || (block && token.kind === 'block-mapping-start')) {
      const node: MappingNode = { kind: 'mapping', ...properties, pairs: [] };
      known(node);
      if (token.kind === '{') this.flowMapping(node);
      else this.blockMapping(node);
      return node;
    }
    if (anchor === undefined && properties.tag === '')
      throw this.fault('did not find expected node content', start.at);
    const node: YamlNode = { kind: 'scalar', ...properties, value: '', style: 'plain' };
    known(node);
    return node;
  }

  private blockSequence({ items }: SequenceNode): void {
    const { scanner } = this;
    const { at } = scanner.take();
    while (this.next() === 'block-entry') {
      const entry = scanner.take();
      const empty = this.next() === 'block-entry' || this.next() === 'block-end';
      items.push(empty ? this.empty(entry.at) : this.node(true, false));
    }
    if (this.next() !== 'block-end') throw this.fault("did not find expected '-' indicator", at);
    scanner.take();
  }

  private indentlessSequence({ items }: SequenceNode): void {
    while (this.next() === 'block-entry') {
      const entry = this.scanner.take();
      const empty = ['block-entry', 'key', 'value', 'block-end'].includes(this.next());
      items.push(empty ? this.empty(entry.at) : this.node(true, false));
    }
  }

  private blockMapping({ pairs }: MappingNode): void {
    const { scanner } = this;
    const { at } = scanner.take();
    const part = (mark: Mark): YamlNode =>
      ['key', 'value', 'block-end'].includes(this.next())
        ? this.empty(mark)
        : this.node(true, true);
    while (this.next() === 'key') {
      const key = part(scanner.take().at);
      const value =
        this.next() === 'value' ? part(scanner.take().at) : this.empty(scanner.peek().at);
      pairs.push([key, value]);
    }
    if (this.next() !== 'block-end') throw this.fault('did not find expected key', at);
    scanner.take();
  }

  private flowSequence({ items }: SequenceNode): void {
    this.flowEntries(']', () => {
      items.push(this.next() === 'key' ? this.flowPair() : this.node(false, false));
    });
  }

  /** `[a: b]`: a mapping of one pair. */
  private flowPair(): MappingNode {
    const { scanner } = this;
    const { at } = scanner.take();
    const key = ['value', 'flow-entry', ']'].includes(this.next())
      ? this.empty(scanner.take().at)
      : this.node(false, false);
    const value = this.flowValue(']');
    return { kind: 'mapping', tag: '', line: at.line + 1, pairs: [[key, value]] };
  }

  private flowValue(end: ']' | '}'): YamlNode {
    const { at, kind } = this.scanner.peek();
    if (kind !== 'value') return this.empty(at);
    this.scanner.take();
    return this.next() === 'flow-entry' || this.next() === end
      ? this.empty(at)
      : this.node(false, false);
  }

  private flowMapping({ pairs }: MappingNode): void {
    const { scanner } = this;
    this.flowEntries('}', () => {
      if (this.next() === 'key') {
        scanner.take();
        const bare = ['value', 'flow-entry', '}'].includes(this.next());
        const key = bare ? this.empty(scanner.peek().at) : this.node(false, false);
        pairs.push([key, this.flowValue('}')]);
      } else {
        const key = this.node(false, false);
        pairs.push([key, this.empty(scanner.peek().at)]);
      }
    });
  }

  /** What stands between the brackets of a flow collection, one after the other with commas between. */
  private flowEntries(end: ']' | '}', readEntry: () => void): void {
    const { scanner } = this;
    const { at } = scanner.take();
    for (let first = true; this.next() !== end; first = false) {
      if (!first) {
        if (this.next() !== 'flow-entry')
          throw this.fault(`did not find expected ',' or '${end}'`, at);
        scanner.take();
        if (this.next() === end) break;
      }
      readEntry();
    }
    scanner.take();
  }
}
