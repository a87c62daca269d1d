// docker buildx: builds, builders, the build cache, records of builds. Builders are the daemon's own or containers;
// the drivers kubernetes and remote are left out.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import { decode, encode } from '../../core/text.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import type { BuildHistory } from '../builder/model.ts';
import { humanDuration } from '../../containers/units.ts';
import { durationText } from '../units.ts';
import { Api, isCallError } from './api.ts';
import { buildError, buildOn } from './build/build.ts';
import { PlainPrinter } from './build/plain.ts';
import { Trace } from './build/trace.ts';
import { type Action, type Call, flagsOf, parseFlags } from './command.ts';
import { commandHelp, flagLines, usageForErrors, wrongCount } from './help.ts';
import { bootBuilder, CONTAINER_PLATFORMS, nodeStatus, removeBuilder } from './buildx-container.ts';
import { cacheActions } from './buildx-cache.ts';
import { imagetools } from './imagetools.ts';
import { complain, tabulate } from './output.ts';
import { BUILDX_GROUPS, buildxCommands } from './tables/buildx.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);
/** BuildKit's version, as the engine carries it. */
const BUILDKIT = 'v0.33.0';
/** That of the image which builders in containers run. */
const BUILDX_BUILDKIT = 'v0.25.1';
const PLATFORMS = 'linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/386';

/** Where buildx keeps its builders. */
function configDirectory(call: Call): string {
  const { environment } = call.main.process;
  const config =
    environment.get('DOCKER_CONFIG') ?? `${environment.get('HOME') ?? '/root'}/.docker`;
  return `${config}/buildx`;
}

function instances(call: Call): string[] {
  const items = call.main.process.readdir(`${configDirectory(call)}/instances`);
  return isErrno(items)
    ? []
    : items
        .map(({ name }) => name)
        .filter((name) => !/^\.+$/.test(name))
        .sort();
}

function current(call: Call): string {
  const file = call.main.process.openFile(`${configDirectory(call)}/current`, 0);
  if (isErrno(file) || !file.inode) return 'default';
  const bytes = file.inode.readAt(0, file.inode.size, call.main.process.task);
  return isErrno(bytes) ? 'default' : decode(bytes).trim() || 'default';
}

/** The builder that a command is for. */
const builderOf = (call: Call): string => call.flags.text('builder') || current(call);

const onDefault = (action: Action): Action =>
  function* (call) {
    const name = builderOf(call);
    if (name === 'default') return yield* action(call);
    if (!instances(call).includes(name))
      return yield* buildError(call, `no builder ${JSON.stringify(name)} found`);
    return yield* notSimulated(call.main, `a builder of the docker-container driver (${name})`);
  };

/** Builds on the builder that is chosen. */
const buildChosen: Action = function* (call) {
  const name = builderOf(call);
  if (name !== 'default' && !instances(call).includes(name))
    return yield* buildError(call, `no builder ${JSON.stringify(name)} found`);
  return yield* buildOn(name, call);
};

const list: Action = function* (call) {
  const chosen = current(call);
  const rows = [['NAME/NODE', 'DRIVER/ENDPOINT', 'STATUS', 'BUILDKIT', 'PLATFORMS']];
  for (const name of instances(call)) {
    rows.push([`${name}${name === chosen ? '*' : ''}`, 'docker-container', '', '', '']);
    const status = yield* nodeStatus(apiOf(call), name);
    const facts = status === 'running' ? [BUILDX_BUILDKIT, CONTAINER_PLATFORMS] : ['', ''];
    rows.push([` \\_ ${name}0`, ` \\_ ${call.host}`, status, ...facts]);
  }
  rows.push([`default${chosen === 'default' ? '*' : ''}`, 'docker', '', '', '']);
  const reached = yield* apiOf(call).open('HEAD', '/_ping');
  rows.push(
    isCallError(reached)
      ? [' \\_ default', ' \\_ default', 'error', '', '']
      : [' \\_ default', ' \\_ default', 'running', BUILDKIT, PLATFORMS],
  );
  call.main.out.put(tabulate(rows, 0));
  return 0;
};

function* inspectContainer(call: Call, name: string): Routine<number> {
  const { out } = call.main;
  if (call.flags.on('bootstrap')) {
    const failed = yield* boot(call, name);
    if (failed !== undefined) return yield* buildError(call, failed);
  }
  const status = yield* nodeStatus(apiOf(call), name);
  const running = status === 'running';
  const fields = [
    ['Name:', `${name}0`],
    ['Endpoint:', call.host],
    ['Status:', status],
    ...(running
      ? [
          ['BuildKit daemon flags:', '--allow-insecure-entitlement=network.host'],
          ['BuildKit version:', BUILDX_BUILDKIT],
          ['Platforms:', CONTAINER_PLATFORMS],
        ]
      : []),
  ];
  const width = Math.max(...fields.map(([key = '']) => key.length)) + 1;
  out.put(`Name:   ${name}\nDriver: docker-container\n\nNodes:\n`);
  for (const [key = '', value = ''] of fields) out.put(`${key.padEnd(width)}${value}\n`);
  return 0;
}

/** Boots a builder and shows it as a build does. */
function* boot(call: Call, name: string): Routine<string | undefined> {
  const trace = new Trace();
  const printer = new PlainPrinter(
    (text) => void call.main.err.put(text),
    `building with ${JSON.stringify(name)} instance using docker-container driver`,
  );
  const failed = yield* bootBuilder(apiOf(call), name, (event) => trace.take(event));
  printer.finish(trace);
  yield* call.main.err.flush();
  return failed;
}

const inspect: Action = function* (call) {
  const name = call.args[0] ?? current(call);
  const { out } = call.main;
  if (name !== 'default') {
    if (!instances(call).includes(name))
      return yield* buildError(call, `no builder ${JSON.stringify(name)} found`);
    return yield* inspectContainer(call, name);
  }
  const reached = yield* apiOf(call).open('HEAD', '/_ping');
  if (isCallError(reached)) {
    out.put(`Name:   default\nDriver: \nError:  ${reached.text}\n`);
    return 0;
  }
  out.put(
    `Name:   default\nDriver: docker\n\nNodes:\nName:             default\nEndpoint:         default\nStatus:           running\nBuildKit version: ${BUILDKIT}\nPlatforms:        ${PLATFORMS}\n`,
  );
  return 0;
};

const create: Action = function* (call) {
  const { flags, main } = call;
  const missing = ['append', 'leave', 'driver-opt', 'platform', 'node'].find((name) =>
    flags.given(name),
  );
  if (missing !== undefined) return yield* notSimulated(main, `docker buildx create --${missing}`);
  const driver = flags.text('driver') || 'docker-container';
  if (driver !== 'docker-container')
    return yield* notSimulated(main, `docker buildx create --driver ${driver}`);
  const name = flags.text('name') || `builder${main.process.task.kernel.entropy.int(1000)}`;
  if (name === 'default')
    return yield* buildError(
      call,
      'default is a reserved name and cannot be used to identify builder instance',
    );
  if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(name))
    return yield* buildError(
      call,
      `invalid builder name ${JSON.stringify(name)}, name needs to start with a letter and may not contain symbols, except ._-`,
    );
  if (instances(call).includes(name))
    return yield* buildError(
      call,
      `existing instance for ${JSON.stringify(name)} but no append mode, specify the node name to make changes for existing instances`,
    );
  const directory = `${configDirectory(call)}/instances`;
  makeDirectories(main.process, directory);
  const object = {
    Name: name,
    Driver: driver,
    Nodes: [{ Name: `${name}0`, Endpoint: call.host, Platforms: null, DriverOpts: null }],
    Dynamic: false,
  };
  yield* writeFile(main.process, `${directory}/${name}`, encode(JSON.stringify(object)));
  if (flags.on('use')) yield* choose(call, name);
  if (flags.on('bootstrap')) {
    const failed = yield* boot(call, name);
    if (failed !== undefined) return yield* buildError(call, failed);
  }
  main.out.put(`${name}\n`);
  return 0;
};

function* choose(call: Call, name: string): Routine<void> {
  makeDirectories(call.main.process, configDirectory(call));
  yield* writeFile(call.main.process, `${configDirectory(call)}/current`, encode(name));
}

const use: Action = function* (call) {
  const name = call.args[0] ?? '';
  if (name !== 'default' && !instances(call).includes(name))
    return yield* buildError(
      call,
      `failed to find instance ${JSON.stringify(name)}: open ${configDirectory(call)}/instances/${name}: no such file or directory`,
    );
  yield* choose(call, name);
  return 0;
};

const remove: Action = function* (call) {
  const { main, args, flags } = call;
  const names = flags.on('all-inactive')
    ? instances(call)
    : args.length > 0
      ? args
      : [current(call)];
  let failed = false;
  for (const name of names) {
    const known = instances(call).includes(name);
    if (!known) {
      failed = true;
      const why =
        name === 'default'
          ? 'context builder cannot be removed, run `docker context rm default` to remove this context'
          : `no builder ${JSON.stringify(name)} found`;
      yield* complain(main, `failed to remove ${name}: ${why}`);
      continue;
    }
    yield* removeBuilder(apiOf(call), name, flags.on('keep-state'));
    main.process.unlink(`${configDirectory(call)}/instances/${name}`);
    if (current(call) === name) yield* choose(call, 'default');
    yield* complain(main, `${name} removed`);
  }
  return failed ? yield* buildError(call, 'failed to remove one or more builders') : 0;
};

const version: Action = function* (call) {
  call.main.out.put('github.com/docker/buildx v0.29.1 a32761aeb3debd39be1eca514af3693af0db334b\n');
  return 0;
};

const historyList: Action = function* (call) {
  const found = yield* apiOf(call).get<BuildHistory[]>('/build/history');
  if (isCallError(found)) return yield* buildError(call, found.text);
  const { main } = call;
  const rows = found.map((record) => [
    record.ref,
    record.name,
    record.status,
    `${humanDuration(main.process.now - record.createdAt)} ago`,
    record.completedAt === undefined
      ? ''
      : durationText(Math.round((record.completedAt - record.createdAt) / 1e8) * 1e8),
  ]);
  main.out.put(tabulate([['BUILD ID', 'NAME', 'STATUS', 'CREATED AT', 'DURATION'], ...rows], 0));
  return 0;
};

const historyRemove: Action = function* (call) {
  const api = apiOf(call);
  let refs = [...call.args];
  if (call.flags.on('all')) {
    const found = yield* api.get<BuildHistory[]>('/build/history');
    refs = isCallError(found) ? [] : found.map(({ ref }) => ref);
  }
  for (const ref of refs) {
    const removed = yield* api.call('DELETE', `/build/history/${ref}`);
    if (isCallError(removed)) return yield* buildError(call, removed.message);
  }
  return 0;
};

const ACTIONS: Readonly<Record<string, Action>> = {
  'buildx build': buildChosen,
  'buildx create': create,
  'buildx du': onDefault(cacheActions.diskUsage),
  'buildx inspect': inspect,
  'buildx ls': list,
  'buildx prune': onDefault(cacheActions.prune),
  'buildx rm': remove,
  'buildx use': use,
  'buildx version': version,
  'buildx history ls': onDefault(historyList),
  'buildx history rm': onDefault(historyRemove),
  ...imagetools,
};

const ALIASES: Readonly<Record<string, string>> = { b: 'build', f: 'bake' };

const PLUGIN_FLAGS = [
  '|builder|string|Override the configured builder instance',
  'D|debug|bool|Enable debug logging',
].map((line) => {
  const [short = '', name = '', type = '', text = ''] = line.split('|');
  return { short, name, type, text };
});

function commandsIn(group: string): string {
  const rows = buildxCommands
    .filter(({ path }) => {
      const words = path.split(' ');
      return group === '' ? words.length === 2 : words.length === 3 && words[1] === group;
    })
    .map(({ path, short }): [string, string] => [path.split(' ').at(-1) ?? '', short])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([name]) => name.length), 10);
  return rows.map(([name, short]) => `  ${name.padEnd(width)}  ${short}\n`).join('');
}

/** The help of buildx itself or of one of its groups. */
function groupHelp(group: string): string {
  const called = group === '' ? 'docker buildx' : `docker buildx ${group}`;
  const about = BUILDX_GROUPS[group] ?? 'Extended build capabilities with BuildKit';
  const groups =
    group === ''
      ? `Management Commands:\n${Object.entries(BUILDX_GROUPS)
          .map(([name, short]) => `  ${name.padEnd(10)}  ${short}\n`)
          .join('')}\n`
      : '';
  const hidden =
    group === ''
      ? '\nExperimental commands and flags are hidden. Set BUILDX_EXPERIMENTAL=1 to show them.\n'
      : '';
  return `Usage:  ${called} [OPTIONS] COMMAND\n\n${about}\n\nOptions:\n${flagLines(PLUGIN_FLAGS)}\n${groups}Commands:\n${commandsIn(group)}\nRun '${called} COMMAND --help' for more information on a command.\n${hidden}`;
}

/** Runs a line of buildx. */
export function* buildx(main: Main, host: string, words: readonly string[]): Routine<number> {
  const parsed = parseFlags(words, PLUGIN_FLAGS, false);
  if (typeof parsed === 'string') {
    yield* complain(
      main,
      `${parsed}\n\nUsage:  docker buildx [OPTIONS] COMMAND\n\nRun 'docker buildx --help' for more information`,
    );
    return 125;
  }
  const [typed, ...rest] = parsed.args;
  const word = typed === undefined ? undefined : (ALIASES[typed] ?? typed);
  if (word === undefined) {
    main.out.put(groupHelp(''));
    return 0;
  }
  const global = parsed.flags.given('builder') ? ['--builder', parsed.flags.text('builder')] : [];
  if (parsed.flags.on('debug')) global.push('--debug');
  if (word in BUILDX_GROUPS) {
    const [inner, ...more] = rest;
    if (inner === undefined || inner === '--help') {
      main.out.put(groupHelp(word));
      return 0;
    }
    return yield* runCommand(main, host, `buildx ${word} ${inner}`, [...global, ...more]);
  }
  return yield* runCommand(main, host, `buildx ${word}`, [...global, ...rest]);
}

function* runCommand(
  main: Main,
  host: string,
  path: string,
  words: readonly string[],
): Routine<number> {
  const called = `docker ${path}`;
  const table = buildxCommands.find((command) => command.path === path);
  if (!table) {
    main.out.put(groupHelp(''));
    yield* complain(main, `ERROR: unknown command: ${JSON.stringify(path.split(' ').at(-1))}`);
    return 1;
  }
  const parsed = parseFlags(words, flagsOf(table));
  if (typeof parsed === 'string') {
    yield* complain(
      main,
      `${parsed}\n\n${usageForErrors(called, table)}\n\nRun '${called} --help' for more information`,
    );
    return 125;
  }
  if (parsed.help) {
    main.out.put(commandHelp(called, table));
    return 0;
  }
  const wrong = wrongCount(called, table, parsed.args.length);
  if (wrong !== undefined) {
    yield* complain(main, `ERROR: ${wrong}`);
    return 1;
  }
  const action = ACTIONS[path];
  if (!action) return yield* notSimulated(main, [called, ...words].join(' '));
  return yield* action({ main, called, flags: parsed.flags, args: parsed.args, host });
}
