// The lab `etcd`: three machines etcd0, etcd1, etcd2 with one member of a cluster on each, the shell on etcd0. They
// are switched on one after another so that etcd0 leads.

import type { Simulation } from '../core/simulation.ts';
import { MILLISECOND, SECOND } from '../core/time.ts';
import { isErrno } from '../kernel/errno.ts';
import { parseIp } from '../kernel/network/address.ts';
import { Switch } from '../kernel/network/switch.ts';
import type { Process } from '../kernel/calls/process.ts';
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../kernel/files/open-file.ts';
import type { Link } from '../kernel/network/link.ts';
import { elfStub } from '../kernel/program.ts';
import { etcdPrograms } from '../etcd/programs.ts';
import { debianDisk, programPath } from './base.ts';
import { type EtcdMachine, etcdLabControls } from './etcd-controls.ts';
import { etcdLabTools } from './etcd-tools.ts';
import type { LabParts } from './lab.ts';
import { keysLook, membersLook } from './looks/etcd.ts';
import { createMachine, spawn } from './machine.ts';
import { toolFamilies } from './programs.ts';

/** Whose programs its machines have. */
const families = [...toolFamilies, etcdPrograms, etcdLabTools];

const ADDRESSES: Readonly<Record<string, string>> = {
  etcd0: '10.0.0.10',
  etcd1: '10.0.0.11',
  etcd2: '10.0.0.12',
};

/** When each member is started: the first draws its election timeout while the others are young. */
const OTHERS_START = 950 * MILLISECOND;
/** The members have been connected for more than five seconds when the shell opens. */
const SETTLED = 9 * SECOND;

/** Switches the lab on. */
export function etcdLab(simulation: Simulation): LabParts {
  const wire = new Switch(simulation, 'etcd');
  const hosts = Object.entries(ADDRESSES).map(([name, address]) => `${address}\t${name}`);
  const machines = Object.entries(ADDRESSES).map(([name, address]): EtcdMachine => {
    const others = hosts.filter((line) => !line.endsWith(name));
    const disk = debianDisk({
      hostname: name,
      families,
      hosts: [`${address}\t${name}`, ...others],
    });
    for (const tool of etcdLabTools.programs)
      disk.file(programPath(tool.name), elfStub(tool.name), 0o755);
    let nic: Link | undefined;
    const machine = createMachine(simulation, {
      name,
      disk,
      *start(init) {
        if (nic) bringUp(init, nic, address);
      },
    });
    nic = wire.attach(machine.kernel.first.net, 'eth0');
    const one: EtcdMachine = {
      machine,
      name,
      address,
      nic,
      wire,
      member: undefined,
      cutOff: false,
      start: () => startMember(one),
    };
    return one;
  });
  etcdLabControls.set(simulation, machines);
  for (const [i, one] of machines.entries()) {
    simulation.at(i === 0 ? MILLISECOND : OTHERS_START, () => one.start());
  }
  const [first] = machines;
  if (first === undefined) throw new Error('the etcd lab has no machines');
  return {
    machines: machines.map(({ machine }) => machine),
    shell: first.machine,
    directory: '/root',
    settleFor: SETTLED,
    looks: {
      keys: () => keysLook(machines.map(({ machine }) => machine.kernel)),
      members: () => membersLook(machines.map(({ machine }) => machine)),
    },
  };
}

function bringUp(init: Process, nic: Link, address: string): void {
  const netlink = init.netlink();
  const ip = parseIp(address);
  if (ip === undefined) throw new Error(`no address: ${address}`);
  const failure =
    netlink.setUp(init.network.loopback, true) ??
    netlink.setUp(nic, true) ??
    netlink.addAddress(nic, { prefix: { address: ip, length: 24 } });
  if (isErrno(failure)) throw new Error(`cannot configure eth0: ${failure.message}`);
}

/** Starts etcd on a machine with the lab's command line. */
function startMember(one: EtcdMachine): void {
  const { name, address } = one;
  const argv = [
    'etcd',
    '--name',
    name,
    '--data-dir',
    '/var/lib/etcd',
    '--listen-peer-urls',
    `http://${address}:2380`,
    '--initial-advertise-peer-urls',
    `http://${address}:2380`,
    '--listen-client-urls',
    `http://${address}:2379,http://127.0.0.1:2379`,
    '--advertise-client-urls',
    `http://${address}:2379`,
    '--initial-cluster',
    'etcd0=http://10.0.0.10:2380,etcd1=http://10.0.0.11:2380,etcd2=http://10.0.0.12:2380',
    '--initial-cluster-token',
    'lab',
    '--initial-cluster-state',
    'new',
    '--log-level',
    'error',
  ];
  one.member = spawn(one.machine, function* (p) {
    p.open('/dev/null', O_RDONLY);
    p.open('/var/log/etcd.log', O_WRONLY | O_CREAT | O_TRUNC, 0o644);
    p.dup2(1, 2);
    p.task.leader.process.argv = argv;
    p.exec('/usr/bin/etcd', argv, new Map([['PATH', '/usr/bin:/bin']]));
    return 127;
  });
}
