// A pod template as spew prints the Go value (`%#v` of dump.ForHash): what pod-template-hash is made of. Objects come from the
// wire, where an empty list or map is none.

import { DECIMAL, parseQuantity, QuantityError } from '../../api/fields/quantity.ts';
import { GO_TYPES } from './go-types.ts';

interface Field {
  readonly go: string;
  /** `<`: the fields are the object's own. */
  readonly json: string;
  readonly type: string;
}

let parsed: ReadonlyMap<string, readonly Field[]> | undefined;

/** The table by the names of types, read when it is first needed. */
function types(): ReadonlyMap<string, readonly Field[]> {
  if (parsed) return parsed;
  const table = new Map<string, Field[]>();
  let fields: Field[] = [];
  for (const line of GO_TYPES.split('\n')) {
    if (!line.startsWith(' ')) {
      fields = [];
      table.set(line, fields);
      continue;
    }
    for (const word of line.trim().split(' ')) {
      const [go = '', json = '', ...rest] = word.split(':');
      const own = go.charAt(0).toLowerCase() + go.slice(1);
      fields.push({ go, json: json || own, type: rest.join(':') });
    }
  }
  parsed = table;
  return table;
}

/** A named type's own name, and what it is made of. */
function split(type: string): { readonly name: string; readonly base: string } {
  const at = /^(\[\]|map\[)/.test(type) ? -1 : type.indexOf('=');
  return at < 0
    ? { name: type, base: type }
    : { name: type.slice(0, at), base: type.slice(at + 1) };
}

/** The name of a type as it is printed. */
function shown(type: string): string {
  const prefix = /^(\*|\[\])/.exec(type)?.[0];
  return prefix ? prefix + shown(type.slice(prefix.length)) : split(type).name;
}

type Fields = Readonly<Record<string, unknown>>;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** A value with its type before it. */
function typed(type: string, value: unknown): string {
  const pointer = type.startsWith('*');
  const nil = pointer ? value === undefined || value === null : isList(type) && isEmpty(value);
  if (nil) return `(${shown(type)})<nil>`;
  return `(${shown(type)})${plain(pointer ? type.slice(1) : type, value)}`;
}

function isList(type: string): boolean {
  const { base } = split(type);
  return base.startsWith('[]') || base.startsWith('map[');
}

/** A value without its type, as the elements of lists and maps are printed. */
function plain(type: string, value: unknown): string {
  const { base } = split(type);
  if (base.startsWith('[]')) {
    const element = base.slice(2);
    return `[${(value as readonly unknown[]).map((one) => plain(element, one)).join(' ')}]`;
  }
  const map = /^map\[[^\]]+\](.+)$/.exec(base);
  if (map) {
    const entries = Object.entries(value as Fields).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, one]) => `${key}:${plain(map[1] ?? '', one)}`).join(' ')}]`;
  }
  switch (base) {
    case 'string':
      return String(value ?? '');
    case 'bool':
      return String(value ?? false);
    case 'v1.Time':
      return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';
    case 'intstr.IntOrString':
      return intOrString(value);
    case 'resource.Quantity':
      return quantity(String(value));
    default: {
      const fields = types().get(base);
      return fields ? struct(fields, (value ?? {}) as Fields) : String(value ?? 0);
    }
  }
}

function struct(fields: readonly Field[], value: Fields): string {
  const texts = fields.map(({ go, json, type }) => {
    return `${go}:${typed(type, json === '<' ? value : value[json])}`;
  });
  return `{${texts.join(' ')}}`;
}

function intOrString(value: unknown): string {
  const text = typeof value === 'string';
  const number = text ? 0 : Number(value ?? 0);
  return `{Type:(intstr.Type)${text ? 1 : 0} IntVal:(int32)${number} StrVal:(string)${text ? value : ''}}`;
}

/** A quantity as it was parsed: digits and a power of ten, or whole units for powers of two. */
function quantity(text: string): string {
  const found = parseQuantity(text);
  if (found instanceof QuantityError) return text;
  const { nano, format, kept = '' } = found;
  const [, sign = '', whole = '', rest = '', suffix = ''] =
    /^([+-]?)(\d*)(?:\.(\d*))?([a-zA-Z]*|[eE][+-]?\d+)$/.exec(text) ?? [];
  const decimal = rest.replace(/0+$/, '');
  const power = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1];
  const exponent = power === undefined ? (DECIMAL[suffix] ?? 0) : Number(power);
  const binary = format === 'BinarySI';
  const value = binary ? nano / 1_000_000_000n : BigInt(`${whole}${decimal}` || '0');
  const scale = binary ? 0 : exponent - decimal.length;
  const signed = binary || sign !== '-' ? value : -value;
  return [
    `{i:(resource.int64Amount){value:(int64)${signed} scale:(resource.Scale)${scale}}`,
    'd:(resource.infDecAmount){Dec:(*inf.Dec)<nil>}',
    `s:(string)${kept} Format:(resource.Format)${format}}`,
  ].join(' ');
}

/** The text of a pod template. */
export function dumpTemplate(template: unknown): string {
  return typed('v1.PodTemplateSpec', template);
}
