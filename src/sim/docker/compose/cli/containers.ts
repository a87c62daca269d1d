// docker compose logs, exec, run, attach, cp, export, commit, stats and events: what docker does with one container, by the
// name of its service.

import type { Routine } from '../../../core/wait.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import { filterQuery, isCallError } from '../../cli/api.ts';
import { type Action, flagsOf, parseFlags } from '../../cli/command.ts';
import { commitActions } from '../../cli/commit.ts';
import { containerActions } from '../../cli/containers.ts';
import { nameQuery } from '../../cli/name-query.ts';
import { timestamp } from '../../cli/timestamp.ts';
import { runActions } from '../../cli/run.ts';
import { statsAction } from '../../cli/stats.ts';
import { containerCommands } from '../../cli/tables/container.ts';
import { serviceNames } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  inspect,
  isOneOff,
  LABEL,
  logName,
  nameOf,
  oneContainer,
  serviceOf,
  type Summary,
} from '../service/containers.ts';
import { DRY_RUN_PREFIX } from '../service/dry-run.ts';
import { LineSplitter, LogLines } from '../service/log-lines.ts';
import { together } from '../service/parallel.ts';
import { answered, type ComposeAction, type ComposeCall, projectOrName } from './call.ts';
import { dockerCall } from './list.ts';
import { workOn } from './work.ts';

const ACTIONS: Readonly<Record<string, Action>> = {
  ...runActions,
  ...containerActions,
  ...commitActions,
  'container stats': statsAction,
};

/** Runs one of docker's own commands in this process. */
export function* runDocker(
  call: ComposeCall,
  path: string,
  words: readonly string[],
  args: readonly string[],
): Routine<number> {
  const table = containerCommands.find((one) => one.path === path);
  const action = ACTIONS[path];
  const parsed = table ? parseFlags(words, flagsOf(table)) : 'unknown command';
  if (!action || typeof parsed === 'string')
    return yield* notSimulated(call.main, `docker compose: docker ${path}`);
  const called = `docker ${path.replace(/^container /, '')}`;
  return yield* action({ main: call.main, called, flags: parsed.flags, args, host: call.host });
}

export const logs: ComposeAction = function* (call) {
  const { flags, args, main, api } = call;
  const index = flags.number('index');
  if (index > 0 && args.length !== 1)
    throw new ComposeProblem('--index requires one service to be selected');
  const { name, project } = yield* projectOrName(call, args);
  const shown =
    project && args.length === 0
      ? serviceNames(project).filter((one) => project.services[one]?.attach !== false)
      : args;
  const containers =
    index > 0
      ? [yield* oneContainer(api, name, args[0] ?? '', index, { oneOff: 'exclude', all: true })]
      : yield* containersOf(api, name.toLowerCase(), {
          oneOff: 'exclude',
          all: true,
          services: shown,
        });
  containers.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const lines = new LogLines({
    main,
    prefix: !flags.on('no-log-prefix'),
    color: call.ansi && !flags.on('no-color'),
    timestamps: false,
  });
  for (const container of containers) lines.register(logName(container));
  yield* main.out.flush();
  const query = logQuery(call);
  if (flags.on('follow'))
    yield* together(api.process, containers, (container, thread) =>
      printLog({ ...call, api: api.with(thread) }, container, query, lines),
    );
  else for (const container of containers) yield* printLog(call, container, query, lines);
  return 0;
};

function logQuery(call: ComposeCall): Readonly<Record<string, string | boolean>> {
  const { flags } = call;
  const time = (name: 'since' | 'until'): string => {
    const text = flags.text(name);
    const value = flags.given(name) ? timestamp(dockerCall(call, 'docker logs'), text) : '';
    if (value === undefined)
      throw new ComposeProblem(
        `invalid value for "${name}": failed to parse value as time or duration: ${JSON.stringify(text)}`,
      );
    return value;
  };
  return {
    stdout: true,
    stderr: true,
    follow: flags.on('follow'),
    tail: flags.text('tail'),
    timestamps: flags.on('timestamps'),
    since: time('since'),
    until: time('until'),
  };
}

function* printLog(
  { api }: ComposeCall,
  container: Summary,
  query: Readonly<Record<string, string | boolean>>,
  lines: LogLines,
): Routine<void> {
  const name = logName(container);
  const { Config } = yield* inspect(api, container.Id);
  const { stream } = answered(yield* api.open('GET', `/containers/${container.Id}/logs`, query));
  const splitter = new LineSplitter(Config.Tty, (_fd, line) => lines.line(1, name, line));
  while (stream) {
    const piece = yield* stream.next();
    if (piece === undefined) break;
    yield* splitter.take(piece.bytes());
  }
  yield* splitter.end();
}

/** The running container of the service that the first argument names. */
function* target(call: ComposeCall, all = false): Routine<Summary> {
  const { name } = yield* projectOrName(call);
  const [service = ''] = call.args;
  const index = call.flags.number('index');
  return yield* oneContainer(call.api, name, service, index, { oneOff: 'include', all });
}

/** Words for docker's flags of the same meaning. */
function passed(call: ComposeCall, names: Readonly<Record<string, string>>): string[] {
  return Object.entries(names).flatMap(([own, flag]) =>
    call.flags.given(own) ? call.flags.list(own).map((value) => `--${flag}=${value}`) : [],
  );
}

const noTerminal = (call: ComposeCall, name: string): boolean =>
  call.flags.given(name) ? call.flags.on(name) : !call.main.process.isTerminal(1);

export const exec: ComposeAction = function* (call) {
  const { flags, args } = call;
  const { Id } = yield* target(call);
  if (call.dryRun) return yield* pretendExec(call, Id);
  const words = passed(call, {
    env: 'env',
    user: 'user',
    workdir: 'workdir',
    privileged: 'privileged',
    detach: 'detach',
  });
  if (!flags.on('detach') && (!flags.given('interactive') || flags.on('interactive')))
    words.push('--interactive');
  if (!noTerminal(call, 'no-tty')) words.push('--tty');
  return yield* runDocker(call, 'container exec', words, [Id, ...args.slice(1)]);
};

/** A dry run tells of what would run in the background, and of nothing else. */
function* pretendExec({ main, flags, args }: ComposeCall, id: string): Routine<number> {
  if (!flags.on('detach'))
    throw new ComposeProblem('interactive exec is not supported in dry-run mode');
  const command = args.slice(1).map((word) => JSON.stringify(word));
  main.out.put(
    `${DRY_RUN_PREFIX}Executing command [${command.join(' ')}] in ${id} (detached mode)\n`,
  );
  yield* main.out.flush();
  return 0;
}

export const attach: ComposeAction = function* (call) {
  const { Id } = yield* target(call);
  const words = passed(call, {
    'detach-keys': 'detach-keys',
    'no-stdin': 'no-stdin',
    'sig-proxy': 'sig-proxy',
  });
  return yield* runDocker(call, 'container attach', words, [Id]);
};

export const exportContainer: ComposeAction = function* (call) {
  const container = yield* target(call, true);
  const { Id } = container;
  const path = call.flags.given('output') ? call.flags.text('output') : '';
  const output = path === '' ? [] : [`--output=${path}`];
  const work = workOn(call, emptyProject(''), 'Exporting');
  const name = nameOf(container);
  yield* work.progress.event(name, 'working', 'Exporting', `export ${name} to ${path}`);
  return yield* runDocker(call, 'container export', output, [Id]);
};

export const commit: ComposeAction = function* (call) {
  const { flags, api } = call;
  const container = yield* target(call, true);
  const name = nameOf(container);
  const { progress } = workOn(call, emptyProject(''), 'Committing');
  yield* progress.event(name, 'working', 'Committing', `Commit ${name}`);
  if (call.dryRun) {
    yield* progress.event(name, 'done', 'Committed', `Commit ${name}`);
    return 0;
  }
  const reference = nameQuery(call.args[1]);
  if (typeof reference === 'string') throw new ComposeProblem(reference);
  const made = answered(
    yield* api.post<{ Id: string }>(
      '/commit',
      {
        container: container.Id,
        ...reference,
        comment: flags.text('message'),
        author: flags.text('author'),
        changes: flags.list('change'),
        pause: !flags.given('pause') || flags.on('pause') ? 'true' : 'false',
      },
      {},
    ),
  );
  yield* progress.event(name, 'done', `Committed as ${made.Id}`, `Commit ${name}`);
  return 0;
};

export const stats: ComposeAction = function* (call) {
  const { flags, args, api } = call;
  const { name } = yield* projectOrName(call);
  const containers = yield* containersOf(api, name, {
    oneOff: 'include',
    all: flags.on('all'),
    services: args,
  });
  const words = passed(call, {
    all: 'all',
    format: 'format',
    'no-stream': 'no-stream',
    'no-trunc': 'no-trunc',
  });
  // Without one, docker's own would show all that there are.
  const shown = containers.map(({ Id }) => Id.slice(0, 12));
  return yield* runDocker(call, 'container stats', words, shown);
};

/** `SERVICE:PATH`; a path that begins with / or . is local. */
function splitCopy(text: string): { service: string; path: string } {
  const colon = text.indexOf(':');
  if (colon < 0 || /^[/.]/.test(text)) return { service: '', path: text };
  return { service: text.slice(0, colon), path: text.slice(colon + 1) };
}

export const cp: ComposeAction = function* (call) {
  const { flags, args, api } = call;
  const [from = '', to = ''] = args;
  const source = splitCopy(from);
  const destination = splitCopy(to);
  if (from === '') throw new ComposeProblem('source can not be empty');
  if (to === '') throw new ComposeProblem('destination can not be empty');
  const { name, project } = yield* projectOrName(call);
  if (source.service !== '' && destination.service !== '')
    throw new ComposeProblem('copying between services is not supported');
  const service = source.service || destination.service;
  if (service === '') throw new ComposeProblem('unknown copy direction');
  const index = flags.number('index');
  const oneOff = flags.on('all') ? 'include' : 'exclude';
  const found =
    index > 0
      ? [yield* oneContainer(api, name, service, index, { oneOff: 'exclude', all: true })]
      : yield* containersOf(api, name, { oneOff, all: true, services: [service] });
  if (found.length === 0)
    throw new ComposeProblem(`no container found for service ${JSON.stringify(service)}`);
  const containers = source.service === '' ? found : found.slice(0, 1);
  const work = workOn(call, project ?? emptyProject(name), 'Copying');
  for (const container of containers) {
    const own = nameOf(container);
    const message =
      source.service === ''
        ? `copy ${source.path} to ${own}:${destination.path}`
        : `copy ${own}:${source.path} to ${destination.path}`;
    yield* work.progress.event(own, 'working', 'Copying', message);
    const words = flags.on('archive') ? ['--archive', '--quiet'] : ['--quiet'];
    const operands =
      source.service === ''
        ? [source.path, `${container.Id}:${destination.path}`]
        : [`${container.Id}:${source.path}`, destination.path];
    const status = yield* runDocker(call, 'container cp', words, operands);
    if (status !== 0) return status;
    yield* work.progress.event(own, 'done', 'Copied', message);
  }
  return 0;
};

function emptyProject(name: string): Parameters<typeof workOn>[1] {
  return {
    name,
    workingDir: '',
    files: [],
    environment: new Map(),
    services: {},
    disabled: {},
    networks: {},
    volumes: {},
    secrets: {},
    configs: {},
    models: {},
    extensions: {},
    envFiles: [],
    profiles: [],
  };
}

interface Message {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

export const events: ComposeAction = function* (call) {
  const { flags, args, main, api } = call;
  const { name } = yield* projectOrName(call);
  const query = {
    filters: filterQuery([`label=${LABEL.project}=${name}`]),
    since: flags.given('since') ? timestamp(dockerCall(call, ''), flags.text('since')) : undefined,
    until: flags.given('until') ? timestamp(dockerCall(call, ''), flags.text('until')) : undefined,
  };
  const failed = yield* api.lines('GET', '/events', query, function* (line) {
    const { Type, Action, Actor, timeNano } = line as unknown as Message;
    const container = { Labels: Actor.Attributes };
    if (Type !== 'container' || isOneOff(container)) return;
    const service = serviceOf(container);
    if (args.length > 0 && !args.includes(service)) return;
    const attributes = Object.entries(Actor.Attributes).filter(
      ([key]) => !key.startsWith('com.docker.compose.'),
    );
    const time = goNanoTime(timeNano);
    if (flags.on('json'))
      main.out.put(
        `${JSON.stringify({ action: Action, attributes: Object.fromEntries(attributes.sort()), id: Actor.ID, service, time, type: 'container' })}\n`,
      );
    else {
      const shown = time.slice(0, 26).replace('T', ' ');
      const list = attributes.map(([key, value]) => `${key}=${value}`).join(', ');
      main.out.put(`${shown} container ${Action} ${Actor.ID} (${list})\n\n`);
    }
    yield* main.out.flush();
  });
  if (isCallError(failed)) throw new ComposeProblem(failed.text);
  return 0;
};

function goNanoTime(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(Math.round(nanoseconds - seconds * 1e9)).padStart(9, '0')}Z`;
}
