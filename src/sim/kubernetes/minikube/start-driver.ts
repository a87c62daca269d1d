// The driver of a cluster's machine: the one that is asked for, that an existing cluster has, or that is found here; and what is
// said where its provider is missing or must not be used.

import type { Routine } from '../../core/wait.ts';
import { findProgram } from '../../userland/libc/spawn.ts';
import type { Call } from './command.ts';
import { loadProfile, type Profile } from './profile.ts';
import { Exit, exitWith } from './reasons.ts';
import { SUPPORTED_DRIVERS } from './versions.ts';

/** The driver that is asked for, or that is there. */
export function* selectDriver(call: Call, existing: Profile | undefined): Routine<string> {
  const { out } = call;
  const asked = call.setting('driver') ?? call.setting('vm-driver');
  if (existing) {
    yield* out.step('Sparkle', `Using the ${existing.Driver} driver based on existing profile`);
    const given = call.values.text('driver');
    if (given !== '' && given !== existing.Driver) yield* driverMismatch(call, existing, given);
    return existing.Driver;
  }
  if (asked) {
    if (!SUPPORTED_DRIVERS.includes(asked))
      yield* exitWith(
        out,
        'DRV_UNSUPPORTED_OS',
        `The driver '${asked}' is not supported on linux/amd64`,
      );
    yield* out.step('Sparkle', `Using the ${asked} driver based on user configuration`);
    return asked;
  }
  if (findProgram(call.main.process, 'docker')) {
    yield* out.step(
      'Sparkle',
      'Automatically selected the docker driver. Other choices: none, ssh',
    );
    return 'docker';
  }
  yield* out.step('Sparkle', 'Automatically selected the ssh driver');
  return 'ssh';
}

function driverMismatch(call: Call, existing: Profile, given: string): Routine<never> {
  const { Name, Driver } = existing;
  return exitWith(
    call.out,
    'GUEST_DRIVER_MISMATCH',
    `The existing "${Name}" cluster was created using the "${Driver}" driver, which is incompatible with requested "${given}" driver.`,
  );
}

const PROVIDERS: Readonly<Record<string, readonly [string, string, string]>> = {
  virtualbox: ['VBoxManage', 'unable to find VBoxManage in $PATH', 'Install VirtualBox'],
  kvm2: ['virsh', 'exec: "virsh": executable file not found in $PATH', 'Install libvirt'],
  qemu2: [
    'qemu-system-x86_64',
    'exec: "qemu-system-x86_64": executable file not found in $PATH',
    'Install qemu-system',
  ],
  vmware: [
    'vmrun',
    'exec: "docker-machine-driver-vmware": executable file not found in $PATH',
    'Install docker-machine-driver-vmware',
  ],
  docker: ['docker', 'exec: "docker": executable file not found in $PATH', 'Install Docker'],
  podman: ['podman', 'exec: "podman": executable file not found in $PATH', 'Install Podman'],
};

/** Drivers whose page stands among the reference. */
const REFERENCE: readonly string[] = ['virtualbox', 'kvm2', 'vmware', 'qemu2'];

/** A driver whose provider is missing ends the command. */
export function* checkDriver(call: Call, driver: string): Routine<void> {
  const { main, out } = call;
  const [program, missing, advice] = PROVIDERS[driver] ?? [];
  if (program && missing && !findProgram(main.process, program)) {
    yield* out.plain('\n');
    const id = `PROVIDER_${driver.toUpperCase()}_NOT_FOUND`;
    yield* out.error(
      'Shrug',
      `Exiting due to ${id}: The '${driver}' provider was not found: ${missing}`,
    );
    yield* out.error('Tip', `Suggestion: ${advice}`);
    const folder = REFERENCE.includes(driver) ? 'reference/drivers' : 'drivers';
    const page = `https://minikube.sigs.k8s.io/docs/${folder}/${driver}/`;
    yield* out.error('Documentation', `Documentation: ${page}`);
    yield* out.plain('\n');
    yield* ended(65);
  }
}

/** Root is refused, or warned where --force is given (validateUser); not with the driver none. */
export function* checkUser(call: Call, driver: string): Routine<void> {
  const { main, out } = call;
  if (driver === 'none' || main.process.uid !== 0) return;
  yield* out.error(
    'Stopped',
    `The "${driver}" driver should not be used with root privileges. If you wish to continue as root, use --force.`,
  );
  yield* out.error('Tip', 'If you are running minikube within a VM, consider using --driver=none:');
  yield* out.error('Documentation', '  https://minikube.sigs.k8s.io/docs/reference/drivers/none/');
  if (yield* loadProfile(main.process, call.name))
    yield* out.error(
      'Tip',
      `Tip: To remove this root owned cluster, run: sudo minikube delete${call.name === 'minikube' ? '' : ` -p ${call.name}`}`,
    );
  if (!['true', '1'].includes(call.setting('force') ?? ''))
    yield* exitWith(
      out,
      'DRV_AS_ROOT',
      `The "${driver}" driver should not be used with root privileges.`,
    );
}

// biome-ignore lint/correctness/useYield: it ends the command
function* ended(status: number): Routine<never> {
  throw new Exit(status);
}
