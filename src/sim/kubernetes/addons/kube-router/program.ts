// kube-router with --run-firewall alone: NetworkPolicies enforced in the node's iptables and ipsets, rewritten whenever pods,
// namespaces or policies changed what they say. Its router (BGP) and its service proxy (IPVS) are left out.

import { type Routine, WaitQueue, waitUntil } from '../../../core/wait.ts';
import { SECOND } from '../../../core/time.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import { Refusal } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import { networkClient } from '../../component/connect.ts';
import { type Flags, parseFlags } from '../../component/flags.ts';
import { inClusterConfig } from '../../component/kubeconfig.ts';
import { runWith } from '../../component/run-with.ts';
import { klog } from '../../component/klog.ts';
import { endOnSignals } from '../../component/signals.ts';
import { serveHealth } from '../../component/health.ts';
import { ControllerContext } from '../../controllers/context.ts';
import { threadSpawn } from '../../controllers/manager.ts';
import { type ClusterState, isOnNetwork, policyInfos } from './policies.ts';
import { type Firewall, firewallOf, JUMPS, type LocalPod } from './rules.ts';

const HEALTH_PORT = 20_244;
/** Changes that come together are written together. */
const MIN_SYNC = SECOND;

/** Jumps into the chains of kube-router from those of the kernel, before everything else. */
function* setUp(process: Process): Routine<void> {
  const names = Object.entries(JUMPS);
  const text = [
    '*filter',
    ...names.map(([, chain]) => `:${chain} - [0:0]`),
    ...names.map(
      ([from, chain]) => `-I ${from} 1 -m comment --comment "kube-router netpol" -j ${chain}`,
    ),
    'COMMIT',
    '',
  ].join('\n');
  yield* runWith(process, ['iptables-restore', '-w', '5', '--noflush'], text);
}

/** Sets are filled anew before the rules name them, and go after no rule names them any more. */
function* write(process: Process, next: Firewall, before: Firewall | undefined): Routine<boolean> {
  const sets = [...next.sets].flatMap(([name, { type, entries }]) => [
    `create ${name} ${type} family inet hashsize 1024 maxelem 65536 timeout 0`,
    `flush ${name}`,
    ...entries.map((entry) => `add ${name} ${entry}`),
  ]);
  const filled = yield* runWith(process, ['ipset', 'restore', '-exist'], `${sets.join('\n')}\n`);
  const stale = [...(before?.chains ?? [])].filter((name) => !next.chains.has(name));
  const heads = stale.map((name) => `:${name} - [0:0]\n`).join('');
  const gone = stale.map((name) => `-X ${name}\n`).join('');
  const text = next.text
    .replace('*filter\n', `*filter\n${heads}`)
    .replace(/COMMIT\n$/, `${gone}COMMIT\n`);
  const restore = ['iptables-restore', '-w', '5', '--noflush'];
  const written = yield* runWith(process, restore, text);
  const left = [...(before?.sets.keys() ?? [])].filter((name) => !next.sets.has(name));
  const destroy = left.map((name) => `destroy ${name}\n`).join('');
  if (destroy !== '') yield* runWith(process, ['ipset', 'restore', '-exist'], destroy);
  return filled === 0 && written === 0;
}

function localPods({ pods }: ClusterState, node: string): LocalPod[] {
  return pods
    .filter((pod) => pod.spec.nodeName === node && isOnNetwork(pod))
    .map(({ metadata, status }) => ({
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      address: status?.podIP ?? '',
    }))
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

function* follow(
  main: Main,
  context: ControllerContext,
  node: string,
  range: string,
): Routine<never> {
  const { process } = main;
  const { simulation } = process;
  const changed = new WaitQueue();
  let dirty = true;
  const note = (): void => {
    dirty = true;
    changed.wake();
  };
  const pods = context.informer(resources.pods);
  const namespaces = context.informer(resources.namespaces);
  const policies = context.informer(resources.networkPolicies);
  for (const informer of [pods, namespaces, policies]) {
    informer.onChange(note);
    yield* informer.waitForSync();
  }
  yield* setUp(process);
  yield* klog(main, 'I', 'network_policy_controller.go:166', 'Starting network policy controller');
  let before: Firewall | undefined;
  let meaning = '';
  for (;;) {
    dirty = false;
    const state = {
      pods: [...pods.values()],
      namespaces: [...namespaces.values()],
      policies: [...policies.values()],
    };
    const infos = policyInfos(state);
    const local = localPods(state, node);
    const plain = firewallOf(infos, local, range, '');
    const now = `${plain.text}${JSON.stringify([...plain.sets])}`;
    if (now !== meaning) {
      simulation.because('kube-router writes the rules of network policies', {
        kind: 'rule',
        name: JUMPS.FORWARD,
        machine: node,
      });
      const next = firewallOf(infos, local, range, String(process.now));
      if (yield* write(process, next, before)) {
        before = next;
        meaning = now;
      } else
        yield* klog(
          main,
          'E',
          'network_policy_controller.go:270',
          'Aborting sync. Failed to run iptables-restore',
        );
    }
    yield* process.sleep(MIN_SYNC);
    yield* waitUntil(changed, () => dirty);
  }
}

function* run(main: Main, flags: Flags): Routine<number> {
  const { process } = main;
  endOnSignals(process, 0);
  for (const [flag, what] of [
    ['run-router', 'kube-router --run-router'],
    ['run-service-proxy', 'kube-router --run-service-proxy'],
  ] as const)
    if (flags.get(flag) !== 'false') return yield* notSimulated(main, what);
  const config = yield* inClusterConfig(process);
  if (typeof config === 'string') {
    yield* klog(
      main,
      'E',
      'kube-router.go:69',
      `Failed to run kube-router: failed to build configuration from CLI: ${config}`,
    );
    return 1;
  }
  const client = networkClient(process, config, 'kube-router');
  const name = process.environment.get('NODE_NAME') ?? process.hostname;
  const node = yield* client.get(resources.nodes, '', name);
  if (node instanceof Refusal) {
    yield* klog(main, 'E', 'kube-router.go:74', `Failed to run kube-router: ${node.message}`);
    return 1;
  }
  serveHealth(process, HEALTH_PORT);
  const context = new ControllerContext(process.simulation, client, threadSpawn(process));
  const range = flags.get('service-cluster-ip-range') ?? '10.96.0.0/12';
  return yield* follow(main, context, name, range);
}

export const kubeRouter = program('kube-router', (main) =>
  run(main, parseFlags(main.args, ['run-router', 'run-firewall', 'run-service-proxy'])),
);
