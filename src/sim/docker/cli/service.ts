// docker service, and docker node ps: services of a swarm and their tasks.

import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import type { ServiceSpec } from '../swarm/model.ts';
import { goMap } from '../../userland/template/values.ts';
import { humanDuration } from '../../containers/units.ts';
import { filterQuery, isCallError } from './api.ts';
import { type Action, type Call, pairsOf } from './command.ts';
import { complain, fail, type ListView, printList } from './output.ts';
import { editFiles, editUpdateConfigs, filesFromFlags } from './service-files.ts';
import { converge } from './service-progress.ts';
import {
  editSpec,
  missing,
  mountSpec,
  networkTargets,
  portSpec,
  type ServiceInfo,
  type TaskInfo,
} from './service-spec.ts';
import { Demultiplexer } from './streams.ts';
import { apiOf } from './swarm.ts';

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
  const { ContainerSpec: container } = spec.TaskTemplate;
  const secrets = yield* filesFromFlags(api, 'secret', flags.list('secret'));
  if (typeof secrets === 'string') return yield* fail(call, secrets);
  const configs = yield* filesFromFlags(api, 'config', flags.list('config'));
  if (typeof configs === 'string') return yield* fail(call, configs);
  if (secrets.length > 0) container.Secrets = secrets;
  if (configs.length > 0) container.Configs = configs;
  editUpdateConfigs(spec, flags);
  const made = yield* api.post<{ ID: string }>('/services/create', {}, spec);
  if (isCallError(made)) return yield* fail(call, made.text);
  main.out.put(`${made.ID}\n`);
  yield* main.out.flush();
  return flags.on('detach') ? 0 : yield* converge(call, api, made.ID);
};

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
  return yield* printServices(call, found);
};

/** Prints services as `service ls` and `stack services` do. */
export function* printServices(call: Call, found: ServiceInfo[]): Routine<number> {
  const { flags } = call;
  found.sort((a, b) => (a.Spec.Name < b.Spec.Name ? -1 : 1));
  const rows = found.map((one) => serviceRow(one, flags.on('quiet')) as Record<string, unknown>);
  return yield* printList(call, SERVICES, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
}

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

/** Prints tasks as `service ps`, `node ps` and `stack ps` do. */
export function* printTasks(call: Call, tasks: TaskInfo[]): Routine<number> {
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
  edit: (spec: ServiceSpec) => Routine<string | undefined>,
  rollback = false,
): Routine<number> {
  const api = apiOf(call);
  const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
  if (isCallError(service)) return yield* fail(call, service.text);
  const wrong = yield* edit(service.Spec);
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
    // biome-ignore lint/correctness/useYield: nothing is asked for
    const status = yield* change(call, name, function* (spec) {
      if (!spec.Mode.Replicated)
        return `${name}: scale can only be used with replicated or replicated-job mode`;
      spec.Mode = { Replicated: { Replicas: Number(count) } };
      return undefined;
    });
    if (status !== 0) return status;
    main.out.put(`${name} scaled to ${Number(count)}\n`);
    yield* main.out.flush();
    if (!flags.on('detach')) yield* converge(call, api, name);
  }
  return 0;
};

const update: Action = function* (call) {
  const { args, flags, main } = call;
  const [name = ''] = args;
  const unknown = missing(flags, flags.names());
  if (unknown) return yield* notSimulated(main, `docker service update --${unknown}`);
  const api = apiOf(call);
  const edit = function* (spec: ServiceSpec): Routine<string | undefined> {
    editUpdateConfigs(spec, flags);
    return (yield* editFiles(api, spec, flags)) ?? editSpec(spec, flags);
  };
  const status = yield* change(call, name, edit, flags.on('rollback'));
  if (status !== 0) return status;
  return yield* finished(call, name);
};

function* finished(call: Call, name: string): Routine<number> {
  const api = apiOf(call);
  call.main.out.put(`${name}\n`);
  yield* call.main.out.flush();
  const service = yield* api.get<ServiceInfo>(`/services/${encodeURIComponent(name)}`);
  if (call.flags.on('detach') || isCallError(service)) return 0;
  return yield* converge(call, api, name);
}

// biome-ignore lint/correctness/useYield: the manager knows the spec before
function* nothing(): Routine<undefined> {
  return undefined;
}

const rollback: Action = function* (call) {
  const [name = ''] = call.args;
  const status = yield* change(call, name, nothing, true);
  return status !== 0 ? status : yield* finished(call, name);
};

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
