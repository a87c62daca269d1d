// Services as flags describe them: the specs of docker service create and update.

import type { Routine } from '../../core/wait.ts';
import type { PortSpec, ServiceSpec } from '../swarm/model.ts';
import { type Api, isCallError } from './api.ts';
import { type FlagValues, pairsOf } from './command.ts';

export interface ServiceInfo {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  readonly ServiceStatus?: { readonly RunningTasks: number; readonly DesiredTasks: number };
}

export interface TaskInfo {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly Slot: number;
  readonly Spec: ServiceSpec['TaskTemplate'];
  readonly Status: {
    readonly Timestamp: string;
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID: string };
  };
  readonly DesiredState: string;
}

/** Flags of service create and update that have their effect. */
const SIMULATED = new Set([
  'name',
  'replicas',
  'mode',
  'network',
  'publish',
  'env',
  'label',
  'container-label',
  'mount',
  'workdir',
  'user',
  'hostname',
  'entrypoint',
  'limit-cpu',
  'limit-memory',
  'restart-condition',
  'restart-delay',
  'restart-max-attempts',
  'endpoint-mode',
  'detach',
  'quiet',
  'image',
  'args',
  'env-add',
  'env-rm',
  'label-add',
  'label-rm',
  'publish-add',
  'publish-rm',
  'force',
  'rollback',
  'update-parallelism',
  'update-delay',
  'update-order',
  'rollback-parallelism',
  'rollback-delay',
  'rollback-order',
  'update-failure-action',
  'rollback-failure-action',
  'secret',
  'config',
  'secret-add',
  'secret-rm',
  'config-add',
  'config-rm',
]);

/** `8080:80`, `80/udp`, `published=8080,target=80,mode=host` */
export function portSpec(text: string): PortSpec {
  if (text.includes('=')) {
    const fields = pairsOf(text.split(','));
    return {
      Protocol: fields.protocol ?? 'tcp',
      TargetPort: Number(fields.target ?? 0),
      ...(fields.published ? { PublishedPort: Number(fields.published) } : {}),
      PublishMode: fields.mode ?? 'ingress',
    };
  }
  const [ports = '', Protocol = 'tcp'] = text.split('/');
  const [published, target] = ports.includes(':') ? ports.split(':') : [undefined, ports];
  return {
    Protocol,
    TargetPort: Number(target),
    ...(published ? { PublishedPort: Number(published) } : {}),
    PublishMode: 'ingress',
  };
}

export function mountSpec(
  text: string,
): NonNullable<ServiceSpec['TaskTemplate']['ContainerSpec']['Mounts']>[number] {
  const fields = pairsOf(text.split(','));
  const Source = fields.source ?? fields.src;
  return {
    Type: fields.type ?? 'volume',
    ...(Source ? { Source } : {}),
    Target: fields.target ?? fields.dst ?? fields.destination ?? '',
    ...('readonly' in fields || 'ro' in fields ? { ReadOnly: true } : {}),
  };
}

export function* networkTargets(api: Api, names: readonly string[]): Routine<{ Target: string }[]> {
  const targets: { Target: string }[] = [];
  for (const name of names) {
    const found = yield* api.get<{ Id: string }>(`/networks/${encodeURIComponent(name)}`);
    targets.push({ Target: isCallError(found) ? name : found.Id });
  }
  return targets;
}

export function missing(flags: FlagValues, table: readonly string[]): string | undefined {
  return table.find((name) => flags.given(name) && !SIMULATED.has(name));
}

/** Changes a spec as the flags of update say; what is wrong with them. */
export function editSpec(spec: ServiceSpec, flags: FlagValues): string | undefined {
  const { ContainerSpec: container } = spec.TaskTemplate;
  if (flags.given('replicas')) {
    if (!spec.Mode.Replicated) return 'replicas can only be used with replicated mode';
    spec.Mode = { Replicated: { Replicas: flags.number('replicas') } };
  }
  if (flags.given('image')) {
    const image = flags.text('image');
    container.Image = /:[^/]+$|@/.test(image) ? image : `${image}:latest`;
  }
  if (flags.given('args')) container.Args = flags.text('args').split(' ');
  const removed = flags.list('env-rm');
  const added = flags.list('env-add');
  const keyOf = (line: string): string => line.split('=', 1)[0] ?? '';
  if (removed.length + added.length > 0)
    container.Env = [
      ...(container.Env ?? []).filter(
        (line) =>
          !removed.includes(keyOf(line)) && !added.some((other) => keyOf(other) === keyOf(line)),
      ),
      ...added,
    ];
  if (flags.given('label-add') || flags.given('label-rm'))
    spec.Labels = Object.fromEntries(
      Object.entries({ ...spec.Labels, ...pairsOf(flags.list('label-add')) }).filter(
        ([key]) => !flags.list('label-rm').includes(key),
      ),
    );
  if (flags.given('publish-add') || flags.given('publish-rm')) {
    const gone = flags.list('publish-rm').map((text) => Number(text.split('/')[0]));
    const Ports = [
      ...(spec.EndpointSpec?.Ports ?? []).filter((port) => !gone.includes(port.TargetPort)),
      ...flags.list('publish-add').map(portSpec),
    ];
    spec.EndpointSpec = { ...spec.EndpointSpec, Ports };
  }
  if (flags.on('force')) spec.TaskTemplate.ForceUpdate++;
  return undefined;
}
