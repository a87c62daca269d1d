// crictl's commands on containers; exec, attach and logs are in interactive.ts.

import type { Routine } from '../../../core/wait.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import type {
  ContainerConfig,
  ContainerStatus,
  CriContainer,
  PodSandboxConfig,
} from '../../cri/types.ts';
import { isRpcError } from '../../rpc.ts';
import type { CliCall, CliCommand } from '../cli.ts';
import {
  ageOf,
  cri,
  criTable,
  failRpc,
  fatal,
  flag,
  labelPairs,
  logLine,
  readConfig,
  shortId,
  showStatus,
} from './app.ts';
import { attach, execInContainer, logs } from './interactive.ts';
import { stats } from './stats.ts';

const STATES = {
  created: 'CONTAINER_CREATED',
  running: 'CONTAINER_RUNNING',
  exited: 'CONTAINER_EXITED',
  unknown: 'CONTAINER_UNKNOWN',
} as const;
const SHOWN: Readonly<Record<string, string>> = {
  CONTAINER_CREATED: 'Created',
  CONTAINER_RUNNING: 'Running',
  CONTAINER_EXITED: 'Exited',
  CONTAINER_UNKNOWN: 'Unknown',
};

function* createContainer(call: CliCall): Routine<number> {
  const [pod, containerFile, podFile] = call.args;
  if (pod === undefined || containerFile === undefined || podFile === undefined) {
    yield* call.help();
    return 0;
  }
  const config = yield* readConfig<ContainerConfig>(call.main, containerFile);
  if (typeof config === 'string') return yield* fatal(call.main, `creating container: ${config}`);
  const sandboxConfig = yield* readConfig<PodSandboxConfig>(call.main, podFile);
  if (typeof sandboxConfig === 'string')
    return yield* fatal(call.main, `creating container: ${sandboxConfig}`);
  const request = { podSandboxId: pod, config, sandboxConfig };
  const reply = yield* cri<{ containerId: string }>(
    call,
    'RuntimeService/CreateContainer',
    request,
  );
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'creating container: ');
  call.main.out.put(`${reply.containerId}\n`);
  return 0;
}

function onEach(method: 'StartContainer' | 'StopContainer', words: string) {
  return function* (call: CliCall): Routine<number> {
    if (call.args.length === 0) {
      yield* call.help();
      return 0;
    }
    for (const id of call.args) {
      const timeout = call.flags.given('timeout') ? call.flags.number('timeout') : 0;
      const reply = yield* cri(call, `RuntimeService/${method}`, { containerId: id, timeout });
      if (isRpcError(reply)) return yield* failRpc(call, reply, `${words} the container "${id}": `);
      call.main.out.put(`${id}\n`);
    }
    return 0;
  };
}

function* removeContainers(call: CliCall): Routine<number> {
  const { flags, main } = call;
  let ids = call.args;
  if (flags.on('all')) {
    const all = yield* cri<{ containers: CriContainer[] }>(
      call,
      'RuntimeService/ListContainers',
      {},
    );
    if (isRpcError(all)) return yield* failRpc(call, all, '');
    ids = all.containers.map(({ id }) => id);
  }
  let failed = false;
  for (const id of ids) {
    const status = yield* cri<{ status: ContainerStatus }>(call, 'RuntimeService/ContainerStatus', {
      containerId: id,
    });
    if (isRpcError(status)) {
      yield* logLine(
        main,
        'error',
        `getting container status of "${id}": rpc error: code = ${status.code} desc = ${status.message}`,
      );
      failed = true;
      continue;
    }
    if (status.status.state === 'CONTAINER_RUNNING') {
      if (!flags.on('force') && !flags.on('all')) {
        yield* logLine(main, 'error', `container "${id}" is running, please stop it first`);
        failed = true;
        continue;
      }
      yield* cri(call, 'RuntimeService/StopContainer', { containerId: id, timeout: 0 });
    }
    const removed = yield* cri(call, 'RuntimeService/RemoveContainer', { containerId: id });
    if (isRpcError(removed)) failed = true;
    else main.out.put(`${id}\n`);
  }
  return failed ? yield* fatal(main, 'unable to remove container(s)') : 0;
}

function* listContainers(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const wanted = flags.text('state').toLowerCase();
  if (wanted !== '' && !(wanted in STATES)) {
    return yield* fatal(
      main,
      `listing containers: --state should be one of: created, running, exited or unknown`,
    );
  }
  const given = wanted === '' ? undefined : STATES[wanted as keyof typeof STATES];
  const everything = flags.on('all') || flags.on('latest') || flags.number('last') > 0;
  const state = given ?? (everything ? undefined : STATES.running);
  const filter = {
    id: flags.text('id'),
    podSandboxId: flags.text('pod'),
    labelSelector: labelPairs(flags.list('label')),
    ...(state === undefined ? {} : { state: { state } }),
  };
  const reply = yield* cri<{ containers: CriContainer[] }>(call, 'RuntimeService/ListContainers', {
    filter,
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'listing containers: ');
  const name = new RegExp(flags.text('name'));
  let containers = reply.containers.filter((container) => name.test(container.metadata.name));
  if (flags.text('image') !== '')
    containers = containers.filter((c) => c.image.image.includes(flags.text('image')));
  containers.sort((a, b) => (BigInt(b.createdAt) > BigInt(a.createdAt) ? 1 : -1));
  const last = flags.on('latest') ? 1 : flags.number('last');
  if (last > 0) containers = containers.slice(0, last);
  if (flags.text('output') === 'json') {
    main.out.put(`${JSON.stringify({ containers }, undefined, 2)}\n`);
    return 0;
  }
  if (flags.on('quiet')) {
    for (const { id } of containers) main.out.put(`${id}\n`);
    return 0;
  }
  const rows = containers.map((c) => [
    shortId(c.id, flags.on('no-trunc')),
    imageShown(c),
    ageOf(main, c.createdAt),
    SHOWN[c.state] ?? 'Unknown',
    c.metadata.name,
    String(c.metadata.attempt ?? 0),
    shortId(c.podSandboxId, flags.on('no-trunc')),
    c.labels['io.kubernetes.pod.name'] ?? 'unknown',
  ]);
  main.out.put(
    criTable([
      ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD'],
      ...rows,
    ]),
  );
  return 0;
}

function imageShown(container: CriContainer): string {
  const { image } = container.image;
  return /^(sha256:)?[0-9a-f]{64}$/.test(image) ? image.replace('sha256:', '').slice(0, 13) : image;
}

function* inspectContainers(call: CliCall): Routine<number> {
  for (const id of call.args) {
    const reply = yield* cri<{ status: ContainerStatus; info: Record<string, string> }>(
      call,
      'RuntimeService/ContainerStatus',
      {
        containerId: id,
        verbose: !call.flags.on('quiet'),
      },
    );
    if (isRpcError(reply))
      return yield* failRpc(call, reply, 'getting the status of the container: ');
    const info = reply.info.info === undefined ? {} : (JSON.parse(reply.info.info) as unknown);
    const { status } = reply;
    const mounts = status.mounts.map((mount) => ({
      containerPath: mount.containerPath,
      hostPath: mount.hostPath,
      readonly: mount.readonly ?? false,
      propagation: mount.propagation ?? 'PROPAGATION_PRIVATE',
    }));
    const shown = { status: { ...status, mounts }, info };
    const failing = `getting the status of the container "${id}": `;
    const code = yield* showStatus(call, shown, failing);
    if (code !== 0) return code;
  }
  return 0;
}

const IDS = 'CONTAINER-ID [CONTAINER-ID...]';

export const containerCommands: readonly CliCommand[] = [
  {
    name: 'attach',
    usage: 'Attach to a running container',
    argsUsage: 'CONTAINER-ID',
    flags: [flag.bool('stdin i', 'Keep STDIN open'), flag.bool('tty t', 'Allocate a pseudo-TTY')],
    run: attach,
  },
  {
    name: 'create',
    usage: 'Create a new container',
    argsUsage: 'POD container-config.[json|yaml] pod-config.[json|yaml]',
    flags: [
      flag.bool('no-pull', 'Do not pull the image on container creation'),
      flag.bool('with-pull', 'Pull the image on container creation'),
    ],
    run: createContainer,
  },
  {
    name: 'exec',
    usage: 'Run a command in a running container',
    argsUsage: 'CONTAINER-ID COMMAND [ARG...]',
    flags: [
      flag.bool('interactive i', 'Keep STDIN open'),
      flag.bool('sync s', 'Run the command synchronously'),
      flag.int('timeout', 'Timeout in seconds'),
      flag.bool('tty t', 'Allocate a pseudo-TTY'),
      flag.text('transport r', 'Transport protocol to be used'),
    ],
    run: execInContainer,
  },
  {
    name: 'checkpoint',
    usage: 'Checkpoint one or more running containers',
    argsUsage: IDS,
    run: (call) => notSimulated(call.main, 'crictl checkpoint'),
  },
  {
    name: 'inspect',
    usage: 'Display the status of one or more containers',
    argsUsage: IDS,
    flags: [
      flag.text('output o', 'Output format, One of: json|yaml|go-template|table'),
      flag.bool('quiet q', 'Do not show verbose information'),
      flag.text('template', 'The template string'),
    ],
    run: inspectContainers,
  },
  {
    name: 'logs',
    usage: 'Fetch the logs of a container',
    argsUsage: 'CONTAINER-ID',
    flags: [
      flag.bool('follow f', 'Follow log output'),
      flag.int('tail', 'Number of lines to show from the end of the logs. Defaults to all', '-1'),
      flag.text('since', 'Show logs since timestamp'),
      flag.bool('timestamps t', 'Show timestamps'),
      flag.bool(
        'previous p',
        'Print the logs for the previous instance of the container in a pod if it exists',
      ),
    ],
    run: logs,
  },
  {
    name: 'ps',
    usage: 'List containers',
    argsUsage: '',
    flags: [
      flag.bool('all a', 'Show all containers'),
      flag.text('id', 'Filter by container id'),
      flag.text('image', 'Filter by container image'),
      flag.list('label', 'Filter by key=value label'),
      flag.int('last n', 'Show last n recently created containers'),
      flag.bool('latest l', 'Show the most recently created container'),
      flag.text('name', 'Filter by container name regular expression pattern'),
      flag.bool('no-trunc', 'Show output without truncating the ID'),
      flag.text('output o', 'Output format, One of: json|yaml|table'),
      flag.text('pod p', 'Filter by pod id'),
      flag.bool('quiet q', 'Only display container IDs'),
      flag.bool('resolve-image-path r', 'Show image path instead of image id'),
      flag.text('state s', 'Filter by container state'),
      flag.bool('verbose v', 'Show verbose information for containers'),
    ],
    run: listContainers,
  },
  {
    name: 'rm',
    usage: 'Remove one or more containers',
    argsUsage: IDS,
    flags: [
      flag.bool('all a', 'Remove all containers'),
      flag.bool('force f', 'Force removal of the container, disregarding if running'),
    ],
    run: removeContainers,
  },
  {
    name: 'start',
    usage: 'Start one or more created containers',
    argsUsage: IDS,
    run: onEach('StartContainer', 'starting'),
  },
  {
    name: 'stats',
    usage: 'List container(s) resource usage statistics',
    argsUsage: '[ID]',
    flags: [
      flag.bool('all a', 'Show all containers'),
      flag.text('id', 'Filter by container id'),
      flag.text('output o', 'Output format'),
      flag.text('pod p', 'Filter by pod id'),
    ],
    run: stats,
  },
  {
    name: 'stop',
    usage: 'Stop one or more running containers',
    argsUsage: IDS,
    flags: [
      flag.int(
        'timeout t',
        'Seconds to wait to kill the container after a graceful stop is requested',
      ),
    ],
    run: onEach('StopContainer', 'stopping'),
  },
  {
    name: 'port-forward',
    usage: 'Forward local port to a pod',
    argsUsage: 'POD-ID [LOCAL_PORT:]REMOTE_PORT',
    run: (call) => notSimulated(call.main, 'crictl port-forward'),
  },
  {
    name: 'update',
    usage: 'Update one or more running containers',
    argsUsage: IDS,
    run: (call) => notSimulated(call.main, 'crictl update'),
  },
  {
    name: 'statsp',
    usage:
      "List pod statistics. Stats represent a structured API that will fulfill the Kubelet's /stats/summary endpoint.",
    argsUsage: '[ID]',
    run: (call) => notSimulated(call.main, 'crictl statsp'),
  },
];
