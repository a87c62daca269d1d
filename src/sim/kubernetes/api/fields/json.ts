// JSON as Go writes it (fields in the type's order, map keys sorted, HTML characters escaped) and as the server
// reads it where duplicates matter.

import { isObject, type JsonObject } from './decode.ts';
import { type FieldType, type StructType, structType } from './tables.ts';

/** The object with its fields in the order of its type, ready to be written. */
export function inWireOrder(value: JsonObject, type: StructType | undefined): JsonObject {
  if (!type) return sorted(value);
  const made: Record<string, unknown> = {};
  for (const field of type.fields) {
    const given = value[field.name];
    if (given !== undefined) made[field.name] = orderValue(given, field.type);
  }
  return made;
}

function orderValue(value: unknown, type: FieldType): unknown {
  if (value === null) return null;
  if (type.kind === 'scalar') return type.scalar === 'a' ? sortedValue(value) : value;
  if (type.kind === 'list' && Array.isArray(value)) {
    return value.map((item) => orderValue(item, type.of));
  }
  if (!isObject(value)) return value;
  if (type.kind === 'struct') return inWireOrder(value, type.struct);
  if (type.kind !== 'map') return value;
  const made: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) made[key] = orderValue(value[key], type.of);
  return made;
}

function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue);
  return isObject(value) ? sorted(value) : value;
}

/** The object with all keys sorted, as Go writes maps. */
export function sorted(value: JsonObject): JsonObject {
  const made: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) made[key] = sortedValue(value[key]);
  return made;
}

/** A custom resource: its own fields sorted, metadata in its type's order. */
export function customInWireOrder(value: JsonObject): JsonObject {
  const made = sorted(value) as Record<string, unknown>;
  if (isObject(value.metadata)) {
    made.metadata = sorted(inWireOrder(value.metadata, structType('meta/v1.ObjectMeta')));
  }
  return made;
}

/** JSON text as Go's encoder writes it; `pretty` as for people who ask with curl. */
export function goJson(value: unknown, pretty: boolean): string {
  const text = pretty ? JSON.stringify(value, undefined, 2) : `${JSON.stringify(value)}\n`;
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Fields that occur twice in one object of a JSON text: `duplicate field "data.a"`, in order. */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  const scan = new DuplicateScan(text, found);
  scan.value('');
  return found;
}

/** A reader that only keeps names; the text is known to be JSON. */
class DuplicateScan {
  private readonly text: string;
  private readonly found: string[];
  private at = 0;

  constructor(text: string, found: string[]) {
    this.text = text;
    this.found = found;
  }

  value(path: string): void {
    this.space();
    const c = this.text[this.at];
    if (c === '{') this.object(path);
    else if (c === '[') this.list(path);
    else if (c === '"') this.string();
    else while (this.at < this.text.length && !',]} \t\r\n'.includes(this.peek())) this.at++;
    this.space();
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private space(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.peek())) this.at++;
  }

  private object(path: string): void {
    const seen = new Set<string>();
    this.at++;
    this.space();
    while (this.at < this.text.length && this.peek() !== '}') {
      const name = this.string();
      const inner = path === '' ? name : `${path}.${name}`;
      if (seen.has(name)) this.found.push(`duplicate field "${inner}"`);
      seen.add(name);
      this.space();
      this.at++;
      this.value(inner);
      if (this.peek() === ',') this.at++;
      this.space();
    }
    this.at++;
  }

  private list(path: string): void {
    this.at++;
    this.space();
    for (let i = 0; this.at < this.text.length && this.peek() !== ']'; i++) {
      this.value(`${path}[${i}]`);
      if (this.peek() === ',') this.at++;
      this.space();
    }
    this.at++;
  }

  private string(): string {
    const start = this.at++;
    while (this.at < this.text.length && this.peek() !== '"')
      this.at += this.peek() === '\\' ? 2 : 1;
    this.at++;
    try {
      return String(JSON.parse(this.text.slice(start, this.at)));
    } catch {
      return '';
    }
  }
}

/** What Go's decoder calls a JSON value in its errors. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}
