// sys: the interpreter itself.

import type { Routine } from '../../../../core/wait.ts';
import { natives } from '../arguments.ts';
import { raise } from '../errors.ts';
import { fileObject } from '../files.ts';
import { tracebackText } from '../traceback.ts';
import { classValue, PyDict, PyList, PyObject, PyTuple, types, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';

const SOURCE_DATES: Readonly<Record<string, string>> = {
  '3.11.2': 'main, Nov 30 2024, 21:22:50) [GCC 12.2.0]',
};

/** sys.version. */
export function versionText(version: string): string {
  return `${version} (${SOURCE_DATES[version] ?? 'main, Feb  3 2026, 00:00:00) [GCC 12.2.0]'}`;
}

function record(fields: readonly (readonly [string, Value])[]): PyTuple {
  const holder = new RecordTuple(fields.map(([, value]) => value));
  for (const [name, value] of fields) holder.attributes.set(name, value);
  return holder;
}

/** A tuple whose places have names. */
class RecordTuple extends PyTuple {
  override readonly attributes = new Map<string, Value>();
}

export function sysModule(vm: Vm): Map<string, Value> {
  const [major = '3', minor = '0', micro = '0'] = vm.version.split('.');
  const prefix = vm.version === '3.11.2' ? '/usr' : '/usr/local';
  const names = new Map<string, Value>([
    ['argv', new PyList([])],
    ['path', new PyList([])],
    ['version', versionText(vm.version)],
    [
      'version_info',
      record([
        ['major', BigInt(major)],
        ['minor', BigInt(minor)],
        ['micro', BigInt(micro)],
        ['releaselevel', 'final'],
        ['serial', 0n],
      ]),
    ],
    ['platform', 'linux'],
    ['byteorder', 'little'],
    ['maxsize', 2n ** 63n - 1n],
    ['executable', `${prefix}/bin/python3`],
    ['prefix', prefix],
    ['base_prefix', prefix],
    ['exec_prefix', prefix],
    ['modules', new PyDict()],
    ['stdin', fileObject(vm, 0, '<stdin>', 'r')],
    ['stdout', fileObject(vm, 1, '<stdout>', 'w')],
    ['stderr', fileObject(vm, 2, '<stderr>', 'w')],
    ['implementation', record([['name', 'cpython']])],
    ['flags', new PyObject(types.object, new Map())],
  ]);
  const functions = natives({
    exit: (_vm, [code]) => {
      throw raise('SystemExit', ...(code === undefined ? [] : [code]));
    },
    getrecursionlimit: () => 1000n,
    getsizeof: () => 48n,
    getdefaultencoding: () => 'utf-8',
    getfilesystemencoding: () => 'utf-8',
    exc_info: (inner) => {
      const current = inner.handling.at(-1);
      return new PyTuple(current ? [classValue(current.type), current, null] : [null, null, null]);
    },
  });
  for (const [name, value] of functions) names.set(name, value);
  return names;
}

/** _traceback: the text of the exception that is being handled, for the module traceback. */
export function tracebackModule(): Map<string, Value> {
  return new Map<string, Value>(
    natives({
      *current(vm): Routine<Value> {
        const exception = vm.handling.at(-1);
        return exception ? yield* tracebackText(vm, exception) : 'NoneType: None\n';
      },
    }),
  );
}
