// docker version, events, system df and prune.

import type { Routine } from '../../core/wait.ts';
import { compileTemplate, type Template, TemplateError } from '../../userland/template/execute.ts';
import { goJson } from '../../userland/template/values.ts';
import { humanSize } from '../units.ts';
import { Api, type CallError, filterQuery, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { confirmed, pruneFilters } from './containers.ts';
import { timestamp } from './timestamp.ts';
import { inspectActions } from './inspect.ts';
import { diskUsageAction } from './disk-usage.ts';
import { infoAction } from './info.ts';
import { fail } from './output.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);

const CLIENT = {
  Version: '28.2.2',
  ApiVersion: '1.50',
  DefaultAPIVersion: '1.50',
  GitCommit: 'e6534b4',
  GoVersion: 'go1.24.3',
  Os: 'linux',
  Arch: 'amd64',
  BuildTime: 'Fri May 30 12:07:14 2025',
};

interface Engine {
  readonly Platform: { Name: string };
  readonly Components: readonly {
    Name: string;
    Version: string;
    Details: Readonly<Record<string, string>>;
  }[];
  readonly Version: string;
  readonly ApiVersion: string;
}

const version: Action = function* (call) {
  const { main, flags, context = 'default' } = call;
  const server = yield* apiOf(call).get<Engine>('/version');
  const format = flags.text('format');
  if (format !== '') {
    const object = {
      Client: { ...CLIENT, Context: context },
      Server: isCallError(server) ? null : server,
    };
    try {
      main.out.put(
        format === 'json' ? `${goJson(object)}\n` : `${compileTemplate(format).execute(object)}\n`,
      );
    } catch (thrown) {
      if (!(thrown instanceof TemplateError)) throw thrown;
      return yield* fail(call, `template parsing error: ${thrown.message}`, 64);
    }
    return isCallError(server) ? yield* fail(call, server.text) : 0;
  }
  const line = (name: string, value: string): string => ` ${`${name}:`.padEnd(18)} ${value}\n`;
  main.out.put(
    `Client:\n${line('Version', CLIENT.Version)}${line('API version', CLIENT.ApiVersion)}${line('Go version', CLIENT.GoVersion)}${line('Git commit', CLIENT.GitCommit)}${line('Built', CLIENT.BuildTime)}${line('OS/Arch', 'linux/amd64')}${line('Context', context)}`,
  );
  if (isCallError(server)) return yield* fail(call, server.text);
  main.out.put(`\nServer: ${server.Platform.Name}\n`);
  for (const { Name, Version, Details } of server.Components) {
    main.out.put(` ${Name}:\n`);
    const inner = (name: string, value: string): string => `  ${`${name}:`.padEnd(17)} ${value}\n`;
    main.out.put(inner('Version', Version));
    if (Name === 'Engine') {
      main.out.put(
        `${inner('API version', `${server.ApiVersion} (minimum version ${Details.MinAPIVersion})`)}${inner('Go version', Details.GoVersion ?? '')}${inner('Git commit', Details.GitCommit ?? '')}${inner('Built', 'Mon Nov 10 21:50:49 2025')}${inner('OS/Arch', 'linux/amd64')}${inner('Experimental', 'false')}`,
      );
    } else main.out.put(inner('GitCommit', Details.GitCommit ?? ''));
  }
  return 0;
};

const events: Action = function* (call) {
  const { flags, main } = call;
  const since = timestamp(call, flags.text('since'));
  const until = timestamp(call, flags.text('until'));
  for (const [name, value] of [
    ['since', since],
    ['until', until],
  ] as const) {
    if (value === undefined)
      return yield* fail(
        call,
        `failed to parse value as time or duration: ${JSON.stringify(flags.text(name))}`,
      );
  }
  const format = flags.text('format');
  let template: Template | undefined;
  let wrong: string | undefined;
  try {
    template =
      format === '' || format === 'json'
        ? undefined
        : compileTemplate(format, { type: '*events.Message' });
    template?.execute(eventFields({ Type: '', Action: '', Actor: { ID: '', Attributes: {} } }));
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return yield* fail(call, `Error parsing format: ${thrown.message}`, 64);
  }
  const failed = yield* apiOf(call).lines(
    'GET',
    '/events',
    { since, until, filters: filterQuery(flags.list('filter')) },
    function* (line) {
      try {
        main.out.put(
          template
            ? `${template.execute(eventFields(line))}\n`
            : format === 'json'
              ? `${JSON.stringify(line)}\n`
              : eventLine(line),
        );
      } catch (thrown) {
        if (!(thrown instanceof TemplateError)) throw thrown;
        wrong ??= thrown.message;
      }
      yield* main.out.flush();
    },
  );
  if (wrong !== undefined) return yield* fail(call, wrong);
  return failed ? yield* fail(call, failed.text) : 0;
};

/** An event with the names besides that templates know (events.Message); as JSON it keeps its own. */
function eventFields(event: Record<string, unknown>): Record<string, unknown> {
  const { status = '', id = '', from = '', scope = '', time = 0, timeNano = 0 } = event;
  const fields = {
    Status: status,
    ID: id,
    From: from,
    Scope: scope,
    Time: time,
    TimeNano: timeNano,
  };
  const named = { ...event };
  for (const [name, value] of Object.entries(fields))
    Object.defineProperty(named, name, { value, enumerable: false });
  return named;
}

function eventLine(event: Record<string, unknown>): string {
  const { ID, Attributes } = event.Actor as { ID: string; Attributes: Record<string, string> };
  const nanoseconds = Number(event.timeNano);
  const stamp = new Date(Number(event.time) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds % 1_000_000_000).padStart(9, '0');
  const attributes = Object.entries(Attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  return `${stamp}.${fraction}Z ${String(event.Type)} ${String(event.Action)} ${ID}${attributes === '' ? '' : ` (${attributes})`}\n`;
}

interface Pruned {
  readonly SpaceReclaimed?: number;
  readonly ContainersDeleted?: string[] | null;
  readonly NetworksDeleted?: string[] | null;
  readonly VolumesDeleted?: string[] | null;
  readonly ImagesDeleted?: Record<string, string>[] | null;
  readonly CachesDeleted?: string[] | null;
}

function* pruneKind(
  call: Call,
  path: string,
  filters: readonly string[],
): Routine<Pruned | CallError> {
  return yield* apiOf(call).post<Pruned>(path, { filters: pruneFilters(filters) });
}

const prune: Action = function* (call) {
  const { flags, main } = call;
  const all = flags.on('all');
  if (flags.on('volumes') && flags.list('filter').some((text) => text.startsWith('until=')))
    return yield* fail(call, 'ERROR: The "until" filter is not supported with "--volumes"');
  const volumes = flags.on('volumes');
  const items = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ];
  if (
    !(yield* confirmed(
      call,
      `WARNING! This will remove:\n${items.map((item) => `  - ${item}\n`).join('')}`,
    ))
  )
    return 0;
  const own = flags.list('filter');
  const containers = yield* pruneKind(call, '/containers/prune', own);
  if (isCallError(containers)) return yield* fail(call, containers.text);
  const networks = yield* pruneKind(call, '/networks/prune', own);
  if (isCallError(networks)) return yield* fail(call, networks.text);
  const disks = volumes ? yield* pruneKind(call, '/volumes/prune', own) : {};
  if (isCallError(disks)) return yield* fail(call, disks.text);
  const images = yield* pruneKind(call, '/images/prune', [...own, `dangling=${String(!all)}`]);
  if (isCallError(images)) return yield* fail(call, images.text);
  const cache = yield* apiOf(call).post<Pruned>('/build/prune', { all });
  const built = isCallError(cache) ? {} : cache;
  const part = (title: string, list: readonly string[] | null | undefined): string =>
    list?.length ? `${title}:\n${list.join('\n')}\n\n` : '';
  const lines = images.ImagesDeleted?.map((line) =>
    line.Deleted === undefined ? `untagged: ${line.Untagged}` : `deleted: ${line.Deleted}`,
  );
  main.out.put(
    part('Deleted Containers', containers.ContainersDeleted) +
      part('Deleted Networks', networks.NetworksDeleted) +
      part('Deleted Volumes', disks.VolumesDeleted) +
      part('Deleted Images', lines) +
      part('Deleted build cache objects', built.CachesDeleted),
  );
  const total = [containers, disks, images, built].reduce(
    (sum, pruned) => sum + (pruned.SpaceReclaimed ?? 0),
    0,
  );
  main.out.put(`Total reclaimed space: ${humanSize(total)}\n`);
  return 0;
};

export const systemActions: Readonly<Record<string, Action>> = {
  ...inspectActions,
  version,
  'system info': infoAction,
  'system events': events,
  'system df': diskUsageAction,
  'system prune': prune,
};
