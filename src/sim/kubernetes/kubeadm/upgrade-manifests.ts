// The static pods of an upgraded control plane: manifests that are not as they are to be are replaced one after the other,
// with the certificates of their component, and each time the kubelet's restart of the pod is waited for. What fails is
// rolled back. Left out: the backup of etcd's data.

import { epochMilliseconds, MILLISECOND, MINUTE } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import { readText } from '../component/kubeconfig.ts';
import { CONFIG } from '../kubelet/static-pods.ts';
import { renewCertificate } from './certs-command.ts';
import { put } from './context.ts';
import { Failure } from './failure.ts';
import { COMPONENTS } from './manifests.ts';
import { type Call, say } from './settings.ts';
import { MANIFESTS, manifestsOf, type Upgrade } from './upgrade.ts';

export const TMP = '/etc/kubernetes/tmp';

/** How long kubeadm waits for a pod to be another (timeouts.upgradeManifests), and how often it asks. */
const PATIENCE = 5 * MINUTE;
const INTERVAL = 500 * MILLISECOND;

/** The certificates that are renewed with a component. */
const CERTIFICATES: Readonly<Record<string, readonly string[]>> = {
  etcd: ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client'],
  'kube-apiserver': [
    'apiserver',
    'apiserver-kubelet-client',
    'front-proxy-client',
    'apiserver-etcd-client',
  ],
  'kube-controller-manager': ['controller-manager.conf'],
  'kube-scheduler': ['scheduler.conf'],
};

/** `2026-03-02-09-00-05`. */
export function stampOf(now: number): string {
  return new Date(epochMilliseconds(now)).toISOString().slice(0, 19).replace(/[T:]/g, '-');
}

/** An upgrade of static pods under way. */
interface Work extends Upgrade {
  readonly renews: boolean;
  /** The manifests as they are to be, by file name. */
  readonly wanted: ReadonlyMap<string, string>;
  readonly backups: string;
  /** Manifests that were replaced, by path, with what they were. */
  readonly replaced: Map<string, string>;
}

const told = ({ context }: Work, text: string): Routine<void> =>
  say(context.main, `[upgrade/staticpods] ${text}`);

/** Brings the static pods of this node to the manifests of the cluster's version; throws Failure, with all as it was. */
export function* upgradeManifests({ flags }: Call, upgrade: Upgrade): Routine<void> {
  const { main } = upgrade.context;
  const stamp = String(Math.floor(main.process.entropyKey() * 4096) + 1_000_000_000).slice(0, 10);
  const work: Work = {
    ...upgrade,
    renews: flags.is('certificate-renewal'),
    wanted: manifestsOf(upgrade, upgrade.cluster.kubernetesVersion),
    backups: `${TMP}/kubeadm-backup-manifests-${stampOf(main.process.now)}`,
    replaced: new Map(),
  };
  yield* told(
    work,
    `Writing new Static Pod manifests to "${TMP}/kubeadm-upgraded-manifests${stamp}"`,
  );
  const parts = flags.is('etcd-upgrade') ? ['etcd', ...COMPONENTS] : COMPONENTS;
  for (const name of parts) {
    try {
      yield* upgradeComponent(work, name);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      for (const [path, text] of work.replaced) yield* put(main, path, text, 0o600);
      throw new Failure(
        `error execution phase control-plane: couldn't upgrade control plane. kubeadm has tried to recover everything into the earlier state. Errors faced: ${error.text}`,
      );
    }
    if (name === 'etcd') yield* say(main, '[upgrade/etcd] Waiting for etcd to become available');
  }
  if (work.renews) yield* renewCertificate(upgrade.context, 'admin.conf');
}

const pathOf = (name: string): string => `${MANIFESTS}/${name}.yaml`;

/** One component. etcd starts anew with its certificates even where only the API server's manifest is another. */
function* upgradeComponent(work: Work, name: string): Routine<void> {
  const { context, wanted, renews } = work;
  const { main } = context;
  const path = pathOf(name);
  const isEqual = function* (component: string): Routine<boolean> {
    const text = yield* readText(main.process, pathOf(component));
    return text === wanted.get(`${component}.yaml`);
  };
  yield* told(work, `Preparing for "${name}" upgrade`);
  const equal = yield* isEqual(name);
  if (equal && (name !== 'etcd' || (yield* isEqual('kube-apiserver')))) {
    yield* told(work, `Current and new manifests of ${name} are equal, skipping upgrade`);
    return;
  }
  const hash = yield* podHash(work, name);
  for (const certificate of renews ? (CERTIFICATES[name] ?? []) : []) {
    yield* told(work, `Renewing ${certificate} certificate`);
    yield* renewCertificate(context, certificate);
  }
  const backup = `${work.backups}/${name}.yaml`;
  yield* told(
    work,
    equal && renews
      ? `Restarting the ${name} static pod and backing up its manifest to "${backup}"`
      : `Moving new manifest to "${path}" and backing up old manifest to "${backup}"`,
  );
  const old = yield* readText(main.process, path);
  if (isErrno(old)) throw new Failure(`open ${path}: ${old.message.toLowerCase()}`);
  work.replaced.set(path, old);
  yield* put(main, backup, old, 0o600);
  main.process.unlink(path);
  yield* put(main, path, wanted.get(`${name}.yaml`) ?? '', 0o600);
  yield* told(work, 'Waiting for the kubelet to restart the component');
  yield* told(work, 'This can take up to 5m0s');
  if (!equal) yield* hashChange(work, name, hash);
  yield* running(work, name);
  yield* told(work, `Component "${name}" upgraded successfully!`);
}

/** The hash that the kubelet gave the manifest of a component's pod; a Failure where the API server cannot tell. */
function* podHash({ client, context }: Work, component: string): Routine<string | Failure> {
  const { name } = context.init.nodeRegistration;
  const pod = yield* client.get(resources.pods, 'kube-system', `${component}-${name}`);
  return pod instanceof Refusal
    ? new Failure(
        `failed to obtain static Pod hash for component ${component} on Node ${name}: ${pod.message}`,
      )
    : (pod.metadata.annotations?.[CONFIG.hash] ?? '');
}

/** Asks again and again until it is so; false where the patience ends before. */
function* eventually(work: Work, holds: () => Routine<boolean>): Routine<boolean> {
  const { process } = work.context.main;
  for (const until = process.now + PATIENCE; process.now < until; ) {
    if (yield* holds()) return true;
    yield* sleepUntil(process.now + INTERVAL);
  }
  return false;
}

/** Waits until the mirror pod is that of another manifest. */
function* hashChange(work: Work, component: string, before: string | Failure): Routine<void> {
  let now = before;
  const changed = yield* eventually(work, function* () {
    now = yield* podHash(work, component);
    return typeof now === 'string' && now !== before;
  });
  if (changed) return;
  if (typeof now !== 'string') throw now;
  const { name } = work.context.init.nodeRegistration;
  throw new Failure(
    `static Pod hash for component ${component} on Node ${name} did not change after 5m0s: context deadline exceeded`,
  );
}

/** Waits until all pods of a component run. */
function* running(work: Work, component: string): Routine<void> {
  const { client, context } = work;
  const labelSelector = `component=${component}`;
  let known = -1;
  const done = yield* eventually(work, function* () {
    const list = yield* client.list(resources.pods, 'kube-system', { labelSelector });
    if (list instanceof Refusal) {
      const why = `Error getting Pods with label selector "${labelSelector}" [${list.message}]`;
      yield* say(context.main, `[apiclient] ${why}`);
      return false;
    }
    const { items } = list;
    if (items.length !== known) {
      known = items.length;
      const found = `Found ${known} Pods for label selector ${labelSelector}`;
      yield* say(context.main, `[apiclient] ${found}`);
    }
    return known > 0 && items.every(({ status }) => status?.phase === 'Running');
  });
  if (!done) throw new Failure('context deadline exceeded');
}
