// docker service, and docker node ps: services of a swarm and their tasks.

import { epochSeconds, MILLISECOND, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import type { PortSpec, ServiceSpec } from '../swarm/model.ts';
import { goMap } from '../template/values.ts';
import { humanDuration } from '../units.ts';
import { type Api, filterQuery, isCallError } from './api.ts';
import { type Action, type Call, type FlagValues, pairsOf } from './command.ts';
import { complain, fail, type ListView, printList } from './output.ts';
import { Demultiplexer } from './streams.ts';
import { apiOf } from './swarm.ts';

interface ServiceInfo {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  readonly ServiceStatus?: { readonly RunningTasks: number; readonly DesiredTasks: number };
}

interface TaskInfo {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly Slot: number;
  readonly Spec: ServiceSpec['TaskTemplate'];
  readonly Status: {
    readonly Timestamp: string;
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID: string };
  };
  readonly DesiredState: string;
}

/** Flags of service create and update that have their effect. */
const SIMULATED = new Set([
  'name',
  'replicas',
  'mode',
  'network',
  'publish',
  'env',
  'label',
  'container-label',
  'mount',
  'workdir',
  'user',
  'hostname',
  'entrypoint',
  'limit-cpu',
  'limit-memory',
  'restart-condition',
  'restart-delay',
  'restart-max-attempts',
  'endpoint-mode',
  'detach',
  'quiet',
  'image',
  'args',
  'env-add',
  'env-rm',
  'label-add',
  'label-rm',
  'publish-add',
  'publish-rm',
  'force',
  'rollback',
]);

/** `8080:80`, `80/udp`, `published=8080,target=80,mode=host` */
function portSpec(text: string): PortSpec {
  if (text.includes('=')) {
    const fields = pairsOf(text.split(','));
    return {
      Protocol: fields.protocol ?? 'tcp',
      TargetPort: Number(fields.target ?? 0),
      ...(fields.published ? { PublishedPort: Number(fields.published) } : {}),
      PublishMode: fields.mode ?? 'ingress',
    };
  }
  const [ports = '', Protocol = 'tcp'] = text.split('/');
  const [published, target] = ports.includes(':') ? ports.split(':') : [undefined, ports];
  return {
    Protocol,
    TargetPort: Number(target),
    ...(published ? { PublishedPort: Number(published) } : {}),
    PublishMode: 'ingress',
  };
}

function mountSpec(
  text: string,
): NonNullable<ServiceSpec['TaskTemplate']['ContainerSpec']['Mounts']>[number] {
  const fields = pairsOf(text.split(','));
  const Source = fields.source ?? fields.src;
  return {
    Type: fields.type ?? 'volume',
    ...(Source ? { Source } : {}),
    Target: fields.target ?? fields.dst ?? fields.destination ?? '',
    ...('readonly' in fields || 'ro' in fields ? { ReadOnly: true } : {}),
  };
}

function* networkTargets(api: Api, names: readonly string[]): Routine<{ Target: string }[]> {
  const targets: { Target: string }[] = [];
  for (const name of names) {
    const found = yield* api.get<{ Id: string }>(`/networks/${encodeURIComponent(name)}`);
    targets.push({ Target: isCallError(found) ? name : found.Id });
  }
  return targets;
}

function missing(flags: FlagValues, table: readonly string[]): string | undefined {
  return table.find((name) => flags.given(name) && !SIMULATED.has(name));
}

const create: Action = function* (call) {
  const { flags, args, main } = call;
  const [Image = '', ...words] = args;
  const api = apiOf(call);
  const unknown = missing(flags, flags.names());
  if (unknown) return yield* notSimulated(main, `docker service create --${unknown}`);
  const mode = flags.text('mode') || 'replicated';
  if (mode !== 'replicated' && mode !== 'global')
    return mode.endsWith('-job')
      ? yield* notSimulated(main, `docker service create --mode ${mode}`)
      : yield* fail(call, `unknown mode: ${mode}, only replicated and global supported`);
  if (mode === 'global' && flags.given('replicas'))
    return yield* fail(call, 'replicas can only be used with replicated or replicated-job mode');
  const networks = yield* networkTargets(api, flags.list('network'));
  const ports = flags.list('publish').map(portSpec);
  const memory = flags.given('limit-memory') ? flags.bytes('limit-memory') : 0;
  const cpus = flags.given('limit-cpu') ? Math.round(flags.number('limit-cpu') * 1e9) : 0;
  const optional = <T>(key: string, given: boolean, value: T): object =>
    given ? { [key]: value } : {};
  const spec: ServiceSpec = {
    Name: flags.given('name') ? flags.text('name') : '',
    Labels: pairsOf(flags.list('label')),
    TaskTemplate: {
      ContainerSpec: {
        Image: /:[^/]+$|@/.test(Image) ? Image : `${Image}:latest`,
        ...optional('Args', words.length > 0, words),
        ...optional('Command', flags.given('entrypoint'), flags.text('entrypoint').split(' ')),
        ...optional('Hostname', flags.given('hostname'), flags.text('hostname')),
        ...optional('Env', flags.given('env'), flags.list('env')),
        ...optional('Dir', flags.given('workdir'), flags.text('workdir')),
        ...optional('User', flags.given('user'), flags.text('user')),
        ...optional('Mounts', flags.given('mount'), flags.list('mount').map(mountSpec)),
        ...optional(
          'Labels',
          flags.given('container-label'),
          pairsOf(flags.list('container-label')),
        ),
      },
      Resources: {
        Limits: { ...(cpus ? { NanoCPUs: cpus } : {}), ...(memory ? { MemoryBytes: memory } : {}) },
      },
      RestartPolicy: {
        Condition: flags.given('restart-condition') ? flags.text('restart-condition') : 'any',
        Delay: flags.given('restart-delay') ? flags.duration('restart-delay') : 5 * SECOND,
        MaxAttempts: flags.given('restart-max-attempts') ? flags.number('restart-max-attempts') : 0,
      },
      ...(networks.length > 0 ? { Networks: networks } : {}),
      ForceUpdate: 0,
    },
    Mode:
      mode === 'global'
        ? { Global: {} }
        : { Replicated: { Replicas: flags.given('replicas') ? flags.number('replicas') : 1 } },
    EndpointSpec: {
      Mode: flags.given('endpoint-mode') ? flags.text('endpoint-mode') : 'vip',
      ...(ports.length > 0 ? { Ports: ports } : {}),
    },
  };
  const made = yield* api.post<{ ID: string }>('/services/create', {}, spec);
  if (isCallError(made)) return yield* fail(call, made.text);
  main.out.put(`${made.ID}\n`);
  yield* main.out.flush();
  return flags.on('detach') ? 0 : yield* converge(call, api, made.ID);
};

/** Follows a service until its tasks have run for five seconds. */
function* converge(call: Call, api: Api, id: string): Routine<number> {
  const { main, flags } = call;
  const tell = function* (text: string): Routine<void> {
    if (flags.on('quiet')) return;
    main.out.put(`${text}\n`);
    yield* main.out.flush();
  };
  let shown = '';
  let stable = 0;
  for (;;) {
    const service = yield* api.get<ServiceInfo>(`/services/${id}`);
    if (isCallError(service)) return yield* fail(call, service.text);
    const tasks = yield* api.get<TaskInfo[]>('/tasks', {
      filters: filterQuery([`service=${id}`, 'desired-state=running']),
    });
    if (isCallError(tasks)) return yield* fail(call, tasks.text);
    const wanted = service.Spec.Mode.Global ? 1 : (service.Spec.Mode.Replicated?.Replicas ?? 0);
    const running = tasks.filter((task) => task.Status.State === 'running').length;
    const line = `overall progress: ${running} out of ${wanted} tasks`;
    if (line !== shown) {
      if (shown === '')
        for (let i = 1; i <= wanted; i++)
          yield* tell(i === 1 ? `${line}\n1/${wanted}:  ` : `${i}/${wanted}:  `);
      else yield* tell(line);
      if (shown === '' && running === wanted) yield* tell(line);
      shown = line;
    }
    stable = running === wanted ? stable + 1 : 0;
    if (stable > 0 && stable <= 5)
      yield* tell(`verify: Waiting ${6 - stable} seconds to verify that tasks are stable...`);
    if (stable > 5) {
      yield* tell(`verify: Service ${id} converged`);
      return 0;
    }
    yield* main.process.sleep(stable > 0 ? SECOND : 200 * MILLISECOND);
  }
}

const SERVICES: ListView = {
  type: '*service.serviceContext',
  headers: goMap({
    ID: 'ID',
    Name: 'NAME',
    Mode: 'MODE',
    Replicas: 'REPLICAS',
    Image: 'IMAGE',
    Ports: 'PORTS',
  }),
  columns: ['ID', 'Name', 'Mode', 'Replicas', 'Image', 'Ports'],
  quiet: 'ID',
};

export function serviceRow({ ID, Spec, ServiceStatus }: ServiceInfo, whole: boolean): object {
  const ports = (Spec.EndpointSpec?.Ports ?? []).map(
    (port) => `*:${port.PublishedPort ?? 0}->${port.TargetPort}/${port.Protocol}`,
  );
  return {
    ID: whole ? ID : ID.slice(0, 12),
    Image: Spec.TaskTemplate.ContainerSpec.Image,
    Mode: Spec.Mode.Global ? 'global' : 'replicated',
    Name: Spec.Name,
    Ports: ports.join(', '),
    Replicas: `${ServiceStatus?.RunningTasks ?? 0}/${ServiceStatus?.DesiredTasks ?? 0}`,
  };
}

const list: Action = function* (call) {
  const { flags } = call;
  const found = yield* apiOf(call).get<ServiceInfo[]>('/services', {
    status: true,
    filters: filterQuery(flags.list('filter')),
  });
  if (isCallError(found)) return yield* fail(call, found.text);
  found.sort((a, b) => (a.Spec.Name < b.Spec.Name ? -1 : 1));
  const rows = found.map((one) => serviceRow(one, flags.on('quiet')) as Record<string, unknown>);
  return yield* printList(call, SERVICES, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

const TASKS: ListView = {
  type: '*task.taskContext',
  headers: goMap({
    ID: 'ID',
    Name: 'NAME',
    Image: 'IMAGE',
    Node: 'NODE',
    DesiredState: 'DESIRED STATE',
    CurrentState: 'CURRENT STATE',
    Error: 'ERROR',
    Ports: 'PORTS',
  }),
  columns: ['ID', 'Name', 'Image', 'Node', 'DesiredState', 'CurrentState', 'Error', 'Ports'],
  quiet: 'ID',
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function* printTasks(call: Call, tasks: TaskInfo[]): Routine<number> {
  const { flags, main } = call;
  const node = yield* apiOf(call).get<{ Description: { Hostname: string } }>('/nodes/self');
  const whole = flags.on('no-trunc');
  const now = epochSeconds(main.process.now);
  const table = flags.text('format') === '';
  tasks.sort(
    (a, b) =>
      (a.ServiceName < b.ServiceName ? -1 : a.ServiceName > b.ServiceName ? 1 : 0) ||
      a.Slot - b.Slot ||
      (a.CreatedAt > b.CreatedAt ? -1 : 1),
  );
  let before = '';
  const rows = tasks.map((task) => {
    const name = `${task.ServiceName}.${task.Slot}`;
    const shown = table && name === before ? ` \\_ ${name}` : name;
    before = name;
    const age = humanDuration((now - Date.parse(task.Status.Timestamp) / 1000) * SECOND);
    const error = task.Status.Err ? `"${task.Status.Err}"` : '';
    return {
      CurrentState: `${capital(task.Status.State)} ${age.toLowerCase()} ago`,
      DesiredState: capital(task.DesiredState),
      Error: whole || error.length <= 30 ? error : `${error.slice(0, 29)}…"`,
      ID: whole || flags.on('quiet') ? task.ID : task.ID.slice(0, 12),
      Image: task.Spec.ContainerSpec.Image,
      Name: shown,
      Node: isCallError(node) ? '' : node.Description.Hostname,
      Ports: '',
    };
  });
  return yield* printList(call, TASKS, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
}

const ps: Action = function* (call) {
  const { args, flags, main } = call;
  const api = apiOf(call);
  const tasks: TaskInfo[] = [];
  let status = 0;
  for (const name of args) {
    const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
    if (isCallError(service)) {
      yield* complain(main, service.status === 404 ? `no such service: ${name}` : service.text);
      status = 1;
      continue;
    }
    const filters = filterQuery([`service=${service.ID}`, ...flags.list('filter')]);
    const found = yield* api.get<TaskInfo[]>('/tasks', { filters });
    if (isCallError(found)) return yield* fail(call, found.text);
    tasks.push(...found);
  }
  if (status !== 0 && tasks.length === 0) return status;
  return (yield* printTasks(call, tasks)) || status;
};

const nodePs: Action = function* (call) {
  const found = yield* apiOf(call).get<TaskInfo[]>('/tasks', {
    filters: filterQuery(call.flags.list('filter')),
  });
  return isCallError(found) ? yield* fail(call, found.text) : yield* printTasks(call, found);
};

const remove: Action = function* (call) {
  let status = 0;
  for (const name of call.args) {
    const gone = yield* apiOf(call).call('DELETE', `/services/${encodeURIComponent(name)}`);
    if (isCallError(gone)) {
      yield* complain(call.main, gone.text);
      status = 1;
    } else call.main.out.put(`${name}\n`);
  }
  return status;
};

/** Reads a service, changes its spec, sends it back. */
function* change(
  call: Call,
  name: string,
  edit: (spec: ServiceSpec) => string | undefined,
  rollback = false,
): Routine<number> {
  const api = apiOf(call);
  const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
  if (isCallError(service)) return yield* fail(call, service.text);
  const wrong = edit(service.Spec);
  if (wrong !== undefined) return yield* fail(call, wrong);
  const updated = yield* api.post(
    `/services/${service.ID}/update`,
    { version: service.Version.Index, rollback: rollback ? 'previous' : undefined },
    service.Spec,
  );
  if (isCallError(updated)) return yield* fail(call, updated.text);
  return 0;
}

const scale: Action = function* (call) {
  const { args, main, flags } = call;
  const api = apiOf(call);
  for (const arg of args) {
    const [name = '', count] = arg.split('=');
    if (count === undefined)
      return yield* fail(
        call,
        `invalid scale specifier '${arg}'.\nSee 'docker service scale --help'.\n\nUsage:  docker service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]\n\nScale one or multiple replicated services`,
      );
    if (!/^\d+$/.test(count))
      return yield* fail(
        call,
        `${name}: invalid replicas value ${count}: strconv.ParseUint: parsing ${JSON.stringify(count)}: invalid syntax`,
      );
    const status = yield* change(call, name, (spec) => {
      if (!spec.Mode.Replicated)
        return `${name}: scale can only be used with replicated or replicated-job mode`;
      spec.Mode = { Replicated: { Replicas: Number(count) } };
      return undefined;
    });
    if (status !== 0) return status;
    main.out.put(`${name} scaled to ${Number(count)}\n`);
    yield* main.out.flush();
    const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
    if (!flags.on('detach') && !isCallError(service)) yield* converge(call, api, service.ID);
  }
  return 0;
};

const update: Action = function* (call) {
  const { args, flags, main } = call;
  const [name = ''] = args;
  const unknown = missing(flags, flags.names());
  if (unknown) return yield* notSimulated(main, `docker service update --${unknown}`);
  const status = yield* change(call, name, (spec) => edit(spec, flags), flags.on('rollback'));
  if (status !== 0) return status;
  return yield* finished(call, name);
};

function* finished(call: Call, name: string): Routine<number> {
  const api = apiOf(call);
  call.main.out.put(`${name}\n`);
  yield* call.main.out.flush();
  const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
  if (call.flags.on('detach') || isCallError(service)) return 0;
  return yield* converge(call, api, service.ID);
}

const rollback: Action = function* (call) {
  const [name = ''] = call.args;
  const status = yield* change(call, name, () => undefined, true);
  return status !== 0 ? status : yield* finished(call, name);
};

function edit(spec: ServiceSpec, flags: FlagValues): string | undefined {
  const { ContainerSpec: container } = spec.TaskTemplate;
  if (flags.given('replicas')) {
    if (!spec.Mode.Replicated) return 'replicas can only be used with replicated mode';
    spec.Mode = { Replicated: { Replicas: flags.number('replicas') } };
  }
  if (flags.given('image')) {
    const image = flags.text('image');
    container.Image = /:[^/]+$|@/.test(image) ? image : `${image}:latest`;
  }
  if (flags.given('args')) container.Args = flags.text('args').split(' ');
  const removed = flags.list('env-rm');
  const added = flags.list('env-add');
  const keyOf = (line: string): string => line.split('=', 1)[0] ?? '';
  if (removed.length + added.length > 0)
    container.Env = [
      ...(container.Env ?? []).filter(
        (line) =>
          !removed.includes(keyOf(line)) && !added.some((other) => keyOf(other) === keyOf(line)),
      ),
      ...added,
    ];
  if (flags.given('label-add') || flags.given('label-rm'))
    spec.Labels = Object.fromEntries(
      Object.entries({ ...spec.Labels, ...pairsOf(flags.list('label-add')) }).filter(
        ([key]) => !flags.list('label-rm').includes(key),
      ),
    );
  if (flags.given('publish-add') || flags.given('publish-rm')) {
    const gone = flags.list('publish-rm').map((text) => Number(text.split('/')[0]));
    const Ports = [
      ...(spec.EndpointSpec?.Ports ?? []).filter((port) => !gone.includes(port.TargetPort)),
      ...flags.list('publish-add').map(portSpec),
    ];
    spec.EndpointSpec = { ...spec.EndpointSpec, Ports };
  }
  if (flags.on('force')) spec.TaskTemplate.ForceUpdate++;
  return undefined;
}

const logs: Action = function* (call) {
  const { args, flags, main } = call;
  const api = apiOf(call);
  const [name = ''] = args;
  if (flags.on('follow')) return yield* notSimulated(main, 'docker service logs --follow');
  const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
  if (isCallError(service))
    return yield* fail(
      call,
      service.status === 404 ? `no such task or service: ${name}` : service.text,
    );
  const filters = filterQuery([`service=${service.ID}`]);
  const tasks = yield* api.get<TaskInfo[]>('/tasks', { filters });
  if (isCallError(tasks)) return yield* fail(call, tasks.text);
  for (const task of tasks) {
    const id = task.Status.ContainerStatus?.ContainerID;
    if (id === undefined) continue;
    const answer = yield* api.open('GET', `/containers/${id}/logs`, {
      stdout: true,
      stderr: true,
      tail: flags.text('tail'),
      timestamps: flags.on('timestamps'),
    });
    if (isCallError(answer)) continue;
    const streams = new Demultiplexer(main.process, false, (text) => prefixed(call, task, text));
    while (answer.stream) {
      const piece = yield* answer.stream.next();
      if (piece === undefined) break;
      yield* streams.take(piece.bytes());
    }
  }
  return 0;
};

/** `web.1.abc@lab    | line` */
function prefixed(call: Call, task: TaskInfo, text: string): string {
  if (call.flags.on('raw')) return text;
  const head = `${task.ServiceName}.${task.Slot}.${task.ID.slice(0, 12)}@${call.main.process.hostname}    | `;
  return text.replace(/^(?=[^\n])/gm, head);
}

export const serviceActions: Readonly<Record<string, Action>> = {
  'service create': create,
  'service ls': list,
  'service ps': ps,
  'service rm': remove,
  'service scale': scale,
  'service update': update,
  'service rollback': rollback,
  'service logs': logs,
  'node ps': nodePs,
};
