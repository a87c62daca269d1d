// docker compose ps, ls, images, port, top, volumes and version.

import { epochSeconds, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import {
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../../containers/images/reference.ts';
import { filterQuery, isCallError } from '../../cli/api.ts';
import type { Call } from '../../cli/command.ts';
import { goTime } from '../../cli/containers.ts';
import { ellipsis, type ListView, printList, tabulate } from '../../cli/output.ts';
import { portsText } from '../../cli/ports.ts';
import { goMap } from '../../../userland/template/values.ts';
import { humanDuration } from '../../../containers/units.ts';
import { humanSize } from '../../units.ts';
import { serviceNames } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  inspect,
  LABEL,
  nameOf,
  numberOf,
  oneContainer,
  serviceOf,
  type Summary,
} from '../service/containers.ts';
import { findImage } from '../service/images.ts';
import { answered, type ComposeAction, type ComposeCall, projectOrName } from './call.ts';

/** The same call for what docker's own lists print. */
export function dockerCall(call: ComposeCall, called: string): Call {
  return { main: call.main, called, flags: call.flags, args: call.args, host: call.host };
}

const CONTAINERS: ListView = {
  type: '*formatter.ContainerContext',
  headers: goMap({
    ID: 'CONTAINER ID',
    Name: 'NAME',
    Project: 'PROJECT',
    Service: 'SERVICE',
    Image: 'IMAGE',
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    RunningFor: 'CREATED',
    Ports: 'PORTS',
    State: 'STATE',
    Status: 'STATUS',
    Size: 'SIZE',
    Labels: 'LABELS',
  }),
  columns: ['Name', 'Image', 'Command', 'Service', 'RunningFor', 'Status', 'Ports'],
};

function* psRow(call: ComposeCall, container: Summary): Routine<Record<string, unknown>> {
  const { State } = yield* inspect(call.api, container.Id);
  const whole = call.flags.on('no-trunc');
  const now = epochSeconds(call.main.process.now);
  const ports = [...container.Ports].sort((a, b) => a.PrivatePort - b.PrivatePort);
  const mounts = container.Mounts.map((mount) => mount.Name || mount.Source);
  return {
    Command: JSON.stringify(whole ? container.Command : ellipsis(container.Command, 20)),
    CreatedAt: goTime(container.Created),
    ExitCode: State.Status === 'exited' || State.Status === 'dead' ? State.ExitCode : 0,
    Health: State.Status === 'running' ? (State.Health?.Status ?? '') : '',
    ID: whole ? container.Id : container.Id.slice(0, 12),
    Image: container.Image,
    Labels: Object.entries(container.Labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.Mounts.filter((mount) => mount.Driver === 'local').length),
    Mounts: mounts.map((name) => (whole ? name : ellipsis(name, 15))).join(','),
    Name: nameOf(container),
    Names: nameOf(container),
    Networks: Object.keys(container.NetworkSettings.Networks).join(','),
    Ports: portsText(ports),
    Project: container.Labels[LABEL.project] ?? '',
    Publishers: ports.map((port) => ({
      URL: port.IP ?? '',
      TargetPort: port.PrivatePort,
      PublishedPort: port.PublicPort ?? 0,
      Protocol: port.Type,
    })),
    RunningFor: `${humanDuration((now - container.Created) * SECOND)} ago`,
    Service: serviceOf(container),
    Size: '0B',
    State: container.State,
    Status: container.Status,
  };
}

/** --filter status=… and --status. */
function statuses({ flags }: ComposeCall): string[] {
  const filter = flags.text('filter');
  if (filter === '') return [...flags.list('status')];
  const [name = '', value] = filter.split('=');
  if (value === undefined)
    throw new ComposeProblem('arguments to --filter should be in form KEY=VAL');
  if (name === 'source') throw new ComposeProblem('not implemented');
  if (name !== 'status') throw new ComposeProblem(`unknown filter ${name}`);
  return [...flags.list('status'), value];
}

export const ps: ComposeAction = function* (call) {
  const { flags, args, main, api } = call;
  const wanted = statuses(call);
  const { name, project } = yield* projectOrName(call, args);
  const unknown = project && args.find((service) => !(service in project.services));
  if (unknown !== undefined) throw new ComposeProblem(`no such service: ${unknown}`);
  const own = project && !flags.on('orphans') && args.length === 0 ? serviceNames(project) : args;
  const all = flags.on('all');
  const containers = (yield* containersOf(api, name.toLowerCase(), {
    oneOff: all ? 'include' : 'exclude',
    all: all || wanted.length > 0,
    services: own,
  }))
    .filter((one) => wanted.length === 0 || wanted.includes(one.State))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  if (flags.on('quiet')) {
    for (const { Id } of containers) main.out.put(`${Id}\n`);
    return 0;
  }
  if (flags.on('services')) {
    main.out.put(`${[...new Set(containers.map(serviceOf))].join('\n')}\n`);
    return 0;
  }
  const rows: Record<string, unknown>[] = [];
  for (const container of containers) rows.push(yield* psRow(call, container));
  return yield* printList(dockerCall(call, 'docker compose ps'), CONTAINERS, rows, {
    format: flags.text('format'),
  });
};

/** A list as compose's own formatter prints it. */
function printRows(
  call: ComposeCall,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  objects: readonly object[],
): void {
  const { main, flags } = call;
  const format = flags.text('format').toLowerCase();
  if (format === 'json') main.out.put(`${JSON.stringify(objects)}`);
  else if (format === '' || format === 'table' || format === 'pretty')
    main.out.put(tabulate([heads, ...rows], 20));
  else
    throw new ComposeProblem(
      `format value ${JSON.stringify(flags.text('format'))} could not be parsed: parsing failed`,
    );
}

export const ls: ComposeAction = function* (call) {
  const { flags, main, api } = call;
  const names: string[] = [];
  for (const filter of flags.list('filter')) {
    const [key = '', value = ''] = filter.split('=');
    if (key !== 'name') throw new ComposeProblem(`invalid filter '${key}'`);
    names.push(value);
  }
  const filters = filterQuery([`label=${LABEL.project}`, `label=${LABEL.configHash}`]);
  const found = answered(
    yield* api.get<Summary[]>('/containers/json', { all: flags.on('all'), filters }),
  );
  const projects = new Map<string, Summary[]>();
  for (const one of found) {
    const name = one.Labels[LABEL.project] ?? '';
    projects.set(name, [...(projects.get(name) ?? []), one]);
  }
  const rows = [...projects]
    .filter(([name]) => names.length === 0 || names.some((part) => new RegExp(part).test(name)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, containers]) => ({
      Name,
      Status: statusOf(containers),
      ConfigFiles: [
        ...new Set(containers.flatMap((one) => (one.Labels[LABEL.configFiles] ?? '').split(','))),
      ].join(','),
    }));
  if (flags.on('quiet')) for (const { Name } of rows) main.out.put(`${Name}\n`);
  else {
    printRows(
      call,
      ['NAME', 'STATUS', 'CONFIG FILES'],
      rows.map((row) => [row.Name, row.Status, row.ConfigFiles]),
      rows,
    );
    if (flags.text('format') === 'json') main.out.put('\n');
  }
  return 0;
};

/** `exited(1), running(2)` */
function statusOf(containers: readonly Summary[]): string {
  const counts = new Map<string, number>();
  for (const { State } of containers) counts.set(State, (counts.get(State) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([state, count]) => `${state}(${count})`)
    .join(', ');
}

interface ImageInfo {
  readonly Id: string;
  readonly Size: number;
  readonly Architecture: string;
  readonly Os: string;
  readonly Created?: string;
  readonly Metadata?: { readonly LastTagTime?: string };
}

export const images: ComposeAction = function* (call) {
  const { flags, args, main, api } = call;
  const { name } = yield* projectOrName(call);
  const filters = filterQuery([`label=${LABEL.project}=${name}`]);
  const found = answered(yield* api.get<Summary[]>('/containers/json', { all: true, filters }))
    .filter((one) => args.length === 0 || args.includes(serviceOf(one)))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const rows: { cells: string[]; object: object; id: string }[] = [];
  for (const container of found) {
    const image = (yield* findImage(api, container.Image)) as ImageInfo | undefined;
    if (!image)
      throw new ComposeProblem(`Error response from daemon: No such image: ${container.Image}`);
    const parsed = parseReference(container.Image);
    const full = isReferenceError(parsed) ? undefined : withDefaultTag(parsed);
    const shown = container.Image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    const tagged = Date.parse(image.Metadata?.LastTagTime ?? image.Created ?? '') / 1000;
    const ago = humanDuration((epochSeconds(main.process.now) - tagged) * SECOND);
    const platform = `${image.Os}/${image.Architecture}`;
    rows.push({
      id: image.Id.replace(/^sha256:/, ''),
      cells: [
        nameOf(container),
        full ? shown : '<none>',
        full?.tag ?? '<none>',
        platform,
        image.Id.replace(/^sha256:/, '').slice(0, 12),
        humanSize(image.Size, 3),
        `${ago} ago`,
      ],
      object: {
        ID: image.Id,
        ContainerName: nameOf(container),
        Repository: shown,
        Tag: full?.tag ?? '',
        Platform: platform,
        Size: image.Size,
        LastTagTime: image.Metadata?.LastTagTime ?? image.Created,
      },
    });
  }
  if (flags.on('quiet'))
    for (const id of new Set(rows.map((row) => row.id))) main.out.put(`${id}\n`);
  else {
    const heads = ['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED'];
    printRows(
      call,
      heads,
      rows.map(({ cells }) => cells),
      rows.map(({ object }) => object),
    );
    if (flags.text('format') === 'json') main.out.put('\n');
  }
  return 0;
};

export const port: ComposeAction = function* (call) {
  const { flags, args, main, api } = call;
  const [service = '', text = ''] = args;
  if (!/^\d+$/.test(text))
    throw new ComposeProblem(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) > 65535)
    throw new ComposeProblem(
      `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`,
    );
  const { name } = yield* projectOrName(call);
  const selection = { oneOff: 'include', all: false } as const;
  const container = yield* oneContainer(api, name, service, flags.number('index'), selection);
  const protocol = flags.text('protocol').toLowerCase();
  const found = container.Ports.find(
    (one) => one.PrivatePort === Number(text) && one.Type === protocol,
  );
  if (!found) {
    const ports = container.Ports.map((one) => `${one.PublicPort ?? 0}/${one.Type}`);
    throw new ComposeProblem(
      `no port ${Number(text)}/${protocol} for container ${nameOf(container)}: ${ports.join(', ')}`,
    );
  }
  main.out.put(`${found.IP ?? ''}:${found.PublicPort ?? 0}\n`);
  return 0;
};

export const top: ComposeAction = function* (call) {
  const { args, main, api } = call;
  const { name } = yield* projectOrName(call);
  const containers = yield* containersOf(api, name, {
    oneOff: 'include',
    all: false,
    services: args,
  });
  containers.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const heads = ['SERVICE', '#'];
  const rows: Map<string, string>[] = [];
  for (const container of containers) {
    const { Titles, Processes } = answered(
      yield* api.get<{ Titles: string[]; Processes: string[][] }>(
        `/containers/${container.Id}/top`,
      ),
    );
    for (const title of Titles) if (!heads.includes(title)) heads.push(title);
    for (const fields of Processes)
      rows.push(
        new Map([
          ['SERVICE', serviceOf(container)],
          ['#', String(numberOf(container) || '')],
          ...Titles.map((title, i): [string, string] => [title, fields[i] ?? '']),
        ]),
      );
  }
  if (rows.length === 0) return 0;
  const last = heads.includes('CMD') ? [...heads.filter((head) => head !== 'CMD'), 'CMD'] : heads;
  const table = [last, ...rows.map((row) => last.map((head) => row.get(head) ?? '-'))];
  const widths = last.map((_, i) => Math.max(4, ...table.map((row) => (row[i] ?? '').length + 2)));
  for (const row of table)
    main.out.put(
      `${row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell)).join('')}\n`,
    );
  return 0;
};

const VOLUMES: ListView = {
  type: '*formatter.volumeContext',
  headers: goMap({ Driver: 'DRIVER', Name: 'VOLUME NAME' }),
  columns: ['Driver', 'Name'],
};

export const volumes: ComposeAction = function* (call) {
  const { flags, args, main, api } = call;
  const { name, project } = yield* projectOrName(call, args);
  const unknown = project && args.find((service) => !(service in project.services));
  if (unknown !== undefined) throw new ComposeProblem(`no such service: ${unknown}`);
  const filters = filterQuery([`label=${LABEL.project}=${name}`]);
  type Volume = { Name: string; Driver: string; Mountpoint: string; Labels: object | null };
  const found = yield* api.get<{ Volumes: Volume[] | null }>('/volumes', { filters });
  if (isCallError(found)) throw new ComposeProblem(found.text);
  const used = (yield* containersOf(api, name, {
    oneOff: 'include',
    all: false,
    services: args,
  })).flatMap((one) => one.Mounts.map((mount) => mount.Name));
  const shown = (found.Volumes ?? []).filter(
    (volume) => args.length === 0 || used.includes(volume.Name),
  );
  if (flags.on('quiet')) {
    for (const volume of shown) main.out.put(`${volume.Name}\n`);
    return 0;
  }
  const rows = shown.map(({ Name, Driver, Mountpoint, Labels }) => ({
    Availability: 'N/A',
    Driver,
    Group: 'N/A',
    Labels: Object.entries(Labels ?? {})
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(','),
    Links: 'N/A',
    Mountpoint,
    Name,
    Scope: 'local',
    Size: 'N/A',
    Status: 'N/A',
  }));
  return yield* printList(dockerCall(call, 'docker compose volumes'), VOLUMES, rows, {
    format: flags.text('format'),
  });
};

export const version: ComposeAction = function* ({ flags, main }) {
  if (flags.on('short')) main.out.put('2.40.3\n');
  else if (flags.given('format') && flags.text('format') === 'json')
    main.out.put('{"version":"v2.40.3"}\n');
  else main.out.put('Docker Compose version v2.40.3\n');
  return 0;
};
