// docker stack: a Compose file's services, networks, secrets and configs as one thing of the swarm. `stack config` is left
// out.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { goMap } from '../../userland/template/values.ts';
import { openProject, resolveEnvFiles } from '../compose/model/open.ts';
import type { FileObject, Project } from '../compose/model/project.ts';
import { ComposeProblem } from '../compose/model/tree.ts';
import { encodeBase64 } from '../base64.ts';
import { type Api, filterQuery, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';
import { complain, fail, type ListView, printList } from './output.ts';
import { printServices, printTasks } from './service.ts';
import { converge } from './service-progress.ts';
import type { ServiceInfo, TaskInfo } from './service-spec.ts';
import { contentOf, ignoredOptions, STACK_LABEL, stackService } from './stack-spec.ts';
import { apiOf } from './swarm.ts';

const STACKS: ListView = {
  type: '*formatter.stackContext',
  headers: goMap({ Name: 'NAME', Services: 'SERVICES' }),
  columns: ['Name', 'Services'],
};

/** What is wrong with a stack's name. */
function wrongName(name: string): string | undefined {
  if (name.trim() === '') return `invalid stack name: ${JSON.stringify(name)}`;
  return /\s/.test(name) ? `invalid stack name: ${JSON.stringify(name)}` : undefined;
}

interface Labelled {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
}

const inStack = (stack: string) => (one: Labelled) => one.Spec.Labels?.[STACK_LABEL] === stack;

function* servicesOf(
  api: Api,
  stack: string,
  more: readonly string[] = [],
): Routine<ServiceInfo[]> {
  const filters = filterQuery([`label=${STACK_LABEL}=${stack}`, ...more]);
  const found = yield* api.get<ServiceInfo[]>('/services', { status: true, filters });
  return isCallError(found) ? [] : found.sort((a, b) => (a.Spec.Name < b.Spec.Name ? -1 : 1));
}

function* networksOf(api: Api, stack: string): Routine<{ Id: string; Name: string }[]> {
  const filters = filterQuery([`label=${STACK_LABEL}=${stack}`]);
  const found = yield* api.get<{ Id: string; Name: string }[]>('/networks', { filters });
  return isCallError(found) ? [] : found;
}

function* filesOf(api: Api, kind: 'secrets' | 'configs', stack: string): Routine<Labelled[]> {
  const found = yield* api.get<Labelled[]>(`/${kind}`);
  return isCallError(found) ? [] : found.filter(inStack(stack));
}

/** Reads the Compose files of a stack. */
function* loadStack(call: Call, stack: string): Routine<Project | FlagError> {
  const { main, flags } = call;
  const files = flags.list('compose-file').flatMap((text) => text.split(','));
  if (files.length === 0) return wrongFlag('Specify a Compose file (with --compose-file)');
  try {
    const project = yield* openProject({
      process: main.process,
      files,
      projectName: stack,
      projectDirectory: '',
      envFiles: [],
      profiles: [],
      allResources: true,
      warn() {},
      *stdin() {
        return decode(yield* main.input.rest());
      },
    });
    yield* resolveEnvFiles(main.process, project, { discard: true, warn() {} });
    const nameless = Object.values(project.services).find(({ image }) => !image);
    return nameless
      ? wrongFlag(`invalid image reference for service ${nameless.name}: no image specified`)
      : project;
  } catch (thrown) {
    if (!(thrown instanceof ComposeProblem)) throw thrown;
    return wrongFlag(thrown.message);
  }
}

/** Creates what is not there of a stack's networks; their ids by name. */
function* createNetworks(
  call: Call,
  stack: string,
  project: Project,
): Routine<Map<string, string> | FlagError> {
  const api = apiOf(call);
  const ids = new Map<string, string>();
  const known = yield* networksOf(api, stack);
  const used = new Set(
    Object.values(project.services).flatMap(({ networks }) =>
      Object.keys(networks ?? { default: 0 }),
    ),
  );
  for (const [key, network] of Object.entries(project.networks)) {
    if (network.external) {
      const found = yield* api.get<{ Id: string; Scope: string }>(`/networks/${network.name}`);
      const shown = JSON.stringify(network.name);
      if (isCallError(found))
        return wrongFlag(
          `network ${shown} is declared as external, but could not be found. You need to create a swarm-scoped network before the stack is deployed`,
        );
      if (found.Scope !== 'swarm')
        return wrongFlag(
          `network ${shown} is declared as external, but it is not in the right scope: ${JSON.stringify(found.Scope)} instead of "swarm"`,
        );
      ids.set(network.name, found.Id);
      continue;
    }
    const there = known.find(({ Name }) => Name === network.name);
    if (there) ids.set(network.name, there.Id);
    if (there || !used.has(key)) continue;
    call.main.out.put(`Creating network ${network.name}\n`);
    yield* call.main.out.flush();
    const made = yield* api.post<{ Id: string }>(
      '/networks/create',
      {},
      {
        Name: network.name,
        Driver: network.driver ?? 'overlay',
        Internal: network.internal ?? false,
        Attachable: network.attachable ?? false,
        Options: network.driver_opts ?? {},
        Labels: { ...network.labels, [STACK_LABEL]: stack },
        ...(network.ipam?.config
          ? { IPAM: { Config: network.ipam.config.map(({ subnet }) => ({ Subnet: subnet })) } }
          : {}),
      },
    );
    if (isCallError(made))
      return wrongFlag(`failed to create network ${network.name}: ${made.text}`);
    ids.set(network.name, made.Id);
  }
  return ids;
}

/** Creates a stack's secrets or configs; ids by name of all that there are. */
function* createFiles(
  call: Call,
  stack: string,
  project: Project,
  kind: 'secrets' | 'configs',
): Routine<Map<string, string> | FlagError> {
  const api = apiOf(call);
  const word = kind.slice(0, -1);
  const objects: Readonly<Record<string, FileObject>> = project[kind];
  const all = yield* api.get<Labelled[]>(`/${kind}`);
  const ids = new Map(isCallError(all) ? [] : all.map(({ ID, Spec }) => [Spec.Name, ID]));
  for (const object of Object.values(objects)) {
    if (ids.has(object.name)) continue;
    if (object.external) return wrongFlag(`${word} not found: ${object.name}`);
    const content = yield* contentOf(call.main.process, object, project);
    if (isFlagError(content)) return content;
    call.main.out.put(`Creating ${word} ${object.name}\n`);
    yield* call.main.out.flush();
    const made = yield* api.post<{ ID: string }>(
      `/${kind}/create`,
      {},
      {
        Name: object.name,
        Labels: { ...object.labels, [STACK_LABEL]: stack },
        Data: encodeBase64(content),
      },
    );
    if (isCallError(made))
      return wrongFlag(`failed to create ${word} ${object.name}: ${made.text}`);
    ids.set(object.name, made.ID);
  }
  return ids;
}

/** Creates or updates a stack's services; their ids. */
function* deployServices(
  call: Call,
  stack: string,
  project: Project,
  ids: Parameters<typeof stackService>[3],
): Routine<string[] | FlagError> {
  const api = apiOf(call);
  const known = yield* servicesOf(api, stack);
  const deployed: string[] = [];
  for (const service of Object.values(project.services)) {
    const spec = stackService(stack, service, project, ids);
    const before = known.find(({ Spec }) => Spec.Name === spec.Name);
    const what = before ? 'update' : 'create';
    call.main.out.put(
      before
        ? `Updating service ${spec.Name} (id: ${before.ID})\n`
        : `Creating service ${spec.Name}\n`,
    );
    yield* call.main.out.flush();
    if (before) spec.TaskTemplate.ForceUpdate = before.Spec.TaskTemplate.ForceUpdate;
    const done = before
      ? yield* api.post<object>(
          `/services/${before.ID}/update`,
          { version: before.Version.Index },
          spec,
        )
      : yield* api.post<{ ID: string }>('/services/create', {}, spec);
    if (isCallError(done)) return wrongFlag(`failed to ${what} service ${spec.Name}: ${done.text}`);
    deployed.push(before?.ID ?? (done as { ID: string }).ID);
  }
  return deployed;
}

function* pruneServices(call: Call, stack: string, project: Project): Routine<void> {
  const kept = new Set(Object.keys(project.services).map((name) => `${stack}_${name}`));
  const api = apiOf(call);
  for (const { ID, Spec } of yield* servicesOf(api, stack)) {
    if (kept.has(Spec.Name)) continue;
    call.main.out.put(`Removing service ${Spec.Name}\n`);
    yield* api.call('DELETE', `/services/${ID}`);
  }
}

const deploy: Action = function* (call) {
  const { main, flags, args } = call;
  const [stack = ''] = args;
  const wrong = wrongName(stack);
  if (wrong !== undefined) return yield* fail(call, wrong);
  const resolve = flags.text('resolve-image');
  if (!/^(always|changed|never)$/.test(resolve))
    return yield* fail(call, `Invalid option ${resolve} for flag --resolve-image`);
  const project = yield* loadStack(call, stack);
  if (isFlagError(project)) return yield* fail(call, project.wrong);
  main.err.put(ignoredOptions(project));
  if (!flags.given('detach'))
    yield* complain(
      main,
      'Since --detach=false was not specified, tasks will be created in the background.\nIn a future release, --detach=false will become the default.',
    );
  const api = apiOf(call);
  const info = yield* api.get<{ Swarm: { ControlAvailable: boolean } }>('/info');
  if (isCallError(info)) return yield* fail(call, info.text);
  if (!info.Swarm.ControlAvailable)
    return yield* fail(
      call,
      'this node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again',
    );
  if (flags.on('prune')) yield* pruneServices(call, stack, project);
  const networks = yield* createNetworks(call, stack, project);
  if (isFlagError(networks)) return yield* fail(call, networks.wrong);
  const secrets = yield* createFiles(call, stack, project, 'secrets');
  if (isFlagError(secrets)) return yield* fail(call, secrets.wrong);
  const configs = yield* createFiles(call, stack, project, 'configs');
  if (isFlagError(configs)) return yield* fail(call, configs.wrong);
  const ids = yield* deployServices(call, stack, project, { networks, secrets, configs });
  if (isFlagError(ids)) return yield* fail(call, ids.wrong);
  if (flags.on('detach')) return 0;
  for (const id of ids) yield* converge(call, api, id);
  return 0;
};

const list: Action = function* (call) {
  const found = yield* apiOf(call).get<ServiceInfo[]>('/services');
  if (isCallError(found)) return yield* fail(call, found.text);
  const counts = new Map<string, number>();
  for (const { Spec } of found) {
    const stack = Spec.Labels?.[STACK_LABEL];
    if (stack !== undefined) counts.set(stack, (counts.get(stack) ?? 0) + 1);
  }
  const rows = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, count]) => ({ Name, Services: String(count) }));
  return yield* printList(call, STACKS, rows, { format: call.flags.text('format') });
};

const services: Action = function* (call) {
  const [stack = ''] = call.args;
  const found = yield* servicesOf(apiOf(call), stack, call.flags.list('filter'));
  if (found.length > 0) return yield* printServices(call, found);
  yield* complain(call.main, `Nothing found in stack: ${stack}`);
  return 0;
};

const ps: Action = function* (call) {
  const [stack = ''] = call.args;
  const api = apiOf(call);
  const tasks: TaskInfo[] = [];
  for (const { ID } of yield* servicesOf(api, stack)) {
    const filters = filterQuery([`service=${ID}`, ...call.flags.list('filter')]);
    const found = yield* api.get<TaskInfo[]>('/tasks', { filters });
    if (isCallError(found)) return yield* fail(call, found.text);
    tasks.push(...found);
  }
  if (tasks.length === 0) return yield* fail(call, `nothing found in stack: ${stack}`);
  return yield* printTasks(call, tasks);
};

const remove: Action = function* (call) {
  const { main, args } = call;
  const api = apiOf(call);
  let status = 0;
  for (const stack of args) {
    const wrong = wrongName(stack);
    if (wrong !== undefined) return yield* fail(call, wrong);
    const all = [
      ...(yield* servicesOf(api, stack)).map((one) => ['service', one.Spec.Name, one.ID] as const),
      ...(yield* filesOf(api, 'secrets', stack)).map(
        (one) => ['secret', one.Spec.Name, one.ID] as const,
      ),
      ...(yield* filesOf(api, 'configs', stack)).map(
        (one) => ['config', one.Spec.Name, one.ID] as const,
      ),
      ...(yield* networksOf(api, stack)).map((one) => ['network', one.Name, one.Id] as const),
    ];
    if (all.length === 0) yield* complain(main, `Nothing found in stack: ${stack}`);
    let failed = false;
    for (const [kind, name, id] of all) {
      main.out.put(`Removing ${kind} ${name}\n`);
      yield* main.out.flush();
      const gone = yield* api.call('DELETE', `/${kind}s/${id}`);
      if (!isCallError(gone)) continue;
      failed = true;
      main.err.put(`Failed to remove ${kind} ${id}: ${gone.text}`);
    }
    if (!failed) continue;
    yield* complain(main, `failed to remove some resources from stack: ${stack}`);
    status = 1;
  }
  return status;
};

export const stackActions: Readonly<Record<string, Action>> = {
  'stack deploy': deploy,
  'stack ls': list,
  'stack services': services,
  'stack ps': ps,
  'stack rm': remove,
};
