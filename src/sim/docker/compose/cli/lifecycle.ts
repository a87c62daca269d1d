// docker compose start, stop, restart, kill, pause, unpause, rm, down and wait.

import type { Routine } from '../../../core/wait.ts';
import { isCallError } from '../../cli/api.ts';
import { enableServices, selectServices, serviceNames, type Service } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import {
  containersOf,
  eventName,
  inspect,
  nameOf,
  serviceOf,
  type Summary,
} from '../service/containers.ts';
import { down as takeDown, reverseOrder, stopContainer } from '../service/down.ts';
import { runHook } from '../service/hooks.ts';
import { asLaunched, inOrder, together } from '../service/parallel.ts';
import type { Work } from '../service/resources.ts';
import { start as startProject, waitFor } from '../service/start.ts';
import { answered, type ComposeAction, type ComposeCall, projectOrName } from './call.ts';
import { timeoutOf, workOnNamed } from './work.ts';

/** The named services' containers, all at once. */
function* eachContainer(
  work: Work,
  containers: readonly Summary[],
  act: (work: Work, container: Summary) => Routine<void>,
): Routine<void> {
  yield* together(work.api.process, asLaunched(containers), (container, thread) =>
    act({ ...work, api: work.api.with(thread) }, container),
  );
}

function* stopAll(
  work: Work,
  names: readonly string[],
  timeout: number | undefined,
): Routine<void> {
  const { api, project } = work;
  const containers = yield* containersOf(api, project.name, { oneOff: 'exclude', all: true });
  const wanted = names.length > 0 ? names : serviceNames(project);
  yield* reverseOrder(work, serviceNames(project), (name, own) =>
    eachContainer(
      own,
      containers.filter((one) => wanted.includes(name) && serviceOf(one) === name),
      function* (mine, container) {
        yield* stopContainer(mine, container, project.services[name], { timeout });
      },
    ),
  );
}

export const stop: ComposeAction = function* (call) {
  const named = yield* projectOrName(call, call.args);
  yield* stopAll(yield* workOnNamed(call, named, 'Stopping'), call.args, timeoutOf(call));
  return 0;
};

export const start: ComposeAction = function* (call) {
  const { flags, args } = call;
  const named = yield* projectOrName(call, args);
  const work = yield* workOnNamed(call, named);
  if (!named.project && args.length > 0) selectServices(work.project, args);
  yield* startProject(work, {
    wait: flags.on('wait'),
    waitTimeout: flags.number('wait-timeout'),
  });
  return 0;
};

export const restart: ComposeAction = function* (call) {
  const { args, flags } = call;
  const named = yield* projectOrName(call);
  const work = yield* workOnNamed(call, named, 'Restarting');
  const { api, project, progress } = work;
  if (named.project) enableServices(project, args);
  const containers = yield* containersOf(api, project.name, { oneOff: 'exclude', all: true });
  if (flags.on('no-deps')) selectServices(project, args, 'alone');
  for (const [name, service] of Object.entries(project.services))
    project.services[name] = restartDependencies(service);
  if (args.length > 0) selectServices(project, args, 'dependents');
  const timeout = timeoutOf(call);
  yield* inOrder(
    api.process,
    serviceNames(project),
    (name) => Object.keys(project.services[name]?.depends_on ?? {}),
    function* (name, thread) {
      const own = { ...work, api: api.with(thread) };
      const service = project.services[name];
      yield* waitFor(own, name, service?.depends_on ?? {}, containers);
      const mine = containers.filter((one) => serviceOf(one) === name);
      yield* eachContainer(own, mine, function* ({ api: a }, container) {
        for (const hook of service?.pre_stop ?? []) yield* runHook(a, container, hook);
        yield* progress.working(eventName(container), 'Restarting');
        const query = timeout === undefined ? {} : { t: String(timeout) };
        answered(yield* a.post(`/containers/${container.Id}/restart`, query));
        yield* progress.done(eventName(container), 'Started');
        for (const hook of service?.post_start ?? []) yield* runHook(a, container, hook);
      });
    },
  );
  return 0;
};

/** A restart heeds only dependencies that ask for it. */
function restartDependencies(service: Service): Service {
  if (!service.depends_on) return service;
  const depends_on = Object.fromEntries(
    Object.entries(service.depends_on).filter(([, { restart: also }]) => also),
  );
  return { ...service, depends_on };
}

export const kill: ComposeAction = function* (call) {
  const { args, flags, main } = call;
  const named = yield* projectOrName(call, args);
  const work = yield* workOnNamed(call, named, 'Killing');
  let containers = yield* containersOf(work.api, work.project.name, {
    oneOff: 'include',
    all: false,
    services: args,
  });
  if (!flags.on('remove-orphans'))
    containers = containers.filter((one) => serviceOf(one) in work.project.services);
  if (containers.length === 0) {
    main.err.put('no container to kill');
    return 0;
  }
  yield* eachContainer(work, containers, function* ({ api, progress }, container) {
    yield* progress.working(eventName(container), 'Killing');
    const signal = flags.text('signal') || 'SIGKILL';
    const killed = yield* api.post(`/containers/${container.Id}/kill`, { signal });
    if (isCallError(killed)) {
      yield* progress.event(eventName(container), 'error', 'Error while Killing');
      throw new ComposeProblem(killed.text);
    }
    yield* progress.done(eventName(container), 'Killed');
  });
  return 0;
};

/** pause and unpause. */
function freezing(verb: 'pause' | 'unpause', told: string): ComposeAction {
  return function* (call) {
    const named = yield* projectOrName(call, call.args);
    const work = yield* workOnNamed(call, named, verb === 'pause' ? 'Pausing' : 'Running');
    const containers = yield* containersOf(work.api, work.project.name, {
      oneOff: 'exclude',
      all: false,
      services: call.args,
    });
    const own = containers.filter((one) => serviceOf(one) in work.project.services);
    yield* eachContainer(work, own, function* ({ api, progress }, container) {
      answered(yield* api.post(`/containers/${container.Id}/${verb}`));
      yield* progress.done(eventName(container), told);
    });
    return 0;
  };
}
export const pause = freezing('pause', 'Paused');
export const unpause = freezing('unpause', 'Unpaused');

export const rm: ComposeAction = function* (call) {
  const { args, flags, main } = call;
  const named = yield* projectOrName(call, args);
  if (flags.on('stop'))
    yield* stopAll(yield* workOnNamed(call, named, 'Stopping'), args, undefined);
  const work = yield* workOnNamed(call, named, 'Removing');
  const found = yield* containersOf(work.api, work.project.name, {
    oneOff: 'exclude',
    all: true,
    services: args,
  });
  const stopped: Summary[] = [];
  for (const container of found) {
    if (named.project && !(serviceOf(container) in work.project.services)) continue;
    const { State } = yield* inspect(work.api, container.Id);
    if (!State.Running || (flags.on('stop') && call.dryRun)) stopped.push(container);
  }
  if (stopped.length === 0) {
    yield* main.out.flush();
    main.err.put('No stopped containers\n');
    return 0;
  }
  const question = `Going to remove ${stopped.map(nameOf).join(', ')}`;
  if (flags.on('force')) main.out.put(`${question}\n`);
  else if (!(yield* agreed(call, question))) return 0;
  yield* main.out.flush();
  yield* eachContainer(work, stopped, function* ({ api, progress }, container) {
    yield* progress.working(eventName(container), 'Removing');
    answered(
      yield* api.call('DELETE', `/containers/${container.Id}`, {
        v: flags.on('volumes'),
        force: flags.on('force'),
      }),
    );
    yield* progress.done(eventName(container), 'Removed');
  });
  return 0;
};

/** Asks a question; without a terminal a line is read as it comes. */
function* agreed({ main }: ComposeCall, question: string): Routine<boolean> {
  main.out.put(main.process.isTerminal(0) ? `? ${question} (y/N) ` : question);
  yield* main.out.flush();
  const line = (yield* main.input.line()) ?? '';
  return /^(y|yes|1|true|t)$/i.test(line.trim());
}

export const down: ComposeAction = function* (call) {
  const { flags, args, main } = call;
  const images = flags.given('rmi') ? flags.text('rmi') : '';
  if (flags.given('rmi') && images !== 'all' && images !== 'local')
    throw new ComposeProblem(`invalid value for --rmi: ${JSON.stringify(images)}`);
  const named = yield* projectOrName(call, args);
  const work = yield* workOnNamed(call, named);
  const orphans = main.process.environment.get('COMPOSE_REMOVE_ORPHANS') ?? '';
  yield* takeDown(
    work,
    {
      services: args,
      removeOrphans: flags.on('remove-orphans') || /^(1|t|true)$/i.test(orphans),
      volumes: flags.on('volumes'),
      images,
      timeout: timeoutOf(call),
    },
    named.project !== undefined,
  );
  return 0;
};

export const wait: ComposeAction = function* (call) {
  const { args, flags, main, api } = call;
  const named = yield* projectOrName(call);
  const containers = yield* containersOf(api, named.name, {
    oneOff: 'include',
    all: false,
    services: args,
  });
  if (containers.length === 0)
    throw new ComposeProblem(`no containers for project ${JSON.stringify(named.name)}`);
  let status = 0;
  yield* together(api.process, containers, function* ({ Id }, thread) {
    const ended = answered(
      yield* api.with(thread).post<{ StatusCode: number }>(`/containers/${Id}/wait`),
    );
    main.out.put(`container ${JSON.stringify(Id)} exited with status code ${ended.StatusCode}\n`);
    yield* main.out.flush();
    status = ended.StatusCode;
  });
  if (flags.on('down-project'))
    yield* takeDown(
      yield* workOnNamed(call, { name: named.name, project: undefined }),
      { services: [], removeOrphans: true, images: '' },
      false,
    );
  return status;
};
