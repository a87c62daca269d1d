// df's table: its fields, in the order of the options or of --output, their titles and their widths.

import { isErrno } from '../../../kernel/errno.ts';
import { quoteAlways } from '../../libc/quote.ts';
import { type Command, parseSize } from './gnu.ts';
import { humanSize } from './list-format.ts';

/** A line of /proc/self/mounts. */
export interface MountLine {
  readonly source: string;
  readonly target: string;
  readonly type: string;
}

/** A file system to be shown, and the operand that led to it. */
export interface DfRow {
  readonly line: MountLine;
  readonly path: string;
}

/** Numbers of one file system, or their sum. */
interface Numbers {
  readonly total: number;
  readonly used: number;
  readonly inodes: number;
  readonly files: number;
}

/** Inodes of a file system whose number is not limited here. */
const INODES = 2_621_440;

/** The fields of --output, by name; the title of `size` depends on the unit. */
const TITLES = {
  source: 'Filesystem',
  fstype: 'Type',
  itotal: 'Inodes',
  iused: 'IUsed',
  iavail: 'IFree',
  ipcent: 'IUse%',
  size: '',
  used: 'Used',
  avail: 'Avail',
  pcent: 'Use%',
  file: 'File',
  target: 'Mounted on',
} as const;

export type DfField = keyof typeof TITLES;

const ALL = Object.keys(TITLES) as DfField[];

/** The fields that are wanted; a text is why the options cannot be. */
export function fieldsOf({ options }: Command): DfField[] | string {
  if (options.has('output')) {
    for (const [key, flag] of [
      ['inodes', 'i'],
      ['posix', 'P'],
      ['types', 'T'],
    ] as const)
      if (options.has(key)) return `options -${flag} and --output are mutually exclusive`;
    const names = options.values('output').flatMap((list) => (list === '' ? ALL : list.split(',')));
    const unknown = names.find((name) => !ALL.some((field) => field === name));
    if (unknown !== undefined) return `option --output: field ${quoteAlways(unknown)} unknown`;
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      return `option --output: field ${quoteAlways(twice)} used more than once`;
    return names as DfField[];
  }
  const amounts: DfField[] = options.has('inodes')
    ? ['itotal', 'iused', 'iavail', 'ipcent']
    : ['size', 'used', 'avail', 'pcent'];
  return ['source', ...(options.has('types') ? (['fstype'] as const) : []), ...amounts, 'target'];
}

interface Unit {
  readonly title: string;
  text(bytes: number): string;
  count(files: number): string;
}

function unitOf({ options }: Command): Unit {
  const scale = options.last('human', 'si', 'm', 'k', 'block', 'posix');
  if (scale === 'human' || scale === 'si') {
    const base = scale === 'human' ? 1024 : 1000;
    const text = (bytes: number): string => humanSize(bytes, base);
    return { title: 'Size', text, count: text };
  }
  const block = options.value('block') ?? '1K';
  const size =
    scale === 'm'
      ? 1024 ** 2
      : scale === 'block'
        ? (parseSize(/^\d/.test(block) ? block : `1${block}`) ?? 1024)
        : 1024;
  const title =
    scale === 'm'
      ? '1M-blocks'
      : scale === 'block'
        ? `${block}-blocks`
        : options.has('posix')
          ? '1024-blocks'
          : '1K-blocks';
  return { title, text: (bytes) => String(Math.ceil(bytes / size)), count: String };
}

function percent(used: number, total: number): string {
  return total === 0 ? '-' : `${Math.ceil((used / total) * 100)}%`;
}

function cell(field: DfField, row: DfRow, numbers: Numbers, unit: Unit, given: boolean): string {
  const { total, used, inodes, files } = numbers;
  switch (field) {
    case 'source':
      return row.line.source;
    case 'fstype':
      return row.line.type;
    case 'itotal':
      return unit.count(inodes);
    case 'iused':
      return unit.count(files);
    case 'iavail':
      return unit.count(inodes - files);
    case 'ipcent':
      return percent(files, inodes);
    case 'size':
      return unit.text(total);
    case 'used':
      return unit.text(used);
    case 'avail':
      return unit.text(total - used);
    case 'pcent':
      return percent(used, total);
    case 'file':
      return given ? row.path : '-';
    case 'target':
      return row.line.target;
  }
}

function numbersOf({ process }: Command, target: string): Numbers {
  const found = process.statfs(target);
  const use = isErrno(found) ? { total: 0, used: 0, files: 0 } : found.use;
  const { total, used, files } = use;
  return { total, used, files: total === 0 ? 0 : files, inodes: total === 0 ? 0 : INODES };
}

function titleOf(field: DfField, unit: Unit, command: Command): string {
  const { options } = command;
  if (field === 'size') return unit.title;
  if (field === 'avail' && unit.title !== 'Size' && !options.has('output')) return 'Available';
  if (field === 'avail')
    return unit.title === 'Size' || options.has('output') ? 'Avail' : 'Available';
  if (field === 'pcent' && options.has('posix')) return 'Capacity';
  return TITLES[field];
}

const LEFT: readonly DfField[] = ['source', 'fstype', 'file', 'target'];

/** The smallest width of a field. */
function leastWidth(field: DfField): number {
  if (field === 'source') return 14;
  if (field === 'pcent' || field === 'ipcent' || field === 'fstype') return 4;
  return LEFT.includes(field) ? 0 : 5;
}

/** The table with its titles, and the line `total` where that is wanted. */
export function dfTable(
  command: Command,
  fields: readonly DfField[],
  rows: readonly DfRow[],
): string {
  const unit = unitOf(command);
  const given = command.operands.length > 0;
  const all = rows.map((row) => ({ row, numbers: numbersOf(command, row.line.target) }));
  if (command.options.has('total')) {
    const numbers = { total: 0, used: 0, inodes: 0, files: 0 };
    for (const { numbers: one } of all)
      for (const key of ['total', 'used', 'inodes', 'files'] as const) numbers[key] += one[key];
    const first = fields.includes('source');
    const line = { source: 'total', type: '-', target: first ? '-' : 'total' };
    all.push({ row: { line, path: '-' }, numbers });
  }
  const table = [
    fields.map((field) => titleOf(field, unit, command)),
    ...all.map(({ row, numbers }) =>
      fields.map((field) => cell(field, row, numbers, unit, given && row.path !== '-')),
    ),
  ];
  const widths = fields.map((field, i) =>
    Math.max(leastWidth(field), ...table.map((cells) => cells[i]?.length ?? 0)),
  );
  return table
    .map((cells) => {
      const parts = cells.map((text, i) => {
        const field = fields[i] ?? 'target';
        if (!LEFT.includes(field)) return text.padStart(widths[i] ?? 0);
        return i === cells.length - 1 ? text : text.padEnd(widths[i] ?? 0);
      });
      return `${parts.join(' ')}\n`;
    })
    .join('');
}
