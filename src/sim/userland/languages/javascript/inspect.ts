// How Node shows values: util.inspect, which console.log and the REPL print with.

import { lookUp } from './operations.ts';
import type { Key, Property } from './values.ts';
import { JsArray, JsError, JsFunction, JsHosted, JsObject, type Value } from './values.ts';
import type { Vm } from './vm.ts';

const LINE = 80;
const SHORT_LIST = 6;

export interface InspectOptions {
  readonly depth: number;
}

/** Where in the whole a value stands; `deepest` is the level of what was shown last. */
interface Place {
  readonly state: { deepest: number; readonly circular: JsObject[] };
  readonly options: InspectOptions;
  readonly depth: number;
  readonly indent: number;
  readonly within: readonly JsObject[];
}

/** The text of a value. */
export function inspect(vm: Vm, value: Value, options: InspectOptions = { depth: 2 }): string {
  return shown(vm, value, {
    state: { deepest: 0, circular: [] },
    options,
    depth: 0,
    indent: 0,
    within: [],
  });
}

function quoted(text: string): string {
  const quote = !text.includes("'")
    ? "'"
    : !text.includes('"')
      ? '"'
      : !text.includes('`')
        ? '`'
        : "'";
  const body = text
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/\t/g, '\\t')
    .replace(/\r/g, '\\r')
    .replace(
      /[\x00-\x1f\x7f]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
    );
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}

function primitiveText(value: Exclude<Value, JsObject>): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return String(value);
}

/** The name of the class that an object is of. */
export function className(value: JsObject): string {
  for (let object = value.prototype; object; object = object.prototype) {
    const maker = object.own('constructor')?.value;
    if (maker instanceof JsFunction && maker.name !== '') return maker.name;
  }
  return value.prototype === null ? '[Object: null prototype]' : 'Object';
}

function shown(vm: Vm, value: Value, place: Place): string {
  if (!(value instanceof JsObject)) return primitiveText(value);
  const text = objectText(vm, value, place);
  const at = place.within.includes(value) ? -1 : place.state.circular.indexOf(value);
  return at < 0 ? text : `<ref *${at + 1}> ${text}`;
}

function objectText(vm: Vm, value: JsObject, place: Place): string {
  const { depth, indent, options, state, within } = place;
  if (within.includes(value)) {
    if (!state.circular.includes(value)) state.circular.push(value);
    return `[Circular *${state.circular.indexOf(value) + 1}]`;
  }
  const deeper = { ...place, depth: depth + 1, indent: indent + 2, within: [...within, value] };
  const next = (item: Value): string => shown(vm, item, deeper);
  const name = className(value);
  const keys = value.keys().filter((key) => isShown(value, key));
  if (value instanceof JsFunction && keys.length === 0) return functionText(value);
  const empty = keys.length === 0 && !(value instanceof JsHosted) && !(value instanceof JsError);
  const hollow = empty && (!(value instanceof JsArray) || value.items.length === 0);
  if (depth > options.depth && !hollow && !(value instanceof JsHosted && isPlain(value)))
    return value instanceof JsArray
      ? '[Array]'
      : value instanceof JsError
        ? `[${errorText(value)}]`
        : `[${name}]`;
  if (!hollow) state.deepest = depth;
  const special = hostedText(value, next);
  if (typeof special === 'string') return special;
  const entries = keys.map((key) => `${keyText(key)}: ${propertyText(value, key, next)}`);
  if (value instanceof JsArray) {
    const output = [...listItems(value, next), ...entries];
    const head = name === 'Array' ? '' : `${name}(${value.items.length}) `;
    if (output.length === 0) return `${head}[]`;
    const rows = output.length > SHORT_LIST ? grouped(output, value, indent) : output;
    return laidOut(place, head, ['[', ']'], rows, output.length);
  }
  const output = [...(special ?? []), ...entries];
  if (value instanceof JsError) {
    const stack = errorText(value).replaceAll('\n', `\n${' '.repeat(indent)}`);
    return output.length === 0 ? stack : laidOut(place, `${stack} `, ['{', '}'], output, 0);
  }
  const head = headOf(value, name);
  return output.length === 0
    ? `${head}{}`
    : laidOut(place, head, ['{', '}'], output, output.length);
}

/** Objects that are one text whatever their depth. */
function isPlain(value: JsHosted<unknown>): boolean {
  return value.kind === 'Date' || value.kind === 'RegExp' || value.host instanceof Uint8Array;
}

function isShown(value: JsObject, key: Key): boolean {
  if (value instanceof JsArray && typeof key === 'string' && /^\d+$/.test(key)) return false;
  return value.own(key)?.enumerable === true;
}

function headOf(value: JsObject, name: string): string {
  if (value instanceof JsFunction) return `${functionText(value)} `;
  if (value instanceof JsHosted && (value.kind === 'Map' || value.kind === 'Set'))
    return `${name}(${(value.host as { size: number }).size}) `;
  const tag = lookUp(value, Symbol.toStringTag)?.value;
  if (typeof tag === 'string' && tag !== name) return `${name} [${tag}] `;
  return name === 'Object' ? '' : `${name} `;
}

function keyText(key: Key): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^[a-zA-Z_$][\w$]*$/.test(key) ? key : quoted(key);
}

function propertyText(value: JsObject, key: Key, next: (item: Value) => string): string {
  const property: Property | undefined = value.own(key);
  if (property?.getter !== undefined)
    return property.setter === undefined ? '[Getter]' : '[Getter/Setter]';
  return property?.setter === undefined ? next(property?.value) : '[Setter]';
}

function functionText(value: JsFunction): string {
  if (value.isClass) {
    const parent = value.prototype;
    const above = parent instanceof JsFunction && parent.isClass ? ` extends ${parent.name}` : '';
    return `[class ${value.name || '(anonymous)'}${above}]`;
  }
  const kind = `${value.flavour ?? ''}Function`;
  return value.name === '' ? `[${kind} (anonymous)]` : `[${kind}: ${value.name}]`;
}

/** An error as its stack. */
export function errorText(value: JsError): string {
  const stack = value.own('stack')?.value;
  if (typeof stack === 'string') return stack;
  return `[${String(value.own('message')?.value ?? 'Error')}]`;
}

function listItems(value: JsArray, next: (item: Value) => string): string[] {
  const items = value.items.slice(0, 100).map(next);
  const more = value.items.length - items.length;
  if (more > 0) items.push(`... ${more} more item${more > 1 ? 's' : ''}`);
  return items;
}

/** What stands behind objects of the host's: a whole text, or the entries of a collection. */
function hostedText(value: JsObject, next: (item: Value) => string): string | string[] | undefined {
  if (!(value instanceof JsHosted)) return undefined;
  const { kind, host } = value as JsHosted<unknown>;
  if (kind === 'Map')
    return [...(host as Map<Value, Value>)].map(([key, item]) => `${next(key)} => ${next(item)}`);
  if (kind === 'Set') return [...(host as Set<Value>)].map(next);
  if (kind === 'Date') {
    const time = (host as Date).getTime();
    return Number.isNaN(time) ? 'Invalid Date' : (host as Date).toISOString();
  }
  if (kind === 'RegExp') return String(host);
  if (kind === 'Promise') {
    const { state, value: result } = host as { state: string; value: Value };
    const text =
      state === 'pending'
        ? '<pending>'
        : state === 'rejected'
          ? `<rejected> ${next(result)}`
          : next(result);
    return [text];
  }
  if (host instanceof Uint8Array) {
    const bytes = Array.from(host.subarray(0, 50), (byte) => byte.toString(16).padStart(2, '0'));
    const more = host.length > 50 ? ` ... ${host.length - 50} more bytes` : '';
    return `<${className(value)}${bytes.length > 0 ? ` ${bytes.join(' ')}` : ''}${more}>`;
  }
  return undefined;
}

/** Long lists of short items stand in columns, whose number makes a block of pleasing shape. */
function grouped(output: readonly string[], value: JsArray, indent: number): readonly string[] {
  const shownItems = Math.min(output.length, value.items.length, 100);
  const lengths = output.slice(0, shownItems).map((one) => one.length);
  const longest = Math.max(...lengths);
  const total = lengths.reduce((sum, one) => sum + one + 2, 0);
  const actual = longest + 2;
  if (actual * 3 + indent >= LINE || !(total / actual > 5 || longest <= 6)) return output;
  const biased = Math.max(actual - 3 - Math.sqrt(actual - total / output.length), 1);
  const columns = Math.min(
    Math.round(Math.sqrt(2.5 * biased * shownItems) / biased),
    Math.floor((LINE - indent) / actual),
    12,
    15,
  );
  if (columns <= 1) return output;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lengths.filter((__, i) => i % columns === column), 0),
  );
  const numeric = value.items.every((item) => typeof item === 'number' || typeof item === 'bigint');
  const rows: string[] = [];
  for (let at = 0; at < shownItems; at += columns) {
    const row = output.slice(at, Math.min(at + columns, shownItems));
    const cells = row.map((text, column) => {
      const width = (widths[column] ?? 0) + 2;
      if (column === row.length - 1) return numeric ? text.padStart(width - 2) : text;
      return numeric ? `${text}, `.padStart(width) : `${text}, `.padEnd(width);
    });
    rows.push(cells.join(''));
  }
  return [...rows, ...output.slice(shownItems)];
}

/** On one line where that is short and not too deep, otherwise an entry a line. */
function laidOut(
  { state, depth, indent }: Place,
  head: string,
  braces: readonly [string, string],
  output: readonly string[],
  entries: number,
): string {
  const [open, close] = braces;
  if (state.deepest - depth < 3 && entries === output.length) {
    const start = output.length + indent + open.length + head.length + 10;
    const size = output.reduce((sum, one) => sum + one.length, output.length + start);
    if (size <= LINE && output.every((one) => !one.includes('\n')))
      return `${head}${open} ${output.join(', ')} ${close}`;
  }
  const pad = `\n${' '.repeat(indent + 2)}`;
  return `${head}${open}${pad}${output.join(`,${pad}`)}\n${' '.repeat(indent)}${close}`;
}

/** console.log's text: a format with its values, then the rest. */
export function formatLog(vm: Vm, args: readonly Value[]): string {
  const [first, ...rest] = args;
  const parts: string[] = [];
  if (typeof first === 'string' && rest.length > 0) {
    parts.push(
      first.replace(/%[sdifjoOc%]/g, (found) => {
        if (found === '%%') return '%';
        if (rest.length === 0) return found;
        const value = rest.shift();
        if (found === '%s')
          return typeof value === 'string' ? value : inspect(vm, value, { depth: 0 });
        if (found === '%d') return String(typeof value === 'object' ? Number.NaN : Number(value));
        if (found === '%i') return String(Number.parseInt(String(value), 10));
        if (found === '%f') return String(Number.parseFloat(String(value)));
        if (found === '%j') return jsonText(value);
        return found === '%c' ? '' : inspect(vm, value, { depth: 4 });
      }),
    );
  } else if (args.length > 0) parts.push(typeof first === 'string' ? first : inspect(vm, first));
  for (const value of rest) parts.push(typeof value === 'string' ? value : inspect(vm, value));
  return parts.join(' ');
}

/** %j: plain values as JSON. */
function jsonText(value: Value): string {
  if (value instanceof JsArray) return `[${value.items.map(jsonText).join(',')}]`;
  if (!(value instanceof JsObject)) return JSON.stringify(value) ?? 'undefined';
  const entries = value
    .keys()
    .filter((key) => typeof key === 'string' && isShown(value, key))
    .map((key) => `${JSON.stringify(key)}:${jsonText(value.own(key)?.value)}`);
  return `{${entries.join(',')}}`;
}
