// What crictl's commands share: calls, failures as logrus prints them, reading of pod and container files, tables.

import { decode } from '../../../core/text.ts';
import { MILLISECOND, rfc3339, START_OF_TIME } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated } from '../../../userland/libc/stdio.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { compileTemplate } from '../../../userland/template/execute.ts';
import { TemplateError } from '../../../userland/template/parse.ts';
import { goMaps } from '../../../userland/template/values.ts';
import { parseYaml, YamlProblem } from '../../../userland/yaml/read.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { type CriMethod, callCri } from '../../cri/client.ts';
import type { RpcError } from '../../rpc.ts';
import { rpcErrorText } from '../../rpc.ts';
import { goErrno } from '../../runc/validate.ts';
import { humanDuration } from '../../units.ts';
import { type CliCall, type CliFlag, tabTable } from '../cli.ts';

/** A fatal error: logrus's line, status 1. */
export function* fatal(main: Main, text: string): Routine<number> {
  yield* logLine(main, 'fatal', text);
  return 1;
}

/** A line of logrus on stderr. */
export function* logLine(main: Main, level: string, text: string): Routine<void> {
  main.err.put(`time="${rfc3339(main.process.now)}" level=${level} msg=${JSON.stringify(text)}\n`);
  yield* main.err.flush();
}

/** What is inspected, as -o asks: JSON, YAML, or a template of Go's; `failing` stands before what a template gets wrong. */
export function* showStatus(call: CliCall, value: object, failing: string): Routine<number> {
  const { main, flags } = call;
  const format = flags.text('output') || 'json';
  if (format === 'json') main.out.put(`${JSON.stringify(value, undefined, 2)}\n`);
  else if (format === 'yaml') main.out.put(`${toYaml(value)}\n`);
  else if (format === 'go-template') {
    let doing = 'generate go-template';
    try {
      const template = compileTemplate(flags.text('template'), {
        name: 'tmplExecuteRawJSON',
        strict: true,
      });
      doing = 'template data';
      main.out.put(`${template.execute(goMaps(value))}\n`);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return yield* fatal(main, `${failing}failed to ${doing}: ${error.message}`);
    }
  } else return yield* notSimulated(main, `crictl -o ${format}`);
  return 0;
}

const DEFAULT_ENDPOINT = 'unix:///run/containerd/containerd.sock';

/** What the file of --config says of the runtime's endpoint. */
function* endpointInFile(call: CliCall): Routine<string> {
  const { process } = call.main;
  const path = process.environment.get('CRI_CONFIG_FILE') || call.global.text('config');
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return '';
  return /^runtime-endpoint:\s*"?([^"\s]*)/m.exec(decode(bytes))?.[1] ?? '';
}

/** The socket that the flags, the environment or the file names. */
export function* addressOf(call: CliCall): Routine<string> {
  const given =
    call.global.text('runtime-endpoint') ||
    call.main.process.environment.get('CONTAINER_RUNTIME_ENDPOINT') ||
    (yield* endpointInFile(call));
  return (given || DEFAULT_ENDPOINT).replace(/^unix:\/\//, '');
}

/** One call of the runtime. */
export function* cri<T>(call: CliCall, method: CriMethod, request: unknown): Routine<T | RpcError> {
  return yield* callCri<T>(call.main.process, method, request, yield* addressOf(call));
}

/** Fails with a call's error. */
export function failRpc(call: CliCall, error: RpcError, before: string): Routine<number> {
  return fatal(call.main, `${before}${rpcErrorText(error)}`);
}

/** Objects with `snake_case` keys read as `snakeCase`, as protobuf's JSON names both. */
function camelKeys(value: unknown, keep = false): unknown {
  if (Array.isArray(value)) return value.map((item) => camelKeys(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = keep
        ? key
        : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [
        name,
        camelKeys(
          item,
          name === 'labels' || name === 'annotations' || name === 'sysctls' || name === 'unified',
        ),
      ];
    }),
  );
}

const MODES = ['POD', 'CONTAINER', 'NODE', 'TARGET'];
const PROPAGATIONS = [
  'PROPAGATION_PRIVATE',
  'PROPAGATION_HOST_TO_CONTAINER',
  'PROPAGATION_BIDIRECTIONAL',
];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Enums by number become their names. */
function named(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => named(item));
  if (typeof value === 'number') {
    if (['network', 'pid', 'ipc'].includes(key)) return MODES[value] ?? value;
    if (key === 'propagation') return PROPAGATIONS[value] ?? value;
    if (key === 'protocol') return PROTOCOLS[value] ?? value;
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, named(item, name)]));
}

/** Reads a pod's or container's file, YAML or JSON; a text says why not. */
export function* readConfig<T>(main: Main, path: string): Routine<T | string> {
  const fd = main.process.open(path);
  if (isErrno(fd)) return `open ${path}: ${goErrno(fd.message)}`;
  const bytes = yield* main.process.readAll(fd);
  main.process.close(fd);
  if (isErrno(bytes)) return `read ${path}: ${goErrno(bytes.message)}`;
  const value = parseYaml(decode(bytes));
  if (value instanceof YamlProblem) return `error converting YAML to JSON: ${value.message}`;
  if (typeof value !== 'object' || value === null)
    return 'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value';
  return named(camelKeys(value)) as T;
}

/** units.HumanDuration of the time since `createdAt` (nanoseconds since 1970 as text). */
export function ageOf(main: Main, createdAt: string): string {
  const then = Number(BigInt(createdAt) / 1_000_000n) - START_OF_TIME;
  return `${humanDuration(main.process.now - then * MILLISECOND)} ago`;
}

/** A table whose cells are at least 20 wide, as crictl's tabwriter has it. */
export function criTable(rows: readonly (readonly string[])[]): string {
  return tabTable(rows, { minimum: 20, padding: 3 });
}

/** Thirteen digits of an id, as tables show it. */
export function shortId(id: string, whole: boolean): string {
  return whole ? id : id.slice(0, 13);
}

export const flag = {
  bool: (names: string, usage: string): CliFlag => ({
    names: names.split(' '),
    kind: 'bool',
    usage,
    default: 'false',
  }),
  text: (names: string, usage: string): CliFlag => ({
    names: names.split(' '),
    kind: 'string',
    usage,
  }),
  list: (names: string, usage: string): CliFlag => ({
    names: names.split(' '),
    kind: 'list',
    usage,
  }),
  int: (names: string, usage: string, fallback = '0'): CliFlag => ({
    names: names.split(' '),
    kind: 'int',
    usage,
    default: fallback,
  }),
};

/** `key=value` pairs of --label. */
export function labelPairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
}
