// crictl's commands on pods: runp, stopp, rmp, pods, inspectp, run.

import type { Routine } from '../../../core/wait.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxStatus } from '../../cri/types.ts';
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

function* runPod(call: CliCall): Routine<number> {
  const [path] = call.args;
  if (path === undefined) {
    yield* call.help();
    return 0;
  }
  const config = yield* readConfig<PodSandboxConfig>(call.main, path);
  if (typeof config === 'string')
    return yield* fatal(call.main, `load podSandboxConfig: ${config}`);
  const reply = yield* cri<{ podSandboxId: string }>(call, 'RuntimeService/RunPodSandbox', {
    config,
    runtimeHandler: call.flags.text('runtime'),
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'run pod sandbox: ');
  call.main.out.put(`${reply.podSandboxId}\n`);
  return 0;
}

function* stopPods(call: CliCall): Routine<number> {
  for (const id of call.args) {
    const reply = yield* cri(call, 'RuntimeService/StopPodSandbox', { podSandboxId: id });
    if (isRpcError(reply)) return yield* failRpc(call, reply, `stopping the pod sandbox "${id}": `);
    call.main.out.put(`Stopped sandbox ${id}\n`);
  }
  return 0;
}

function* removePods(call: CliCall): Routine<number> {
  const { flags, main } = call;
  let ids = call.args;
  if (flags.on('all')) {
    const all = yield* cri<{ items: PodSandbox[] }>(call, 'RuntimeService/ListPodSandbox', {});
    if (isRpcError(all)) return yield* failRpc(call, all, '');
    ids = all.items.map(({ id }) => id);
  }
  let failed = false;
  for (const id of ids) {
    const status = yield* cri<{ status: PodSandboxStatus }>(
      call,
      'RuntimeService/PodSandboxStatus',
      { podSandboxId: id },
    );
    if (isRpcError(status)) {
      yield* logLine(
        main,
        'error',
        `getting sandbox status of pod "${id}": rpc error: code = ${status.code} desc = ${status.message}`,
      );
      failed = true;
      continue;
    }
    if (status.status.state === 'SANDBOX_READY') {
      if (!flags.on('force') && !flags.on('all')) {
        yield* logLine(main, 'error', `pod sandbox "${id}" is running, please stop it first`);
        failed = true;
        continue;
      }
      const stopped = yield* cri(call, 'RuntimeService/StopPodSandbox', { podSandboxId: id });
      if (!isRpcError(stopped)) main.out.put(`Stopped sandbox ${id}\n`);
    }
    const removed = yield* cri(call, 'RuntimeService/RemovePodSandbox', { podSandboxId: id });
    if (isRpcError(removed)) failed = true;
    else main.out.put(`Removed sandbox ${id}\n`);
  }
  return failed ? yield* fatal(main, 'unable to remove sandbox(es)') : 0;
}

function* listPods(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const state =
    flags.text('state') === ''
      ? undefined
      : {
          state:
            flags.text('state').toLowerCase() === 'ready' ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
        };
  const filter = {
    id: flags.text('id'),
    labelSelector: labelPairs(flags.list('label')),
    ...(state ? { state } : {}),
  };
  const reply = yield* cri<{ items: PodSandbox[] }>(call, 'RuntimeService/ListPodSandbox', {
    filter,
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'listing pod sandboxes: ');
  const name = flags.text('name');
  const namespace = flags.text('namespace');
  let items = reply.items.filter(
    (pod) =>
      new RegExp(name).test(pod.metadata.name) &&
      new RegExp(namespace).test(pod.metadata.namespace),
  );
  items.sort((a, b) => (BigInt(b.createdAt) > BigInt(a.createdAt) ? 1 : -1));
  const last = flags.on('latest') ? 1 : flags.number('last');
  if (last > 0) items = items.slice(0, last);
  if (flags.text('output') === 'json') {
    main.out.put(`${JSON.stringify({ items }, undefined, 2)}\n`);
    return 0;
  }
  if (flags.on('quiet')) {
    for (const { id } of items) main.out.put(`${id}\n`);
    return 0;
  }
  const rows = items.map((pod) => [
    shortId(pod.id, flags.on('no-trunc')),
    ageOf(main, pod.createdAt),
    pod.state === 'SANDBOX_READY' ? 'Ready' : 'NotReady',
    pod.metadata.name,
    pod.metadata.namespace,
    String(pod.metadata.attempt ?? 0),
    pod.runtimeHandler === '' ? '(default)' : pod.runtimeHandler,
  ]);
  main.out.put(
    criTable([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows]),
  );
  return 0;
}

function* inspectPods(call: CliCall): Routine<number> {
  for (const id of call.args) {
    const reply = yield* cri<{ status: PodSandboxStatus; info: Record<string, string> }>(
      call,
      'RuntimeService/PodSandboxStatus',
      {
        podSandboxId: id,
        verbose: !call.flags.on('quiet'),
      },
    );
    if (isRpcError(reply))
      return yield* failRpc(call, reply, 'getting the status of the pod sandbox: ');
    const info = reply.info.info === undefined ? {} : (JSON.parse(reply.info.info) as unknown);
    const failing = `getting the pod sandbox status for "${id}": `;
    const code = yield* showStatus(call, { status: reply.status, info }, failing);
    if (code !== 0) return code;
  }
  return 0;
}

export const podCommands: readonly CliCommand[] = [
  {
    name: 'inspectp',
    usage: 'Display the status of one or more pods',
    argsUsage: 'POD-ID [POD-ID...]',
    flags: [
      flag.text('output o', 'Output format, One of: json|yaml|go-template|table'),
      flag.bool('quiet q', 'Do not show verbose information'),
      flag.text('template', 'The template string'),
    ],
    run: inspectPods,
  },
  {
    name: 'pods',
    usage: 'List pods',
    argsUsage: '',
    flags: [
      flag.text('id', 'filter by pod id'),
      flag.list('label', 'filter by key=value label'),
      flag.int('last n', 'Show last n recently created pods. Set 0 for unlimited'),
      flag.bool('latest l', 'Show the most recently created pod'),
      flag.text('name', 'filter by pod name regular expression pattern'),
      flag.text('namespace', 'filter by pod namespace regular expression pattern'),
      flag.bool('no-trunc', 'Show output without truncating the ID'),
      flag.text('output o', 'Output format, One of: json|yaml|table'),
      flag.bool('quiet q', 'list only pod IDs'),
      flag.text('state s', 'filter by pod state'),
      flag.bool('verbose v', 'show verbose info for pods'),
    ],
    run: listPods,
  },
  {
    name: 'rmp',
    usage: 'Remove one or more pods',
    argsUsage: 'POD-ID [POD-ID...]',
    flags: [
      flag.bool('all a', 'Remove all pods'),
      flag.bool('force f', 'Force removal of the pod sandbox, disregarding if running'),
    ],
    run: removePods,
  },
  {
    name: 'runp',
    usage: 'Run a new pod',
    argsUsage: 'pod-config.[json|yaml]',
    flags: [
      flag.text(
        'cancel-timeout T',
        'Seconds to wait for a run pod sandbox request to complete before cancelling the request',
      ),
      flag.text(
        'runtime r',
        'Runtime handler to use. Available options are defined by the container runtime.',
      ),
    ],
    run: runPod,
  },
  {
    name: 'stopp',
    usage: 'Stop one or more running pods',
    argsUsage: 'POD-ID [POD-ID...]',
    run: stopPods,
  },
];
