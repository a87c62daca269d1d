// Options of a container that exclude one another (runconfig.validateCreateRequest): looked at before all else.

import type { ContainerConfig, HostConfig } from './types.ts';

/** validateNetContainerMode: what cannot go along with another container's network. */
function sharedNetwork(config: ContainerConfig, host: HostConfig): string | undefined {
  if (host.NetworkMode === 'container' || host.NetworkMode === 'container:')
    return 'invalid network mode: invalid container format container:<name|id>';
  if (config.Hostname !== '') return 'conflicting options: hostname and the network mode';
  if (host.Links?.length)
    return "conflicting options: container type network can't be used with links. This would result in undefined behavior";
  if (host.Dns?.length) return 'conflicting options: dns and the network mode';
  if (host.ExtraHosts?.length)
    return 'conflicting options: custom host-to-IP mapping and the network mode';
  if (Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts)
    return 'conflicting options: port publishing and the container type network mode';
  return Object.keys(config.ExposedPorts ?? {}).length > 0
    ? 'conflicting options: port exposing and the container type network mode'
    : undefined;
}

/** What in a request excludes something else in it. */
export function conflicting(config: ContainerConfig, host: HostConfig): string | undefined {
  const { NetworkMode, CpuRealtimePeriod: period, CpuRealtimeRuntime: runtime } = host;
  if (/^container($|:)/.test(NetworkMode)) {
    const wrong = sharedNetwork(config, host);
    if (wrong !== undefined) return wrong;
  }
  if (host.UTSMode === 'host' && config.Hostname !== '')
    return 'conflicting options: hostname and the UTS mode';
  if (NetworkMode === 'host' && host.Links?.length)
    return "conflicting options: host type networking can't be used with links. This would result in undefined behavior";
  if (!/^(|default)$/.test(host.Isolation))
    return `invalid isolation (${host.Isolation}): linux only supports 'default'`;
  if (host.IOMaximumBandwidth !== 0)
    return 'invalid option: QoS maximum bandwidth configuration is not supported on linux';
  if (host.IOMaximumIOps !== 0)
    return 'invalid option: QoS maximum IOPs configuration is not supported on linux';
  if (period !== 0 || runtime !== 0) return 'kernel does not support CPU real-time scheduler';
  return host.CpuShares < 0
    ? `invalid CPU shares (${host.CpuShares}): value must be a positive integer`
    : undefined;
}
