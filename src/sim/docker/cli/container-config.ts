// The flags of run and create as the request that POST /containers/create takes.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type {
  CreateRequest,
  EndpointRequest,
  HostConfig,
  MountRequest,
  PortBinding,
} from '../daemon/types.ts';
import { memoryBytes } from '../units.ts';
import { type Call, type FlagValues, pairsOf } from './command.ts';

/** What is wrong with the flags, in the client's words. */
export interface FlagError {
  readonly wrong: string;
}

const wrong = (text: string): FlagError => ({ wrong: text });
export const isFlagError = (value: unknown): value is FlagError =>
  typeof value === 'object' && value !== null && 'wrong' in value;

/** Lines of a file of `KEY=VALUE`; keys alone take the client's own value where `own` is given. */
function* fileLines(call: Call, path: string): Routine<string[] | FlagError> {
  const bytes = yield* readFile(call.main.process, path);
  if (isErrno(bytes)) return wrong(`open ${path}: ${bytes.message.toLowerCase()}`);
  return decode(bytes)
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The environment of -e and --env-file. */
export function* environmentOf(call: Call): Routine<string[] | FlagError> {
  const lines: string[] = [];
  for (const path of call.flags.list('env-file')) {
    const found = yield* fileLines(call, path);
    if (isFlagError(found)) return found;
    lines.push(...found);
  }
  lines.push(...call.flags.list('env'));
  const own = call.main.process.environment;
  return lines.flatMap((line) => {
    if (line.includes('=')) return [line];
    const value = own.get(line);
    return value === undefined ? [] : [`${line}=${value}`];
  });
}

function* labelsOf(call: Call): Routine<Record<string, string> | FlagError> {
  const lines: string[] = [];
  for (const path of call.flags.list('label-file')) {
    const found = yield* fileLines(call, path);
    if (isFlagError(found)) return found;
    lines.push(...found);
  }
  return pairsOf([...lines, ...call.flags.list('label')]);
}

function portRange(text: string): [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  return low > 65_535 || high > 65_535 || high < low ? undefined : [low, high];
}

/** `[IP:][HOST:]PORT[/PROTOCOL]`, with ranges. */
function publish(spec: string, bindings: Record<string, PortBinding[]>): string | undefined {
  const [address = '', protocol = 'tcp'] = spec.split('/');
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return `invalid proto: ${protocol}`;
  const ipv6 = /^\[(.*)\]:(.*)$/.exec(address);
  const parts = ipv6 ? [ipv6[1] ?? '', ...(ipv6[2] ?? '').split(':')] : address.split(':');
  const inner = parts.pop() ?? '';
  const outer = parts.pop() ?? '';
  const ip = parts.join(':');
  if (inner === '') return `no port specified: ${spec}<empty>`;
  if (ip !== '' && !/^[\d.]+$/.test(ip) && !ipv6) return `invalid IP address: ${ip}`;
  const container = portRange(inner);
  if (!container) return `invalid containerPort: ${inner}`;
  const host = outer === '' ? undefined : portRange(outer);
  if (outer !== '' && !host) return `invalid hostPort: ${outer}`;
  if (host && container[1] - container[0] !== host[1] - host[0] && container[0] !== container[1])
    return `invalid ranges specified for container and host Ports: ${inner} and ${outer}`;
  for (let port = container[0]; port <= container[1]; port++) {
    const HostPort = !host
      ? ''
      : container[0] === container[1] && host[0] !== host[1]
        ? outer
        : String(host[0] + port - container[0]);
    const key = `${port}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: ip, HostPort }];
  }
  return undefined;
}

function exposed(
  flags: FlagValues,
  bindings: Record<string, PortBinding[]>,
): Record<string, Record<string, never>> | FlagError {
  const ports: Record<string, Record<string, never>> = {};
  for (const key of Object.keys(bindings)) ports[key] = {};
  for (const spec of flags.list('expose')) {
    const [text = '', protocol = 'tcp'] = spec.split('/');
    const range = portRange(text);
    if (!range)
      return wrong(
        `invalid range format for --expose: ${spec}, error: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
      );
    for (let port = range[0]; port <= range[1]; port++) ports[`${port}/${protocol}`] = {};
  }
  return ports;
}

const MOUNT_TYPES = ['bind', 'volume', 'tmpfs', 'image', 'npipe', 'cluster'];

/** `type=bind,source=…,target=…` */
function mountOf(call: Call, text: string): MountRequest | FlagError {
  const fields = text
    .split(',')
    .map(
      (field) =>
        [
          field.split('=', 1)[0]?.toLowerCase() ?? '',
          field.includes('=') ? field.slice(field.indexOf('=') + 1) : undefined,
        ] as const,
    );
  const get = (...names: string[]): string | undefined =>
    fields.findLast(([name]) => names.includes(name))?.[1];
  const has = (name: string): boolean =>
    fields.some(
      ([key, value]) => key === name && (value === undefined || /^(1|true)$/.test(value)),
    );
  const known = new Set([
    'type',
    'source',
    'src',
    'target',
    'dst',
    'destination',
    'readonly',
    'ro',
    'bind-propagation',
    'bind-recursive',
    'bind-nonrecursive',
    'bind-create-src',
    'consistency',
    'volume-nocopy',
    'volume-label',
    'volume-driver',
    'volume-opt',
    'volume-subpath',
    'tmpfs-size',
    'tmpfs-mode',
    'image-subpath',
  ]);
  const invalid = (why: string): FlagError =>
    wrong(`invalid argument ${JSON.stringify(text)} for "--mount" flag: ${why}`);
  for (const [name, value] of fields) {
    if (!known.has(name))
      return value === undefined
        ? invalid(`invalid field '${name}' must be a key=value pair`)
        : invalid(`unexpected key '${name}' in '${name}=${value}'`);
    if (
      value === undefined &&
      !['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'].includes(name)
    )
      return invalid(`invalid field '${name}' must be a key=value pair`);
  }
  const type = get('type') ?? 'volume';
  const target = get('target', 'dst', 'destination');
  if (target === undefined) return invalid('target is required');
  if (!MOUNT_TYPES.includes(type)) return { Type: type as MountRequest['Type'], Target: target };
  let source = get('source', 'src');
  if (type === 'bind' && source?.startsWith('.'))
    source = `${String(call.main.process.getcwd())}/${source.replace(/^\.\/?/, '')}`.replace(
      /\/$/,
      '',
    );
  const size = get('tmpfs-size');
  const mode = get('tmpfs-mode');
  const options = fields.filter(([name]) => name === 'volume-opt').map(([, value]) => value ?? '');
  const labels = fields.filter(([name]) => name === 'volume-label').map(([, value]) => value ?? '');
  return {
    Type: type as MountRequest['Type'],
    Target: target,
    ...(source === undefined ? {} : { Source: source }),
    ...(has('readonly') || has('ro') ? { ReadOnly: true } : {}),
    ...(type === 'bind'
      ? {
          BindOptions: {
            ...(get('bind-propagation') ? { Propagation: get('bind-propagation') ?? '' } : {}),
          },
        }
      : {}),
    ...(type === 'volume' && fields.some(([name]) => name.startsWith('volume-'))
      ? {
          VolumeOptions: {
            ...(has('volume-nocopy') ? { NoCopy: true } : {}),
            ...(labels.length > 0 ? { Labels: pairsOf(labels) } : {}),
            ...(options.length > 0 || get('volume-driver')
              ? {
                  DriverConfig: {
                    Name: get('volume-driver') ?? 'local',
                    Options: pairsOf(options),
                  },
                }
              : {}),
          },
        }
      : {}),
    ...(type === 'tmpfs' && (size ?? mode) !== undefined
      ? {
          TmpfsOptions: {
            ...(size ? { SizeBytes: memoryBytes(size) ?? 0 } : {}),
            ...(mode ? { Mode: Number.parseInt(mode, 8) } : {}),
          },
        }
      : {}),
  };
}

interface Networking {
  readonly mode: string;
  readonly endpoints: Record<string, EndpointRequest>;
}

function networking(flags: FlagValues): Networking | FlagError {
  const endpoints: Record<string, EndpointRequest> = {};
  const names = flags.list('network');
  for (const [i, text] of (names.length > 0 ? names : ['default']).entries()) {
    const fields = text.includes('=') ? pairsOf(text.split(',')) : { name: text };
    const name = fields.name ?? '';
    const first = i === 0;
    const address = fields.ip ?? (first ? flags.text('ip') : '');
    const aliases = [
      ...(fields.alias === undefined ? [] : [fields.alias]),
      ...(first ? flags.list('network-alias') : []),
    ];
    const links =
      first && !['default', 'bridge', 'host', 'none'].includes(name) ? flags.list('link') : [];
    const mac = fields['mac-address'] ?? (first ? flags.text('mac-address') : '');
    if (/^container:/.test(name) || (name === 'host' && aliases.length === 0)) continue;
    endpoints[name] = {
      ...(address === '' ? {} : { IPAMConfig: { IPv4Address: address } }),
      ...(aliases.length > 0 ? { Aliases: aliases } : {}),
      ...(links.length > 0 ? { Links: links } : {}),
      ...(mac === '' ? {} : { MacAddress: mac }),
      ...(fields['gw-priority'] ? { GwPriority: Number(fields['gw-priority']) } : {}),
    };
  }
  const [mode = 'default'] = names;
  return { mode: mode.includes('=') ? (pairsOf(mode.split(',')).name ?? mode) : mode, endpoints };
}

function restartPolicy(text: string): HostConfig['RestartPolicy'] | FlagError {
  const [Name = '', count] = text.split(':');
  if (text !== '' && Name === '')
    return wrong('invalid restart policy format: no policy provided before colon');
  if (count !== undefined && !/^-?\d+$/.test(count))
    return wrong('invalid restart policy format: maximum retry count must be an integer');
  return { Name: Name === '' ? 'no' : Name, MaximumRetryCount: Number(count ?? 0) };
}

function healthcheck(flags: FlagValues): CreateRequest['Healthcheck'] | FlagError | undefined {
  const names = [
    'health-cmd',
    'health-interval',
    'health-timeout',
    'health-retries',
    'health-start-period',
    'health-start-interval',
  ];
  const any = names.some((name) => flags.given(name));
  if (flags.on('no-healthcheck'))
    return any ? wrong('--no-healthcheck conflicts with --health-* options') : { Test: ['NONE'] };
  if (!any) return undefined;
  if (flags.number('health-retries') < 0) return wrong('--health-retries cannot be negative');
  for (const name of names.filter((n) => /interval|timeout|period/.test(n)))
    if (flags.duration(name) < 0) return wrong(`--${name} cannot be negative`);
  const time = (key: string, name: string): object =>
    flags.duration(name) > 0 ? { [key]: flags.duration(name) } : {};
  return {
    ...(flags.text('health-cmd') === '' ? {} : { Test: ['CMD-SHELL', flags.text('health-cmd')] }),
    ...time('Interval', 'health-interval'),
    ...time('Timeout', 'health-timeout'),
    ...time('StartPeriod', 'health-start-period'),
    ...time('StartInterval', 'health-start-interval'),
    ...(flags.number('health-retries') > 0 ? { Retries: flags.number('health-retries') } : {}),
  };
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null);

/** Bytes of a flag like -m; -1 for no limit. */
function limits(flags: FlagValues): Partial<HostConfig> {
  return {
    CpuShares: flags.number('cpu-shares'),
    Memory: flags.bytes('memory'),
    NanoCpus: Math.round(flags.number('cpus') * 1e9),
    CgroupParent: flags.text('cgroup-parent'),
    BlkioWeight: flags.number('blkio-weight'),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpusetCpus: flags.text('cpuset-cpus'),
    CpusetMems: flags.text('cpuset-mems'),
    MemoryReservation: flags.bytes('memory-reservation'),
    MemorySwap: flags.bytes('memory-swap'),
    MemorySwappiness: null,
    OomKillDisable: flags.on('oom-kill-disable') ? true : null,
    PidsLimit: flags.number('pids-limit') === 0 ? null : flags.number('pids-limit'),
  };
}

function binds(call: Call): string[] {
  const directory = String(call.main.process.getcwd());
  return call.flags
    .list('volume')
    .filter((spec) => spec.includes(':'))
    .map((spec) => {
      if (!/^\.{1,2}(\/|:)/.test(spec)) return spec;
      const [source = '', ...rest] = spec.split(':');
      const parts = `${directory}/${source}`
        .split('/')
        .reduce<string[]>(
          (at, part) =>
            part === '..' ? at.slice(0, -1) : part === '.' || part === '' ? at : [...at, part],
          [],
        );
      return [`/${parts.join('/')}`, ...rest].join(':');
    });
}

/** The request that the flags describe, for an image and its command. */
export function* createRequest(
  call: Call,
  image: string,
  command: readonly string[],
): Routine<CreateRequest | FlagError> {
  const { flags } = call;
  const env = yield* environmentOf(call);
  const labels = yield* labelsOf(call);
  if (isFlagError(env)) return env;
  if (isFlagError(labels)) return labels;
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of flags.list('publish')) {
    const refused = publish(spec, bindings);
    if (refused !== undefined) return wrong(refused);
  }
  const ports = exposed(flags, bindings);
  const network = networking(flags);
  const policy = restartPolicy(flags.text('restart'));
  const health = healthcheck(flags);
  const mounts = flags.list('mount').map((text) => mountOf(call, text));
  const failed = [ports, network, policy, health, ...mounts].find(isFlagError);
  if (failed) return failed;
  const attached = flags.list('attach').map((name) => name.toLowerCase());
  const streams =
    attached.length > 0
      ? attached
      : flags.on('detach')
        ? []
        : ['stdout', 'stderr', ...(flags.on('interactive') ? ['stdin'] : [])];
  const entry = flags.given('entrypoint') ? [flags.text('entrypoint')] : null;
  const stop = flags.text('stop-signal');
  const init = flags.given('init') ? { Init: flags.on('init') } : {};
  const volumes = flags.list('volume').filter((spec) => !spec.includes(':'));
  return {
    Hostname: flags.text('hostname'),
    Domainname: flags.text('domainname'),
    User: flags.text('user'),
    AttachStdin: streams.includes('stdin'),
    AttachStdout: streams.includes('stdout'),
    AttachStderr: streams.includes('stderr'),
    ...(Object.keys(ports as object).length > 0
      ? { ExposedPorts: ports as CreateRequest['ExposedPorts'] & object }
      : {}),
    Tty: flags.on('tty'),
    OpenStdin: flags.on('interactive'),
    StdinOnce: flags.on('interactive') && !flags.on('detach'),
    Env: env,
    Cmd: command.length > 0 ? command : null,
    ...(health ? { Healthcheck: health as NonNullable<CreateRequest['Healthcheck']> } : {}),
    Image: image,
    Volumes: Object.fromEntries(volumes.map((path) => [path, {}])),
    WorkingDir: flags.text('workdir'),
    Entrypoint: entry,
    Labels: labels,
    ...(stop === '' || !flags.given('stop-signal') ? {} : { StopSignal: stop }),
    ...(flags.given('stop-timeout') ? { StopTimeout: flags.number('stop-timeout') } : {}),
    HostConfig: {
      ...hostConfig(call, network as Networking, policy as HostConfig['RestartPolicy']),
      PortBindings: bindings,
      ...init,
      ...(mounts.length > 0 ? { Mounts: mounts as MountRequest[] } : {}),
    },
    NetworkingConfig: { EndpointsConfig: (network as Networking).endpoints },
  };
}

function hostConfig(
  call: Call,
  network: Networking,
  policy: HostConfig['RestartPolicy'],
): HostConfig {
  const { flags } = call;
  const tmpfs = flags
    .list('tmpfs')
    .map(
      (spec) =>
        [
          spec.split(':', 1)[0] ?? '',
          spec.includes(':') ? spec.slice(spec.indexOf(':') + 1) : '',
        ] as const,
    );
  const ulimits = flags.list('ulimit').map((text) => {
    const [Name = '', values = ''] = text.split('=');
    const [soft = 0, hard = soft] = values.split(':').map(Number);
    return { Name, Hard: hard, Soft: soft };
  });
  return {
    Binds: orNull(binds(call)),
    ContainerIDFile: flags.text('cidfile'),
    LogConfig: { Type: flags.text('log-driver') || 'json-file', Config: flags.pairs('log-opt') },
    NetworkMode: network.mode,
    RestartPolicy: policy,
    AutoRemove: flags.on('rm'),
    VolumeDriver: flags.text('volume-driver'),
    VolumesFrom: orNull(flags.list('volumes-from')),
    ConsoleSize: [0, 0],
    ...(flags.given('annotation') ? { Annotations: flags.pairs('annotation') } : {}),
    CapAdd: orNull(flags.list('cap-add')),
    CapDrop: orNull(flags.list('cap-drop')),
    CgroupnsMode: flags.text('cgroupns'),
    Dns: flags.list('dns'),
    DnsOptions: flags.list('dns-option'),
    DnsSearch: flags.list('dns-search'),
    ExtraHosts: orNull(flags.list('add-host')),
    GroupAdd: orNull(flags.list('group-add')),
    IpcMode: flags.text('ipc'),
    Cgroup: '',
    Links:
      network.mode === 'default' || network.mode === 'bridge' ? orNull(flags.list('link')) : null,
    OomScoreAdj: flags.number('oom-score-adj'),
    PidMode: flags.text('pid'),
    Privileged: flags.on('privileged'),
    PublishAllPorts: flags.on('publish-all'),
    ReadonlyRootfs: flags.on('read-only'),
    SecurityOpt: orNull(flags.list('security-opt')),
    ...(tmpfs.length > 0 ? { Tmpfs: Object.fromEntries(tmpfs) } : {}),
    UTSMode: flags.text('uts'),
    UsernsMode: flags.text('userns'),
    ShmSize: flags.bytes('shm-size'),
    ...(flags.given('sysctl') ? { Sysctls: flags.pairs('sysctl') } : {}),
    Runtime: flags.text('runtime') || 'runc',
    Isolation: '',
    ...(limits(flags) as Pick<
      HostConfig,
      | 'CpuShares'
      | 'Memory'
      | 'NanoCpus'
      | 'CgroupParent'
      | 'BlkioWeight'
      | 'CpuPeriod'
      | 'CpuQuota'
      | 'CpusetCpus'
      | 'CpusetMems'
      | 'MemoryReservation'
      | 'MemorySwap'
      | 'MemorySwappiness'
      | 'OomKillDisable'
      | 'PidsLimit'
    >),
    Ulimits: ulimits.length > 0 ? ulimits : [],
    Devices: [],
    MaskedPaths: null,
    ReadonlyPaths: null,
  };
}

/** The limits alone, for `docker update`. */
export function updateRequest(flags: FlagValues): Partial<HostConfig> | FlagError {
  const policy = restartPolicy(flags.text('restart'));
  if (isFlagError(policy)) return policy;
  return {
    ...limits(flags),
    RestartPolicy: flags.given('restart') ? policy : { Name: '', MaximumRetryCount: 0 },
  };
}
