// systemctl status and show: what PID 1 knows of a unit, its control group's processes, the end of its journal.

import { epochMilliseconds } from '../../../core/time.ts';
import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { baseName, dirName, readFile } from '../../libc/whole-file.ts';
import { readJournal } from '../../systemd/journal.ts';
import { enabledState, loadUnit, unitName } from '../../systemd/load.ts';
import { askManager, type UnitStatus } from '../../systemd/protocol.ts';
import { exitText } from '../../systemd/transitions.ts';
import { valuesOf } from '../../systemd/unit-file.ts';
import { noManager, type Systemctl, warnChanged } from './systemctl.ts';
import { ago, shortTime, timespan, timestamp } from './times.ts';

const DOTS: Readonly<Record<string, string>> = { inactive: '○', failed: '×' };

function* textOf(process: Process, path: string): Routine<string> {
  const bytes = yield* readFile(process, path);
  return isErrno(bytes) ? '' : decode(bytes).trim();
}

function bytesText(bytes: number): string {
  for (const [unit, size] of [
    ['G', 1024 ** 3],
    ['M', 1024 ** 2],
    ['K', 1024],
  ] as const)
    if (bytes >= size) return `${(bytes / size).toFixed(1)}${unit}`;
  return `${bytes}B`;
}

function activeLine(unit: UnitStatus, now: number): string {
  const result = unit.active === 'failed' ? ` (Result: ${unit.result})` : ` (${unit.sub})`;
  const again = unit.sub === 'auto-restart' ? ` (Result: ${unit.result})` : '';
  const since =
    unit.since === undefined ? '' : ` since ${timestamp(unit.since)}; ${ago(unit.since, now)}`;
  return `     Active: ${unit.active}${result}${again}${since}\n`;
}

function* loadedLine(process: Process, unit: UnitStatus): Routine<string> {
  if (unit.load === 'masked') return `     Loaded: masked (Reason: Unit ${unit.name} is masked.)\n`;
  const state = yield* enabledState(process, unit.name);
  const preset = state === 'enabled' || state === 'disabled' ? '; preset: enabled' : '';
  return `     Loaded: loaded (${unit.path}; ${state}${preset})\n`;
}

function dropInLines({ dropIns }: UnitStatus): string {
  const byDirectory = Map.groupBy(dropIns, dirName);
  const lines = [...byDirectory].flatMap(([directory, files], i) => [
    `${i === 0 ? '    Drop-In: ' : '             '}${directory}\n`,
    `             └─${files.map(baseName).join(', ')}\n`,
  ]);
  return lines.join('');
}

function* groupLines(process: Process, unit: UnitStatus): Routine<string> {
  const directory = `/sys/fs/cgroup${unit.cgroup}`;
  const pids = (yield* textOf(process, `${directory}/cgroup.procs`)).split('\n').filter(Boolean);
  const rows: string[] = [];
  for (const [i, pid] of pids.entries()) {
    const line = (yield* textOf(process, `/proc/${pid}/cmdline`)).split('\0').join(' ').trim();
    rows.push(`             ${i === pids.length - 1 ? '└─' : '├─'}${pid} ${line}\n`);
  }
  return `     CGroup: ${unit.cgroup}\n${rows.join('')}`;
}

function* useLines(process: Process, unit: UnitStatus): Routine<string> {
  const directory = `/sys/fs/cgroup${unit.cgroup}`;
  const tasks = yield* textOf(process, `${directory}/pids.current`);
  const memory = yield* textOf(process, `${directory}/memory.current`);
  const cpu = /usage_usec (\d+)/.exec(yield* textOf(process, `${directory}/cpu.stat`));
  return [
    tasks === '' ? '' : `      Tasks: ${tasks}\n`,
    memory === '' ? '' : `     Memory: ${bytesText(Number(memory))}\n`,
    cpu ? `        CPU: ${timespan(Number(cpu[1]) / 1000)}\n` : '',
  ].join('');
}

/** The unit in systemctl's long form. */
function* describe(process: Process, unit: UnitStatus): Routine<string> {
  const { exit, execPid, mainPid } = unit;
  const parts = [
    `${DOTS[unit.active] ?? '●'} ${unit.name}${unit.description === unit.name ? '' : ` - ${unit.description}`}\n`,
    yield* loadedLine(process, unit),
    dropInLines(unit),
    activeLine(unit, process.now),
    ...unit.documentation.map(
      (link, i) => `${i === 0 ? '       Docs: ' : '             '}${link}\n`,
    ),
  ];
  if (exit) {
    const file = yield* loadUnit(process, unit.name);
    const line = valuesOf(file.sections, 'Service', 'ExecStart').at(-1) ?? unit.execLine;
    const how = `(code=${exit.code}, ${exit.code === 'exited' ? 'status' : 'signal'}=${exit.code === 'exited' ? exitText(exit) : exitText(exit).replace(/^\d+\//, '')})`;
    parts.push(
      `    Process: ${execPid} ExecStart=${line} ${how}\n`,
      `   Main PID: ${execPid} ${how}\n`,
    );
  } else if (mainPid > 0) {
    const name = yield* textOf(process, `/proc/${mainPid}/comm`);
    parts.push(`   Main PID: ${mainPid} (${name})\n`);
  }
  if (mainPid > 0) {
    parts.push(yield* useLines(process, unit), yield* groupLines(process, unit));
  }
  return parts.join('');
}

function* statusOfOne(systemctl: Systemctl, name: string): Routine<number> {
  const { main, options } = systemctl;
  const answer = yield* askManager(main.process, { verb: 'show', unit: name });
  if (!answer) return yield* noManager(main);
  const [unit] = answer.units;
  if (!unit || unit.load === 'not-found') {
    main.err.put(`Unit ${name} could not be found.\n`);
    return 4;
  }
  if (unit.needsReload) warnChanged(main, name);
  main.out.put(yield* describe(main.process, unit));
  const count = Number(options.value('lines') ?? '10');
  const entries = (yield* readJournal(main.process)).filter((entry) => entry.unit === name);
  const last = entries.slice(Math.max(0, entries.length - count));
  if (count > 0 && last.length > 0) main.out.put('\n');
  for (const { at, who, pid, message } of count > 0 ? last : [])
    main.out.put(`${shortTime(at)} ${main.process.hostname} ${who}[${pid}]: ${message}\n`);
  return unit.active === 'active' ? 0 : 3;
}

export function* showStatus(systemctl: Systemctl): Routine<number> {
  const { main, words } = systemctl;
  if (words.length === 0) return yield* systemStatus(systemctl);
  let status = 0;
  for (const [i, word] of words.entries()) {
    if (i > 0) main.out.put('\n');
    status = Math.max(status, yield* statusOfOne(systemctl, unitName(word)));
  }
  yield* main.out.flush();
  return status;
}

/** systemctl status without a unit: the system as a whole, without its tree of control groups. */
function* systemStatus({ main }: Systemctl): Routine<number> {
  const answer = yield* askManager(main.process, { verb: 'list', unit: '' });
  if (!answer) return yield* noManager(main);
  const failed = answer.units.filter(({ active }) => active === 'failed').length;
  const start = epochMilliseconds(0);
  main.out.put(
    `● ${main.process.hostname}\n    State: ${failed > 0 ? 'degraded' : 'running'}\n    Units: ${answer.units.length} loaded (incl. loaded aliases)\n     Jobs: 0 queued\n   Failed: ${failed} units\n    Since: ${timestamp(start)}; ${ago(start, main.process.now)}\n`,
  );
  return 0;
}

/** Properties by their D-Bus names. */
function* propertiesOf(process: Process, unit: UnitStatus): Routine<[string, string][]> {
  const since = unit.since === undefined ? '' : timestamp(unit.since);
  return [
    ['MainPID', String(unit.mainPid)],
    ['ControlGroup', unit.mainPid > 0 ? unit.cgroup : ''],
    ['NRestarts', String(unit.restarts)],
    ['Result', unit.result],
    ['ExecMainPID', String(unit.execPid)],
    ['ExecMainStatus', String(unit.exit?.status ?? 0)],
    ['Id', unit.name],
    ['Names', unit.name],
    ['Description', unit.description],
    ['LoadState', unit.load],
    ['ActiveState', unit.active],
    ['SubState', unit.sub],
    ['FragmentPath', unit.path],
    ['DropInPaths', unit.dropIns.join(' ')],
    ['UnitFileState', unit.load === 'not-found' ? '' : yield* enabledState(process, unit.name)],
    ['ActiveEnterTimestamp', unit.active === 'active' ? since : ''],
    ['InactiveEnterTimestamp', unit.active === 'inactive' ? since : ''],
    ['NeedDaemonReload', unit.needsReload ? 'yes' : 'no'],
  ];
}

export function* showProperties({ main, options, words }: Systemctl): Routine<number> {
  const wanted = options.values('property').flatMap((list) => list.split(','));
  for (const [i, word] of words.entries()) {
    const answer = yield* askManager(main.process, { verb: 'show', unit: unitName(word) });
    const [unit] = answer?.units ?? [];
    if (!unit) return yield* noManager(main);
    if (i > 0) main.out.put('\n');
    const all = yield* propertiesOf(main.process, unit);
    for (const [name, value] of all) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      main.out.put(options.has('value') ? `${value}\n` : `${name}=${value}\n`);
    }
  }
  return 0;
}
