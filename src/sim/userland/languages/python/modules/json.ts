// json: a reader that says where a text is wrong in Python's words, and a writer.

import { decode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { natives, text } from '../arguments.ts';
import { getAttribute } from '../attributes.ts';
import { callValue } from '../call.ts';
import { exceptionClass, PyException, PyRaise, raise } from '../errors.ts';
import { ordered } from '../compare.ts';
import { floatText } from '../repr.ts';
import {
  classValue,
  type Keywords,
  PyClass,
  PyDict,
  PyList,
  PyTuple,
  typeOf,
  type Value,
} from '../values.ts';
import type { Vm } from '../vm.ts';

const errorClass = new PyClass('JSONDecodeError', [exceptionClass('ValueError')], {
  module: 'json.decoder',
});

class Reader {
  private readonly source: string;
  private at = 0;
  constructor(source: string) {
    this.source = source;
  }

  document(): Value {
    this.space();
    const value = this.value();
    this.space();
    if (this.at < this.source.length) throw this.error('Extra data');
    return value;
  }

  private error(what: string, at = this.at): PyRaise {
    const before = this.source.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return new PyRaise(
      new PyException(errorClass, [`${what}: line ${line} column ${column} (char ${at})`]),
    );
  }

  private space(): void {
    while (' \t\n\r'.includes(this.source[this.at] ?? 'x')) this.at++;
  }

  private value(): Value {
    const char = this.source[this.at];
    if (char === '{') return this.object();
    if (char === '[') return this.array();
    if (char === '"') return this.string();
    for (const [word, value] of [
      ['null', null],
      ['true', true],
      ['false', false],
      ['NaN', Number.NaN],
    ] as const)
      if (this.source.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    const pattern = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    pattern.lastIndex = this.at;
    const number = pattern.exec(this.source);
    if (!number) throw this.error('Expecting value');
    this.at += number[0].length;
    return number[2] === undefined && number[3] === undefined
      ? BigInt(number[0])
      : Number(number[0]);
  }

  private array(): Value {
    const items: Value[] = [];
    this.at++;
    this.space();
    if (this.source[this.at] === ']') {
      this.at++;
      return new PyList(items);
    }
    for (;;) {
      this.space();
      items.push(this.value());
      this.space();
      const next = this.source[this.at];
      if (next === ']') break;
      if (next !== ',') throw this.error("Expecting ',' delimiter");
      this.at++;
    }
    this.at++;
    return new PyList(items);
  }

  private object(): Value {
    const made = new PyDict();
    this.at++;
    this.space();
    if (this.source[this.at] === '}') {
      this.at++;
      return made;
    }
    for (;;) {
      this.space();
      if (this.source[this.at] !== '"')
        throw this.error('Expecting property name enclosed in double quotes');
      const key = this.string();
      this.space();
      if (this.source[this.at] !== ':') throw this.error("Expecting ':' delimiter");
      this.at++;
      this.space();
      made.put(key, this.value());
      this.space();
      const next = this.source[this.at];
      if (next === '}') break;
      if (next !== ',') throw this.error("Expecting ',' delimiter");
      this.at++;
    }
    this.at++;
    return made;
  }

  private string(): string {
    const start = this.at;
    for (this.at++; this.source[this.at] !== '"'; this.at++) {
      const char = this.source[this.at];
      if (char === undefined) throw this.error('Unterminated string starting at', start);
      if (char < ' ') throw this.error('Invalid control character at');
      if (char === '\\') this.at++;
    }
    this.at++;
    try {
      return String(JSON.parse(this.source.slice(start, this.at)));
    } catch {
      throw this.error('Invalid \\escape', start + 1);
    }
  }
}

interface Style {
  readonly indent: string | undefined;
  readonly separators: readonly [string, string];
  readonly sort: boolean;
  readonly ascii: boolean;
  readonly otherwise: Value;
}

function styleOf(keywords: Keywords): Style {
  const given = keywords.get('indent') ?? null;
  const indent =
    typeof given === 'bigint'
      ? ' '.repeat(Number(given))
      : typeof given === 'string'
        ? given
        : undefined;
  const separators = keywords.get('separators');
  const [item = indent === undefined ? ', ' : ',', key = ': '] =
    separators instanceof PyTuple ? separators.items.map(String) : [];
  return {
    indent,
    separators: [item, key],
    sort: keywords.get('sort_keys') === true,
    ascii: keywords.get('ensure_ascii') !== false,
    otherwise: keywords.get('default') ?? null,
  };
}

function stringText(value: string, ascii: boolean): string {
  const quoted = JSON.stringify(value);
  return ascii
    ? quoted.replace(
        /[\u007f-\uffff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : quoted;
}

function* write(vm: Vm, value: Value, style: Style, depth: number): Routine<string> {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? floatText(value)
      : Number.isNaN(value)
        ? 'NaN'
        : value > 0
          ? 'Infinity'
          : '-Infinity';
  if (typeof value === 'string') return stringText(value, style.ascii);
  const { indent, separators } = style;
  const wrap = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close;
    if (indent === undefined) return open + parts.join(separators[0]) + close;
    const pad = `\n${indent.repeat(depth + 1)}`;
    return `${open}${pad}${parts.join(separators[0] + pad)}\n${indent.repeat(depth)}${close}`;
  };
  if (value instanceof PyList || value instanceof PyTuple) {
    const parts: string[] = [];
    for (const item of value.items) parts.push(yield* write(vm, item, style, depth + 1));
    return wrap('[', parts, ']');
  }
  if (value instanceof PyDict) {
    const parts: string[] = [];
    for (const [key, item] of yield* entries(vm, value, style.sort)) {
      const name = typeof key === 'string' ? key : yield* write(vm, key, style, depth);
      parts.push(
        stringText(name, style.ascii) + separators[1] + (yield* write(vm, item, style, depth + 1)),
      );
    }
    return wrap('{', parts, '}');
  }
  if (style.otherwise !== null)
    return yield* write(vm, yield* callValue(vm, style.otherwise, [value]), style, depth);
  throw raise('TypeError', `Object of type ${typeOf(value).name} is not JSON serializable`);
}

function* entries(vm: Vm, dict: PyDict, sort: boolean): Routine<[Value, Value][]> {
  const list = [...dict.entries.values()];
  if (!sort) return list;
  const out: [Value, Value][] = [];
  for (const entry of list) {
    let at = 0;
    while (at < out.length && (yield* ordered(vm, '<=', out[at]?.[0] ?? null, entry[0]))) at++;
    out.splice(at, 0, entry);
  }
  return out;
}

/** json.loads. */
export function readJson(source: string): Value {
  return new Reader(source).document();
}

/** json.dumps. */
export function writeJson(vm: Vm, value: Value, keywords: Keywords): Routine<string> {
  return write(vm, value, styleOf(keywords), 0);
}

export function jsonModule(): Map<string, Value> {
  return new Map<string, Value>([
    ['JSONDecodeError', classValue(errorClass)],
    ...natives({
      loads: (_vm, [source]) =>
        readJson(source instanceof Uint8Array ? decode(source) : text(source, 'the JSON object')),
      *load(vm, [file = null]) {
        const content = yield* callValue(vm, yield* getAttribute(vm, file, 'read'), []);
        return readJson(content instanceof Uint8Array ? decode(content) : text(content));
      },
      dumps: (vm, [value = null], keywords) => writeJson(vm, value, keywords),
      *dump(vm, [value = null, file = null], keywords) {
        const content = yield* writeJson(vm, value, keywords);
        return yield* callValue(vm, yield* getAttribute(vm, file, 'write'), [content]);
      },
    }),
  ]);
}
