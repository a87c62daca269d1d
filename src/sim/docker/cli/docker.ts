// docker(1): finds the command of a line, checks its flags and arguments by the tables, and runs it.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { runCompose } from '../compose/cli/app.ts';
import { Api, isCallError } from './api.ts';
import { buildx } from './buildx.ts';
import {
  type Action,
  type CommandTable,
  flagOf,
  type FlagValues,
  flagsOf,
  parseFlags,
} from './command.ts';
import { commitActions } from './commit.ts';
import { containerActions } from './containers.ts';
import { contextActions } from './context.ts';
import { type Endpoint, resolveEndpoint } from './context-store.ts';
import { isFlagError } from './flag-error.ts';
import {
  commandHelp,
  GLOBAL_FLAGS,
  type Server,
  groupHelp,
  rootHelp,
  usageForErrors,
  wrongCount,
} from './help.ts';
import { imageActions } from './images.ts';
import { manifestActions } from './manifest.ts';
import { complain } from './output.ts';
import { pluginActions } from './plugin.ts';
import { registryActions } from './registry.ts';
import { resourceActions } from './resources.ts';
import { runActions } from './run.ts';
import { serviceActions } from './service.ts';
import { stackActions } from './stack.ts';
import { statsAction } from './stats.ts';
import { swarmActions } from './swarm.ts';
import { systemActions } from './system.ts';
import { containerCommands } from './tables/container.ts';
import { imageCommands } from './tables/image.ts';
import { networkCommands } from './tables/network.ts';
import { serviceCommands } from './tables/service.ts';
import { swarmCommands } from './tables/swarm.ts';
import { systemCommands } from './tables/system.ts';
import { asksForTls, clientTls } from './tls.ts';
import { ALIASES, GROUPS, NOT_INTERSPERSED, SHORTCUTS } from './tree.ts';

const TABLES: readonly CommandTable[] = [
  ...containerCommands,
  ...imageCommands,
  ...networkCommands,
  ...systemCommands,
  ...swarmCommands,
  ...serviceCommands,
];
const ACTIONS: Readonly<Record<string, Action>> = {
  ...runActions,
  ...containerActions,
  'container stats': statsAction,
  ...commitActions,
  ...imageActions,
  ...registryActions,
  ...manifestActions,
  ...resourceActions,
  ...systemActions,
  ...contextActions,
  ...pluginActions,
  ...swarmActions,
  ...serviceActions,
  ...stackActions,
};

const CONTAINER_FLAGS = [
  'blkio-weight-device',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'device-cgroup-rule',
  'ip6',
  'link-local-ip',
  'storage-opt',
  'use-api-socket',
];

/** Flags that are known and do nothing yet: a command that is given one says so. */
const NOT_SIMULATED: Readonly<Record<string, readonly string[]>> = {
  'container run': CONTAINER_FLAGS,
  'container create': CONTAINER_FLAGS,
  'container start': ['checkpoint', 'checkpoint-dir'],
  'image push': ['platform'],
  'image save': ['platform'],
  'network create': ['config-from', 'config-only', 'ingress', 'ipam-driver', 'ipam-opt'],
  'volume create': ['availability', 'group', 'limit-bytes', 'required-bytes', 'sharing', 'type'],
};

/** Plugins by name, as help lists them. */
const PLUGINS = [
  ['buildx', 'Docker Buildx'],
  ['compose', 'Docker Compose'],
] as const;

/** Values that flags take in truth, and that have no effect here. */
const UNSIMULATED_VALUES: readonly (readonly [string, RegExp])[] = [
  ['platform', /^(?!$|(linux\/)?(amd64|x86_64)(\/v[123])?$)/],
  ['security-opt', /^(apparmor[=:](?!unconfined$)|seccomp[=:](?!(unconfined|builtin)$))/],
  ['device', /:(?!rwm$)[rwm]{1,3}$/],
  ['disable-content-trust', /^(false|0|f|F)$/],
  ['mount', /(^|,)(volume-subpath|image-subpath|type=(image|cluster|npipe))/],
];

function unsimulatedValue(p: Process, flags: FlagValues): string | undefined {
  for (const [name, form] of UNSIMULATED_VALUES) {
    const value = [...flags.list(name)].find(
      (text) => form.test(text) && (name !== 'security-opt' || p.exists(text.slice(8))),
    );
    if (value !== undefined) return `--${name} ${value}`;
  }
  return undefined;
}

/** What the daemon answers to a ping; nothing where there is none. */
function* serverOf(main: Main, host: string): Routine<Server | undefined> {
  const answer =
    host === '' ? undefined : yield* new Api(main.process, host).open('HEAD', '/_ping');
  if (!answer || isCallError(answer)) return undefined;
  return { manager: answer.headers.swarm === 'active/manager' };
}

function* run(
  main: Main,
  { host, context, problem }: Endpoint,
  path: string,
  called: string,
  words: readonly string[],
): Routine<number> {
  const table = TABLES.find((t) => t.path === path);
  if (!table) return yield* notSimulated(main, `${called} ${words.join(' ')}`.trim());
  const known = [...flagsOf(table), ...(table.hidden ?? []).map(flagOf)];
  const parsed = parseFlags(words, known, !NOT_INTERSPERSED.has(path));
  if (typeof parsed === 'string') {
    yield* complain(
      main,
      `${parsed}\n\n${usageForErrors(called, table)}\n\nRun '${called} --help' for more information`,
    );
    return 125;
  }
  if (parsed.help) {
    main.out.put(commandHelp(called, table, yield* serverOf(main, host)));
    return 0;
  }
  const wrong = wrongCount(called, table, parsed.args.length);
  if (wrong !== undefined) {
    yield* complain(main, wrong);
    return 1;
  }
  for (const note of parsed.notes) yield* complain(main, note);
  const missing = NOT_SIMULATED[path]?.find((name) => parsed.flags.given(name));
  if (missing !== undefined) return yield* notSimulated(main, `${called} --${missing}`);
  const value = unsimulatedValue(main.process, parsed.flags);
  if (value !== undefined) return yield* notSimulated(main, `${called} ${value}`);
  if (problem !== undefined && !path.startsWith('context ')) {
    yield* complain(main, `Failed to initialize: unable to resolve docker endpoint: ${problem}`);
    return 1;
  }
  const action = ACTIONS[path];
  if (!action) return yield* notSimulated(main, [called, ...words].join(' '));
  return yield* action({ main, called, flags: parsed.flags, args: parsed.args, host, context });
}

function* group(
  main: Main,
  endpoint: Endpoint,
  name: string,
  words: readonly string[],
): Routine<number> {
  const [word, ...rest] = words;
  if (word === undefined || word === '--help' || word === '-h') {
    main.out.put(groupHelp(name, TABLES, yield* serverOf(main, endpoint.host)));
    return 0;
  }
  if (word.startsWith('-')) {
    yield* complain(
      main,
      `unknown flag: ${word}\n\nUsage:  docker ${name} COMMAND\n\nRun 'docker ${name} --help' for more information`,
    );
    return 125;
  }
  const path = ALIASES[`${name} ${word}`] ?? `${name} ${word}`;
  if (!TABLES.some((table) => table.path === path) && !(path in ACTIONS)) {
    yield* complain(
      main,
      `docker: unknown command: docker ${name} ${word}\n\nUsage:  docker ${name}\n\nRun 'docker ${name} --help' for more information`,
    );
    return 1;
  }
  return yield* run(main, endpoint, path, `docker ${name} ${word}`, rest);
}

/** Runs one line of docker. */
function* docker(main: Main): Routine<number> {
  const parsed = parseFlags(main.args, GLOBAL_FLAGS, false);
  if (typeof parsed === 'string') {
    yield* complain(
      main,
      `${parsed}\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information`,
    );
    return 125;
  }
  const { flags, args } = parsed;
  const [word, ...rest] = args;
  if (flags.on('version')) {
    main.out.put('Docker version 28.2.2, build e6534b4\n');
    return 0;
  }
  const asked = yield* resolveEndpoint(main.process, {
    host: flags.text('host'),
    context: flags.text('context'),
  });
  if (word === undefined || parsed.help) {
    const host = isFlagError(asked) ? '' : asked.host;
    main.out.put(rootHelp(TABLES, PLUGINS, yield* serverOf(main, host)));
    return 0;
  }
  const given = ['tls', 'tlscacert', 'tlscert', 'tlskey', 'tlsverify'].find((name) =>
    flags.given(name),
  );
  if (given !== undefined && (given !== 'tlsverify' || !asksForTls(main.process)))
    return yield* notSimulated(main, `docker --${given}`);
  const endpoint = asked;
  if (isFlagError(endpoint)) {
    yield* complain(main, endpoint.wrong);
    return 1;
  }
  const { host } = endpoint;
  const tls = yield* clientTls(main.process, host);
  if (typeof tls === 'string') {
    yield* complain(main, `Failed to initialize: unable to resolve docker endpoint: ${tls}`);
    return 1;
  }
  if (word === 'help') return yield* docker({ ...main, args: [...rest, '--help'] });
  if (word === 'compose') return yield* runCompose(main, host, rest);
  if (word === 'buildx' || word === 'builder') return yield* buildx(main, host, rest);
  const build = word === 'build' || (word === 'image' && rest[0] === 'build');
  if (
    build &&
    /^(0|f|F|false|FALSE|False)$/.test(main.process.environment.get('DOCKER_BUILDKIT') ?? '')
  )
    return yield* notSimulated(main, 'docker build with DOCKER_BUILDKIT=0');
  if (build || word === 'bake')
    return yield* buildx(main, host, args.slice(word === 'image' ? 1 : 0));
  if (word in GROUPS) return yield* group(main, endpoint, word, rest);
  const path = word === 'inspect' ? 'inspect' : SHORTCUTS[word];
  if (path !== undefined) return yield* run(main, endpoint, path, `docker ${word}`, rest);
  yield* complain(
    main,
    `docker: unknown command: docker ${word}\n\nRun 'docker --help' for more information`,
  );
  return 1;
}

export const dockerCommand = program('docker', (main) => docker(main));
