// df: how full the mounted file systems are.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';
import { dfTable, fieldsOf, type MountLine } from './df-table.ts';
import { type Command, gnu } from './gnu.ts';

export const df = gnu(
  {
    name: 'df',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'all', short: 'a', long: 'all' },
      { key: 'block', short: 'B', long: 'block-size', argument: 'required' },
      { key: 'human', short: 'h', long: 'human-readable' },
      { key: 'si', short: 'H', long: 'si' },
      { key: 'inodes', short: 'i', long: 'inodes' },
      { key: 'k', short: 'k' },
      { key: 'm', short: 'm' },
      { key: 'local', short: 'l', long: 'local' },
      { key: 'posix', short: 'P', long: 'portability' },
      { key: 'type', short: 't', long: 'type', argument: 'required' },
      { key: 'types', short: 'T', long: 'print-type' },
      { key: 'exclude', short: 'x', long: 'exclude-type', argument: 'required' },
      { key: 'output', long: 'output', argument: 'optional' },
      { key: 'total', long: 'total' },
    ],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    const fields = fieldsOf(command);
    if (typeof fields === 'string') return yield* command.usage(fields);
    const mounts = yield* readMounts(command);
    const wanted: { line: MountLine; path: string }[] = [];
    let status = 0;
    for (const path of operands) {
      const found = process.statfs(path);
      const real = process.realpath(path);
      if (isErrno(found) || isErrno(real)) {
        const error = isErrno(found) ? found : (real as Errno);
        yield* command.fail(`${path}: ${error.message}`);
        status = 1;
        continue;
      }
      const line = mounts.findLast(
        (m) => real === m.target || m.target === '/' || real.startsWith(`${m.target}/`),
      );
      const best =
        mounts
          .filter(
            (m) => real === m.target || real.startsWith(m.target === '/' ? '/' : `${m.target}/`),
          )
          .sort((a, b) => a.target.length - b.target.length)
          .at(-1) ?? line;
      if (best) wanted.push({ line: best, path });
    }
    if (operands.length === 0) {
      for (const line of mounts) {
        const found = process.statfs(line.target);
        const empty = isErrno(found) || found.use.total === 0;
        const kept = options.has('all') || (!empty && !HIDDEN.has(line.type));
        if (kept) wanted.push({ line, path: line.target });
      }
    }
    const [only, not] = [options.values('type'), options.values('exclude')];
    const rows = wanted.filter(
      ({ line }) => (only.length === 0 || only.includes(line.type)) && !not.includes(line.type),
    );
    if (rows.length === 0 && status === 0) {
      yield* command.fail('no file systems processed');
      return 1;
    }
    if (rows.length) yield* out.print(dfTable(command, fields, rows));
    return status;
  },
);

const HIDDEN = new Set([
  'proc',
  'sysfs',
  'cgroup2',
  'devpts',
  'mqueue',
  'nsfs',
  'securityfs',
  'debugfs',
  'tracefs',
  'bpf',
  'pstore',
]);

function* readMounts({ process }: Command): Routine<MountLine[]> {
  const bytes = yield* readFile(process, '/proc/self/mounts');
  const plain = (text: string): string =>
    text.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
  if (isErrno(bytes)) return [{ source: '/dev/vda1', target: '/', type: 'ext4' }];
  return decode(bytes)
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [source = '', target = '', type = ''] = line.split(' ');
      return { source: plain(source), target: plain(target), type };
    });
}
