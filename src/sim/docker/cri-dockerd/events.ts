// Container events. The real cri-dockerd has none, and its kubelet looks at all containers once a second; here docker's own
// events say when there is something to be seen.

import type { ContainerEvent } from '../../containers/cri/events.ts';
import type { ContainerEventType } from '../../containers/cri/types.ts';
import { RpcError, type RpcStream } from '../../containers/rpc.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isCallError } from '../cli/api.ts';
import type { DockerEvent } from '../daemon/events.ts';
import { SANDBOX_ID_LABEL, SANDBOX_TYPE, TYPE_LABEL } from './naming.ts';
import { type DockerService, engine, failed } from './service.ts';

const TYPES: Readonly<Record<string, ContainerEventType>> = {
  create: 'CONTAINER_CREATED_EVENT',
  start: 'CONTAINER_STARTED_EVENT',
  die: 'CONTAINER_STOPPED_EVENT',
  destroy: 'CONTAINER_DELETED_EVENT',
};

/** A docker event as the CRI's; undefined for what is not of a pod. */
function criEvent({ Action, Actor }: DockerEvent): ContainerEvent | undefined {
  const type = TYPES[Action];
  const { Attributes, ID } = Actor;
  const sandbox = Attributes[TYPE_LABEL] === SANDBOX_TYPE ? ID : Attributes[SANDBOX_ID_LABEL];
  if (!type || sandbox === undefined) return undefined;
  return { containerId: ID, containerEventType: type, podSandboxId: sandbox };
}

/** Events from now on, until the stream or docker ends. */
export function* containerEvents(
  service: DockerService,
  p: Process,
): Routine<RpcStream | RpcError> {
  const filters = JSON.stringify({ type: ['container'], event: Object.keys(TYPES) });
  const answer = yield* engine(service, p).open('GET', '/events', { filters });
  if (isCallError(answer)) return failed(answer);
  const { stream } = answer;
  if (!stream) return new RpcError('Unknown', 'EOF');
  const waiting: ContainerEvent[] = [];
  let closed = false;
  return {
    *next() {
      while (waiting.length === 0) {
        const piece = closed ? undefined : yield* stream.next();
        if (piece === undefined || closed) return undefined;
        for (const line of piece.text().split('\n')) {
          const event = line.trim() === '' ? undefined : criEvent(JSON.parse(line) as DockerEvent);
          if (event) waiting.push(event);
        }
      }
      return waiting.shift();
    },
    close() {
      closed = true;
      stream.close();
    },
  };
}
