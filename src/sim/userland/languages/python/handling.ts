// The statements try, raise and with.

import type { Routine } from '../../../core/wait.ts';
import { specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { exceptionClass, PyException, PyRaise, raise } from './errors.ts';
import { evaluate, mark } from './evaluate.ts';
import { assign, type Completion, execute } from './execute.ts';
import { truth } from './operators.ts';
import type { StatementOf } from './syntax.ts';
import { classValue, PyTuple, PyType, typeOf, type Value } from './values.ts';
import { type Frame, noteFrame, type Vm } from './vm.ts';

/** Runs try with its handlers, else and finally. */
export function* tryStatement(vm: Vm, node: StatementOf<'Try'>, frame: Frame): Routine<Completion> {
  const { depth, frame: outer } = vm;
  let completion: Completion;
  let failure: PyRaise | undefined;
  try {
    completion = yield* guarded(vm, node, frame, depth, outer);
  } catch (error) {
    if (!(error instanceof PyRaise)) throw error;
    failure = error;
  }
  // A return, break or continue of the last block takes the place of whatever went on.
  const last = yield* execute(vm, node.final, frame);
  if (last !== undefined) return last;
  if (failure) throw failure;
  return completion;
}

/** The statement without its `finally`. */
function* guarded(
  vm: Vm,
  node: StatementOf<'Try'>,
  frame: Frame,
  depth: number,
  outer: Frame | undefined,
): Routine<Completion> {
  let completion: Completion;
  try {
    completion = yield* execute(vm, node.body, frame);
  } catch (error) {
    if (!(error instanceof PyRaise)) throw error;
    vm.depth = depth;
    vm.frame = outer;
    noteFrame(error.exception, frame);
    return yield* handle(vm, node, error, frame);
  }
  return completion ?? (yield* execute(vm, node.otherwise, frame));
}

function* handle(
  vm: Vm,
  node: StatementOf<'Try'>,
  error: PyRaise,
  frame: Frame,
): Routine<Completion> {
  const { exception } = error;
  for (const { type, name, body } of node.handlers) {
    if (type && !matches(exception, yield* evaluate(vm, type, frame))) continue;
    if (name !== undefined)
      yield* assign(vm, { kind: 'Name', name, at: frame.at }, exception, frame);
    vm.handling.push(exception);
    try {
      return yield* execute(vm, body, frame);
    } catch (thrown) {
      if (thrown instanceof PyRaise && thrown.exception !== exception)
        thrown.exception.context ??= exception;
      throw thrown;
    } finally {
      vm.handling.pop();
      if (name !== undefined) frame.scope.names.delete(name);
    }
  }
  throw error;
}

/** True where an exception is of one of the classes that a handler names. */
function matches(exception: PyException, wanted: Value): boolean {
  const list = wanted instanceof PyTuple ? wanted.items : [wanted];
  return list.some((one) => {
    if (!(one instanceof PyType) || !one.of.isSubclassOf(exceptionClass('BaseException')))
      throw raise(
        'TypeError',
        'catching classes that do not inherit from BaseException is not allowed',
      );
    return exception.type.isSubclassOf(one.of);
  });
}

/** raise. */
export function* raiseStatement(vm: Vm, node: StatementOf<'Raise'>, frame: Frame): Routine<void> {
  if (!node.value) {
    const current = vm.handling.at(-1);
    if (!current) throw raise('RuntimeError', 'No active exception to reraise');
    throw new PyRaise(current);
  }
  const made = function* (value: Value): Routine<PyException> {
    const exception = value instanceof PyType ? yield* callValue(vm, value, []) : value;
    if (exception instanceof PyException) return exception;
    throw raise('TypeError', 'exceptions must derive from BaseException');
  };
  const exception = yield* made(yield* evaluate(vm, node.value, frame));
  if (node.cause) {
    const cause = yield* evaluate(vm, node.cause, frame);
    exception.suppressContext = true;
    if (cause !== null) exception.cause = yield* made(cause);
  }
  mark(frame, node.at);
  throw new PyRaise(exception);
}

/** with: the managers from `at` on, then the body. */
export function* withStatement(
  vm: Vm,
  node: StatementOf<'With'>,
  at: number,
  frame: Frame,
): Routine<Completion> {
  const item = node.items[at];
  if (!item) return yield* execute(vm, node.body, frame);
  const manager = yield* evaluate(vm, item.value, frame);
  const [enter, exit] = ['__enter__', '__exit__'].map((name) => specialMethod(manager, name));
  if (enter === undefined || exit === undefined)
    throw raise(
      'TypeError',
      `'${typeOf(manager).name}' object does not support the context manager protocol`,
    );
  const entered = yield* callValue(vm, enter, []);
  if (item.target) yield* assign(vm, item.target, entered, frame);
  let completion: Completion;
  try {
    completion = yield* withStatement(vm, node, at + 1, frame);
  } catch (error) {
    if (!(error instanceof PyRaise)) throw error;
    const { exception } = error;
    const args = [classValue(exception.type), exception, null];
    if (!(yield* truth(vm, yield* callValue(vm, exit, args)))) throw error;
    return undefined;
  }
  yield* callValue(vm, exit, [null, null, null]);
  return completion;
}
