// Watches: a stream of ADDED, MODIFIED, DELETED and BOOKMARK events, fed from the watch cache.

import { Content } from '../../../core/content.ts';
import type { Timer } from '../../../core/events.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { SECOND } from '../../../core/time.ts';
import { type Routine, WaitQueue, waitOn } from '../../../core/wait.ts';
import type { ChunkSource, HttpResponse } from '../../../userland/http/message.ts';
import type { JsonObject } from '../fields/decode.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import type { FieldRequirement, Requirement } from '../selectors.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { CacheEvent, CacheWatcher, KindCache } from '../storage/cache.ts';
import type { ResourceRequest } from './context.ts';
import { isSelected, type ListOptions, listOptions } from './list-options.ts';
import { acceptedForm, type Form, includeObject, shown } from './read.ts';
import { objectWriter } from './respond.ts';
import { type IncludeObject, partialMetadata, tableOf } from './table.ts';

/** One line of a watch, as it travels. */
export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

const BOOKMARK_EVERY = 60 * SECOND;

/** A client's watch: events queue up in it until the client takes them. */
class WatchStream implements CacheWatcher, ChunkSource {
  readonly namespace: string;
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldRequirement[];
  private readonly queue: Content[] = [];
  private readonly arrived = new WaitQueue();
  private readonly context: ResourceRequest;
  private readonly descriptor: KindDescriptor;
  private readonly simulation: Simulation;
  private readonly cache: KindCache;
  private readonly form: Form;
  private readonly include: IncludeObject;
  private ended = false;
  private deadline: Timer | undefined;
  private bookmark: Timer | undefined;

  constructor(context: ResourceRequest, options: ListOptions, form: Form, cache: KindCache) {
    this.context = context;
    this.descriptor = context.descriptor;
    this.simulation = context.server.simulation;
    this.cache = cache;
    this.form = form;
    this.include = includeObject(context.request);
    this.namespace = this.descriptor.namespaced ? context.info.namespace : '';
    this.labels = options.labels;
    this.fields = options.fields;
    const seconds = options.timeoutSeconds;
    if (seconds !== undefined) {
      this.deadline = this.simulation.after(seconds * SECOND, () => this.end());
    }
    if (options.allowBookmarks) this.armBookmark();
  }

  private armBookmark(): void {
    const cause = this.simulation.cause;
    this.bookmark = this.simulation.after(BOOKMARK_EVERY, () => {
      this.sendBookmark(false);
      this.simulation.causedBy(cause, () => this.armBookmark());
    });
  }

  notify(event: CacheEvent): void {
    const { object, previous } = event;
    const deleted = event.type === 'DELETED';
    const is = !deleted && this.selects(object);
    const was = previous !== undefined && this.selects(previous);
    if (is) this.send(was ? 'MODIFIED' : 'ADDED', object);
    else if (was) this.send('DELETED', deleted ? object : leaving(previous, object));
  }

  private selects(object: KubeObject): boolean {
    if (this.labels.length === 0 && this.fields.length === 0) return true;
    return isSelected(object, this, this.descriptor);
  }

  /** Queues an event; events of one object in one form share their content. */
  send(type: WatchLine['type'], object: KubeObject): void {
    const line: WatchLine = { type, object: this.inForm(object) };
    const descriptor = this.form === 'object' ? this.descriptor : undefined;
    this.push(Content.ofJson(line, (value) => writeLine(value as WatchLine, descriptor)));
  }

  private inForm(object: KubeObject): unknown {
    const visible = shown(this.descriptor, object);
    if (this.form === 'partial') return partialMetadata(visible);
    if (this.form === 'object') return visible;
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    return tableOf(this.descriptor, [visible], metadata, this.simulation.now, this.include);
  }

  /** Tells the client which revision it has seen, with nothing in it. */
  sendBookmark(initialEnd: boolean): void {
    const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const object = {
      kind: this.descriptor.kind,
      apiVersion: groupVersionOf(this.descriptor),
      metadata: { resourceVersion: String(this.context.server.storage.revision), ...annotations },
    };
    this.push(Content.ofJson({ type: 'BOOKMARK', object }, (line) => `${JSON.stringify(line)}\n`));
  }

  private push(content: Content): void {
    if (this.ended) return;
    this.queue.push(content);
    this.arrived.wake();
  }

  *next(): Routine<Content | undefined> {
    for (;;) {
      const content = this.queue.shift();
      if (content) return content;
      if (this.ended) return undefined;
      yield* waitOn(this.arrived);
    }
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.deadline?.cancel();
    this.bookmark?.cancel();
    this.cache.unwatch(this);
    this.arrived.wake();
  }

  close(): void {
    this.queue.length = 0;
    this.end();
  }
}

/** An object that a selector no longer selects: as it was, at the revision of the change. */
function leaving(previous: KubeObject, object: KubeObject): KubeObject {
  const resourceVersion = object.metadata.resourceVersion;
  return {
    ...previous,
    metadata: { ...previous.metadata, resourceVersion: resourceVersion ?? '' },
  };
}

function writeLine(line: WatchLine, descriptor: KindDescriptor | undefined): string {
  const object = descriptor
    ? objectWriter(descriptor, false)(line.object as JsonObject).trimEnd()
    : JSON.stringify(line.object);
  return `{"type":"${line.type}","object":${object}}\n`;
}

/** GET with watch=1. */
export function* watchObjects(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { request, descriptor, server, info } = context;
  const options = listOptions(request, descriptor);
  if (options instanceof ApiError) return options;
  const form = acceptedForm(request);
  if (form instanceof ApiError) return form;
  const { storage } = server;
  const cache = storage.cache(descriptor.storage);
  const fromNow = options.resourceVersion === '' || options.resourceVersion === '0';
  if (options.resourceVersion === '') {
    const fresh = yield* storage.fresh();
    if (fresh instanceof ApiError) return fresh;
  } else {
    yield* storage.reached(Number(options.resourceVersion));
  }
  const named = info.name === '' ? [] : [nameTerm(info.name)];
  const narrowed = { ...options, fields: [...options.fields, ...named] };
  const stream = new WatchStream(context, narrowed, form, cache);
  const since = fromNow ? storage.revision : Number(options.resourceVersion);
  if (!fromNow && since < cache.oldest && !options.sendInitialEvents) {
    stream.send('ERROR', tooOld(since, cache.oldest));
    stream.end();
  } else {
    if (fromNow || options.sendInitialEvents) sendAll(stream, cache, narrowed, context);
    if (options.sendInitialEvents && options.allowBookmarks) stream.sendBookmark(true);
    cache.watch(stream, options.sendInitialEvents ? storage.revision : since);
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    stream,
  };
}

function nameTerm(name: string): FieldRequirement {
  return { field: 'metadata.name', equal: true, value: name };
}

function sendAll(
  stream: WatchStream,
  cache: KindCache,
  options: ListOptions,
  { descriptor, info }: ResourceRequest,
): void {
  const namespace = descriptor.namespaced ? info.namespace || undefined : '';
  for (const object of cache.list(namespace)) {
    if (isSelected(object, options, descriptor)) stream.send('ADDED', object);
  }
}

function tooOld(since: number, oldest: number): KubeObject {
  const { status } = apiErrors.expired(`too old resource version: ${since} (${oldest})`);
  return status as unknown as KubeObject;
}
