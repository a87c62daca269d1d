// A Compose project as a stack of the swarm: its services' specs, networks, secrets and configs, named after the stack
// and marked with its label (compose/convert). Placement, credentials and cluster volumes are left out.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { SECOND } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { FileObject, FileReference, Project, Service } from '../compose/model/project.ts';
import type { FileInTask, PortSpec, ServiceSpec, UpdateConfig } from '../swarm/model.ts';
import { type FlagError, wrongFlag } from './flag-error.ts';

export const STACK_LABEL = 'com.docker.stack.namespace';
const IMAGE_LABEL = 'com.docker.stack.image';

/** Options of a service that a stack has no use for. */
const UNSUPPORTED = [
  'build',
  'cgroup_parent',
  'devices',
  'domainname',
  'external_links',
  'ipc',
  'links',
  'mac_address',
  'network_mode',
  'pid',
  'privileged',
  'restart',
  'security_opt',
  'shm_size',
  'userns_mode',
] as const;
const DEPRECATED = {
  container_name: 'Setting the container name is not supported.',
  expose:
    "Exposing ports is unnecessary - services on the same network can access each other's containers on any port.",
} as const;

/** What the client says of options that it leaves out. */
export function ignoredOptions(project: Project): string {
  const services = Object.values(project.services);
  const unsupported = UNSUPPORTED.filter((key) => services.some((one) => one[key] !== undefined));
  const deprecated = Object.entries(DEPRECATED).filter(([key]) =>
    services.some((one) => one[key as keyof typeof DEPRECATED] !== undefined),
  );
  const first =
    unsupported.length > 0 ? `Ignoring unsupported options: ${unsupported.join(', ')}\n\n` : '';
  const lines = deprecated.map(([key, why]) => `${key}: ${why}`);
  return (
    first + (lines.length > 0 ? `Ignoring deprecated options:\n\n${lines.join('\n\n')}\n\n` : '')
  );
}

/** The text of a secret or a config: of a file, of the environment, or its own. */
export function* contentOf(
  p: Process,
  object: FileObject,
  project: Project,
): Routine<string | FlagError> {
  if (object.content !== undefined) return object.content;
  if (object.environment !== undefined) return project.environment.get(object.environment) ?? '';
  const bytes = yield* readFile(p, object.file ?? '');
  return isErrno(bytes)
    ? wrongFlag(`open ${object.file}: ${bytes.message.toLowerCase()}`)
    : decode(bytes);
}

/** What the manager knows by now: ids by names. */
export interface StackIds {
  readonly networks: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
}

function filesOf(
  references: readonly FileReference[] | undefined,
  objects: Readonly<Record<string, FileObject>>,
  ids: ReadonlyMap<string, string>,
  kind: 'Secret' | 'Config',
): FileInTask[] {
  return (references ?? []).map(({ source, target, uid, gid, mode }) => {
    const name = objects[source]?.name ?? source;
    const Name = target ?? (kind === 'Secret' ? source : `/${source}`);
    return {
      File: { Name, UID: uid ?? '0', GID: gid ?? '0', Mode: mode ?? 0o444 },
      [`${kind}ID`]: ids.get(name) ?? '',
      [`${kind}Name`]: name,
    };
  });
}

function portsOf(service: Service): PortSpec[] {
  return (service.ports ?? []).map(({ target, published, protocol, mode }) => ({
    Protocol: protocol ?? 'tcp',
    TargetPort: target,
    ...(published ? { PublishedPort: Number(published) } : {}),
    PublishMode: mode ?? 'ingress',
  }));
}

function updateConfig(given: Readonly<Record<string, string | number>> | undefined): {
  value?: UpdateConfig;
} {
  if (!given) return {};
  const { parallelism, delay, failure_action: action, order } = given;
  return {
    value: {
      Parallelism: parallelism === undefined ? 1 : Number(parallelism),
      ...(delay === undefined ? {} : { Delay: Number(delay) }),
      ...(action === undefined ? {} : { FailureAction: String(action) }),
      Order: order === undefined ? 'stop-first' : String(order),
    },
  };
}

function mountsOf(service: Service, project: Project) {
  return (service.volumes ?? []).map(({ type, source, target, read_only: readOnly }) => {
    const named = type === 'volume' && source ? (project.volumes[source]?.name ?? source) : source;
    return {
      Type: type,
      ...(named ? { Source: named } : {}),
      Target: target,
      ...(readOnly ? { ReadOnly: true } : {}),
    };
  });
}

function containerSpec(stack: string, service: Service, project: Project, ids: StackIds) {
  const environment = Object.entries(service.environment ?? {})
    .map(([key, value]) => (value === null ? key : `${key}=${value}`))
    .sort();
  const mounts = mountsOf(service, project);
  const secrets = filesOf(service.secrets, project.secrets, ids.secrets, 'Secret');
  const configs = filesOf(service.configs, project.configs, ids.configs, 'Config');
  const image = service.image ?? '';
  return {
    Image: /:[^/]+$|@/.test(image) ? image : `${image}:latest`,
    ...(service.entrypoint ? { Command: service.entrypoint } : {}),
    ...(service.command ? { Args: service.command } : {}),
    ...(service.hostname ? { Hostname: service.hostname } : {}),
    ...(environment.length > 0 ? { Env: environment } : {}),
    ...(service.working_dir ? { Dir: service.working_dir } : {}),
    ...(service.user ? { User: service.user } : {}),
    ...(mounts.length > 0 ? { Mounts: mounts } : {}),
    ...(secrets.length > 0 ? { Secrets: secrets } : {}),
    ...(configs.length > 0 ? { Configs: configs } : {}),
    Labels: { ...service.labels, [STACK_LABEL]: stack },
  };
}

/** The spec of one service of a stack. */
export function stackService(
  stack: string,
  service: Service,
  project: Project,
  ids: StackIds,
): ServiceSpec {
  const { deploy = {} } = service;
  const limits = deploy.resources?.limits;
  const policy = deploy.restart_policy;
  const networks = Object.entries(service.networks ?? { default: null }).map(([key, own]) => {
    const name = project.networks[key]?.name ?? `${stack}_${key}`;
    return {
      Target: ids.networks.get(name) ?? name,
      Aliases: [...(own?.aliases ?? []), service.name],
    };
  });
  const update = updateConfig(deploy.update_config).value;
  const rollback = updateConfig(deploy.rollback_config).value;
  const ports = portsOf(service);
  return {
    Name: `${stack}_${service.name}`,
    Labels: { ...deploy.labels, [IMAGE_LABEL]: service.image ?? '', [STACK_LABEL]: stack },
    TaskTemplate: {
      ContainerSpec: containerSpec(stack, service, project, ids),
      Resources: {
        Limits: {
          ...(limits?.cpus ? { NanoCPUs: Math.round(Number(limits.cpus) * 1e9) } : {}),
          ...(limits?.memory ? { MemoryBytes: limits.memory } : {}),
        },
      },
      RestartPolicy: {
        Condition: policy?.condition ?? 'any',
        Delay: policy?.delay ?? 5 * SECOND,
        MaxAttempts: policy?.max_attempts ?? 0,
      },
      Networks: networks,
      ForceUpdate: 0,
    },
    Mode:
      deploy.mode === 'global'
        ? { Global: {} }
        : { Replicated: { Replicas: deploy.replicas ?? 1 } },
    ...(update ? { UpdateConfig: update } : {}),
    ...(rollback ? { RollbackConfig: rollback } : {}),
    EndpointSpec: {
      Mode: deploy.endpoint_mode ?? 'vip',
      ...(ports.length > 0 ? { Ports: ports } : {}),
    },
  };
}
