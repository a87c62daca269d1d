// nerdctl 2: containers for people, on containerd and CNI alone. It has no daemon of its own: its hooks and its logging
// program are itself. Building, compose, help texts and many flags are left out and say so.

import type { Routine } from '../../core/wait.ts';
import type { Coverage, ProgramFile } from '../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { ContainerdClient } from '../containerd/client.ts';
import { isRpcError } from '../rpc.ts';
import { type Call, fatal, type NerdctlCommand, table } from './call.ts';
import { inspect, kill, pauser, ps, remove, stop } from './containers.ts';
import { type Flag, flags, parseFlags } from './flags.ts';
import { images, pull, removeImages, tag } from './images.ts';
import { keepLog, LOGGING, logs } from './logger.ts';
import { createNetwork, listNetworks, removeNetworks } from './networks.ts';
import { ociHook } from './oci-hook.ts';
import { create, exec, run, start } from './run.ts';
import { createVolume, inspectVolumes, listVolumes, removeVolumes } from './volumes.ts';

const VERSION = '2.2.0';
const MANY = Number.POSITIVE_INFINITY;
const QUIET = 'quiet q';

const CREATE_FLAGS = flags(
  'tty t',
  'interactive i',
  'rm',
  'read-only',
  'name=',
  'hostname h=',
  'env e*',
  'label l*',
  'volume v*',
  'publish p*',
  'network*',
  'net*',
  'user u=',
  'workdir w=',
  'entrypoint*',
  'memory m=',
  'cpus=',
  'pids-limit=',
  'cap-add*',
  'cap-drop*',
  'pull=',
  'stop-signal=',
  QUIET,
);
const CREATE_MISSING = flags(
  'restart=',
  'init',
  'platform=',
  'dns*',
  'ip=',
  'mac-address=',
  'ipc=',
  'pid=',
  'uts=',
  'cgroupns=',
  'device*',
  'ulimit*',
  'security-opt*',
  'privileged',
  'systemd=',
  'runtime=',
  'sysctl*',
  'gpus*',
  'tmpfs*',
  'mount*',
  'volumes-from*',
  'rootfs',
  'env-file*',
  'add-host*',
  'annotation*',
  'log-driver=',
  'log-opt*',
  'shm-size=',
  'cidfile=',
  'pidfile=',
  'attach a*',
  'memory-swap=',
  'cpu-shares=',
  'cpuset-cpus=',
  'group-add*',
  'umask=',
  'verify=',
);

const COMMANDS: readonly NerdctlCommand[] = [
  {
    names: ['run', 'container run'],
    flags: [...CREATE_FLAGS, ...flags('detach d')],
    missing: CREATE_MISSING,
    atLeast: 1,
    posix: true,
    run,
  },
  {
    names: ['create', 'container create'],
    flags: CREATE_FLAGS,
    missing: CREATE_MISSING,
    atLeast: 1,
    posix: true,
    run: create,
  },
  {
    names: ['exec', 'container exec'],
    flags: flags('tty t', 'interactive i', 'detach d', 'workdir w=', 'env e*', 'user u='),
    missing: flags('privileged', 'env-file*'),
    atLeast: 2,
    posix: true,
    run: exec,
  },
  {
    names: ['ps', 'container ls', 'container list'],
    flags: flags('all a', QUIET, 'no-trunc'),
    missing: flags('last n=', 'latest l', 'size s', 'format=', 'filter f*'),
    atMost: 0,
    run: ps,
  },
  {
    names: ['start', 'container start'],
    flags: [],
    missing: flags('attach a', 'interactive i'),
    atLeast: 1,
    run: start,
  },
  {
    names: ['stop', 'container stop'],
    flags: flags('time t=', 'signal s='),
    atLeast: 1,
    run: stop,
  },
  { names: ['kill', 'container kill'], flags: flags('signal s='), atLeast: 1, run: kill },
  {
    names: ['rm', 'container rm'],
    flags: flags('force f'),
    missing: flags('volumes v'),
    atLeast: 1,
    run: remove,
  },
  { names: ['pause', 'container pause'], flags: [], atLeast: 1, run: pauser(true) },
  { names: ['unpause', 'container unpause'], flags: [], atLeast: 1, run: pauser(false) },
  {
    names: ['logs', 'container logs'],
    flags: flags('follow f', 'tail n=', 'timestamps t'),
    missing: flags('since=', 'until='),
    atLeast: 1,
    atMost: 1,
    run: logs,
  },
  {
    names: ['inspect', 'container inspect'],
    flags: flags('mode='),
    missing: flags('format f=', 'size s', 'type='),
    atLeast: 1,
    run: inspect,
  },
  {
    names: ['images', 'image ls', 'image list'],
    flags: flags(QUIET, 'no-trunc'),
    missing: flags('all a', 'digests', 'names', 'format=', 'filter f*'),
    atMost: 1,
    run: images,
  },
  {
    names: ['pull', 'image pull'],
    flags: flags(QUIET),
    missing: flags('platform*', 'all-platforms', 'unpack=', 'verify='),
    atLeast: 1,
    atMost: 1,
    run: pull,
  },
  {
    names: ['rmi', 'image rm'],
    flags: flags('force f'),
    missing: flags('async'),
    atLeast: 1,
    run: removeImages,
  },
  { names: ['tag', 'image tag'], flags: [], atLeast: 2, atMost: 2, run: tag },
  {
    names: ['network ls', 'network list'],
    flags: flags(QUIET),
    missing: flags('format=', 'filter f*'),
    atMost: 0,
    run: listNetworks,
  },
  {
    names: ['network create'],
    flags: flags('subnet='),
    missing: flags('driver d=', 'opt o*', 'gateway=', 'ip-range=', 'label*', 'ipv6', 'internal'),
    atLeast: 1,
    atMost: 1,
    run: createNetwork,
  },
  { names: ['network rm', 'network remove'], flags: [], atLeast: 1, run: removeNetworks },
  {
    names: ['volume ls', 'volume list'],
    flags: flags(QUIET),
    missing: flags('format=', 'filter f*', 'size s'),
    atMost: 0,
    run: listVolumes,
  },
  { names: ['volume create'], flags: [], missing: flags('label*'), atMost: 1, run: createVolume },
  {
    names: ['volume rm', 'volume remove'],
    flags: [],
    missing: flags('force f'),
    atLeast: 1,
    run: removeVolumes,
  },
  {
    names: ['volume inspect'],
    flags: [],
    missing: flags('size s', 'format f='),
    atLeast: 1,
    run: inspectVolumes,
  },
  {
    names: ['namespace ls', 'namespace list'],
    flags: flags(QUIET),
    atMost: 0,
    run: listNamespaces,
  },
  { names: ['version'], flags: [], missing: flags('format f='), atMost: 0, run: version },
];

/** Commands of the real one that this one has not. */
const MISSING = [
  'apparmor',
  'build',
  'builder',
  'checkpoint',
  'commit',
  'completion',
  'compose',
  'cp',
  'diff',
  'events',
  'export',
  'healthcheck',
  'help',
  'history',
  'image',
  'import',
  'info',
  'ipfs',
  'load',
  'login',
  'logout',
  'manifest',
  'namespace',
  'network',
  'port',
  'push',
  'rename',
  'restart',
  'save',
  'search',
  'stats',
  'system',
  'top',
  'update',
  'volume',
  'wait',
  'container',
  'attach',
];

const GLOBAL: readonly Flag[] = flags('namespace n=', 'address a=', 'version v', 'help h');
const HELP: readonly Flag[] = flags('help');

function* version({ main, client }: Call): Routine<number> {
  const server = yield* client.version();
  if (isRpcError(server)) return yield* fatal(main, server.message);
  const rows = [
    'Client:',
    ` Version:\t${VERSION}`,
    ' OS/Arch:\tlinux/amd64',
    '',
    'Server:',
    ' containerd:',
    `  Version:\t${server.version}`,
    `  GitCommit:\t${server.revision}`,
  ];
  main.out.put(`${rows.join('\n')}\n`);
  return 0;
}

function* listNamespaces(call: Call): Routine<number> {
  const { client, main, given } = call;
  const all = yield* client.namespaces();
  if (isRpcError(all)) return yield* fatal(main, all.message);
  if (given.is('quiet')) {
    main.out.put(all.map(({ name }) => `${name}\n`).join(''));
    return 0;
  }
  const rows: string[][] = [['NAME', 'CONTAINERS', 'IMAGES', 'VOLUMES', 'LABELS']];
  for (const { name, labels } of all) {
    const other = client.with({ namespace: name });
    const containers = yield* other.containers();
    const held = yield* other.images();
    const count = (list: readonly unknown[] | object): string =>
      String(Array.isArray(list) ? list.length : 0);
    const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    rows.push([name, count(containers), count(held), '0', text.join(',')]);
  }
  main.out.put(table(rows));
  return 0;
}

/** The command that the first one or two words name. */
function commandOf(
  words: readonly string[],
): { command: NerdctlCommand; used: number } | undefined {
  for (const used of [2, 1]) {
    const name = words.slice(0, used).join(' ');
    const command = COMMANDS.find((one) => one.names.includes(name));
    if (command && words.length >= used) return { command, used };
  }
  return undefined;
}

function countProblem(
  { atLeast = 0, atMost = MANY }: NerdctlCommand,
  count: number,
): string | undefined {
  if (atLeast === atMost && count !== atLeast)
    return `accepts ${atLeast} arg(s), received ${count}`;
  if (count < atLeast) return `requires at least ${atLeast} arg(s), only received ${count}`;
  return count > atMost ? `accepts at most ${atMost} arg(s), received ${count}` : undefined;
}

function* serve(main: Main): Routine<number> {
  const [first = '', second = '', third = ''] = main.args;
  if (first === LOGGING) return yield* keepLog(main);
  if (first === 'internal' && second === 'oci-hook') return yield* ociHook(main, third);
  const global = parseFlags(main.args, GLOBAL, false);
  if (typeof global === 'string') return yield* fatal(main, global);
  if (global.is('version')) {
    main.out.put(`nerdctl version ${VERSION}\n`);
    return 0;
  }
  const { words } = global;
  if (words.length === 0 || global.is('help')) return yield* notSimulated(main, 'nerdctl --help');
  const found = commandOf(words);
  if (found === undefined) {
    const [word = ''] = words;
    if (MISSING.includes(word))
      return yield* notSimulated(main, `nerdctl ${words.slice(0, 2).join(' ')}`);
    return yield* fatal(main, `unknown subcommand ${JSON.stringify(word)} for "nerdctl"`);
  }
  const { command, used } = found;
  const known = [...command.flags, ...(command.missing ?? []), ...HELP];
  const given = parseFlags(words.slice(used), known, !command.posix);
  if (typeof given === 'string') return yield* fatal(main, given);
  const left = [...(command.missing ?? []), ...HELP].find(({ name }) => given.has(name));
  const name = command.names[0] ?? '';
  if (left) return yield* notSimulated(main, `nerdctl ${name} --${left.name}`);
  const wrong = countProblem(command, given.words.length);
  if (wrong !== undefined) return yield* fatal(main, wrong);
  const namespace =
    global.text('namespace') || main.process.environment.get('CONTAINERD_NAMESPACE') || 'default';
  const address = global.text('address').replace(/^unix:\/\//, '');
  const client = new ContainerdClient(main.process, { namespace, ...(address && { address }) });
  return yield* command.run({ main, client, namespace, given, args: given.words });
}

/** What the coverage table says: the commands that are here with their flags, and those that are not. */
function coverage(): readonly Coverage[] {
  const here = COMMANDS.map(({ names, flags: own, missing = [] }) => ({
    command: names[0] ?? '',
    simulated: true,
    options: own.length + missing.length,
    missing: missing.map(({ name }) => `--${name}`),
  }));
  const groups = new Set(COMMANDS.flatMap(({ names }) => names.map((name) => name.split(' ')[0])));
  const absent = MISSING.filter((name) => !groups.has(name));
  return [
    ...here,
    ...absent.map((command) => ({ command, simulated: false, options: 0, missing: [] })),
  ];
}

export const nerdctl: ProgramFile = { ...program('nerdctl', serve), coverage };
