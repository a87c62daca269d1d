// GetContainerEvents: what happens to containers and sandboxes, told to whoever listens (the kubelet's evented PLEG).

import { type Routine, WaitQueue, waitOn } from '../../core/wait.ts';
import type { Containerd } from '../containerd/daemon.ts';
import type { RpcStream } from '../rpc.ts';
import type { ContainerEventType } from './types.ts';

/** ContainerEventResponse, without the statuses: a listener asks for those itself. */
export interface ContainerEvent {
  readonly containerId: string;
  readonly containerEventType: ContainerEventType;
  readonly podSandboxId: string;
}

const listeners = new WeakMap<Containerd, Set<(event: ContainerEvent) => void>>();

/** Tells all listeners of a daemon. */
export function tellContainerEvent(daemon: Containerd, event: ContainerEvent): void {
  for (const listener of listeners.get(daemon) ?? []) listener(event);
}

/** Events from now on, until the stream is closed. */
export function containerEvents(daemon: Containerd): RpcStream {
  const waiting: ContainerEvent[] = [];
  const arrived = new WaitQueue();
  let closed = false;
  const listen = (event: ContainerEvent): void => {
    waiting.push(event);
    arrived.wake();
  };
  const all = listeners.get(daemon) ?? new Set();
  listeners.set(daemon, all);
  all.add(listen);
  return {
    *next(): Routine<ContainerEvent | undefined> {
      while (waiting.length === 0 && !closed) yield* waitOn(arrived);
      return waiting.shift();
    },
    close() {
      closed = true;
      all.delete(listen);
      arrived.wake();
    },
  };
}
