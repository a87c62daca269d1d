// Calls: how arguments meet parameters, and what becomes of calling a function, a class or an object that can be called.

import type { Routine } from '../../../core/wait.ts';
import { isRoutine } from '../interpreter.ts';
import { specialMethod } from './attributes.ts';
import { PyException, raise } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { execute, Returned } from './execute.ts';
import { PyGenerator } from './iterate.ts';
import type { Parameters } from './syntax.ts';
import {
  type Keywords,
  type PyClass,
  PyDict,
  PyFunction,
  PyMethod,
  PyNative,
  PyObject,
  PyTuple,
  PyType,
  typeOf,
  type Value,
} from './values.ts';
import type { Frame, Scope, Vm } from './vm.ts';

const NONE: Keywords = new Map();

/** `callee(*args, **keywords)`. */
export function* callValue(
  vm: Vm,
  callee: Value,
  args: readonly Value[],
  keywords: Keywords = NONE,
): Routine<Value> {
  if (callee instanceof PyMethod) {
    return yield* callValue(vm, callee.callee, [callee.self, ...args], keywords);
  }
  if (callee instanceof PyFunction) return yield* callFunction(vm, callee, args, keywords);
  if (callee instanceof PyNative) {
    const result = callee.call(vm, args, keywords);
    return isRoutine(result) ? yield* result : result;
  }
  if (callee instanceof PyType) return yield* instantiate(vm, callee.of, args, keywords);
  const own = callee instanceof PyObject ? specialMethod(callee, '__call__') : undefined;
  if (own !== undefined) return yield* callValue(vm, own, args, keywords);
  throw raise('TypeError', `'${typeOf(callee).name}' object is not callable`);
}

/** `Class(…)`. */
function* instantiate(
  vm: Vm,
  type: PyClass,
  args: readonly Value[],
  keywords: Keywords,
): Routine<Value> {
  if (type.construct) {
    const made = type.construct(vm, args, keywords);
    return isRoutine(made) ? yield* made : made;
  }
  const maker = type.lookup('__new__');
  const base = type.mro.find((one) => one.construct && one.name !== 'object');
  let made: Value;
  if (maker !== undefined)
    made = yield* callValue(vm, maker, [new PyType(type), ...args], keywords);
  else if (type.allocate) made = type.allocate(type);
  else throw raise('TypeError', `cannot create '${type.name}' instances`);
  if (made instanceof PyException) made.args = args;
  const init = specialMethod(made, '__init__');
  if (init !== undefined) yield* callValue(vm, init, args, keywords);
  else if (base?.construct && made instanceof PyObject)
    yield* adopt(vm, base, made, args, keywords);
  else if (maker === undefined && !(made instanceof PyException) && args.length + keywords.size > 0)
    throw raise('TypeError', `${type.name}() takes no arguments`);
  return made;
}

/** An instance of a class below list, dict and the like takes over what the base would hold. */
function* adopt(
  vm: Vm,
  base: PyClass,
  made: PyObject,
  args: readonly Value[],
  keywords: Keywords,
): Routine<void> {
  const value = base.construct?.(vm, args, keywords) ?? null;
  const content = isRoutine(value) ? yield* value : value;
  if (content instanceof PyDict && made instanceof PyDict)
    for (const [key, entry] of content.entries) made.entries.set(key, entry);
  else if (content instanceof PyObject && 'items' in content && 'items' in made)
    made.items = content.items;
}

/** Runs a function; of a generator function, makes the generator. */
function* callFunction(
  vm: Vm,
  callee: PyFunction,
  args: readonly Value[],
  keywords: Keywords,
): Routine<Value> {
  if (vm.meter.tick()) yield* vm.meter.settle();
  const { definition, owner } = callee;
  const scope: Scope = {
    names: new Map(),
    parent: callee.scope,
    globals: callee.scope.globals,
    locals: definition.locals,
    declaredGlobal: definition.globals,
    isClass: false,
  };
  bindArguments(callee, scope.names, args, keywords);
  const file = callee.scope.globals.get('__file__');
  const frame: Frame = {
    name: definition.name,
    file: typeof file === 'string' ? file : '<string>',
    scope,
    at: definition.body[0]?.at ?? { line: 1, column: 0, endLine: 1, endColumn: 0 },
    anchor: undefined,
    owner,
    self: args[0],
  };
  if (definition.isGenerator) {
    const inbox = { value: null as Value };
    inboxes.set(frame, inbox);
    return new PyGenerator(runBody(vm, callee, frame), inbox);
  }
  return yield* runBody(vm, callee, frame);
}

/** What was sent to the generators that run in these frames. */
export const inboxes = new WeakMap<Frame, { value: Value }>();

function* runBody(vm: Vm, callee: PyFunction, frame: Frame): Routine<Value> {
  const { body } = callee.definition;
  return yield* vm.inFrame(frame, function* () {
    const [only] = body;
    if (callee.definition.name === '<lambda>' && only?.kind === 'Return' && only.value)
      return yield* evaluate(vm, only.value, frame);
    const completion = yield* execute(vm, body, frame);
    return completion instanceof Returned ? completion.value : null;
  });
}

function bindArguments(
  callee: PyFunction,
  names: Map<string, Value>,
  args: readonly Value[],
  keywords: Keywords,
): void {
  const { name, parameters } = callee.definition;
  const { positional, rest, keywordOnly, keywordRest } = parameters;
  for (const [i, parameter] of positional.entries()) {
    const value = args[i];
    if (value !== undefined) names.set(parameter.name, value);
  }
  if (rest !== undefined) names.set(rest, new PyTuple(args.slice(positional.length)));
  else if (args.length > positional.length) throw tooMany(callee, args.length);
  const extra = new PyDict();
  for (const [key, value] of keywords) {
    const known = [...positional, ...keywordOnly].some((parameter) => parameter.name === key);
    if (known && names.has(key))
      throw raise('TypeError', `${name}() got multiple values for argument '${key}'`);
    if (known) names.set(key, value);
    else if (keywordRest !== undefined) extra.put(key, value);
    else throw raise('TypeError', `${name}() got an unexpected keyword argument '${key}'`);
  }
  if (keywordRest !== undefined) names.set(keywordRest, extra);
  fillDefaults(callee, names, parameters);
}

function fillDefaults(
  callee: PyFunction,
  names: Map<string, Value>,
  { positional, keywordOnly }: Parameters,
): void {
  const missing = (list: Parameters['positional']): string[] =>
    list
      .filter((parameter) => {
        if (names.has(parameter.name)) return false;
        const value = callee.defaults.get(parameter.name);
        if (value !== undefined) names.set(parameter.name, value);
        return value === undefined;
      })
      .map((parameter) => `'${parameter.name}'`);
  for (const [list, kind] of [
    [missing(positional), 'positional'],
    [missing(keywordOnly), 'keyword-only'],
  ] as const) {
    if (list.length === 0) continue;
    const words =
      list.length > 2 ? `${list.slice(0, -1).join(', ')}, and ${list.at(-1)}` : list.join(' and ');
    throw raise(
      'TypeError',
      `${callee.owner ? `${callee.owner.name}.` : ''}${callee.definition.name}() missing ${list.length} required ${kind} argument${list.length > 1 ? 's' : ''}: ${words}`,
    );
  }
}

function tooMany(callee: PyFunction, given: number): Error {
  const { positional } = callee.definition.parameters;
  const needed = positional.filter(({ name }) => !callee.defaults.has(name)).length;
  const most = positional.length;
  const takes = needed < most ? `from ${needed} to ${most}` : String(most);
  const who = `${callee.owner ? `${callee.owner.name}.` : ''}${callee.definition.name}`;
  const plural = most === 1 && needed === most ? '' : 's';
  return raise(
    'TypeError',
    `${who}() takes ${takes} positional argument${plural} but ${given} ${given === 1 ? 'was' : 'were'} given`,
  );
}
