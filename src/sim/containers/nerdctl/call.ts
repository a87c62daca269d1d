// What nerdctl's commands share: how they fail, the client, where things are kept on disk, and which container a word means.

import { sha256 } from '../../core/sha256.ts';
import { decode, encode } from '../../core/text.ts';
import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { ContainerdClient } from '../containerd/client.ts';
import { CONTAINERD_ADDRESS } from '../containerd/metadata.ts';
import type { ContainerRecord, ProcessState } from '../containerd/types.ts';
import { tabTable } from '../programs/cli.ts';
import { isRpcError } from '../rpc.ts';
import { humanDuration } from '../units.ts';
import type { Flag, Given } from './flags.ts';

/** One run of a command. */
export interface Call {
  readonly main: Main;
  readonly client: ContainerdClient;
  readonly namespace: string;
  readonly given: Given;
  readonly args: readonly string[];
}

/** A command: `container run` under one or more names, its flags, and how many words it needs. */
export interface NerdctlCommand {
  readonly names: readonly string[];
  readonly flags: readonly Flag[];
  /** Flags that the real one has and this one has not. */
  readonly missing?: readonly Flag[];
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Flags end at the first word. */
  readonly posix?: boolean;
  readonly run: (call: Call) => Routine<number>;
}

/** logrus's last line: in colours on a terminal, as fields elsewhere. */
export function* fatal(main: Main, text: string): Routine<number> {
  const shown = main.process.isTerminal(2)
    ? `\x1b[31mFATA\x1b[0m[0000] ${text.padEnd(44)} \n`
    : `time="${rfc3339(main.process.now)}" level=fatal msg=${JSON.stringify(text)}\n`;
  main.err.put(shown);
  yield* main.err.flush();
  return 1;
}

/** Where nerdctl keeps what containerd does not: one directory for each address of containerd. */
export const DATA_STORE = `/var/lib/nerdctl/${sha256(encode(CONTAINERD_ADDRESS)).slice(0, 8)}`;

export const LABEL = {
  name: 'nerdctl/name',
  hostname: 'nerdctl/hostname',
  namespace: 'nerdctl/namespace',
  networks: 'nerdctl/networks',
  ports: 'nerdctl/ports',
  stateDir: 'nerdctl/state-dir',
  logUri: 'nerdctl/log-uri',
  platform: 'nerdctl/platform',
  anonymousVolumes: 'nerdctl/anonymous-volumes',
} as const;

export const stateDirectory = (namespace: string, id: string): string =>
  `${DATA_STORE}/containers/${namespace}/${id}`;

export const logPath = (namespace: string, id: string): string =>
  `${stateDirectory(namespace, id)}/${id}-json.log`;

export const nameFile = (namespace: string, name: string): string =>
  `${DATA_STORE}/names/${namespace}/${name}`;

/** Who holds a name; undefined where nobody does. */
export function* holderOf(call: Call, name: string): Routine<string | undefined> {
  const bytes = yield* readFile(call.main.process, nameFile(call.namespace, name));
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** The container that a name, an id or the beginning of one means; a text says why none. */
export function* findContainer(call: Call, word: string): Routine<ContainerRecord | string> {
  const all = yield* call.client.containers();
  if (isRpcError(all)) return all.message;
  const found = all.filter(({ id, labels }) => labels[LABEL.name] === word || id.startsWith(word));
  const exact = found.find(({ id, labels }) => labels[LABEL.name] === word || id === word);
  if (exact) return exact;
  if (found.length > 1) return `multiple IDs found with provided prefix: ${word}`;
  return found[0] ?? `no such container: ${word}`;
}

/** Does something with every container named; the complaints together, as the walker of all gives them. */
export function* withAll(
  call: Call,
  act: (container: ContainerRecord, word: string) => Routine<string | undefined>,
): Routine<number> {
  const errors: string[] = [];
  for (const word of call.args) {
    const container = yield* findContainer(call, word);
    const problem = typeof container === 'string' ? container : yield* act(container, word);
    if (problem !== undefined) errors.push(problem);
    yield* call.main.out.flush();
  }
  if (errors.length === 0) return 0;
  return yield* fatal(call.main, `${errors.length} errors:\n${errors.join('\n')}`);
}

/** A container's task; undefined where it has none. */
export function* taskOf(call: Call, id: string): Routine<ProcessState | undefined> {
  const task = yield* call.client.task(id);
  return isRpcError(task) ? undefined : task;
}

/** Rows as tabwriter pads them with four spaces at least. */
export function table(rows: readonly (readonly string[])[]): string {
  return tabTable(rows, { padding: 4 });
}

/** `3 seconds ago`. */
export function ago(now: number, then: number): string {
  return `${humanDuration(now - then)} ago`;
}
