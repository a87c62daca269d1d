// What `minikube start` refuses before it does anything: versions out of range, too little memory, too many processors.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import type { Call } from './command.ts';
import type { Profile } from './profile.ts';
import { Exit, exitWith, type ReasonId } from './reasons.ts';
import { compareVersions, KUBERNETES_VERSION, OLDEST_VERSION, parseVersion } from './versions.ts';

const LEAST_MEMORY = 1800;
const LEAST_CPUS = 2;

/** Tells a reason; goes on where --force is given. */
function* unlessForced(call: Call, id: ReasonId, message: string): Routine<void> {
  if (!call.values.is('force')) yield* exitWith(call.out, id, message);
  yield* call.out.error('Failure', message);
}

function* checkVersion(call: Call, existing: Profile | undefined): Routine<void> {
  const { out } = call;
  const asked = call.setting('kubernetes-version') ?? '';
  if (asked === '' || asked === 'stable' || asked === 'latest') return;
  const text = asked.replace(/^v/, '');
  const given = parseVersion(text);
  const newest = parseVersion(KUBERNETES_VERSION);
  const oldest = parseVersion(OLDEST_VERSION);
  if (!given || !newest || !oldest) {
    const why = /^\d+\.\d+$/.test(text) ? undefined : 'No Major.Minor.Patch elements found';
    if (why) yield* exitWith(out, 'MK_USAGE', `Unable to parse "${text}": ${why}`);
    return;
  }
  const force = 'You can force an unsupported Kubernetes version via the --force flag';
  if (compareVersions(given, newest) > 0) {
    yield* out.error(
      'Warning',
      given[0] > newest[0]
        ? `Specified Major version of Kubernetes ${given[0]} is newer than the newest supported Major version: ${newest[0]}`
        : `Specified Kubernetes version ${text} is newer than the newest supported version: ${KUBERNETES_VERSION}. Use \`minikube config defaults kubernetes-version\` for details.`,
    );
    if (given[0] === newest[0])
      yield* out.error(
        'Warning',
        `Specified Kubernetes version ${text} not found in Kubernetes version list`,
      );
    if (given[0] === newest[0])
      yield* out.step('Verifying', 'Searching the internet for Kubernetes version...');
    const unlisted =
      'Kubernetes version not found in GitHub version list. You can force a Kubernetes version via the --force flag';
    yield* out.error('Warning', given[0] === newest[0] ? unlisted : force);
    const message = `Kubernetes version ${text} is not supported by this release of minikube`;
    const major = `Kubernetes ${text} is not supported by this release of minikube`;
    yield* unlessForced(call, 'K8S_NEW_UNSUPPORTED', given[0] === newest[0] ? message : major);
  }
  if (compareVersions(given, oldest) < 0) {
    yield* out.error(
      'Warning',
      `Specified Kubernetes version ${text} is less than the oldest supported version: ${OLDEST_VERSION}. Use \`minikube config defaults kubernetes-version\` for details.`,
    );
    yield* out.error('Warning', force);
    const message = `Kubernetes ${text} is not supported by this release of minikube`;
    yield* unlessForced(call, 'K8S_OLD_UNSUPPORTED', message);
  }
  const old = existing && parseVersion(existing.KubernetesConfig.KubernetesVersion);
  if (old && compareVersions(given, old) < 0)
    yield* exitWith(
      out,
      'K8S_DOWNGRADE_UNSUPPORTED',
      `Unable to safely downgrade existing Kubernetes v${old.join('.')} cluster to v${text}`,
    );
}

/** `2048`, `2g`, `2048mb` in MiB; undefined where it is no size. */
function megabytes(text: string): number | undefined {
  const [, number, unit = 'm'] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const scale: Readonly<Record<string, number>> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 ** 2 };
  return Math.floor(Number(number) * (scale[unit.toLowerCase() || 'm'] ?? 1));
}

function* checkMemory(call: Call): Routine<void> {
  const { out } = call;
  const asked = call.setting('memory') ?? '';
  if (asked === '' || asked === 'max' || asked === 'no-limit') return;
  const size = megabytes(asked);
  if (size === undefined)
    yield* exitWith(out, 'MK_USAGE', `Unable to parse memory '${asked}': invalid size: '${asked}'`);
  else if (size < LEAST_MEMORY)
    yield* unlessForced(
      call,
      'RSRC_INSUFFICIENT_REQ_MEMORY',
      `Requested memory allocation ${size}MiB is less than the usable minimum of ${LEAST_MEMORY}MB`,
    );
}

function* checkCpus(call: Call): Routine<void> {
  const asked = call.setting('cpus') ?? '';
  if (asked === '' || asked === 'max' || asked === 'no-limit') return;
  const count = Number(asked);
  const available = call.main.process.task.kernel.processors.count;
  if (count < LEAST_CPUS)
    yield* unlessForced(
      call,
      'RSRC_INSUFFICIENT_CORES',
      `Requested cpu count ${count} is less than the minimum allowed of ${LEAST_CPUS}`,
    );
  if (count > available)
    yield* unlessForced(
      call,
      'RSRC_INSUFFICIENT_CORES',
      `Requested cpu count ${count} is greater than the available cpus of ${available}`,
    );
}

/** Checks flags that a driver over SSH does not act on, and those that are not simulated. */
function* checkOthers(call: Call): Routine<void> {
  const { main } = call;
  const cni = call.setting('cni') ?? '';
  const runtime = call.setting('container-runtime') ?? '';
  const nodes = Number(call.setting('nodes') ?? '1');
  let missing: string | undefined;
  if (!['', 'auto', 'bridge'].includes(cni)) missing = `minikube start --cni=${cni}`;
  if (!['', 'containerd'].includes(runtime))
    missing = `minikube start --container-runtime=${runtime}`;
  if (nodes > 1) missing = `minikube start --nodes=${nodes}`;
  if (missing !== undefined) throw new Exit(yield* notSimulated(main, missing));
}

/** Refuses what cannot be started. */
export function* checkRequest(call: Call, existing: Profile | undefined): Routine<void> {
  yield* checkVersion(call, existing);
  yield* checkMemory(call);
  yield* checkCpus(call);
  yield* checkOthers(call);
}
