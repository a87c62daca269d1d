// Help of runc's commands as the tool prints it, and their flags.

import type { CliCommand, CliFlag } from '../programs/cli.ts';
import { RESOURCES_TEXT, SPEC_TEXT } from './help-texts.ts';

const bool = (names: string, usage: string): CliFlag => ({
  names: names.split(' '),
  kind: 'bool',
  usage,
});
const text = (names: string, usage: string, fallback?: string): CliFlag => ({
  names: names.split(' '),
  kind: 'string',
  usage,
  ...(fallback === undefined ? {} : { default: fallback }),
});

const INSTANCE = `<container-id>

Where "<container-id>" is your name for the instance of the container that you
are starting. The name you provide for the container instance must be unique on
your host.`;
const BUNDLE_TEXT = ` The bundle
is a directory with a specification file named "config.json" and a root
filesystem.

The specification file includes an args parameter. The args parameter is used
to specify command(s) that get run when the container is started. To change the
command(s) that get executed on start, edit the args parameter of the spec. See
"runc spec --help" for more explanation.`;

const BUNDLE = text(
  'bundle b',
  'path to the root of the bundle directory, defaults to the current directory',
);
const CONSOLE = text(
  'console-socket',
  "path to an AF_UNIX socket which will receive a file descriptor referencing the master end of the console's pseudoterminal",
);
const PIDFD = text(
  'pidfd-socket',
  'path to an AF_UNIX socket which will receive a file descriptor referencing the init process',
);
const PID_FILE = text('pid-file', 'specify the file to write the process id to');
const NO_PIVOT = bool(
  'no-pivot',
  'do not use pivot root to jail process inside rootfs.  This should be used whenever the rootfs is on top of a ramdisk',
);
const NO_KEYRING = bool(
  'no-new-keyring',
  'do not create a new session keyring for the container.  This will cause the container to inherit the calling processes session key',
);
const PRESERVE: CliFlag = {
  names: ['preserve-fds'],
  kind: 'int',
  default: '0',
  usage: 'Pass N additional file descriptors to the container (stdio + $LISTEN_FDS + N in total)',
};
const named = (what: string): string =>
  `<container-id>\n\nWhere "<container-id>" is the name for the instance of the container${what}.`;

const CRIU = {
  image: text('image-path', 'path for saving criu image files'),
  work: text('work-path', 'path for saving work files and logs'),
  tcp: bool('tcp-established', 'allow open tcp connections'),
  unix: bool('ext-unix-sk', 'allow external unix sockets'),
  job: bool('shell-job', 'allow shell jobs'),
  locks: bool('file-locks', 'handle file locks, for safety'),
  cgroups: text('manage-cgroups-mode', 'cgroups mode: soft|full|strict|ignore (default: soft)'),
  emptyNs: {
    names: ['empty-ns'],
    kind: 'list',
    usage: "create a namespace, but don't restore its properties",
  },
  dedup: bool('auto-dedup', 'enable auto deduplication of memory images'),
} satisfies Record<string, CliFlag>;

const NO_SUBREAPER = bool(
  'no-subreaper',
  'disable the use of the subreaper used to reap reparented processes',
);
const DETACH = bool('detach d', "detach from the container's process");

/** The commands in the order of runc's help. */
const COMMANDS = [
  {
    name: 'checkpoint',
    usage: 'checkpoint a running container',
    argsUsage: named(' to be\ncheckpointed'),
    description: 'The checkpoint command saves the state of the container instance.',
    flags: [
      CRIU.image,
      CRIU.work,
      text('parent-path', 'path for previous criu image files in pre-dump'),
      bool('leave-running', 'leave the process running after checkpointing'),
      CRIU.tcp,
      bool('tcp-skip-in-flight', 'skip in-flight tcp connections'),
      bool('link-remap', 'allow one to link unlinked files back when possible'),
      CRIU.unix,
      CRIU.job,
      bool('lazy-pages', 'use userfaultfd to lazily restore memory pages'),
      {
        names: ['status-fd'],
        kind: 'int',
        usage: 'criu writes \\0 to this FD once lazy-pages is ready',
        default: '-1',
      },
      text('page-server', 'ADDRESS:PORT of the page server'),
      CRIU.locks,
      bool(
        'pre-dump',
        "dump container's memory information only, leave the container running after this",
      ),
      CRIU.cgroups,
      CRIU.emptyNs,
      CRIU.dedup,
    ],
  },
  {
    name: 'create',
    usage: 'create a container',
    argsUsage: INSTANCE,
    description: `The create command creates an instance of a container for a bundle.${BUNDLE_TEXT}`,
    flags: [BUNDLE, CONSOLE, PIDFD, PID_FILE, NO_PIVOT, NO_KEYRING, PRESERVE],
  },
  {
    name: 'delete',
    usage: 'delete any resources held by the container often used with detached container',
    argsUsage: `${named('')}\n\nEXAMPLE:\nFor example, if the container id is "ubuntu01" and runc list currently shows the\nstatus of "ubuntu01" as "stopped" the following will delete resources held for\n"ubuntu01" removing "ubuntu01" from the runc list of containers:\n\n       # runc delete ubuntu01`,
    flags: [
      bool('force f', 'Forcibly deletes the container if it is still running (uses SIGKILL)'),
    ],
  },
  {
    name: 'events',
    usage:
      'display container events such as OOM notifications, cpu, memory, and IO usage statistics',
    argsUsage: named(''),
    description:
      'The events command displays information about the container. By default the\ninformation is displayed once every 5 seconds.',
    flags: [
      {
        names: ['interval'],
        kind: 'duration',
        usage: 'set the stats collection interval',
        default: '5s',
      },
      bool('stats', "display the container's stats then exit"),
    ],
  },
  {
    name: 'exec',
    usage: 'execute new process inside the container',
    argsUsage:
      '<container-id> <command> [command options]  || -p process.json <container-id>\n\nWhere "<container-id>" is the name for the instance of the container and\n"<command>" is the command to be executed in the container.\n"<command>" can\'t be empty unless a "-p" flag provided.\n\nEXAMPLE:\nFor example, if the container is configured to run the linux ps command the\nfollowing will output a list of processes running in the container:\n\n       # runc exec <container-id> ps',
    flags: [
      CONSOLE,
      text(
        'pidfd-socket',
        'path to an AF_UNIX socket which will receive a file descriptor referencing the exec process',
      ),
      text('cwd', 'current working directory in the container'),
      { names: ['env', 'e'], kind: 'list', usage: 'set environment variables' },
      bool('tty t', 'allocate a pseudo-TTY'),
      text('user u', 'UID (format: <uid>[:<gid>])'),
      { names: ['additional-gids', 'g'], kind: 'list', usage: 'additional gids' },
      text('process p', 'path to the process.json'),
      bool('detach d', "detach from the container's process"),
      PID_FILE,
      text('process-label', 'set the asm process label for the process commonly used with selinux'),
      text('apparmor', 'set the apparmor profile for the process'),
      bool('no-new-privs', 'set the no new privileges value for the process'),
      {
        names: ['cap', 'c'],
        kind: 'list',
        usage: 'add a capability to the bounding set for the process',
      },
      PRESERVE,
      {
        names: ['cgroup'],
        kind: 'list',
        usage: 'run the process in an (existing) sub-cgroup(s). Format is [<controller>:]<cgroup>.',
      },
      bool('ignore-paused', 'allow exec in a paused container'),
    ],
  },
  {
    name: 'kill',
    usage: "kill sends the specified signal (default: SIGTERM) to the container's init process",
    argsUsage:
      '<container-id> [signal]\n\nWhere "<container-id>" is the name for the instance of the container and\n"[signal]" is the signal to be sent to the init process.\n\nEXAMPLE:\nFor example, if the container id is "ubuntu01" the following will send a "KILL"\nsignal to the init process of the "ubuntu01" container:\n\n       # runc kill ubuntu01 KILL',
    flags: [{ names: ['all', 'a'], kind: 'bool', usage: '(obsoleted, do not use)', hidden: true }],
  },
  {
    name: 'list',
    usage: 'lists containers started by runc with the given root',
    argsUsage:
      '\n\nWhere the given root is specified via the global option "--root"\n(default: "/run/runc").\n\nEXAMPLE 1:\nTo list containers created via the default "--root":\n       # runc list\n\nEXAMPLE 2:\nTo list containers created using a non-default value for "--root":\n       # runc --root value list',
    flags: [
      text('format f', 'select one of: table or json', 'table'),
      bool('quiet q', 'display only container IDs'),
    ],
  },
  {
    name: 'pause',
    usage: 'pause suspends all processes inside the container',
    argsUsage:
      '<container-id>\n\nWhere "<container-id>" is the name for the instance of the container to be\npaused. ',
    description:
      'The pause command suspends all processes in the instance of the container.\n\nUse runc list to identify instances of containers and their current status.',
    flags: [],
  },
  {
    name: 'ps',
    usage: 'ps displays the processes running inside a container',
    argsUsage: '<container-id> [ps options]',
    flags: [text('format f', 'select one of: table or json', 'table')],
  },
  {
    name: 'restore',
    usage: 'restore a container from a previous checkpoint',
    argsUsage: named(' to be\nrestored'),
    description:
      'Restores the saved state of the container instance that was previously saved\nusing the runc checkpoint command.',
    flags: [
      CONSOLE,
      text('image-path', 'path to criu image files for restoring'),
      CRIU.work,
      CRIU.tcp,
      CRIU.unix,
      CRIU.job,
      CRIU.locks,
      CRIU.cgroups,
      text('bundle b', 'path to the root of the bundle directory'),
      DETACH,
      PID_FILE,
      NO_SUBREAPER,
      NO_PIVOT,
      CRIU.emptyNs,
      CRIU.dedup,
      bool('lazy-pages', 'use userfaultfd to lazily restore memory pages'),
      text(
        'lsm-profile',
        'Specify an LSM profile to be used during restore in the form of TYPE:NAME.',
      ),
      text('lsm-mount-context', 'Specify an LSM mount context to be used during restore.'),
    ],
  },
  {
    name: 'resume',
    usage: 'resumes all processes that have been previously paused',
    argsUsage:
      '<container-id>\n\nWhere "<container-id>" is the name for the instance of the container to be\nresumed.',
    description:
      'The resume command resumes all processes in the instance of the container.\n\nUse runc list to identify instances of containers and their current status.',
    flags: [],
  },
  {
    name: 'run',
    usage: 'create and run a container',
    argsUsage: INSTANCE,
    description: `The run command creates an instance of a container for a bundle.${BUNDLE_TEXT}`,
    flags: [
      BUNDLE,
      CONSOLE,
      PIDFD,
      DETACH,
      bool('keep', 'do not delete the container after it exits'),
      PID_FILE,
      NO_SUBREAPER,
      NO_PIVOT,
      NO_KEYRING,
      PRESERVE,
    ],
  },
  {
    name: 'spec',
    usage: 'create a new specification file',
    description: SPEC_TEXT,
    flags: [
      text('bundle b', 'path to the root of the bundle directory'),
      bool('rootless', 'generate a configuration for a rootless container'),
    ],
  },
  {
    name: 'start',
    usage: 'executes the user defined process in a created container',
    argsUsage: INSTANCE,
    description: 'The start command executes the user defined process in a created container.',
    flags: [],
  },
  {
    name: 'state',
    usage: 'output the state of a container',
    argsUsage:
      '<container-id>\n\nWhere "<container-id>" is your name for the instance of the container.',
    description:
      'The state command outputs current state information for the\ninstance of a container.',
    flags: [],
  },
  {
    name: 'update',
    usage: 'update container resource constraints',
    argsUsage: '<container-id>',
    flags: [
      text('resources r', RESOURCES_TEXT),
      {
        names: ['blkio-weight'],
        kind: 'int',
        usage: 'Specifies per cgroup weight, range is from 10 to 1000',
        default: '0',
      },
      text(
        'cpu-period',
        'CPU CFS period to be used for hardcapping (in usecs). 0 to use system default',
      ),
      text('cpu-quota', 'CPU CFS hardcap limit (in usecs). Allowed cpu time in a given period'),
      text(
        'cpu-burst',
        'CPU CFS hardcap burst limit (in usecs). Allowed accumulated cpu time additionally for burst a given period',
      ),
      text('cpu-share', 'CPU shares (relative weight vs. other containers)'),
      text(
        'cpu-rt-period',
        'CPU realtime period to be used for hardcapping (in usecs). 0 to use system default',
      ),
      text(
        'cpu-rt-runtime',
        'CPU realtime hardcap limit (in usecs). Allowed cpu time in a given period',
      ),
      text('cpuset-cpus', 'CPU(s) to use'),
      text('cpuset-mems', 'Memory node(s) to use'),
      text('memory', 'Memory limit (in bytes)'),
      text('cpu-idle', 'set cgroup SCHED_IDLE or not, 0: default behavior, 1: SCHED_IDLE'),
      text('memory-reservation', 'Memory reservation or soft_limit (in bytes)'),
      text('memory-swap', "Total memory usage (memory + swap); set '-1' to enable unlimited swap"),
      {
        names: ['pids-limit'],
        kind: 'int',
        usage: 'Maximum number of pids allowed in the container',
        default: '0',
      },
      text('l3-cache-schema', 'The string of Intel RDT/CAT L3 cache schema'),
      text('mem-bw-schema', 'The string of Intel RDT/MBA memory bandwidth schema'),
    ],
  },
  {
    name: 'features',
    usage: 'show the enabled features',
    description:
      'Show the enabled features.\n   The result is parsable as a JSON.\n   See https://github.com/opencontainers/runtime-spec/blob/main/features.md for the type definition.\n',
    flags: [],
  },
] as const satisfies readonly CliCommand[];

export type RuncCommandName = (typeof COMMANDS)[number]['name'];

export const COMMAND_HELP: readonly (CliCommand & { readonly name: RuncCommandName })[] = COMMANDS;
