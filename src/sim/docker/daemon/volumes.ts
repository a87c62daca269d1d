// Volumes of the local driver: directories under /var/lib/docker/volumes, mounted first where they have options.

import { isErrno } from '../../kernel/errno.ts';
import { MNT_DETACH } from '../../kernel/files/mount.ts';
import { makeDirectories, removeAll } from '../../containers/containerd/daemon.ts';
import { ApiError, type Container, type Dockerd, type Volume } from './model.ts';
import type { Strings } from './types.ts';

const OPTIONS = new Set(['type', 'o', 'device', 'size']);

/** POST /volumes/create: the volume; one that exists already is given back as it is. */
export function createVolume(
  daemon: Dockerd,
  request: { Name?: string; Driver?: string; DriverOpts?: Strings; Labels?: Strings },
  anonymous = false,
): Volume | ApiError {
  const name = request.Name === undefined || request.Name === '' ? daemon.newId() : request.Name;
  const driver = request.Driver === undefined || request.Driver === '' ? 'local' : request.Driver;
  const fail = (status: number, why: string): ApiError =>
    new ApiError(status, `create ${name}: ${why}`);
  const known = daemon.volumes.get(name);
  if (known) return known;
  if (driver !== 'local')
    return fail(404, `error looking up volume plugin ${driver}: plugin "${driver}" not found`);
  if (name.length < 2)
    return fail(
      400,
      'volume name is too short, names should be at least two alphanumeric characters',
    );
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    return fail(
      400,
      `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  const options = request.DriverOpts ?? {};
  const wrong = Object.keys(options).find((key) => !OPTIONS.has(key));
  if (wrong !== undefined) return fail(400, `invalid option: "${wrong}"`);
  if (Object.keys(options).length > 0 && options.device === undefined && options.size === undefined)
    return fail(400, `missing required option: "device"`);
  const unnamed = request.Name === undefined || request.Name === '';
  const labels = { ...request.Labels, ...(unnamed ? { 'com.docker.volume.anonymous': '' } : {}) };
  const mountpoint = `/var/lib/docker/volumes/${name}/_data`;
  makeDirectories(daemon.process, mountpoint);
  daemon.process.chmod(`/var/lib/docker/volumes/${name}`, 0o701);
  const volume: Volume = {
    name,
    driver,
    mountpoint,
    created: daemon.now,
    labels,
    options,
    mounted: 0,
    anonymous: anonymous || unnamed,
  };
  daemon.volumes.set(name, volume);
  daemon.events.add('volume', 'create', name, { driver });
  return volume;
}

/** Mounts a volume that has options. */
export function mountVolume(daemon: Dockerd, volume: Volume): ApiError | undefined {
  const { type = '', o = '', device = '' } = volume.options;
  if (volume.mounted++ > 0 || (type === '' && device === '')) return undefined;
  const failure = daemon.process.mountByText(device, volume.mountpoint, type, o);
  if (!failure) return undefined;
  volume.mounted--;
  const why = failure.message.toLowerCase();
  return new ApiError(
    500,
    `error while mounting volume '${volume.mountpoint}': failed to mount local volume: mount ${device}:${volume.mountpoint}, flags: 0x1000: ${why}`,
  );
}

/** A container lets go of a volume. */
export function unmountVolume(daemon: Dockerd, volume: Volume): void {
  if (volume.mounted > 0 && --volume.mounted === 0 && Object.keys(volume.options).length > 0)
    daemon.process.umount(volume.mountpoint, MNT_DETACH);
}

/** Containers that a volume belongs to. */
export function usersOf(daemon: Dockerd, name: string): Container[] {
  return [...daemon.containers.values()].filter((c) =>
    c.mounts.some((mount) => mount.Type === 'volume' && mount.Name === name),
  );
}

/** DELETE /volumes/NAME */
export function removeVolume(daemon: Dockerd, name: string, force: boolean): ApiError | undefined {
  const volume = daemon.volumes.get(name);
  if (!volume) return force ? undefined : new ApiError(404, `get ${name}: no such volume`);
  const users = usersOf(daemon, name);
  if (users.length > 0)
    return new ApiError(
      409,
      `remove ${name}: volume is in use - [${users.map((c) => c.id).join(', ')}]`,
    );
  daemon.volumes.delete(name);
  removeAll(daemon.process, volume.mountpoint.replace(/\/_data$/, ''));
  daemon.events.add('volume', 'destroy', name, { driver: volume.driver });
  return undefined;
}

/** Bytes of a volume's files. */
export function volumeSize(daemon: Dockerd, volume: Volume): number {
  let size = 0;
  const walk = (path: string): void => {
    const entries = daemon.process.readdir(path);
    if (isErrno(entries)) return;
    for (const { name } of entries) {
      if (name === '.' || name === '..') continue;
      const stat = daemon.process.lstat(`${path}/${name}`);
      if (isErrno(stat)) continue;
      if ((stat.mode & 0o170000) === 0o040000) walk(`${path}/${name}`);
      else size += stat.size;
    }
  };
  walk(volume.mountpoint);
  return size;
}

/** The volume as the API shows it. */
export function volumeJson(volume: Volume, created: string): Record<string, unknown> {
  const { name, driver, mountpoint, labels, options } = volume;
  return {
    CreatedAt: created,
    Driver: driver,
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: mountpoint,
    Name: name,
    Options: Object.keys(options).length > 0 ? options : null,
    Scope: 'local',
  };
}
