// What a running awk program holds: variables, arrays, the record and its fields.

import { binaryBytes } from '../../../core/text.ts';
import { compileRegex, isRegexError, type Regex } from '../../regex/index.ts';
import type { Streams } from './awk-io.ts';
import { Input, toNumber, toText, type Value } from './awk-values.ts';

export type AwkArray = Map<string, Value>;

/** A variable's place: a value, or an array once it is used as one. */
export interface Cell {
  value: Value;
  array: AwkArray | undefined;
}

export const newCell = (value?: Value): Cell => ({ value, array: undefined });

/** Thrown for errors while running; the message stands after the program's name. */
export class AwkError extends Error {}

export class AwkState {
  readonly streams: Streams;
  readonly globals = new Map<string, Cell>();
  /** Fields from 1; fields[0] is not used. Undefined until they are asked for. */
  private fields: Value[] | undefined;
  private record: Value = '';
  private count = 0;
  private recordStale = false;
  private readonly regexes = new Map<string, Regex>();
  seed = 0;
  randomSeed = 0;

  constructor(streams: Streams) {
    this.streams = streams;
    const start: Readonly<Record<string, Value>> = {
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      NR: 0,
      FNR: 0,
      FILENAME: undefined,
      SUBSEP: '\x1c',
      RSTART: 0,
      RLENGTH: -1,
      CONVFMT: '%.6g',
      OFMT: '%.6g',
    };
    for (const [name, value] of Object.entries(start)) this.globals.set(name, newCell(value));
  }

  cell(name: string): Cell {
    let cell = this.globals.get(name);
    if (!cell) {
      cell = newCell();
      this.globals.set(name, cell);
    }
    return cell;
  }

  text(value: Value): string {
    return typeof value === 'string' ? value : toText(value, this.convfmt);
  }
  get convfmt(): string {
    return String(this.globals.get('CONVFMT')?.value ?? '%.6g');
  }
  variable(name: string): string {
    return this.text(this.cell(name).value);
  }

  /** A compiled regular expression; made once for each text. */
  regex(source: string): Regex {
    let regex = this.regexes.get(source);
    if (!regex) {
      const made = compileRegex(source, { syntax: 'awk' });
      if (isRegexError(made))
        throw new AwkError(`regular expression compile failed (${made.error})\n${source}`);
      regex = made;
      this.regexes.set(source, regex);
    }
    return regex;
  }

  /** A new $0: fields are cut when they are asked for. */
  setRecord(text: Value): void {
    this.record = typeof text === 'string' ? new Input(text) : text;
    this.fields = undefined;
    this.recordStale = false;
  }

  private cutFields(): Value[] {
    if (!this.fields) {
      const pieces = splitText(
        this,
        this.text(this.record),
        this.variable('FS'),
        this.variable('RS') === '',
      );
      this.fields = [undefined, ...pieces.map((piece) => new Input(piece))];
      this.count = pieces.length;
    }
    return this.fields;
  }

  get fieldCount(): number {
    this.cutFields();
    return this.count;
  }

  /** NF = n: fields are dropped or added, and $0 made anew. */
  setFieldCount(count: number): void {
    const fields = this.cutFields();
    if (count < 0 || count > 1_000_000) throw new AwkError('negative field index or NF too large');
    fields.length = Math.min(fields.length, count + 1);
    while (fields.length <= count) fields.push(undefined);
    this.count = count;
    this.recordStale = true;
  }

  field(index: number): Value {
    if (index === 0) {
      if (this.recordStale) this.joinFields();
      return this.record;
    }
    if (index < 0) throw new AwkError(`negative field index $${index}`);
    return this.cutFields()[index];
  }

  setField(index: number, value: Value): void {
    if (index === 0) {
      this.setRecord(typeof value === 'number' ? value : this.text(value));
      return;
    }
    if (index < 0) throw new AwkError(`negative field index $${index}`);
    const fields = this.cutFields();
    while (fields.length <= index) fields.push(undefined);
    fields[index] = value;
    this.count = Math.max(this.count, index);
    this.recordStale = true;
  }

  private joinFields(): void {
    const fields = this.cutFields();
    const texts: string[] = [];
    for (let i = 1; i <= this.count; i++) texts.push(this.text(fields[i]));
    this.record = new Input(texts.join(this.variable('OFS')));
    this.recordStale = false;
  }

  /** Output: text of one character a byte. */
  encode(text: string): string | Uint8Array {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return binaryBytes(text);
    return text;
  }

  addToNumber(name: string, amount: number): void {
    const cell = this.cell(name);
    cell.value = toNumber(cell.value) + amount;
  }
}

/** Cuts a text into fields by FS: " " at white space, one character, or a regular expression. */
export function splitText(
  state: AwkState,
  text: string,
  separator: string,
  paragraphs = false,
): string[] {
  if (text === '') return [];
  if (separator === ' ') {
    const trimmed = text.replace(/^[ \t\n]+|[ \t\n]+$/g, '');
    return trimmed === '' ? [] : trimmed.split(/[ \t\n]+/);
  }
  if (separator === '') return text.split('');
  if (
    separator.length === 1 &&
    !paragraphs &&
    (separator === '|' || !/[\\.[(){}*+?^$]/.test(separator))
  )
    return text.split(separator);
  const source =
    separator.length === 1 && separator !== '\\'
      ? `[${separator === '^' ? '\\^' : separator}]`
      : separator;
  const regex = state.regex(paragraphs ? `(${source})|\n` : source);
  const out: string[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; ) {
    const match = regex.exec(text, at);
    if (!match) break;
    if (match.end === match.start) {
      at = match.end + 1;
      continue;
    }
    out.push(text.slice(from, match.start));
    from = match.end;
    at = match.end;
  }
  out.push(text.slice(from));
  return out;
}
