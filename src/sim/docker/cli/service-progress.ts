// What docker service create, update and scale print until a service has converged.

import { MILLISECOND, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { type Api, filterQuery, isCallError } from './api.ts';
import type { Call } from './command.ts';
import { fail } from './output.ts';
import type { ServiceInfo, TaskInfo } from './service-spec.ts';

/** Follows a service until its tasks have run for five seconds. */
export function* converge(call: Call, api: Api, id: string): Routine<number> {
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
