// docker compose pull, build and push.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';
import { openProject } from '../model/open.ts';
import { selectServices, type Service, sortedEntries, withDependencies } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import { buildImage, findImage, pullImage } from '../service/images.ts';
import { together } from '../service/parallel.ts';
import { type ComposeAction, ExitStatus } from './call.ts';
import { workOn } from './work.ts';

export const pull: ComposeAction = function* (call) {
  const { flags, args, options, main } = call;
  const project = yield* openProject(options, args);
  yield* main.err.flush();
  if (!flags.on('include-deps')) selectServices(project, args, 'alone');
  const work = workOn(call, project, 'Pulling');
  const { api, progress } = work;
  const policy = flags.given('policy') ? flags.text('policy') : '';
  const taken = new Map<string, string>();
  const pulled: Service[] = [];
  for (const [name, service] of sortedEntries(project.services)) {
    const skip = (text: string): Routine<void> => progress.event(name, 'done', '', text);
    const own = policy || service.pull_policy;
    const { image } = service;
    if (!image) yield* skip('Skipped - No image to be pulled');
    else if (own === 'never' || own === 'build') yield* skip('Skipped');
    else if (
      (own === 'missing' || own === 'if_not_present') &&
      !/(:latest|^[^:]+)$/.test(image) &&
      (yield* findImage(api, image))
    )
      yield* skip('Skipped - Image is already present locally');
    else if (service.build && flags.on('ignore-buildable'))
      yield* skip('Skipped - Image can be built');
    else if (taken.has(image))
      yield* skip(`Skipped - Image is already being pulled by ${taken.get(image)}`);
    else {
      taken.set(image, name);
      pulled.push(service);
    }
  }
  const failures: string[] = [];
  const one = function* (service: Service, thread: Process): Routine<void> {
    try {
      yield* pullImage({ ...work, api: api.with(thread) }, service, flags.on('quiet'));
    } catch (thrown) {
      if (!(thrown instanceof ComposeProblem)) throw thrown;
      failures.push(thrown.message);
    }
  };
  yield* together(api.process, pulled, one, work.parallel);
  if (failures.length > 0 && !flags.on('ignore-pull-failures'))
    throw new ComposeProblem(failures.join('\n'));
  return 0;
};

export const build: ComposeAction = function* (call) {
  const { flags, args, options, main } = call;
  const project = yield* openProject({ ...options, allResources: true });
  yield* main.err.flush();
  const names = withDependencies(
    project,
    args,
    flags.on('with-dependencies') ? 'dependencies' : 'alone',
  );
  const work = workOn(call, project, 'Building');
  for (const name of names) {
    const service = project.services[name];
    if (!service?.build) continue;
    yield* buildImage(work, service, {
      args: flags.list('build-arg'),
      noCache: flags.on('no-cache'),
      pull: flags.on('pull'),
      quiet: flags.on('quiet'),
    });
  }
  return 0;
};

export const push: ComposeAction = function* (call) {
  const { flags, args, options, main } = call;
  const project = yield* openProject(options, args);
  yield* main.err.flush();
  if (!flags.on('include-deps')) selectServices(project, args, 'alone');
  const work = workOn(call, project, 'Pushing');
  for (const [name, service] of sortedEntries(project.services)) {
    const { image } = service;
    if (!service.build || !image) {
      yield* work.progress.event(name, 'done', '', 'Skipped');
      continue;
    }
    yield* work.progress.working(`Pushing ${image}`, 'Pushing');
    const pid = spawn(main.process, ['docker', 'push', '--quiet', image]);
    if (isErrno(pid)) throw new ComposeProblem(pid.message);
    const { code } = yield* waitFor(main.process, pid);
    if (code !== 0 && !flags.on('ignore-push-failures')) throw new ExitStatus(code);
    yield* work.progress.done(`Pushing ${image}`, 'Pushed');
  }
  return 0;
};
