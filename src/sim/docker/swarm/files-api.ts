// The API's secrets and configs of a swarm: /secrets and /configs.

import { body, type Handler, json, refuse } from '../daemon/api/answer.ts';
import { ApiError, timeText } from '../daemon/model.ts';
import { managed } from './managed.ts';
import { type ServiceSpec, type Swarm, type SwarmFile, swarmId } from './model.ts';

/** True where a service's tasks get a secret or a config. */
function usesFile({ TaskTemplate: { ContainerSpec } }: ServiceSpec, id: string): boolean {
  const { Secrets = [], Configs = [] } = ContainerSpec;
  return [...Secrets, ...Configs].some(({ SecretID, ConfigID }) => (SecretID ?? ConfigID) === id);
}

/** Handlers of secrets or configs. */
export function files(kind: 'secrets' | 'configs'): (readonly [string, string, Handler])[] {
  const word = kind.slice(0, -1);
  const view = (file: SwarmFile): object => ({
    ID: file.id,
    Version: { Index: 12 },
    CreatedAt: timeText(file.created),
    UpdatedAt: timeText(file.created),
    Spec: {
      Name: file.name,
      Labels: file.labels,
      ...(kind === 'configs' ? { Data: file.data } : {}),
    },
  });
  const find = (swarm: Swarm, ref: string): SwarmFile | ApiError =>
    [...swarm[kind].values()].find(({ id, name }) => name === ref || id.startsWith(ref)) ??
    new ApiError(404, `${word} ${ref} not found`);
  const list = managed(function* (_context, swarm) {
    return json([...swarm[kind].values()].map(view));
  });
  const create = managed(function* (context, swarm) {
    const { Name, Labels, Data } = body<{
      Name: string;
      Labels?: Record<string, string>;
      Data?: string;
    }>(context);
    if (!(find(swarm, Name) instanceof ApiError))
      return refuse(
        new ApiError(409, `rpc error: code = AlreadyExists desc = ${word} ${Name} already exists`),
      );
    const id = swarmId(context.daemon.process);
    const created = context.daemon.now;
    swarm[kind].set(id, { id, created, name: Name, labels: Labels ?? {}, data: Data ?? '' });
    return json({ ID: id }, 201);
  });
  const inspect = managed(function* ({ parts }, swarm) {
    const file = find(swarm, decodeURIComponent(parts[0] ?? ''));
    return file instanceof ApiError ? refuse(file) : json(view(file));
  });
  const remove = managed(function* ({ parts }, swarm) {
    const file = find(swarm, decodeURIComponent(parts[0] ?? ''));
    if (file instanceof ApiError) return refuse(file);
    const users = [...swarm.services.values()]
      .filter(({ spec }) => usesFile(spec, file.id))
      .map(({ spec }) => spec.Name);
    if (users.length > 0)
      return refuse(
        new ApiError(
          400,
          `rpc error: code = InvalidArgument desc = ${word} '${file.name}' is in use by the following ${users.length === 1 ? 'service' : 'services'}: ${users.join(', ')}`,
        ),
      );
    swarm[kind].delete(file.id);
    return { status: 204, headers: {} };
  });
  return [
    ['GET', `/${kind}`, list],
    ['POST', `/${kind}/create`, create],
    ['GET', `/${kind}/*`, inspect],
    ['DELETE', `/${kind}/*`, remove],
  ];
}
