// A whole control plane without machines: the API server over an etcd in the same process, all controllers and the
// scheduler as fibers, and hollow nodes. What is measured on it is the control plane alone.

import { Fiber } from '../../core/fiber.ts';
import type { Simulation } from '../../core/simulation.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { directClient, directState } from '../../etcd/direct.ts';
import { type ApiClient, inProcessClient } from '../api/client.ts';
import { type ApiServer, createApiServer } from '../api/server.ts';
import { ApiError } from '../api/status.ts';
import { ControllerContext } from '../controllers/context.ts';
import type { Controller, Spawn } from '../controllers/machinery/controller.ts';
import { NO_SETTINGS, startControllers } from '../controllers/manager.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { type HollowOptions, hollowNodes } from './hollow.ts';

const ADMIN = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

export interface HollowCluster {
  readonly server: ApiServer;
  /** The cluster administrator's client. */
  readonly client: ApiClient;
  readonly controllers: readonly Controller[];
  readonly scheduler: Scheduler;
  /** Puts a routine to work beside the cluster's own. */
  readonly spawn: Spawn;
  /** Ends everything. */
  stop(): void;
}

/** Switches a hollow cluster on: all nodes are registered and the default objects are there afterwards. */
export function hollowCluster(simulation: Simulation, options: HollowOptions): HollowCluster {
  const server = createApiServer({ simulation, etcd: directClient(simulation, directState()) });
  const fibers: Fiber<void>[] = [];
  const spawn: Spawn = (routine: Routine<void>) => {
    fibers.push(new Fiber(simulation, routine));
  };
  spawn(start(server));
  simulation.advance({ until: simulation.now + SECOND });
  const contextOf = (agent: string): ControllerContext =>
    new ControllerContext(simulation, inProcessClient(server, ADMIN, agent), spawn);
  const contexts = ['kube-controller-manager', 'kube-scheduler', 'kubelet'].map(contextOf);
  const [manager, scheduling, nodes] = contexts as [
    ControllerContext,
    ControllerContext,
    ControllerContext,
  ];
  const controllers = startControllers(manager, NO_SETTINGS);
  const scheduler = new Scheduler(scheduling);
  spawn(scheduler.run());
  spawn(hollowNodes(nodes, options));
  simulation.advance({ until: simulation.now + 5 * SECOND });
  return {
    server,
    client: inProcessClient(server, ADMIN, 'kubectl'),
    controllers,
    scheduler,
    spawn,
    stop() {
      for (const context of contexts) context.stop();
      for (const controller of controllers) controller.queue.stop();
      for (const fiber of fibers) fiber.stop();
      server.stop();
    },
  };
}

function* start(server: ApiServer): Routine<void> {
  const failure = yield* server.start();
  if (failure instanceof ApiError) throw new Error(failure.message);
}
