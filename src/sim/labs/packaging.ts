// The package database of a machine: where its packages come from, and which are installed.

import { machineStatus, packageFiles } from '../internet/packages/debian.ts';
import type { DiskBuilder } from './base.ts';

/** Puts what apt and dpkg keep on the disk. */
export function installPackaging(disk: DiskBuilder): void {
  for (const { path, kind, mode, content } of packageFiles()) {
    if (kind === 'directory') disk.directory(`/${path}`, mode);
    else if (path.endsWith('/docker-clean')) continue;
    else disk.file(`/${path}`, content ?? '', mode);
  }
  disk.file('/var/lib/dpkg/status', machineStatus());
}
