// The flags of `ctr run` and `ctr containers create`, and what they change in a spec.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { mergeEnvironment, withLinux, withNamespace, withProcess } from '../../containerd/spec.ts';
import { goErrno } from '../../runc/validate.ts';
import type { Spec, SpecMount } from '../../runc/spec.ts';
import type { CliCall, CliFlag } from '../cli.ts';

export const flag = (
  names: string,
  kind: CliFlag['kind'],
  usage: string,
  fallback?: string,
): CliFlag => ({
  names: names.split(' '),
  kind,
  usage,
  ...(fallback === undefined
    ? kind === 'bool'
      ? { default: 'false' }
      : {}
    : { default: fallback }),
});

const UNHEEDED: string[] = [];

/** A flag that is accepted by the real command and by nothing here. */
const unheeded = (
  names: string,
  kind: CliFlag['kind'],
  usage: string,
  fallback?: string,
): CliFlag => {
  const made = flag(names, kind, usage, fallback);
  UNHEEDED.push(made.names[0] ?? '');
  return made;
};

const ID_MAP = 'container-uid:host-uid:length';

/** Flags of `run` and `containers create`, in the order of their help. */
const RESOURCE_FLAGS: readonly CliFlag[] = [
  unheeded(
    'remap-labels',
    'bool',
    'Provide the user namespace ID remapping to the snapshotter via label options; requires snapshotter support',
  ),
  unheeded(
    'privileged-without-host-devices',
    'bool',
    "Don't pass all host devices to privileged container",
  ),
  flag('cpus', 'float', 'Set the CFS cpu quota', '0'),
  flag('cpu-shares', 'int', 'Set the cpu shares', '1024'),
  flag('cpuset-cpus', 'string', 'Set the CPUs the container will run in (e.g., 1-2,4)'),
  unheeded('cpuset-mems', 'string', 'Set the memory nodes the container will run in (e.g., 1-2,4)'),
];

const RUNTIME_FLAGS: readonly CliFlag[] = [
  flag(
    'runtime',
    'string',
    'Runtime name or absolute path to runtime binary',
    'io.containerd.runc.v2',
  ),
  unheeded('runtime-config-path', 'string', 'Optional runtime config path'),
  unheeded('runc-binary', 'string', 'Specify runc-compatible binary'),
  unheeded('runc-root', 'string', 'Specify runc-compatible root'),
  unheeded('runc-systemd-cgroup', 'bool', 'Start runc with systemd cgroup manager'),
];

const COMMON_FLAGS: readonly CliFlag[] = [
  {
    ...flag('snapshotter', 'string', 'Snapshotter name. Empty value stands for the default value.'),
    variable: 'CONTAINERD_SNAPSHOTTER',
  },
  unheeded('snapshotter-label', 'list', 'Labels added to the new snapshot for this container.'),
  unheeded('config c', 'string', 'Path to the runtime-specific spec config file'),
  flag('cwd', 'string', 'Specify the working directory of the process'),
  flag('env', 'list', 'Specify additional container environment variables (e.g. FOO=bar)'),
  flag(
    'env-file',
    'string',
    'Specify additional container environment variables in a file(e.g. FOO=bar, one per line)',
  ),
  flag('label', 'list', 'Specify additional labels (e.g. foo=bar)'),
  flag('annotation', 'list', 'Specify additional OCI annotations (e.g. foo=bar)'),
  flag(
    'mount',
    'list',
    'Specify additional container mount (e.g. type=bind,src=/tmp,dst=/host,options=rbind:ro)',
  ),
  flag('net-host', 'bool', 'Enable host networking for the container'),
  flag('privileged', 'bool', 'Run privileged container'),
  flag('read-only', 'bool', 'Set the containers filesystem as readonly'),
  unheeded('sandbox', 'string', 'Create the container in the given sandbox'),
  flag('tty t', 'bool', 'Allocate a TTY for the container'),
  flag(
    'with-ns',
    'list',
    "Specify existing Linux namespaces to join at container runtime (format '<nstype>:<path>')",
  ),
  flag('pid-file', 'string', "File path to write the task's pid"),
  unheeded('gpus', 'list', 'Add gpus to the container'),
  flag('allow-new-privs', 'bool', "Turn off OCI spec's NoNewPrivileges feature flag"),
  flag('memory-limit', 'int', 'Memory limit (in bytes) for the container', '0'),
  flag('cap-add', 'list', "Add Linux capabilities (Set capabilities with 'CAP_' prefix)"),
  flag('cap-drop', 'list', "Drop Linux capabilities (Set capabilities with 'CAP_' prefix)"),
  flag('seccomp', 'bool', 'Enable the default seccomp profile'),
  unheeded(
    'seccomp-profile',
    'string',
    'File path to custom seccomp profile. seccomp must be set to true, before using seccomp-profile',
  ),
  unheeded(
    'apparmor-default-profile',
    'string',
    'Enable AppArmor with the default profile with the specified name, e.g. "cri-containerd.apparmor.d"',
  ),
  unheeded('apparmor-profile', 'string', 'Enable AppArmor with an existing custom profile'),
  unheeded(
    'blockio-config-file',
    'string',
    'File path to blockio class definitions. By default class definitions are not loaded.',
  ),
  unheeded('blockio-class', 'string', 'Name of the blockio class to associate the container with'),
  unheeded(
    'rdt-class',
    'string',
    'Name of the RDT class to associate the container with. Specifies a Class of Service (CLOS) for cache and memory bandwidth management.',
  ),
  flag('hostname', 'string', "Set the container's host name"),
  flag(
    'user u',
    'string',
    'Username or user id, group optional (format: <name|uid>[:<group|gid>])',
  ),
  flag('rootfs', 'bool', 'Use custom rootfs that is not managed by containerd snapshotter'),
  unheeded('no-pivot', 'bool', 'Disable use of pivot-root (linux only)'),
  flag('cpu-quota', 'int', 'Limit CPU CFS quota', '-1'),
  flag('cpu-period', 'int', 'Limit CPU CFS period', '0'),
  unheeded('rootfs-propagation', 'string', 'Set the propagation of the container rootfs'),
  unheeded(
    'device',
    'list',
    'File path to a device to add to the container; or a path to a directory tree of devices to add to the container',
  ),
];

export const CONTAINER_FLAGS: readonly CliFlag[] = [
  ...RESOURCE_FLAGS,
  ...RUNTIME_FLAGS,
  ...COMMON_FLAGS,
];

/** The flags of user namespaces, which `run` has before the others. */
export const ID_MAP_FLAGS: readonly CliFlag[] = ['uid', 'gid'].map((kind) => ({
  ...unheeded(
    `${kind}map`,
    'list',
    `Run inside a user namespace with the specified ${kind.toUpperCase()} mapping ranges; specified with the format ${ID_MAP.replaceAll('uid', kind)}`,
  ),
  placeholder: ID_MAP.replaceAll('uid', kind),
}));

/** The first flag that was given and has no effect here. */
export function unheededFlag(call: CliCall): string | undefined {
  return UNHEEDED.find((name) => call.flags.given(name));
}

export function pairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

export function mountOption(text: string): SpecMount | string {
  if (text.split(',').some((part) => !part.includes('='))) {
    return 'invalid mount specification: expected key=val';
  }
  const fields = pairs(text.split(','));
  const destination = fields.dst ?? fields.destination ?? fields.target;
  const known = new Set(['type', 'src', 'source', 'dst', 'destination', 'target', 'options']);
  const wrong = Object.keys(fields).find((key) => !known.has(key));
  if (wrong !== undefined) return `mount option not supported: ${wrong}`;
  return {
    destination: destination ?? '',
    type: fields.type ?? '',
    source: fields.src ?? fields.source ?? '',
    options: fields.options?.split(':') ?? [],
  };
}

/** The lines of a file of variables; comments and empty lines are left out. */
function* environmentFile(call: CliCall, path: string): Routine<string[] | string> {
  const bytes = yield* readFile(call.main.process, path);
  if (isErrno(bytes)) return `open ${path}: ${goErrno(bytes.message)}`;
  return decode(bytes)
    .split('\n')
    .filter((line) => line.includes('=') && !line.startsWith('#'));
}

export function* applyFlags(call: CliCall, base: Spec, _id: string): Routine<Spec | string> {
  const { flags } = call;
  let spec = base;
  const file = flags.text('env-file');
  const fromFile = file === '' ? [] : yield* environmentFile(call, file);
  if (typeof fromFile === 'string') return fromFile;
  const env = mergeEnvironment(spec.process?.env ?? [], [...fromFile, ...flags.list('env')]);
  spec = withProcess(spec, { env, terminal: flags.on('tty') });
  if (flags.on('tty')) spec = withProcess(spec, { env: mergeEnvironment(env, ['TERM=xterm']) });
  if (flags.text('cwd') !== '') spec = withProcess(spec, { cwd: flags.text('cwd') });
  const hostname = flags.text('hostname');
  if (hostname !== '') spec = { ...spec, hostname };
  const mounts: SpecMount[] = [];
  for (const text of flags.list('mount')) {
    const mount = mountOption(text);
    if (typeof mount === 'string') return mount;
    mounts.push(mount);
  }
  spec = { ...spec, mounts: [...(spec.mounts ?? []), ...mounts] };
  if (flags.on('read-only'))
    spec = { ...spec, root: { path: spec.root?.path ?? 'rootfs', readonly: true } };
  if (flags.on('allow-new-privs')) spec = withProcess(spec, { noNewPrivileges: false });
  if (flags.on('net-host')) {
    spec = withNamespace(spec, 'network', undefined);
    const files = ['/etc/hosts', '/etc/resolv.conf'].map(
      (path): SpecMount => ({
        destination: path,
        type: 'bind',
        source: path,
        options: ['rbind', 'ro'],
      }),
    );
    spec = { ...spec, mounts: [...(spec.mounts ?? []), ...files] };
  }
  for (const text of flags.list('with-ns')) {
    const colon = text.indexOf(':');
    if (colon < 0) return 'option --with-ns must be in the following format: <nstype>:<path>';
    spec = withNamespace(spec, text.slice(0, colon), text.slice(colon + 1));
  }
  const annotations = flags.list('annotation');
  if (annotations.length > 0) spec = { ...spec, annotations: pairs(annotations) };
  return withLimits(withCapabilities(spec, call), call);
}

export function withCapabilities(spec: Spec, call: CliCall): Spec {
  const { flags } = call;
  const held = spec.process?.capabilities?.bounding ?? [];
  const dropped = flags.list('cap-drop');
  const names = [...held.filter((name) => !dropped.includes(name)), ...flags.list('cap-add')];
  let changed = withProcess(spec, {
    capabilities: { bounding: names, effective: names, permitted: names },
  });
  if (flags.on('privileged')) changed = withLinux(changed, { maskedPaths: [], readonlyPaths: [] });
  return flags.on('seccomp')
    ? withLinux(changed, { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } })
    : changed;
}

export function withLimits(spec: Spec, call: CliCall): Spec {
  const { flags } = call;
  const memory = flags.number('memory-limit');
  const cpus = Number(flags.text('cpus') || 0);
  const quota = cpus > 0 ? Math.round(cpus * 100_000) : flags.number('cpu-quota');
  const shares = flags.number('cpu-shares');
  return withLinux(spec, {
    resources: {
      ...spec.linux?.resources,
      ...(memory > 0 ? { memory: { limit: memory } } : {}),
      cpu: {
        shares,
        ...(quota > 0 ? { quota, period: flags.number('cpu-period') || 100_000 } : {}),
        ...(flags.text('cpuset-cpus') === '' ? {} : { cpus: flags.text('cpuset-cpus') }),
      },
    },
  });
}
