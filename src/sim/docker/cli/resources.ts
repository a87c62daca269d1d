// The docker commands on networks and volumes.

import { goMap } from '../../userland/template/values.ts';
import { humanSize } from '../units.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { isFlagError } from './flag-error.ts';
import { ipamConfig } from './ipam-flags.ts';
import { labelsText, VOLUMES, volumeRow, type VolumeSummary } from './volume-rows.ts';
import { confirmed, pruneFilters } from './containers.ts';
import { complain, fail, type ListView, printList } from './output.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);

const NETWORKS: ListView = {
  type: '*network.networkContext',
  headers: goMap({
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    CreatedAt: 'CREATED AT',
  }),
  columns: ['ID', 'Name', 'Driver', 'Scope'],
  quiet: 'ID',
};

interface NetworkObject {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly EnableIPv6: boolean;
  readonly Labels: Readonly<Record<string, string>>;
}

const listNetworks: Action = function* (call) {
  const { flags } = call;
  const found = yield* apiOf(call).get<NetworkObject[]>('/networks', {
    filters: filterQuery(flags.list('filter')),
  });
  if (isCallError(found)) return yield* fail(call, found.text);
  const rows = found.map((network) => ({
    CreatedAt: network.Created.replace('T', ' ').replace('Z', ' +0000 UTC'),
    Driver: network.Driver,
    ID: flags.on('no-trunc') ? network.Id : network.Id.slice(0, 12),
    IPv4: 'true',
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Labels: labelsText(network.Labels),
    Name: network.Name,
    Scope: network.Scope,
  }));
  rows.sort((a, b) => (a.Name < b.Name ? -1 : 1));
  return yield* printList(call, NETWORKS, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

const createNetwork: Action = function* (call) {
  const { flags, args, main } = call;
  const Config = ipamConfig(flags);
  if (isFlagError(Config)) return yield* fail(call, Config.wrong);
  const made = yield* apiOf(call).post<{ Id: string }>(
    '/networks/create',
    {},
    {
      Name: args[0],
      Driver: flags.text('driver'),
      Scope: flags.text('scope'),
      ...(flags.given('ipv4') ? { EnableIPv4: flags.on('ipv4') } : {}),
      EnableIPv6: flags.on('ipv6'),
      IPAM: { Driver: 'default', Options: {}, Config },
      Internal: flags.on('internal'),
      Attachable: flags.on('attachable'),
      Options: flags.pairs('opt'),
      Labels: flags.pairs('label'),
    },
  );
  if (isCallError(made)) return yield* fail(call, made.text);
  main.out.put(`${made.Id}\n`);
  return 0;
};

const removeNetworks: Action = function* (call) {
  const { args, main, flags } = call;
  let failed = false;
  for (const name of args) {
    const removed = yield* apiOf(call).call('DELETE', `/networks/${encodeURIComponent(name)}`);
    if (isCallError(removed)) {
      if (flags.on('force') && removed.status === 404) continue;
      yield* complain(main, removed.text);
      failed = true;
    } else {
      main.out.put(`${name}\n`);
      yield* main.out.flush();
    }
  }
  return failed ? yield* fail(call, 'exit status 1') : 0;
};

const connect: Action = function* (call) {
  const { flags, args } = call;
  const address = flags.text('ip');
  const aliases = flags.list('alias');
  const links = flags.list('link');
  const EndpointConfig = {
    ...(address === '' ? {} : { IPAMConfig: { IPv4Address: address } }),
    ...(aliases.length > 0 ? { Aliases: aliases } : {}),
    ...(links.length > 0 ? { Links: links } : {}),
    ...(flags.given('driver-opt') ? { DriverOpts: flags.pairs('driver-opt') } : {}),
    ...(flags.given('gw-priority') ? { GwPriority: flags.number('gw-priority') } : {}),
  };
  const failed = yield* apiOf(call).post(
    `/networks/${encodeURIComponent(args[0] ?? '')}/connect`,
    {},
    { Container: args[1], EndpointConfig },
  );
  return isCallError(failed) ? yield* fail(call, failed.text) : 0;
};

const disconnect: Action = function* (call) {
  const { flags, args } = call;
  const failed = yield* apiOf(call).post(
    `/networks/${encodeURIComponent(args[0] ?? '')}/disconnect`,
    {},
    { Container: args[1], Force: flags.on('force') },
  );
  return isCallError(failed) ? yield* fail(call, failed.text) : 0;
};

const pruneNetworks: Action = function* (call) {
  if (
    !(yield* confirmed(
      call,
      'WARNING! This will remove all custom networks not used by at least one container.',
    ))
  )
    return 0;
  const pruned = yield* apiOf(call).post<{ NetworksDeleted: string[] | null }>('/networks/prune', {
    filters: pruneFilters(call.flags.list('filter')),
  });
  if (isCallError(pruned)) return yield* fail(call, pruned.text);
  if (pruned.NetworksDeleted?.length)
    call.main.out.put(`Deleted Networks:\n${pruned.NetworksDeleted.join('\n')}\n\n`);
  return 0;
};

const listVolumes: Action = function* (call) {
  const { flags } = call;
  const found = yield* apiOf(call).get<{ Volumes: VolumeSummary[] }>('/volumes', {
    filters: filterQuery(flags.list('filter')),
  });
  if (isCallError(found)) return yield* fail(call, found.text);
  const rows = found.Volumes.map(volumeRow);
  return yield* printList(call, VOLUMES, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

const createVolume: Action = function* (call) {
  const { flags, args, main } = call;
  if (args.length > 0 && flags.text('name') !== '')
    return yield* fail(
      call,
      'conflicting options: cannot specify a volume-name through both --name and as a positional arg',
    );
  const made = yield* apiOf(call).post<VolumeSummary>(
    '/volumes/create',
    {},
    {
      Name: args[0] ?? flags.text('name'),
      Driver: flags.text('driver'),
      DriverOpts: flags.pairs('opt'),
      Labels: flags.pairs('label'),
    },
  );
  if (isCallError(made)) return yield* fail(call, made.text);
  main.out.put(`${made.Name}\n`);
  return 0;
};

/** Only cluster volumes are updated, and no driver has those here. */
const updateVolume: Action = function* (call) {
  const volume = yield* apiOf(call).get(`/volumes/${encodeURIComponent(call.args[0] ?? '')}`);
  return yield* fail(call, isCallError(volume) ? volume.text : 'can only update cluster volumes');
};

const removeVolumes: Action = function* (call) {
  const { args, main, flags } = call;
  let status = 0;
  for (const name of args) {
    const removed = yield* apiOf(call).call('DELETE', `/volumes/${encodeURIComponent(name)}`, {
      force: flags.on('force'),
    });
    if (isCallError(removed)) {
      yield* complain(main, removed.text);
      status = 1;
    } else {
      main.out.put(`${name}\n`);
      yield* main.out.flush();
    }
  }
  return status;
};

const pruneVolumes: Action = function* (call) {
  const all = call.flags.on('all');
  const question = `WARNING! This will remove ${all ? 'all' : 'anonymous local'} volumes not used by at least one container.`;
  if (!(yield* confirmed(call, question))) return 0;
  const filters = pruneFilters([...call.flags.list('filter'), ...(all ? ['all=true'] : [])]);
  const pruned = yield* apiOf(call).post<{
    VolumesDeleted: string[] | null;
    SpaceReclaimed: number;
  }>('/volumes/prune', { filters });
  if (isCallError(pruned)) return yield* fail(call, pruned.text);
  if (pruned.VolumesDeleted?.length)
    call.main.out.put(`Deleted Volumes:\n${pruned.VolumesDeleted.join('\n')}\n\n`);
  call.main.out.put(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed)}\n`);
  return 0;
};

export const resourceActions: Readonly<Record<string, Action>> = {
  'network ls': listNetworks,
  'network create': createNetwork,
  'network rm': removeNetworks,
  'network connect': connect,
  'network disconnect': disconnect,
  'network prune': pruneNetworks,
  'volume ls': listVolumes,
  'volume create': createVolume,
  'volume rm': removeVolumes,
  'volume update': updateVolume,
  'volume prune': pruneVolumes,
};
