// ComponentStatus: nothing that is stored; each request asks the scheduler, the controller manager and etcd how they are.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { respondList, respondObject } from '../handlers/read.ts';
import type { KubeObject } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';

/** Who is asked, and on which port of this machine; etcd's answer is the storage's. */
const COMPONENTS: readonly (readonly [string, number | undefined])[] = [
  ['scheduler', 10259],
  ['controller-manager', 10257],
  ['etcd-0', undefined],
];

/** GET of one component's status or of all. */
export function* serveComponents(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info } = context;
  if (info.name === '') {
    const all: KubeObject[] = [];
    for (const [name, port] of COMPONENTS) all.push(yield* statusOf(context, name, port));
    return respondList(context, all, {});
  }
  const found = COMPONENTS.find(([name]) => name === info.name);
  if (!found) return apiErrors.notFound({ group: '', resource: 'componentstatus' }, info.name);
  return respondObject(context, 200, yield* statusOf(context, found[0], found[1]));
}

function* statusOf(
  context: ResourceRequest,
  name: string,
  port: number | undefined,
): Routine<KubeObject> {
  const problem = port === undefined ? undefined : yield* problemAt(context, port);
  const condition = {
    type: 'Healthy',
    status: problem === undefined ? 'True' : 'False',
    message: problem ?? 'ok',
  };
  const object = { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name } };
  return { ...object, conditions: [condition] } as KubeObject;
}

/** Why a component is not healthy; undefined where it is. */
function* problemAt({ server }: ResourceRequest, port: number): Routine<string | undefined> {
  const address = `127.0.0.1:${port}`;
  const answer = yield* server.options.dial?.(
    { scheme: 'https', address },
    { method: 'GET', path: '/healthz', query: new Map(), headers: {}, body: Content.ofText('') },
  ) ?? nobody();
  if (answer?.status === 200) return undefined;
  const status = answer?.body?.json() as { message?: string } | undefined;
  return (status?.message ?? 'unhealthy').replace(/^Internal error occurred: /, '');
}

function* nobody(): Routine<undefined> {
  return undefined;
}
