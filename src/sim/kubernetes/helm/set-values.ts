// The little languages of --set, --set-string, --set-json, --set-file and --set-literal (pkg/strvals).

import { isMap, type Values } from './convert.ts';

/** Why a value cannot be set, in strvals' words. */
export class SetProblem extends Error {}

type Reading = 'typed' | 'string' | 'json' | 'file';

const MAX_INDEX = 65_536;

function typed(text: string): unknown {
  const low = text.toLowerCase();
  if (low === 'true') return true;
  if (low === 'false') return false;
  if (low === 'null') return null;
  if (low === '0') return 0;
  return /^[-+]?[1-9]\d{0,17}$/.test(text) ? Number(text) : text;
}

class SetParser {
  private at = 0;
  private readonly text: string;
  private readonly reading: Reading;
  private readonly read: (path: string) => unknown;

  constructor(text: string, reading: Reading, read: (path: string) => unknown) {
    this.text = text;
    this.reading = reading;
    this.read = read;
  }

  into(data: Values): void {
    while (this.at < this.text.length) this.key(data);
  }

  /** Letters up to one of a set, which is consumed; a backslash takes the next letter as it is. */
  private until(stop: string): [string, string] {
    let out = '';
    while (this.at < this.text.length) {
      const c = this.text.charAt(this.at++);
      if (stop.includes(c)) return [out, c];
      out += c === '\\' ? this.text.charAt(this.at++) : c;
    }
    return [out, ''];
  }

  private key(data: Values): void {
    const [name, last] = this.until('=[,.');
    if (last === '') {
      if (name !== '') throw new SetProblem(`key "${name}" has no value`);
      return;
    }
    if (last === ',') {
      put(data, name, '');
      throw new SetProblem(`key "${name}" has no value (cannot end with ,)`);
    }
    if (last === '[') {
      const old = data[name];
      put(data, name, this.item(Array.isArray(old) ? [...old] : [], this.index()));
      return;
    }
    if (last === '.') {
      const old = data[name];
      const inner = isMap(old) ? old : {};
      this.key(inner);
      put(data, name, inner);
      return;
    }
    put(data, name, this.value());
  }

  private index(): number {
    const [text, last] = this.until(']');
    const number = Number(text);
    if (last === '' || !/^-?\d+$/.test(text))
      throw new SetProblem(`error parsing index: strconv.Atoi: parsing "${text}": invalid syntax`);
    if (number < 0) throw new SetProblem(`negative ${number} index not allowed`);
    if (number > MAX_INDEX)
      throw new SetProblem(
        `index of ${number} is greater than maximum supported index of ${MAX_INDEX}`,
      );
    return number;
  }

  private item(list: unknown[], i: number): unknown[] {
    while (list.length <= i) list.push(null);
    const c = this.text.charAt(this.at++);
    if (c === '=') list[i] = this.value();
    else if (c === '.') {
      const old = list[i];
      const inner = isMap(old) ? old : {};
      this.key(inner);
      list[i] = inner;
    } else if (c === '[') {
      const old = list[i];
      list[i] = this.item(Array.isArray(old) ? [...old] : [], this.index());
    } else throw new SetProblem(`key "${c}" has no value`);
    return list;
  }

  private value(): unknown {
    if (this.reading === 'json') return this.json();
    if (this.text.charAt(this.at) === '{') return this.list();
    const [text] = this.until(',');
    if (this.reading === 'file') return this.read(text);
    return this.reading === 'string' ? text : typed(text);
  }

  private list(): unknown[] {
    this.at++;
    const out: unknown[] = [];
    for (;;) {
      const [text, last] = this.until(',}');
      if (last === '') throw new SetProblem("list must terminate with '}'");
      if (text !== '' || last === ',' || out.length > 0)
        out.push(this.reading === 'string' ? text : typed(text));
      if (last !== '}') continue;
      if (this.text.charAt(this.at) === ',') this.at++;
      return out;
    }
  }

  /** The longest beginning of the rest that is JSON. */
  private json(): unknown {
    const rest = this.text.slice(this.at);
    if (rest.trim() === '') {
      this.at = this.text.length;
      return null;
    }
    for (let end = rest.length; end > 0; end--) {
      if (end < rest.length && rest[end] !== ',') continue;
      try {
        const value: unknown = JSON.parse(rest.slice(0, end));
        this.at += end + 1;
        return value;
      } catch {
        // a shorter piece may be whole
      }
    }
    throw new SetProblem('unexpected EOF');
  }
}

function put(data: Values, name: string, value: unknown): void {
  if (name !== '') data[name] = value;
}

/** Sets what a text says in a map of values; throws SetProblem. */
export function setValues(
  data: Values,
  text: string,
  reading: Reading,
  read: (path: string) => unknown = (path) => path,
): void {
  new SetParser(text, reading, read).into(data);
}

/** --set-literal: everything after the first `=` is the value. */
export function setLiteral(data: Values, text: string): void {
  const equals = text.indexOf('=');
  if (equals < 0) throw new SetProblem(`key "${text}" has no value`);
  const value = text.slice(equals + 1);
  const path = text.slice(0, equals).replace(/,/g, '\\,');
  setValues(data, `${path}=${value.replace(/[\\,{]/g, '\\$&')}`, 'string');
}
