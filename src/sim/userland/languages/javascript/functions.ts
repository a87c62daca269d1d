// Functions and classes: what makes them of their text, and how arguments are bound (ECMA-262, 10.2 and 15).

import type { AnyNode, Function as FunctionNode, Pattern, Statement } from 'acorn';
import type { Block, Routine } from '../../../core/wait.ts';
import { Handed } from '../interpreter.ts';
import { evaluate } from './evaluate.ts';
import { type Completion, execute } from './execute.ts';
import { get } from './operations.ts';
import { bindPattern } from './patterns.ts';
import { awaitLoop, promiseOf } from './promises.ts';
import { type Call, hoist, Scope, varNames } from './scope.ts';
import { JsFunction, JsObject, JsThrow, type Key, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** What a function is made with beside its text. */
interface Making {
  readonly name: string;
  readonly file: string;
  readonly home?: JsObject;
  readonly parentClass?: Value;
  /** Methods and accessors are no constructors. */
  readonly method?: boolean;
}

/** A function of its text, closed over a scope. */
export function makeFunction(
  vm: Vm,
  node: FunctionNode & { type: string },
  scope: Scope,
  making: Making,
): JsFunction {
  const arrow = node.type === 'ArrowFunctionExpression';
  const { name } = making;
  const run = (
    self: Value,
    args: readonly Value[],
    target: Value,
    fields?: Value,
  ): Routine<Value> => runFunction(vm, node, scope, making, { self, args, target, fields, made });
  const constructs = !arrow && making.method !== true && !node.async && !node.generator;
  const made: JsFunction = new JsFunction(
    vm.functionPrototype,
    name,
    (_vm, args, self) => run(self, args, undefined),
    constructs
      ? function* (inner, args, target) {
          const prototype = yield* get(inner, target, 'prototype');
          const self = new JsObject(
            prototype instanceof JsObject ? prototype : inner.objectPrototype,
          );
          const result = yield* run(self, args, target);
          return result instanceof JsObject ? result : self;
        }
      : undefined,
  );
  if (node.async || node.generator)
    made.flavour = node.generator ? (node.async ? 'AsyncGenerator' : 'Generator') : 'Async';
  made.hide('length', node.params.filter(({ type }) => type === 'Identifier').length);
  if (constructs || node.generator) {
    const prototype = new JsObject(node.generator ? vm.proto('Generator') : vm.objectPrototype);
    if (constructs) prototype.hide('constructor', made);
    made.hide('prototype', prototype);
  }
  return made;
}

interface Invocation {
  readonly self: Value;
  readonly args: readonly Value[];
  readonly target: Value;
  readonly fields: Value;
  readonly made: JsFunction;
}

function* runFunction(
  vm: Vm,
  node: FunctionNode & { type: string },
  outer: Scope,
  making: Making,
  { self, args, target, fields, made }: Invocation,
): Routine<Value> {
  if (vm.meter.tick()) yield* vm.meter.settle();
  const arrow = node.type === 'ArrowFunctionExpression';
  const own: Call | undefined = arrow
    ? outer.call
    : {
        self,
        ready: true,
        target,
        home: making.home,
        parentClass: making.parentClass,
        fields,
      };
  const scope = new Scope(outer, own);
  if (!arrow) scope.declare('arguments', vm.array([...args]));
  if (node.type === 'FunctionExpression' && node.id && !outer.find(node.id.name))
    scope.declare(node.id.name, made);
  const frame = { name: making.name, file: making.file, line: 0, column: 0 };
  place(frame, node);
  const body = function* (): Routine<Value> {
    yield* bindParameters(vm, node.params, args, scope, making.file);
    return yield* runBody(vm, node, scope, making.file);
  };
  if (node.generator) return generator(vm, body, made, frame, node.async);
  if (node.async) return yield* asyncCall(vm, frame, body);
  return yield* vm.inFrame(frame, body);
}

/** Notes where a function stands. */
export function place(
  frame: { line: number; column: number },
  node: { loc?: AnyNode['loc'] },
): void {
  frame.line = node.loc?.start.line ?? 0;
  frame.column = (node.loc?.start.column ?? 0) + 1;
}

/** Binds the arguments of a call to parameters. */
export function* bindParameters(
  vm: Vm,
  params: readonly Pattern[],
  args: readonly Value[],
  scope: Scope,
  file: string,
): Routine<void> {
  for (const [i, param] of params.entries()) {
    if (param.type === 'Identifier') scope.declare(param.name, args[i]);
    else if (param.type === 'RestElement')
      yield* bindPattern(vm, param.argument, vm.array(args.slice(i)), scope, 'let', file);
    else yield* bindPattern(vm, param, args[i], scope, 'let', file);
  }
}

/** Runs a function's body; its value. */
export function* runBody(vm: Vm, node: FunctionNode, scope: Scope, file: string): Routine<Value> {
  if (node.body.type !== 'BlockStatement') return yield* evaluate(vm, node.body, scope, file);
  const completion = yield* runStatements(vm, node.body.body, scope, file, true);
  return completion?.kind === 'return' ? completion.value : undefined;
}

/** Runs statements in a scope of their own names; `whole`: of a function or module, so that `var` belongs here. */
export function* runStatements(
  vm: Vm,
  body: readonly AnyNode[],
  scope: Scope,
  file: string,
  whole: boolean,
): Routine<Completion | undefined> {
  if (whole)
    for (const name of varNames(body)) if (!scope.names.has(name)) scope.declare(name, undefined);
  hoist(scope, body, (node) => makeFunction(vm, node, scope, { name: node.id?.name ?? '', file }));
  return yield* execute(vm, body as readonly Statement[], scope, file);
}

/** An async function: runs up to its first wait at once, and gives a promise. */
export function* asyncCall(
  vm: Vm,
  frame: { name: string; file: string; line: number; column: number },
  body: () => Routine<Value>,
): Routine<Value> {
  const { promise, resolve, reject } = promiseOf(vm);
  const routine = vm.inFrame(frame, body);
  yield* awaitLoop(vm, routine, resolve, reject);
  return promise;
}

/** A generator object; of `async function*`, one whose steps are promises. */
function generator(
  vm: Vm,
  body: () => Routine<Value>,
  made: JsFunction,
  frame: { name: string; file: string; line: number; column: number },
  isAsync: boolean,
): Value {
  const prototype = made.own('prototype')?.value;
  const object = new JsObject(prototype instanceof JsObject ? prototype : vm.proto('Generator'));
  const inbox: Inbox = { value: undefined, how: 'next' };
  const routine = vm.inFrame(frame, body);
  let over = false;
  let begun = false;
  const step = function* (value: Value, how: Inbox['how']): Routine<Value> {
    const done = (result: Value): Value =>
      vm.object([
        ['value', result],
        ['done', true],
      ]);
    if (over) {
      if (how === 'throw') throw new JsThrow(value);
      return done(how === 'return' ? value : undefined);
    }
    inbox.value = value;
    if (how === 'return' && !begun) {
      over = true;
      return done(value);
    }
    begun = true;
    inbox.how = how;
    running.push(inbox);
    try {
      let next = routine.next('woken');
      for (;;) {
        if (next.done) {
          over = true;
          return done(next.value);
        }
        if (next.value instanceof Handed)
          return vm.object([
            ['value', next.value.value as Value],
            ['done', false],
          ]);
        const reply: 'woken' | 'timeout' | 'signal' = yield next.value;
        next = routine.next(reply);
      }
    } catch (error) {
      over = true;
      if (error instanceof Leaving) return done(error.value);
      throw error;
    } finally {
      running.splice(running.lastIndexOf(inbox), 1);
    }
  };
  const asked = (value: Value, how: Inbox['how']): Routine<Value> =>
    isAsync ? asyncCall(vm, { ...frame }, () => step(value, how)) : step(value, how);
  vm.methods(object, {
    next: (_vm, [value]) => asked(value, 'next'),
    throw: (_vm, [value]) => asked(value, 'throw'),
    return: (_vm, [value]) => asked(value, 'return'),
  });
  object.hide(
    isAsync ? Symbol.asyncIterator : Symbol.iterator,
    vm.fn('[Symbol.iterator]', () => object),
  );
  return object;
}

/** What a generator is called with: by next, throw or return. */
interface Inbox {
  value: Value;
  how: 'next' | 'throw' | 'return';
}

/** return() of a generator, on its way out through the blocks that are to be run last. */
export class Leaving extends Error {
  readonly value: Value;
  constructor(value: Value) {
    super('left');
    this.value = value;
  }
}

/** The generators that are running, innermost last. */
const running: Inbox[] = [];

/** `yield value`: hands it out, and gives what next() was called with. */
export function* yieldValue(value: Value): Routine<Value> {
  const inbox = running.at(-1);
  const block: Block = new Handed(value);
  yield block;
  if (inbox?.how === 'throw') throw new JsThrow(inbox.value);
  if (inbox?.how === 'return') throw new Leaving(inbox.value);
  return inbox?.value;
}

/** Defines a method or one half of an accessor. */
export function defineMember(
  home: JsObject,
  key: Key,
  kind: 'method' | 'get' | 'set' | 'init',
  made: JsFunction,
  enumerable: boolean,
): void {
  if (kind === 'get' || kind === 'set') {
    const before = home.properties.get(key);
    const getter = kind === 'get' ? made : before?.getter;
    const setter = kind === 'set' ? made : before?.setter;
    home.properties.set(key, {
      value: undefined,
      ...(getter === undefined ? {} : { getter }),
      ...(setter === undefined ? {} : { setter }),
      enumerable,
      writable: true,
    });
  } else home.properties.set(key, { value: made, enumerable, writable: true });
}
