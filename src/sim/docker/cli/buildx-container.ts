// Builders of buildx's driver docker-container: BuildKit in a container of its own, which is made when it is first
// needed. The steps themselves are done by the builder inside the daemon, whose cache it shares here.

import type { Routine } from '../../core/wait.ts';
import { SECOND } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { wholeBody } from '../../userland/http/client.ts';
import { digestOf } from '../../containers/images/oci.ts';
import { encode } from '../../core/text.ts';
import type { ProgressEvent } from '../builder/progress.ts';
import { type Api, isCallError } from './api.ts';

/** BuildKit's image, as buildx takes it. */
const IMAGE = { name: 'moby/buildkit', tag: 'buildx-stable-1' };

const STATE_DIRECTORY = '/var/lib/buildkit';

/** What runs on a node with emulation for other processors. */
export const CONTAINER_PLATFORMS =
  'linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/arm64, linux/riscv64, linux/ppc64le, linux/s390x, linux/386, linux/arm/v7, linux/arm/v6';

export const containerName = (builder: string): string => `buildx_buildkit_${builder}0`;

interface Inspected {
  readonly State: { readonly Running: boolean; readonly Status: string };
}

/** The state of a builder's node. */
export function* nodeStatus(api: Api, builder: string): Routine<string> {
  const found = yield* api.get<Inspected>(`/containers/${containerName(builder)}/json`);
  if (isCallError(found)) return 'inactive';
  return found.State.Running ? 'running' : 'stopped';
}

type Tell = (event: ProgressEvent) => void;

/** One thing that is done while booting, as progress shows it. */
function* told(
  p: Process,
  tell: Tell,
  id: string,
  work: () => Routine<string | undefined>,
): Routine<string | undefined> {
  const task = { vertex: VERTEX, id, current: 0, total: 0, started: p.now };
  tell({ type: 'task', task });
  const failed = yield* work();
  tell({ type: 'task', task: { ...task, completed: p.now } });
  return failed;
}

const VERTEX = digestOf(encode('[internal] booting buildkit'));

/** Starts a builder's container where it does not run; what went wrong as text. */
export function* bootBuilder(api: Api, builder: string, tell: Tell): Routine<string | undefined> {
  const status = yield* nodeStatus(api, builder);
  if (status === 'running') return undefined;
  const { process: p } = api;
  const vertex = { digest: VERTEX, name: '[internal] booting buildkit', started: p.now };
  tell({ type: 'vertex', vertex });
  const name = containerName(builder);
  const failed =
    status === 'stopped'
      ? yield* told(p, tell, `starting container ${name}`, () => start(api, name))
      : yield* create(api, name, tell);
  tell({
    type: 'vertex',
    vertex: {
      ...vertex,
      completed: p.now,
      ...(failed === undefined ? {} : { error: failed }),
    },
  });
  return failed;
}

function* create(api: Api, name: string, tell: Tell): Routine<string | undefined> {
  const image = `${IMAGE.name}:${IMAGE.tag}`;
  const unpulled = yield* told(api.process, tell, `pulling image ${image}`, function* () {
    const query = { fromImage: IMAGE.name, tag: IMAGE.tag };
    const pulled = yield* api.open('POST', '/images/create', query);
    if (isCallError(pulled)) return pulled.text;
    yield* wholeBody(pulled);
    const there = yield* api.get(`/images/${image}/json`);
    return isCallError(there) ? there.text : undefined;
  });
  if (unpulled !== undefined) return unpulled;
  return yield* told(api.process, tell, `creating container ${name}`, function* () {
    const volume = { Type: 'volume', Source: `${name}_state`, Target: STATE_DIRECTORY };
    const made = yield* api.call(
      'POST',
      '/containers/create',
      { name },
      {
        Image: image,
        Cmd: ['--allow-insecure-entitlement=network.host'],
        HostConfig: { Privileged: true, Init: true, Mounts: [volume] },
      },
    );
    if (isCallError(made)) return made.text;
    return yield* start(api, name);
  });
}

function* start(api: Api, name: string): Routine<string | undefined> {
  const started = yield* api.call('POST', `/containers/${name}/start`);
  if (isCallError(started)) return started.text;
  // It answers when it has looked at its state.
  yield* api.process.sleep(SECOND / 2);
  return undefined;
}

/** Removes a builder's container and its state. */
export function* removeBuilder(api: Api, builder: string, keepState: boolean): Routine<void> {
  const name = containerName(builder);
  yield* api.call('DELETE', `/containers/${name}`, { force: true, v: true });
  if (!keepState) yield* api.call('DELETE', `/volumes/${name}_state`);
}
