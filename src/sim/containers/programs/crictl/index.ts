// crictl 1.30: the CRI's command line client.

import type { Routine } from '../../../core/wait.ts';
import { program } from '../../../userland/libc/stdio.ts';
import type { CriImage } from '../../cri/types.ts';
import { isReferenceError, parseReference, repositoryOf } from '../../images/reference.ts';
import { isRpcError } from '../../rpc.ts';
import { type CliApp, type CliCall, type CliCommand, runCli } from '../cli.ts';
import { cri, criTable, failRpc, fatal, flag, logLine, shortId, showStatus } from './app.ts';
import { containerCommands } from './containers.ts';
import { podCommands } from './pods.ts';
import { size } from './stats.ts';

function* version(call: CliCall): Routine<number> {
  const reply = yield* cri<Record<string, string>>(call, 'RuntimeService/Version', {
    version: 'v1',
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'getting the runtime version: ');
  const names = [
    ['Version', 'version'],
    ['RuntimeName', 'runtimeName'],
    ['RuntimeVersion', 'runtimeVersion'],
    ['RuntimeApiVersion', 'runtimeApiVersion'],
  ] as const;
  for (const [shown, field] of names) call.main.out.put(`${shown}:  ${reply[field]}\n`);
  return 0;
}

function* info(call: CliCall): Routine<number> {
  const reply = yield* cri<{ status: unknown; info: Record<string, string> }>(
    call,
    'RuntimeService/Status',
    { verbose: true },
  );
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'getting status of runtime: ');
  const parsed = Object.fromEntries(
    Object.entries(reply.info).map(([key, value]) => [key, JSON.parse(value) as unknown]),
  );
  return yield* showStatus(
    call,
    { status: reply.status, ...parsed },
    'getting status of runtime: ',
  );
}

function repositoryAndTag(image: CriImage): readonly [string, string][] {
  if (image.repoTags.length === 0) {
    const name = image.repoDigests[0]?.split('@')[0] ?? '<none>';
    return [[name, '<none>']];
  }
  return image.repoTags.map((tag): [string, string] => {
    const reference = parseReference(tag);
    if (isReferenceError(reference)) return [tag, '<none>'];
    return [repositoryOf(reference), reference.tag ?? '<none>'];
  });
}

function* images(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const reply = yield* cri<{ images: CriImage[] }>(call, 'ImageService/ListImages', {});
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'listing images: ');
  const list = [...reply.images].sort((a, b) =>
    (a.repoTags[0] ?? '') < (b.repoTags[0] ?? '') ? -1 : 1,
  );
  if (flags.text('output') === 'json') {
    main.out.put(`${JSON.stringify({ images: list }, undefined, 2)}\n`);
    return 0;
  }
  if (flags.on('quiet')) {
    for (const { id } of list) main.out.put(`${id}\n`);
    return 0;
  }
  const whole = flags.on('no-trunc');
  const digests = flags.on('digests');
  const rows = list.flatMap((image) =>
    repositoryAndTag(image).map(([repository, tag]) => {
      const id = shortId(image.id.replace('sha256:', ''), whole);
      const known = image.repoDigests[0]?.split('@sha256:')[1];
      const digest = digests ? [known === undefined ? '<none>' : shortId(known, whole)] : [];
      return [repository, tag, ...digest, id, size(Number(image.size))];
    }),
  );
  const head = ['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'];
  main.out.put(criTable([head, ...rows]));
  return 0;
}

function* inspectImages(call: CliCall): Routine<number> {
  for (const name of call.args) {
    const reply = yield* cri<{ image: CriImage | null; info: Record<string, string> }>(
      call,
      'ImageService/ImageStatus',
      {
        image: { image: name },
        verbose: !call.flags.on('quiet'),
      },
    );
    if (isRpcError(reply))
      return yield* failRpc(call, reply, `image status for "${name}" request: `);
    if (!reply.image) return yield* fatal(call.main, `no such image "${name}" present`);
    const parsed = reply.info.info === undefined ? {} : (JSON.parse(reply.info.info) as unknown);
    const failing = `output status for "${name}": `;
    const code = yield* showStatus(call, { status: reply.image, info: parsed }, failing);
    if (code !== 0) return code;
  }
  return 0;
}

function* removeImages(call: CliCall): Routine<number> {
  const { flags, main } = call;
  let names = call.args;
  if (flags.on('all') || flags.on('prune')) {
    const all = yield* cri<{ images: CriImage[] }>(call, 'ImageService/ListImages', {});
    if (isRpcError(all)) return yield* failRpc(call, all, '');
    names = all.images.map(({ id }) => id);
  }
  if (names.length === 0) {
    yield* call.help();
    return 0;
  }
  let failed = false;
  for (const name of names) {
    const status = yield* cri<{ image: CriImage | null }>(call, 'ImageService/ImageStatus', {
      image: { image: name },
    });
    if (isRpcError(status) || !status.image) {
      yield* logLine(main, 'error', `no such image ${name}`);
      failed = true;
      continue;
    }
    const removed = yield* cri(call, 'ImageService/RemoveImage', {
      image: { image: status.image.id },
    });
    if (isRpcError(removed)) {
      failed = true;
      continue;
    }
    for (const tag of status.image.repoTags.length > 0 ? status.image.repoTags : [status.image.id])
      main.out.put(`Deleted: ${tag}\n`);
  }
  return failed ? yield* fatal(main, 'unable to remove the image(s)') : 0;
}

function* pull(call: CliCall): Routine<number> {
  const [name] = call.args;
  if (name === undefined) {
    yield* call.help();
    return 0;
  }
  const reply = yield* cri<{ imageRef: string }>(call, 'ImageService/PullImage', {
    image: { image: name },
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'pulling image: ');
  call.main.out.put(`Image is up to date for ${reply.imageRef}\n`);
  return 0;
}

function* imageFs(call: CliCall): Routine<number> {
  const reply = yield* cri(call, 'ImageService/ImageFsInfo', {});
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'image filesystem info request: ');
  return yield* showStatus(call, { status: reply }, 'output filesystem info: ');
}

const otherCommands: readonly CliCommand[] = [
  {
    name: 'images',
    aliases: ['image', 'img'],
    usage: 'List images',
    argsUsage: '[REPOSITORY[:TAG]]',
    flags: [
      flag.bool('digests', 'Show digests'),
      flag.list('filter f', 'Filter output based on provided conditions.'),
      flag.bool('no-trunc', 'Show output without truncating the ID'),
      flag.text('output o', 'Output format, One of: json|yaml|table'),
      flag.bool('pinned', 'Show whether the image is pinned or not'),
      flag.bool('quiet q', 'Only show image IDs'),
      flag.bool('verbose v', 'Show verbose info for images'),
    ],
    run: images,
  },
  { name: 'imagefsinfo', usage: 'Return image filesystem info', argsUsage: '', run: imageFs },
  {
    name: 'info',
    usage: 'Display information of the container runtime',
    argsUsage: '',
    flags: [
      flag.text('output o', 'Output format, One of: json|yaml|go-template'),
      flag.bool('quiet q', 'Do not show verbose information'),
      flag.text('template', 'The template string'),
    ],
    run: info,
  },
  {
    name: 'inspecti',
    usage: 'Return the status of one or more images',
    argsUsage: 'IMAGE-ID [IMAGE-ID...]',
    flags: [
      flag.text('output o', 'Output format'),
      flag.bool('quiet q', 'Do not show verbose information'),
      flag.text('template', 'The template string'),
    ],
    run: inspectImages,
  },
  {
    name: 'pull',
    usage: 'Pull an image from a registry',
    argsUsage: 'NAME[:TAG|@DIGEST]',
    flags: [
      flag.text('creds', 'Use `USERNAME[:PASSWORD]` for accessing the registry'),
      flag.text('pod-config', 'Use `pod-config.[json|yaml]` to override the pull c context'),
    ],
    run: pull,
  },
  {
    name: 'rmi',
    usage: 'Remove one or more images',
    argsUsage: 'IMAGE-ID [IMAGE-ID...]',
    flags: [
      flag.bool('all a', 'Remove all images'),
      flag.bool('prune q', 'Remove all unused images'),
    ],
    run: removeImages,
  },
  { name: 'version', usage: 'Display runtime version information', argsUsage: '', run: version },
];

const app: CliApp = {
  name: 'crictl',
  usage: 'client for CRI',
  version: 'v1.30.0',
  versionText: 'crictl version v1.30.0\n',
  style: 2,
  bundles: true,
  fail: (main, text) => fatal(main, text),
  flags: [
    {
      names: ['config', 'c'],
      kind: 'string',
      usage:
        "Location of the client config file. If not specified and the default does not exist, the program's directory is searched as well",
      default: '/etc/crictl.yaml',
    },
    { names: ['debug', 'D'], kind: 'bool', usage: 'Enable debug mode', default: 'false' },
    {
      names: ['image-endpoint', 'i'],
      kind: 'string',
      usage: "Endpoint of CRI image manager service (default: uses 'runtime-endpoint' setting)",
    },
    {
      names: ['runtime-endpoint', 'r'],
      kind: 'string',
      usage:
        'Endpoint of CRI container runtime service (default: uses in order the first successful one of [unix:///run/containerd/containerd.sock unix:///run/crio/crio.sock unix:///var/run/cri-dockerd.sock])',
    },
    {
      names: ['timeout', 't'],
      kind: 'duration',
      usage: 'Timeout of connecting to the server in seconds',
      default: '2s',
    },
  ],
  commands: [...containerCommands, ...otherCommands, ...podCommands].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  ),
};

export const crictl = program('crictl', (main) => runCli(app, main));
