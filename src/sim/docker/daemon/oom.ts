// What dockerd hears from containerd's events: that the kernel killed a process of a container for memory. The ends of
// containers it waits for one by one (start.ts).

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { EventEnvelope } from '../../containers/containerd/types.ts';
import { isRpcError } from '../../containers/rpc.ts';
import type { Dockerd } from './model.ts';
import { containerEvent } from './start.ts';

/** Notes out-of-memory kills in the containers' states, as long as the daemon lives. */
export function* watchMemory(daemon: Dockerd, thread: Process): Routine<void> {
  for (;;) {
    const events = yield* daemon.clientFor(thread).events(['topic=="/tasks/oom",namespace==moby']);
    if (!isRpcError(events)) {
      for (;;) {
        const envelope = (yield* events.next()) as EventEnvelope | undefined;
        if (envelope === undefined || isRpcError(envelope)) break;
        const container = daemon.containers.get(String(envelope.event.container_id));
        if (!container) continue;
        container.state.oomKilled = true;
        containerEvent(daemon, container, 'oom');
      }
      events.close();
    }
    yield* thread.sleep(SECOND);
  }
}
