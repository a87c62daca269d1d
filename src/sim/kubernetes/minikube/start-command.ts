// minikube start: checks what is asked for, has kubeadm make the cluster on a machine that is reached over SSH, or wakes one
// that was stopped. Other drivers, more nodes and other versions of Kubernetes are left out and say so.

import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { encode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { findProgram } from '../../userland/libc/spawn.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { dirName, writeFile } from '../../userland/libc/whole-file.ts';
import { parseYaml } from '../../userland/yaml/read.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { readText } from '../component/kubeconfig.ts';
import { findAddon, imagesOf } from './addons/catalog.ts';
import { applyAddon } from './addons-command.ts';
import { kubeconfigPath, onPrimary, primaryOf, statusOf } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { createContainer, wakeContainer } from './container-node.ts';
import { checkExtraForm, extraOptions, kubeadmFlags } from './extra-config.ts';
import { KUBELET_DROP_IN, kubeletDropIn, newProfile } from './files.ts';
import { type ClusterOptions, kubeadmConfig } from './kubeadm-config.ts';
import { configureNetwork, tellNetworkName } from './pod-network.ts';
import type { Ran } from './node-runner.ts';
import { plannedWorker, startWorker } from './nodes.ts';
import { loadProfile, type Profile, saveProfile } from './profile.ts';
import { exitWith } from './reasons.ts';
import { endpointOf, runtimeOf, setUpRuntime, tellRuntime } from './runtime-setup.ts';
import { checkFlags, checkRequest, megabytes } from './start-checks.ts';
import { checkDriver, checkUser, selectDriver } from './start-driver.ts';
import { KUBERNETES_VERSION, MINIKUBE_VERSION } from './versions.ts';

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

/** Where an administrator's kubectl is run on the node. */
const KUBECTL = 'KUBECONFIG=/etc/kubernetes/admin.conf kubectl';

/** A fresh cluster: kubeadm init, what minikube adds to it. */
function* create(call: Call, profile: Profile, options: ClusterOptions): Routine<void> {
  const [node] = profile.Nodes;
  if (!node) return;
  yield* mustRun(call, profile, 'mkdir -p /var/tmp/minikube /etc/cni/net.d');
  const config = kubeadmConfig(profile.Name, node, options);
  yield* mustRun(call, profile, 'cat > /var/tmp/minikube/kubeadm.yaml', config);
  const { ContainerRuntime } = profile.KubernetesConfig;
  const dropIn = kubeletDropIn(profile.Name, node.IP, options.extra.kubelet, ContainerRuntime);
  const write = `mkdir -p ${dirName(KUBELET_DROP_IN)} && cat > ${KUBELET_DROP_IN} && systemctl daemon-reload`;
  yield* mustRun(call, profile, write, dropIn);
  const skipped = [
    'SystemVerification',
    'Swap',
    'NumCPU',
    'Mem',
    'Port-10250',
    'DirAvailable--etc-kubernetes-manifests',
  ];
  for (const [name, value] of Object.entries(options.extra))
    for (const [key, setting] of Object.entries(value ?? {}))
      yield* call.out.step('Option', `${name}.${key}=${setting}`);
  yield* mustRun(
    call,
    profile,
    `kubeadm init --config /var/tmp/minikube/kubeadm.yaml --ignore-preflight-errors=${skipped.join(',')}${kubeadmFlags(options.extra)}`,
  );
  yield* configureNetwork(call, profile, (line, input) => mustRun(call, profile, line, input));
  yield* mustRun(
    call,
    profile,
    `${KUBECTL} label --overwrite nodes ${profile.Name} minikube.k8s.io/name=${profile.Name} minikube.k8s.io/primary=true minikube.k8s.io/version=${MINIKUBE_VERSION}`,
  );
  yield* mustRun(
    call,
    profile,
    `${KUBECTL} create clusterrolebinding minikube-rbac --clusterrole=cluster-admin --serviceaccount=kube-system:default`,
  );
  yield* mustRun(call, profile, `${KUBECTL} -n kube-system scale deployment coredns --replicas=1`);
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
  const admin = parseYaml(ran.out) as Kubeconfig;
  const { Name: name } = profile;
  const [node] = profile.Nodes;
  const path = kubeconfigPath(call);
  const text = yield* readText(call.main.process, path);
  const file = ((isErrno(text) ? undefined : parseYaml(text)) ?? {}) as Kubeconfig;
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
      {
        context: { cluster: name, namespace: profile.KubernetesConfig.Namespace, user: name },
        name,
      },
    ],
    'current-context': call.values.is('keep-context') ? (file['current-context'] ?? '') : name,
    kind: 'Config',
    users: [...others(file.users), { name, user: admin.users?.[0]?.user ?? {} }],
  };
  makeDirectories(call.main.process, dirName(path));
  const bytes = encode(toYaml(written));
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

/** A new cluster's profile with what the flags say of it. */
function plannedProfile(call: Call, driver: string, address: string): Profile {
  const { values } = call;
  const fresh = newProfile(call.name, address, runtimeOf(call, driver));
  const size = (
    name: string,
    usual: number,
    read: (text: string) => number | undefined,
  ): number => {
    const text = call.setting(name) ?? '';
    return text === 'no-limit' || text === 'max' ? 0 : (text && read(text)) || usual;
  };
  const port = values.number('apiserver-port') || undefined;
  const asked = Object.fromEntries(values.list('addons').map((name) => [name, true]));
  const Addons = values.is('install-addons') ? { ...fresh.Addons, ...asked } : {};
  return {
    ...fresh,
    Driver: driver,
    SSHIPAddress: driver === 'ssh' ? address : '',
    CPUs: size('cpus', fresh.CPUs, Number),
    Memory: size('memory', fresh.Memory, megabytes),
    Addons,
    KubernetesConfig: {
      ...fresh.KubernetesConfig,
      CNI: call.setting('cni') ?? '',
      Namespace: values.text('namespace') || 'default',
    },
    Nodes: fresh.Nodes.map((node) => ({ ...node, ...(port ? { Port: port } : {}) })),
    ...(Number(call.setting('nodes') ?? '1') > 1 ? { MultiNodeRequested: true } : {}),
  };
}

/** A profile whose first node has an address. */
function withAddress(profile: Profile, IP: string): Profile {
  return { ...profile, Nodes: profile.Nodes.map((node) => ({ ...node, IP })) };
}

/** Has a machine for a new cluster made, or looks at the one that is there; the profile with its address. */
function* newMachine(call: Call, profile: Profile): Routine<Profile> {
  if (profile.Driver === 'docker')
    return withAddress(profile, yield* createContainer(call, profile, primaryOf(profile)));
  yield* showHost(call, profile);
  return profile;
}

/** Starts the cluster of a profile, a new one or one that was stopped; the profile as it is then. */
function* bringUp(call: Call, profile: Profile, isNew: boolean): Routine<Profile> {
  const { out, name, values } = call;
  const extra = yield* extraOptions(call);
  const names = ['apiserver-name', 'apiserver-names', 'apiserver-ips'].flatMap((flag) =>
    values.changed(flag) ? values.list(flag) : [],
  );
  if (call.setting('network-plugin') === 'cni')
    yield* out.error(
      'Warning',
      'With --network-plugin=cni, you will need to provide your own CNI. See --cni flag as a user-friendly alternative',
    );
  if (profile.Driver === 'docker' && isNew)
    yield* out.step('Notice', 'Using Docker driver with root privileges');
  yield* out.step('ThumbsUp', `Starting "${name}" primary control-plane node in "${name}" cluster`);
  if (isNew) {
    const placed = yield* newMachine(call, profile);
    yield* setUpRuntime(call, placed, primaryOf(placed));
    yield* tellRuntime(call, placed, primaryOf(placed));
    const socket = endpointOf(placed.KubernetesConfig.ContainerRuntime);
    yield* create(call, placed, { extra, names, socket });
    return placed;
  }
  if (profile.Driver === 'docker') yield* wakeContainer(call, profile, primaryOf(profile));
  else yield* out.step('Running', `Updating the running ssh "${name}" bare metal machine ...`);
  yield* tellRuntime(call, profile, primaryOf(profile));
  yield* onPrimary(call, profile, 'systemctl enable kubelet; systemctl start kubelet');
  yield* tellNetworkName(call, profile);
  return profile;
}

/** Starts the nodes beside the first: as many as are asked for, or those that are known. */
function* startWorkers(call: Call, profile: Profile, isNew: boolean): Routine<void> {
  const known = profile.Nodes.slice(1);
  const count = isNew ? Number(call.setting('nodes') ?? '1') - 1 : known.length;
  const before = [primaryOf(profile).IP];
  let grown = profile;
  for (let i = 0; i < count; i++) {
    yield* call.out.plain('\n');
    const planned = known[i] ?? plannedWorker(profile, i + 2);
    const node = yield* startWorker(call, grown, planned, before);
    before.push(node.IP);
    if (!isNew) continue;
    grown = { ...grown, Nodes: [...grown.Nodes, node] };
    saveProfile(call.main.process, grown);
  }
}

/** A cluster's name: letters, digits and dashes, two at least. */
function* checkName({ out, name }: Call): Routine<void> {
  if (/^[a-zA-Z0-9][a-zA-Z0-9-]+$/.test(name)) return;
  yield* out.error('Warning', `Profile name '${name}' is not valid`);
  yield* exitWith(
    out,
    'MK_USAGE',
    "Only alphanumeric and dashes '-' are permitted. Minimum 2 characters, starting with alphanumeric.",
  );
}

function* start(call: Call): Routine<number> {
  const { out, main, name, values } = call;
  yield* checkExtraForm(call);
  yield* announce(call);
  yield* checkName(call);
  const existing = yield* loadProfile(main.process, name);
  yield* checkRequest(call, existing);
  const driver = yield* selectDriver(call, existing);
  yield* checkDriver(call, driver);
  yield* checkFlags(call, driver, existing);
  const address = existing?.SSHIPAddress ?? call.setting('ssh-ip-address') ?? '';
  yield* extraOptions(call);
  yield* checkUser(call, driver);
  const asked = call.setting('kubernetes-version');
  if (
    asked &&
    !['stable', 'latest', KUBERNETES_VERSION, KUBERNETES_VERSION.slice(1)].includes(asked)
  )
    return yield* notSimulated(main, `Kubernetes ${asked}`);
  if (values.is('dry-run')) {
    yield* out.step('DryRun', 'dry-run validation complete!');
    return 0;
  }
  const planned = existing ?? plannedProfile(call, driver, address);
  const profile = yield* bringUp(call, planned, !existing);
  saveProfile(main.process, profile);
  yield* writeAccess(call, profile);
  yield* verify(call, profile);
  yield* enableAddons(call, profile);
  yield* startWorkers(call, profile, !existing);
  if (!findProgram(main.process, 'kubectl'))
    yield* out.step(
      'Tip',
      "kubectl not found. If you need it, try: 'minikube kubectl -- get pods -A'",
    );
  if (values.is('keep-context'))
    yield* out.step('Kubectl', `To connect to this cluster, use:  --context=${name}`);
  else
    yield* out.step(
      'Ready',
      `Done! kubectl is now configured to use "${name}" cluster and "${profile.KubernetesConfig.Namespace}" namespace by default`,
    );
  return 0;
}

/** Flags of start that are known. */
const STRINGS =
  'driver vm-driver kubernetes-version memory disk-size cpus cni network-plugin ssh-ip-address network base-image image-repository iso-url mount-string subnet static-ip listen-address apiserver-name feature-gates insecure-registry registry-mirror wait wait-timeout namespace gpus ssh-user ssh-key dns-domain service-cluster-ip-range output cert-expiration binary-mirror host-dns-resolver'.split(
    ' ',
  );
const SWITCHES =
  'force install-addons dry-run download-only no-kubernetes ha mount preload interactive delete-on-failure embed-certs keep-context vm'.split(
    ' ',
  );
const NUMBERS = 'nodes apiserver-port ssh-port'.split(' ');

/** What of these is acted on, or makes no difference to a machine that is reached over SSH. */
const HONOURED = new Set(
  'driver vm-driver kubernetes-version memory cpus nodes disk-size force ssh-ip-address container-runtime cni network-plugin interactive preload wait install-addons dry-run keep-context embed-certs namespace apiserver-port apiserver-name feature-gates static-ip subnet listen-address delete-on-failure ports mount mount-string'.split(
    ' ',
  ),
);

const SHORT: Readonly<Record<string, string>> = { nodes: 'n' };
const ON = ['install-addons', 'preload', 'interactive'];

export const START_COMMANDS: readonly Command[] = [
  {
    path: 'start',
    flags: [
      ...STRINGS.map((name) => flag(name, 'string', '')),
      flag('container-runtime', 'string', '', 'c'),
      flag('extra-config', 'array', ''),
      ...['addons', 'apiserver-names', 'apiserver-ips', 'ports'].map((name) =>
        flag(name, 'strings', ''),
      ),
      ...SWITCHES.map((name) => flag(name, 'bool', ON.includes(name) ? 'true' : 'false')),
      ...NUMBERS.map((name) => flag(name, 'int', name === 'nodes' ? '1' : '0', SHORT[name])),
    ],
    idle: [...STRINGS, ...SWITCHES, ...NUMBERS].filter((name) => !HONOURED.has(name)),
    run: start,
  },
];
