// Checks of what a container is asked to be, and the defaults of the daemon (verifyContainerSettings,
// adaptContainerSettings). User namespaces are not remapped; the control groups are of version 2.

import { DEFAULT_MASKED_PATHS } from '../../containers/containerd/spec.ts';
import { READONLY_PATHS } from '../../containers/runc/spec.ts';
import { parseSignal } from '../../containers/signal-names.ts';
import { cleaned, wrongMount } from './mounts.ts';
import type { ContainerConfig, HostConfig } from './types.ts';
import type { Process } from '../../kernel/calls/process.ts';

const LEAST_MEMORY = 6 * 1024 * 1024;
const DURATIONS = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const;
const CPUS = 2;

/** Settles a request; what is wrong with it, or nothing. What cannot be had is dropped with a warning. */
export function verifySettings(
  p: Process,
  config: ContainerConfig,
  host: HostConfig,
  warnings: string[],
): string | undefined {
  const wrong =
    checkConfig(config) ??
    checkAutoRemove(host) ??
    checkMounts(p, host) ??
    checkPorts(host) ??
    checkRestartPolicy(host.RestartPolicy) ??
    verifyResources(host, warnings) ??
    checkHost(host);
  if (wrong !== undefined) return wrong;
  if (host.NetworkMode === 'host' && Object.keys(host.PortBindings ?? {}).length > 0)
    warnings.push('Published ports are discarded when using host network mode');
  setDefaults(host);
  return undefined;
}

function checkConfig(config: ContainerConfig): string | undefined {
  const { Hostname, WorkingDir, StopSignal, Healthcheck } = config;
  if (WorkingDir !== '' && !WorkingDir.startsWith('/'))
    return `the working directory '${WorkingDir}' is invalid, it needs to be an absolute path`;
  if (StopSignal !== undefined && parseSignal(StopSignal) === undefined)
    return `invalid signal: ${StopSignal}`;
  for (const name of DURATIONS) {
    const value = Healthcheck?.[name];
    if (value !== undefined && value !== 0 && value < 1_000_000)
      return `${name} in Healthcheck cannot be less than 1ms`;
  }
  if (Hostname.length > 63)
    return `hostname ${JSON.stringify(Hostname)} is too long (maximum 63 bytes)`;
  return undefined;
}

function checkAutoRemove({ AutoRemove, RestartPolicy: { Name } }: HostConfig): string | undefined {
  return AutoRemove && Name !== '' && Name !== 'no'
    ? "can't create 'AutoRemove' container with restart policy"
    : undefined;
}

/** ValidateMountConfig of each of --mount. */
function checkMounts(p: Process, host: HostConfig): string | undefined {
  for (const request of host.Mounts ?? []) {
    const wrong = wrongMount(p, request);
    if (wrong !== undefined)
      return `invalid mount config for type ${JSON.stringify(request.Type)}: ${wrong}`;
  }
  return undefined;
}

function checkPorts(host: HostConfig): string | undefined {
  for (const [key, bindings] of Object.entries(host.PortBindings ?? {})) {
    if (Number.parseInt(key, 10) === 0) return `invalid port specification: ${JSON.stringify(key)}`;
    const wrong = (bindings ?? []).find(({ HostPort }) => !/^(\d+(-\d+)?)?$/.test(HostPort));
    if (wrong) return `invalid port specification: ${JSON.stringify(wrong.HostPort)}`;
  }
  return undefined;
}

/** What is wrong with a restart policy. */
export function checkRestartPolicy({
  Name: name,
  MaximumRetryCount: count,
}: HostConfig['RestartPolicy']): string | undefined {
  if (!['', 'no', 'always', 'on-failure', 'unless-stopped'].includes(name)) {
    return `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`;
  }
  if (count !== 0 && name !== 'on-failure')
    return "invalid restart policy: maximum retry count can only be used with 'on-failure'";
  return count < 0 ? 'invalid restart policy: maximum retry count cannot be negative' : undefined;
}

function checkHost(host: HostConfig): string | undefined {
  if (!/^(|none|host|private|shareable|container:.+)$/.test(host.IpcMode))
    return `invalid IPC mode: ${host.IpcMode}`;
  if (!/^(|host|container:.+)$/.test(host.PidMode)) return `invalid PID mode: ${host.PidMode}`;
  if (host.ShmSize < 0) return 'SHM size can not be less than 0';
  if (!/^(|host)$/.test(host.UTSMode)) return `invalid UTS mode: ${host.UTSMode}`;
  if (Math.abs(host.OomScoreAdj) > 1000)
    return `Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`;
  for (const path of Object.keys(host.Tmpfs ?? {})) {
    if (cleaned(path) === '/') return "invalid specification: destination can't be '/'";
    if (!path.startsWith('/')) return `invalid mount path: '${path}' mount path must be absolute`;
  }
  if (!/^(|host|private)$/.test(host.CgroupnsMode))
    return `invalid cgroup namespace mode: ${host.CgroupnsMode}`;
  if (!/^(|host)$/.test(host.UsernsMode)) return `invalid user namespace mode: ${host.UsernsMode}`;
  if (!/^(|runc|io\.containerd\.runc\.v2)$/.test(host.Runtime))
    return `unknown or invalid runtime name: ${host.Runtime}`;
  return checkSecurity(host);
}

/** parseSecurityOpt. There are no labels of SELinux, which then mean nothing, and no AppArmor. */
function checkSecurity(host: HostConfig): string | undefined {
  for (const option of host.SecurityOpt ?? []) {
    if (/^(no-new-privileges|writable-cgroups|disable)$/.test(option)) continue;
    const [, key = '', value = ''] = /^([^=:]*)[=:]([^]*)$/.exec(option) ?? [];
    if (key === '') return `invalid --security-opt 1: ${JSON.stringify(option)}`;
    const known = ['label', 'apparmor', 'seccomp', 'no-new-privileges', 'writable-cgroups'];
    const truth = /^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value);
    if (!known.includes(key) || (/^(no-new|writable)/.test(key) && !truth))
      return `invalid --security-opt 2: ${JSON.stringify(option)}`;
  }
  return undefined;
}

/** verifyPlatformContainerResources */
function verifyResources(host: HostConfig, warnings: string[]): string | undefined {
  const discard = (what: string, why: string): void => {
    warnings.push(`Your kernel does not support ${what}. ${why} discarded.`);
  };
  if (host.MemorySwappiness !== null && host.MemorySwappiness !== -1)
    discard('memory swappiness capabilities or the cgroup is not mounted', 'Memory swappiness');
  host.MemorySwappiness = null;
  if (host.OomKillDisable) discard('OomKillDisable', 'OomKillDisable');
  host.OomKillDisable = false;
  if (host.PidsLimit !== null && host.PidsLimit <= 0) host.PidsLimit = null;
  const wrong = checkMemory(host) ?? checkCpu(host);
  if (wrong !== undefined) return wrong;
  if (host.CpuPercent !== 0) {
    warnings.push('linux does not support CPU percent. Percent discarded.');
    host.CpuPercent = 0;
  }
  if (host.BlkioWeight > 0 && (host.BlkioWeight < 10 || host.BlkioWeight > 1000))
    return 'Range of blkio weight is from 10 to 1000';
  return undefined;
}

function checkMemory(host: HostConfig): string | undefined {
  const { Memory, MemorySwap, MemoryReservation } = host;
  if (Memory !== 0 && Memory < LEAST_MEMORY) return 'Minimum memory limit allowed is 6MB';
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory)
    return 'Minimum memoryswap limit should be larger than memory limit, see usage';
  if (Memory === 0 && MemorySwap > 0)
    return 'You should always set the Memory limit when using Memoryswap limit, see usage';
  if (MemoryReservation > 0 && MemoryReservation < LEAST_MEMORY)
    return 'Minimum memory reservation allowed is 6MB';
  return MemoryReservation > 0 && Memory > 0 && Memory < MemoryReservation
    ? 'Minimum memory limit can not be less than memory reservation limit, see usage'
    : undefined;
}

function checkCpu(host: HostConfig): string | undefined {
  const { NanoCpus, CpuPeriod, CpuQuota, CpusetCpus, CpusetMems } = host;
  if (NanoCpus > 0 && CpuPeriod > 0)
    return 'Conflicting options: Nano CPUs and CPU Period cannot both be set';
  if (NanoCpus > 0 && CpuQuota > 0)
    return 'Conflicting options: Nano CPUs and CPU Quota cannot both be set';
  if (NanoCpus < 0 || NanoCpus > CPUS * 1_000_000_000)
    return `range of CPUs is from 0.01 to ${CPUS}.00, as there are only ${CPUS} CPUs available`;
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000))
    return 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)';
  if (CpuQuota > 0 && CpuQuota < 1000) return 'CPU cfs quota can not be less than 1ms (i.e. 1000)';
  return (
    checkSet(CpusetCpus, CPUS, 'cpus', 'CPUs') ?? checkSet(CpusetMems, 1, 'mems', 'memory nodes')
  );
}

/** `0-1,3` against what there is. */
function checkSet(text: string, count: number, short: string, long: string): string | undefined {
  if (text === '') return undefined;
  const available = count > 1 ? `0-${count - 1}` : '0';
  for (const part of text.split(',')) {
    const [, low = '', high = low] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (low === '' || Number(high) < Number(low))
      return `Invalid value ${text} for cpuset ${short}: invalid format: ${text}`;
    if (Number(high) >= count)
      return `Requested ${long} are not available - requested ${text}, available: ${available}`;
  }
  return undefined;
}

function setDefaults(host: HostConfig): void {
  if (host.LogConfig.Type === '') host.LogConfig.Type = 'json-file';
  if (host.Runtime === '') host.Runtime = 'runc';
  if (host.IpcMode === '') host.IpcMode = 'private';
  if (host.CgroupnsMode === '') host.CgroupnsMode = 'private';
  if (host.Memory > 0 && host.MemorySwap === 0) host.MemorySwap = host.Memory * 2;
  if (host.ShmSize === 0) host.ShmSize = 67_108_864;
  if (host.Privileged) return;
  host.MaskedPaths ??= DEFAULT_MASKED_PATHS;
  host.ReadonlyPaths ??= READONLY_PATHS;
}
