// helm test (pkg/action/release_testing.go): the hooks of the event `test` are run, and how they ended is kept in the record.

import type { Routine } from '../../../core/wait.ts';
import { HelmError } from '../chart.ts';
import type { Call } from '../command.ts';
import { type Cluster, connect, sayProblem, serverVersion } from './cluster.ts';
import { containerLog, type HooksRun, type PodContainers, startHooks } from './hooks.ts';
import { statusText } from './print.ts';
import type { Hook, Release } from './record.ts';
import { checkName, lastOf, NOT_FOUND, updateRelease } from './storage.ts';

/** Which hooks --filter leaves in: `name=a`, `!name=b`. */
function filterOf({ flags }: Call): (hook: Hook) => boolean {
  const list = flags.list('filter');
  const included = list.filter((one) => one.startsWith('name=')).map((one) => one.slice(5));
  const excluded = list.flatMap((one) => {
    const name = /^!\s?name=(.*)$/.exec(one)?.[1];
    return name === undefined ? [] : [name];
  });
  return ({ name }) =>
    !excluded.includes(name) && (included.length === 0 || included.includes(name));
}

/** Runs the tests of a release, prints how they ended, and deletes what is to go. Throws HelmError. */
export function* testRelease(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const [name = ''] = args;
  const cluster = yield* connect(call);
  yield* serverVersion(cluster);
  checkName(name, `releaseTest: Release name is invalid: ${name}`);
  const release = yield* lastOf(cluster, name);
  if (!release) throw new HelmError(NOT_FOUND);
  const wanted = filterOf(call);
  const skipped = (release.hooks ?? []).filter((hook) => !wanted(hook));
  const tested = { ...release, hooks: (release.hooks ?? []).filter(wanted) };
  const options = {
    timeout: flags.duration('timeout'),
    serverSide: release.apply_method === 'ssa',
    waitGone: true,
  };
  let run: HooksRun | undefined;
  let problem: string | undefined;
  try {
    run = yield* startHooks(cluster, tested, 'test', options);
    ({ problem } = run);
  } catch (error) {
    problem = sayProblem(error);
  }
  tested.hooks.unshift(...skipped);
  yield* updateRelease(cluster, tested);
  main.out.put(statusText(tested, { hideNotes: true }));
  if (flags.is('logs')) {
    main.out.put('\n');
    for (const hook of tested.hooks.filter(wanted)) yield* printLogs(cluster, tested, hook);
  }
  yield* main.out.flush();
  if (run) yield* run.tidy();
  if (problem !== undefined) throw new HelmError(problem);
}

/** --logs: what the containers of a test said. */
function* printLogs(cluster: Cluster, { namespace }: Release, hook: Hook): Routine<void> {
  if (!hook.events.includes('test') || hook.kind !== 'Pod') return;
  const path = `/api/v1/namespaces/${namespace}/pods/${hook.name}`;
  try {
    const pod = yield* cluster.client.call('GET', path);
    const { initContainers = [], containers } = pod.spec as PodContainers;
    for (const { name } of [...initContainers, ...containers]) {
      const text = yield* containerLog(cluster, namespace, hook.name, name);
      cluster.main.out.put(`POD LOGS: ${hook.name} (${name})\n${text}\n`);
    }
  } catch (problem) {
    throw new HelmError(`unable to get pod ${hook.name}: ${sayProblem(problem)}`);
  }
}
