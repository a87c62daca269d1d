// kube-controller-manager: all controllers in one process, working only while it holds the lease. Each informer, each
// worker and each recorder is a thread.

import { ending, type Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import type { ApiClient } from '../api/client.ts';
import type { Lease } from '../api/types/node.ts';
import { networkClient } from '../component/connect.ts';
import { checkFlags, type Flags, listFlag, parseFlags } from '../component/flags.ts';
import { serveHealth } from '../component/health.ts';
import { takeHeap } from '../component/heap.ts';
import { klog } from '../component/klog.ts';
import { loadKubeconfig, readText } from '../component/kubeconfig.ts';
import { endOnSignals } from '../component/signals.ts';
import { controllerClient, makeAccounts } from './accounts.ts';
import { BootstrapSigner, TokenCleaner } from './bootstrap/bootstrap.ts';
import { RequestApprover, RequestCleaner, RequestSigner } from './certificates/certificates.ts';
import { ClusterRoleAggregation } from './clusterrole/aggregation.ts';
import { ControllerContext } from './context.ts';
import { CronJobController } from './cronjob/cronjob.ts';
import { DaemonSetController } from './daemonset/daemonset.ts';
import { DeploymentController } from './deployment/deployment.ts';
import { DisruptionController } from './disruption/disruption.ts';
import { EndpointsController } from './endpoints/endpoints.ts';
import { EndpointSliceController } from './endpointslice/endpointslice.ts';
import { EndpointSliceMirroring } from './endpointslicemirroring/mirroring.ts';
import { EphemeralVolumeController } from './ephemeral/ephemeral.ts';
import { GarbageCollector } from './garbage/garbage.ts';
import { JobController } from './job/job.ts';
import { type Controller, type Spawn, startWorkers } from './machinery/controller.ts';
import { becomeLeader, keepLeading } from './machinery/leader.ts';
import { NamespaceController } from './namespace/namespace.ts';
import { NodeIpamController } from './nodeipam/nodeipam.ts';
import { NodeLifecycleController, TaintEvictionController } from './nodelifecycle/nodelifecycle.ts';
import { HorizontalPodAutoscalerController } from './podautoscaler/podautoscaler.ts';
import { PodGarbageCollector } from './podgc/podgc.ts';
import { ResourceQuotaController } from './quota/quota.ts';
import { REPLICA_SET, REPLICATION_CONTROLLER } from './replicaset/kinds.ts';
import { ReplicaSetController } from './replicaset/replicaset.ts';
import { RootCaPublisher, ServiceAccountController } from './serviceaccount/serviceaccount.ts';
import { ServiceAccountTokenController } from './serviceaccount/tokens.ts';
import { StatefulSetController } from './statefulset/statefulset.ts';
import { TtlAfterFinishedController } from './ttlafterfinished/ttlafterfinished.ts';
import { VolumeBinder } from './volume/binder.ts';
import { ClaimProtection, VolumeProtection } from './volume/protection.ts';

const NAME = 'kube-controller-manager';

/** What controllers are told beside the API. */
export interface ManagerSettings {
  /** The text of --root-ca-file. */
  readonly rootCa: string;
  /** The text of --cluster-signing-cert-file. */
  readonly signingCertificate: string;
  /** --cluster-cidr, where --allocate-node-cidrs is on. */
  readonly clusterRange: string;
}

/** Where nothing is told. */
export const NO_SETTINGS: ManagerSettings = {
  rootCa: '',
  signingCertificate: '',
  clusterRange: '',
};

type ControllerMaker = (context: ControllerContext, settings: ManagerSettings) => Controller;

/** All controllers by the names that --controllers takes. Each is named here once. */
export const CONTROLLERS: Readonly<Record<string, ControllerMaker>> = {
  'bootstrap-signer-controller': (context) => new BootstrapSigner(context),
  'certificatesigningrequest-approving-controller': (context) => new RequestApprover(context),
  'certificatesigningrequest-cleaner-controller': (context) => new RequestCleaner(context),
  'certificatesigningrequest-signing-controller': (context, { signingCertificate }) =>
    new RequestSigner(context, signingCertificate),
  'clusterrole-aggregation-controller': (context) => new ClusterRoleAggregation(context),
  'cronjob-controller': (context) => new CronJobController(context),
  'daemonset-controller': (context) => new DaemonSetController(context),
  'deployment-controller': (context) => new DeploymentController(context),
  'disruption-controller': (context) => new DisruptionController(context),
  'endpoints-controller': (context) => new EndpointsController(context),
  'endpointslice-controller': (context) => new EndpointSliceController(context),
  'endpointslice-mirroring-controller': (context) => new EndpointSliceMirroring(context),
  'ephemeral-volume-controller': (context) => new EphemeralVolumeController(context),
  'garbage-collector-controller': (context) => new GarbageCollector(context),
  'horizontal-pod-autoscaler-controller': (context) =>
    new HorizontalPodAutoscalerController(context),
  'job-controller': (context) => new JobController(context),
  'namespace-controller': (context) => new NamespaceController(context),
  'node-ipam-controller': (context, { clusterRange }) =>
    new NodeIpamController(context, clusterRange),
  'node-lifecycle-controller': (context) => new NodeLifecycleController(context),
  'persistentvolume-binder-controller': (context) => new VolumeBinder(context),
  'persistentvolume-protection-controller': (context) => new VolumeProtection(context),
  'persistentvolumeclaim-protection-controller': (context) => new ClaimProtection(context),
  'pod-garbage-collector-controller': (context) => new PodGarbageCollector(context),
  'replicaset-controller': (context) => new ReplicaSetController(context, REPLICA_SET),
  'replicationcontroller-controller': (context) =>
    new ReplicaSetController(context, REPLICATION_CONTROLLER),
  'resourcequota-controller': (context) => new ResourceQuotaController(context),
  'root-ca-certificate-publisher-controller': (context, { rootCa }) =>
    new RootCaPublisher(context, rootCa),
  'serviceaccount-token-controller': (context, { rootCa }) =>
    new ServiceAccountTokenController(context, rootCa),
  'serviceaccount-controller': (context) => new ServiceAccountController(context),
  'statefulset-controller': (context) => new StatefulSetController(context),
  'taint-eviction-controller': (context) => new TaintEvictionController(context),
  'token-cleaner-controller': (context) => new TokenCleaner(context),
  'ttl-after-finished-controller': (context) => new TtlAfterFinishedController(context),
};

/** Starts controllers by name: `*` for all, `-name` for all but one. */
export function startControllers(
  context: ControllerContext,
  settings: ManagerSettings,
  wanted: readonly string[] = ['*'],
  clientOf?: (controller: string) => ApiClient,
): Controller[] {
  const started: Controller[] = [];
  for (const [name, make] of Object.entries(CONTROLLERS)) {
    const on = (wanted.includes('*') || wanted.includes(name)) && !wanted.includes(`-${name}`);
    if (!on) continue;
    const controller = make(clientOf ? context.as(clientOf(name)) : context, settings);
    startWorkers(controller, context.spawn);
    started.push(controller);
  }
  return started;
}

/** Puts routines to work as threads of a process. */
export function threadSpawn(process: Process): Spawn {
  return (routine) => {
    const thread = process.thread(() => ending(routine, 0));
    if (isErrno(thread)) throw new Error(`cannot start a thread: ${thread.message}`);
  };
}

function* settingsOf(process: Process, flags: Flags): Routine<ManagerSettings> {
  const rootCa = yield* readText(process, flags.get('root-ca-file') ?? '');
  const signing = yield* readText(process, flags.get('cluster-signing-cert-file') ?? '');
  const allocates = flags.get('allocate-node-cidrs') === 'true';
  return {
    rootCa: isErrno(rootCa) ? '' : rootCa,
    signingCertificate: isErrno(signing) ? '' : signing,
    clusterRange: allocates ? (flags.get('cluster-cidr') ?? '') : '',
  };
}

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  endOnSignals(process, 1);
  if (!(yield* checkFlags(main, NAME, flags))) return 1;
  yield* takeHeap(process, NAME);
  const config = yield* loadKubeconfig(process, flags.get('kubeconfig') ?? '');
  if (typeof config === 'string') {
    yield* klog(
      main,
      'E',
      'controllermanager.go:233',
      `"Error building config" err=${JSON.stringify(config)}`,
    );
    return 1;
  }
  serveHealth(process, Number(flags.get('secure-port') ?? 10257));
  const client = networkClient(process, config, NAME);
  const { simulation } = process;
  let lease: Lease | undefined;
  if (flags.get('leader-elect') !== 'false') {
    const identity = `${process.hostname}_${simulation.random.fork(`leader ${process.hostname} ${simulation.now}`).uuid()}`;
    lease = yield* becomeLeader(simulation, client, { name: NAME, identity });
    yield* klog(
      main,
      'I',
      'leaderelection.go:272',
      '"Successfully acquired lease" lock="kube-system/kube-controller-manager"',
    );
  }
  const settings = yield* settingsOf(process, flags);
  const controllers = flags.has('controllers') ? listFlag(flags, 'controllers') : ['*'];
  const context = new ControllerContext(simulation, client, threadSpawn(process));
  const own =
    flags.get('use-service-account-credentials') === 'true'
      ? (name: string): ApiClient => controllerClient(process, config, client, name, NAME)
      : undefined;
  if (own) context.spawn(makeAccounts(client, Object.keys(CONTROLLERS)));
  const started = startControllers(context, settings, controllers, own);
  process.whenEnded(() => {
    for (const { queue } of started) queue.stop();
  });
  if (!lease) return yield* forever(process);
  yield* keepLeading(simulation, client, lease);
  yield* klog(main, 'F', 'controllermanager.go:346', '"leaderelection lost"');
  return 1;
}

function* forever(process: Process): Routine<number> {
  for (;;) yield* process.pause();
}

export const kubeControllerManager = program(NAME, (main) => run(main, parseFlags(main.args)));
