// minikube image and logs: the nodes' images, what the parts of the first one say.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { onPrimary, primaryOf, running } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { runHere, runOnNode } from './node-runner.ts';
import { loadProfile, type Profile } from './profile.ts';
import { exitWith } from './reasons.ts';
import { nodeOf, runOver } from './status-commands.ts';
import { drawTable } from './table.ts';

interface CriImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: string;
}

const SIZES: readonly string[] = ['B', 'kB', 'MB', 'GB'];

/** A size as `docker images` prints it (units.HumanSizeWithPrecision, three digits). */
function humanSize(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < SIZES.length - 1) {
    value /= 1000;
    at++;
  }
  return `${Number(value.toPrecision(3))}${SIZES[at]}`;
}

/** The images of a node with docker (Docker.ListImages): one for each name, its size as docker rounds it. */
function dockerImages(lines: string): CriImage[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { ID, Repository, Tag, Size } = JSON.parse(line) as Readonly<Record<string, string>>;
      const name = `${Repository}:${Tag}`;
      const [first = '', second] = (Repository ?? '').split('/');
      const hub = second === undefined ? 'docker.io/library/' : 'docker.io/';
      const isHub = second === undefined || !/[.:]|^localhost$/.test(first);
      const size = String(Math.round(bytesOf(Size ?? '')));
      return {
        id: (ID ?? '').replace(/^sha256:/, ''),
        repoDigests: [],
        repoTags: [isHub ? hub + name : name],
        size,
      };
    });
}

/** `38.1MB` in bytes. */
function bytesOf(size: string): number {
  const [, number = '0', unit = 'B'] = /^([\d.]+)\s*(\w+)$/.exec(size) ?? [];
  return Number(number) * 1000 ** Math.max(0, SIZES.indexOf(unit));
}

function* imagesOf(call: Call, profile: Profile): Routine<CriImage[]> {
  const isDocker = profile.KubernetesConfig.ContainerRuntime === 'docker';
  const line = isDocker
    ? "docker images --no-trunc --format '{{json .}}'"
    : 'crictl images --output json';
  const ran = yield* onPrimary(call, profile, line);
  if (ran.status !== 0)
    yield* exitWith(call.out, 'GUEST_IMAGE_LIST', `Failed to list images: ${ran.err.trim()}`, true);
  if (isDocker) return dockerImages(ran.out);
  const { images } = JSON.parse(ran.out) as { images: readonly CriImage[] };
  return images.map(({ id, repoDigests, repoTags, size }) => ({
    id: id.replace(/^sha256:/, ''),
    repoDigests,
    repoTags,
    size,
  }));
}

function* list(call: Call): Routine<void> {
  const sorted = yield* imagesOf(call, yield* known(call));
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

/** The cluster whose images are meant; it ends the command where there is none. */
function* known(call: Call): Routine<Profile> {
  const profile = yield* loadProfile(call.main.process, call.name);
  if (profile) return profile;
  const message = `loading profile: cluster "${call.name}" does not exist`;
  return yield* exitWith(call.out, 'MK_USAGE', message, true);
}

function* pullAll(
  call: Call,
  profile: Profile,
  reason: 'GUEST_IMAGE_PULL' | 'GUEST_IMAGE_LOAD',
  what: string,
): Routine<void> {
  for (const name of call.args) {
    const ran = yield* onPrimary(call, profile, `crictl pull ${name}`);
    if (ran.status !== 0)
      yield* exitWith(call.out, reason, `Failed to ${what}: ${ran.err.trim()}`, true);
  }
}

function* pull(call: Call): Routine<void> {
  yield* pullAll(call, yield* known(call), 'GUEST_IMAGE_PULL', 'pull images');
}

function* remove(call: Call): Routine<number | void> {
  const { err } = call.main;
  if (call.args.length === 0) {
    err.put('Error: requires at least 1 arg(s), only received 0\n');
    yield* err.flush();
    return 14;
  }
  const profile = yield* known(call);
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

/** Commands on a node's images that differ by runtime (cruntime). `$1`, `$2`: what they are done with. */
const STORE = {
  docker: {
    load: 'docker load',
    save: 'docker save "$1"',
    tag: 'docker tag "$1" "$2"',
    push: 'docker push "$1"',
  },
  containerd: {
    load: 'ctr -n k8s.io images import -',
    save: 'ctr -n k8s.io images export - "$1"',
    tag: 'ctr -n k8s.io images tag --force "$1" "$2"',
    push: 'ctr -n k8s.io images push "$1"',
  },
} as const;

function storeOf({ KubernetesConfig }: Profile): (typeof STORE)['docker' | 'containerd'] {
  return KubernetesConfig.ContainerRuntime === 'docker' ? STORE.docker : STORE.containerd;
}

/** A line with its words for a shell on the node. */
function onNode(line: string, words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `set -- ${quoted.join(' ')}; ${line}`;
}

/** Runs a pipe from a command here into one on every node, or ends the command. */
function* loadOnto(
  call: Call,
  profile: Profile,
  source: readonly [line: string, word: string],
): Routine<void> {
  const [line, word] = source;
  for (const { IP } of profile.Nodes) {
    const pipe = `${line} | ssh ${IP} ${JSON.stringify(`${storeOf(profile).load} >/dev/null`)}`;
    const ran = yield* runHere(call.main.process, ['sh', '-c', pipe, 'sh', word]);
    if (ran.status !== 0 || ran.err !== '')
      yield* exitWith(
        call.out,
        'GUEST_IMAGE_LOAD',
        `Failed to load image: ${ran.err.trim()}`,
        true,
      );
  }
}

/** From an archive, or from the engine of this machine, into the nodes' runtime. */
function* load(call: Call): Routine<number | void> {
  const { args, out, main, values } = call;
  if (args.length === 0)
    yield* exitWith(
      out,
      'MK_USAGE',
      'Please provide an image in your local daemon to load into minikube via <minikube image load IMAGE_NAME>',
    );
  if (args[0] === '-') return yield* notSimulated(main, 'minikube image load -');
  const profile = yield* known(call);
  if (values.is('pull')) return yield* pullAll(call, profile, 'GUEST_IMAGE_LOAD', 'pull image');
  for (const name of args) {
    const archive = !isErrno(main.process.stat(name));
    yield* loadOnto(call, profile, [archive ? 'cat "$1"' : 'docker save "$1"', name]);
  }
}

/** An image of the first node as an archive. */
function* save(call: Call): Routine<number | void> {
  const { args, out, main } = call;
  const [name = '', target] = args;
  if (args.length === 0)
    yield* exitWith(
      out,
      'MK_USAGE',
      'Please provide an image in the container runtime to save from minikube via <minikube image save IMAGE_NAME>',
    );
  if (target === undefined || call.values.is('daemon') || call.values.is('remote'))
    return yield* notSimulated(main, 'minikube image save into a cache or an engine');
  const profile = yield* known(call);
  const line = onNode(storeOf(profile).save, [name]);
  const to = target === '-' ? '' : ' > "$2"';
  const script = `ssh ${primaryOf(profile).IP} "$1"${to}`;
  if (target === '-') return yield* runOver(call, ['sh', '-c', script, 'sh', line]);
  const ran = yield* runHere(main.process, ['sh', '-c', script, 'sh', line, target]);
  if (ran.status !== 0)
    yield* exitWith(out, 'GUEST_IMAGE_SAVE', `Failed to save image: ${ran.err.trim()}`, true);
}

function* tag(call: Call): Routine<void> {
  const { args, out } = call;
  if (args.length !== 2) yield* exitWith(out, 'MK_USAGE', 'Please provide source and target image');
  const profile = yield* known(call);
  const ran = yield* onPrimary(call, profile, onNode(storeOf(profile).tag, args));
  if (ran.status !== 0)
    yield* exitWith(out, 'GUEST_IMAGE_TAG', `Failed to tag images: ${ran.err.trim()}`, true);
}

function* push(call: Call): Routine<void> {
  const profile = yield* known(call);
  for (const name of call.args) {
    const ran = yield* onPrimary(call, profile, onNode(storeOf(profile).push, [name]));
    if (ran.status !== 0)
      yield* exitWith(
        call.out,
        'GUEST_IMAGE_PUSH',
        `Failed to push images: ${ran.err.trim()}`,
        true,
      );
  }
}

const BUILD_FOLDER = '/var/lib/minikube/build';

/** The words that `docker build` is given on a node. */
function buildWords({ values }: Call, folder: string): string[] {
  const file = values.text('file');
  const name = values.text('tag');
  return [
    'docker',
    'build',
    ...(file === '' ? [] : ['-f', `${folder}/${file}`]),
    ...(name === '' ? [] : ['-t', name]),
    folder,
    ...values.all('build-opt').map((option) => `--${option}`),
  ];
}

/** A folder of this machine built by the node's engine. */
function* build(call: Call): Routine<number | void> {
  const { args, out, main, values } = call;
  const [source = ''] = args;
  if (args.length < 1) yield* exitWith(out, 'MK_USAGE', 'Please provide a path or url to build');
  const profile = yield* known(call);
  if (profile.KubernetesConfig.ContainerRuntime !== 'docker')
    return yield* notSimulated(main, 'buildkitd on the node, which minikube image build asks');
  const found = main.process.stat(source);
  if (isErrno(found) || (found.mode & 0o170000) !== 0o040000)
    return yield* notSimulated(main, `minikube image build ${source}`);
  const nodes = values.is('all') ? profile.Nodes : [yield* nodeOf(call, profile)];
  for (const { IP } of nodes) {
    const folder = `${BUILD_FOLDER}/build.${main.process.now % 10_000_000_000}`;
    const copy = `tar -C "$1" -cf - . | ssh ${IP} "mkdir -p ${folder} && tar -C ${folder} -xf -"`;
    yield* runHere(main.process, ['sh', '-c', copy, 'sh', source]);
    const words = buildWords(call, folder);
    const status = yield* runOver(call, ['ssh', IP, onNode('"$@"', words)]);
    yield* runOnNode(main.process, IP, `rm -rf ${folder}`);
    if (status !== 0)
      yield* exitWith(
        out,
        'GUEST_IMAGE_BUILD',
        `Failed to build image: running docker build: ${words.join(' ')}: Process exited with status ${status}`,
        true,
      );
  }
}

/** What of the node's parts there is to read. */
function* logs(call: Call): Routine<number> {
  const profile = yield* running(call);
  const lines = call.values.text('length');
  const script = [
    'echo "==> container status <=="; crictl ps -a',
    profile.KubernetesConfig.ContainerRuntime === 'docker'
      ? `echo; echo "==> Docker <=="; journalctl -u docker -u cri-docker -n ${lines}`
      : `echo; echo "==> containerd <=="; journalctl -u containerd -n ${lines}`,
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

export const IMAGE_COMMANDS: readonly Command[] = [
  { path: 'image ls', flags: [flag('format', 'string', 'short')], run: list },
  { path: 'image list', flags: [flag('format', 'string', 'short')], run: list },
  { path: 'image pull', flags: [], run: pull },
  ...['image rm', 'image remove', 'image unload'].map((path) => ({ path, flags: [], run: remove })),
  { path: 'image tag', flags: [], run: tag },
  { path: 'image push', flags: [], run: push },
  {
    path: 'image save',
    flags: [flag('daemon', 'bool', 'false'), flag('remote', 'bool', 'false')],
    run: save,
  },
  {
    path: 'image build',
    flags: [
      flag('tag', 'string', '', 't'),
      flag('push', 'bool', 'false'),
      flag('file', 'string', '', 'f'),
      flag('build-env', 'array', ''),
      flag('build-opt', 'array', ''),
      flag('node', 'string', '', 'n'),
      flag('all', 'bool', 'false'),
    ],
    idle: ['push', 'build-env'],
    run: build,
  },
  {
    path: 'image load',
    flags: [
      flag('pull', 'bool', 'false'),
      flag('daemon', 'bool', 'false'),
      flag('remote', 'bool', 'false'),
      flag('overwrite', 'bool', 'true'),
    ],
    idle: ['daemon', 'remote', 'overwrite'],
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
];
