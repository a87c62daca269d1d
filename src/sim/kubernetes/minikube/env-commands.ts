// minikube docker-env and podman-env: the variables by which a shell's docker talks to the engine of the cluster's node.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { onPrimary, primaryOf, running } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { certificatesFolder, DOCKER_PORT } from './docker-runtime.ts';
import type { Profile } from './profile.ts';
import { exitWith } from './reasons.ts';
import { ACTIVE_DOCKERD, existingVariables, setScript, unsetScript } from './shells.ts';

const AGENT = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID'];
const DOCKER_NAMES = [
  'DOCKER_TLS_VERIFY',
  'DOCKER_HOST',
  'DOCKER_CERT_PATH',
  ACTIVE_DOCKERD,
  ...AGENT,
];
const PODMAN_NAMES = [
  'PODMAN_VARLINK_BRIDGE',
  'CONTAINER_HOST',
  'CONTAINER_SSHKEY',
  'MINIKUBE_ACTIVE_PODMAN',
];

/** The shell that is meant: --shell, else the one of SHELL. */
function shellOf({ values, main }: Call): string {
  const given = values.text('shell');
  const own = main.process.environment.get('SHELL') || 'bash';
  return given === '' ? own.slice(own.lastIndexOf('/') + 1) : given;
}

/** NO_PROXY under the name that it has here, with a node's address among the others. */
function noProxy(call: Call, address: string): readonly [string, string] {
  const { environment } = call.main.process;
  const lower = environment.get('no_proxy') ?? '';
  const name = lower === '' ? 'NO_PROXY' : 'no_proxy';
  const value = lower === '' ? (environment.get('NO_PROXY') ?? '') : lower;
  if (value === '') return [name, address];
  return [name, value.includes(address) ? value : `${value},${address}`];
}

/** Prints data as --output says for `--shell none`; false where it is a script that is wanted. */
function* printed(call: Call, data: object, lines: readonly string[]): Routine<boolean> {
  const output = call.values.text('output');
  if (shellOf(call) !== 'none' || output === '') return false;
  const { out } = call.main;
  if (output === 'text') out.put(lines.map((line) => `${line}\n`).join(''));
  else if (output === 'json') out.put(`${JSON.stringify(data)}\n`);
  else if (output === 'yaml') out.put(toYaml(data));
  else
    yield* exitWith(
      call.out,
      'MK_OUTPUT_USAGE',
      "error: --output must be 'text', 'yaml' or 'json'",
    );
  return true;
}

function* unsetDocker(call: Call): Routine<void> {
  const { main } = call;
  if (yield* printed(call, DOCKER_NAMES, DOCKER_NAMES)) return;
  main.out.put(unsetScript(shellOf(call), DOCKER_NAMES, main.process.environment));
}

/** Refuses clusters whose engine cannot be reached this way. */
function* checkEngine(call: Call, profile: Profile): Routine<void> {
  const { out } = call;
  if (profile.Nodes.length > 1)
    yield* exitWith(
      out,
      'ENV_MULTINODE_CONFLICT',
      `The docker-env command is incompatible with multi-node clusters. Use the 'registry' add-on: https://minikube.sigs.k8s.io/docs/handbook/registry/`,
    );
  const runtime = profile.KubernetesConfig.ContainerRuntime;
  if (runtime === 'containerd' && profile.Driver !== 'docker')
    yield* exitWith(
      out,
      'MK_USAGE',
      'the docker-env command only supports the containerd runtime with the docker driver',
    );
  if (runtime !== 'docker' && runtime !== 'containerd')
    yield* exitWith(
      out,
      'MK_USAGE',
      'the docker-env command only supports the docker and containerd runtimes',
    );
}

function* dockerEnv(call: Call): Routine<number | void> {
  const { values, out, main, name } = call;
  const { environment } = main.process;
  if (values.is('unset')) return yield* unsetDocker(call);
  out.silent = !main.process.isTerminal(1);
  const profile = yield* running(call);
  yield* checkEngine(call, profile);
  if (profile.KubernetesConfig.ContainerRuntime === 'containerd')
    return yield* notSimulated(main, 'nerdctld, which minikube docker-env asks');
  for (const given of ['ssh-host', 'ssh-add'])
    if (values.is(given)) return yield* notSimulated(main, `minikube docker-env --${given}`);
  yield* onPrimary(call, profile, 'systemctl is-active -q docker || systemctl restart docker');
  const { IP } = primaryOf(profile);
  const own = [
    ['DOCKER_TLS_VERIFY', '1'],
    ['DOCKER_HOST', `tcp://${IP}:${DOCKER_PORT}`],
    ['DOCKER_CERT_PATH', certificatesFolder(main.process)],
  ] as const;
  const existing = existingVariables(environment);
  const active = [ACTIVE_DOCKERD, name] as const;
  const agent = AGENT.map((variable) => [variable, ''] as const);
  const all = [...own, ...existing, active, ...agent].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = all.map(([variable, value]) => `${variable}=${value}`);
  if (yield* printed(call, Object.fromEntries(all), lines)) return;
  const proxy = values.is('no-proxy') ? [noProxy(call, IP)] : [];
  const hint = "To point your shell to minikube's docker-daemon, run:";
  const command = `minikube -p ${name} docker-env`;
  main.out.put(setScript(shellOf(call), [...own, ...existing, active, ...proxy], [hint, command]));
}

function* podmanEnv(call: Call): Routine<void> {
  const { values, out, main } = call;
  if (values.is('unset')) {
    main.out.put(unsetScript(values.text('shell'), PODMAN_NAMES, main.process.environment));
    return;
  }
  out.silent = !main.process.isTerminal(1);
  const profile = yield* running(call);
  if (profile.Nodes.length > 1)
    yield* exitWith(
      out,
      'MK_USAGE',
      `The podman-env command is incompatible with multi-node clusters. Use the 'registry' add-on: https://minikube.sigs.k8s.io/docs/handbook/registry/`,
    );
  const runtime = profile.KubernetesConfig.ContainerRuntime;
  yield* exitWith(
    out,
    'MK_USAGE',
    `The podman-env command is only compatible with the "crio" runtime, but this cluster was configured to use the "${runtime}" runtime.`,
  );
}

export const ENV_COMMANDS: readonly Command[] = [
  {
    path: 'docker-env',
    flags: [
      flag('unset', 'bool', 'false', 'u'),
      flag('shell', 'string', ''),
      flag('no-proxy', 'bool', 'false'),
      flag('ssh-host', 'bool', 'false'),
      flag('ssh-add', 'bool', 'false'),
      flag('output', 'string', '', 'o'),
    ],
    run: dockerEnv,
  },
  {
    path: 'podman-env',
    flags: [flag('unset', 'bool', 'false', 'u'), flag('shell', 'string', '')],
    run: podmanEnv,
  },
];
