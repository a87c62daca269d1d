// The outside of a lab: one machine beyond all others that answers for every address of the simulated internet, on the
// lab's switch as its gateway. What it does not know is silence. Who serves there is the internet floor's business.

import type { Routine } from '../../core/wait.ts';
import type { Simulation } from '../../core/simulation.ts';
import type { Process } from '../calls/process.ts';
import { MemoryFileSystem } from '../files/memory.ts';
import { Kernel } from '../kernel.ts';
import type { ProgramTable } from '../program.ts';
import { cloneTask } from '../task/fork.ts';
import type { Task } from '../task/task.ts';
import type { Ip, Prefix } from './address.ts';
import { addAddress } from './addresses.ts';
import { setUp } from './links.ts';
import type { Switch } from './switch.ts';

export class Outside {
  readonly kernel: Kernel;
  private readonly init: Task;

  /** Switches the outside on with nothing in it. */
  constructor(simulation: Simulation, programs: ProgramTable) {
    const disk = new MemoryFileSystem('tmpfs', 1);
    this.kernel = new Kernel({
      simulation,
      hostname: 'outside',
      cpus: 1,
      memory: 1024 ** 3,
      disk,
      programs,
    });
    setUp(this.kernel.first.net.loopback);
    this.init = this.kernel.boot('outside', function* (process) {
      for (;;) {
        const ended = yield* process.wait(-1);
        if (ended !== undefined && !('pid' in ended)) {
          yield { on: [process.task.process.childChanged] };
        }
      }
    });
  }

  /** Plugs the outside into a lab's switch: machines there take `gateway` as their default route. */
  connect(wire: Switch, gateway: Prefix): void {
    const net = this.kernel.first.net;
    const nic = wire.attach(net, `eth${net.links.size - 1}`);
    setUp(nic);
    addAddress(nic, { prefix: gateway });
  }

  /** A network behind one of the lab's machines, as an administrator tells the router of it. */
  route(to: Prefix, via: Ip): void {
    this.kernel.processOf(this.init).netlink().addRoute({ to, via });
  }

  /** From now on the outside answers for an address. */
  host(address: Ip): void {
    addAddress(this.kernel.first.net.loopback, {
      prefix: { address, length: 32 },
      scope: 'global',
    });
  }

  /** Runs a server of the outside as a process of its own. */
  run(name: string, body: (process: Process) => Routine<number>): void {
    cloneTask(this.init, 0, (task) => {
      task.name = name;
      return body(this.kernel.processOf(task));
    });
  }
}
