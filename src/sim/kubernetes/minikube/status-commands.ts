// minikube status, ip, profile, node list, version, update-context, ssh, kubectl, cp.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { spawn, waitFor } from '../../userland/libc/spawn.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import { compileTemplate, TemplateError } from '../../userland/template/execute.ts';
import { parseYaml } from '../../userland/yaml/read.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { readText } from '../component/kubeconfig.ts';
import { runRemote } from '../remote/ssh.ts';
import {
  kubeconfigPath,
  type NodeStatus,
  partial,
  primaryOf,
  readKubeconfigFile,
  running,
  statusOf,
} from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import {
  listProfiles,
  loadProfile,
  loadSettings,
  machineName,
  type Profile,
  type ProfileNode,
  saveSettings,
} from './profile.ts';
import { exitWith } from './reasons.ts';
import { drawTable } from './table.ts';
import { MINIKUBE_VERSION as VERSION } from './versions.ts';

const COMMIT = '65318f4cfff9c12cc87ec9eb8f4cdd57b25047f3';
const NODE = flag('node', 'string', '', 'n');

function statusText(status: NodeStatus): string {
  const { Name, Host, Kubelet, APIServer, Kubeconfig, Worker, DockerEnv } = status;
  const head = `${Name}\ntype: ${Worker ? 'Worker' : 'Control Plane'}\nhost: ${Host}\nkubelet: ${Kubelet}\n`;
  const env = DockerEnv ? `docker-env: ${DockerEnv}\n` : '';
  return Worker
    ? `${head}\n`
    : `${head}apiserver: ${APIServer}\nkubeconfig: ${Kubeconfig}\n${env}\n`;
}

function rendered(format: string, status: NodeStatus): string | TemplateError {
  try {
    return compileTemplate(format, { name: 'status', type: '*cluster.Status' }).execute(status);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}

/** Bits: 1 a host, 2 the cluster, 4 the kubeconfig. */
function statusCode(statuses: readonly NodeStatus[]): number {
  let code = 0;
  for (const { Host, Kubelet, APIServer, Kubeconfig } of statuses) {
    if (Host !== 'Running') code |= 1;
    if (!['Running', 'Irrelevant'].includes(APIServer) || Kubelet !== 'Running') code |= 2;
    if (!['Configured', 'Irrelevant'].includes(Kubeconfig)) code |= 4;
  }
  return code;
}

function* status(call: Call): Routine<number> {
  const { values, out } = call;
  const output = values.text('output').toLowerCase();
  if (output !== 'text' && values.changed('format'))
    yield* exitWith(out, 'MK_USAGE', 'Cannot use both --output and --format options');
  const profile = yield* partial(call);
  let statuses = yield* statusOf(call, profile);
  if (values.changed('node')) {
    const name = machineName(profile, yield* nodeOf(call, profile));
    statuses = statuses.filter((one) => one.Name === name);
  }
  if (output === 'json') {
    yield* out.plain(JSON.stringify(statuses.length === 1 ? statuses[0] : statuses));
    return statusCode(statuses);
  }
  if (output !== 'text')
    yield* exitWith(
      out,
      'MK_USAGE',
      `invalid output format: ${output}. Valid values: 'text', 'json'`,
    );
  for (const one of statuses) {
    const text = values.changed('format') ? rendered(values.text('format'), one) : statusText(one);
    if (text instanceof TemplateError)
      return yield* exitWith(out, 'MK_STATUS_TEXT', `status text failure: ${text.message}`, true);
    yield* out.plain(text);
    if (one.Kubeconfig === 'Misconfigured')
      yield* out.plain(
        '\nWARNING: Your kubectl is pointing to stale minikube-vm.\nTo fix the kubectl context, run `minikube update-context`\n',
      );
  }
  return statusCode(statuses);
}

/** The node that --node names, by its own or its machine's name. */
export function* nodeOf(call: Call, profile: Profile): Routine<ProfileNode> {
  const name = call.values.text('node');
  if (name === '') return primaryOf(profile);
  const found = profile.Nodes.find(
    (node) => machineName(profile, node) === name || (node.Name !== '' && node.Name === name),
  );
  if (found) return found;
  return yield* exitWith(call.out, 'GUEST_NODE_RETRIEVE', `Node ${name} does not exist.`);
}

function* ip(call: Call): Routine<void> {
  const profile = yield* running(call);
  const node = yield* nodeOf(call, profile);
  yield* call.out.plain(`${node.IP}\n`);
}

function* ssh(call: Call): Routine<number> {
  const profile = yield* running(call);
  const node = yield* nodeOf(call, profile);
  const { main, args } = call;
  const code = yield* runRemote(main, node.IP, args.join(' '), { terminal: args.length === 0 });
  if (code === 0) return 0;
  main.err.put(`ssh: Process exited with status ${code}\n`);
  yield* main.err.flush();
  return 1;
}

/** Runs a program in this one's place, with its streams. */
export function* runOver(call: Call, argv: readonly string[]): Routine<number> {
  const pid = spawn(call.main.process, argv);
  if (isErrno(pid)) return 1;
  const { code, signal } = yield* waitFor(call.main.process, pid);
  return signal ? 1 : code;
}

function* kubectl(call: Call): Routine<number> {
  const { args, name } = call;
  if (args.length === 0) return yield* runOver(call, ['kubectl']);
  const first = args.findIndex((word) => word.startsWith('-'));
  const at = first < 0 ? args.length : first;
  return yield* runOver(call, [
    'kubectl',
    ...args.slice(0, at),
    `--cluster=${name}`,
    ...args.slice(at),
  ]);
}

function* profile(call: Call): Routine<void> {
  const { args, out, name } = call;
  const [wanted] = args;
  const { process } = call.main;
  if (wanted === undefined) return yield* out.step('Empty', name);
  if (args.length > 1)
    yield* exitWith(out, 'MK_USAGE', 'usage: minikube profile [MINIKUBE_PROFILE_NAME]');
  const called = wanted === 'default' ? 'minikube' : wanted;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(called)) {
    yield* out.error('Warning', `Profile name '${called}' is not valid`);
    yield* exitWith(
      out,
      'MK_USAGE',
      "Only alphanumeric and dashes '-' are permitted. Minimum 1 character, starting with alphanumeric.",
    );
  }
  if (!(yield* loadProfile(process, called))) {
    yield* out.error('Failure', `profile "${called}" not found`);
    return yield* out.error(
      'Tip',
      `if you want to create a profile you can by this command: minikube start -p ${called}`,
    );
  }
  saveSettings(process, { ...(yield* loadSettings(process)), profile: called });
  yield* setCurrentContext(call, called);
  yield* out.step('Success', `minikube profile was successfully set to ${called}`);
}

const STATE_CODES: Readonly<Record<string, string>> = { Running: 'OK' };

function* profileList(call: Call): Routine<void> {
  const { values, out, main } = call;
  const output = values.text('output').toLowerCase();
  const profiles = yield* listProfiles(main.process);
  if (output !== 'table' && output !== 'json')
    yield* exitWith(
      out,
      'MK_USAGE',
      `invalid output format: ${output}. Valid values: 'table', 'json'`,
    );
  const file = yield* readKubeconfigFile(call);
  const rows: string[][] = [];
  const valid: object[] = [];
  for (const one of profiles) {
    const [first] = values.is('light') ? [] : yield* statusOf({ ...call, name: one.Name }, one);
    const said =
      first === undefined ? 'Skipped' : (STATE_CODES[first.APIServer] ?? first.APIServer);
    const { IP, Port } = primaryOf(one);
    const { ContainerRuntime, KubernetesVersion } = one.KubernetesConfig;
    const current = file?.['current-context'] === one.Name;
    const port = values.is('detailed') ? [String(Port)] : [];
    const marks = [call.name === one.Name ? '*' : '', current ? '*' : ''];
    const count = String(one.Nodes.length);
    const { Name, Driver } = one;
    rows.push([
      Name,
      Driver,
      ContainerRuntime,
      IP,
      ...port,
      KubernetesVersion,
      said,
      count,
      ...marks,
    ]);
    valid.push({
      Name,
      Status: said,
      Config: one,
      Active: call.name === Name,
      ActiveKubeContext: current,
    });
  }
  if (output === 'json') return yield* out.plain(JSON.stringify({ invalid: [], valid }));
  if (profiles.length === 0)
    yield* exitWith(out, 'MK_USAGE_NO_PROFILE', 'No minikube profile was found.');
  const port = values.is('detailed') ? ['Port'] : [];
  const headings = ['Profile', 'Driver', 'Runtime', 'IP', ...port, 'Version', 'Status', 'Nodes'];
  yield* out.plain(drawTable([...headings, 'Active Profile', 'Active Kubecontext'], rows));
}

function* version(call: Call): Routine<void> {
  const { values, out } = call;
  if (values.text('output') === 'json') {
    const data = { commit: COMMIT, minikubeVersion: VERSION };
    return yield* out.plain(`${JSON.stringify(data)}\n`);
  }
  if (values.text('output') === 'yaml')
    return yield* out.plain(`commit: ${COMMIT}\nminikubeVersion: ${VERSION}\n\n`);
  if (values.is('short')) return yield* out.plain(`${VERSION}\n`);
  yield* out.plain(`minikube version: ${VERSION}\ncommit: ${COMMIT}\n`);
}

interface WholeKubeconfig {
  'current-context'?: string;
  clusters?: { name: string; cluster?: { server?: string } }[];
  contexts?: { name: string }[];
  users?: { name: string }[];
}

/** Changes the kubeconfig in place. */
export function* editKubeconfig(
  call: Pick<Call, 'main' | 'out' | 'name' | 'setting'>,
  edit: (file: WholeKubeconfig) => void,
): Routine<void> {
  const path = kubeconfigPath(call);
  const text = yield* readText(call.main.process, path);
  if (isErrno(text)) return;
  const file = (parseYaml(text) ?? {}) as WholeKubeconfig;
  edit(file);
  yield* writeFile(call.main.process, path, encode(toYaml(file)), 0o600);
}

function setCurrentContext(call: Call, name: string): Routine<void> {
  return editKubeconfig(call, (file) => {
    file['current-context'] = name;
  });
}

function* updateContext(call: Call): Routine<void> {
  const found = yield* running(call);
  const { IP, Port } = primaryOf(found);
  const server = `https://${IP}:${Port}`;
  let changed = false;
  yield* editKubeconfig(call, (file) => {
    const own = file.clusters?.find((one) => one.name === call.name)?.cluster;
    changed = own !== undefined && own.server !== server;
    if (own) own.server = server;
    file['current-context'] = call.name;
  });
  if (changed)
    yield* call.out.step(
      'Celebrate',
      `"${call.name}" context has been updated to point to ${IP}:${Port}`,
    );
  else yield* call.out.step('Meh', `No changes required for the "${call.name}" context`);
  yield* call.out.step('Kubectl', `Current context is "${call.name}"`);
}

export const STATUS_COMMANDS: readonly Command[] = [
  {
    path: 'status',
    flags: [
      flag('format', 'string', '', 'f'),
      flag('output', 'string', 'text', 'o'),
      flag('layout', 'string', 'nodes', 'l'),
      flag('watch', 'duration', '1s', 'w', '1s'),
      NODE,
    ],
    idle: ['layout', 'watch'],
    run: status,
  },
  { path: 'ip', flags: [NODE], run: ip },
  { path: 'ssh', flags: [NODE, flag('native-ssh', 'bool', 'true')], passesOn: true, run: ssh },
  {
    path: 'kubectl',
    flags: [flag('ssh', 'bool', 'false')],
    idle: ['ssh'],
    passesOn: true,
    run: kubectl,
  },
  { path: 'profile', flags: [], run: profile },
  {
    path: 'profile list',
    flags: [
      flag('output', 'string', 'table', 'o'),
      flag('light', 'bool', 'false', 'l'),
      flag('detailed', 'bool', 'false', 'd'),
    ],
    run: profileList,
  },
  {
    path: 'version',
    flags: [
      flag('output', 'string', '', 'o'),
      flag('short', 'bool', 'false'),
      flag('components', 'bool', 'false'),
    ],
    idle: ['components'],
    run: version,
  },
  { path: 'update-context', flags: [], run: updateContext },
];
