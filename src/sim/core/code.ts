// Code that is not there yet. A host may leave programs, and parts of them that are routines, out of what it loads first;
// the first execution of one stops its turn and ends the advance with 'code'. The host brings the module in and advances
// again: the same turn goes on, so nothing that is simulated can tell whether code was there from the start.

import type { Routine } from './wait.ts';

/** A module that a host brings in when it is first needed. */
export class DistantCode {
  readonly name: string;
  /** The module's exports, once it is here. */
  module: unknown;
  private readonly load: () => PromiseLike<unknown>;

  /** `name` is for people; `load` is the host's way to fetch the module. */
  constructor(name: string, load: () => PromiseLike<unknown>) {
    this.name = name;
    this.load = load;
  }

  get present(): boolean {
    return this.module !== undefined;
  }

  /** For hosts, between two advances: fetches the module; settles when it is here, fails as the fetch does. */
  bring(): PromiseLike<void> {
    return this.load().then((module) => {
      this.module = module;
    });
  }
}

/** Blocks on code that is not here yet; then runs what `call` finds in its module, a routine or a plain function. */
export function* runDistant<T>(
  code: DistantCode,
  call: (module: unknown) => Routine<T> | T,
): Routine<T> {
  if (!code.present) yield { on: [], code };
  const result = call(code.module);
  return isRoutine(result) ? yield* result : result;
}

function isRoutine<T>(value: Routine<T> | T): value is Routine<T> {
  return typeof value === 'object' && value !== null && 'next' in value && 'throw' in value;
}
