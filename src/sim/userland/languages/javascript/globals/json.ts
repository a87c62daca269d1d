// JSON (ECMA-262, 25.5).

import type { Routine } from '../../../../core/wait.ts';
import { call, get, keyOf, textOf } from '../operations.ts';
import { JsArray, JsFunction, JsHosted, JsObject, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';
import { names } from './objects.ts';

/** A value of what the host's reader gives. */
export function fromHost(vm: Vm, value: unknown): Value {
  if (Array.isArray(value)) return vm.array(value.map((item) => fromHost(vm, item)));
  if (typeof value === 'object' && value !== null)
    return vm.object(Object.entries(value).map(([key, item]) => [key, fromHost(vm, item)]));
  return value as Value;
}

/** JSON.parse. Throws SyntaxError in V8's words. */
export function parseJson(vm: Vm, text: string): Value {
  try {
    return fromHost(vm, JSON.parse(text));
  } catch {
    throw vm.error('SyntaxError', complaint(text));
  }
}

/** What V8 says of a text that is no JSON. */
function complaint(text: string): string {
  if (text.trim() === '') return 'Unexpected end of JSON input';
  const at = firstFault(text);
  const char = text[at];
  if (char === undefined) {
    const inside = text.split('"').length % 2 === 0;
    if (inside) return `Unterminated string in JSON at position ${text.length}`;
    return /[,[]\s*$|:\s*$/.test(text)
      ? 'Unexpected end of JSON input'
      : `Expected ',' or ${text.trimStart().startsWith('[') ? "']' after array element" : "'}' after property value"} in JSON at position ${text.length}`;
  }
  const shown =
    text.length > 40 ? `..."${text.slice(Math.max(0, at - 10), at + 10)}"...` : `"${text}"`;
  return `Unexpected token '${char}', ${shown} is not valid JSON`;
}

/** The first place where no longer beginning of the text can be JSON: found by tokens. */
function firstFault(text: string): number {
  const token =
    /\s*(?:[{}[\],:]|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
  let at = 0;
  let before = '';
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) break;
    const word = found[0].trim();
    const value = !/^[}\],:]$/.test(word);
    const start = found.index + found[0].length - word.length;
    if (value && before !== '' && !/^[{[,:]$/.test(before)) return start;
    if (/^[}\]]$/.test(word) && before === ',') return start;
    before = word;
    at = token.lastIndex;
  }
  return at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
}

interface Writing {
  readonly replacer: Value;
  readonly only: ReadonlySet<string> | undefined;
  readonly gap: string;
  readonly within: JsObject[];
}

function* write(
  vm: Vm,
  holder: Value,
  key: string,
  given: Value,
  writing: Writing,
  indent: string,
): Routine<string | undefined> {
  let value = given;
  if (value instanceof JsObject) {
    const own = yield* get(vm, value, 'toJSON');
    if (own instanceof JsFunction) value = yield* call(vm, own, value, [key]);
  }
  if (writing.replacer instanceof JsFunction)
    value = yield* call(vm, writing.replacer, holder, [key, value]);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value === 'bigint')
    throw vm.error('TypeError', 'Do not know how to serialize a BigInt');
  if (!(value instanceof JsObject) || value instanceof JsFunction) return undefined;
  if (value instanceof JsHosted && ['String', 'Number'].includes(value.kind))
    return JSON.stringify(value.host);
  if (writing.within.includes(value))
    throw vm.error('TypeError', 'Converting circular structure to JSON');
  writing.within.push(value);
  const inner = indent + writing.gap;
  const parts: string[] = [];
  const list = value instanceof JsArray;
  if (value instanceof JsArray)
    for (const [i, item] of value.items.entries())
      parts.push((yield* write(vm, value, String(i), item, writing, inner)) ?? 'null');
  else
    for (const name of names(value)) {
      if (writing.only && !writing.only.has(name)) continue;
      const text = yield* write(vm, value, name, yield* get(vm, value, name), writing, inner);
      if (text !== undefined)
        parts.push(`${JSON.stringify(name)}:${writing.gap === '' ? '' : ' '}${text}`);
    }
  writing.within.pop();
  const [open, close] = list ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  if (writing.gap === '') return `${open}${parts.join(',')}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** JSON.stringify. */
export function* stringify(
  vm: Vm,
  value: Value,
  replacer?: Value,
  space?: Value,
): Routine<string | undefined> {
  const gap =
    typeof space === 'number' ? ' '.repeat(Math.min(10, space)) : String(space ?? '').slice(0, 10);
  const only = replacer instanceof JsArray ? new Set(replacer.items.map(String)) : undefined;
  return yield* write(vm, undefined, '', value, { replacer, only, gap, within: [] }, '');
}

function* revive(vm: Vm, holder: JsObject, key: string, callee: Value): Routine<Value> {
  const value = yield* get(vm, holder, key);
  if (value instanceof JsObject)
    for (const name of names(value)) {
      const item = yield* revive(vm, value, name, callee);
      if (value instanceof JsArray) value.items[Number(name)] = item;
      else value.put(yield* keyOf(vm, name), item);
    }
  return yield* call(vm, callee, holder, [key, value]);
}

/** JSON. */
export function installJson(vm: Vm): void {
  const json = vm.object();
  vm.methods(json, {
    *parse(_vm, [text, reviver]) {
      const value = parseJson(vm, yield* textOf(vm, text));
      return reviver instanceof JsFunction
        ? yield* revive(vm, vm.object([['', value]]), '', reviver)
        : value;
    },
    stringify: (_vm, [value, replacer, space]) => stringify(vm, value, replacer, space),
  });
  json.hide(Symbol.toStringTag, 'JSON');
  vm.global.hide('JSON', json);
}
