// internal/util: inspect and format for the module util.

import { get } from '../operations.ts';
import { formatLog, inspect } from '../inspect.ts';
import { JsObject, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';

export function utilBinding(vm: Vm): Value {
  const binding = vm.object();
  vm.methods(binding, {
    *inspect(_vm, [value, options]) {
      const given = options instanceof JsObject ? yield* get(vm, options, 'depth') : undefined;
      const depth = given === null ? Number.POSITIVE_INFINITY : Number(given ?? 2);
      return inspect(vm, value, { depth });
    },
    format: (_vm, args) => formatLog(vm, args),
  });
  return binding;
}
