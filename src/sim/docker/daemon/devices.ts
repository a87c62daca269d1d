// Devices of containers: those that were asked for, all of the host's where a container is privileged, and limits on the
// input and output of block devices (pkg/oci/devices_linux.go). Access is not held to the device controller's rules.

import { isErrno } from '../../kernel/errno.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { SpecDevice, SpecResources, SpecThrottle } from '../../containers/runc/spec.ts';
import { ApiError } from './model.ts';
import type { HostConfig, ThrottleDevice } from './types.ts';

function deviceAt(p: Process, path: string, inside: string): SpecDevice | undefined {
  const stat = p.stat(path);
  if (isErrno(stat)) return undefined;
  const kind = stat.mode & S_IFMT;
  if (kind !== S_IFBLK && kind !== S_IFCHR) return undefined;
  return {
    path: inside,
    type: kind === S_IFBLK ? 'b' : 'c',
    major: stat.rdev >> 8,
    minor: stat.rdev & 255,
    fileMode: stat.mode & 0o777,
    uid: stat.uid,
    gid: stat.gid,
  };
}

const SKIPPED = new Set(['pts', 'shm', 'fd', 'mqueue', 'console', '.lxc', '.lxd-mounts', '.udev']);

/** All devices below a directory, as a privileged container gets them. */
function devicesBelow(p: Process, directory: string, inside: string): SpecDevice[] {
  const entries = p.readdir(directory);
  if (isErrno(entries)) return [];
  return entries.flatMap(({ name }) => {
    if (name === '.' || name === '..' || SKIPPED.has(name)) return [];
    const path = `${directory}/${name}`;
    const stat = p.lstat(path);
    if (!isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR)
      return devicesBelow(p, path, `${inside}/${name}`);
    const device = deviceAt(p, path, `${inside}/${name}`);
    return device ? [device] : [];
  });
}

/** The devices of a container besides the usual ones. */
export function devicesOf(p: Process, host: HostConfig): SpecDevice[] | ApiError {
  const devices = host.Privileged ? devicesBelow(p, '/dev', '/dev') : [];
  for (const { PathOnHost, PathInContainer } of host.Devices ?? []) {
    if (host.Privileged && PathOnHost === PathInContainer) continue;
    const device = deviceAt(p, PathOnHost, PathInContainer);
    const found = device ? [device] : devicesBelow(p, PathOnHost, PathInContainer);
    if (found.length === 0) {
      const why = isErrno(p.stat(PathOnHost)) ? 'no such file or directory' : 'not a device node';
      return new ApiError(
        400,
        `error gathering device information while adding custom device ${JSON.stringify(PathOnHost)}: ${why}`,
      );
    }
    devices.push(...found);
  }
  return devices;
}

/** What --gpus and --device of a kind ask for is no driver's here. */
export function checkDeviceRequests(host: HostConfig): ApiError | undefined {
  const [request] = host.DeviceRequests ?? [];
  if (!request) return undefined;
  const capabilities = (request.Capabilities ?? []).map((all) => `[${all.join(' ')}]`).join(' ');
  return new ApiError(
    500,
    `could not select device driver ${JSON.stringify(request.Driver)} with capabilities: [${capabilities}]`,
  );
}

/** Weight and limits on block devices. */
export function blockIoOf(p: Process, host: HostConfig): SpecResources['blockIO'] | ApiError {
  const missing = new Set<string>();
  const rates = (list: readonly ThrottleDevice[] | null | undefined): SpecThrottle[] =>
    (list ?? []).flatMap(({ Path, Rate }) => {
      const stat = p.stat(Path);
      if (!isErrno(stat)) return [{ major: stat.rdev >> 8, minor: stat.rdev & 255, rate: Rate }];
      missing.add(Path);
      return [];
    });
  const limits = {
    ...(host.BlkioWeight > 0 ? { weight: host.BlkioWeight } : {}),
    throttleReadBpsDevice: rates(host.BlkioDeviceReadBps),
    throttleWriteBpsDevice: rates(host.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: rates(host.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: rates(host.BlkioDeviceWriteIOps),
  };
  const [path] = missing;
  return path === undefined ? limits : new ApiError(500, `stat ${path}: no such file or directory`);
}
