// kubectl describe: an object's facts in words, with what belongs to it and its events.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { selects } from '../../api/selectors.ts';
import type { Call, Command } from '../command.ts';
import { type Event, eventTime, intervalOf } from '../describe/event.ts';
import { describeKind } from '../describe/kinds.ts';
import type { Lines } from '../describe/writer.ts';
import { pathOf } from '../discovery.ts';
import { Failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, hasFiles, itemsOf, type Target, targetsOf } from '../targets.ts';

export const describe: Command = {
  name: 'describe',
  run: runDescribe,
};

function* runDescribe(call: Call): Routine<void> {
  if (call.args.length === 0 && !hasFiles(call)) {
    throw new Failure(
      'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { wholeTypes: true }, failures);
  const found: (Target & { object: KubeObject })[] = [];
  for (const target of targets) {
    const own: Failure[] = [];
    const objects = yield* fetchAll(call, [target], own);
    if (own[0]?.status?.reason === 'NotFound' && target.name !== '')
      objects.push(...(yield* byPrefix(call, target)));
    if (objects.length === 0) failures.push(...own);
    found.push(...objects);
  }
  for (const [i, one] of found.entries()) {
    if (i > 0) yield* call.out('\n\n');
    yield* call.out(yield* describeOne(call, one));
  }
  if (found.length === 0 && failures.length === 0) {
    yield* call.err(
      call.values.is('all-namespaces')
        ? 'No resources found\n'
        : `No resources found in ${yield* call.namespace()} namespace.\n`,
    );
  }
  throwAll(failures);
}

/** Objects whose names begin with the word, where none is named so. */
function* byPrefix(call: Call, target: Target): Routine<(Target & { object: KubeObject })[]> {
  const all = yield* fetchAll(call, [{ ...target, name: '' }], []);
  return all.filter(({ name }) => name.startsWith(target.name));
}

function* describeOne(
  call: Call,
  { object, resource, namespace }: Target & { object: KubeObject },
): Routine<string> {
  const related = yield* relatedTo(call, object, namespace);
  const { out, events } = describeKind({
    object: { ...object, kind: object.kind ?? resource.kind },
    related,
    now: epochMilliseconds(call.main.process.now),
  });
  if (events && call.values.is('show-events')) yield* eventLines(call, object, namespace, out);
  return String(out);
}

/** Which other objects a kind's description needs, by kind. */
const RELATED: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['/apis/apps/v1|replicasets'],
  ReplicaSet: ['/api/v1|pods'],
  DaemonSet: ['/api/v1|pods'],
  ReplicationController: ['/api/v1|pods'],
  Service: ['/apis/discovery.k8s.io/v1|endpointslices'],
  Namespace: ['/api/v1|resourcequotas', '/api/v1|limitranges'],
  StatefulSet: ['/api/v1|pods'],
  PersistentVolumeClaim: ['/api/v1|pods'],
  Ingress: ['/apis/discovery.k8s.io/v1|endpointslices', '/api/v1|services'],
  Node: ['/apis/coordination.k8s.io/v1|leases', '/api/v1|pods'],
};

function* relatedTo(call: Call, object: KubeObject, namespace: string): Routine<KubeObject[]> {
  const client = yield* call.client();
  const out: KubeObject[] = [];
  const discovery = yield* call.discovery();
  for (const place of RELATED[object.kind ?? ''] ?? []) {
    const [root = '', plural = ''] = place.split('|');
    const resource = discovery.resources.find(
      (one) => one.plural === plural && pathOf(one, '').startsWith(`${root}/`),
    );
    if (!resource) continue;
    const leases = plural === 'leases' ? 'kube-node-lease' : namespace;
    const space = object.kind === 'Namespace' ? (object.metadata?.name ?? '') : leases;
    const list = yield* client.call('GET', pathOf(resource, space));
    out.push(
      ...itemsOf(list, resource)
        .map((item) => ({ ...item, kind: resource.kind }))
        .filter((item) => belongs(object, item)),
    );
  }
  return out;
}

function belongs(object: KubeObject, item: KubeObject): boolean {
  const { name = '', uid } = object.metadata ?? {};
  switch (object.kind) {
    case 'Namespace':
    case 'Ingress':
      return true;
    case 'Node':
      if (item.kind === 'Lease')
        return item.metadata?.namespace === 'kube-node-lease' && item.metadata.name === name;
      return runsOn(item, name);
    case 'PersistentVolumeClaim':
      return uses(item, name, uid ?? '');
  }
  if (object.kind === 'Service')
    return item.metadata?.labels?.['kubernetes.io/service-name'] === object.metadata?.name;
  const { selector } = (object.spec ?? {}) as { selector?: object };
  const wanted = object.kind === 'ReplicationController' ? { matchLabels: selector } : selector;
  const owners = (item.metadata?.ownerReferences ?? []) as { uid: string }[];
  return (
    owners.some(({ uid }) => uid === object.metadata?.uid) ||
    (item.kind === 'Pod' && owners.length === 0 && selects(wanted as never, item.metadata?.labels))
  );
}

function runsOn(pod: KubeObject, node: string): boolean {
  const { phase } = (pod.status ?? {}) as { phase?: string };
  const { nodeName } = (pod.spec ?? {}) as { nodeName?: string };
  return nodeName === node && phase !== 'Succeeded' && phase !== 'Failed';
}

function uses(pod: KubeObject, claim: string, uid: string): boolean {
  const { volumes = [] } = (pod.spec ?? {}) as {
    volumes?: { persistentVolumeClaim?: { claimName: string } }[];
  };
  const owns = (pod.metadata?.uid ?? '') !== '' && pod.metadata?.uid === uid;
  return owns || volumes.some((one) => one.persistentVolumeClaim?.claimName === claim);
}

function* eventLines(call: Call, object: KubeObject, namespace: string, out: Lines): Routine<void> {
  const client = yield* call.client();
  const { name = '', uid = '' } = object.metadata ?? {};
  const fields = [
    `involvedObject.name=${name}`,
    ...(namespace ? [`involvedObject.namespace=${namespace}`] : []),
    `involvedObject.kind=${object.kind ?? ''}`,
  ];
  const path = namespace === '' ? '/api/v1/events' : `/api/v1/namespaces/${namespace}/events`;
  // The kubelet's events of a node bear the node's name as its UID.
  const uids = object.kind === 'Node' && uid !== name ? [uid, name] : [uid];
  const found: Event[] = [];
  for (const one of uids) {
    const fieldSelector = [...fields, `involvedObject.uid=${one}`].join(',');
    const list = yield* client.call('GET', path, { query: { fieldSelector } });
    found.push(...((list.items ?? []) as unknown as Event[]));
  }
  const events = found.sort((a, b) => eventTime(a) - eventTime(b));
  if (events.length === 0) {
    out.put(0, 'Events:\t<none>');
    return;
  }
  out.flush();
  out.put(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------');
  const now = epochMilliseconds(call.main.process.now);
  for (const event of events) {
    const where = event.involvedObject.fieldPath ? `${event.involvedObject.fieldPath}: ` : '';
    out.put(
      1,
      `${event.type ?? ''}\t${event.reason ?? ''}\t${intervalOf(event, now)}\t${event.source?.component || (event.reportingComponent ?? '')}\t${where}${(event.message ?? '').trim()}`,
    );
  }
}
