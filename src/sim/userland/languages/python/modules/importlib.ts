// importlib: importing by a name that is only known when the program runs.

import { natives, text } from '../arguments.ts';
import { importModule } from '../import.ts';
import type { Value } from '../values.ts';

export function importlibModule(): Map<string, Value> {
  return new Map<string, Value>(
    natives({
      *import_module(vm, [name]) {
        return yield* importModule(vm, text(name), true);
      },
    }),
  );
}
