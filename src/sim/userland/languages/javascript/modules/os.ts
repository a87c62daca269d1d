// The module os.

import { isErrno } from '../../../../kernel/errno.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../../../../kernel/kernel.ts';
import type { Natives, Value } from '../values.ts';
import type { Vm } from '../vm.ts';

export function osModule(vm: Vm): Value {
  const { process } = vm;
  const { memory } = process.task.kernel;
  const processors = (): number => {
    const list = process.getAffinity(0);
    return isErrno(list) ? 1 : list.length;
  };
  const table: Natives = {
    hostname: () => process.hostname,
    platform: () => 'linux',
    type: () => 'Linux',
    arch: () => 'x64',
    machine: () => 'x86_64',
    release: () => KERNEL_RELEASE,
    version: () => KERNEL_VERSION,
    uptime: () => Math.round(process.now / 1e7) / 100,
    homedir: () => process.environment.get('HOME') ?? '/root',
    tmpdir: () => process.environment.get('TMPDIR') ?? '/tmp',
    endianness: () => 'LE',
    totalmem: () => memory.total,
    freemem: () => memory.free,
    availableParallelism: processors,
    cpus: () =>
      vm.array(
        Array.from({ length: processors() }, () =>
          vm.object([
            ['model', 'Virtual CPU'],
            ['speed', 0],
          ]),
        ),
      ),
    userInfo: () =>
      vm.object([
        ['uid', process.uid],
        ['gid', process.gid],
        ['username', process.environment.get('USER') ?? 'root'],
        ['homedir', process.environment.get('HOME') ?? '/root'],
        ['shell', process.environment.get('SHELL') ?? null],
      ]),
  };
  const made = vm.object([['EOL', '\n']]);
  vm.methods(made, table);
  return made;
}
