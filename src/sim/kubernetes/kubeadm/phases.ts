// The workflow of init: its phases in order, each with its parts; run as a whole, without some, or one at a time.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { contextOf, type RunContext } from './context.ts';
import { Failure } from './failure.ts';
import { loadConfiguration } from './load-configuration.ts';
import { imagesOf } from './manifests.ts';
import {
  addonPhase,
  bootstrapTokenPhase,
  markControlPlanePhase,
  showJoinCommandPhase,
  uploadConfigPhase,
} from './phase-cluster.ts';
import {
  certsPhase,
  controlPlanePhase,
  etcdPhase,
  KUBECONFIG_PHASES,
  kubeconfigPhase,
} from './phase-files.ts';
import { kubeletFinalizePhase, kubeletStartPhase, waitControlPlanePhase } from './phase-kubelet.ts';
import { CERT_PHASES } from './pki.ts';
import { preflightPhase } from './preflight.ts';
import { type Call, say } from './settings.ts';

interface Phase {
  readonly name: string;
  /** Names of its parts; a phase without parts is run itself. */
  readonly parts?: readonly string[];
  /** What is said before the parts when all of them run. */
  readonly before?: (context: RunContext) => string;
  run(context: RunContext, part: string): Routine<void>;
}

/** The phases of init. */
const PHASES: readonly Phase[] = [
  { name: 'preflight', run: (context) => preflightPhase(context, imagesOf(context.cluster)) },
  {
    name: 'certs',
    parts: CERT_PHASES,
    before: ({ certDirectory }) => `[certs] Using certificateDir folder "${certDirectory}"`,
    run: certsPhase,
  },
  {
    name: 'kubeconfig',
    parts: Object.keys(KUBECONFIG_PHASES),
    before: ({ kubeconfigDirectory }) =>
      `[kubeconfig] Using kubeconfig folder "${kubeconfigDirectory}"`,
    run: kubeconfigPhase,
  },
  { name: 'etcd', parts: ['local'], run: etcdPhase },
  {
    name: 'control-plane',
    parts: ['apiserver', 'controller-manager', 'scheduler'],
    before: () => '[control-plane] Using manifest folder "/etc/kubernetes/manifests"',
    run: controlPlanePhase,
  },
  { name: 'kubelet-start', run: kubeletStartPhase },
  { name: 'wait-control-plane', run: waitControlPlanePhase },
  { name: 'upload-config', parts: ['kubeadm', 'kubelet'], run: uploadConfigPhase },
  { name: 'upload-certs', run: uploadCertsPhase },
  { name: 'mark-control-plane', run: markControlPlanePhase },
  { name: 'bootstrap-token', run: bootstrapTokenPhase },
  {
    name: 'kubelet-finalize',
    parts: ['enable-client-cert-rotation'],
    run: kubeletFinalizePhase,
  },
  { name: 'addon', parts: ['coredns', 'kube-proxy'], run: addonPhase },
  { name: 'show-join-command', run: showJoinCommandPhase },
];

function* uploadCertsPhase({ main }: RunContext): Routine<void> {
  yield* say(main, '[upload-certs] Skipping phase. Please see --upload-certs');
}

/** Runs one step of the workflow; a failure says in which phase it was. */
function* step(context: RunContext, phase: Phase, part: string): Routine<void> {
  const name = part === '' ? phase.name : `${phase.name}/${part}`;
  try {
    yield* phase.run(context, part);
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.text.startsWith('error execution phase'))
      throw failure;
    throw new Failure(`error execution phase ${name}: ${failure.text}`);
  }
}

function* runPhase(context: RunContext, phase: Phase, skipped: ReadonlySet<string>): Routine<void> {
  if (phase.before) yield* say(context.main, phase.before(context));
  for (const part of phase.parts ?? [''])
    if (!skipped.has(`${phase.name}/${part}`)) yield* step(context, phase, part);
}

/** What has no effect here, and says so. */
function missingFlag({ flags }: Call): string | undefined {
  if (flags.is('dry-run')) return '--dry-run';
  if (flags.is('upload-certs')) return '--upload-certs';
  return ['patches', 'rootfs', 'certificate-key'].find((name) => flags.text(name) !== '');
}

/** kubeadm init. */
export function* runInit(call: Call): Routine<number> {
  const { main, flags } = call;
  const missing = missingFlag(call);
  if (missing !== undefined) return yield* notSimulated(main, `kubeadm init ${missing}`);
  const { cluster, init } = yield* loadConfiguration(call);
  const context = contextOf(call, cluster, init);
  yield* say(main, `[init] Using Kubernetes version: ${cluster.kubernetesVersion}`);
  const skipped = new Set([...flags.list('skip-phases'), ...(init.skipPhases ?? [])]);
  const known = PHASES.flatMap(({ name, parts = [] }) => [
    name,
    ...parts.map((one) => `${name}/${one}`),
  ]);
  for (const name of skipped)
    if (!known.includes(name)) throw new Failure(`invalid phase name: ${name}`);
  for (const phase of PHASES)
    if (!skipped.has(phase.name)) yield* runPhase(context, phase, skipped);
  return 0;
}

/** Phases by their paths: `init phase certs ca`, `init phase certs all`. */
export const PHASE_COMMANDS: Readonly<Record<string, (call: Call) => Routine<number>>> =
  Object.fromEntries(
    PHASES.flatMap((phase) => {
      const whole = function* (call: Call): Routine<number> {
        return yield* runAlone(call, phase, phase.parts ?? ['']);
      };
      if (!phase.parts) return [[`init phase ${phase.name}`, whole] as const];
      const parts = phase.parts.map((part) => {
        const one = function* (call: Call): Routine<number> {
          return yield* runAlone(call, phase, [part]);
        };
        return [`init phase ${phase.name} ${part}`, one] as const;
      });
      return [[`init phase ${phase.name} all`, whole] as const, ...parts];
    }),
  );

function* runAlone(call: Call, phase: Phase, parts: readonly string[]): Routine<number> {
  const missing = missingFlag(call);
  if (missing !== undefined)
    return yield* notSimulated(call.main, `kubeadm init phase ${phase.name} ${missing}`);
  const { cluster, init } = yield* loadConfiguration(call);
  const context = contextOf(call, cluster, init);
  const all = parts.length > 1;
  if (all && phase.before) yield* say(call.main, phase.before(context));
  for (const part of parts) yield* step(context, phase, part);
  return 0;
}
