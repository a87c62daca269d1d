// The API's swarm: /swarm, /nodes, /services, /tasks, /secrets, /configs.

import { formatIp } from '../../kernel/network/address.ts';
import type { HttpResponse } from '../../userland/http/message.ts';
import type { Routine } from '../../core/wait.ts';
import {
  body,
  type Context,
  filtersOf,
  type Handler,
  isOn,
  json,
  query,
  refuse,
} from '../daemon/api/answer.ts';
import { ApiError, type Dockerd, timeText } from '../daemon/model.ts';
import { createNetwork, findNetwork, removeNetwork } from '../daemon/network/networks.ts';
import { removeContainer } from '../daemon/remove.ts';
import {
  joinToken,
  newSwarm,
  type Service,
  type ServiceSpec,
  type Swarm,
  swarmId,
  type Task,
  tasksOf,
} from './model.ts';
import { files } from './files-api.ts';
import { managed } from './managed.ts';
import { reconcile } from './reconcile.ts';

/** The address of the interface that leads out, or of the first that has one. */
function ownAddress({ process }: Dockerd): string {
  const links = process.network.linksByIndex.filter(
    (link) => link.kind !== 'loopback' && !/^(docker|br-|veth)/.test(link.name),
  );
  const [address] = links.flatMap((link) => link.addresses);
  return address ? formatIp(address.address) : '127.0.0.1';
}

const init: Handler = function* ({ daemon, request }) {
  if (daemon.swarm)
    return refuse(
      new ApiError(
        503,
        'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
      ),
    );
  const { AdvertiseAddr = '' } = (request.body.json() ?? {}) as { AdvertiseAddr?: string };
  const given = AdvertiseAddr.replace(/:\d+$/, '');
  const swarm = newSwarm(daemon.process, given || ownAddress(daemon));
  daemon.swarm = swarm;
  const ingress = createNetwork(daemon, {
    Name: 'ingress',
    Driver: 'overlay',
    IPAM: { Config: [{ Subnet: '10.0.0.0/24', Gateway: '10.0.0.1' }] },
  });
  createNetwork(daemon, { Name: 'docker_gwbridge', Driver: 'bridge' });
  if (ingress instanceof ApiError) return refuse(ingress);
  return json(swarm.node);
};

const leave: Handler = function* (context) {
  const { daemon, process } = context;
  const { swarm } = daemon;
  if (!swarm) return refuse(new ApiError(503, 'This node is not part of a swarm'));
  if (!isOn(context, 'force'))
    return refuse(
      new ApiError(
        503,
        'You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.',
      ),
    );
  swarm.over = true;
  daemon.swarm = undefined;
  swarm.services.clear();
  for (const task of swarm.tasks.values()) {
    task.desired = 'shutdown';
    const container = daemon.containers.get(task.container);
    if (container)
      yield* removeContainer(daemon, process, container, { force: true, volumes: true });
  }
  for (const network of [...daemon.networks.values()])
    if (network.driver === 'overlay') removeNetwork(daemon, network);
  return { status: 200, headers: {} };
};

const join: Handler = function* ({ daemon }) {
  if (daemon.swarm)
    return refuse(
      new ApiError(
        503,
        'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
      ),
    );
  return refuse(new ApiError(500, 'drydock: joining another node is not simulated'));
};

const inspectSwarm = managed(function* (_context, swarm) {
  return json({
    ID: swarm.id,
    Version: { Index: swarm.index },
    CreatedAt: timeText(swarm.created),
    UpdatedAt: timeText(swarm.created),
    Spec: { Name: 'default', Labels: {}, Orchestration: { TaskHistoryRetentionLimit: 5 } },
    DefaultAddrPool: ['10.0.0.0/8'],
    SubnetSize: 24,
    DataPathPort: 4789,
    JoinTokens: { Worker: swarm.tokens.worker, Manager: swarm.tokens.manager },
  });
});

const updateSwarm = managed(function* (context, swarm) {
  const digest = swarm.tokens.worker.split('-')[2] ?? '';
  const { process } = context.daemon;
  if (isOn(context, 'rotateWorkerToken')) swarm.tokens.worker = joinToken(process, digest);
  if (isOn(context, 'rotateManagerToken')) swarm.tokens.manager = joinToken(process, digest);
  return { status: 200, headers: {} };
});

function nodeJson(daemon: Dockerd, swarm: Swarm): object {
  return {
    ID: swarm.node,
    Version: { Index: 9 },
    CreatedAt: timeText(swarm.created),
    UpdatedAt: timeText(swarm.created),
    Spec: { Labels: {}, Role: 'manager', Availability: swarm.availability },
    Description: {
      Hostname: daemon.process.hostname,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Engine: { EngineVersion: '29.0.0' },
    },
    Status: { State: 'ready', Addr: swarm.address },
    ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: `${swarm.address}:2377` },
  };
}

const listNodes = managed(function* ({ daemon }, swarm) {
  return json([nodeJson(daemon, swarm)]);
});
const isNode = (daemon: Dockerd, swarm: Swarm, ref: string): boolean =>
  ref === 'self' || swarm.node.startsWith(ref) || ref === daemon.process.hostname;
const inspectNode = managed(function* ({ daemon, parts }, swarm) {
  const ref = decodeURIComponent(parts[0] ?? '');
  return isNode(daemon, swarm, ref)
    ? json(nodeJson(daemon, swarm))
    : refuse(new ApiError(404, `node ${ref} not found`));
});
const updateNode = managed(function* (context, swarm) {
  const { Availability } = body<{ Availability?: Swarm['availability'] }>(context);
  if (Availability) swarm.availability = Availability;
  for (const service of swarm.services.values()) reconcile(context.daemon, swarm, service);
  return { status: 200, headers: {} };
});

function findService(swarm: Swarm, ref: string): Service | ApiError {
  const all = [...swarm.services.values()];
  return (
    all.find((one) => one.id === ref || one.spec.Name === ref) ??
    all.find((one) => one.id.startsWith(ref)) ??
    new ApiError(404, `service ${ref} not found`)
  );
}

function serviceJson(swarm: Swarm, service: Service, status: boolean): object {
  const { spec } = service;
  const running = tasksOf(swarm, service).filter((task) => task.state === 'running').length;
  const desired = spec.Mode.Global ? 1 : (spec.Mode.Replicated?.Replicas ?? 1);
  return {
    ID: service.id,
    Version: { Index: service.version },
    CreatedAt: timeText(service.created),
    UpdatedAt: timeText(service.updated),
    Spec: copied(spec),
    ...(service.previous ? { PreviousSpec: service.previous } : {}),
    ...(service.update ? { UpdateStatus: service.update } : {}),
    Endpoint: {
      Spec: spec.EndpointSpec ?? {},
      ...(spec.EndpointSpec?.Ports ? { Ports: spec.EndpointSpec.Ports } : {}),
    },
    ...(status
      ? { ServiceStatus: { RunningTasks: running, DesiredTasks: desired, CompletedTasks: 0 } }
      : {}),
  };
}

/** A spec of one's own: what goes over the socket is nobody else's object. */
function copied(spec: ServiceSpec): ServiceSpec {
  return JSON.parse(JSON.stringify(spec)) as ServiceSpec;
}

/** Networks of a service must be of the swarm. */
function checkSpec(daemon: Dockerd, spec: ServiceSpec): ApiError | undefined {
  if (!/^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_]*[A-Za-z0-9])?$/.test(spec.Name))
    return new ApiError(
      400,
      'rpc error: code = InvalidArgument desc = name must be valid as a DNS name component',
    );
  for (const { Target } of spec.TaskTemplate.Networks ?? []) {
    const network = findNetwork(daemon, Target);
    if (network instanceof ApiError) return new ApiError(404, `network ${Target} not found`);
    if (network.driver !== 'overlay')
      return new ApiError(
        403,
        `The network ${network.name} cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver.`,
      );
  }
  return undefined;
}

const createService = managed(function* (context, swarm) {
  const { daemon } = context;
  const spec = copied(body<ServiceSpec>(context));
  if (spec.Name === '') spec.Name = swarmId(daemon.process).slice(0, 12);
  const wrong = checkSpec(daemon, spec);
  if (wrong) return refuse(wrong);
  if (!(findService(swarm, spec.Name) instanceof ApiError))
    return refuse(
      new ApiError(
        409,
        `rpc error: code = AlreadyExists desc = name conflicts with an existing object: service ${spec.Name} already exists`,
      ),
    );
  const service: Service = {
    id: swarmId(daemon.process),
    version: ++swarm.index,
    created: daemon.now,
    updated: daemon.now,
    spec,
    previous: undefined,
    update: undefined,
  };
  swarm.services.set(service.id, service);
  reconcile(daemon, swarm, service);
  return json({ ID: service.id }, 201);
});

const listServices = managed(function* (context, swarm) {
  const filters = filtersOf(context);
  const names = filters.get('name') ?? [];
  const labels = filters.get('label') ?? [];
  const found = [...swarm.services.values()].filter(
    ({ spec }) =>
      (names.length === 0 || names.some((name) => spec.Name.startsWith(name))) &&
      labels.every((label) => {
        const [key = '', value] = label.split('=');
        const own = spec.Labels?.[key];
        return own !== undefined && (value === undefined || own === value);
      }),
  );
  return json(found.map((service) => serviceJson(swarm, service, isOn(context, 'status'))));
});

/** A handler for one service. */
function oneService(
  handler: (context: Context, swarm: Swarm, service: Service) => Routine<HttpResponse>,
): Handler {
  return managed(function* (context, swarm) {
    const service = findService(swarm, decodeURIComponent(context.parts[0] ?? ''));
    return service instanceof ApiError ? refuse(service) : yield* handler(context, swarm, service);
  });
}

const inspectService = oneService(function* (_context, swarm, service) {
  return json(serviceJson(swarm, service, false));
});

const updateService = oneService(function* (context, swarm, service) {
  const { daemon } = context;
  if (Number(query(context, 'version')) !== service.version)
    return refuse(new ApiError(500, 'rpc error: code = Unknown desc = update out of sequence'));
  const back = query(context, 'rollback') === 'previous';
  if (back && !service.previous)
    return refuse(
      new ApiError(
        400,
        `rpc error: code = FailedPrecondition desc = service ${service.id} does not have a previous spec`,
      ),
    );
  const spec = copied(back ? (service.previous ?? service.spec) : body<ServiceSpec>(context));
  const wrong = checkSpec(daemon, spec);
  if (wrong) return refuse(wrong);
  const same =
    JSON.stringify(spec.TaskTemplate) === JSON.stringify(service.spec.TaskTemplate) &&
    JSON.stringify(spec.EndpointSpec) === JSON.stringify(service.spec.EndpointSpec);
  service.update = back
    ? {
        State: 'rollback_started',
        StartedAt: timeText(daemon.now),
        Message: 'rollback in progress',
      }
    : undefined;
  service.previous = copied(service.spec);
  if (same) Object.assign(service.spec, spec);
  else service.spec = spec;
  service.version = ++swarm.index;
  service.updated = daemon.now;
  reconcile(daemon, swarm, service);
  return json({ Warnings: null });
});

const removeService = oneService(function* ({ daemon }, swarm, service) {
  swarm.services.delete(service.id);
  reconcile(daemon, swarm, service);
  return { status: 200, headers: {} };
});

function taskJson(daemon: Dockerd, swarm: Swarm, task: Task): object {
  const container = daemon.containers.get(task.container);
  return {
    ID: task.id,
    Version: { Index: swarm.index },
    CreatedAt: timeText(task.created),
    UpdatedAt: timeText(task.changed),
    Spec: task.spec.TaskTemplate,
    ServiceID: task.service.id,
    ServiceName: task.spec.Name,
    Slot: task.slot,
    NodeID: swarm.node,
    Status: {
      Timestamp: timeText(task.changed),
      State: task.state,
      ...(task.error === '' ? {} : { Err: task.error }),
      ...(container
        ? {
            ContainerStatus: {
              ContainerID: container.id,
              PID: container.state.pid,
              ExitCode: container.state.exitCode,
            },
          }
        : {}),
    },
    DesiredState: task.desired,
  };
}

const listTasks = managed(function* (context, swarm) {
  const filters = filtersOf(context);
  const one = (task: Task, name: string, value: string): boolean => {
    if (name === 'service') return task.service.id === value || task.spec.Name === value;
    if (name === 'desired-state') return task.desired === value;
    if (name === 'id') return task.id.startsWith(value);
    if (name === 'name') return `${task.spec.Name}.${task.slot}`.startsWith(value);
    return true;
  };
  const found = [...swarm.tasks.values()].filter((task) =>
    [...filters].every(([name, values]) => values.some((value) => one(task, name, value))),
  );
  return json(found.map((task) => taskJson(context.daemon, swarm, task)));
});

/** Method, path, handler. */
export const swarmRoutes: readonly (readonly [string, string, Handler])[] = [
  ['POST', '/swarm/init', init],
  ['POST', '/swarm/leave', leave],
  ['POST', '/swarm/join', join],
  ['POST', '/swarm/update', updateSwarm],
  ['GET', '/swarm', inspectSwarm],
  ['GET', '/nodes', listNodes],
  ['GET', '/nodes/*', inspectNode],
  ['POST', '/nodes/*/update', updateNode],
  ['POST', '/services/create', createService],
  ['GET', '/services', listServices],
  ['GET', '/services/*', inspectService],
  ['POST', '/services/*/update', updateService],
  ['DELETE', '/services/*', removeService],
  ['GET', '/tasks', listTasks],
  ...files('secrets'),
  ...files('configs'),
];
