// A loaded project: services with what they need, and the choices made among them (profiles, names on the command line).

import type { Mapping } from './tree.ts';
import { ComposeProblem } from './tree.ts';

export type Strings = Readonly<Record<string, string>>;

export interface Dependency {
  readonly condition: string;
  readonly required: boolean;
  readonly restart?: boolean;
}

export interface PortConfig {
  readonly name?: string;
  readonly mode?: string;
  readonly host_ip?: string;
  readonly target: number;
  readonly published?: string;
  readonly protocol?: string;
}

export interface VolumeMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: {
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly selinux?: string;
    readonly recursive?: string;
  };
  readonly volume?: {
    readonly nocopy?: boolean;
    readonly labels?: Strings;
    readonly subpath?: string;
  };
  readonly tmpfs?: { readonly size?: number; readonly mode?: number };
}

export interface FileReference {
  readonly source: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
}

export interface BuildConfig {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: Readonly<Record<string, string | null>>;
  readonly labels?: Strings;
  readonly cache_from?: readonly string[];
  readonly no_cache?: boolean;
  readonly additional_contexts?: Strings;
  readonly pull?: boolean;
  readonly network?: string;
  readonly target?: string;
  readonly tags?: readonly string[];
  readonly platforms?: readonly string[];
  readonly secrets?: readonly FileReference[];
}

export interface ServiceNetwork {
  readonly aliases?: readonly string[];
  readonly driver_opts?: Strings;
  readonly gw_priority?: number;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
}

interface Resource {
  readonly cpus?: number;
  readonly memory?: number;
  readonly pids?: number;
  readonly devices?: readonly object[];
}

export interface DeployConfig {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Strings;
  readonly resources?: { readonly limits?: Resource; readonly reservations?: Resource };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly max_attempts?: number;
    readonly delay?: number;
    readonly window?: number;
  };
  readonly placement?: { readonly constraints?: readonly string[] };
  readonly update_config?: Readonly<Record<string, string | number>>;
  readonly rollback_config?: Readonly<Record<string, string | number>>;
  readonly endpoint_mode?: string;
}

/** A service, decoded. */
export interface Service {
  readonly name: string;
  readonly profiles?: readonly string[];
  readonly attach?: boolean;
  readonly annotations?: Strings;
  readonly build?: BuildConfig;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  readonly command?: readonly string[];
  readonly configs?: readonly FileReference[];
  readonly container_name?: string;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_shares?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly deploy?: DeployConfig;
  readonly devices?: readonly object[];
  readonly gpus?: readonly object[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly env_file?: readonly { path: string; required: boolean; format?: string }[];
  readonly expose?: readonly string[];
  readonly external_links?: readonly string[];
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>>;
  readonly group_add?: readonly string[];
  readonly healthcheck?: {
    readonly test?: readonly string[];
    readonly timeout?: number;
    readonly interval?: number;
    readonly retries?: number;
    readonly start_period?: number;
    readonly start_interval?: number;
    readonly disable?: boolean;
  };
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly labels?: Strings;
  readonly label_file?: readonly string[];
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: Strings };
  readonly mac_address?: string;
  readonly mem_limit?: number;
  readonly mem_reservation?: number;
  readonly memswap_limit?: number;
  readonly mem_swappiness?: number;
  readonly models?: object;
  readonly network_mode?: string;
  readonly networks?: Readonly<Record<string, ServiceNetwork | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly PortConfig[];
  readonly post_start?: readonly Hook[];
  readonly pre_stop?: readonly Hook[];
  readonly privileged?: boolean;
  readonly provider?: object;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly FileReference[];
  readonly security_opt?: readonly string[];
  readonly shm_size?: number;
  readonly stdin_open?: boolean;
  readonly stop_grace_period?: number;
  readonly stop_signal?: string;
  readonly storage_opt?: Strings;
  readonly sysctls?: Strings;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, number | { soft: number; hard: number }>>;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly VolumeMount[];
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
  readonly develop?: { readonly watch?: readonly { target?: string; action: string }[] };
}

export interface Hook {
  readonly command: readonly string[];
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

export interface NetworkConfig {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Strings;
  readonly ipam?: {
    readonly driver?: string;
    readonly config?: readonly {
      subnet?: string;
      gateway?: string;
      ip_range?: string;
      aux_addresses?: Strings;
    }[];
  };
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Strings;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

export interface VolumeConfig {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Strings;
  readonly external?: boolean;
  readonly labels?: Strings;
}

export interface FileObject {
  readonly name: string;
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: Strings;
}

export interface Project {
  readonly name: string;
  readonly workingDir: string;
  readonly files: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  services: Record<string, Service>;
  disabled: Record<string, Service>;
  networks: Record<string, NetworkConfig>;
  volumes: Record<string, VolumeConfig>;
  secrets: Record<string, FileObject>;
  configs: Record<string, FileObject>;
  readonly models: Record<string, Mapping>;
  readonly extensions: Mapping;
  /** The --env-file options. */
  readonly envFiles: readonly string[];
  profiles: readonly string[];
}

/** How many containers a service wants. */
export function scaleOf(service: Service): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}

/** The image that a service runs. */
export function imageOf(service: Service, project: Pick<Project, 'name'>): string {
  return service.image ?? `${project.name}-${service.name}`;
}

export function serviceNames(project: Project): string[] {
  return Object.keys(project.services).sort();
}

function hasProfile(service: Service, profiles: readonly string[]): boolean {
  const own = service.profiles ?? [];
  return (
    own.length === 0 || profiles.includes('*') || own.some((profile) => profiles.includes(profile))
  );
}

/** Disables services whose profiles are not among these. */
export function selectProfiles(project: Project, profiles: readonly string[]): void {
  const all = Object.entries({ ...project.services, ...project.disabled });
  project.services = Object.fromEntries(all.filter(([, one]) => hasProfile(one, profiles)));
  project.disabled = Object.fromEntries(all.filter(([, one]) => !hasProfile(one, profiles)));
  project.profiles = profiles;
}

/** A service named on the command line is enabled with its profiles. */
export function enableServices(project: Project, names: readonly string[]): void {
  const added = names.flatMap((name) =>
    name in project.services ? [] : (project.disabled[name]?.profiles ?? []),
  );
  if (names.length > 0) selectProfiles(project, [...project.profiles, ...added]);
}

export type DependencyPolicy = 'dependencies' | 'dependents' | 'alone';

/** The named services (all where none is named) and, as the policy says, what belongs to them. */
export function withDependencies(
  project: Project,
  names: readonly string[],
  policy: DependencyPolicy = 'dependencies',
): string[] {
  const seen: string[] = [];
  const visit = (name: string, required: boolean): void => {
    const service = project.services[name];
    if (!service) {
      if (required) throw new ComposeProblem(`no such service: ${name}`);
      return;
    }
    if (seen.includes(name)) return;
    seen.push(name);
    const at = seen.length - 1;
    if (policy === 'dependencies')
      for (const [other, { required: needed }] of sortedEntries(service.depends_on))
        visit(other, needed);
    if (policy === 'dependents') for (const other of dependents(project, name)) visit(other, true);
    seen.push(...seen.splice(at, 1));
  };
  for (const name of names.length > 0 ? names : serviceNames(project)) visit(name, true);
  return seen;
}

/** Services that depend on a service. */
export function dependents(project: Project, name: string): string[] {
  return serviceNames(project).filter(
    (other) => name in (project.services[other]?.depends_on ?? {}),
  );
}

export function sortedEntries<T>(map: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Keeps the named services and their dependencies; the rest is disabled. */
export function selectServices(
  project: Project,
  names: readonly string[],
  policy: DependencyPolicy = 'dependencies',
): void {
  if (names.length === 0) return;
  const kept = new Set(withDependencies(project, names, policy));
  for (const [name, service] of Object.entries(project.services)) {
    if (!kept.has(name)) {
      project.disabled[name] = service;
      delete project.services[name];
      continue;
    }
    if (!service.depends_on) continue;
    const depends_on = Object.fromEntries(
      Object.entries(service.depends_on).filter(([other]) => kept.has(other)),
    );
    project.services[name] = { ...service, depends_on };
  }
}

/** Drops networks, volumes, secrets and configs that no enabled service uses. */
export function dropUnused(project: Project): void {
  const services = Object.values(project.services);
  const keep = <T>(map: Record<string, T>, used: readonly string[]): Record<string, T> =>
    Object.fromEntries(Object.entries(map).filter(([name]) => used.includes(name)));
  project.networks = keep(
    project.networks,
    services.flatMap((one) => Object.keys(one.networks ?? {})),
  );
  project.volumes = keep(
    project.volumes,
    services.flatMap((one) =>
      (one.volumes ?? []).flatMap((mount) => (mount.type === 'volume' ? [mount.source ?? ''] : [])),
    ),
  );
  project.secrets = keep(
    project.secrets,
    services.flatMap((one) =>
      [...(one.secrets ?? []), ...(one.build?.secrets ?? [])].map(({ source }) => source),
    ),
  );
  project.configs = keep(
    project.configs,
    services.flatMap((one) => (one.configs ?? []).map(({ source }) => source)),
  );
}
