// os.path (posixpath).

import { isErrno } from '../../../../kernel/errno.ts';
import { natives, text } from '../arguments.ts';
import { osError } from '../errors.ts';
import { pathOf } from '../files.ts';
import { PyTuple, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';

/** `a/../b` without its detours. */
export function normalPath(path: string): string {
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !rooted) out.push(part);
  }
  return (rooted ? '/' : '') + out.join('/') || '.';
}

function join(parts: readonly string[]): string {
  let out = '';
  for (const part of parts) {
    if (part.startsWith('/')) out = part;
    else out += out === '' || out.endsWith('/') ? part : `/${part}`;
  }
  return out;
}

function absolute(vm: Vm, path: string): string {
  const here = vm.process.getcwd();
  return normalPath(join([isErrno(here) ? '/' : here, path]));
}

const split = (path: string): readonly [string, string] => {
  const at = path.lastIndexOf('/') + 1;
  const head = path.slice(0, at);
  return [head.replace(/\/+$/, '') || head, path.slice(at)];
};

function kind(vm: Vm, path: Value | undefined): number {
  const stat = vm.process.stat(pathOf(path ?? null));
  return isErrno(stat) ? 0 : stat.mode & 0o170000;
}

export function pathModule(): Map<string, Value> {
  return new Map<string, Value>([
    ['sep', '/'],
    ['pardir', '..'],
    ['curdir', '.'],
    ...natives({
      join: (_vm, parts) => join(parts.map(pathOf)),
      exists: (vm, [path]) => kind(vm, path) !== 0,
      lexists: (vm, [path]) => !isErrno(vm.process.lstat(pathOf(path ?? null))),
      isfile: (vm, [path]) => kind(vm, path) === 0o100000,
      isdir: (vm, [path]) => kind(vm, path) === 0o040000,
      islink: (vm, [path]) => {
        const stat = vm.process.lstat(pathOf(path ?? null));
        return !isErrno(stat) && (stat.mode & 0o170000) === 0o120000;
      },
      isabs: (_vm, [path]) => pathOf(path ?? null).startsWith('/'),
      getsize: (vm, [path]) => {
        const stat = vm.process.stat(pathOf(path ?? null));
        if (isErrno(stat)) throw osError(stat, pathOf(path ?? null));
        return BigInt(stat.size);
      },
      basename: (_vm, [path]) => split(pathOf(path ?? null))[1],
      dirname: (_vm, [path]) => split(pathOf(path ?? null))[0],
      split: (_vm, [path]) => new PyTuple([...split(pathOf(path ?? null))]),
      splitext: (_vm, [path]) => {
        const name = pathOf(path ?? null);
        const [, stem = name, extension = ''] = /^(.*[^/])(\.[^./]*)$/s.exec(name) ?? [];
        return new PyTuple([stem, extension]);
      },
      normpath: (_vm, [path]) => normalPath(pathOf(path ?? null)),
      abspath: (vm, [path]) => absolute(vm, pathOf(path ?? null)),
      realpath: (vm, [path]) => {
        const real = vm.process.realpath(pathOf(path ?? null));
        return isErrno(real) ? absolute(vm, pathOf(path ?? null)) : real;
      },
      expanduser: (vm, [path]) =>
        text(path).replace(/^~(?=\/|$)/, vm.process.environment.get('HOME') ?? '/root'),
      expandvars: (vm, [path]) =>
        text(path).replace(
          /\$(\w+)|\$\{(\w+)\}/g,
          (whole, a, b) => vm.process.environment.get(a ?? b) ?? whole,
        ),
    }),
  ]);
}
