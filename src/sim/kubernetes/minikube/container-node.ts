// A node as a container (minikube's docker driver, pkg/drivers/kic): a network of its own, a volume for /var, and a privileged
// container in which systemd runs. What is left out: the preloaded images, which nodes pull here; port forwarding for engines in
// a virtual machine.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Call } from './command.ts';
import { type Ran, runHere } from './node-runner.ts';
import { machineName, type Profile, type ProfileNode } from './profile.ts';
import { exitWith } from './reasons.ts';

const VERSION = 'v0.0.48';
const IMAGE = `gcr.io/k8s-minikube/kicbase:${VERSION}`;
const LABEL = 'created_by.minikube.sigs.k8s.io=true';
/** The first network that is tried, and how far the next are from it. */
const FIRST_SUBNET = 49;
const SUBNET_STEP = 9;
const MOST_SUBNETS = 20;
const SSH = 22;
const SSH_WITHIN = 60 * SECOND;
/** Ports of a node that are published on the host: the API server's, ssh, an engine's, a registry's, and one more. */
const PUBLISHED = [SSH, 2376, 5000, 32_443];

function docker(call: Call, ...words: string[]): Routine<Ran> {
  return runHere(call.main.process, ['docker', ...words]);
}

/** Runs docker, or ends the command. */
function* must(call: Call, ...words: string[]): Routine<Ran> {
  const ran = yield* docker(call, ...words);
  if (ran.status === 0) return ran;
  const said = `docker ${words.join(' ')}: exit status ${ran.status}\nstdout:\n${ran.out}\nstderr:\n${ran.err}`;
  return yield* exitWith(
    call.out,
    'GUEST_PROVISION',
    `error provisioning guest: Failed to start host: creating host: create: creating: create kic node: ${said}`,
    true,
  );
}

/** A flag of start; '' for commands that have it not. */
const flagText = ({ values }: Call, name: string): string =>
  values.changed(name) ? values.text(name) : '';

const nameLabel = (name: string): string => `name.minikube.sigs.k8s.io=${name}`;

/** The first three numbers of an address. */
const prefixOf = (address: string): string => address.split('.').slice(0, 3).join('.');

/** Makes the cluster's network, or finds it; the first three numbers of its addresses. */
function* makeNetwork(call: Call, name: string): Routine<string> {
  const format = '{{range .IPAM.Config}}{{.Subnet}}{{end}}';
  const known = yield* docker(call, 'network', 'inspect', name, '--format', format);
  if (known.status === 0) return prefixOf(known.out.trim());
  const asked = flagText(call, 'static-ip') || flagText(call, 'subnet');
  for (let i = 0; i < MOST_SUBNETS; i++) {
    const prefix = asked === '' ? `192.168.${FIRST_SUBNET + i * SUBNET_STEP}` : prefixOf(asked);
    const made = yield* docker(
      call,
      ...['network', 'create', '--driver=bridge', `--subnet=${prefix}.0/24`],
      ...[`--gateway=${prefix}.1`, `--label=${LABEL}`, `--label=${nameLabel(name)}`, name],
    );
    if (made.status === 0) return prefix;
    if (asked !== '') break;
  }
  return yield* exitWith(
    call.out,
    'GUEST_PROVISION',
    `error provisioning guest: Failed to start host: creating host: create: creating: setting up container node: failed to find free subnet for docker network ${name} after ${MOST_SUBNETS} attempts`,
    true,
  );
}

/** What is published on the host, on the address that is asked for. */
function publications(call: Call, port: number): string[] {
  const host = flagText(call, 'listen-address') || '127.0.0.1';
  const own = (call.values.changed('ports') ? call.values.list('ports') : []).map(
    (one) => `--publish=${one}`,
  );
  return [...[port, ...PUBLISHED].map((one) => `--publish=${host}::${one}`), ...own];
}

/** --mount: a folder of the host in the node. */
function mounts(call: Call): string[] {
  if (!call.values.changed('mount') || !call.values.is('mount')) return [];
  const home = call.main.process.environment.get('HOME') ?? '/root';
  const text = call.values.text('mount-string') || `${home}:/minikube-host`;
  return ['--volume', text];
}

/** Waits until the node can be reached over ssh. */
function* waitForSsh(call: Call, address: string): Routine<void> {
  const { process } = call.main;
  const until = process.now + SSH_WITHIN;
  while (process.now < until) {
    const fd = process.socket('inet', 'stream');
    if (isErrno(fd)) return;
    const refused = yield* process.connect(fd, { address, port: SSH });
    process.close(fd);
    if (refused === undefined) return;
    yield* process.sleep(SECOND / 2);
  }
}

/** What every start of the container does: packets are passed on and seen by the firewall, and the cluster's names are known. */
function* settle(call: Call, name: string, address: string, controlPlane: string): Routine<void> {
  yield* waitForSsh(call, address);
  const gateway = `${prefixOf(address)}.1`;
  const script = [
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables',
    `printf '${gateway}\\thost.minikube.internal\\n${controlPlane}\\tcontrol-plane.minikube.internal\\n' >> /etc/hosts`,
  ].join('; ');
  yield* must(call, 'exec', name, 'sh', '-c', script);
}

/** The last number of a node's address: the gateway is the first, the first node the second. */
function indexOf({ Name }: ProfileNode): number {
  return Name === '' ? 2 : Number(Name.slice(1)) + 1;
}

/** Makes the container of a cluster's node; its address. */
export function* createContainer(call: Call, profile: Profile, node: ProfileNode): Routine<string> {
  const { Memory, CPUs } = profile;
  const name = machineName(profile, node);
  yield* call.out.step('Pulling', `Pulling base image ${VERSION} ...`);
  yield* must(call, 'pull', '-q', IMAGE);
  yield* call.out.step(
    'StartingVM',
    `Creating docker container (CPUs=${CPUs}, Memory=${Memory}MB) ...`,
  );
  const prefix = yield* makeNetwork(call, profile.Name);
  const isFirst = node.Name === '';
  const fixed = isFirst && call.values.changed('static-ip') ? call.values.text('static-ip') : '';
  const address = fixed || `${prefix}.${indexOf(node)}`;
  const port = node.Port;
  yield* must(call, 'volume', 'create', name, '--label', nameLabel(name), '--label', LABEL);
  yield* must(
    call,
    ...['run', '-d', '-t', '--privileged', '--security-opt', 'seccomp=unconfined'],
    ...['--tmpfs', '/tmp', '--tmpfs', '/run', '--hostname', name, '--name', name],
    ...['--label', LABEL, '--label', nameLabel(name), '--label', 'role.minikube.sigs.k8s.io='],
    ...[
      '--label',
      'mode.minikube.sigs.k8s.io=minikube',
      '--network',
      profile.Name,
      '--ip',
      address,
    ],
    ...['--volume', `${name}:/var`, ...mounts(call)],
    ...(Memory > 0 ? [`--memory=${Memory}mb`] : []),
    ...(CPUs > 0 ? [`--cpus=${CPUs}`] : []),
    ...['-e', 'container=docker', '--expose', String(port), ...publications(call, port), IMAGE],
  );
  const first = isFirst ? address : (profile.Nodes[0]?.IP ?? address);
  yield* settle(call, name, address, first);
  return address;
}

/** Wakes the container of a node, where it sleeps. */
export function* wakeContainer(call: Call, profile: Profile, node: ProfileNode): Routine<void> {
  const name = machineName(profile, node);
  yield* call.out.step('Pulling', `Pulling base image ${VERSION} ...`);
  const state = yield* docker(call, 'container', 'inspect', name, '--format={{.State.Status}}');
  if (state.out.trim() === 'running') {
    yield* call.out.step('Running', `Updating the running docker "${name}" container ...`);
    return;
  }
  yield* call.out.step('Restarting', `Restarting existing docker container for "${name}" ...`);
  yield* must(call, 'start', name);
  yield* settle(call, name, node.IP, profile.Nodes[0]?.IP ?? node.IP);
}

/** Stops the container of a node. */
export function* stopContainer(call: Call, name: string): Routine<void> {
  yield* call.out.step('Shutdown', `Powering off "${name}" via SSH ...`);
  yield* docker(call, 'stop', name);
}

/** Takes away everything that docker keeps of a node. */
export function* deleteContainer(call: Call, name: string, quiet = false): Routine<void> {
  if (!quiet) yield* call.out.step('DeletingHost', `Deleting container "${name}" ...`);
  yield* docker(call, 'rm', '-f', '-v', name);
  yield* docker(call, 'volume', 'rm', '-f', name);
}

/** Takes away a cluster's network, once no node is on it. */
export function* deleteNetwork(call: Call, name: string): Routine<void> {
  yield* docker(call, 'network', 'rm', name);
}
