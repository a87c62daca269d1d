// The containers of a project, as their labels tell.

import type { Routine } from '../../../core/wait.ts';
import { type Api, filterQuery } from '../../cli/api.ts';
import { answered } from '../cli/call.ts';
import type { Project } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';

export const LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneoff: 'com.docker.compose.oneoff',
  configHash: 'com.docker.compose.config-hash',
  image: 'com.docker.compose.image',
  dependsOn: 'com.docker.compose.depends_on',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
  version: 'com.docker.compose.version',
  workingDir: 'com.docker.compose.project.working_dir',
  configFiles: 'com.docker.compose.project.config_files',
  environmentFile: 'com.docker.compose.project.environment_file',
  replace: 'com.docker.compose.replace',
  slug: 'com.docker.compose.slug',
} as const;

export const VERSION = '2.40.3';

/** A container as GET /containers/json lists it. */
export interface Summary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  readonly Created: number;
  readonly Ports: readonly {
    IP?: string;
    PrivatePort: number;
    PublicPort?: number;
    Type: string;
  }[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  readonly Status: string;
  readonly Mounts: readonly {
    Type: string;
    Name?: string;
    Source: string;
    Destination: string;
    Driver?: string;
    RW: boolean;
  }[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly NetworkID: string }>>;
  };
}

/** A container that was just made, before a list tells of it. */
export function madeSummary(
  known: Pick<Summary, 'Id' | 'Names' | 'Labels'> & Partial<Summary>,
): Summary {
  return {
    Image: '',
    ImageID: '',
    Command: '',
    Created: 0,
    Ports: [],
    State: '',
    Status: '',
    Mounts: [],
    NetworkSettings: { Networks: {} },
    ...known,
  };
}

/** What compose looks at of GET /containers/ID/json. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Config: {
    readonly Tty: boolean;
    readonly Healthcheck?: { readonly Test?: readonly string[] };
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Restarting: boolean;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
}

export type OneOff = 'include' | 'exclude';

export interface Selection {
  readonly oneOff: OneOff;
  readonly all: boolean;
  readonly services?: readonly string[];
}

/** Containers of a project, the newest first. */
export function* containersOf(
  api: Api,
  project: string,
  { oneOff, all, services = [] }: Selection,
): Routine<Summary[]> {
  const filters = [`label=${LABEL.project}=${project}`, `label=${LABEL.configHash}`];
  if (oneOff === 'exclude') filters.push(`label=${LABEL.oneoff}=False`);
  const found = answered(
    yield* api.get<Summary[]>('/containers/json', { all, filters: filterQuery(filters) }),
  );
  return services.length === 0 ? found : found.filter((one) => services.includes(serviceOf(one)));
}

export const serviceOf = (container: Pick<Summary, 'Labels'>): string =>
  container.Labels[LABEL.service] ?? '';
export const numberOf = (container: Pick<Summary, 'Labels'>): number =>
  Number(container.Labels[LABEL.number] ?? 0);
export const isOneOff = (container: Pick<Summary, 'Labels'>): boolean =>
  container.Labels[LABEL.oneoff] === 'True';

export function nameOf(container: Pick<Summary, 'Names'>): string {
  return (container.Names[0] ?? '').replace(/^\//, '');
}

/** How progress names a container. */
export function eventName(container: Pick<Summary, 'Names'>): string {
  return `Container ${nameOf(container)}`;
}

/** The name in logs: without the project where it is the usual one. */
export function logName(container: Pick<Summary, 'Names' | 'Labels'>): string {
  const name = nameOf(container);
  const project = container.Labels[LABEL.project] ?? '';
  const usual = [project, serviceOf(container), container.Labels[LABEL.number]].join('-');
  return name === usual ? name.slice(project.length + 1) : name;
}

/** Containers whose service the project does not have; ended ones of `run` too. */
export function orphansOf(project: Project, containers: readonly Summary[]): Summary[] {
  const known = new Set([...Object.keys(project.services), ...Object.keys(project.disabled)]);
  return containers.filter((one) =>
    isOneOff(one) ? one.State === 'exited' || one.State === 'dead' : !known.has(serviceOf(one)),
  );
}

export function* inspect(api: Api, id: string): Routine<Inspected> {
  return answered(yield* api.get<Inspected>(`/containers/${id}/json`));
}

/** The container of a service that a command means: by its number, or the first. */
export function* oneContainer(
  api: Api,
  project: string,
  service: string,
  index: number,
  selection: { oneOff: OneOff; all: boolean },
): Routine<Summary> {
  const found = (yield* containersOf(api, project, { ...selection, services: [service] })).filter(
    (one) => index === 0 || numberOf(one) === index,
  );
  const [first] = found.sort(
    (a, b) => Number(isOneOff(a)) - Number(isOneOff(b)) || numberOf(a) - numberOf(b),
  );
  if (first) return first;
  throw new ComposeProblem(
    index > 0
      ? `service ${JSON.stringify(service)} is not running container #${index}`
      : `service ${JSON.stringify(service)} is not running`,
  );
}
