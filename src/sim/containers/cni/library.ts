// libcni as daemons use it: reading /etc/cni/net.d and running the plugins of /opt/cni/bin one after another, each with
// the network's configuration on standard input and the result of the one before in it.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { isGoJsonError, unmarshalGoJson } from '../go-json.ts';

export const CNI_BIN = '/opt/cni/bin';
export const CNI_CONF = '/etc/cni/net.d';

export interface CniPlugin {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [field: string]: unknown;
}

/** A network: a list of plugins under one name. */
export interface CniNetwork {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly CniPlugin[];
}

/** What is put on a network. */
export interface Attachment {
  readonly containerId: string;
  /** Path of the network namespace. */
  readonly netns: string;
  readonly interfaceName: string;
  /** Where the plugins are; /opt/cni/bin where not given. */
  readonly path?: string;
  /** CNI_ARGS. */
  readonly args?: string;
  /** Capabilities' arguments: `portMappings`, `bandwidth` … */
  readonly runtimeConfig?: Readonly<Record<string, unknown>>;
}

export interface CniResult {
  readonly cniVersion?: string;
  readonly interfaces?: readonly {
    readonly name: string;
    readonly mac?: string;
    readonly sandbox?: string;
  }[];
  readonly ips?: readonly {
    readonly address: string;
    readonly gateway?: string;
    readonly interface?: number;
  }[];
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[];
  readonly dns?: { readonly nameservers?: readonly string[] };
}

/** Reads the first network of a directory; a text says why there is none, in go-cni's words. */
export function* loadNetwork(p: Process, directory: string): Routine<CniNetwork | string> {
  const entries = p.readdir(directory);
  const names = isErrno(entries) ? [] : entries.map(({ name }) => name);
  const files = names.filter((name) => /\.(conf|conflist|json)$/.test(name)).sort();
  if (files.length === 0)
    return `no network config found in ${directory}: cni plugin not initialized`;
  for (const name of files) {
    const path = `${directory}/${name}`;
    const fd = p.open(path);
    if (isErrno(fd)) continue;
    const bytes = yield* p.readAll(fd);
    p.close(fd);
    if (isErrno(bytes)) continue;
    const network = readNetwork(decode(bytes));
    if (typeof network === 'string') return network;
    if (network) return network;
  }
  return `no valid networks found in ${directory}: cni plugin not initialized`;
}

/** Networks by their text: a daemon asks for the same one again and again. */
const networks = new Map<string, CniNetwork>();
const MOST_NETWORKS = 64;

/** The network that a configuration describes; a text says what is wrong with it. */
function readNetwork(text: string): CniNetwork | string | undefined {
  const known = networks.get(text);
  if (known) return known;
  const value = unmarshalGoJson(text);
  if (isGoJsonError(value))
    return `error parsing configuration list: ${value.goError}: invalid cni config`;
  const network = asNetwork(value);
  if (network && networks.size < MOST_NETWORKS) networks.set(text, network);
  return network;
}

function asNetwork(value: unknown): CniNetwork | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { cniVersion, name, plugins, type } = value as Partial<CniNetwork> & { type?: string };
  const shared = { cniVersion: cniVersion ?? '0.1.0', name: name ?? '' };
  if (plugins?.length) return { ...shared, plugins };
  return typeof type === 'string' ? { ...shared, plugins: [value as CniPlugin] } : undefined;
}

export interface PluginAnswer {
  readonly status: number;
  readonly output: string;
}

/** Runs one plugin program with its environment and input. */
export function* runPlugin(
  p: Process,
  path: string,
  environment: ReadonlyMap<string, string>,
  input: string,
): Routine<PluginAnswer | string> {
  const stdin = p.pipe(true);
  const stdout = p.pipe(true);
  if (isErrno(stdin) || isErrno(stdout)) return 'too many open files';
  const pid = p.fork(function* (child) {
    child.dup2(stdin[0], 0);
    child.dup2(stdout[1], 1);
    child.exec(path, [path], environment);
    return 127;
  });
  p.close(stdin[0]);
  p.close(stdout[1]);
  yield* p.write(stdin[1], encode(input));
  p.close(stdin[1]);
  const bytes = yield* p.readAll(stdout[0]);
  p.close(stdout[0]);
  if (isErrno(pid)) return pid.message;
  const ended = yield* p.wait(pid);
  const status = ended && !isErrno(ended) ? ended.status >> 8 : 1;
  return { status, output: isErrno(bytes) ? '' : decode(bytes) };
}

function pluginInput(
  network: CniNetwork,
  plugin: CniPlugin,
  attachment: Attachment,
  previous: CniResult | undefined,
): string {
  const { capabilities, ...rest } = plugin;
  const wanted = Object.keys(capabilities ?? {}).filter((name) => capabilities?.[name]);
  const config = Object.fromEntries(
    wanted.flatMap((name) => {
      const value = attachment.runtimeConfig?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return JSON.stringify({
    ...rest,
    cniVersion: network.cniVersion,
    name: network.name,
    ...(Object.keys(config).length > 0 ? { runtimeConfig: config } : {}),
    ...(previous ? { prevResult: previous } : {}),
  });
}

function environmentFor(command: string, attachment: Attachment): Map<string, string> {
  return new Map([
    ['CNI_COMMAND', command],
    ['CNI_CONTAINERID', attachment.containerId],
    ['CNI_NETNS', attachment.netns],
    ['CNI_IFNAME', attachment.interfaceName],
    ['CNI_PATH', attachment.path ?? CNI_BIN],
    ['CNI_ARGS', attachment.args ?? ''],
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ]);
}

/** ADD with every plugin in order; the last result. */
export function* addNetwork(
  p: Process,
  network: CniNetwork,
  attachment: Attachment,
): Routine<CniResult | { readonly error: string }> {
  let result: CniResult | undefined;
  for (const plugin of network.plugins) {
    const directory = attachment.path ?? CNI_BIN;
    const path = `${directory}/${plugin.type}`;
    if (!p.exists(path)) {
      return {
        error: `plugin type="${plugin.type}" failed (add): failed to find plugin "${plugin.type}" in path [${directory}]`,
      };
    }
    const input = pluginInput(network, plugin, attachment, result);
    p.simulation.because(`CNI ADD ${plugin.type} for ${attachment.containerId.slice(0, 13)}`, {
      kind: 'link',
      name: attachment.interfaceName,
      machine: p.task.kernel.name,
    });
    const answer = yield* runPlugin(p, path, environmentFor('ADD', attachment), input);
    if (typeof answer === 'string') return { error: answer };
    const value = unmarshalGoJson(answer.output);
    if (answer.status !== 0 || isGoJsonError(value)) {
      return {
        error: `plugin type="${plugin.type}" failed (add): ${errorMessage(value, answer.output)}`,
      };
    }
    result = value as CniResult;
  }
  return result ?? {};
}

function errorMessage(value: unknown, output: string): string {
  if (typeof value !== 'object' || value === null || isGoJsonError(value))
    return `netplugin failed: "${output}"`;
  const { msg, details } = value as { msg?: string; details?: string };
  return details ? `${msg}; ${details}` : (msg ?? '');
}

/** DEL with every plugin, last first, told of what ADD gave; the first complaint. */
export function* deleteNetwork(
  p: Process,
  network: CniNetwork,
  attachment: Attachment,
  earlier?: CniResult,
): Routine<string | undefined> {
  for (const plugin of [...network.plugins].reverse()) {
    const directory = attachment.path ?? CNI_BIN;
    const path = `${directory}/${plugin.type}`;
    if (!p.exists(path))
      return `plugin type="${plugin.type}" failed (delete): failed to find plugin "${plugin.type}" in path [${directory}]`;
    const input = pluginInput(network, plugin, attachment, earlier);
    const answer = yield* runPlugin(p, path, environmentFor('DEL', attachment), input);
    if (typeof answer === 'string') return answer;
    if (answer.status !== 0) {
      return `plugin type="${plugin.type}" failed (delete): ${errorMessage(unmarshalGoJson(answer.output), answer.output)}`;
    }
  }
  return undefined;
}
