// JavaScript's values: primitives are the host's, everything else is an object here, with properties and a prototype.

import type { Routine } from '../../../core/wait.ts';
import type { Vm } from './vm.ts';

export type Value = undefined | null | boolean | number | string | bigint | symbol | JsObject;
export type Key = string | symbol;

/** A function of the interpreter's own. */
export type Native = (vm: Vm, args: readonly Value[], self: Value) => Value | Routine<Value>;

/** Functions by name. */
export type Natives = Readonly<Record<string, Native>>;

/** A function under a name that every object of the host has, so that its type is not taken from there. */
export const native = (call: Native): Native => call;

export interface Property {
  value: Value;
  readonly getter?: Value;
  readonly setter?: Value;
  readonly enumerable: boolean;
  readonly writable: boolean;
}

export class JsObject {
  prototype: JsObject | null;
  readonly properties = new Map<Key, Property>();
  /** Object.freeze and its like: nothing is added, nothing is changed. */
  sealed: 'no' | 'extensions' | 'frozen' = 'no';
  constructor(prototype: JsObject | null) {
    this.prototype = prototype;
  }

  /** Sets an ordinary property of its own. */
  put(key: Key, value: Value): void {
    this.properties.set(key, { value, enumerable: true, writable: true });
  }
  /** Sets one that loops do not see. */
  hide(key: Key, value: Value): void {
    this.properties.set(key, { value, enumerable: false, writable: true });
  }
  /** A property of its own. */
  own(key: Key): Property | undefined {
    return this.properties.get(key);
  }
  /** Keys of its own in their order: indices first. */
  keys(): Key[] {
    const all = [...this.properties.keys()];
    const symbols = all.filter((key) => typeof key === 'symbol');
    const names =
      symbols.length > 0 ? [...all.filter((key) => typeof key !== 'symbol'), ...symbols] : all;
    const index = (key: Key): boolean => typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key);
    if (!names.some(index)) return names;
    const indices = names.filter(index).sort((a, b) => Number(a) - Number(b));
    return [...indices, ...names.filter((key) => !index(key))];
  }
}

export class JsArray extends JsObject {
  items: Value[];
  constructor(prototype: JsObject, items: Value[]) {
    super(prototype);
    this.items = items;
  }
  override own(key: Key): Property | undefined {
    if (typeof key === 'string') {
      const at = indexOf(key);
      if (at !== undefined)
        return at < this.items.length
          ? { value: this.items[at], enumerable: true, writable: true }
          : undefined;
      if (key === 'length') return { value: this.items.length, enumerable: false, writable: true };
    }
    return super.own(key);
  }
  override keys(): Key[] {
    return [...Array.from(this.items.keys(), String), ...super.keys()];
  }
}

/** The index that a key is; undefined for names. */
export function indexOf(key: Key): number | undefined {
  return typeof key === 'string' && /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : undefined;
}

/** Something that can be called. */
export class JsFunction extends JsObject {
  readonly name: string;
  readonly native: Native;
  /** `new`: makes the object; `target` is the class that was asked for. Undefined of arrows and methods. */
  construct:
    | ((vm: Vm, args: readonly Value[], target: JsFunction) => Value | Routine<Value>)
    | undefined;
  readonly isClass: boolean;
  /** What kind of function it is, where it is none of the ordinary. */
  flavour: 'Async' | 'Generator' | 'AsyncGenerator' | undefined;
  constructor(
    prototype: JsObject,
    name: string,
    native: Native,
    construct?: JsFunction['construct'],
    isClass = false,
  ) {
    super(prototype);
    this.name = name;
    this.native = native;
    this.construct = construct;
    this.isClass = isClass;
    this.hide('name', name);
  }
}

/** An error; its stack is a text that is made where it is created. */
export class JsError extends JsObject {
  /** `file:line` of where it was made, and the line's text, for what is printed when nobody catches it. */
  origin: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

/** Something of the host's behind an object: a Map, a Date, a promise, bytes. */
export class JsHosted<T> extends JsObject {
  readonly kind: string;
  host: T;
  constructor(prototype: JsObject, kind: string, host: T) {
    super(prototype);
    this.kind = kind;
    this.host = host;
  }
}

/** Carries a thrown value through the interpreter. */
export class JsThrow extends Error {
  readonly value: Value;
  /** Where it was thrown, for what is printed when nobody catches it. */
  origin: JsError['origin'];
  constructor(value: Value) {
    super('thrown');
    this.value = value;
  }
}
