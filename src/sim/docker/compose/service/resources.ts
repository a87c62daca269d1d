// The networks and volumes of a project: made when they are missing, removed by down.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { type Api, filterQuery, isCallError } from '../../cli/api.ts';
import { answered } from '../cli/call.ts';
import { encodeStruct } from '../model/encode.ts';
import type { NetworkConfig, Project, VolumeConfig } from '../model/project.ts';
import { ComposeProblem, type Mapping } from '../model/tree.ts';
import { LABEL, VERSION } from './containers.ts';
import type { Progress } from './progress.ts';

interface Resource {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export interface Work {
  readonly api: Api;
  readonly project: Project;
  readonly progress: Progress;
  readonly warn: (text: string) => Routine<void>;
  /** How many images are pulled at a time (--parallel). */
  readonly parallel?: number;
}

function hashOf(struct: string, value: object): string {
  return sha256(encode(JSON.stringify(encodeStruct(struct, value as Mapping, 'json'))));
}

/** Makes networks that are missing; their ids by key. */
export function* ensureNetworks(work: Work): Routine<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [key, network] of Object.entries(work.project.networks))
    ids.set(
      key,
      network.external
        ? yield* externalNetwork(work.api, network)
        : yield* ensureNetwork(work, key, network),
    );
  return ids;
}

function* externalNetwork(api: Api, { name }: NetworkConfig): Routine<string> {
  const found = answered(
    yield* api.get<Resource[]>('/networks', { filters: filterQuery([`name=${name}`]) }),
  );
  const [exact] = found.filter((one) => one.Name === name || one.Id === name);
  if (exact) return exact.Id;
  const byId = yield* api.get<Resource>(`/networks/${encodeURIComponent(name)}`);
  if (!isCallError(byId)) return byId.Id;
  throw new ComposeProblem(`network ${name} declared as external, but could not be found`);
}

function* ensureNetwork(work: Work, key: string, network: NetworkConfig): Routine<string> {
  const { api, project, progress, warn } = work;
  const { name } = network;
  const hash = hashOf('network', network);
  const found = yield* api.get<Resource>(`/networks/${encodeURIComponent(name)}`);
  if (!isCallError(found) && (found.Name === name || found.Id === name)) {
    const labels = found.Labels ?? {};
    const owner = labels[LABEL.project];
    if (owner !== project.name)
      yield* warn(
        `a network with name ${name} exists but was not created ${owner === undefined ? 'by compose' : `for project ${JSON.stringify(project.name)}`}.\nSet \`external: true\` to use an existing network`,
      );
    if (labels[LABEL.network] !== key)
      throw new ComposeProblem(
        `network ${name} was found but has incorrect label ${LABEL.network} set to ${JSON.stringify(labels[LABEL.network] ?? '')} (expected: ${JSON.stringify(key)})`,
      );
    const before = labels[LABEL.configHash];
    if (before === undefined || before === '' || before === hash) return found.Id;
    yield* removeDiverged(work, name, found.Id);
  }
  const event = `Network ${name}`;
  yield* progress.working(event, 'Creating');
  const made = yield* api.post<{ Id: string }>(
    '/networks/create',
    {},
    networkRequest(work, key, network, hash),
  );
  if (isCallError(made)) {
    yield* progress.event(event, 'error', 'Error');
    throw new ComposeProblem(`failed to create network ${name}: ${made.text}`);
  }
  yield* progress.done(event, 'Created');
  return made.Id;
}

function networkRequest(
  { project }: Work,
  key: string,
  network: NetworkConfig,
  hash: string,
): object {
  const { ipam } = network;
  return {
    Name: network.name,
    Driver: network.driver ?? '',
    Internal: network.internal ?? false,
    Attachable: network.attachable ?? false,
    ...(network.enable_ipv6 === undefined ? {} : { EnableIPv6: network.enable_ipv6 }),
    ...(network.enable_ipv4 === undefined ? {} : { EnableIPv4: network.enable_ipv4 }),
    Options: network.driver_opts ?? {},
    Labels: {
      ...network.labels,
      [LABEL.network]: key,
      [LABEL.project]: project.name,
      [LABEL.version]: VERSION,
      [LABEL.configHash]: hash,
    },
    ...(ipam?.driver || ipam?.config
      ? {
          IPAM: {
            Driver: ipam.driver ?? '',
            Config: (ipam.config ?? []).map((pool) => ({
              Subnet: pool.subnet ?? '',
              IPRange: pool.ip_range ?? '',
              Gateway: pool.gateway ?? '',
              ...(pool.aux_addresses ? { AuxiliaryAddresses: pool.aux_addresses } : {}),
            })),
          },
        }
      : {}),
  };
}

/** A network whose settings changed is made anew; who is on it is taken off first. */
function* removeDiverged({ api, progress }: Work, name: string, id: string): Routine<void> {
  const found = answered(
    yield* api.get<{ Containers?: Record<string, unknown> }>(`/networks/${id}`),
  );
  for (const container of Object.keys(found.Containers ?? {})) {
    yield* api.post(`/containers/${container}/stop`);
    yield* api.post(`/networks/${id}/disconnect`, {}, { Container: container, Force: true });
  }
  answered(yield* api.call('DELETE', `/networks/${id}`));
  yield* progress.done(`Network ${name}`, 'Removed');
}

/** Makes volumes that are missing; their names by key. */
export function* ensureVolumes(work: Work): Routine<Map<string, string>> {
  const names = new Map<string, string>();
  for (const [key, volume] of Object.entries(work.project.volumes)) {
    yield* ensureVolume(work, key, volume);
    names.set(key, volume.name);
  }
  return names;
}

function* ensureVolume(work: Work, key: string, volume: VolumeConfig): Routine<void> {
  const { api, project, progress, warn } = work;
  const { name } = volume;
  const found = yield* api.get<Resource>(`/volumes/${encodeURIComponent(name)}`);
  if (!isCallError(found)) {
    if (volume.external) return;
    const owner = found.Labels?.[LABEL.project];
    if (owner === undefined)
      yield* warn(
        `volume ${JSON.stringify(name)} already exists but was not created by Docker Compose. Use \`external: true\` to use an existing volume`,
      );
    else if (owner !== project.name)
      yield* warn(
        `volume ${JSON.stringify(name)} already exists but was created for project ${JSON.stringify(owner)} (expected ${JSON.stringify(project.name)}). Use \`external: true\` to use an existing volume`,
      );
    return;
  }
  if (found.status !== 404) throw new ComposeProblem(found.text);
  if (volume.external)
    throw new ComposeProblem(`external volume ${JSON.stringify(name)} not found`);
  const event = `Volume ${name}`;
  yield* progress.working(event, 'Creating');
  const made = yield* api.post(
    '/volumes/create',
    {},
    {
      Name: name,
      Driver: volume.driver ?? '',
      DriverOpts: volume.driver_opts ?? {},
      Labels: {
        ...volume.labels,
        [LABEL.volume]: key,
        [LABEL.project]: project.name,
        [LABEL.version]: VERSION,
        [LABEL.configHash]: hashOf('volume', { driver: 'local', ...volume }),
      },
    },
  );
  if (isCallError(made)) {
    yield* progress.event(event, 'error', 'Error');
    throw new ComposeProblem(made.text);
  }
  yield* progress.done(event, 'Created');
}

/** Removes a network of the project; one in use stays. */
export function* removeNetwork(
  { api, project, progress }: Work,
  key: string,
  { name }: NetworkConfig,
): Routine<void> {
  const filters = filterQuery([
    `label=${LABEL.project}=${project.name}`,
    `label=${LABEL.network}=${key}`,
  ]);
  const found = answered(yield* api.get<Resource[]>('/networks', { filters }));
  if (found.length === 0) return;
  const event = `Network ${name}`;
  yield* progress.working(event, 'Removing');
  let seen = 0;
  for (const { Id } of found.filter((one) => one.Name === name)) {
    const network = yield* api.get<{ Containers?: object }>(`/networks/${Id}`);
    if (isCallError(network)) continue;
    seen++;
    if (Object.keys(network.Containers ?? {}).length > 0) {
      yield* progress.event(event, 'warning', 'Resource is still in use');
      continue;
    }
    const failed = yield* api.call('DELETE', `/networks/${Id}`);
    if (isCallError(failed)) {
      yield* progress.event(event, 'error', 'Error');
      throw new ComposeProblem(`failed to remove network ${name}: ${failed.text}`);
    }
    yield* progress.done(event, 'Removed');
  }
  if (seen === 0) yield* progress.event(event, 'warning', 'No resource found to remove');
}

/** Removes what may be in use or gone already, as volumes and images are. */
export function* removeResource(
  { api, progress }: Work,
  event: string,
  path: string,
  query: Readonly<Record<string, boolean>> = {},
): Routine<void> {
  yield* progress.working(event, 'Removing');
  const failed = yield* api.call('DELETE', path, query);
  if (!isCallError(failed)) yield* progress.done(event, 'Removed');
  else if (failed.status === 409)
    yield* progress.event(event, 'warning', 'Resource is still in use');
  else if (failed.status === 404)
    yield* progress.done(event, 'Warning: No resource found to remove');
  else throw new ComposeProblem(failed.text);
}

/** True where a volume is there. */
export function* volumeExists({ api }: Work, name: string): Routine<boolean> {
  return !isCallError(yield* api.get(`/volumes/${encodeURIComponent(name)}`));
}
