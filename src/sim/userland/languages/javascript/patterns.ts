// Destructuring: binding and assigning names, members, objects and lists (ECMA-262, 8.6 and 13.15.5).

import type { MemberExpression, Pattern } from 'acorn';
import type { Routine } from '../../../core/wait.ts';
import { memberKey, propertyKey } from './references.ts';
import { evaluate } from './evaluate.ts';
import { get, iterator, lookUp, set } from './operations.ts';
import type { Scope } from './scope.ts';
import { JsObject, type Key, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** How a name is bound: declared, or given a new value. */
export type How = 'let' | 'const' | 'var' | 'assign';

/** Binds what a pattern names. */
export function* bindPattern(
  vm: Vm,
  pattern: Pattern | MemberExpression,
  value: Value,
  scope: Scope,
  how: How,
  file: string,
): Routine<void> {
  switch (pattern.type) {
    case 'Identifier':
      bindName(vm, pattern.name, value, scope, how);
      return;
    case 'MemberExpression': {
      const object = yield* evaluate(
        vm,
        pattern.object as Parameters<typeof evaluate>[1],
        scope,
        file,
      );
      yield* set(vm, object, yield* memberKey(vm, pattern, scope, file), value);
      return;
    }
    case 'AssignmentPattern': {
      const name = pattern.left.type === 'Identifier' ? pattern.left.name : '';
      const item =
        value === undefined ? yield* evaluate(vm, pattern.right, scope, file, name) : value;
      yield* bindPattern(vm, pattern.left, item, scope, how, file);
      return;
    }
    case 'ObjectPattern':
      yield* bindObject(vm, pattern, value, scope, how, file);
      return;
    case 'ArrayPattern': {
      const next = yield* iterator(vm, value, String(value === undefined ? 'undefined' : 'object'));
      for (const element of pattern.elements) {
        if (element?.type === 'RestElement') {
          const rest: Value[] = [];
          for (let step = yield* next(); !step.done; step = yield* next()) rest.push(step.value);
          yield* bindPattern(vm, element.argument, vm.array(rest), scope, how, file);
        } else {
          const step = yield* next();
          if (element)
            yield* bindPattern(vm, element, step.done ? undefined : step.value, scope, how, file);
        }
      }
      return;
    }
    default:
  }
}

function* bindObject(
  vm: Vm,
  pattern: Extract<Pattern, { type: 'ObjectPattern' }>,
  value: Value,
  scope: Scope,
  how: How,
  file: string,
): Routine<void> {
  if (value === undefined || value === null) {
    const [first] = pattern.properties;
    const name =
      first?.type === 'Property' && first.key.type === 'Identifier' ? first.key.name : '';
    throw vm.error(
      'TypeError',
      `Cannot destructure property '${name}' of '${String(value)}' as it is ${String(value)}.`,
    );
  }
  const used = new Set<Key>();
  for (const property of pattern.properties) {
    if (property.type === 'RestElement') {
      const rest = vm.object();
      if (value instanceof JsObject)
        for (const key of value.keys())
          if (!used.has(key) && lookUp(value, key)?.enumerable)
            rest.put(key, yield* get(vm, value, key));
      yield* bindPattern(vm, property.argument, rest, scope, how, file);
      continue;
    }
    const key = yield* propertyKey(vm, property.key, property.computed, scope, file);
    used.add(key);
    yield* bindPattern(vm, property.value, yield* get(vm, value, key), scope, how, file);
  }
}

/** Declares a name or gives it a value. */
export function bindName(vm: Vm, name: string, value: Value, scope: Scope, how: How): void {
  if (how === 'let' || how === 'const') {
    scope.declare(name, value, how === 'const');
    return;
  }
  const binding = scope.find(name);
  if (!binding) {
    vm.global.put(name, value);
    return;
  }
  if (how === 'assign') {
    if (!binding.ready)
      throw vm.error('ReferenceError', `Cannot access '${name}' before initialization`);
    if (binding.constant) throw vm.error('TypeError', 'Assignment to constant variable.');
  }
  binding.value = value;
}
