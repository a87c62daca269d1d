// Unit files on the disks of the labs' machines, and which of them start at boot.

import { KUBEADM_DROP_IN, SERVICES, type ServiceName, TARGETS } from '../internet/unit-files.ts';
import type { DiskBuilder } from './base.ts';

export type { ServiceName };

const LIBRARY = '/usr/lib/systemd/system';
const ETC = '/etc/systemd/system';

/** Links a service into multi-user.target, as `systemctl enable` does. */
export function enableUnit(disk: DiskBuilder, name: string): void {
  disk.link(`${ETC}/multi-user.target.wants/${name}`, `/lib/systemd/system/${name}`);
}

/** Puts unit files on a disk; the services start at boot. */
export function installUnits(disk: DiskBuilder, services: readonly ServiceName[]): void {
  for (const [name, text] of Object.entries(TARGETS)) disk.file(`${LIBRARY}/${name}`, text);
  disk.link(`${LIBRARY}/default.target`, 'multi-user.target');
  for (const name of services) {
    disk.file(`${LIBRARY}/${name}.service`, SERVICES[name]);
    enableUnit(disk, `${name}.service`);
  }
  if (services.includes('ssh')) disk.link(`${ETC}/sshd.service`, '/lib/systemd/system/ssh.service');
  if (services.includes('kubelet'))
    disk.file(`${LIBRARY}/kubelet.service.d/10-kubeadm.conf`, KUBEADM_DROP_IN);
}
