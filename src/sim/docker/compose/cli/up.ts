// docker compose up, create and scale.

import type { Routine } from '../../../core/wait.ts';
import { complain } from '../../cli/output.ts';
import { checkContainerNames } from '../model/consistency.ts';
import { type Project, selectServices, serviceNames, withDependencies } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import { followUp, type OnExit } from '../service/attach.ts';
import { create, type CreateOptions, type Recreate } from '../service/converge.ts';
import type { Work } from '../service/resources.ts';
import { start } from '../service/start.ts';
import { type ComposeAction, type ComposeCall, loadProject } from './call.ts';
import { timeoutOf, workOn } from './work.ts';

const fail = (text: string): never => {
  throw new ComposeProblem(text);
};

/** Flags that exclude each other. */
function checkFlags({ flags }: ComposeCall): void {
  const on = (name: string): boolean => flags.on(name);
  const failing = on('abort-on-container-failure');
  const stopping =
    on('abort-on-container-exit') || (flags.text('exit-code-from') !== '' && !failing);
  if (stopping && failing)
    fail('--abort-on-container-failure cannot be combined with --abort-on-container-exit');
  const attaching = on('attach-dependencies') || flags.list('attach').length > 0;
  if (on('wait') && (attaching || stopping))
    fail(
      '--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies',
    );
  if (on('build') && on('no-build')) fail('--build and --no-build are incompatible');
  if ((on('detach') || on('wait')) && (attaching || stopping || failing))
    fail(
      `--${on('wait') ? 'wait' : 'detach'} cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch`,
    );
  if (on('renew-anon-volumes') && on('no-recreate'))
    fail('--no-recreate and --renew-anon-volumes are incompatible');
  if (on('force-recreate') && on('no-recreate'))
    fail('--force-recreate and --no-recreate are incompatible');
  if (on('always-recreate-deps') && on('no-recreate'))
    fail('--always-recreate-deps and --no-recreate are incompatible');
}

const isTrue = (text: string | undefined): boolean => /^(1|t|true|y|yes)$/i.test(text ?? '');

/** --pull, --build and --scale change the project. */
function applyFlags({ flags }: ComposeCall, project: Project): void {
  const pull = flags.given('pull') ? flags.text('pull') : undefined;
  if (
    pull !== undefined &&
    !['always', 'never', 'build', 'missing', 'if_not_present'].includes(pull)
  )
    fail(`invalid --pull option ${JSON.stringify(pull)}`);
  for (const [name, service] of Object.entries(project.services)) {
    const policy = flags.on('build') && service.build ? 'build' : pull;
    if (policy !== undefined) project.services[name] = { ...service, pull_policy: policy };
  }
  for (const scale of flags.list('scale')) setScale(project, scale);
}

function setScale(project: Project, spec: string): void {
  const [name = '', count = '', more] = spec.split('=');
  if (count === '' || more !== undefined)
    fail(`invalid --scale option ${JSON.stringify(spec)}. Should be SERVICE=NUM`);
  if (!/^[+-]?\d+$/.test(count))
    fail(`strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax`);
  rescale(project, name, Number(count));
}

function rescale(project: Project, name: string, scale: number): void {
  const service = project.services[name];
  if (!service)
    throw new ComposeProblem(
      `no such service: ${name}: ${name in project.disabled ? 'disabled' : 'not found'}`,
    );
  const { deploy } = service;
  project.services[name] = {
    ...service,
    scale,
    ...(deploy ? { deploy: { ...deploy, replicas: scale } } : {}),
  };
}

function recreateOf({ flags }: ComposeCall): Recreate {
  if (flags.on('no-recreate')) return 'never';
  return flags.on('force-recreate') || flags.on('renew-anon-volumes') ? 'force' : 'diverged';
}

function createOptions(call: ComposeCall, project: Project): CreateOptions {
  const { flags, main } = call;
  const ignoreOrphans = isTrue(project.environment.get('COMPOSE_IGNORE_ORPHANS'));
  const removeOrphans = flags.given('remove-orphans')
    ? flags.on('remove-orphans')
    : isTrue(main.process.environment.get('COMPOSE_REMOVE_ORPHANS'));
  if (ignoreOrphans && removeOrphans)
    fail('cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans');
  const dependencies = flags.on('no-recreate')
    ? 'never'
    : flags.on('always-recreate-deps')
      ? 'force'
      : 'diverged';
  return {
    services: call.args,
    recreate: recreateOf(call),
    recreateDependencies: dependencies,
    removeOrphans,
    ignoreOrphans,
    inherit: !flags.on('renew-anon-volumes'),
    timeout: timeoutOf(call),
    quietPull: flags.on('quiet-pull'),
    build: flags.on('no-build')
      ? undefined
      : { args: [], noCache: false, pull: false, quiet: flags.on('quiet-build') },
  };
}

export const createAction: ComposeAction = function* (call) {
  const { flags } = call;
  if (flags.on('build') && flags.on('no-build')) fail('--build and --no-build are incompatible');
  if (flags.on('force-recreate') && flags.on('no-recreate'))
    fail('--force-recreate and --no-recreate are incompatible');
  const project = yield* loadProject(call);
  applyFlags(call, project);
  checkContainerNames(project);
  yield* create(workOn(call, project, 'Creating'), createOptions(call, project));
  return 0;
};

export const up: ComposeAction = function* (call) {
  const { flags, args } = call;
  checkFlags(call);
  const project = yield* loadProject(call);
  const attach = flags.list('attach');
  if (attach.length > 0 && flags.on('attach-dependencies'))
    fail('cannot combine --attach and --attach-dependencies');
  if (Object.keys(project.services).length === 0) fail('no service selected');
  applyFlags(call, project);
  if (flags.on('no-deps')) selectServices(project, args, 'alone');
  const exitFrom = flags.text('exit-code-from');
  if (exitFrom !== '' && !(exitFrom in project.services))
    fail(`no such service: ${exitFrom}: not found`);
  const work = workOn(call, project);
  const options = createOptions(call, project);
  const detach = flags.on('detach') || flags.on('wait');
  const attachTo = detach ? [] : attached(call, project);
  checkContainerNames(project);
  yield* create(work, options);
  if (flags.on('no-start')) return 0;
  if (!detach) return yield* follow(call, work, attachTo, options.timeout);
  yield* start(work, { wait: flags.on('wait'), waitTimeout: flags.number('wait-timeout') });
  return 0;
};

/** Up without -d. The status goes out as an error without words, which takes a line of its own. */
function* follow(
  call: ComposeCall,
  work: Work,
  attachTo: readonly string[],
  timeout: number | undefined,
): Routine<number> {
  const { main, flags, args } = call;
  if (call.dryRun) {
    main.out.put("end of 'compose up' output, interactive run is not supported in dry-run mode\n");
    return 0;
  }
  const exitFrom = flags.text('exit-code-from');
  const status = yield* followUp(work, {
    main,
    services: args.length > 0 ? args : attachTo,
    attachTo,
    prefix: !flags.on('no-log-prefix'),
    color: call.ansi && !flags.on('no-color'),
    timestamps: flags.on('timestamps'),
    onExit: onExit(call),
    exitFrom,
    timeout,
  });
  if (status !== 0) yield* complain(main, '');
  return status;
}

function onExit({ flags }: ComposeCall): OnExit {
  if (flags.on('abort-on-container-failure')) return 'fail';
  return flags.on('abort-on-container-exit') || flags.text('exit-code-from') !== ''
    ? 'stop'
    : 'ignore';
}

/** The services whose output is shown. */
function attached({ flags, args }: ComposeCall, project: Project): string[] {
  const wanted = flags.list('attach');
  const unknown = wanted.filter((name) => !(name in project.services));
  if (unknown.length > 0)
    fail(`cannot attach to services not included in up: ${unknown.join(', ')}`);
  const policy = flags.on('attach-dependencies') ? 'dependencies' : 'alone';
  const names =
    wanted.length > 0
      ? [...wanted]
      : withDependencies(project, args, policy).filter(
          (name) => project.services[name]?.attach !== false,
        );
  return names.filter((name) => !flags.list('no-attach').includes(name));
}

export const scale: ComposeAction = function* (call): Routine<number> {
  const wanted = call.args.map((spec): [string, number] => {
    const equals = spec.indexOf('=');
    const [name, count] = [spec.slice(0, equals), spec.slice(equals + 1)];
    if (equals <= 0 || count === '') fail(`invalid scale specifier: ${spec}`);
    if (!/^[+-]?\d+$/.test(count))
      fail(`invalid scale specifier: can't parse replica value as int: ${spec}`);
    return [name, Number(count)];
  });
  const names = wanted.map(([name]) => name).sort();
  const project = yield* loadProject(call, names);
  if (call.flags.on('no-deps')) selectServices(project, names, 'alone');
  for (const [name, count] of wanted) rescale(project, name, count);
  const work = workOn(call, project, 'Scaling');
  yield* create(work, {
    ...createOptions(call, project),
    services: names.length > 0 ? names : serviceNames(project),
    build: undefined,
  });
  yield* start(work, { wait: false, waitTimeout: 0 });
  return 0;
};
