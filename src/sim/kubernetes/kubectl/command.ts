// The command tree (cobra) as kubectl uses it: finding the command, its flags, the mistakes and their words.

import type { Routine } from '../../core/wait.ts';
import { type Flag, type FlagValues, goQuoted, parseFlags } from '../../etcd/cobra/flags.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import { type Discovery, discover } from './discovery.ts';
import { Failure, failure } from './failure.ts';
import { connectionOf } from './kubeconfig.ts';
import { type Impersonation, type RestClient, restClient } from './rest.ts';

/** One command and those below it. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What follows the name in its usage line. */
  readonly operands?: string;
  readonly short: string;
  readonly long?: string;
  readonly examples?: string;
  readonly flags?: readonly Flag[];
  readonly commands?: readonly Command[];
  /** Flags after the first argument belong to that argument's command. */
  readonly stopsAtArguments?: boolean;
  run?(call: Call): Routine<number | void>;
}

/** A running command. */
export interface Call {
  readonly main: Main;
  /** `kubectl create service`. */
  readonly path: string;
  readonly values: FlagValues;
  readonly args: readonly string[];
  /** How many of the arguments stood before `--`. */
  readonly dash: number | undefined;
  /** The client, made at first use. */
  client(): Routine<RestClient>;
  /** Discovery, asked for at first use. */
  discovery(): Routine<Discovery>;
  /** Asks again: something new is served. */
  rediscover(): Routine<Discovery>;
  /** The namespace of the command line and the kubeconfig. */
  namespace(): Routine<string>;
  /** Prints on standard output and standard error. */
  out(text: string): Routine<void>;
  err(text: string): Routine<void>;
}

const text = (name: string, usage: string, value = '', short?: string): Flag => ({
  name,
  kind: 'string',
  value,
  usage,
  ...(short ? { short } : {}),
});
const bool = (name: string, usage: string, value = 'false', short?: string): Flag => ({
  name,
  kind: 'bool',
  value,
  usage,
  ...(short ? { short } : {}),
});

/** The flags that every command takes (kubectl options). */
export const GLOBAL_FLAGS: readonly Flag[] = [
  text(
    'as',
    'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.',
  ),
  {
    name: 'as-group',
    kind: 'array',
    value: '[]',
    usage:
      'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.',
  },
  text('as-uid', 'UID to impersonate for the operation.'),
  {
    name: 'as-user-extra',
    kind: 'array',
    value: '[]',
    usage:
      'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
  },
  text('cache-dir', 'Default cache directory', '/root/.kube/cache'),
  text('certificate-authority', 'Path to a cert file for the certificate authority'),
  text('client-certificate', 'Path to a client certificate file for TLS'),
  text('client-key', 'Path to a client key file for TLS'),
  text('cluster', 'The name of the kubeconfig cluster to use'),
  text('context', 'The name of the kubeconfig context to use'),
  bool(
    'disable-compression',
    'If true, opt-out of response compression for all requests to the server',
  ),
  bool(
    'insecure-skip-tls-verify',
    "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
  ),
  text('kubeconfig', 'Path to the kubeconfig file to use for CLI requests.'),
  text(
    'kuberc',
    'Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.',
  ),
  {
    name: 'log-flush-frequency',
    kind: 'duration',
    value: '5s',
    usage: 'Maximum number of seconds between log flushes',
  },
  bool('match-server-version', 'Require server version to match client version'),
  text('namespace', 'If present, the namespace scope for this CLI request', '', 'n'),
  text('password', 'Password for basic authentication to the API server'),
  text(
    'profile',
    'Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)',
    'none',
  ),
  text('profile-output', 'Name of the file to write the profile to', 'profile.pprof'),
  text(
    'request-timeout',
    "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
    '0',
  ),
  text('server', 'The address and port of the Kubernetes API server', '', 's'),
  text(
    'tls-server-name',
    'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used',
  ),
  text('token', 'Bearer token for authentication to the API server'),
  text('user', 'The name of the kubeconfig user to use'),
  text('username', 'Username for basic authentication to the API server'),
  { name: 'v', short: 'v', kind: 'int', value: '0', usage: 'number for the log level verbosity' },
  text(
    'vmodule',
    'comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)',
  ),
  bool(
    'warnings-as-errors',
    'Treat warnings received from the server as errors and exit with a non-zero exit code',
  ),
];

/** Commands of the real kubectl that are not modelled: they say so instead of being unknown. */
const NOT_MODELLED = new Set([
  'alpha',
  'attach',
  'certificate',
  'completion',
  'cp',
  'debug',
  'diff',
  'drain',
  'edit',
  'events',
  'exec',
  'kuberc',
  'kustomize',
  'plugin',
  'port-forward',
  'proxy',
  'top',
]);

/** Flags that are known and have no effect here: asking for one says so. */
const WITHOUT_EFFECT = [
  'v',
  'request-timeout',
  'tls-server-name',
  'username',
  'password',
  'as-user-extra',
  'warnings-as-errors',
  'match-server-version',
  'cached',
  'interactive',
  'override-type',
  'embed-certs',
  'flatten',
];

/** Runs a command line; its value is the exit status. */
export function* runCommand(
  root: Command,
  main: Main,
  usage: (path: readonly Command[]) => string,
): Routine<number> {
  const { path, rest } = findCommand(root, main.args);
  const first = rest.find((word) => !word.startsWith('-')) ?? '';
  if (path.length === 1 && NOT_MODELLED.has(first)) {
    return yield* notSimulated(main, `kubectl ${main.args.join(' ')}`);
  }
  const command = path[path.length - 1] as Command;
  const name = path.map((one) => one.name).join(' ');
  const flags = [...(command.flags ?? []), ...GLOBAL_FLAGS];
  try {
    const parsed = parseFlags(flags, command.stopsAtArguments ? stopped(flags, rest) : rest);
    if ('mistake' in parsed) {
      if (parsed.mistake === 'help') {
        yield* main.out.print(usage(path));
        return 0;
      }
      throw new Failure(`error: ${parsed.mistake}\nSee '${name} --help' for usage.`);
    }
    const { values, args, dash } = parsed;
    if (!command.run) return yield* group(main, command, name, args, usage(path));
    const idle = WITHOUT_EFFECT.find(
      (flag) => flags.some(({ name: known }) => known === flag) && values.changed(flag),
    );
    if (idle) return yield* notSimulated(main, `${name} --${idle}`);
    const missing = (command.flags ?? []).filter(
      (flag) => flag.required && !values.changed(flag.name),
    );
    if (missing.length > 0) {
      throw failure(
        `required flag(s) ${missing.map((flag) => `"${flag.name}"`).join(', ')} not set`,
      );
    }
    return (yield* command.run(callOf(main, name, values, args, dash))) ?? 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* main.out.flush();
    if (error.message !== '') main.err.put(`${error.message}\n`);
    yield* main.err.flush();
    return error.code;
  }
}

function stopped(flags: readonly Flag[], rest: readonly string[]): readonly string[] {
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '--') return rest;
    if (!word.startsWith('-')) return [...rest.slice(0, i), '--', ...rest.slice(i)];
    const flag = flags.find((one) => word === `--${one.name}` || word === `-${one.short}`);
    if (flag && flag.kind !== 'bool' && flag.bare === undefined) i++;
  }
  return rest;
}

/** Follows the words that name commands; flags between them stay with the rest. */
export function findCommand(
  root: Command,
  words: readonly string[],
): { readonly path: readonly Command[]; readonly rest: readonly string[] } {
  const path = [root];
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const here = path[path.length - 1] as Command;
    if (word === '--') return { path, rest: [...rest, ...words.slice(i)] };
    if (word.startsWith('-')) {
      rest.push(word);
      const flag = GLOBAL_FLAGS.find((one) => word === `--${one.name}` || word === `-${one.short}`);
      if (flag && flag.kind !== 'bool' && words[i + 1] !== undefined) rest.push(words[++i] ?? '');
      continue;
    }
    const next = (here.commands ?? []).find(
      (one) => one.name === word || one.aliases?.includes(word),
    );
    if (!next) return { path, rest: [...rest, ...words.slice(i)] };
    path.push(next);
  }
  return { path, rest };
}

function* group(
  main: Main,
  command: Command,
  name: string,
  args: readonly string[],
  help: string,
): Routine<number> {
  const [word] = args;
  if (word === undefined) {
    yield* main.out.print(help);
    return 0;
  }
  if (name === 'kubectl') {
    const near = suggestions(command, word);
    const hint =
      near.length > 0 ? `\n\nDid you mean this?\n${near.map((one) => `\t${one}\n`).join('')}` : '';
    throw new Failure(`error: unknown command ${goQuoted(word)} for "kubectl"${hint}`);
  }
  if (command.name === 'create')
    throw new Failure(
      `error: Unexpected args: [${args.join(' ')}]\nSee '${name} -h' for help and examples`,
    );
  throw new Failure(
    `error: unknown command ${goQuoted(args.join(' '))}\nSee '${name} -h' for help and examples`,
  );
}

function suggestions(command: Command, typed: string): string[] {
  return (command.commands ?? [])
    .map(({ name }) => name)
    .filter(
      (name) => distance(typed.toLowerCase(), name) <= 2 || name.startsWith(typed.toLowerCase()),
    );
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function callOf(
  main: Main,
  path: string,
  values: FlagValues,
  args: readonly string[],
  dash: number | undefined,
): Call {
  let client: RestClient | undefined;
  let known: Discovery | undefined;
  const call: Call = {
    main,
    path,
    values,
    args,
    dash,
    *client() {
      if (!client) {
        const connection = yield* connectionOf(main.process, values);
        client = restClient(main, connection, impersonationOf(values, connection.userName));
      }
      return client;
    },
    *discovery() {
      known ??= yield* discover(yield* call.client());
      return known;
    },
    *rediscover() {
      known = yield* discover(yield* call.client());
      return known;
    },
    *namespace() {
      return (yield* call.client()).connection.namespace;
    },
    *out(words) {
      yield* main.out.print(words);
    },
    *err(words) {
      yield* main.out.flush();
      main.err.put(words);
      yield* main.err.flush();
    },
  };
  return call;
}

function impersonationOf(values: FlagValues, userName: string): Impersonation {
  const user = values.text('as');
  const groups = values.all('as-group');
  const uid = values.text('as-uid');
  if (user === '') {
    if (groups.length === 0 && uid === '') return {};
    throw failure(
      `requesting uid, groups or user-extra for ${userName} without impersonating a user`,
    );
  }
  return {
    'impersonate-user': user,
    ...(groups.length > 0 ? { 'impersonate-group': groups.join(',') } : {}),
    ...(uid ? { 'impersonate-uid': uid } : {}),
  };
}
