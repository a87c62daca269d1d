// minikube start: checks what is asked for, has kubeadm make the cluster on a machine that is reached over SSH, or wakes one
// that was stopped. Other drivers, more nodes and other versions of Kubernetes are left out and say so.

import { dump, load } from 'js-yaml';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { encode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { findProgram } from '../../userland/libc/spawn.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { dirName, writeFile } from '../../userland/libc/whole-file.ts';
import { readText } from '../component/kubeconfig.ts';
import { findAddon, imagesOf } from './addons/catalog.ts';
import { applyAddon } from './addons-command.ts';
import { kubeconfigPath, onPrimary, statusOf } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { newProfile } from './files.ts';
import { BRIDGE_CNI, kubeadmConfig } from './kubeadm-config.ts';
import type { Ran } from './node-runner.ts';
import { loadProfile, type Profile, saveProfile } from './profile.ts';
import { Exit, exitWith } from './reasons.ts';
import { checkRequest } from './start-checks.ts';
import { KUBERNETES_VERSION, MINIKUBE_VERSION, SUPPORTED_DRIVERS } from './versions.ts';

const READY_WITHIN = 4 * 60 * SECOND;

/** `Debian 12.12`. */
function* platform(call: Call): Routine<string> {
  const text = yield* readText(call.main.process, '/etc/debian_version');
  return `Debian ${isErrno(text) ? '12' : text.trim()}`;
}

function* announce(call: Call): Routine<void> {
  const prefix = call.name === 'minikube' ? '' : `[${call.name}] `;
  const on = yield* platform(call);
  yield* call.out.step('Happy', `${prefix}minikube ${MINIKUBE_VERSION} on ${on}`);
  for (const [name, value] of call.main.process.environment)
    if (name.startsWith('MINIKUBE_') || name === 'KUBECONFIG')
      yield* call.out.step('Option', `${name}=${value}`);
}

/** The driver that is asked for, or that is there. */
function* selectDriver(call: Call, existing: Profile | undefined): Routine<string> {
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
  podman: ['podman', 'exec: "podman": executable file not found in $PATH', 'Podman was not found'],
};

/** A driver whose provider is missing, or that must not be used by root, ends the command. */
function* checkDriver(call: Call, driver: string): Routine<void> {
  const { main, out, values } = call;
  const [program, missing, advice] = PROVIDERS[driver] ?? [];
  if (program && missing && !findProgram(main.process, program)) {
    yield* out.plain('\n');
    const id = `PROVIDER_${driver.toUpperCase()}_NOT_FOUND`;
    yield* out.error(
      'Shrug',
      `Exiting due to ${id}: The '${driver}' provider was not found: ${missing}`,
    );
    yield* out.error('Tip', `Suggestion: ${advice}`);
    const page = `https://minikube.sigs.k8s.io/docs/drivers/${driver}/`;
    yield* out.error('Documentation', `Documentation: ${page}`);
    yield* out.plain('\n');
    yield* ended(65);
  }
  if (!['docker', 'podman'].includes(driver) || main.process.uid !== 0) return;
  yield* out.error(
    'Stopped',
    `The "${driver}" driver should not be used with root privileges. If you wish to continue as root, use --force.`,
  );
  yield* out.error('Tip', 'If you are running minikube within a VM, consider using --driver=none:');
  yield* out.error('Documentation', '  https://minikube.sigs.k8s.io/docs/reference/drivers/none/');
  if (!values.is('force'))
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

function* mustRun(call: Call, profile: Profile, line: string, input = ''): Routine<Ran> {
  const ran = yield* onPrimary(call, profile, line, input);
  if (ran.status === 0) return ran;
  const said = (ran.err || ran.out).trim();
  return yield* exitWith(call.out, 'GUEST_START', `failed to start node: ${line}: ${said}`, true);
}

/** How much the node's machine has, in one line. */
function* showHost(call: Call, profile: Profile): Routine<void> {
  const line =
    "nproc; awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo; df -m / | awk 'NR == 2 {print $2}'";
  const ran = yield* onPrimary(call, profile, line);
  const [cpus, memory, disk] = ran.out.split('\n');
  yield* call.out.step(
    'StartingSSH',
    `Running remotely (CPUs=${cpus}, Memory=${memory}MB, Disk=${disk}MB) ...`,
  );
}

function* prepare(call: Call, profile: Profile): Routine<void> {
  const ran = yield* onPrimary(call, profile, 'containerd --version');
  const version = /v?(\d+\.\d+\.\d+)/.exec(ran.out)?.[1] ?? '';
  yield* call.out.step(
    'Containerd',
    `Preparing Kubernetes ${KUBERNETES_VERSION} on containerd ${version} ...`,
  );
}

/** A fresh cluster: kubeadm init, what minikube adds to it. */
function* create(call: Call, profile: Profile): Routine<void> {
  const [node] = profile.Nodes;
  if (!node) return;
  yield* mustRun(call, profile, 'mkdir -p /var/tmp/minikube /etc/cni/net.d');
  const config = kubeadmConfig(profile.Name, node);
  yield* mustRun(call, profile, 'cat > /var/tmp/minikube/kubeadm.yaml', config);
  const skipped = [
    'SystemVerification',
    'Swap',
    'NumCPU',
    'Mem',
    'Port-10250',
    'DirAvailable--etc-kubernetes-manifests',
  ];
  yield* mustRun(
    call,
    profile,
    `kubeadm init --config /var/tmp/minikube/kubeadm.yaml --ignore-preflight-errors=${skipped.join(',')}`,
  );
  yield* call.out.step('CNI', 'Configuring bridge CNI (Container Networking Interface) ...');
  yield* mustRun(call, profile, 'cat > /etc/cni/net.d/1-k8s.conflist', BRIDGE_CNI);
  const kubectl = 'KUBECONFIG=/etc/kubernetes/admin.conf kubectl';
  yield* mustRun(
    call,
    profile,
    `${kubectl} label --overwrite nodes ${profile.Name} minikube.k8s.io/name=${profile.Name} minikube.k8s.io/primary=true minikube.k8s.io/version=${MINIKUBE_VERSION}`,
  );
  yield* mustRun(
    call,
    profile,
    `${kubectl} create clusterrolebinding minikube-rbac --clusterrole=cluster-admin --serviceaccount=kube-system:default`,
  );
  yield* mustRun(call, profile, `${kubectl} -n kube-system scale deployment coredns --replicas=1`);
}

interface Kubeconfig {
  apiVersion?: string;
  kind?: string;
  'current-context'?: string;
  clusters?: { name: string; cluster: object }[];
  contexts?: { name: string; context: object }[];
  users?: { name: string; user: object }[];
}

/** Takes the administrator's access from the node into the kubeconfig here, under the cluster's name. */
function* writeAccess(call: Call, profile: Profile): Routine<void> {
  const ran = yield* mustRun(call, profile, 'cat /etc/kubernetes/admin.conf');
  const admin = load(ran.out) as Kubeconfig;
  const { Name: name } = profile;
  const [node] = profile.Nodes;
  const path = kubeconfigPath(call);
  const text = yield* readText(call.main.process, path);
  const file = ((isErrno(text) ? undefined : load(text)) ?? {}) as Kubeconfig;
  const others = <T extends { name: string }>(list: T[] | undefined): T[] =>
    (list ?? []).filter((one) => one.name !== name);
  const server = `https://${node?.IP}:${node?.Port}`;
  const written: Kubeconfig = {
    apiVersion: 'v1',
    clusters: [
      ...others(file.clusters),
      { cluster: { ...admin.clusters?.[0]?.cluster, server }, name },
    ],
    contexts: [
      ...others(file.contexts),
      { context: { cluster: name, namespace: 'default', user: name }, name },
    ],
    'current-context': name,
    kind: 'Config',
    users: [...others(file.users), { name, user: admin.users?.[0]?.user ?? {} }],
  };
  makeDirectories(call.main.process, dirName(path));
  const bytes = encode(dump(written, { noRefs: true, lineWidth: -1 }));
  yield* writeFile(call.main.process, path, bytes, 0o600);
}

/** Waits until the API server and the node are ready. */
function* verify(call: Call, profile: Profile): Routine<void> {
  const { process } = call.main;
  yield* call.out.step('HealthCheck', 'Verifying Kubernetes components...');
  const until = process.now + READY_WITHIN;
  const ready = `KUBECONFIG=/etc/kubernetes/admin.conf kubectl get node ${profile.Name} -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'`;
  for (;;) {
    const [first] = yield* statusOf(call, profile);
    const ran = yield* onPrimary(call, profile, ready);
    if (first?.APIServer === 'Running' && ran.out.trim() === 'True') return;
    if (process.now > until)
      yield* exitWith(
        call.out,
        'GUEST_START',
        'failed to start node: wait 6m0s for node: wait node condition: context deadline exceeded',
        true,
      );
    yield* process.sleep(SECOND);
  }
}

function* enableAddons(call: Call, profile: Profile): Routine<void> {
  const names = Object.keys(profile.Addons).filter((name) => profile.Addons[name]);
  for (const name of names) {
    const objects = findAddon(name)?.objects;
    if (!objects) continue;
    for (const image of new Set(imagesOf(objects)))
      yield* call.out.step('Option', `Using image ${image}`);
    yield* applyAddon(call, profile, objects, true);
  }
  yield* call.out.step('AddonEnable', `Enabled addons: ${names.sort().join(', ')}`);
}

function* start(call: Call): Routine<number> {
  const { out, main, name } = call;
  yield* announce(call);
  const existing = yield* loadProfile(main.process, name);
  yield* checkRequest(call, existing);
  const driver = yield* selectDriver(call, existing);
  yield* checkDriver(call, driver);
  const asked = call.setting('kubernetes-version');
  if (
    asked &&
    !['stable', 'latest', KUBERNETES_VERSION, KUBERNETES_VERSION.slice(1)].includes(asked)
  )
    return yield* notSimulated(main, `Kubernetes ${asked}`);
  if (driver !== 'ssh')
    return yield* notSimulated(main, `minikube start with the driver ${driver}`);
  const address = existing?.SSHIPAddress ?? call.setting('ssh-ip-address');
  if (!address)
    return yield* exitWith(
      out,
      'MK_USAGE',
      'No IP address provided. Try specifying --ssh-ip-address, or see https://minikube.sigs.k8s.io/docs/drivers/ssh/',
    );
  const profile = existing ?? newProfile(name, address);
  yield* out.step('ThumbsUp', `Starting "${name}" primary control-plane node in "${name}" cluster`);
  if (existing) {
    yield* out.step('Running', `Updating the running ssh "${name}" bare metal machine ...`);
    yield* prepare(call, profile);
    yield* onPrimary(call, profile, 'systemctl enable kubelet; systemctl start kubelet');
    yield* out.step('CNI', 'Configuring bridge CNI (Container Networking Interface) ...');
  } else {
    yield* showHost(call, profile);
    yield* prepare(call, profile);
    yield* create(call, profile);
  }
  saveProfile(main.process, profile);
  yield* writeAccess(call, profile);
  yield* verify(call, profile);
  yield* enableAddons(call, profile);
  if (!findProgram(main.process, 'kubectl'))
    yield* out.step(
      'Tip',
      "kubectl not found. If you need it, try: 'minikube kubectl -- get pods -A'",
    );
  yield* out.step(
    'Ready',
    `Done! kubectl is now configured to use "${name}" cluster and "default" namespace by default`,
  );
  return 0;
}

/** Flags of start that are known. */
const STRINGS =
  'driver vm-driver kubernetes-version memory disk-size cpus cni container-runtime network-plugin ssh-ip-address network base-image image-repository iso-url mount-string subnet static-ip apiserver-name feature-gates extra-config insecure-registry registry-mirror addons wait wait-timeout ports namespace'.split(
    ' ',
  );
const SWITCHES =
  'force install-addons dry-run download-only no-kubernetes ha mount preload interactive delete-on-failure embed-certs keep-context vm'.split(
    ' ',
  );
const NUMBERS = 'nodes apiserver-port ssh-port'.split(' ');

/** What of these is acted on, or makes no difference here. */
const HONOURED = new Set(
  'driver vm-driver kubernetes-version memory cpus nodes disk-size force ssh-ip-address container-runtime cni network-plugin interactive preload wait'.split(
    ' ',
  ),
);

const SHORT: Readonly<Record<string, string>> = { nodes: 'n' };

export const START_COMMANDS: readonly Command[] = [
  {
    path: 'start',
    flags: [
      ...STRINGS.map((name) => flag(name, 'string', '')),
      ...SWITCHES.map((name) => flag(name, 'bool', 'false')),
      ...NUMBERS.map((name) => flag(name, 'int', name === 'nodes' ? '1' : '0', SHORT[name])),
    ],
    idle: [...STRINGS, ...SWITCHES, ...NUMBERS].filter((name) => !HONOURED.has(name)),
    run: start,
  },
];
