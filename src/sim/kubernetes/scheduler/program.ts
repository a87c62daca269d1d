// kube-scheduler as a process: it schedules while it holds the lease.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { networkClient } from '../component/connect.ts';
import { checkFlags, type Flags, parseFlags } from '../component/flags.ts';
import { serveHealth } from '../component/health.ts';
import { takeHeap } from '../component/heap.ts';
import { klog } from '../component/klog.ts';
import { loadKubeconfig } from '../component/kubeconfig.ts';
import { endOnSignals } from '../component/signals.ts';
import { ControllerContext } from '../controllers/context.ts';
import { becomeLeader, keepLeading, releaseLease } from '../controllers/machinery/leader.ts';
import { threadSpawn } from '../controllers/manager.ts';
import { Scheduler } from './scheduler.ts';

const NAME = 'kube-scheduler';

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  endOnSignals(process, 0);
  if (!(yield* checkFlags(main, NAME, flags))) return 1;
  yield* takeHeap(process, 'kube-scheduler');
  const config = yield* loadKubeconfig(process, flags.get('kubeconfig') ?? '');
  if (typeof config === 'string') {
    yield* klog(main, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(config)}`);
    return 1;
  }
  serveHealth(process, Number(flags.get('secure-port') ?? 10259));
  const client = networkClient(process, config, NAME);
  const { simulation } = process;
  const identity = `${process.hostname}_${simulation.random.fork(`scheduler ${process.hostname} ${simulation.now}`).uuid()}`;
  const election = { name: NAME, identity };
  const lease = yield* becomeLeader(simulation, client, election);
  endOnSignals(process, 0, () => releaseLease(simulation, client, election));
  yield* klog(
    main,
    'I',
    'leaderelection.go:272',
    `"Successfully acquired lease" lock="kube-system/${NAME}"`,
  );
  const scheduler = new Scheduler(new ControllerContext(simulation, client, threadSpawn(process)));
  process.whenEnded(() => scheduler.queue.stop());
  const started = process.thread(function* () {
    yield* scheduler.run();
    return 0;
  });
  if (isErrno(started)) return 1;
  yield* keepLeading(simulation, client, lease);
  yield* klog(main, 'E', 'server.go:310', '"Leaderelection lost"');
  return 1;
}

export const kubeScheduler = program(NAME, (main) => run(main, parseFlags(main.args)));
