// systemctl(1): jobs on units, what they are, and which start at boot. Asks PID 1 for what is running and reads unit files
// itself. Left out: remote hosts, user managers, snapshots, isolate, set-property, machine commands.

import type { Routine } from '../../../core/wait.ts';
import { signalNumber } from '../../../kernel/signals.ts';
import { isOptionError, type ParsedOptions, parseOptions } from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { unitName } from '../../systemd/load.ts';
import { askManager, type ManagerAnswer, type ManagerVerb } from '../../systemd/protocol.ts';
import { cat, disable, enable, isEnabled, mask, unmask } from './unit-files.ts';
import { listUnitFiles, listUnits } from './list.ts';
import { showProperties, showStatus } from './status.ts';

const OPTIONS = [
  { key: 'all', short: 'a', long: 'all' },
  { key: 'type', short: 't', long: 'type', argument: 'required' },
  { key: 'state', long: 'state', argument: 'required' },
  { key: 'property', short: 'p', long: 'property', argument: 'required' },
  { key: 'value', long: 'value' },
  { key: 'now', long: 'now' },
  { key: 'quiet', short: 'q', long: 'quiet' },
  { key: 'full', short: 'l', long: 'full' },
  { key: 'nopager', long: 'no-pager' },
  { key: 'nolegend', long: 'no-legend' },
  { key: 'plain', long: 'plain' },
  { key: 'noblock', long: 'no-block' },
  { key: 'lines', short: 'n', long: 'lines', argument: 'required' },
  { key: 'signal', short: 's', long: 'signal', argument: 'required' },
  { key: 'failed', long: 'failed' },
  { key: 'system', long: 'system' },
  { key: 'noaskpassword', long: 'no-ask-password' },
  { key: 'force', short: 'f', long: 'force' },
] as const;

/** What a systemctl command is run with. */
export interface Systemctl {
  readonly main: Main;
  readonly options: ParsedOptions;
  /** The words after the command's own. */
  readonly words: readonly string[];
}

type Verb = (systemctl: Systemctl) => Routine<number>;

/** Jobs, by the word that systemctl's messages have for them. */
const JOBS: Readonly<Record<string, string>> = {
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  'try-restart': 'restart',
  reload: 'reload',
  'reload-or-restart': 'reload-or-restart',
};

const VERBS: Readonly<Record<string, Verb>> = {
  ...Object.fromEntries(
    Object.keys(JOBS).map((verb) => [verb, (one: Systemctl) => runJobs(one, verb as ManagerVerb)]),
  ),
  kill,
  'reset-failed': resetFailed,
  'daemon-reload': daemonReload,
  'daemon-reexec': daemonReload,
  status: showStatus,
  show: showProperties,
  'is-active': (one) => check(one, ['active', 'reloading']),
  'is-failed': (one) => check(one, ['failed']),
  'is-enabled': isEnabled,
  'is-system-running': isSystemRunning,
  'list-units': listUnits,
  'list-unit-files': listUnitFiles,
  cat,
  enable,
  disable,
  mask,
  unmask,
};

/** Commands that need a unit named. */
const NEEDS_UNIT = new Set([
  ...Object.keys(JOBS),
  ...['kill', 'is-active', 'is-failed', 'is-enabled', 'cat', 'enable', 'disable', 'mask', 'unmask'],
]);

const KNOWN_ELSEWHERE = new Set([
  ...['edit', 'isolate', 'set-property', 'list-dependencies', 'list-timers', 'list-sockets'],
  ...['list-jobs', 'poweroff', 'reboot', 'halt', 'rescue', 'emergency', 'default', 'preset'],
  ...['get-default', 'set-default', 'revert', 'add-wants', 'help', 'freeze', 'thaw', 'clean'],
]);

/** Says that PID 1 is no systemd. */
export function* noManager(main: Main): Routine<number> {
  main.err.put(
    "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
  );
  yield* main.err.flush();
  return 1;
}

function refusal(verb: string, unit: string, answer: ManagerAnswer): [string, number] {
  const details = `See system logs and 'systemctl status ${unit}' for details.\n`;
  switch (answer.error) {
    case 'no-such-unit':
      return [`Failed to ${verb} ${unit}: Unit ${unit} not found.\n`, 5];
    case 'not-loaded':
      return [`Failed to ${verb} ${unit}: Unit ${unit} not loaded.\n`, 5];
    case 'masked':
      return [`Failed to ${verb} ${unit}: Unit ${unit} is masked.\n`, 1];
    case 'not-permitted':
      return [`Failed to ${verb} ${unit}: Access denied\n${details}`, 4];
    case 'not-applicable':
      return [
        `Failed to ${verb} ${unit}: Job type reload is not applicable for unit ${unit}.\n${details}`,
        1,
      ];
    default:
      return ['', 0];
  }
}

/** Runs a job on each unit; the worst status. */
export function* runJobs({ main, options, words }: Systemctl, verb: ManagerVerb): Routine<number> {
  let status = 0;
  for (const word of words) {
    const unit = unitName(word);
    const shown = yield* askManager(main.process, { verb: 'show', unit });
    if (!shown) return yield* noManager(main);
    if (shown.units[0]?.needsReload) warnChanged(main, unit);
    const noBlock = options.has('noblock');
    const answer = yield* askManager(main.process, { verb, unit, noBlock });
    if (!answer) return yield* noManager(main);
    const [text, code] = refusal(JOBS[verb] ?? verb, unit, answer);
    main.err.put(text);
    status ||= code;
    if (answer.job !== 'failed') continue;
    main.err.put(
      `Job for ${unit} failed because the control process exited with error code.\nSee "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.\n`,
    );
    status = 1;
  }
  yield* main.err.flush();
  return status;
}

/** Says that a unit's files have changed since they were loaded. */
export function warnChanged(main: Main, unit: string): void {
  main.err.put(
    `Warning: The unit file, source configuration file or drop-ins of ${unit} changed on disk. Run 'systemctl daemon-reload' to reload units.\n`,
  );
}

function* kill({ main, options, words }: Systemctl): Routine<number> {
  const signal = signalNumber((options.value('signal') ?? 'TERM').replace(/^SIG/, ''));
  if (signal === undefined) {
    main.err.put(`Failed to parse signal string ${options.value('signal') ?? ''}.\n`);
    return 1;
  }
  let status = 0;
  for (const word of words) {
    const unit = unitName(word);
    const answer = yield* askManager(main.process, { verb: 'kill', unit, signal });
    if (!answer) return yield* noManager(main);
    const [text] = refusal('kill unit', unit, answer);
    main.err.put(text);
    if (answer.error) status = 1;
  }
  return status;
}

function* resetFailed({ main, words }: Systemctl): Routine<number> {
  const listed = yield* askManager(main.process, { verb: 'list', unit: '' });
  if (!listed) return yield* noManager(main);
  const failed = listed.units.filter(({ active }) => active === 'failed').map(({ name }) => name);
  for (const unit of words.length > 0 ? words.map(unitName) : failed)
    yield* askManager(main.process, { verb: 'reset-failed', unit });
  return 0;
}

function* daemonReload({ main }: Systemctl): Routine<number> {
  const answer = yield* askManager(main.process, { verb: 'daemon-reload', unit: '' });
  if (!answer) return yield* noManager(main);
  if (answer.error === undefined) return 0;
  main.err.put('Failed to reload daemon: Access denied\n');
  return 1;
}

function* check({ main, options, words }: Systemctl, good: readonly string[]): Routine<number> {
  let found = false;
  for (const word of words) {
    const answer = yield* askManager(main.process, { verb: 'show', unit: unitName(word) });
    if (!answer) return yield* noManager(main);
    const state = answer.units[0]?.active ?? 'inactive';
    if (!options.has('quiet')) main.out.put(`${state}\n`);
    found ||= good.includes(state);
  }
  if (found) return 0;
  return good.includes('failed') ? 1 : 3;
}

function* isSystemRunning({ main }: Systemctl): Routine<number> {
  const answer = yield* askManager(main.process, { verb: 'list', unit: '' });
  if (!answer) {
    main.out.put('offline\n');
    return 1;
  }
  const degraded = answer.units.some(({ active }) => active === 'failed');
  main.out.put(degraded ? 'degraded\n' : 'running\n');
  return degraded ? 1 : 0;
}

export const systemctl = program('systemctl', function* (main) {
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options)) {
    yield* main.fail(options.error);
    return 1;
  }
  const [verb = 'list-units', ...words] = options.operands;
  const run = VERBS[verb];
  if (!run) {
    if (KNOWN_ELSEWHERE.has(verb)) return yield* notSimulated(main, `systemctl ${verb}`);
    main.err.put(`Unknown command verb ${verb}.\n`);
    return 1;
  }
  if (words.length === 0 && NEEDS_UNIT.has(verb)) {
    main.err.put('Too few arguments.\n');
    return 1;
  }
  return yield* run({ main, options, words });
});
