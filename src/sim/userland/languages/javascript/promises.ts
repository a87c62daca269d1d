// Promises and waiting for them (ECMA-262, 27.2 and 27.7). A wait hands its promise out of the routine; whoever runs
// the routine goes on when the promise is settled.

import type { Block, Routine, Wakeup } from '../../../core/wait.ts';
import { call, get, itemsOf, nativeClass } from './operations.ts';
import { JsError, JsFunction, JsHosted, JsObject, JsThrow, type Value } from './values.ts';
import type { Vm } from './vm.ts';

interface State {
  state: 'pending' | 'fulfilled' | 'rejected';
  value: Value;
  readonly reactions: ((state: 'fulfilled' | 'rejected', value: Value) => Routine<void>)[];
  handled: boolean;
}

export type JsPromise = JsHosted<State>;

/** True of the language's own promises. */
export function isPromise(value: Value): value is JsPromise {
  return value instanceof JsHosted && value.kind === 'Promise';
}

export interface Deferred {
  readonly promise: JsPromise;
  readonly resolve: (value: Value) => Routine<void>;
  readonly reject: (value: Value) => Routine<void>;
}

/** A new promise and what settles it. */
export function promiseOf(vm: Vm, prototype: JsObject = vm.proto('Promise')): Deferred {
  const state: State = { state: 'pending', value: undefined, reactions: [], handled: false };
  const promise: JsPromise = new JsHosted(prototype, 'Promise', state);
  let resolved = false;
  const settle = (how: 'fulfilled' | 'rejected', value: Value): void => {
    state.state = how;
    state.value = value;
    for (const reaction of state.reactions.splice(0)) vm.jobs.push(() => reaction(how, value));
    if (how === 'rejected' && !state.handled) unhandled(vm, promise);
  };
  const resolve = function* (value: Value): Routine<void> {
    if (resolved) return;
    resolved = true;
    yield* follow(vm, value, settle);
  };
  const reject = function* (value: Value): Routine<void> {
    if (!resolved) settle('rejected', value);
    resolved = true;
  };
  return { promise, resolve, reject };
}

type Settle = (how: 'fulfilled' | 'rejected', value: Value) => void;

/** Settles with a value, or as the promise or thenable that it is. */
function* follow(vm: Vm, value: Value, settle: Settle): Routine<void> {
  if (isPromise(value)) {
    react(vm, value, function* (how, result) {
      settle(how, result);
    });
    return;
  }
  if (!(value instanceof JsObject)) {
    settle('fulfilled', value);
    return;
  }
  const then = yield* get(vm, value, 'then');
  if (!(then instanceof JsFunction)) {
    settle('fulfilled', value);
    return;
  }
  vm.jobs.push(function* () {
    const inner = promiseOf(vm);
    react(vm, inner.promise, function* (how, result) {
      settle(how, result);
    });
    const [done, failed] = [inner.resolve, inner.reject].map((one) =>
      vm.fn('', function* (_vm, [result]) {
        yield* one(result);
        return undefined;
      }),
    );
    try {
      yield* call(vm, then, value, [done, failed]);
    } catch (error) {
      if (!(error instanceof JsThrow)) throw error;
      yield* inner.reject(error.value);
    }
  });
}

/** What is run when a promise is settled, as a job. */
export function react(
  vm: Vm,
  { host }: JsPromise,
  reaction: (state: 'fulfilled' | 'rejected', value: Value) => Routine<void>,
): void {
  host.handled = true;
  const { state } = host;
  if (state === 'pending') host.reactions.push(reaction);
  else vm.jobs.push(() => reaction(state, host.value));
}

/** A rejection that nobody has seen to by the end of the jobs ends the program. */
function unhandled(vm: Vm, promise: JsPromise): void {
  vm.post(function* () {
    if (!promise.host.handled) throw new UnhandledRejection(promise.host.value);
  });
}

/** A rejection that ends the program. */
export class UnhandledRejection extends JsThrow {}

/** Hands a promise out of a routine that waits for it. */
class Waiting implements Block {
  readonly on = [];
  readonly promise: JsPromise;
  result: { readonly state: 'fulfilled' | 'rejected'; readonly value: Value } | undefined;
  constructor(promise: JsPromise) {
    this.promise = promise;
  }
}

/** `await value`. */
export function* awaitValue(vm: Vm, value: Value): Routine<Value> {
  let promise: JsPromise;
  if (isPromise(value)) promise = value;
  else {
    const made = promiseOf(vm);
    yield* made.resolve(value);
    promise = made.promise;
  }
  const { frames } = vm;
  const kept = frames.slice();
  const waiting = new Waiting(promise);
  yield waiting;
  frames.splice(0, frames.length, ...kept);
  if (waiting.result?.state === 'rejected') throw new JsThrow(waiting.result.value);
  return waiting.result?.value;
}

/** Runs an async function's routine up to its next wait; later parts run as jobs. */
export function* awaitLoop(
  vm: Vm,
  routine: Routine<Value>,
  resolve: (value: Value) => Routine<void>,
  reject: (value: Value) => Routine<void>,
): Routine<void> {
  const { length } = vm.frames;
  let reply: Wakeup = 'woken';
  try {
    for (;;) {
      const step = routine.next(reply);
      if (step.done) {
        yield* resolve(step.value);
        break;
      }
      const block = step.value;
      if (block instanceof Waiting) {
        react(vm, block.promise, function* (state, value) {
          block.result = { state, value };
          yield* awaitLoop(vm, routine, resolve, reject);
        });
        break;
      }
      reply = yield block;
    }
  } catch (error) {
    if (!(error instanceof JsThrow)) throw error;
    yield* reject(error.value);
  } finally {
    vm.frames.length = Math.min(vm.frames.length, length);
  }
}

/** Runs a body that may wait at its top, and the jobs of the loop until it is over. Throws what it throws. */
export function* asyncBody(vm: Vm, body: () => Routine<void>): Routine<void> {
  const { promise } = yield* started(vm, body);
  const { host } = promise;
  host.handled = true;
  yield* vm.loop(() => host.state !== 'pending');
  if (host.state === 'rejected') throw new JsThrow(host.value);
}

function* started(vm: Vm, body: () => Routine<void>): Routine<Deferred> {
  const deferred = promiseOf(vm);
  const routine = (function* (): Routine<Value> {
    yield* body();
    return undefined;
  })();
  yield* awaitLoop(vm, routine, deferred.resolve, deferred.reject);
  return deferred;
}

/** A promise of what a routine gives. */
export function* promiseFor(vm: Vm, work: () => Routine<Value>): Routine<JsPromise> {
  const { promise, resolve, reject } = promiseOf(vm);
  yield* awaitLoop(vm, work(), resolve, reject);
  return promise;
}

function* then(vm: Vm, promise: JsPromise, done: Value, failed: Value): Routine<Value> {
  const next = promiseOf(vm);
  react(vm, promise, function* (state, value) {
    const handler = state === 'fulfilled' ? done : failed;
    try {
      if (handler instanceof JsFunction)
        yield* next.resolve(yield* call(vm, handler, undefined, [value]));
      else if (state === 'fulfilled') yield* next.resolve(value);
      else yield* next.reject(value);
    } catch (error) {
      if (!(error instanceof JsThrow)) throw error;
      yield* next.reject(error.value);
    }
  });
  return next.promise;
}

function* asPromise(vm: Vm, value: Value): Routine<JsPromise> {
  if (isPromise(value)) return value;
  const { promise, resolve } = promiseOf(vm);
  yield* resolve(value);
  return promise;
}

type Gathering = 'all' | 'allSettled' | 'race' | 'any';

function* gather(vm: Vm, kind: Gathering, items: Value): Routine<Value> {
  const result = promiseOf(vm);
  const list = yield* itemsOf(vm, items);
  const out: Value[] = list.map(() => undefined);
  let left = list.length;
  const one = function* (i: number, value: Value): Routine<void> {
    out[i] = value;
    if (--left > 0) return;
    if (kind !== 'any') yield* result.resolve(vm.array(out));
    else {
      const { value: error } = vm.error('Error', 'All promises were rejected');
      if (error instanceof JsError) error.put('errors', vm.array(out));
      yield* result.reject(error);
    }
  };
  if (left === 0 && kind !== 'race') yield* result.resolve(vm.array([]));
  for (const [i, item] of list.entries())
    react(vm, yield* asPromise(vm, item), function* (state, value) {
      if (kind === 'race')
        yield* state === 'fulfilled' ? result.resolve(value) : result.reject(value);
      else if (kind === 'allSettled')
        yield* one(
          i,
          vm.object([
            ['status', state],
            [state === 'fulfilled' ? 'value' : 'reason', value],
          ]),
        );
      else if ((state === 'fulfilled') === (kind === 'all')) yield* one(i, value);
      else yield* state === 'fulfilled' ? result.resolve(value) : result.reject(value);
    });
  return result.promise;
}

/** Promise and what stands on it. */
export function installPromise(vm: Vm): void {
  const type = nativeClass(vm, 'Promise', function* (_vm, [executor], prototype) {
    if (!(executor instanceof JsFunction))
      throw vm.error('TypeError', `Promise resolver ${String(executor)} is not a function`);
    const { promise, resolve, reject } = promiseOf(vm, prototype);
    const [done, failed] = [resolve, reject].map((one) =>
      vm.fn('', function* (_inner, [value]) {
        yield* one(value);
        return undefined;
      }),
    );
    try {
      yield* call(vm, executor, undefined, [done, failed]);
    } catch (error) {
      if (!(error instanceof JsThrow)) throw error;
      yield* reject(error.value);
    }
    return promise;
  });
  vm.global.hide('Promise', type);
  const thenMethod = vm.fn('then', function* (_vm, [done, failed], self) {
    return yield* then(vm, yield* asPromise(vm, self), done, failed);
  });
  vm.proto('Promise').hide('then', thenMethod);
  vm.methods(vm.proto('Promise'), {
    *catch(_vm, [failed], self) {
      return yield* then(vm, yield* asPromise(vm, self), undefined, failed);
    },
    *finally(_vm, [last], self) {
      const run = (state: 'value' | 'error') =>
        vm.fn('', function* (_inner, [value]) {
          const inner = yield* asPromise(vm, yield* call(vm, last, undefined, []));
          return yield* then(
            vm,
            inner,
            vm.fn('', () => {
              if (state === 'error') throw new JsThrow(value);
              return value;
            }),
            undefined,
          );
        });
      return yield* then(vm, yield* asPromise(vm, self), run('value'), run('error'));
    },
  });
  vm.methods(type, {
    *resolve(_vm, [value]) {
      return yield* asPromise(vm, value);
    },
    *reject(_vm, [value]) {
      const { promise, reject } = promiseOf(vm);
      yield* reject(value);
      return promise;
    },
    all: (_vm, [items]) => gather(vm, 'all', items),
    allSettled: (_vm, [items]) => gather(vm, 'allSettled', items),
    race: (_vm, [items]) => gather(vm, 'race', items),
    any: (_vm, [items]) => gather(vm, 'any', items),
  });
}
