// kubelet(8): flags and configuration, then everything at work: pods from the API server and from manifests, the runtime's
// events, the node's status, the kubelet's own API.

import { isRpcError } from '../../containers/rpc.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { formatIp } from '../../kernel/network/address.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { resources } from '../api/client-resources.ts';
import { networkClient } from '../component/connect.ts';
import { type Flags, parseFlags } from '../component/flags.ts';
import { serveHealth } from '../component/health.ts';
import { takeHeap } from '../component/heap.ts';
import { klog } from '../component/klog.ts';
import { loadKubeconfig, readText } from '../component/kubeconfig.ts';
import { runWith } from '../component/run-with.ts';
import { eventRecorder } from '../controllers/machinery/events.ts';
import { Informer, listWatch } from '../controllers/machinery/informer.ts';
import { threadSpawn } from '../controllers/manager.ts';
import { Backoff } from './backoff.ts';
import { ensureCredentials } from './bootstrap.ts';
import type { KubeletContext, KubeletSettings } from './context.ts';
import { type ContainerEvent, CriClient, LABELS } from './cri.ts';
import { watchLocalStorage } from './eviction.ts';
import { keepLease, keepNode, networkProblem } from './node.ts';
import { podObjects } from './objects.ts';
import { Pleg } from './pleg.ts';
import { PodManager } from './pods.ts';
import { makeQosCgroups } from './resources.ts';
import { serveKubeletApi } from './server.ts';
import { followManifests } from './static-pods.ts';

const DEFAULT_CONFIG = '/var/lib/kubelet/config.yaml';
const DEFAULT_ENDPOINT = 'unix:///run/containerd/containerd.sock';
const DEFAULT_KUBECONFIG = '/etc/kubernetes/kubelet.conf';

/** --healthz-port. */
const HEALTH_PORT = 10248;

/** Why --config cannot be read; undefined where it can. */
function missingConfig(process: Process, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const stat = process.stat(path);
  if (!isErrno(stat)) return undefined;
  const why = `open ${path}: ${stat.message.toLowerCase()}`;
  const reading = `failed to load Kubelet config file ${path}, error failed to read kubelet config file \\"${path}\\", error: ${why}`;
  return `failed to load kubelet config file, path: ${path}, error: ${reading}`;
}

/** The fields of KubeletConfiguration that are read. */
interface ConfigFile {
  readonly staticPodPath?: string;
  readonly clusterDNS?: readonly string[];
  readonly clusterDomain?: string;
  readonly fileCheckFrequency?: string;
  readonly maxPods?: number;
  readonly containerRuntimeEndpoint?: string;
  readonly authentication?: { readonly x509?: { readonly clientCAFile?: string } };
  readonly registerWithTaints?: readonly { readonly key: string; readonly effect: string }[];
}

function firstAddress(main: Main): string {
  for (const link of main.process.network.links.values()) {
    for (const { address } of link.addresses) {
      const text = formatIp(address);
      if (!text.startsWith('127.') && !text.includes(':')) return text;
    }
  }
  return '127.0.0.1';
}

/** The path of a runtime's endpoint. */
function socketOf(endpoint: string): string {
  return endpoint.replace(/^unix:\/\//, '');
}

/** The settings of a node; a text where the configuration cannot be read. */
function* settingsOf(main: Main, flags: Flags): Routine<KubeletSettings | string> {
  const path = flags.get('config') ?? DEFAULT_CONFIG;
  const text = yield* readText(main.process, path);
  const read = isErrno(text) ? {} : (parseYaml(text) ?? {});
  if (read instanceof YamlProblem)
    return `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error failed to decode: ${read.message}`;
  const file = read as ConfigFile;
  const labels = (flags.get('node-labels') ?? '').split(',').filter((label) => label.includes('='));
  const taints = (flags.get('register-with-taints') ?? '')
    .split(',')
    .filter((taint) => taint !== '');
  const seconds = Number.parseInt(file.fileCheckFrequency ?? '0', 10);
  return {
    nodeName: flags.get('hostname-override') ?? main.process.hostname,
    nodeIp: flags.get('node-ip') ?? firstAddress(main),
    staticPodPath:
      flags.get('pod-manifest-path') ?? file.staticPodPath ?? '/etc/kubernetes/manifests',
    clusterDns: flags.get('cluster-dns')?.split(',') ?? file.clusterDNS ?? [],
    clusterDomain: flags.get('cluster-domain') ?? file.clusterDomain ?? 'cluster.local',
    clientCaFile: file.authentication?.x509?.clientCAFile ?? '',
    fileCheckFrequency: seconds > 0 ? seconds : 20,
    registerWithTaints: [
      ...(file.registerWithTaints ?? []),
      ...taints.map((taint) => ({
        key: taint.replace(/[=:].*$/, ''),
        effect: taint.slice(taint.lastIndexOf(':') + 1),
      })),
    ],
    nodeLabels: Object.fromEntries(labels.map((label) => label.split('=') as [string, string])),
    runtimeSocket: socketOf(
      flags.get('container-runtime-endpoint') ??
        (file.containerRuntimeEndpoint || DEFAULT_ENDPOINT),
    ),
    maxPods: Number(flags.get('max-pods') ?? file.maxPods ?? 110),
  };
}

/** Notes which pods something happened to; the list of pods is asked for the sandbox's uid. */
function* followRuntime(context: KubeletContext, pods: PodManager): Routine<void> {
  for (;;) {
    const events = yield* context.cri.events();
    if (isRpcError(events)) {
      yield* sleepUntil(context.simulation.now + SECOND);
      continue;
    }
    for (const worker of pods.workers.values()) worker.wake();
    for (;;) {
      const event = (yield* events.next()) as ContainerEvent | undefined;
      if (event === undefined || isRpcError(event)) break;
      const status = yield* context.cri.sandboxStatus(event.podSandboxId);
      const uid = isRpcError(status) ? undefined : status.labels[LABELS.uid];
      if (uid !== undefined) context.pleg.notice(uid);
    }
    events.close();
    yield* sleepUntil(context.simulation.now + SECOND);
  }
}

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  const { simulation } = process;
  yield* takeHeap(process, 'kubelet');
  const missing = missingConfig(process, flags.get('config'));
  if (missing !== undefined) {
    yield* klog(main, 'E', 'run.go:72', `"command failed" err="${missing}"`);
    return 1;
  }
  const settings = yield* settingsOf(main, flags);
  if (typeof settings === 'string') {
    yield* klog(main, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(settings)}`);
    return 1;
  }
  const kubeconfig = flags.get('kubeconfig') ?? DEFAULT_KUBECONFIG;
  const bootstrap = flags.get('bootstrap-kubeconfig');
  serveHealth(process, HEALTH_PORT, false);
  const refused = yield* ensureCredentials(process, settings.nodeName, { kubeconfig, bootstrap });
  const config = refused ?? (yield* loadKubeconfig(process, kubeconfig));
  if (typeof config === 'string') {
    yield* klog(
      main,
      'E',
      'run.go:72',
      `"command failed" err=${JSON.stringify(`failed to run Kubelet: ${config}`)}`,
    );
    return 1;
  }
  const client = networkClient(process, config, 'kubelet');
  const spawn = threadSpawn(process);
  const recorder = eventRecorder(simulation, client, 'kubelet', settings.nodeName);
  const services = new Informer(simulation, listWatch(client, resources.services));
  const wakePod = (uid: string): void => pods.wake(uid);
  const context: KubeletContext = {
    process,
    simulation,
    settings,
    cri: new CriClient(process, settings.runtimeSocket),
    client,
    recorder,
    services,
    ...podObjects({ simulation, client, spawn }),
    spawn,
    restarts: new Backoff(),
    pulls: new Backoff(),
    runtime: { networkProblem: '', name: '', version: '', handlers: [] },
    tokens: new Map(),
    pleg: new Pleg(simulation, wakePod),
    log: (severity, where, message) => spawn(klog(main, severity, where, message)),
  };
  yield* untilRuntime(context);
  yield* makeQosCgroups(context);
  const informer = new Informer(
    simulation,
    listWatch(client, resources.pods, undefined, {
      fieldSelector: `spec.nodeName=${settings.nodeName}`,
    }),
  );
  const nodes = new Informer(
    simulation,
    listWatch(client, resources.nodes, undefined, {
      fieldSelector: `metadata.name=${settings.nodeName}`,
    }),
  );
  const pods = new PodManager(context, informer);
  yield* serveKubeletApi(context, pods);
  spawn(recorder.run());
  spawn(informer.run());
  spawn(services.run());
  spawn(followRuntime(context, pods));
  spawn(followManifests(context, (list) => pods.setStatic(list)));
  spawn(watchLocalStorage(context, pods));
  spawn(nodes.run());
  spawn(keepNode(context, nodes));
  spawn(makeChains(process));
  spawn(keepLease(context));
  for (;;) yield* process.pause();
}

/** The kubelet's own rules: what comes from elsewhere for 127.0.0.0/8 is dropped (kubelet_network_linux.go). */
function* makeChains(process: Process): Routine<void> {
  const canary = ':KUBE-KUBELET-CANARY - [0:0]';
  const local =
    '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';
  const lines = [
    '*mangle',
    ':KUBE-IPTABLES-HINT - [0:0]',
    canary,
    'COMMIT',
    '*nat',
    canary,
    'COMMIT',
    '*filter',
    canary,
    ':KUBE-FIREWALL - [0:0]',
    `-A KUBE-FIREWALL ${local}`,
    '-A OUTPUT -j KUBE-FIREWALL',
    '-A INPUT -j KUBE-FIREWALL',
    'COMMIT\n',
  ];
  if (!process.network.netfilter.table('filter').chains.has('KUBE-FIREWALL'))
    yield* runWith(process, ['iptables-restore', '-w', '5', '--noflush'], lines.join('\n'));
}

/** Waits until the runtime answers, and keeps what it says of itself. */
function* untilRuntime({ cri, runtime, simulation }: KubeletContext): Routine<void> {
  for (;;) {
    const status = yield* cri.status();
    runtime.networkProblem = networkProblem(status);
    const version = yield* cri.version();
    const handlers = yield* cri.handlers();
    if (!isRpcError(status) && !isRpcError(version) && !isRpcError(handlers)) {
      runtime.name = version.runtimeName;
      runtime.version = version.runtimeVersion.replace(/^v/, '');
      runtime.handlers = handlers;
      return;
    }
    yield* sleepUntil(simulation.now + SECOND);
  }
}

export const kubelet = program('kubelet', (main) => run(main, parseFlags(main.args)));
