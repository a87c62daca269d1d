// What every controller is started with: a client, the shared informers by kind, a recorder, and how to put routines to
// work. An informer is made when the first controller asks for its kind.

import type { Simulation } from '../../core/simulation.ts';
import type { ApiClient, Resource } from '../api/client.ts';
import type { KubeObject } from '../api/object.ts';
import type { Spawn } from './machinery/controller.ts';
import { type EventRecorder, eventRecorder } from './machinery/events.ts';
import { Informer, listWatch } from './machinery/informer.ts';

type Named = { readonly metadata: KubeObject['metadata'] };

export class ControllerContext {
  readonly simulation: Simulation;
  readonly client: ApiClient;
  readonly spawn: Spawn;
  private readonly informers = new Map<string, Informer<Named>>();
  private readonly recorders = new Map<string, EventRecorder>();

  /** Whose informers these are. */
  private shared: ControllerContext = this;

  constructor(simulation: Simulation, client: ApiClient, spawn: Spawn) {
    this.simulation = simulation;
    this.client = client;
    this.spawn = spawn;
  }

  /** The same informers with another client for what is written. */
  as(client: ApiClient): ControllerContext {
    const other = new ControllerContext(this.simulation, client, this.spawn);
    other.shared = this.shared;
    return other;
  }

  /** The shared informer of a resource; it is put to work at once. */
  informer<T extends Named>(resource: Resource<T>): Informer<T> {
    const key = `${resource.groupVersion}/${resource.plural}`;
    if (this.shared !== this) return this.shared.informer(resource);
    const known = this.informers.get(key);
    if (known) return known as unknown as Informer<T>;
    const informer = new Informer<T>(this.simulation, listWatch(this.client, resource));
    this.informers.set(key, informer as unknown as Informer<Named>);
    this.spawn(informer.run());
    return informer;
  }

  /** The recorder of a component's events. */
  recorder(component: string): EventRecorder {
    let recorder = this.recorders.get(component);
    if (!recorder) {
      recorder = eventRecorder(this.simulation, this.client, component);
      this.recorders.set(component, recorder);
      this.spawn(recorder.run());
    }
    return recorder;
  }

  /** Ends all informers. */
  stop(): void {
    for (const informer of this.informers.values()) informer.stop();
  }
}
