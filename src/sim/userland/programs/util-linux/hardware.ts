// lscpu(1) and lsblk(8): processors and disks, as /proc and /sys tell of them.

import { isErrno } from '../../../kernel/errno.ts';
import { readText } from '../procps/processes.ts';
import { readMounts } from './mount-table.ts';
import { formatTable, type TableColumn } from './table.ts';
import { tool } from './tool.ts';

export const lscpu = tool(
  {
    name: 'lscpu',
    usage: ['[options]'],
    about: 'Display information about the CPU architecture.',
    options: [],
    missing: [
      { key: 'extended', short: 'e', long: 'extended', argument: 'optional' },
      { key: 'parse', short: 'p', long: 'parse', argument: 'optional' },
      { key: 'json', short: 'J', long: 'json' },
      { key: 'caches', short: 'C', long: 'caches', argument: 'optional' },
    ],
  },
  function* (main) {
    const text = (yield* readText(main.process, '/proc/cpuinfo')) ?? '';
    const field = (name: string): string =>
      new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';
    const count = text.match(/^processor/gm)?.length ?? 1;
    const list = count > 1 ? `0-${count - 1}` : '0';
    const rows: readonly (readonly [string, string])[] = [
      ['Architecture', 'x86_64'],
      ['  CPU op-mode(s)', '32-bit, 64-bit'],
      ['  Address sizes', field('address sizes')],
      ['  Byte Order', 'Little Endian'],
      ['CPU(s)', String(count)],
      ['  On-line CPU(s) list', list],
      ['Vendor ID', field('vendor_id')],
      ['  Model name', field('model name')],
      ['    CPU family', field('cpu family')],
      ['    Model', field('model')],
      ['    Thread(s) per core', '1'],
      ['    Core(s) per socket', String(count)],
      ['    Socket(s)', '1'],
      ['    Stepping', field('stepping')],
      ['    BogoMIPS', field('bogomips')],
      ['    Flags', field('flags')],
      ['Virtualization features', ''],
      ['  Hypervisor vendor', 'KVM'],
      ['  Virtualization type', 'full'],
      ['NUMA', ''],
      ['  NUMA node(s)', '1'],
      ['  NUMA node0 CPU(s)', list],
    ];
    const plain = !main.process.isTerminal(1);
    for (const [name, value] of rows) {
      if (value === '' && plain) continue;
      yield* main.out.print(
        `${`${plain ? name.trim() : name}:`.padEnd(41)}${value}\n`.replace(/: +\n$/, ':\n'),
      );
    }
    return 0;
  },
);

function human(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)}${units[unit] ?? ''}`;
}

export const lsblk = tool(
  {
    name: 'lsblk',
    usage: ['[options] [<device> ...]'],
    about: 'List information about block devices.',
    options: [
      { key: 'noheadings', short: 'n', long: 'noheadings' },
      { key: 'json', short: 'J', long: 'json' },
      { key: 'all', short: 'a', long: 'all' },
    ],
    missing: [
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'fs', short: 'f', long: 'fs' },
    ],
  },
  function* (main) {
    const columns: TableColumn[] = [
      { name: 'NAME' },
      { name: 'MAJ:MIN', hint: 6 },
      { name: 'RM', align: 'right' },
      { name: 'SIZE', align: 'right', hint: 5 },
      { name: 'RO', align: 'right' },
      { name: 'TYPE', hint: 4 },
      { name: 'MOUNTPOINTS' },
    ];
    const names = main.process.readdir('/sys/block');
    const mounts = yield* readMounts(main.process);
    const rows = [];
    for (const { name } of isErrno(names) ? [] : names) {
      const attribute = `/sys/block/${name}`;
      const device = ((yield* readText(main.process, `${attribute}/dev`)) ?? '').trim();
      const sectors = Number((yield* readText(main.process, `${attribute}/size`)) ?? 0);
      const at = isErrno(mounts) ? undefined : mounts.find((entry) => entry.device === device);
      const part = (at?.source ?? '').replace('/dev/', '');
      const cells = (label: string, type: string, place: string, minor = device): string[] => [
        label,
        minor,
        '0',
        human(sectors * 512),
        '0',
        type,
        place,
      ];
      const whole = `${device.split(':')[0] ?? '254'}:0`;
      if (part !== '' && part !== name)
        rows.push({
          cells: cells(name, 'disk', '', whole),
          children: [{ cells: cells(part, 'part', at?.target ?? '') }],
        });
      else rows.push({ cells: cells(name, 'disk', at?.target ?? '') });
    }
    const form = main.options.has('json') ? 'json' : 'table';
    yield* main.out.print(
      formatTable(
        columns,
        rows,
        { headings: !main.options.has('noheadings'), form, name: 'blockdevices' },
        0,
      ),
    );
    return 0;
  },
);
