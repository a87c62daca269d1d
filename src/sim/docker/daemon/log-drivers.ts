// The log drivers of dockerd (daemon/logger): which options each takes, and what is said of a wrong one when a
// container is made and when it starts. json-file and local keep what is printed; the others' far ends are not here.

import { parseSize } from '../units.ts';
import { REMOTE_OPTIONS, wrongRemoteOption } from './remote-log-drivers.ts';
import type { HostConfig } from './types.ts';

type Options = Readonly<Record<string, string>>;

/** Options that every driver takes (logger.Info.ExtraAttributes, ParseLogTag). */
const COMMON = ['env', 'env-regex', 'labels', 'labels-regex', 'tag'];
/** Options of the ring buffer and of the cache, which no driver sees. */
const BUILT_IN = [
  'mode',
  'max-buffer-size',
  'cache-disabled',
  'cache-max-size',
  'cache-max-file',
  'cache-compress',
];
const FILE_OPTIONS = ['max-file', 'max-size', 'compress'];

/** The log drivers that dockerd has, without `none`, and the options of each. */
const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  awslogs: REMOTE_OPTIONS.awslogs,
  fluentd: REMOTE_OPTIONS.fluentd,
  gcplogs: REMOTE_OPTIONS.gcplogs,
  gelf: REMOTE_OPTIONS.gelf,
  journald: [],
  'json-file': FILE_OPTIONS,
  local: FILE_OPTIONS,
  splunk: REMOTE_OPTIONS.splunk,
  syslog: REMOTE_OPTIONS.syslog,
};

/** The names of the drivers, as info lists them. */
export const LOG_DRIVERS: readonly string[] = Object.keys(DRIVERS);

/** Of the common options awslogs takes the tag alone; gcplogs takes all but that. */
const commonOf = (name: string): readonly string[] =>
  name === 'awslogs' ? ['tag'] : COMMON.filter((option) => name !== 'gcplogs' || option !== 'tag');

/** ValidateLogOpts: what is wrong with a log configuration. */
export function checkLogging({ LogConfig: { Type, Config } }: HostConfig): string | undefined {
  if (Type === 'none') return undefined;
  const name = Type === '' ? 'json-file' : Type;
  const { mode = '', 'max-buffer-size': buffer } = Config;
  if (!/^(|blocking|non-blocking)$/.test(mode))
    return `logger: logging mode not supported: ${mode}`;
  if (buffer !== undefined && mode !== 'non-blocking')
    return "logger: max-buffer-size option is only supported with 'mode=non-blocking'";
  const size = parseSize(buffer ?? '1', 1024);
  if (typeof size === 'string') return `error parsing option max-buffer-size: ${size}`;
  if (!LOG_DRIVERS.includes(name))
    return `error looking up logging plugin ${name}: plugin ${JSON.stringify(name)} not found`;
  const known = [...commonOf(name), ...BUILT_IN, ...(DRIVERS[name] ?? [])];
  if (name === 'gelf' && !Config['gelf-address']) return wrongRemoteOption(name, Config);
  const wrong = Object.keys(Config)
    .sort()
    .find((option) => !known.includes(option));
  if (wrong === undefined) return wrongRemoteOption(name, Config);
  if (name === 'local') return `unknown log opt '${wrong}' for log driver local`;
  if (name === 'gelf') return `unknown log opt "${wrong}" for gelf log driver`;
  return name === 'gcplogs'
    ? `"${wrong}" is not a valid option for the gcplogs driver`
    : `unknown log opt '${wrong}' for ${name} log driver`;
}

/** Where what a container prints goes. */
export interface LogFiles {
  /** False where nothing is kept. */
  readonly keep: boolean;
  /** The file in the container's directory, of JSON lines. The local driver's (protobuf) is not written. */
  readonly name: string | undefined;
  readonly maxSize: number;
  readonly maxFiles: number;
}

const whole = (text: string): number | string =>
  /^[+-]?\d+$/.test(text)
    ? Number(text)
    : `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;

const truth = (text: string): boolean | string =>
  /^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(text)
    ? /^[1tT]/.test(text)
    : `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;

/** jsonfilelog.New */
function jsonFile(id: string, options: Options): LogFiles | string {
  const { 'max-size': size, 'max-file': count = '1', compress = 'false' } = options;
  const maxSize = size === undefined ? Number.POSITIVE_INFINITY : parseSize(size, 1000);
  if (typeof maxSize === 'string') return maxSize;
  if (maxSize <= 0) return 'max-size must be a positive number';
  const maxFiles = whole(count);
  if (typeof maxFiles === 'string') return maxFiles;
  if (maxFiles < 1) return 'max-file cannot be less than 1';
  const compressed = truth(compress);
  if (typeof compressed === 'string') return compressed;
  if (compressed && (maxFiles === 1 || size === undefined))
    return 'compress cannot be true when max-file is less than 2 or max-size is not set';
  return { keep: true, name: `${id}-json.log`, maxSize, maxFiles };
}

/** newConfig of daemon/logger/local */
function localFile(options: Options): LogFiles | string {
  const { 'max-size': size = '20m', 'max-file': count = '5', compress = 'true' } = options;
  const maxSize = parseSize(size, 1000);
  if (typeof maxSize === 'string') return `invalid value for max-size: ${size}: ${maxSize}`;
  const maxFiles = whole(count);
  if (typeof maxFiles === 'string') return `invalid value for max-file: ${count}: ${maxFiles}`;
  const compressed = truth(compress);
  if (typeof compressed === 'string') return `invalid boolean value for compress: ${compressed}`;
  if (maxFiles < 0) return 'max-file must not be negative';
  return compressed && maxFiles <= 1
    ? 'compression cannot be enabled when max file count is 1'
    : { keep: true, name: undefined, maxSize, maxFiles };
}

/** Far ends that are asked when a container starts: what is said where nobody is there. */
function farEnd(driver: string, options: Options): string {
  if (driver === 'journald') return 'journald is not enabled on this host';
  if (driver === 'syslog' && !options['syslog-address']) return 'Unix syslog delivery error';
  if (driver === 'splunk' && options['splunk-url'] === undefined)
    return 'splunk: splunk-url is expected';
  return `drydock: the log driver ${driver} is not simulated`;
}

/** StartLogger: where a container's output goes, or what is wrong with its options. */
export function startLogger(
  id: string,
  { LogConfig: { Type, Config } }: HostConfig,
): LogFiles | string {
  switch (Type) {
    case 'none':
      return { keep: false, name: undefined, maxSize: Number.POSITIVE_INFINITY, maxFiles: 1 };
    case '':
    case 'json-file':
      return jsonFile(id, Config);
    case 'local':
      return localFile(Config);
    default:
      return farEnd(Type, Config);
  }
}

/** Labels and variables that go along with each line (ExtraAttributes); the tag where one is asked for. */
export function extraAttributes(
  { LogConfig: { Config } }: HostConfig,
  { labels, env }: { labels: Options; env: readonly string[] },
): Record<string, string> {
  const out: Record<string, string> = {};
  const named = (text: string | undefined): string[] =>
    (text ?? '').split(',').filter((name) => name !== '');
  const variables = Object.fromEntries(
    env.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  for (const [source, option] of [
    [labels, 'labels'],
    [variables, 'env'],
  ] as const) {
    for (const name of named(Config[option])) {
      const value = source[name];
      if (value !== undefined) out[name] = value;
    }
    const pattern = Config[`${option}-regex`];
    if (!pattern) continue;
    for (const [name, value] of Object.entries(source))
      if (new RegExp(pattern).test(name)) out[name] = value;
  }
  return out;
}
