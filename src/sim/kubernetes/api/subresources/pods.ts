// The subresources of pods that write: binding to a node, eviction, ephemeral containers, resize.

import { SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { readBody, readJson, writeOptions } from '../handlers/body.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { type DeleteOptions, deleteNamed } from '../handlers/delete.ts';
import { patchObject } from '../handlers/patch.ts';
import { getObject, respondObject } from '../handlers/read.ts';
import { plainWriter, respond, wantsPretty } from '../handlers/respond.ts';
import { guardedUpdate, updateObject } from '../handlers/update.ts';
import { binding as bindingKind } from '../kinds/core.ts';
import { podDisruptionBudget } from '../kinds/policy.ts';
import type { KubeObject } from '../object.ts';
import { selects } from '../selectors.ts';
import { ApiError, apiErrors } from '../status.ts';
import { CONFLICT } from '../storage/storage.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { Binding, Pod } from '../types/pod.ts';
import type { PodDisruptionBudget } from '../types/policy.ts';
import { validateEphemeral } from '../validation/containers.ts';
import { validatePodResize } from '../validation/pod-resize.ts';

function created(context: ResourceRequest): HttpResponse {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return respond(201, status, plainWriter(wantsPretty(context.request)), context.warnings);
}

const asPod = (object: KubeObject): Pod => object as unknown as Pod;

/** POST to /binding (or to bindings): gives a pod its node. */
export function* bindPod(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, request, strategy } = context;
  const body = readBody(request, bindingKind, 'Ignore');
  if (body instanceof ApiError) return body;
  const binding = body.object as unknown as Binding;
  const name = info.name === '' ? (binding.metadata.name ?? '') : info.name;
  if (binding.metadata.name !== name) {
    return apiErrors.badRequest('name in URL does not match name in Binding object');
  }
  const options = writeOptions(request, 'CreateOptions');
  if (options instanceof ApiError) return options;
  const pods = context.server.kinds.find('', 'v1', 'pods') ?? context.descriptor;
  const of = { group: '', resource: 'pods/binding' };
  const target = {
    ...context,
    descriptor: pods,
    info: { ...info, resource: 'pods', name, subresource: 'binding' },
    dryRun: options.dryRun,
  };
  const result = yield* guardedUpdate(target, {
    guardUid: false,
    make: (old) => {
      const pod = asPod(old);
      if (pod.metadata.deletionTimestamp !== undefined) {
        return apiErrors.conflict(
          of,
          name,
          `pod ${name} is being deleted, cannot be assigned to a host`,
        );
      }
      if (pod.spec.nodeName) {
        const why = `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`;
        return apiErrors.conflict(of, name, why);
      }
      if ((pod.spec.schedulingGates ?? []).length > 0) {
        return apiErrors.conflict(of, name, `pod ${name} has non-empty .spec.schedulingGates`);
      }
      const { uid } = binding.metadata;
      if (uid !== undefined && uid !== pod.metadata.uid) {
        return apiErrors.conflict(
          of,
          name,
          `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`,
        );
      }
      return { object: bound(pod, binding, strategy.time), tracked: true };
    },
  });
  return result instanceof ApiError ? result : created(context);
}

function bound(pod: Pod, binding: Binding, time: string): KubeObject {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const scheduled = {
    type: 'PodScheduled',
    observedGeneration: pod.metadata.generation ?? 1,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: time,
  };
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  const annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  const metadata =
    binding.metadata.annotations === undefined ? pod.metadata : { ...pod.metadata, annotations };
  return {
    ...pod,
    metadata,
    spec: { ...pod.spec, nodeName: binding.target.name ?? '' },
    status: { ...status, conditions: [...others, scheduled] },
  } as unknown as KubeObject;
}

interface Eviction {
  readonly metadata?: { readonly name?: string };
  readonly deleteOptions?: DeleteOptions;
}

/** POST to /eviction: a deletion that asks the pod's disruption budget first. */
export function* evictPod(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, request, server, descriptor } = context;
  const json = readJson(request, 'Eviction');
  if (json instanceof ApiError) return json;
  const eviction = json as Eviction;
  if (eviction.metadata?.name !== undefined && eviction.metadata.name !== info.name) {
    return apiErrors.badRequest('name in URL does not match name in Eviction object');
  }
  const object = yield* server.storage.get(descriptor, info.namespace, info.name);
  if (object instanceof ApiError) return object;
  if (!object) return apiErrors.notFound({ group: '', resource: 'pods' }, info.name);
  const options = eviction.deleteOptions ?? {};
  const pod = asPod(object);
  if (!ignoresBudget(pod)) {
    const refusal = yield* spendBudget(context, pod, (options.dryRun ?? []).length > 0);
    if (refusal) return refusal;
  }
  const deleted = yield* deleteNamed(context, info.name, options);
  return deleted instanceof ApiError ? deleted : created(context);
}

/** Pods that have ended, wait or are going already cost no budget. */
function ignoresBudget(pod: Pod): boolean {
  const phase = pod.status?.phase;
  const ended = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending';
  return ended || pod.metadata.deletionTimestamp !== undefined;
}

function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

const ATTEMPTS = 5;

function* spendBudget(
  context: ResourceRequest,
  pod: Pod,
  dryRun: boolean,
): Routine<ApiError | undefined> {
  const { storage, simulation } = context.server;
  const { namespace = '', name = '', labels } = pod.metadata;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const all = storage.cache('poddisruptionbudgets').list(namespace);
    const covering = all.filter((one) =>
      selects((one as unknown as PodDisruptionBudget).spec.selector as LabelSelector, labels),
    );
    if (covering.length > 1) {
      return apiErrors.plain(
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      );
    }
    const [object] = covering;
    if (!object) return undefined;
    const budget = object as unknown as PodDisruptionBudget;
    const status = budget.status;
    const healthy = (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0);
    if (!isReady(pod) && (healthy || budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow')) {
      return undefined;
    }
    const refusal = checkBudget(budget);
    if (refusal || dryRun) return refusal;
    const disruptedPods = { ...status?.disruptedPods, [name]: context.strategy.time };
    const disruptionsAllowed = (status?.disruptionsAllowed ?? 0) - 1;
    const spent = { ...object, status: { ...status, disruptedPods, disruptionsAllowed } };
    const version = object.metadata.resourceVersion ?? '0';
    const written = yield* storage.update(podDisruptionBudget, spent, version);
    if (written instanceof ApiError) return written;
    if (written !== CONFLICT) return undefined;
    yield* sleepUntil(simulation.now + SECOND / 100);
  }
  return apiErrors.tooManyRequests(WOULD_VIOLATE, 10);
}

const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";

function checkBudget(budget: PodDisruptionBudget): ApiError | undefined {
  const { name } = budget.metadata;
  const { status, metadata } = budget;
  const cause = (message: string): ApiError =>
    new ApiError(429, 'TooManyRequests', WOULD_VIOLATE, {
      causes: [{ reason: 'DisruptionBudget', message }],
    });
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return new ApiError(429, 'TooManyRequests', WOULD_VIOLATE, {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${name} is still being processed by the server.`,
        },
      ],
      retryAfterSeconds: 10,
    });
  }
  if ((status?.disruptionsAllowed ?? 0) > 0) return undefined;
  return cause(
    `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
  );
}

/** GET, PUT and PATCH of /ephemeralcontainers and /resize: a pod, of which only that part may change. */
export function* servePodPart(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, descriptor } = context;
  if (info.verb === 'get') return yield* getObject(context);
  if (info.verb !== 'update' && info.verb !== 'patch') return apiErrors.methodNotAllowed();
  const part = {
    ...context,
    descriptor: {
      ...descriptor,
      prepareForUpdate: info.subresource === 'resize' ? onlyResources : onlyEphemeral,
      validateUpdate: (object: KubeObject, old: KubeObject) =>
        info.subresource === 'resize'
          ? validatePodResize(asPod(object), asPod(old))
          : validateEphemeral(asPod(object).spec),
    },
  };
  const result = yield* info.verb === 'update' ? updateObject(part) : patchObject(part);
  return result instanceof ApiError ? result : respondObject(context, result.status, result.object);
}

function onlyEphemeral(object: KubeObject, old: KubeObject): KubeObject {
  const { ephemeralContainers } = asPod(object).spec;
  const spec = { ...asPod(old).spec, ...(ephemeralContainers ? { ephemeralContainers } : {}) };
  return { ...old, metadata: object.metadata, spec };
}

/** The old pod with the new resources: labels and the like do not change here. */
function onlyResources(object: KubeObject, old: KubeObject): KubeObject {
  const { containers: wanted } = asPod(object).spec;
  const { containers: before } = asPod(old).spec;
  const { resourceVersion, managedFields, generation } = object.metadata;
  const kept = {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(managedFields === undefined ? {} : { managedFields }),
    ...(generation === undefined ? {} : { generation }),
  };
  const sameOrder = wanted.every(({ name }, i) => name === before[i]?.name);
  const containers =
    wanted.length !== before.length || !sameOrder
      ? wanted
      : before.map((container, i) => {
          const resources = wanted[i]?.resources;
          return resources ? { ...container, resources } : container;
        });
  const spec = { ...asPod(old).spec, containers };
  return { ...old, metadata: { ...old.metadata, ...kept }, spec };
}
