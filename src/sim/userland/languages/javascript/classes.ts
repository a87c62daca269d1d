// Classes: what makes them of their text, their instances, fields and super (ECMA-262, 15.7).

import type { AnyNode, Class, Function as FunctionNode } from 'acorn';
import type { Routine } from '../../../core/wait.ts';
import { isRoutine } from '../interpreter.ts';
import { evaluate } from './evaluate.ts';
import {
  bindParameters,
  defineMember,
  makeFunction,
  place,
  runBody,
  runStatements,
} from './functions.ts';
import { call, get } from './operations.ts';
import { propertyKey } from './references.ts';
import { type Call, Scope } from './scope.ts';
import { JsFunction, JsObject, type Key, type Value } from './values.ts';
import type { Vm } from './vm.ts';

type Field = { readonly key: Key; readonly node: AnyNode | null | undefined };

/** A class of its text. */
export function* makeClass(
  vm: Vm,
  node: Class,
  outer: Scope,
  file: string,
  given: string,
): Routine<JsFunction> {
  const name = node.id?.name ?? given;
  const scope = new Scope(outer);
  const parent = node.superClass ? yield* evaluate(vm, node.superClass, scope, file) : undefined;
  if (node.superClass && parent !== null && !(parent instanceof JsFunction && parent.construct))
    throw vm.error(
      'TypeError',
      `Class extends value ${String(parent)} is not a constructor or null`,
    );
  const parentPrototype = parent instanceof JsFunction ? yield* get(vm, parent, 'prototype') : null;
  const prototype = new JsObject(
    parentPrototype instanceof JsObject ? parentPrototype : vm.objectPrototype,
  );
  const fields: Field[] = [];
  const initialise = vm.fn('fields', function* (_vm, _args, self) {
    const inner = new Scope(scope, callOf(self, prototype, parent));
    for (const { key, node: value } of fields) {
      const item = value
        ? yield* evaluate(vm, value as Parameters<typeof evaluate>[1], inner, file)
        : undefined;
      if (self instanceof JsObject)
        if (typeof key === 'string' && key.startsWith('#')) self.hide(key, item);
        else self.put(key, item);
    }
    return undefined;
  });
  const written = node.body.body.find(
    (one) => one.type === 'MethodDefinition' && one.kind === 'constructor',
  );
  const type: JsFunction = new JsFunction(
    parent instanceof JsFunction ? parent : vm.functionPrototype,
    name,
    () => {
      throw vm.error('TypeError', `Class constructor ${name} cannot be invoked without 'new'`);
    },
    (_vm, args, target) =>
      constructInstance(vm, args, target, {
        written: written?.type === 'MethodDefinition' ? written.value : undefined,
        scope,
        file,
        name,
        parent,
        prototype,
        initialise,
      }),
    true,
  );
  type.hide('prototype', prototype);
  prototype.hide('constructor', type);
  if (node.id) scope.declare(node.id.name, type, true);
  yield* defineMembers(vm, node, { scope, file, type, prototype, parent, fields });
  return type;
}

function callOf(self: Value, home: JsObject, parentClass: Value): Call {
  return { self, ready: true, target: undefined, home, parentClass, fields: undefined };
}

interface Blueprint {
  readonly written: (FunctionNode & { type: string }) | undefined;
  readonly scope: Scope;
  readonly file: string;
  readonly name: string;
  readonly parent: Value;
  readonly prototype: JsObject;
  readonly initialise: JsFunction;
}

function* constructInstance(
  vm: Vm,
  args: readonly Value[],
  target: JsFunction,
  { written, scope, file, name, parent, prototype, initialise }: Blueprint,
): Routine<Value> {
  const derived = parent instanceof JsFunction;
  const base = function* (): Routine<JsObject> {
    const own = yield* get(vm, target, 'prototype');
    return new JsObject(own instanceof JsObject ? own : prototype);
  };
  if (!written) {
    let self: Value;
    if (derived && parent.construct) {
      const made = parent.construct(vm, args, target);
      self = isRoutine(made) ? yield* made : made;
    } else self = yield* base();
    yield* call(vm, initialise, self, []);
    return self;
  }
  const state: Call = {
    self: derived ? undefined : yield* base(),
    ready: !derived,
    target,
    home: prototype,
    parentClass: parent,
    fields: initialise,
  };
  if (!derived) yield* call(vm, initialise, state.self, []);
  const inner = new Scope(scope, state);
  inner.declare('arguments', vm.array([...args]));
  const frame = { name: `new ${name}`, file, line: 0, column: 0 };
  place(frame, written);
  const result = yield* vm.inFrame(frame, function* () {
    yield* bindParameters(vm, written.params, args, inner, file);
    return yield* runBody(vm, written, inner, file);
  });
  if (result instanceof JsObject) return result;
  if (!state.ready)
    throw vm.error(
      'ReferenceError',
      "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    );
  return state.self;
}

interface Members {
  readonly scope: Scope;
  readonly file: string;
  readonly type: JsFunction;
  readonly prototype: JsObject;
  readonly parent: Value;
  readonly fields: Field[];
}

function* defineMembers(vm: Vm, node: Class, members: Members): Routine<void> {
  const { scope, file, type, prototype, parent, fields } = members;
  for (const member of node.body.body) {
    if (member.type === 'StaticBlock') {
      const inner = new Scope(scope, callOf(type, type, parent));
      yield* runStatements(vm, member.body, inner, file, true);
      continue;
    }
    const key = yield* propertyKey(vm, member.key, member.computed, scope, file);
    const home = member.static ? type : prototype;
    if (member.type === 'PropertyDefinition') {
      if (!member.static) fields.push({ key, node: member.value });
      else {
        const inner = new Scope(scope, callOf(type, type, parent));
        type.put(key, member.value ? yield* evaluate(vm, member.value, inner, file) : undefined);
      }
      continue;
    }
    if (member.kind === 'constructor') continue;
    const made = makeFunction(vm, member.value, scope, {
      name: String(key),
      file,
      home,
      parentClass: parent,
      method: true,
    });
    defineMember(home, key, member.kind, made, false);
  }
}

/** `super(…)`. */
export function* callSuper(vm: Vm, args: readonly Value[], scope: Scope): Routine<Value> {
  const state = scope.call;
  const parent = state?.parentClass;
  if (!state || !(parent instanceof JsFunction) || !parent.construct)
    throw vm.error('TypeError', 'Super constructor is not a constructor');
  const target = state.target instanceof JsFunction ? state.target : parent;
  const made = parent.construct(vm, args, target);
  state.self = isRoutine(made) ? yield* made : made;
  state.ready = true;
  yield* call(vm, state.fields, state.self, []);
  return state.self;
}
