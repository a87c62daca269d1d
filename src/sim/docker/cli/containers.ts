// The docker commands on containers that only ask the daemon: ps, stop, rm, inspect, logs and so on.

import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { goMap } from '../../userland/template/values.ts';
import { humanDuration } from '../../containers/units.ts';
import { humanSize } from '../units.ts';
import { Api, type CallError, filterQuery, isCallError, type Query } from './api.ts';
import type { Action, Call } from './command.ts';
import { copyAction, diffAction, exportAction } from './files.ts';
import { imageText } from './container-image.ts';
import { isFlagError } from './flag-error.ts';
import { updateRequest } from './host-config.ts';
import {
  complain,
  ellipsis,
  fail,
  type ListView,
  printList,
  tabulate,
  withLabel,
  wrongTemplate,
} from './output.ts';
import { portsText } from './ports.ts';
import { timestamp } from './timestamp.ts';
import { Demultiplexer } from './streams.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);
const pathOf = (name: string, rest = ''): string =>
  `/containers/${encodeURIComponent(name)}${rest}`;

/** How containers are listed. */
export const CONTAINERS: ListView = {
  type: '*formatter.ContainerContext',
  headers: goMap({
    ID: 'CONTAINER ID',
    Names: 'NAMES',
    Image: 'IMAGE',
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    RunningFor: 'CREATED',
    Ports: 'PORTS',
    State: 'STATE',
    Status: 'STATUS',
    Size: 'SIZE',
    Labels: 'LABELS',
    Mounts: 'MOUNTS',
    Networks: 'NETWORKS',
    LocalVolumes: 'LOCAL VOLUMES',
    Platform: 'PLATFORM',
  }),
  columns: ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'],
  quiet: 'ID',
};

/** container.Summary */
export interface Summary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  readonly Created: number;
  readonly Ports: readonly {
    IP?: string;
    PrivatePort: number;
    PublicPort?: number;
    Type: string;
  }[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  readonly Status: string;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Mounts: readonly { Type: string; Name?: string; Source: string; Destination: string }[];
  readonly ImageManifestDescriptor?: { readonly platform?: object };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** `2026-03-02 09:00:00 +0000 UTC` */
export function goTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** A container as a row of `docker ps`. */
export function containerRow(
  container: Summary,
  whole: boolean,
  now: number,
): Record<string, unknown> {
  const id = whole ? container.Id : container.Id.slice(0, 12);
  const mounts = container.Mounts.map((mount) => mount.Name ?? mount.Source).map((name) =>
    whole ? name : ellipsis(name, 15),
  );
  const size = `${humanSize(container.SizeRw ?? 0, 3)}${container.SizeRootFs ? ` (virtual ${humanSize(container.SizeRootFs, 3)})` : ''}`;
  const made = {
    Command: `"${whole ? container.Command : ellipsis(container.Command, 20)}"`,
    CreatedAt: goTime(container.Created),
    ID: id,
    Image: imageText(container, whole),
    Labels: Object.entries(container.Labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.Mounts.filter((m) => m.Type === 'volume').length),
    Mounts: mounts.join(','),
    Names: container.Names.map((name) => name.replace(/^\//, '')).join(','),
    Networks: Object.keys(container.NetworkSettings.Networks).join(','),
    Platform: container.ImageManifestDescriptor?.platform ?? null,
    Ports: portsText(container.Ports),
    RunningFor: `${humanDuration((now - container.Created) * SECOND)} ago`,
    Size: size,
    State: container.State,
    Status: container.Status,
  };
  return withLabel(made, container.Labels);
}

/** A container that templates are tried on. */
const NOBODY: Summary = {
  Id: '',
  Names: [],
  Image: '',
  ImageID: '',
  Command: '',
  Created: 0,
  Ports: [],
  Labels: {},
  State: '',
  Status: '',
  Mounts: [],
  NetworkSettings: { Networks: {} },
};

const ps: Action = function* (call) {
  const { flags, main } = call;
  const last = flags.given('last') ? flags.number('last') : flags.on('latest') ? 1 : 0;
  const format = flags.text('format');
  if (format !== '' && flags.on('quiet'))
    yield* complain(
      main,
      'WARNING: Ignoring custom format, because both --format and --quiet are set.',
    );
  const wrong = wrongTemplate(CONTAINERS, containerRow(NOBODY, true, 0), format);
  if (wrong !== undefined) return yield* fail(call, wrong);
  const query = {
    all: flags.on('all'),
    limit: last > 0 ? last : undefined,
    size: flags.on('size') || format.includes('.Size'),
    filters: filterQuery(flags.list('filter')),
  };
  const found = yield* apiOf(call).get<Summary[]>('/containers/json', query);
  if (isCallError(found)) return yield* fail(call, found.text);
  const now = epochSeconds(main.process.now);
  const view = flags.on('size')
    ? { ...CONTAINERS, columns: [...CONTAINERS.columns, 'Size'] }
    : CONTAINERS;
  const rows = found.map((container) => containerRow(container, flags.on('no-trunc'), now));
  return yield* printList(call, view, rows, { format, quiet: flags.on('quiet') });
};

/** Tells of what failed once everything has been tried. */
function* failAll(call: Call, errors: readonly string[]): Routine<number> {
  return errors.length === 0 ? 0 : yield* fail(call, errors.join('\n'));
}

/** Does the same to each name and prints those that went well; failures are told of at the end. */
function each(
  request: (call: Call, api: Api, name: string) => Routine<CallError | unknown>,
): Action {
  return function* (call) {
    const api = apiOf(call);
    const errors: string[] = [];
    for (const name of call.args) {
      const result = yield* request(call, api, name);
      if (isCallError(result)) errors.push(result.text);
      else {
        call.main.out.put(`${name}\n`);
        yield* call.main.out.flush();
      }
    }
    return yield* failAll(call, errors);
  };
}

const stopQuery = (call: Call): Query => ({
  t: call.flags.given('timeout') ? call.flags.number('timeout') : undefined,
  signal: call.flags.text('signal'),
});

const rm: Action = function* (call) {
  const { flags, args, main } = call;
  const api = apiOf(call);
  const errors: string[] = [];
  for (const given of args) {
    const name = given.replace(/^\/+|\/+$/g, '');
    if (name === '') {
      errors.push('Container name cannot be empty');
      continue;
    }
    const failed = yield* api.call('DELETE', pathOf(name), {
      v: flags.on('volumes'),
      force: flags.on('force'),
      link: flags.on('link'),
    });
    if (isCallError(failed)) {
      if (flags.on('force') && failed.status === 404) yield* complain(main, failed.text);
      else errors.push(failed.text);
    } else {
      main.out.put(`${name}\n`);
      yield* main.out.flush();
    }
  }
  return yield* failAll(call, errors);
};

const rename: Action = function* (call) {
  const [name = '', wanted = ''] = call.args.map((text) => text.trim());
  if (name === '' || wanted === '')
    return yield* fail(call, 'Error: Neither old nor new names may be empty');
  const failed = yield* apiOf(call).post(pathOf(name, '/rename'), { name: wanted });
  if (!isCallError(failed)) return 0;
  yield* complain(call.main, failed.text);
  return yield* fail(call, `Error: failed to rename container named ${name}`);
};

const wait: Action = function* (call) {
  const api = apiOf(call);
  const errors: string[] = [];
  for (const name of call.args) {
    const ended = yield* api.post<{ StatusCode: number }>(pathOf(name, '/wait'));
    if (isCallError(ended)) errors.push(ended.text);
    else call.main.out.put(`${ended.StatusCode}\n`);
  }
  return yield* failAll(call, errors);
};

const port: Action = function* (call) {
  const [name = '', wanted] = call.args;
  const found = yield* apiOf(call).get<{
    NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> };
  }>(pathOf(name, '/json'));
  if (isCallError(found)) return yield* fail(call, found.text);
  const text = (b: { HostIp: string; HostPort: string }): string =>
    `${b.HostIp.includes(':') ? `[${b.HostIp}]` : b.HostIp}:${b.HostPort}`;
  const ports = found.NetworkSettings.Ports;
  if (wanted !== undefined) {
    const [number = ''] = wanted.split('/', 1);
    if (!/^\d+$/.test(number))
      return yield* fail(
        call,
        `Error: invalid port (${number}): strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`,
      );
    const bindings = ports[wanted.includes('/') ? wanted : `${wanted}/tcp`];
    if (!bindings?.length)
      return yield* fail(call, `Error: No public port '${wanted}' published for ${name}`);
    for (const binding of bindings) call.main.out.put(`${text(binding)}\n`);
    return 0;
  }
  const lines = Object.entries(ports).flatMap(([key, bindings]) =>
    (bindings ?? []).map((binding) => ({ key, line: `${key} -> ${text(binding)}\n` })),
  );
  lines.sort((a, b) => Number.parseInt(a.key, 10) - Number.parseInt(b.key, 10));
  for (const { line } of lines) call.main.out.put(line);
  return 0;
};

const top: Action = function* (call) {
  const [name = '', ...words] = call.args;
  const found = yield* apiOf(call).get<{ Titles: string[]; Processes: string[][] }>(
    pathOf(name, '/top'),
    { ps_args: words.join(' ') },
  );
  if (isCallError(found)) return yield* fail(call, found.text);
  call.main.out.put(tabulate([found.Titles, ...found.Processes], 20));
  return 0;
};

const update: Action = function* (call) {
  if (
    ![
      'blkio-weight',
      'cpu-period',
      'cpu-quota',
      'cpu-rt-period',
      'cpu-rt-runtime',
      'cpu-shares',
      'cpuset-cpus',
      'cpuset-mems',
      'cpus',
      'memory',
      'memory-reservation',
      'memory-swap',
      'pids-limit',
      'restart',
    ].some((n) => call.flags.given(n))
  ) {
    return yield* fail(call, 'you must provide one or more flags when using this command');
  }
  const request = updateRequest(call.flags);
  if (isFlagError(request)) return yield* fail(call, request.wrong);
  return yield* each((_call, api, name) => api.post(pathOf(name, '/update'), {}, request))(call);
};

const logs: Action = function* (call) {
  const { flags, args, main } = call;
  const api = apiOf(call);
  const found = yield* api.get<{ Id: string; Config: { Tty: boolean } }>(
    pathOf(args[0] ?? '', '/json'),
  );
  if (isCallError(found)) return yield* fail(call, found.text);
  const since = timestamp(call, flags.text('since'));
  const until = timestamp(call, flags.text('until'));
  for (const [name, value] of [
    ['since', since],
    ['until', until],
  ] as const) {
    if (value === undefined)
      return yield* fail(
        call,
        `invalid value for "${name}": failed to parse value as time or duration: ${JSON.stringify(flags.text(name))}`,
      );
  }
  const query = {
    stdout: true,
    stderr: true,
    since,
    until,
    timestamps: flags.on('timestamps'),
    follow: flags.on('follow'),
    tail: flags.text('tail'),
    details: flags.on('details'),
  };
  const answer = yield* api.open('GET', pathOf(found.Id, '/logs'), query);
  if (isCallError(answer)) return yield* fail(call, answer.text);
  const streams = new Demultiplexer(main.process, found.Config.Tty);
  while (answer.stream) {
    const piece = yield* answer.stream.next();
    if (piece === undefined) break;
    yield* streams.take(piece.bytes());
  }
  return 0;
};

/** What a prune command asks and reports. */
export function* confirmed(call: Call, question: string): Routine<boolean> {
  if (call.flags.on('force')) return true;
  call.main.out.put(`${question}\nAre you sure you want to continue? [y/N] `);
  yield* call.main.out.flush();
  const line = (yield* call.main.input.line()) ?? '';
  return /^y(es)?$/i.test(line.trim());
}

const prune: Action = function* (call) {
  if (!(yield* confirmed(call, 'WARNING! This will remove all stopped containers.'))) return 0;
  const pruned = yield* apiOf(call).post<{
    ContainersDeleted: string[] | null;
    SpaceReclaimed: number;
  }>('/containers/prune', { filters: pruneFilters(call.flags.list('filter')) });
  if (isCallError(pruned)) return yield* fail(call, pruned.text);
  if (pruned.ContainersDeleted?.length)
    call.main.out.put(`Deleted Containers:\n${pruned.ContainersDeleted.join('\n')}\n\n`);
  call.main.out.put(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed)}\n`);
  return 0;
};

/** Filters of prune commands, where `label!=x` is one of its own. */
export function pruneFilters(list: readonly string[]): string | undefined {
  return filterQuery(list.map((text) => text.replace(/^label!=/, 'label!=')));
}

export const containerActions: Readonly<Record<string, Action>> = {
  'container ls': ps,
  'container rm': rm,
  'container rename': rename,
  'container wait': wait,
  'container port': port,
  'container top': top,
  'container update': update,
  'container logs': logs,
  'container prune': prune,
  'container cp': copyAction,
  'container diff': diffAction,
  'container export': exportAction,
  'container stop': each((call, api, name) => api.post(pathOf(name, '/stop'), stopQuery(call))),
  'container restart': each((call, api, name) =>
    api.post(pathOf(name, '/restart'), stopQuery(call)),
  ),
  'container kill': each((call, api, name) =>
    api.post(pathOf(name, '/kill'), { signal: call.flags.text('signal') || 'KILL' }),
  ),
  'container pause': each((_call, api, name) => api.post(pathOf(name, '/pause'))),
  'container unpause': each((_call, api, name) => api.post(pathOf(name, '/unpause'))),
};
