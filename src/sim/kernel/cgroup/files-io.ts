// io.*, pids.* and the small controllers (hugetlb, rdma, misc), whose limits are kept and whose use is nothing.

import { EINVAL, ENODEV, ERANGE, type Errno, isErrno } from '../errno.ts';
import type { Cgroup } from './cgroup.ts';
import type { CgroupContext, CgroupFile } from './cgroupfs.ts';
import { pressureFile } from './files-cpu.ts';
import { IO_LIMITS, type IoControl, type IoLimit } from './io.ts';
import { parseCount, parseWhole, showLimit } from './numbers.ts';
import type { PidsControl } from './pids.ts';

function ioOf(group: Cgroup): IoControl {
  if (!group.io) throw new Error('an io file of a group without the controller');
  return group.io;
}

function pidsOf(group: Cgroup): PidsControl {
  if (!group.pids) throw new Error('a pids file of a group without the controller');
  return group.pids;
}

const deviceName = (device: number): string => `${device >> 8}:${device & 255}`;

function showIoMax(group: Cgroup): string {
  return [...ioOf(group).limits]
    .map(([device, limits]) => {
      const parts = IO_LIMITS.map((name) => {
        const value = limits[name];
        return `${name}=${Number.isFinite(value) ? value : 'max'}`;
      });
      return `${deviceName(device)} ${parts.join(' ')}\n`;
    })
    .join('');
}

/** `MAJ:MIN rbps=N wiops=max …`: ENODEV for a device that is no disk here, ERANGE for 0. */
function setIoMax(group: Cgroup, text: string, { kernel }: CgroupContext): Errno | undefined {
  const [where = '', ...words] = text.trim().split(/\s+/);
  const match = /^(\d+):(\d+)$/.exec(where);
  if (!match) return EINVAL;
  const device = Number(match[1]) * 256 + Number(match[2]);
  if (!kernel.disks.has(device)) return ENODEV;
  const control = ioOf(group);
  const max = Number.POSITIVE_INFINITY;
  const limits = {
    ...(control.limits.get(device) ?? { rbps: max, wbps: max, riops: max, wiops: max }),
  };
  for (const word of words) {
    const [name = '', value = ''] = word.split('=');
    const known = IO_LIMITS.find((limit): limit is IoLimit => limit === name);
    if (!known) return EINVAL;
    if (value === 'max') limits[known] = max;
    else if (!/^\d+$/.test(value)) return EINVAL;
    else if (Number(value) === 0) return ERANGE;
    else limits[known] = Number(value);
  }
  if (IO_LIMITS.every((name) => limits[name] === max)) control.limits.delete(device);
  else control.limits.set(device, limits);
  return undefined;
}

function showIoStat(group: Cgroup): string {
  return [...(group.parent ? ioOf(group).counters : [])]
    .map(
      ([device, c]) =>
        `${deviceName(device)} rbytes=${c.rbytes} wbytes=${c.wbytes} rios=${c.rios} wios=${c.wios} dbytes=0 dios=0\n`,
    )
    .join('');
}

export const ioFiles: readonly CgroupFile[] = [
  {
    name: 'io.max',
    mode: 0o644,
    where: 'groups',
    controller: 'io',
    read: showIoMax,
    write: setIoMax,
  },
  { name: 'io.stat', mode: 0o444, where: 'all', controller: 'io', read: showIoStat },
  {
    name: 'io.weight',
    mode: 0o644,
    where: 'groups',
    controller: 'io',
    read: (group) => `default ${ioOf(group).weight}\n`,
    write: (group, text) => {
      const value = parseWhole(text.replace(/^default\s+/, ''), 1, 10_000);
      if (isErrno(value)) return value;
      ioOf(group).weight = value;
      return undefined;
    },
  },
  pressureFile('io.pressure'),
];

export const pidsFiles: readonly CgroupFile[] = [
  {
    name: 'pids.max',
    mode: 0o644,
    where: 'groups',
    controller: 'pids',
    read: (group) => showLimit(pidsOf(group).max),
    write: (group, text) => {
      const value = parseCount(text, EINVAL);
      if (isErrno(value)) return value;
      if (Number.isFinite(value) && value > 4_194_304) return EINVAL;
      pidsOf(group).max = value;
      return undefined;
    },
  },
  {
    name: 'pids.current',
    mode: 0o444,
    where: 'groups',
    controller: 'pids',
    read: (group) => `${pidsOf(group).current}\n`,
  },
  {
    name: 'pids.peak',
    mode: 0o444,
    where: 'groups',
    controller: 'pids',
    read: (group) => `${pidsOf(group).peak}\n`,
  },
  {
    name: 'pids.events',
    mode: 0o444,
    where: 'groups',
    controller: 'pids',
    read: (group) => `max ${pidsOf(group).failures}\n`,
  },
];

const HUGE_SIZES = ['2MB', '1GB'] as const;

export const miscFiles: readonly CgroupFile[] = [
  ...HUGE_SIZES.flatMap((size): CgroupFile[] => [
    {
      name: `hugetlb.${size}.current`,
      mode: 0o444,
      where: 'groups',
      controller: 'hugetlb',
      read: () => '0\n',
    },
    {
      name: `hugetlb.${size}.max`,
      mode: 0o444,
      where: 'groups',
      controller: 'hugetlb',
      read: () => 'max\n',
    },
    {
      name: `hugetlb.${size}.events`,
      mode: 0o444,
      where: 'groups',
      controller: 'hugetlb',
      read: () => 'max 0\n',
    },
    {
      name: `hugetlb.${size}.rsvd.current`,
      mode: 0o444,
      where: 'groups',
      controller: 'hugetlb',
      read: () => '0\n',
    },
    {
      name: `hugetlb.${size}.rsvd.max`,
      mode: 0o444,
      where: 'groups',
      controller: 'hugetlb',
      read: () => 'max\n',
    },
  ]),
  { name: 'rdma.current', mode: 0o444, where: 'groups', controller: 'rdma', read: () => '' },
  { name: 'rdma.max', mode: 0o444, where: 'groups', controller: 'rdma', read: () => '' },
  { name: 'misc.current', mode: 0o444, where: 'groups', controller: 'misc', read: () => '' },
  { name: 'misc.max', mode: 0o444, where: 'groups', controller: 'misc', read: () => '' },
  { name: 'misc.capacity', mode: 0o444, where: 'root', controller: 'misc', read: () => '' },
];
