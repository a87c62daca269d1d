// The docker command's tables: the system, context and the smaller groups commands with their usage and flags (`short|long|type|text`).

import type { CommandTable } from '../command.ts';

export const systemCommands: readonly CommandTable[] = [
  {
    path: 'login',
    operands: '[OPTIONS] [SERVER]',
    short: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
    flags: [
      'p|password|string|Password or Personal Access Token (PAT)',
      '|password-stdin|bool|Take the Password or Personal Access Token (PAT) from stdin',
      'u|username|string|Username',
    ],
  },
  {
    path: 'logout',
    operands: '[SERVER]',
    short:
      'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
  },
  {
    path: 'search',
    operands: '[OPTIONS] TERM',
    short: 'Search Docker Hub for images',
    flags: [
      'f|filter|filter|Filter output based on conditions provided',
      '|format|string|Pretty-print search using a Go template',
      '|limit|int|Max number of search results',
      "|no-trunc|bool|Don't truncate output",
    ],
  },
  {
    path: 'version',
    operands: '[OPTIONS]',
    short: 'Show the Docker version information',
    flags: ['f|format|string|@json'],
  },
  {
    path: 'builder prune',
    operands: '',
    short: 'Remove build cache',
    flags: [
      'a|all|bool|Remove all unused build cache, not just dangling ones',
      '|filter|filter|Provide filter values (e.g. "until=24h")',
      'f|force|bool|Do not prompt for confirmation',
      '|keep-storage|bytes|Amount of disk space to keep for cache',
    ],
  },
  {
    path: 'checkpoint create',
    operands: '[OPTIONS] CONTAINER CHECKPOINT',
    short: 'Create a checkpoint from a running container',
    flags: [
      '|checkpoint-dir|string|Use a custom checkpoint storage directory',
      '|leave-running|bool|Leave the container running after checkpoint',
    ],
  },
  {
    path: 'checkpoint ls',
    operands: '[OPTIONS] CONTAINER',
    short: 'List checkpoints for a container',
    aliases: 'docker checkpoint ls, docker checkpoint list',
    flags: ['|checkpoint-dir|string|Use a custom checkpoint storage directory'],
  },
  {
    path: 'checkpoint rm',
    operands: '[OPTIONS] CONTAINER CHECKPOINT',
    short: 'Remove a checkpoint',
    aliases: 'docker checkpoint rm, docker checkpoint remove',
    flags: ['|checkpoint-dir|string|Use a custom checkpoint storage directory'],
  },
  {
    path: 'context create',
    operands: '[OPTIONS] CONTEXT',
    short:
      'Create a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context\'s Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context create my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"',
    flags: [
      '|description|string|Description of the context',
      '|docker|stringToString|set the docker endpoint (default [])',
      '|from|string|create context from a named context',
    ],
  },
  {
    path: 'context export',
    operands: '[OPTIONS] CONTEXT [FILE|-]',
    short: 'Export a context to a tar archive FILE or a tar stream on STDOUT.',
  },
  {
    path: 'context import',
    operands: 'CONTEXT FILE|-',
    short: 'Import a context from a tar or zip file',
  },
  {
    path: 'context inspect',
    operands: '[OPTIONS] [CONTEXT] [CONTEXT...]',
    short: 'Display detailed information on one or more contexts',
    flags: ['f|format|string|@json'],
  },
  {
    path: 'context ls',
    operands: '[OPTIONS]',
    short: 'List contexts',
    aliases: 'docker context ls, docker context list',
    flags: ['|format|string|@table', 'q|quiet|bool|Only show context names'],
  },
  {
    path: 'context rm',
    operands: 'CONTEXT [CONTEXT...]',
    short: 'Remove one or more contexts',
    aliases: 'docker context rm, docker context remove',
    flags: ['f|force|bool|Force the removal of a context in use'],
  },
  {
    path: 'context show',
    operands: '',
    short: 'Print the name of the current context',
  },
  {
    path: 'context update',
    operands: '[OPTIONS] CONTEXT',
    short:
      'Update a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context\'s Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context update my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"',
    flags: [
      '|description|string|Description of the context',
      '|docker|stringToString|set the docker endpoint (default [])',
    ],
  },
  {
    path: 'context use',
    operands: 'CONTEXT',
    short: 'Set the current docker context',
  },
  {
    path: 'manifest annotate',
    operands: '[OPTIONS] MANIFEST_LIST MANIFEST',
    short:
      'Add additional information to a local image manifest\n\nEXPERIMENTAL:\n  docker manifest annotate is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/',
    flags: [
      '|arch|string|Set architecture',
      '|os|string|Set operating system',
      '|os-features|strings|Set operating system feature',
      '|os-version|string|Set operating system version',
      '|variant|string|Set architecture variant',
    ],
  },
  {
    path: 'manifest create',
    operands: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
    short:
      'Create a local manifest list for annotating and pushing to a registry\n\nEXPERIMENTAL:\n  docker manifest create is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/',
    flags: [
      'a|amend|bool|Amend an existing manifest list',
      '|insecure|bool|Allow communication with an insecure registry',
    ],
  },
  {
    path: 'manifest inspect',
    operands: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
    short:
      'Display an image manifest, or manifest list\n\nEXPERIMENTAL:\n  docker manifest inspect is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/',
    flags: [
      '|insecure|bool|Allow communication with an insecure registry',
      'v|verbose|bool|Output additional info including layers and platform',
    ],
  },
  {
    path: 'manifest push',
    operands: '[OPTIONS] MANIFEST_LIST',
    short:
      'Push a manifest list to a repository\n\nEXPERIMENTAL:\n  docker manifest push is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/',
    flags: [
      '|insecure|bool|Allow push to an insecure registry',
      'p|purge|bool|Remove the local manifest list after push',
    ],
  },
  {
    path: 'manifest rm',
    operands: 'MANIFEST_LIST [MANIFEST_LIST...]',
    short:
      'Delete one or more manifest lists from local storage\n\nEXPERIMENTAL:\n  docker manifest rm is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/',
  },
  {
    path: 'plugin create',
    operands: '[OPTIONS] PLUGIN PLUGIN-DATA-DIR',
    short:
      'Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory.',
    flags: ['|compress|bool|Compress the context using gzip'],
  },
  {
    path: 'plugin disable',
    operands: '[OPTIONS] PLUGIN',
    short: 'Disable a plugin',
    flags: ['f|force|bool|Force the disable of an active plugin'],
  },
  {
    path: 'plugin enable',
    operands: '[OPTIONS] PLUGIN',
    short: 'Enable a plugin',
    flags: ['|timeout|int|HTTP client timeout (in seconds) (default 30)'],
  },
  {
    path: 'plugin inspect',
    operands: '[OPTIONS] PLUGIN [PLUGIN...]',
    short: 'Display detailed information on one or more plugins',
    flags: ['f|format|string|@json'],
  },
  {
    path: 'plugin install',
    operands: '[OPTIONS] PLUGIN [KEY=VALUE...]',
    short: 'Install a plugin',
    flags: [
      '|alias|string|Local name for plugin',
      '|disable|bool|Do not enable the plugin on install',
      '|disable-content-trust|bool|Skip image verification (default true)',
      '|grant-all-permissions|bool|Grant all permissions necessary to run the plugin',
    ],
  },
  {
    path: 'plugin ls',
    operands: '[OPTIONS]',
    short: 'List plugins',
    aliases: 'docker plugin ls, docker plugin list',
    flags: [
      'f|filter|filter|Provide filter values (e.g. "enabled=true")',
      '|format|string|@table',
      "|no-trunc|bool|Don't truncate output",
      'q|quiet|bool|Only display plugin IDs',
    ],
  },
  {
    path: 'plugin push',
    operands: '[OPTIONS] PLUGIN[:TAG]',
    short: 'Push a plugin to a registry',
    flags: ['|disable-content-trust|bool|Skip image signing (default true)'],
  },
  {
    path: 'plugin rm',
    operands: '[OPTIONS] PLUGIN [PLUGIN...]',
    short: 'Remove one or more plugins',
    aliases: 'docker plugin rm, docker plugin remove',
    flags: ['f|force|bool|Force the removal of an active plugin'],
  },
  {
    path: 'plugin set',
    operands: 'PLUGIN KEY=VALUE [KEY=VALUE...]',
    short: 'Change settings for a plugin',
  },
  {
    path: 'plugin upgrade',
    operands: '[OPTIONS] PLUGIN [REMOTE]',
    short: 'Upgrade an existing plugin',
    flags: [
      '|disable-content-trust|bool|Skip image verification (default true)',
      '|grant-all-permissions|bool|Grant all permissions necessary to run the plugin',
      '|skip-remote-check|bool|Do not check if specified remote plugin matches existing plugin image',
    ],
  },
  {
    path: 'system df',
    operands: '[OPTIONS]',
    short: 'Show docker disk usage',
    flags: ['|format|string|@table', 'v|verbose|bool|Show detailed information on space usage'],
  },
  {
    path: 'system events',
    operands: '[OPTIONS]',
    short: 'Get real time events from the server',
    aliases: 'docker system events, docker events',
    flags: [
      'f|filter|filter|Filter output based on conditions provided',
      '|format|string|@json',
      '|since|string|Show all events created since timestamp',
      '|until|string|Stream events until this timestamp',
    ],
  },
  {
    path: 'system info',
    operands: '[OPTIONS]',
    short: 'Display system-wide information',
    aliases: 'docker system info, docker info',
    flags: ['f|format|string|@json'],
  },
  {
    path: 'system prune',
    operands: '[OPTIONS]',
    short: 'Remove unused data',
    flags: [
      'a|all|bool|Remove all unused images not just dangling ones',
      '|filter|filter|Provide filter values (e.g. "label=<key>=<value>")',
      'f|force|bool|Do not prompt for confirmation',
      '|volumes|bool|Prune anonymous volumes',
    ],
  },
  {
    path: 'trust key generate',
    operands: 'NAME',
    short: 'Generate and load a signing key-pair',
    flags: ['|dir|string|Directory to generate key in, defaults to current directory'],
  },
  {
    path: 'trust key load',
    operands: '[OPTIONS] KEYFILE',
    short: 'Load a private key file for signing',
    flags: ['|name|string|Name for the loaded key (default "signer")'],
  },
  {
    path: 'trust signer add',
    operands: 'OPTIONS NAME REPOSITORY [REPOSITORY...]',
    short: 'Add a signer',
    flags: ["|key|list|Path to the signer's public key file"],
  },
  {
    path: 'trust signer remove',
    operands: '[OPTIONS] NAME REPOSITORY [REPOSITORY...]',
    short: 'Remove a signer',
    flags: ['f|force|bool|Do not prompt for confirmation before removing the most recent signer'],
  },
  {
    path: 'trust inspect',
    operands: 'IMAGE[:TAG] [IMAGE[:TAG]...]',
    short: 'Return low-level information about keys and signatures',
    flags: ['|pretty|bool|Print the information in a human friendly format'],
  },
  {
    path: 'trust revoke',
    operands: '[OPTIONS] IMAGE[:TAG]',
    short: 'Remove trust for an image',
    flags: ['y|yes|bool|Do not prompt for confirmation'],
  },
  {
    path: 'trust sign',
    operands: 'IMAGE:TAG',
    short: 'Sign an image',
    flags: ['|local|bool|Sign a locally tagged image'],
  },
  {
    path: 'inspect',
    operands: '[OPTIONS] NAME|ID [NAME|ID...]',
    short: 'Return low-level information on Docker objects',
    flags: [
      'f|format|string|@json',
      's|size|bool|Display total file sizes if the type is container',
      '|type|string|Only inspect objects of the given type',
    ],
  },
];
