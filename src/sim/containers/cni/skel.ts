// The frame of a CNI plugin (containernetworking's skel): environment variables, the configuration on standard input,
// versions, and errors as JSON on standard output.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { NamespaceFile } from '../../kernel/files/nsfs.ts';
import { release } from '../../kernel/files/open-file.ts';
import { NetworkNamespace } from '../../kernel/network/namespace.ts';
import type { ProgramFile } from '../../kernel/program.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { goJsonText, isGoJsonError, unmarshalGoJson } from '../go-json.ts';
import type { CniResult } from './library.ts';

export const SUPPORTED = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;
const PLUGINS_VERSION = 'v1.9.1';

/** Error codes of the specification. */
export const CODES = {
  incompatible: 1,
  environment: 4,
  io: 5,
  decode: 6,
  config: 7,
  tryLater: 11,
  plain: 999,
} as const;

export interface CniError {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

/** True where a step of a plugin failed. */
export function isCniError(value: unknown): value is CniError {
  return typeof value === 'object' && value !== null && 'code' in value && 'msg' in value;
}

/** An error without a code of its own. */
export function plainError(msg: string): CniError {
  return { code: CODES.plain, msg };
}

/** The configuration of a network as a plugin gets it. */
export interface NetworkConfig {
  readonly cniVersion?: string;
  readonly name: string;
  readonly type: string;
  readonly ipam?: { readonly type?: string; readonly [field: string]: unknown };
  readonly prevResult?: CniResult;
  readonly runtimeConfig?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** One call of a plugin. */
export interface PluginCall {
  readonly process: Process;
  readonly command: string;
  readonly containerId: string;
  readonly netns: string;
  readonly interfaceName: string;
  readonly path: string;
  readonly config: NetworkConfig;
  /** The configuration as it came, to be handed to IPAM plugins. */
  readonly input: string;
}

type Step = (call: PluginCall) => Routine<CniResult | CniError | undefined>;

export interface PluginSteps {
  readonly add: Step;
  readonly del: Step;
  readonly check: Step;
}

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
  GC: ['CNI_PATH'],
  STATUS: ['CNI_PATH'],
};

/** Makes the program of a plugin. */
export function cniPlugin(name: string, steps: PluginSteps): ProgramFile {
  return program(`cni-${name}`, (main) => runPluginMain(main, name, steps));
}

function* runPluginMain(main: Main, name: string, steps: PluginSteps): Routine<number> {
  const { process: p, out, err } = main;
  const command = p.environment.get('CNI_COMMAND') ?? '';
  if (command === '') {
    err.put(
      `CNI ${name} plugin ${PLUGINS_VERSION}\nCNI protocol versions supported: ${SUPPORTED.join(', ')}\n`,
    );
    yield* err.flush();
    return 0;
  }
  if (command === 'VERSION') {
    out.put(`${JSON.stringify({ cniVersion: '1.1.0', supportedVersions: SUPPORTED })}\n`);
    return 0;
  }
  const result = yield* callStep(main, command, steps);
  if (isCniError(result)) {
    out.put(goJsonText(result, 4));
    return 1;
  }
  if (result) out.put(goJsonText(printable(result), 4));
  return 0;
}

/** A result as plugins print it: it has gone through a map, so names are sorted, and an empty dns is left out. */
function printable(result: CniResult): unknown {
  const { dns, ips, ...rest } = result;
  const named = Object.values(dns ?? {}).some((list) => list.length > 0);
  return sorted({ ...rest, ...(ips?.length && { ips }), ...(named && { dns }) });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}

function* callStep(
  main: Main,
  command: string,
  steps: PluginSteps,
): Routine<CniResult | CniError | undefined> {
  const { process: p } = main;
  const variable = (key: string): string => p.environment.get(key) ?? '';
  const missing = (NEEDED[command] ?? []).filter((key) => variable(key) === '');
  if (missing.length > 0) {
    return {
      code: CODES.environment,
      msg: `required env variables [${missing.join(',')}] missing`,
    };
  }
  const bytes = yield* p.readAll(0);
  const input = isErrno(bytes) ? '' : decode(bytes);
  const config = unmarshalGoJson(input);
  if (isGoJsonError(config)) {
    return { code: CODES.decode, msg: `error unmarshall network config: ${config.goError}` };
  }
  const problem = configProblem(
    config as NetworkConfig,
    variable('CNI_CONTAINERID'),
    variable('CNI_IFNAME'),
    command,
  );
  if (problem) return problem;
  const call: PluginCall = {
    process: p,
    command,
    containerId: variable('CNI_CONTAINERID'),
    netns: variable('CNI_NETNS'),
    interfaceName: variable('CNI_IFNAME'),
    path: variable('CNI_PATH'),
    config: config as NetworkConfig,
    input,
  };
  const version = call.config.cniVersion ?? '0.1.0';
  switch (command) {
    case 'ADD':
      return versionProblem(version) ?? (yield* steps.add(call));
    case 'DEL':
      return versionProblem(version) ?? (yield* steps.del(call));
    case 'CHECK':
      if (version < '0.4.0')
        return { code: CODES.incompatible, msg: 'config version does not allow CHECK' };
      return versionProblem(version) ?? (yield* steps.check(call));
    case 'GC':
    case 'STATUS':
      if (version < '1.1.0')
        return { code: CODES.incompatible, msg: `config version does not allow ${command}` };
      return versionProblem(version);
    default:
      return { code: CODES.environment, msg: `unknown CNI_COMMAND: ${command}` };
  }
}

function configProblem(
  config: NetworkConfig,
  containerId: string,
  interfaceName: string,
  command: string,
): CniError | undefined {
  if (!config.name) return { code: CODES.config, msg: 'missing network name' };
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(config.name)) {
    return {
      code: CODES.config,
      msg: 'invalid characters found in network name',
      details: config.name,
    };
  }
  if (command === 'GC' || command === 'STATUS' || !(command in NEEDED)) return undefined;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(containerId)) {
    return {
      code: CODES.environment,
      msg: 'invalid characters in containerID',
      details: containerId,
    };
  }
  if (interfaceName.length > 15) {
    return {
      code: CODES.environment,
      msg: 'interface name is too long',
      details: 'interface name should be less than 16 characters',
    };
  }
  if (interfaceName === '.' || interfaceName === '..')
    return { code: CODES.environment, msg: 'interface name is . or ..' };
  if (/[/:\s]/.test(interfaceName)) {
    return {
      code: CODES.environment,
      msg: 'interface name contains / or : or whitespace characters',
    };
  }
  return undefined;
}

function versionProblem(version: string): CniError | undefined {
  if ((SUPPORTED as readonly string[]).includes(version)) return undefined;
  const supported = SUPPORTED.map((known) => `"${known}"`).join(' ');
  return {
    code: CODES.incompatible,
    msg: 'incompatible CNI versions',
    details: `config is "${version}", plugin supports [${supported}]`,
  };
}

/** The network namespace at a path. */
export function openNetns(p: Process, path: string): NetworkNamespace | CniError {
  const file = p.openFile(path, 0);
  const failed = (why: string): CniError => plainError(`failed to open netns "${path}": ${why}`);
  if (isErrno(file))
    return failed(
      `failed to Statfs "${path}": ${file.message.charAt(0).toLowerCase()}${file.message.slice(1)}`,
    );
  release(file);
  if (!(file instanceof NamespaceFile) || !(file.namespace instanceof NetworkNamespace)) {
    return failed(`unknown FS magic on "${path}": ef53`);
  }
  return file.namespace;
}
