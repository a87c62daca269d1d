// The cluster that a command works on: its profile, what of it runs, and when a command can do nothing (mustload, status).

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { httpRequest, isHttpFailure } from '../../userland/http/client.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import { networkClient, targetOf } from '../component/connect.ts';
import { type ConnectionConfig, loadKubeconfig, readText } from '../component/kubeconfig.ts';
import { type Ran, runHere, runOnNode } from './node-runner.ts';
import type { Output } from './output.ts';
import { loadProfile, machineName, type Profile, type ProfileNode } from './profile.ts';
import { Exit } from './reasons.ts';
import { ACTIVE_DOCKERD } from './shells.ts';

/** What every command is given. */
export interface ProfileContext {
  readonly main: Main;
  readonly out: Output;
  /** The profile's name. */
  readonly name: string;
  /** A flag, a variable MINIKUBE_…, a setting; undefined where none is given. */
  setting(name: string): string | undefined;
}

/** What `minikube status` says of a node. */
export interface NodeStatus {
  readonly Name: string;
  readonly Host: string;
  readonly Kubelet: string;
  readonly APIServer: string;
  readonly Kubeconfig: string;
  readonly Worker: boolean;
  /** This shell's docker talks to the node's engine. */
  readonly DockerEnv?: string;
}

const SSH = 22;

function exampleCommand(name: string, action: string): string {
  return name === 'minikube' ? `minikube ${action}` : `minikube ${action} -p ${name}`;
}

function* tip(call: ProfileContext, action: string, status: number): Routine<never> {
  const command = exampleCommand(call.name, action);
  yield* call.out.step('Workaround', `To start a cluster, run: "${command}"`);
  throw new Exit(status);
}

/** The profile, running or not (mustload.Partial). */
export function* partial(call: ProfileContext): Routine<Profile> {
  const profile = yield* loadProfile(call.main.process, call.name);
  if (profile) return profile;
  yield* call.out.step(
    'Shrug',
    `Profile "${call.name}" not found. Run "minikube profile list" to view all profiles.`,
  );
  return yield* tip(call, 'start', 85);
}

/** True where a node's machine runs: its container, or what answers at its address. */
export function* isReachable(
  call: ProfileContext,
  profile: Profile,
  node: ProfileNode,
): Routine<boolean> {
  const { process } = call.main;
  if (profile.Driver === 'docker') {
    const name = machineName(profile, node);
    const words = ['docker', 'container', 'inspect', name, '--format={{.State.Status}}'];
    return (yield* runHere(process, words)).out.trim() === 'running';
  }
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return false;
  const refused = yield* process.connect(fd, { address: node.IP, port: SSH });
  process.close(fd);
  return refused === undefined;
}

/** The profile of a cluster whose first node runs (mustload.Running). */
export function* running(call: ProfileContext): Routine<Profile> {
  const profile = yield* partial(call);
  const node = primaryOf(profile);
  if (yield* isReachable(call, profile, node)) return profile;
  const name = machineName(profile, node);
  yield* call.out.step(
    'Shrug',
    `The control-plane node ${name} host is not running: state=Stopped`,
  );
  return yield* tip(call, 'start', 83);
}

/** The profile of a cluster whose API server answers (mustload.Healthy). */
export function* healthy(call: ProfileContext): Routine<Profile> {
  const profile = yield* running(call);
  const state = yield* apiServerState(call, profile);
  const name = machineName(profile, primaryOf(profile));
  if (state === 'Running') return profile;
  if (state === 'Paused') {
    yield* call.out.step('Shrug', `The control-plane node ${name} apiserver is paused`);
    return yield* tip(call, 'unpause', 103);
  }
  const about = `The control-plane node ${name} apiserver is not running: (state=${state})`;
  yield* call.out.step('Shrug', about);
  return yield* tip(call, 'start', 103);
}

export function primaryOf(profile: Profile): ProfileNode {
  const [node] = profile.Nodes;
  if (!node) throw new Error(`the profile ${profile.Name} has no node`);
  return node;
}

/** Runs a command line on the first node. */
export function onPrimary(
  call: ProfileContext,
  profile: Profile,
  line: string,
  input = '',
): Routine<Ran> {
  return runOnNode(call.main.process, primaryOf(profile).IP, line, input);
}

/** The ids of the API server's containers, and whether they are frozen. */
function* apiServerState(call: ProfileContext, profile: Profile): Routine<string> {
  const found = yield* onPrimary(call, profile, 'pgrep -o -x kube-apiserver');
  if (found.status !== 0) return 'Stopped';
  const group = yield* onPrimary(
    call,
    profile,
    `cat /sys/fs/cgroup$(cut -d: -f3 /proc/${found.out.trim()}/cgroup)/cgroup.freeze`,
  );
  if (group.out.trim() === '1') return 'Paused';
  const config = yield* kubeconfigOf(call, profile.Name);
  if (!config) return 'Stopped';
  const { process } = call.main;
  const target = targetOf(config);
  const answer = yield* httpRequest(
    process,
    target,
    {
      method: 'GET',
      path: '/healthz',
      query: new Map(),
      headers: { host: `${target.host}:${target.port}` },
      body: Content.empty,
    },
    { connectBy: process.now + 5 * SECOND, answerBy: process.now + 5 * SECOND },
  );
  if (isHttpFailure(answer)) return 'Stopped';
  return answer.status === 200 ? 'Running' : 'Error';
}

interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly name: string; readonly cluster?: { server?: string } }[];
  readonly contexts?: readonly { readonly name: string }[];
}

/** The kubeconfig's path: KUBECONFIG, else below the home directory. */
export function kubeconfigPath({ main: { process } }: ProfileContext): string {
  const given = process.environment.get('KUBECONFIG')?.split(':')[0];
  return given || `${process.environment.get('HOME') ?? '/root'}/.kube/config`;
}

/** The kubeconfig as it is read; undefined where there is none. */
export function* readKubeconfigFile(call: ProfileContext): Routine<KubeconfigFile | undefined> {
  const text = yield* readText(call.main.process, kubeconfigPath(call));
  const read = isErrno(text) ? undefined : parseYaml(text);
  return read instanceof YamlProblem
    ? undefined
    : ((read ?? undefined) as KubeconfigFile | undefined);
}

/** How the kubeconfig reaches the cluster that is called `name`; undefined where it does not. */
function* kubeconfigOf(call: ProfileContext, name: string): Routine<ConnectionConfig | undefined> {
  const config = yield* loadKubeconfig(call.main.process, kubeconfigPath(call), name);
  return typeof config === 'string' || config.server === '' ? undefined : config;
}

/** A client of the cluster. */
export function* clientOf(call: ProfileContext, profile: Profile): Routine<ApiClient> {
  const config = yield* kubeconfigOf(call, profile.Name);
  if (!config) throw new Exit(109);
  return networkClient(call.main.process, config, 'minikube');
}

/** Whether the kubeconfig points at the cluster. */
function* kubeconfigState(call: ProfileContext, profile: Profile): Routine<string> {
  const file = yield* readKubeconfigFile(call);
  const cluster = file?.clusters?.find(({ name }) => name === profile.Name);
  const { IP, Port } = primaryOf(profile);
  return cluster?.cluster?.server === `https://${IP}:${Port}` ? 'Configured' : 'Misconfigured';
}

/** What is to be said of every node. */
export function* statusOf(call: ProfileContext, profile: Profile): Routine<readonly NodeStatus[]> {
  const statuses: NodeStatus[] = [];
  for (const node of profile.Nodes) {
    const Name = machineName(profile, node);
    const Worker = !node.ControlPlane;
    if (!(yield* isReachable(call, profile, node))) {
      const Kubeconfig = Worker ? 'Irrelevant' : 'Stopped';
      const APIServer = Worker ? 'Irrelevant' : 'Stopped';
      statuses.push({ Name, Host: 'Stopped', Kubelet: 'Stopped', APIServer, Kubeconfig, Worker });
      continue;
    }
    const active = yield* runOnNode(
      call.main.process,
      node.IP,
      'systemctl is-active --quiet kubelet',
    );
    const Kubelet = active.status === 0 ? 'Running' : 'Stopped';
    const APIServer = Worker ? 'Irrelevant' : yield* apiServerState(call, profile);
    const Kubeconfig = Worker ? 'Irrelevant' : yield* kubeconfigState(call, profile);
    const inUse = call.main.process.environment.get(ACTIVE_DOCKERD) ? { DockerEnv: 'in-use' } : {};
    const facts = { Name, Host: 'Running', Kubelet, APIServer, Kubeconfig, Worker };
    statuses.push({ ...facts, ...inUse });
  }
  return statuses;
}

/** Waits until an object of a Service can be read; a refusal where it cannot. */
export function* serviceExists(
  client: ApiClient,
  namespace: string,
  name: string,
): Routine<boolean> {
  return !((yield* client.get(resources.services, namespace, name)) instanceof Refusal);
}
