// sysctl of procps 4.0.2: reads and writes the files below /proc/sys.

import { decode, encode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_WRONLY, O_TRUNC } from '../../../kernel/files/open-file.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { readFile } from '../../libc/whole-file.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import { VERSION } from './version.ts';

/** `net.ipv4.ip_forward` or `net/ipv4/ip_forward` as a path. */
function settingPath(name: string): string {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  const path =
    slash >= 0 && (dot < 0 || slash < dot)
      ? name
      : name.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
  return `/proc/sys/${path}`;
}

function* showSetting(main: Tool, name: string): ProgramRun {
  const { process, options } = main;
  const path = settingPath(name);
  const stat = process.stat(path);
  if (isErrno(stat)) {
    if (options.has('ignore')) return 0;
    return yield* main.stop(`cannot stat ${path}: ${stat.message}`);
  }
  if ((stat.mode & S_IFMT) === S_IFDIR) return yield* showBelow(main, path);
  const bytes = yield* readFile(process, path);
  const key = path.slice('/proc/sys/'.length).replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
  if (isErrno(bytes)) {
    if (options.has('all')) return 0;
    return yield* main.stop(
      bytes.name === 'EACCES'
        ? `permission denied on key '${key}'`
        : `reading key "${key}": ${bytes.message}`,
    );
  }
  for (const line of decode(bytes).replace(/\n$/, '').split('\n')) {
    if (options.has('names')) yield* main.out.print(`${key}\n`);
    else if (options.has('values')) yield* main.out.print(`${line}\n`);
    else yield* main.out.print(`${key} = ${line}\n`);
  }
  return 0;
}

function* showBelow(main: Tool, directory: string): ProgramRun {
  const items = main.process.readdir(directory);
  if (isErrno(items)) return 1;
  const names = items.map(({ name }) => name).sort();
  for (const name of names) {
    const path = `${directory}/${name}`;
    const stat = main.process.stat(path);
    if (isErrno(stat) || !(stat.mode & 0o444)) continue;
    yield* showSetting(main, path.slice('/proc/sys/'.length));
  }
  return 0;
}

function* writeSetting(main: Tool, assignment: string): ProgramRun {
  const { process, options } = main;
  const equals = assignment.indexOf('=');
  if (equals < 0) return yield* main.stop(`"${assignment}" must be of the form name=value`);
  const name = assignment.slice(0, equals).trim();
  const value = assignment.slice(equals + 1).trim();
  const path = settingPath(name);
  const key = path.slice('/proc/sys/'.length).replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
  if (!process.exists(path)) {
    return options.has('ignore')
      ? 0
      : yield* main.stop(`cannot stat ${path}: No such file or directory`);
  }
  const fd = process.open(path, O_WRONLY | O_TRUNC);
  const done = isErrno(fd) ? fd : yield* process.write(fd, encode(`${value}\n`));
  if (!isErrno(fd)) process.close(fd);
  if (isErrno(done)) {
    if (done.name === 'EACCES' || done.name === 'EPERM')
      return yield* main.stop(`permission denied on key "${key}"`);
    return yield* main.stop(`setting key "${key}": ${done.message}`);
  }
  if (!options.has('quiet'))
    yield* main.out.print(options.has('values') ? `${value}\n` : `${key} = ${value}\n`);
  return 0;
}

function* loadFile(main: Tool, path: string): ProgramRun {
  const bytes = yield* readFile(main.process, path);
  if (isErrno(bytes)) return yield* main.stop(`cannot open "${path}": ${bytes.message}`);
  let status = 0;
  for (const line of decode(bytes).split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    status = (yield* writeSetting(main, line.trim().replace(/^-/, ''))) || status;
  }
  return status;
}

export const sysctl = tool(
  {
    name: 'sysctl',
    usage: ['[options] [variable[=value] ...]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'all', short: 'aAX', long: 'all' },
      { key: 'ignore', short: 'e', long: 'ignore' },
      { key: 'names', short: 'N', long: 'names' },
      { key: 'values', short: 'n', long: 'values' },
      { key: 'load', short: 'pf', long: 'load', argument: 'optional' },
      { key: 'quiet', short: 'q', long: 'quiet' },
      { key: 'write', short: 'w', long: 'write' },
      { key: 'system', long: 'system' },
      { key: 'binary', short: 'b', long: 'binary' },
    ],
    missing: [{ key: 'pattern', short: 'r', long: 'pattern', argument: 'required' }],
  },
  function* (main) {
    const { options, operands } = main;
    if (options.has('all')) return yield* showBelow(main, '/proc/sys');
    if (options.has('load')) {
      const files = [options.value('load'), ...operands].filter((path) => path);
      let status = 0;
      for (const path of files.length > 0 ? files : ['/etc/sysctl.conf'])
        status = (yield* loadFile(main, path ?? '')) || status;
      return status;
    }
    if (options.has('system')) {
      yield* main.out.print('* Applying /etc/sysctl.conf ...\n');
      return main.process.exists('/etc/sysctl.conf')
        ? yield* loadFile(main, '/etc/sysctl.conf')
        : 0;
    }
    if (operands.length === 0) return yield* main.badUsage('no variables specified');
    let status = 0;
    for (const word of operands) {
      const writes = options.has('write') || word.includes('=');
      status = (yield* writes ? writeSetting(main, word) : showSetting(main, word)) || status;
    }
    return status;
  },
);
