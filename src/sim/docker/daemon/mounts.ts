// What a container's mounts are: from -v, --mount, --tmpfs, --volumes-from and the image's VOLUMEs.

import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { ApiError, type Container, type Dockerd, findContainer } from './model.ts';
import type { ContainerConfig, HostConfig, MountPoint, MountRequest } from './types.ts';
import { createVolume } from './volumes.ts';

const MODES = new Set([
  'ro',
  'rw',
  'z',
  'Z',
  'nocopy',
  'rprivate',
  'private',
  'rshared',
  'shared',
  'rslave',
  'slave',
  'cached',
  'delegated',
  'consistent',
]);
const PROPAGATION = /^r?(private|shared|slave)$/;

interface Collected {
  readonly mounts: Map<string, MountPoint>;
  readonly anonymous: Set<string>;
}

function volumeMount(
  daemon: Dockerd,
  into: Collected,
  where: {
    name: string | undefined;
    destination: string;
    mode: string;
    rw: boolean;
    /** --volume-driver */
    driver?: string;
    request?: MountRequest;
  },
): ApiError | undefined {
  const driver = where.request?.VolumeOptions?.DriverConfig;
  const volume = createVolume(daemon, {
    ...(where.name === undefined ? {} : { Name: where.name }),
    Driver: driver?.Name ?? where.driver ?? '',
    ...(driver?.Options ? { DriverOpts: driver.Options } : {}),
    ...(where.request?.VolumeOptions?.Labels ? { Labels: where.request.VolumeOptions.Labels } : {}),
  });
  if (volume instanceof ApiError) return volume;
  if (where.name === undefined) into.anonymous.add(volume.name);
  into.mounts.set(where.destination, {
    Type: 'volume',
    Name: volume.name,
    Source: volume.mountpoint,
    Destination: where.destination,
    Driver: 'local',
    Mode: where.mode,
    RW: where.rw,
    Propagation: '',
  });
  return undefined;
}

/** A path without doubled and trailing slashes. */
export function cleaned(path: string): string {
  return path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}

function bindSpec(
  daemon: Dockerd,
  into: Collected,
  spec: string,
  driver: string,
): ApiError | undefined {
  const invalid = new ApiError(400, `invalid volume specification: '${spec}'`);
  const parts = spec.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) return invalid;
  const [source, destination, mode = ''] =
    parts.length === 1 ? [undefined, parts[0] ?? '', ''] : parts;
  const options = mode === '' ? [] : mode.split(',');
  if (
    options.some((option) => !MODES.has(option)) ||
    (options.includes('ro') && options.includes('rw'))
  )
    return new ApiError(400, `invalid mode: ${mode}`);
  if (!destination?.startsWith('/'))
    return new ApiError(
      400,
      `invalid volume specification: '${spec}': invalid mount config for type "volume": invalid mount path: '${destination}' mount path must be absolute`,
    );
  if (cleaned(destination) === '/')
    return new ApiError(
      400,
      `invalid volume specification: '${spec}': invalid mount config for type "${source?.startsWith('/') ? 'bind' : 'volume'}": invalid specification: destination can't be '/'`,
    );
  const rw = !options.includes('ro');
  if (!source?.startsWith('/'))
    return volumeMount(daemon, into, {
      name: source,
      destination: cleaned(destination),
      mode: source === undefined ? '' : mode === '' ? 'z' : mode,
      rw,
      driver,
    });
  if (!daemon.process.exists(source)) makeDirectories(daemon.process, cleaned(source));
  const Propagation = options.find((option) => PROPAGATION.test(option)) ?? 'rprivate';
  into.mounts.set(cleaned(destination), {
    Type: 'bind',
    Source: cleaned(source),
    Destination: cleaned(destination),
    Mode: mode,
    RW: rw,
    Propagation,
  });
  return undefined;
}

/** ValidateMountConfig: what is wrong with one of --mount. */
export function wrongMount(p: Process, request: MountRequest): string | undefined {
  const { Type: type, Target: target, Source: source = '' } = request;
  const extra = (
    [
      ['bind', 'BindOptions'],
      ['volume', 'VolumeOptions'],
      ['tmpfs', 'TmpfsOptions'],
    ] as const
  ).find(([kind, field]) => type !== kind && request[field]);
  if (extra) return `field ${extra[1]} must not be specified`;
  if (!target) return 'field Target must not be empty';
  if (cleaned(target) === '/') return "invalid specification: destination can't be '/'";
  if (!target.startsWith('/')) return `invalid mount path: '${target}' mount path must be absolute`;
  if (type === 'volume') return undefined;
  if (type === 'tmpfs') return source === '' ? undefined : 'field Source must not be specified';
  if (type !== 'bind' && type !== 'image') return 'mount type unknown';
  if (source === '') return 'field Source must not be empty';
  if (type === 'image') return undefined;
  const propagation = request.BindOptions?.Propagation ?? '';
  if (propagation !== '' && !PROPAGATION.test(propagation))
    return `invalid propagation mode: ${propagation}`;
  if (!source.startsWith('/')) return `invalid mount path: '${source}' mount path must be absolute`;
  return isErrno(p.stat(source)) && request.BindOptions?.CreateMountpoint !== true
    ? `bind source path does not exist: ${source}`
    : undefined;
}

function mountRequest(
  daemon: Dockerd,
  into: Collected,
  request: MountRequest,
): ApiError | undefined {
  const { Type: type, Target: target, Source: source = '' } = request;
  const rw = request.ReadOnly !== true;
  if (type === 'volume')
    return volumeMount(daemon, into, {
      name: source === '' ? undefined : source,
      destination: cleaned(target),
      mode: 'z',
      rw,
      request,
    });
  if (type === 'tmpfs') {
    into.mounts.set(cleaned(target), {
      Type: 'tmpfs',
      Source: '',
      Destination: cleaned(target),
      Mode: '',
      RW: rw,
      Propagation: '',
    });
    return undefined;
  }
  if (isErrno(daemon.process.stat(source))) makeDirectories(daemon.process, source);
  into.mounts.set(cleaned(target), {
    Type: 'bind',
    Source: cleaned(source),
    Destination: cleaned(target),
    Mode: '',
    RW: rw,
    Propagation: request.BindOptions?.Propagation ?? 'rprivate',
  });
  return undefined;
}

function fromOthers(daemon: Dockerd, into: Collected, spec: string): ApiError | undefined {
  const [ref = '', mode = 'rw'] = spec.split(':');
  if (!mode.split(',').every((option) => MODES.has(option)))
    return new ApiError(400, `invalid mode: ${mode}`);
  const other = findContainer(daemon, ref);
  if (other instanceof ApiError) return other;
  for (const mount of other.mounts)
    into.mounts.set(mount.Destination, {
      ...mount,
      Mode: spec.includes(':') ? mode : mount.Mode,
      RW: mount.RW && !mode.split(',').includes('ro'),
    });
  return undefined;
}

/** All mounts of a new container; volumes that are missing are made. */
export function collectMounts(
  daemon: Dockerd,
  hostConfig: HostConfig,
  config: ContainerConfig,
): { mounts: MountPoint[]; anonymous: Set<string> } | ApiError {
  const into: Collected = { mounts: new Map(), anonymous: new Set() };
  for (const spec of hostConfig.VolumesFrom ?? []) {
    const failure = fromOthers(daemon, into, spec);
    if (failure) return failure;
  }
  const given = new Set<string>();
  for (const spec of hostConfig.Binds ?? []) {
    const failure = bindSpec(daemon, into, spec, hostConfig.VolumeDriver);
    if (failure) return failure;
    const destination = cleaned(spec.split(':')[1] ?? spec);
    if (given.has(destination)) return new ApiError(400, `Duplicate mount point: ${destination}`);
    given.add(destination);
  }
  for (const request of hostConfig.Mounts ?? []) {
    if (given.has(cleaned(request.Target ?? '')))
      return new ApiError(400, `Duplicate mount point: ${request.Target}`);
    given.add(cleaned(request.Target ?? ''));
    const failure = mountRequest(daemon, into, request);
    if (failure) return failure;
  }
  for (const path of Object.keys(hostConfig.Tmpfs ?? {})) into.mounts.delete(cleaned(path));
  for (const path of Object.keys(config.Volumes ?? {})) {
    const destination = cleaned(path);
    if (into.mounts.has(destination) || hostConfig.Tmpfs?.[destination] !== undefined) continue;
    const driver = hostConfig.VolumeDriver;
    const where = { name: undefined, destination, mode: '', rw: true, driver };
    const failure = volumeMount(daemon, into, where);
    if (failure) return failure;
  }
  return { mounts: [...into.mounts.values()], anonymous: into.anonymous };
}

/** True where an empty volume is to take over the image's files at its path. */
export function copiesImage(container: Container, mount: MountPoint): boolean {
  const request = container.hostConfig.Mounts?.find((r) => cleaned(r.Target) === mount.Destination);
  return (
    mount.Type === 'volume' &&
    request?.VolumeOptions?.NoCopy !== true &&
    !mount.Mode.split(',').includes('nocopy')
  );
}
