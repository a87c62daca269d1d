// minikube's storage-provisioner: makes volumes for claims of its storage class as directories of the node, below
// /tmp/hostpath-provisioner, and removes them when their volume is released and its policy is Delete
// (sig-storage-lib-external-provisioner). Left out: its election of a leader, for there is one node.

import type { Routine } from '../../core/wait.ts';
import { makeDirectories, removeAll } from '../../containers/containerd/daemon.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { resources } from '../api/client-resources.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import type { PersistentVolumeClaim } from '../api/types/apps.ts';
import type { PersistentVolume } from '../api/types/storage.ts';
import { networkClient } from '../component/connect.ts';
import { endOnSignals } from '../component/signals.ts';
import { inClusterConfig } from '../component/kubeconfig.ts';
import { klog } from '../component/klog.ts';
import { ControllerContext } from '../controllers/context.ts';
import {
  type Controller,
  type SyncResult,
  startWorkers,
} from '../controllers/machinery/controller.ts';
import type { EventRecorder } from '../controllers/machinery/events.ts';
import { type Informer, keyOf } from '../controllers/machinery/informer.ts';
import { WorkQueue } from '../controllers/machinery/work-queue.ts';
import { threadSpawn } from '../controllers/manager.ts';
import { className } from '../controllers/volume/match.ts';
import { claimBound, PROVISIONERS } from '../controllers/volume/writes.ts';

const PROVISIONER = 'k8s.io/minikube-hostpath';
const DIRECTORY = '/tmp/hostpath-provisioner';
const IDENTITY = 'hostPathProvisionerIdentity';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const VOLUME = 'volume:';

class Provisioner implements Controller {
  readonly name = PROVISIONER;
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly main: Main;
  private readonly client: ApiClient;
  private readonly identity: string;
  private readonly claims: Informer<PersistentVolumeClaim>;
  private readonly volumes: Informer<PersistentVolume>;
  private readonly events: EventRecorder;

  constructor(main: Main, context: ControllerContext, identity: string) {
    this.main = main;
    this.client = context.client;
    this.identity = identity;
    this.queue = new WorkQueue(context.simulation);
    this.claims = context.informer(resources.persistentVolumeClaims);
    this.volumes = context.informer(resources.persistentVolumes);
    this.events = context.recorder(`${PROVISIONER}_${main.process.hostname}_${identity}`);
    this.claims.onChange((after) => {
      if (after && isAsked(after)) this.queue.add(keyOf(after));
    });
    this.volumes.onChange((after) => {
      if (after && isReleased(after)) this.queue.add(`${VOLUME}${keyOf(after)}`);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    if (key.startsWith(VOLUME)) {
      const volume = this.volumes.get(key.slice(VOLUME.length));
      return volume && isReleased(volume) ? yield* this.remove(volume) : undefined;
    }
    const claim = this.claims.get(key);
    return claim && isAsked(claim) ? yield* this.provision(claim) : undefined;
  }

  private *provision(claim: PersistentVolumeClaim): Routine<SyncResult> {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
    const volumeName = `pvc-${uid}`;
    if (this.volumes.get(volumeName)) return undefined;
    const storageClass = yield* this.client.get(resources.storageClasses, '', className(claim));
    if (storageClass instanceof Refusal) return storageClass.message;
    const about = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
    this.events.event(claim, 'Normal', 'Provisioning', about);
    const path = `${DIRECTORY}/${namespace}/${name}`;
    yield* klog(
      this.main,
      'I',
      'storage_provisioner.go:83',
      `Provisioning volume ${volumeName} to ${path}`,
    );
    makeDirectories(this.main.process, path, 0o777);
    const volume: PersistentVolume = {
      kind: 'PersistentVolume',
      apiVersion: 'v1',
      metadata: {
        name: volumeName,
        annotations: { [IDENTITY]: this.identity, [PROVISIONED_BY]: PROVISIONER },
      },
      spec: {
        accessModes: claim.spec.accessModes ?? [],
        capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
        claimRef: {
          kind: 'PersistentVolumeClaim',
          namespace,
          name,
          uid,
          apiVersion: 'v1',
          resourceVersion,
        },
        hostPath: { path, type: '' },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: className(claim),
        volumeMode: 'Filesystem',
      },
    };
    const made = yield* this.client.create(resources.persistentVolumes, volume);
    if (made instanceof Refusal && made.reason !== 'AlreadyExists') return made.message;
    const message = `Successfully provisioned volume ${volumeName}`;
    this.events.event(claim, 'Normal', 'ProvisioningSucceeded', message);
    return undefined;
  }

  private *remove(volume: PersistentVolume): Routine<SyncResult> {
    const path = volume.spec.hostPath?.path ?? '';
    if (path.startsWith(`${DIRECTORY}/`)) removeAll(this.main.process, path);
    const name = volume.metadata.name ?? '';
    const deleted = yield* this.client.delete(resources.persistentVolumes, '', name);
    return deleted instanceof Refusal && deleted.reason !== 'NotFound'
      ? deleted.message
      : undefined;
  }
}

/** A claim that waits for a volume from here. */
function isAsked(claim: PersistentVolumeClaim): boolean {
  const asked = PROVISIONERS.some((name) => claim.metadata.annotations?.[name] === PROVISIONER);
  return asked && !claimBound(claim) && !claim.spec.volumeName;
}

function isReleased({ metadata, spec, status }: PersistentVolume): boolean {
  return (
    metadata.annotations?.[PROVISIONED_BY] === PROVISIONER &&
    status?.phase === 'Released' &&
    spec.persistentVolumeReclaimPolicy === 'Delete' &&
    !metadata.deletionTimestamp
  );
}

function* run(main: Main): Routine<number> {
  const { process } = main;
  yield* klog(
    main,
    'I',
    'storage_provisioner.go:116',
    'Initializing the minikube storage provisioner...',
  );
  endOnSignals(process, 2);
  const config = yield* inClusterConfig(process);
  if (typeof config === 'string') {
    yield* klog(main, 'F', 'main.go:39', `error getting server version: ${config}`);
    return 1;
  }
  const { simulation } = process;
  const client = networkClient(process, config, 'storage-provisioner');
  const identity = simulation.random.fork(`provisioner ${process.hostname}`).uuid();
  const spawn = threadSpawn(process);
  const context = new ControllerContext(simulation, client, spawn);
  startWorkers(new Provisioner(main, context, identity), spawn);
  yield* klog(
    main,
    'I',
    'storage_provisioner.go:141',
    'Storage provisioner initialized, now starting service!',
  );
  for (;;) yield* process.pause();
}

export const storageProvisioner = program('storage-provisioner', run);
