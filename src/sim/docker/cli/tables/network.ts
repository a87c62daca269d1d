// The docker command's tables: the network and volume commands with their usage and flags (`short|long|type|text`).

import type { CommandTable } from '../command.ts';

export const networkCommands: readonly CommandTable[] = [
  {
    path: 'network connect',
    operands: '[OPTIONS] NETWORK CONTAINER',
    short: 'Connect a container to a network',
    flags: [
      '|alias|strings|Add network-scoped alias for the container',
      '|driver-opt|strings|driver options for the network',
      '|gw-priority|int|Highest gw-priority provides the default gateway. Accepts positive and negative values.',
      '|ip|string|IPv4 address (e.g., "172.30.100.104")',
      '|ip6|string|IPv6 address (e.g., "2001:db8::33")',
      '|link|list|Add link to another container',
      '|link-local-ip|strings|Add a link-local address for the container',
    ],
  },
  {
    path: 'network create',
    operands: '[OPTIONS] NETWORK',
    short: 'Create a network',
    flags: [
      '|attachable|bool|Enable manual container attachment',
      '|aux-address|map|Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])',
      '|config-from|string|The network from which to copy the configuration',
      '|config-only|bool|Create a configuration only network',
      'd|driver|string|Driver to manage the Network (default "bridge")',
      '|gateway|strings|IPv4 or IPv6 Gateway for the master subnet',
      '|ingress|bool|Create swarm routing-mesh network',
      '|internal|bool|Restrict external access to the network',
      '|ip-range|strings|Allocate container ip from a sub-range',
      '|ipam-driver|string|IP Address Management Driver (default "default")',
      '|ipam-opt|map|Set IPAM driver specific options (default map[])',
      '|ipv4|bool|Enable or disable IPv4 address assignment (default true)',
      '|ipv6|bool|Enable or disable IPv6 address assignment',
      '|label|list|Set metadata on a network',
      'o|opt|map|Set driver specific options (default map[])',
      '|scope|string|Control the network\'s scope',
      '|subnet|strings|Subnet in CIDR format that represents a network segment',
    ],
  },
  {
    path: 'network disconnect',
    operands: '[OPTIONS] NETWORK CONTAINER',
    short: 'Disconnect a container from a network',
    flags: [
      'f|force|bool|Force the container to disconnect from a network',
    ],
  },
  {
    path: 'network inspect',
    operands: '[OPTIONS] NETWORK [NETWORK...]',
    short: 'Display detailed information on one or more networks',
    flags: [
      'f|format|string|@json',
      'v|verbose|bool|Verbose output for diagnostics',
    ],
  },
  {
    path: 'network ls',
    operands: '[OPTIONS]',
    short: 'List networks',
    aliases: 'docker network ls, docker network list',
    flags: [
      'f|filter|filter|Provide filter values (e.g. "driver=bridge")',
      '|format|string|@table',
      '|no-trunc|bool|Do not truncate the output',
      'q|quiet|bool|Only display network IDs',
    ],
  },
  {
    path: 'network prune',
    operands: '[OPTIONS]',
    short: 'Remove all unused networks',
    flags: [
      '|filter|filter|Provide filter values (e.g. "until=<timestamp>")',
      'f|force|bool|Do not prompt for confirmation',
    ],
  },
  {
    path: 'network rm',
    operands: 'NETWORK [NETWORK...]',
    short: 'Remove one or more networks',
    aliases: 'docker network rm, docker network remove',
    flags: [
      'f|force|bool|Do not error if the network does not exist',
    ],
  },
  {
    path: 'volume create',
    operands: '[OPTIONS] [VOLUME]',
    short: 'Create a volume',
    flags: [
      '|availability|string|Cluster Volume availability ("active", "pause", "drain") (default "active")',
      'd|driver|string|Specify volume driver name (default "local")',
      '|group|string|Cluster Volume group (cluster volumes)',
      '|label|list|Set metadata for a volume',
      '|limit-bytes|bytes|Minimum size of the Cluster Volume in bytes',
      'o|opt|map|Set driver specific options (default map[])',
      '|required-bytes|bytes|Maximum size of the Cluster Volume in bytes',
      '|scope|string|Cluster Volume access scope ("single", "multi") (default "single")',
      '|secret|map|Cluster Volume secrets (default map[])',
      '|sharing|string|Cluster Volume access sharing ("none", "readonly", "onewriter", "all") (default "none")',
      '|topology-preferred|list|A topology that the Cluster Volume would be preferred in',
      '|topology-required|list|A topology that the Cluster Volume must be accessible from',
      '|type|string|Cluster Volume access type ("mount", "block") (default "block")',
    ],
  },
  {
    path: 'volume inspect',
    operands: '[OPTIONS] VOLUME [VOLUME...]',
    short: 'Display detailed information on one or more volumes',
    flags: [
      'f|format|string|@json',
    ],
  },
  {
    path: 'volume ls',
    operands: '[OPTIONS]',
    short: 'List volumes',
    aliases: 'docker volume ls, docker volume list',
    flags: [
      '|cluster|bool|Display only cluster volumes, and use cluster volume list formatting',
      'f|filter|filter|Provide filter values (e.g. "dangling=true")',
      '|format|string|@table',
      'q|quiet|bool|Only display volume names',
    ],
  },
  {
    path: 'volume prune',
    operands: '[OPTIONS]',
    short: 'Remove unused local volumes',
    flags: [
      'a|all|bool|Remove all unused volumes, not just anonymous ones',
      '|filter|filter|Provide filter values (e.g. "label=<label>")',
      'f|force|bool|Do not prompt for confirmation',
    ],
  },
  {
    path: 'volume rm',
    operands: '[OPTIONS] VOLUME [VOLUME...]',
    short: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
    aliases: 'docker volume rm, docker volume remove',
    flags: [
      'f|force|bool|Force the removal of one or more volumes',
    ],
  },
  {
    path: 'volume update',
    operands: '[OPTIONS] [VOLUME]',
    short: 'Update a volume (cluster volumes only)',
    flags: [
      '|availability|string|Cluster Volume availability ("active", "pause", "drain") (default "active")',
    ],
  },
];
