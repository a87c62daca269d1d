// The flags of `ctr run` and `ctr containers create`, and what they change in a spec.

import type { Routine } from '../../../core/wait.ts';
import { mergeEnvironment, withLinux, withNamespace, withProcess } from '../../containerd/spec.ts';
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

/** Flags of `run` and `containers create`. */
export const CONTAINER_FLAGS: readonly CliFlag[] = [
  flag('snapshotter', 'string', 'Snapshotter name. Empty value stands for the default value.'),
  flag('snapshotter-label', 'list', 'Labels added to the new snapshot for this container.'),
  flag('config c', 'string', 'Path to the runtime-specific spec config file'),
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
  flag(
    'runtime',
    'string',
    'Runtime name or absolute path to runtime binary',
    'io.containerd.runc.v2',
  ),
  flag('tty t', 'bool', 'Allocate a TTY for the container'),
  flag(
    'with-ns',
    'list',
    "Specify existing Linux namespaces to join at container runtime (format '<nstype>:<path>')",
  ),
  flag('pid-file', 'string', "File path to write the task's pid"),
  flag('gpus', 'list', 'Add gpus to the container'),
  flag('allow-new-privs', 'bool', "Turn off OCI spec's NoNewPrivileges feature flag"),
  flag('memory-limit', 'string', 'Memory limit (in bytes) for the container', '0'),
  flag('cap-add', 'list', "Add Linux capabilities (Set capabilities with 'CAP_' prefix)"),
  flag('cap-drop', 'list', "Drop Linux capabilities (Set capabilities with 'CAP_' prefix)"),
  flag('seccomp', 'bool', 'Enable the default seccomp profile'),
  flag('rootfs', 'bool', 'Use custom rootfs that is not managed by containerd snapshotter'),
  flag('no-pivot', 'bool', 'Disable use of pivot-root (linux only)'),
  flag('cpu-quota', 'string', 'Limit CPU CFS quota', '-1'),
  flag('cpu-period', 'string', 'Limit CPU CFS period', '0'),
  flag('cpus', 'string', 'Set the CFS cpu quota', '0'),
  flag('cpu-shares', 'string', 'Set the cpu shares', '1024'),
  flag('cpuset-cpus', 'string', 'Set the CPUs the container will run in, e.g., 1-2,4'),
  flag('hostname', 'string', "Set the container's host name"),
  flag(
    'user u',
    'string',
    'Username or user id, group optional (format: <name|uid>[:<group|gid>])',
  ),
];

export function pairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

export function mountOption(text: string): SpecMount | string {
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

export function* applyFlags(call: CliCall, base: Spec, _id: string): Routine<Spec | string> {
  const { flags } = call;
  let spec = base;
  const env = mergeEnvironment(spec.process?.env ?? [], flags.list('env'));
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
