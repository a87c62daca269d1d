// lxc-ls, lxc-info and lxc-attach.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { formatIp } from '../../kernel/network/address.ts';
import { decodeStatus } from '../../userland/libc/spawn.ts';
import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { execInContainer } from '../runc/exec.ts';
import { readLine, type ContainerState } from '../runc/state.ts';
import { isRuncFailure } from '../runc/validate.ts';
import {
  configurationOf,
  definedNames,
  logged,
  nameOf,
  readWords,
  runningState,
  specOf,
  valueOf,
} from './container.ts';

/** IPv4 addresses of a container's links, loopback left out. */
function addressesOf(p: Process, state: ContainerState): string[] {
  const init = p.task.pidNamespace.tasks.get(state.init_process_pid);
  const links = init ? [...init.namespaces.net.links.values()] : [];
  return links
    .filter(({ name }) => name !== 'lo')
    .flatMap(({ addresses }) => addresses.map(({ address }) => formatIp(address)))
    .filter((text) => !text.includes(':'));
}

/** Columns as wide as their longest entry. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  return rows
    .map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' ')} \n`)
    .join('');
}

export const lxcLs = program('lxc-ls', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    {},
    {
      '-f': 'fancy',
      '--fancy': 'fancy',
      '-1': 'line',
      '--line': 'line',
      '--running': 'running',
      '--active': 'running',
      '--stopped': 'stopped',
      '--defined': 'defined',
    },
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-ls ${words.unknown}`);
  const rows: string[][] = [];
  for (const name of definedNames(p)) {
    const state = yield* runningState(p, name);
    if (words.options.has('running') && !state) continue;
    if (words.options.has('stopped') && state) continue;
    const configuration = yield* configurationOf(p, name);
    const auto = (configuration && valueOf(configuration, 'lxc.start.auto')) ?? '0';
    const groups = (configuration && valueOf(configuration, 'lxc.group')) ?? '-';
    const addresses = state ? addressesOf(p, state).join(', ') : '';
    rows.push([
      name,
      state ? 'RUNNING' : 'STOPPED',
      auto,
      groups,
      addresses === '' ? '-' : addresses,
      '-',
      'false',
    ]);
  }
  if (rows.length === 0) return 0;
  if (words.options.has('fancy'))
    main.out.put(
      table([['NAME', 'STATE', 'AUTOSTART', 'GROUPS', 'IPV4', 'IPV6', 'UNPRIVILEGED'], ...rows]),
    );
  else if (words.options.has('line') || !p.isTerminal(1))
    main.out.put(rows.map(([name]) => `${name}\n`).join(''));
  else main.out.put(`${rows.map(([name]) => name).join(' ')} \n`);
  return 0;
});

function memoryText(bytes: number): string {
  if (bytes >= 1 << 20) return `${(bytes / (1 << 20)).toFixed(2)} MiB`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(2)} KiB` : `${bytes} bytes`;
}

export const lxcInfo = program('lxc-info', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    { '-n': 'name', '--name': 'name' },
    {
      '-s': 'state',
      '--state': 'state',
      '-p': 'pid',
      '--pid': 'pid',
      '-i': 'ips',
      '--ips': 'ips',
      '-H': 'raw',
      '--no-humanize': 'raw',
    },
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-info ${words.unknown}`);
  const [name] = nameOf(words);
  if (name === undefined) {
    main.err.put('lxc-info: No container name specified\n');
    return 1;
  }
  if (!(yield* configurationOf(p, name))) {
    main.err.put(`${name} doesn't exist\n`);
    return 1;
  }
  const state = yield* runningState(p, name);
  const { options } = words;
  const all = !['state', 'pid', 'ips'].some((key) => options.has(key));
  const line = (key: string, value: string): void =>
    main.out.put(options.has('raw') ? `${value}\n` : `${`${key}:`.padEnd(15)} ${value}\n`);
  if (all) line('Name', name);
  if (all || options.has('state')) line('State', state ? 'RUNNING' : 'STOPPED');
  if (!state) return 0;
  if (all || options.has('pid')) line('PID', String(state.init_process_pid));
  if (all || options.has('ips')) for (const address of addressesOf(p, state)) line('IP', address);
  if (all) {
    const memory = Number(yield* readLine(p, `${state.cgroup}/memory.current`));
    line('Memory use', memoryText(memory));
  }
  return 0;
});

export const lxcAttach = program('lxc-attach', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    { '-n': 'name', '--name': 'name' },
    { '--clear-env': 'clear' },
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-attach ${words.unknown}`);
  const [name, command] = nameOf(words);
  if (name === undefined) {
    main.err.put('lxc-attach: No container name specified\n');
    return 1;
  }
  const configuration = yield* configurationOf(p, name);
  const state = yield* runningState(p, name);
  if (!state || !configuration) {
    yield* logged(
      main,
      name,
      'attach.c: get_attach_context: 406',
      'Connection refused - Failed to get init pid',
    );
    yield* logged(
      main,
      name,
      'attach.c: lxc_attach: 1470',
      'Connection refused - Failed to get attach context',
    );
    return 1;
  }
  const spec = specOf(configuration, name).process;
  const kept = words.options.has('clear')
    ? []
    : [...p.environment].map(([key, value]) => `${key}=${value}`);
  const wanted = command[0] === '--' ? command.slice(1) : command;
  const args = wanted.length > 0 ? wanted : ['/bin/sh'];
  const task = yield* execInContainer(
    p,
    state,
    {
      ...spec,
      args,
      cwd: '/',
      user: { uid: 0, gid: 0 },
      terminal: false,
      env: [...kept, ...(spec?.env ?? [])],
    },
    () => undefined,
  );
  if (isRuncFailure(task)) {
    yield* logged(
      main,
      name,
      'attach.c: lxc_attach_run_command: 1841',
      `No such file or directory - Failed to exec "${args[0]}"`,
    );
    return 127;
  }
  return yield* ended(p, task.pidIn(p.task.pidNamespace));
});

function* ended(p: Process, pid: number): Routine<number> {
  for (;;) {
    const result = yield* p.wait(pid);
    if (isErrno(result)) {
      if (result.name === 'EINTR') continue;
      return 1;
    }
    if (!result) continue;
    const { code, signal } = decodeStatus(result.status);
    return signal > 0 ? 128 + signal : code;
  }
}
