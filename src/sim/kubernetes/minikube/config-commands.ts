// minikube config: settings that are kept in ~/.minikube/config/config.json.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { type Call, type Command, flag } from './command.ts';
import { loadSettings, saveSettings } from './profile.ts';
import { exitWith } from './reasons.ts';
import { SUPPORTED_DRIVERS } from './versions.ts';

type Kind = 'string' | 'int' | 'bool';

interface Setting {
  readonly kind: Kind;
  /** What is wrong with a value; undefined where nothing is. */
  readonly fault?: (value: string) => string | undefined;
  /** Takes effect at the next start of a new cluster only. */
  readonly restarts?: boolean;
}

function driverFault(value: string): string | undefined {
  return SUPPORTED_DRIVERS.includes(value) ? undefined : `driver "${value}" is not supported`;
}

function runtimeFault(value: string): string | undefined {
  const known = ['docker', 'cri-o', 'containerd'];
  return known.includes(value) ? undefined : `invalid runtime: unknown runtime type: "${value}"`;
}

function cpusFault(value: string): string | undefined {
  if (value === 'max' || value === 'no-limit') return undefined;
  if (!/^-?\d+$/.test(value)) return `cpus:strconv.Atoi: parsing "${value}": invalid syntax`;
  return Number(value) > 0 ? undefined : `${'cpus'} must be > 0`;
}

function sizeFault(what: string): (value: string) => string | undefined {
  return (value) =>
    value === 'max' || value === 'no-limit' || /^\d+(\.\d+)?\s*[kmgt]?i?b?$/i.test(value)
      ? undefined
      : `invalid ${what} size: invalid size: '${value}'`;
}

const STRING: Setting = { kind: 'string' };
const BOOL: Setting = { kind: 'bool' };
const INT: Setting = { kind: 'int' };

const SETTINGS: Readonly<Record<string, Setting>> = {
  driver: { kind: 'string', fault: driverFault, restarts: true },
  'vm-driver': { kind: 'string', fault: driverFault, restarts: true },
  'container-runtime': { kind: 'string', fault: runtimeFault, restarts: true },
  'feature-gates': { kind: 'string', restarts: true },
  v: INT,
  cpus: { kind: 'string', fault: cpusFault, restarts: true },
  'disk-size': { kind: 'string', fault: sizeFault('disk'), restarts: true },
  'host-only-cidr': STRING,
  memory: { kind: 'string', fault: sizeFault('memory'), restarts: true },
  log_dir: STRING,
  'kubernetes-version': STRING,
  'iso-url': STRING,
  WantUpdateNotification: BOOL,
  WantBetaUpdateNotification: BOOL,
  ReminderWaitPeriodInHours: INT,
  WantNoneDriverWarning: BOOL,
  WantVirtualBoxDriverWarning: BOOL,
  profile: STRING,
  bootstrapper: STRING,
  'insecure-registry': STRING,
  'hyperv-virtual-switch': STRING,
  'disable-driver-mounts': BOOL,
  EmbedCerts: BOOL,
  'native-ssh': BOOL,
  rootless: BOOL,
  MaxAuditEntries: INT,
};

function typed(kind: Kind, value: string): string | number | boolean | undefined {
  if (kind === 'string') return value;
  if (kind === 'int') return /^-?\d+$/.test(value) ? Number(value) : undefined;
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(value) ? false : undefined;
}

function* set(call: Call): Routine<void> {
  const { args, out, main } = call;
  const [name = '', value = ''] = args;
  const usage = 'usage: minikube config set PROPERTY_NAME PROPERTY_VALUE';
  if (args.length !== 2) {
    const many = args.length < 2 ? 'not enough' : 'too many';
    yield* exitWith(out, 'MK_USAGE', `${many} arguments (${args.length}).\n${usage}`);
  }
  const setting = SETTINGS[name];
  if (!setting)
    return yield* exitWith(
      out,
      'MK_CONFIG_SET',
      `Set failed: find settings for "${name}" value of "${value}": property name "${name}" not found`,
      true,
    );
  const fault = setting.fault?.(value);
  if (fault !== undefined)
    yield* exitWith(
      out,
      'MK_CONFIG_SET',
      `Set failed: run validations for "${name}" with value of "${value}": [${fault}]`,
      true,
    );
  const stored = typed(setting.kind, value);
  if (stored === undefined) {
    const parser = setting.kind === 'int' ? 'Atoi' : 'ParseBool';
    return yield* exitWith(
      out,
      'MK_CONFIG_SET',
      `Set failed: set: strconv.${parser}: parsing "${value}": invalid syntax`,
      true,
    );
  }
  if (setting.restarts)
    yield* out.error(
      'Warning',
      'These changes will take effect upon a minikube delete and then a minikube start',
    );
  saveSettings(main.process, { ...(yield* loadSettings(main.process)), [name]: stored });
}

function* get(call: Call): Routine<number> {
  const { args, out, main } = call;
  const [name = ''] = args;
  const settings = yield* loadSettings(main.process);
  const value = settings[name];
  if (args.length === 1 && value !== undefined) {
    yield* out.plain(`${value}\n`);
    return 0;
  }
  if (args.length === 1) main.err.put('Error: specified key could not be found in config\n');
  yield* main.err.flush();
  return 14;
}

function* unset(call: Call): Routine<void> {
  const { args, out, main } = call;
  if (args.length !== 1)
    yield* exitWith(out, 'MK_USAGE', 'usage: minikube config unset PROPERTY_NAME');
  const { [args[0] ?? '']: _gone, ...rest } = yield* loadSettings(main.process);
  saveSettings(main.process, rest);
}

function* view(call: Call): Routine<void> {
  const settings = yield* loadSettings(call.main.process);
  for (const [name, value] of Object.entries(settings))
    yield* call.out.plain(`- ${name}: ${value}\n`);
}

/** Values that a property may have. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = { driver: SUPPORTED_DRIVERS };

function* defaults(call: Call): Routine<number | void> {
  const { args, out, main } = call;
  const [name = ''] = args;
  if (args.length !== 1)
    yield* exitWith(
      out,
      'MK_USAGE',
      `${args.length === 0 ? 'not enough arguments' : 'too many arguments'} (${args.length}).\nusage: minikube config defaults PROPERTY_NAME`,
    );
  const values = DEFAULTS[name];
  if (!values && SETTINGS[name] && name === 'kubernetes-version')
    return yield* notSimulated(main, `minikube config defaults ${name}`);
  if (!values)
    return yield* exitWith(
      out,
      'MK_USAGE',
      `error getting defaults: property name "${name}" not found`,
    );
  for (const value of values) yield* out.step('Empty', value);
}

export const CONFIG_COMMANDS: readonly Command[] = [
  { path: 'config set', flags: [], run: set },
  { path: 'config get', flags: [], run: get },
  { path: 'config unset', flags: [], run: unset },
  { path: 'config defaults', flags: [], run: defaults },
  { path: 'config view', flags: [flag('format', 'string', '')], idle: ['format'], run: view },
];
