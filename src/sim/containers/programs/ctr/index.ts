// ctr: the debug and administration client of containerd.

import { notSimulated, program } from '../../../userland/libc/stdio.ts';
import { CONTAINERD_ADDRESS } from '../../containerd/metadata.ts';
import { CONTAINERD_REVISION, CONTAINERD_VERSION } from '../../containerd/server.ts';
import { isRpcError } from '../../rpc.ts';
import { type CliApp, type CliCommand, runCli } from '../cli.ts';
import { clientOf, ctrFail, failWith } from './app.ts';
import { CONTAINER_FLAGS, ID_MAP_FLAGS } from './container-flags.ts';
import { containersCommand } from './containers.ts';
import { imagesCommand } from './images.ts';
import { runContainer } from './run.ts';
import { snapshotsCommand } from './snapshots.ts';
import { contentCommand, eventsCommand, leasesCommand, namespacesCommand } from './storage.ts';
import { tasksCommand } from './tasks.ts';

const RUN_FLAGS = [
  {
    names: ['rm'],
    kind: 'bool',
    usage: 'Remove the container after running, cannot be used with --detach',
    default: 'false',
  },
  { names: ['null-io'], kind: 'bool', usage: 'Send all IO to /dev/null', default: 'false' },
  { names: ['log-uri'], kind: 'string', usage: 'Log uri' },
  {
    names: ['detach', 'd'],
    kind: 'bool',
    usage: 'Detach from the task after it has started execution, cannot be used with --rm',
    default: 'false',
  },
  { names: ['fifo-dir'], kind: 'string', usage: 'Directory used for storing IO FIFOs' },
  {
    names: ['cgroup'],
    kind: 'string',
    usage: 'Cgroup path (To disable use of cgroup, set to "" explicitly)',
  },
  { names: ['platform'], kind: 'string', usage: 'Run image for specific platform' },
  {
    names: ['cni'],
    kind: 'bool',
    usage: 'Enable cni networking for the container',
    default: 'false',
  },
  {
    names: ['sync-fs'],
    kind: 'bool',
    usage:
      'Synchronize the underlying filesystem containing files when unpack images, false by default',
    default: 'false',
  },
] as const;

const versionCommand: CliCommand = {
  name: 'version',
  usage: 'Print the client and server versions',
  *run(call) {
    const { out } = call.main;
    const lines = [`  Version:  ${CONTAINERD_VERSION}`, `  Revision: ${CONTAINERD_REVISION}`];
    out.put(`Client:\n${lines.join('\n')}\n  Go version: go1.25.7\n\n`);
    const version = yield* clientOf(call).version();
    if (isRpcError(version)) return yield* failWith(call, version);
    out.put(`Server:\n${lines.join('\n')}\n  UUID: ${call.main.process.task.kernel.bootId}\n`);
    return 0;
  },
};

const runCommand: CliCommand = {
  name: 'run',
  usage: 'Run a container',
  argsUsage: '[flags] Image|RootFS ID [COMMAND] [ARG...]',
  flags: [...RUN_FLAGS, ...ID_MAP_FLAGS, ...CONTAINER_FLAGS],
  run: runContainer,
};

const missing = (name: string, usage: string, aliases: readonly string[] = []): CliCommand => ({
  name,
  usage,
  aliases,
  run: (call) => notSimulated(call.main, `ctr ${name}`),
});

const app: CliApp = {
  name: 'ctr',
  usage: 'containerd CLI',
  version: CONTAINERD_VERSION,
  versionText: `ctr github.com/containerd/containerd/v2 ${CONTAINERD_VERSION}\n`,
  description: `
   ctr is an unsupported debug and administrative client for interacting
   with the containerd daemon. Because it is unsupported, the commands,
   options, and operations are not guaranteed to be backward compatible or
   stable from release to release of the containerd project.`,
  style: 2,
  fail: ctrFail,
  flags: [
    { names: ['debug'], kind: 'bool', usage: 'Enable debug output in logs', default: 'false' },
    {
      names: ['address', 'a'],
      kind: 'string',
      usage: "Address for containerd's GRPC server",
      default: CONTAINERD_ADDRESS,
      variable: 'CONTAINERD_ADDRESS',
    },
    {
      names: ['timeout'],
      kind: 'duration',
      usage: 'Total timeout for ctr commands',
      default: '0s',
    },
    {
      names: ['connect-timeout'],
      kind: 'duration',
      usage: 'Timeout for connecting to containerd',
      default: '0s',
    },
    {
      names: ['namespace', 'n'],
      kind: 'string',
      usage: 'Namespace to use with commands',
      default: 'default',
      variable: 'CONTAINERD_NAMESPACE',
    },
  ],
  commands: [
    missing('plugins', 'Provides information about containerd plugins', ['plugin']),
    versionCommand,
    containersCommand,
    contentCommand,
    eventsCommand,
    imagesCommand,
    leasesCommand,
    namespacesCommand,
    missing('pprof', 'Provide golang pprof outputs for containerd'),
    runCommand,
    snapshotsCommand,
    tasksCommand,
    missing('install', 'Install a new package'),
    missing('oci', 'OCI tools'),
    missing('sandboxes', 'Manage sandboxes', ['sandbox', 'sb', 's']),
    missing('info', 'Print the server info'),
    missing('deprecations', ''),
    missing('shim', 'Interact with a shim directly'),
  ],
};

export const ctr = program('ctr', (main) => runCli(app, main));
