// What `minikube start` refuses before it does anything: versions out of range, too little memory, too many processors.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import type { Call } from './command.ts';
import type { Profile } from './profile.ts';
import { Exit, exitWith, type ReasonId } from './reasons.ts';
import { runtimeOf } from './runtime-setup.ts';
import { compareVersions, KUBERNETES_VERSION, OLDEST_VERSION, parseVersion } from './versions.ts';

const LEAST_MEMORY = 1800;
const LEAST_CPUS = 2;

/** Tells a reason; goes on where --force is given. */
function* unlessForced(call: Call, id: ReasonId, message: string): Routine<void> {
  if (!['true', '1'].includes(call.setting('force') ?? '')) yield* exitWith(call.out, id, message);
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
export function megabytes(text: string): number | undefined {
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
    yield* exitWith(
      out,
      'MK_USAGE',
      `Unable to parse memory '${asked}': FromHumanSize: invalid size: '${asked}'`,
    );
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

const RUNTIMES = ['docker', 'cri-o', 'containerd'];
const LEAST_DISK = 2000;

/** What is wrong with a private IPv4 subnet; undefined where nothing is. */
function subnetProblem(text: string): string | undefined {
  const match = /^(\d+)\.(\d+)\.\d+\.\d+(?:\/(\d+))?$/.exec(text);
  if (!match) return `Sorry, unable to parse subnet: failed to parse IP address "${text}"`;
  const [, first, second, mask] = match.map(Number);
  const isPrivate =
    first === 10 ||
    (first === 192 && second === 168) ||
    (first === 172 && second !== undefined && second >= 16 && second < 32);
  if (!isPrivate) return `Sorry, the subnet ${text.replace(/\/.*/, '')} is not a private IP`;
  return mask !== undefined && mask > 30
    ? 'Sorry, the subnet provided does not have a mask less than or equal to /30'
    : undefined;
}

/** Flags whose values are looked at, whatever the driver; those that others than docker's do not act on are passed over. */
function* checkValues(call: Call, driver: string): Routine<void> {
  const { out, values } = call;
  const disk = values.changed('disk-size') ? values.text('disk-size') : undefined;
  const size = disk === undefined ? undefined : megabytes(disk);
  if (disk !== undefined && size === undefined)
    yield* unlessForced(
      call,
      'MK_USAGE',
      `Validation unable to parse disk size ${disk}: FromHumanSize: invalid size: '${disk}'`,
    );
  else if (size !== undefined && size < LEAST_DISK)
    yield* unlessForced(
      call,
      'MK_USAGE',
      `Requested disk size ${size} is less than minimum of ${LEAST_DISK}`,
    );
  const address = values.text('listen-address');
  if (address !== '' && !/^\d+\.\d+\.\d+\.\d+$|:/.test(address))
    yield* exitWith(
      out,
      'MK_USAGE',
      `Sorry, the IP provided with the --listen-address flag is invalid: ${address}.`,
    );
  const wrong = values.changed('subnet') ? subnetProblem(values.text('subnet')) : undefined;
  if (wrong !== undefined) yield* exitWith(out, 'MK_USAGE', wrong);
  const runtime = call.setting('container-runtime') ?? '';
  if (runtime !== '' && ![...RUNTIMES, 'crio', 'auto'].includes(runtime))
    yield* exitWith(
      out,
      'MK_USAGE',
      `Invalid Container Runtime: ${runtime}. Valid runtimes are: [${RUNTIMES.join(' ')}]`,
    );
  if (call.setting('cni')?.toLowerCase() === 'false' && runtime === 'containerd')
    yield* exitWith(out, 'MK_USAGE', 'The "containerd" container runtime requires CNI');
  if (values.text('static-ip') !== '') yield* checkStaticIp(call, driver);
}

/** --static-ip is for nodes that are containers. */
function* checkStaticIp(call: Call, driver: string): Routine<void> {
  const { out, values } = call;
  const address = values.text('static-ip');
  if (driver !== 'docker') {
    yield* out.error(
      'Warning',
      '--static-ip is only implemented on Docker and Podman drivers, flag will be ignored',
    );
    return;
  }
  if (values.text('subnet') !== '')
    yield* out.error('Warning', '--static-ip overrides --subnet, --subnet will be ignored');
  const last = Number(address.split('.')[3]);
  let problem: string | undefined;
  if (subnetProblem(address) !== undefined) problem = 'static IP must be private';
  else if (last < 2 || last > 254)
    problem =
      'static IPs last octet must be between 2 and 254 (X.X.X.2 - X.X.X.254), for example 192.168.200.200';
  if (problem !== undefined) yield* exitWith(out, 'MK_USAGE', problem);
}

/** Pod networks that minikube has and that are not modelled. */
const OTHER_NETWORKS = ['calico', 'cilium'];

/** Checks what is not simulated. */
function* checkOthers(call: Call, driver: string, existing: boolean): Routine<void> {
  const { main } = call;
  const cni = call.setting('cni') ?? '';
  const runtime = runtimeOf(call, driver);
  const nodes = Number(call.setting('nodes') ?? '1');
  let missing: string | undefined;
  if (OTHER_NETWORKS.includes(cni)) missing = `minikube start --cni=${cni}`;
  if (!existing && runtime !== 'containerd' && (runtime !== 'docker' || driver !== 'docker'))
    missing = `minikube start --container-runtime=${runtime}`;
  const kindnet = ['kindnet', 'true'].includes(cni);
  if (kindnet && driver !== 'docker') missing = `minikube start --cni=${cni}`;
  if (nodes > 1 && driver !== 'docker') missing = `minikube start --nodes=${nodes}`;
  if (missing !== undefined) throw new Exit(yield* notSimulated(main, missing));
}

/** Refuses values of flags that no driver takes, once the driver is known. */
export function* checkFlags(
  call: Call,
  driver: string,
  existing: Profile | undefined,
): Routine<void> {
  const address = existing?.SSHIPAddress ?? call.setting('ssh-ip-address') ?? '';
  if (!address && driver === 'ssh')
    yield* exitWith(
      call.out,
      'MK_USAGE',
      'No IP address provided. Try specifying --ssh-ip-address, or see https://minikube.sigs.k8s.io/docs/drivers/ssh/',
    );
  yield* checkValues(call, driver);
  yield* checkCpus(call);
  yield* checkMemory(call);
  if (driver !== 'ssh' && driver !== 'docker')
    throw new Exit(yield* notSimulated(call.main, `minikube start with the driver ${driver}`));
  yield* checkOthers(call, driver, existing !== undefined);
}

/** Refuses what cannot be started. */
export function* checkRequest(call: Call, existing: Profile | undefined): Routine<void> {
  yield* checkVersion(call, existing);
}
