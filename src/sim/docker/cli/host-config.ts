// The flags of run and create that speak of the host: container.HostConfig as the client sends it (container/opts.go).

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { DeviceRequest, HostConfig, MountRequest, ThrottleDevice } from '../daemon/types.ts';
import { memoryBytes } from '../units.ts';
import type { Call, FlagValues } from './command.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';
import { gpuRequest } from './gpu-flag.ts';
import { absolute, mountFlag } from './mount-flag.ts';

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null);

function restartPolicy(text: string): HostConfig['RestartPolicy'] | FlagError {
  const [Name = '', count] = text.split(':');
  if (text !== '' && Name === '')
    return wrongFlag('invalid restart policy format: no policy provided before colon');
  if (count !== undefined && !/^-?\d+$/.test(count))
    return wrongFlag('invalid restart policy format: maximum retry count must be an integer');
  return { Name: Name === '' ? 'no' : Name, MaximumRetryCount: Number(count ?? 0) };
}

/** `/dev/sda:1mb`, or a number of requests. */
function throttles(flags: FlagValues, name: string, bytes: boolean): readonly ThrottleDevice[] {
  return flags.list(name).map((text) => {
    const colon = text.indexOf(':');
    const rate = text.slice(colon + 1);
    return { Path: text.slice(0, colon), Rate: bytes ? (memoryBytes(rate) ?? 0) : Number(rate) };
  });
}

/** Limits of the control group, as update takes them too. */
function limits(flags: FlagValues) {
  return {
    CpuShares: flags.number('cpu-shares'),
    Memory: flags.bytes('memory'),
    NanoCpus: Math.round(flags.rational('cpus') * 1e9),
    CgroupParent: flags.text('cgroup-parent'),
    BlkioWeight: flags.number('blkio-weight'),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpuRealtimePeriod: flags.number('cpu-rt-period'),
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime'),
    CpusetCpus: flags.text('cpuset-cpus'),
    CpusetMems: flags.text('cpuset-mems'),
    MemoryReservation: flags.bytes('memory-reservation'),
    MemorySwap: flags.bytes('memory-swap'),
    MemorySwappiness: flags.given('memory-swappiness') ? flags.number('memory-swappiness') : -1,
    OomKillDisable: flags.on('oom-kill-disable'),
    PidsLimit: flags.number('pids-limit'),
  };
}

function binds(call: Call): string[] {
  const directory = String(call.main.process.getcwd());
  return call.flags
    .list('volume')
    .filter((spec) => spec.includes(':'))
    .map((spec) => {
      if (!spec.startsWith('.')) return spec;
      const [source = '', ...rest] = spec.split(':');
      return [absolute(directory, source), ...rest].join(':');
    });
}

/** Names with their prefix, sorted, once each (the client library's normalizeCapabilities). */
function capabilities(names: readonly string[]): string[] {
  const full = names.map((name) => {
    const upper = name.trim().toUpperCase();
    return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  });
  return [...new Set(full)].sort();
}

const MODE = /^(?!.*(.).*\1)[rwm]+$/;

/** `/dev/a[:/dev/b][:rwm]` */
function deviceOf(text: string): NonNullable<HostConfig['Devices']>[number] | FlagError {
  const parts = text.split(':');
  const [source = '', second = '', third = ''] = parts;
  if (parts.length > 3 || source === '') return wrongFlag(`bad format for path: ${text}`);
  const inside = parts.length === 1 || (parts.length === 2 && MODE.test(second)) ? source : second;
  if (parts.length === 3 && !MODE.test(third)) return wrongFlag(`bad mode specified: ${third}`);
  if (!inside.startsWith('/')) return wrongFlag(`${inside} is not an absolute path`);
  const mode = parts.length === 3 ? third : MODE.test(second) ? second : 'rwm';
  return { PathOnHost: source, PathInContainer: inside, CgroupPermissions: mode };
}

interface Security {
  readonly options: readonly string[];
  /** systempaths=unconfined: nothing is masked. */
  readonly unmasked: boolean;
}

/** --security-opt; a seccomp profile's file is read here. */
function* securityOptions(call: Call): Routine<Security | FlagError> {
  const options: string[] = [];
  for (const text of call.flags.list('security-opt')) {
    const [, key = '', value = ''] = /^([^=:]*)[=:]([^]*)$/.exec(text) ?? [];
    if (value === '' && !/^no-new-privileges/.test(text))
      return wrongFlag(`Invalid --security-opt: ${JSON.stringify(text)}`);
    if (key !== 'seccomp' || /^(builtin|unconfined)$/.test(value)) {
      options.push(text);
      continue;
    }
    const bytes = yield* readFile(call.main.process, value);
    if (isErrno(bytes))
      return wrongFlag(
        `opening seccomp profile (${value}) failed: open ${value}: ${bytes.message.toLowerCase()}`,
      );
    try {
      options.push(`seccomp=${JSON.stringify(JSON.parse(decode(bytes)))}`);
    } catch {
      return wrongFlag(
        `compacting json for seccomp profile (${value}) failed: unexpected end of JSON input`,
      );
    }
  }
  const kept = options.filter((option) => option !== 'systempaths=unconfined');
  return { options: kept, unmasked: kept.length < options.length };
}

/** What is wrong with flags before anything is asked of the daemon. */
function wrongModes(flags: FlagValues): string | undefined {
  const modes = [
    ['pid', /^(|host|container:.+)$/, 'PID'],
    ['uts', /^(|host)$/, 'UTS'],
    ['userns', /^(|host)$/, 'USER'],
    ['cgroupns', /^(|host|private)$/, 'CGROUP'],
  ] as const;
  for (const [name, form, what] of modes)
    if (!form.test(flags.text(name))) return `--${name}: invalid ${what} mode`;
  const swappiness = flags.given('memory-swappiness') ? flags.number('memory-swappiness') : -1;
  if (swappiness < -1 || swappiness > 100)
    return `invalid value: ${swappiness}. Valid memory swappiness range is 0-100`;
  if (flags.text('log-driver') === 'none' && flags.given('log-opt'))
    return 'invalid logging opts for driver none';
  if (flags.list('storage-opt').some((option) => !option.includes('=')))
    return 'invalid storage option';
  return undefined;
}

/** The HostConfig that flags describe; PortBindings are added by who knows the ports. */
export function* hostConfig(call: Call, network: string): Routine<HostConfig | FlagError> {
  const { flags } = call;
  const policy = restartPolicy(flags.text('restart'));
  const security = yield* securityOptions(call);
  const directory = String(call.main.process.getcwd());
  const mounts = flags.list('mount').map((text) => mountFlag(text, directory));
  const devices = flags.list('device').map(deviceOf);
  const gpus = flags.list('gpus').map(gpuRequest);
  const wrong = wrongModes(flags);
  if (wrong !== undefined) return wrongFlag(wrong);
  for (const part of [policy, security, ...mounts, ...devices, ...gpus])
    if (isFlagError(part)) return part;
  const { options, unmasked } = security as Security;
  const restart = policy as HostConfig['RestartPolicy'];
  if (flags.on('rm') && restart.Name !== 'no')
    return wrongFlag('conflicting options: cannot specify both --restart and --rm');
  return {
    ...fromFlags(call, network),
    RestartPolicy: restart,
    SecurityOpt: orNull(options),
    ...limits(flags),
    BlkioWeightDevice: throttles(flags, 'blkio-weight-device', false).map(({ Path, Rate }) => ({
      Path,
      Weight: Rate,
    })),
    BlkioDeviceReadBps: throttles(flags, 'device-read-bps', true),
    BlkioDeviceWriteBps: throttles(flags, 'device-write-bps', true),
    BlkioDeviceReadIOps: throttles(flags, 'device-read-iops', false),
    BlkioDeviceWriteIOps: throttles(flags, 'device-write-iops', false),
    Devices: devices as NonNullable<HostConfig['Devices']>,
    DeviceCgroupRules: orNull(flags.list('device-cgroup-rule')),
    DeviceRequests: orNull(gpus as DeviceRequest[]),
    Mounts: mounts.length > 0 ? (mounts as MountRequest[]) : undefined,
    MaskedPaths: unmasked ? [] : null,
    ReadonlyPaths: unmasked ? [] : null,
    Init: flags.given('init') ? flags.on('init') : undefined,
  };
}

type Simple = Omit<HostConfig, 'RestartPolicy' | keyof ReturnType<typeof limits>>;

/** Fields that are a flag's value as it stands. */
function fromFlags(call: Call, network: string): Simple {
  const { flags } = call;
  const ulimits = flags.list('ulimit').map((text) => {
    const [Name = '', values = ''] = text.split('=');
    const [soft = 0, hard = soft] = values.split(':').map(Number);
    return { Name, Hard: hard, Soft: soft };
  });
  const tmpfs = flags.list('tmpfs').map((spec) => {
    const [path = ''] = spec.split(':', 1);
    return [path, spec.slice(path.length + 1)];
  });
  return {
    Binds: orNull(binds(call)),
    ContainerIDFile: flags.text('cidfile'),
    LogConfig: { Type: flags.text('log-driver'), Config: flags.pairs('log-opt') },
    NetworkMode: network,
    AutoRemove: flags.on('rm'),
    VolumeDriver: flags.text('volume-driver'),
    VolumesFrom: orNull(flags.list('volumes-from')),
    ConsoleSize: [0, 0],
    Annotations: flags.given('annotation') ? flags.pairs('annotation') : undefined,
    CapAdd: orNull(capabilities(flags.list('cap-add'))),
    CapDrop: orNull(capabilities(flags.list('cap-drop'))),
    CgroupnsMode: flags.text('cgroupns'),
    Dns: flags.list('dns'),
    DnsOptions: flags.list('dns-option'),
    DnsSearch: flags.list('dns-search'),
    ExtraHosts: orNull(flags.list('add-host')),
    GroupAdd: orNull(flags.list('group-add')),
    IpcMode: flags.text('ipc'),
    Cgroup: '',
    Links: network === 'default' || network === 'bridge' ? orNull(flags.list('link')) : null,
    OomScoreAdj: flags.number('oom-score-adj'),
    PidMode: flags.text('pid'),
    Privileged: flags.on('privileged'),
    PublishAllPorts: flags.on('publish-all'),
    ReadonlyRootfs: flags.on('read-only'),
    StorageOpt: flags.given('storage-opt') ? flags.pairs('storage-opt') : undefined,
    Tmpfs: tmpfs.length > 0 ? Object.fromEntries(tmpfs) : undefined,
    UTSMode: flags.text('uts'),
    UsernsMode: flags.text('userns'),
    ShmSize: flags.bytes('shm-size'),
    Sysctls: flags.given('sysctl') ? flags.pairs('sysctl') : undefined,
    Runtime: flags.text('runtime'),
    Isolation: flags.text('isolation'),
    CpuCount: flags.number('cpu-count'),
    CpuPercent: flags.number('cpu-percent'),
    IOMaximumIOps: flags.number('io-maxiops'),
    IOMaximumBandwidth: flags.bytes('io-maxbandwidth'),
    Ulimits: ulimits,
  };
}

/** The limits alone, for `docker update`. */
export function updateRequest(flags: FlagValues): Partial<HostConfig> | FlagError {
  const policy = restartPolicy(flags.text('restart'));
  if (isFlagError(policy)) return policy;
  const { MemorySwappiness: _swappiness, OomKillDisable: _kill, ...changes } = limits(flags);
  return {
    ...changes,
    RestartPolicy: flags.given('restart') ? policy : { Name: '', MaximumRetryCount: 0 },
  };
}
