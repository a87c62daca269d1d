// minikube image, logs, docker-env: the node's images, what its parts say, its engine.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { onPrimary, partial, primaryOf, running } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { runHere } from './node-runner.ts';
import { exitWith } from './reasons.ts';
import { runOver } from './status-commands.ts';
import { drawTable } from './table.ts';

interface CriImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: string;
}

/** A size as `docker images` prints it (units.HumanSizeWithPrecision, three digits). */
function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${Number(value.toPrecision(3))}${units[at]}`;
}

function* list(call: Call): Routine<void> {
  const profile = yield* partial(call);
  const ran = yield* onPrimary(call, profile, 'crictl images --output json');
  if (ran.status !== 0)
    yield* exitWith(call.out, 'GUEST_IMAGE_LIST', `Failed to list images: ${ran.err.trim()}`, true);
  const { images } = JSON.parse(ran.out) as { images: readonly CriImage[] };
  const sorted = images.map(({ id, repoDigests, repoTags, size }) => ({
    id: id.replace(/^sha256:/, ''),
    repoDigests,
    repoTags,
    size,
  }));
  const { out } = call;
  switch (call.values.text('format')) {
    case 'json':
      return yield* out.plain(`${JSON.stringify(sorted)}\n`);
    case 'yaml':
      return yield* out.plain(`${toYaml(sorted)}\n`);
    case 'table': {
      const rows = sorted.flatMap(({ id, repoTags, size }) =>
        repoTags.map((name) => {
          const colon = name.lastIndexOf(':');
          const human = humanSize(Number(size));
          return [name.slice(0, colon), name.slice(colon + 1), id.slice(0, 13), human];
        }),
      );
      return yield* out.plain(drawTable(['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], rows));
    }
    default: {
      const names = sorted.flatMap(({ repoTags }) => repoTags).sort();
      yield* out.plain(`${names.reverse().join('\n')}\n`);
    }
  }
}

function* pull(call: Call): Routine<void> {
  const profile = yield* running(call);
  for (const name of call.args) {
    const ran = yield* onPrimary(call, profile, `crictl pull ${name}`);
    if (ran.status !== 0)
      yield* exitWith(
        call.out,
        'GUEST_IMAGE_PULL',
        `Failed to pull images: ${ran.err.trim()}`,
        true,
      );
  }
}

function* remove(call: Call): Routine<void> {
  const profile = yield* running(call);
  for (const name of call.args) {
    const ran = yield* onPrimary(call, profile, `crictl rmi ${name}`);
    if (ran.status !== 0)
      yield* exitWith(
        call.out,
        'GUEST_IMAGE_REMOVE',
        `Failed to remove images: ${ran.err.trim()}`,
        true,
      );
  }
}

/** From an archive, or from the engine of this machine, into the node's containerd. */
function* load(call: Call): Routine<void> {
  const { args, out, main } = call;
  if (args.length === 0)
    yield* exitWith(
      out,
      'MK_USAGE',
      'Please provide a path to an image archive or "-" for stdin, or an image name',
    );
  const profile = yield* running(call);
  const node = primaryOf(profile).IP;
  for (const name of args) {
    const archive = !isErrno(main.process.stat(name));
    const source = archive ? 'cat "$1"' : 'docker save "$1"';
    const line = `${source} | ssh ${node} "cat > /tmp/minikube-image.tar && ctr -n k8s.io images import /tmp/minikube-image.tar >/dev/null; rm -f /tmp/minikube-image.tar"`;
    const ran = yield* runHere(main.process, ['sh', '-c', line, 'sh', name]);
    if (ran.status !== 0 || ran.err !== '')
      yield* exitWith(out, 'GUEST_IMAGE_LOAD', `Failed to load image: ${ran.err.trim()}`, true);
  }
}

/** What of the node's parts there is to read. */
function* logs(call: Call): Routine<number> {
  const profile = yield* running(call);
  const lines = call.values.text('length');
  const script = [
    'echo "==> container status <=="; crictl ps -a',
    `echo; echo "==> containerd <=="; journalctl -u containerd -n ${lines}`,
    `echo; echo "==> kubelet <=="; journalctl -u kubelet -n ${lines}`,
  ].join('; ');
  const ran = yield* onPrimary(call, profile, script);
  const text = `\n${ran.out}\n`;
  if (!call.values.changed('file')) {
    yield* call.out.plain(text);
    return 0;
  }
  return yield* runOver(call, [
    'sh',
    '-c',
    'printf %s "$1" > "$2"',
    'sh',
    text,
    call.values.text('file'),
  ]);
}

const UNSET = ['DOCKER_TLS_VERIFY', 'DOCKER_HOST', 'DOCKER_CERT_PATH', 'MINIKUBE_ACTIVE_DOCKERD'];

/** containerd is served with the docker driver alone, by nerdctld; an engine of docker is not on these nodes. */
function* dockerEnv(call: Call): Routine<number | void> {
  const { values, out, main } = call;
  if (values.is('unset'))
    return yield* out.plain(`${UNSET.map((name) => `unset ${name};\n`).join('')}`);
  out.silent = !main.process.isTerminal(1);
  const profile = yield* running(call);
  if (profile.Nodes.length > 1)
    yield* exitWith(
      out,
      'ENV_MULTINODE_CONFLICT',
      `The docker-env command is incompatible with multi-node clusters. Use the 'registry' add-on: https://minikube.sigs.k8s.io/docs/handbook/registry/`,
    );
  if (profile.Driver === 'docker')
    return yield* notSimulated(main, 'nerdctld, which minikube docker-env asks');
  yield* exitWith(
    out,
    'MK_USAGE',
    'the docker-env command only supports the containerd runtime with the docker driver',
  );
}

export const IMAGE_COMMANDS: readonly Command[] = [
  { path: 'image ls', flags: [flag('format', 'string', 'short')], run: list },
  { path: 'image list', flags: [flag('format', 'string', 'short')], run: list },
  { path: 'image pull', flags: [], run: pull },
  { path: 'image rm', flags: [], run: remove },
  {
    path: 'image load',
    flags: [
      flag('pull', 'bool', 'false'),
      flag('daemon', 'bool', 'false'),
      flag('remote', 'bool', 'false'),
      flag('overwrite', 'bool', 'true'),
    ],
    idle: ['pull', 'daemon', 'remote', 'overwrite'],
    run: load,
  },
  {
    path: 'logs',
    flags: [
      flag('length', 'int', '60', 'n'),
      flag('file', 'string', ''),
      flag('follow', 'bool', 'false', 'f'),
      flag('problems', 'bool', 'false'),
      flag('audit', 'bool', 'false'),
      flag('node', 'string', ''),
      flag('last-start-only', 'bool', 'false'),
    ],
    idle: ['follow', 'problems', 'audit', 'node', 'last-start-only'],
    run: logs,
  },
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
    idle: ['shell', 'no-proxy', 'ssh-host', 'ssh-add', 'output'],
    run: dockerEnv,
  },
];
