// The lab `lan`: three machines on one wire, 192.168.0.0/24. One sits at `lab`; `db` runs MySQL, `web` a small web
// server. There is no way out: what a ping sweep finds is what is there.

import type { Simulation } from '../core/simulation.ts';
import { SECOND } from '../core/time.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { languageFamily } from '../userland/languages/index.ts';
import type { Link } from '../kernel/network/link.ts';
import { Switch } from '../kernel/network/switch.ts';
import { elfStub } from '../kernel/program.ts';
import { debianDisk, type DiskBuilder } from './base.ts';
import { plugIn } from './nic.ts';
import type { LabParts } from './lab.ts';
import { createMachine, type Machine } from './machine.ts';
import { toolFamilies } from './programs.ts';
import { enableUnit } from './units.ts';

const families = [...toolFamilies, imagePrograms, languageFamily];
const SETTLED = 5 * SECOND;

const MYSQL_UNIT = `[Unit]
Description=MySQL Community Server
After=network.target

[Service]
ExecStart=/usr/local/sbin/start-mysqld
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;

/** Makes the data directory once, then becomes the server. */
const START_MYSQLD = `#!/bin/sh
mkdir -p /run/mysqld
[ -d /var/lib/mysql/mysql ] || /usr/sbin/mysqld --user=root --initialize-insecure
exec /usr/sbin/mysqld --user=root
`;

const WEB_UNIT = `[Unit]
Description=A small web server
After=network.target

[Service]
ExecStart=/usr/bin/busybox httpd -f -p 80 -h /var/www/html

[Install]
WantedBy=multi-user.target
`;

/** One machine of the lab. */
interface Host {
  readonly name: string;
  readonly address: string;
  /** What its disk has beyond a Debian's. */
  readonly install: (disk: DiskBuilder) => void;
}

function installService(disk: DiskBuilder, name: string, unit: string): void {
  disk.file(`/usr/lib/systemd/system/${name}`, unit);
  enableUnit(disk, name);
}

const HOSTS: readonly Host[] = [
  {
    name: 'lab',
    address: '192.168.0.2',
    install: (disk) => disk.file('/usr/bin/mysql', elfStub('mysql'), 0o755),
  },
  {
    name: 'db',
    address: '192.168.0.10',
    install(disk) {
      disk.file('/usr/sbin/mysqld', elfStub('mysqld'), 0o755);
      disk.file('/usr/local/sbin/start-mysqld', START_MYSQLD, 0o755);
      disk.directory('/var/lib/mysql');
      installService(disk, 'mysql.service', MYSQL_UNIT);
    },
  },
  {
    name: 'web',
    address: '192.168.0.20',
    install(disk) {
      disk.file('/var/www/html/index.html', '<h1>web</h1>\n');
      installService(disk, 'web.service', WEB_UNIT);
    },
  },
];

/** Switches the lab on. */
export function lanLab(simulation: Simulation): LabParts {
  const wire = new Switch(simulation, 'lan');
  const hosts = HOSTS.map(({ name, address }) => `${address}\t${name}`);
  const machines = HOSTS.map((host): Machine => {
    const disk = debianDisk({ hostname: host.name, families, hosts, services: [] });
    host.install(disk);
    let nic: Link | undefined;
    const machine = createMachine(simulation, {
      name: host.name,
      disk,
      *start(init) {
        if (nic) plugIn(init, nic, host.address, host.address);
      },
    });
    nic = wire.attach(machine.kernel.first.net, 'eth0');
    return machine;
  });
  const [shell] = machines;
  if (!shell) throw new Error('the lab has no machines');
  return { machines, shell, directory: '/root', settleFor: SETTLED };
}
