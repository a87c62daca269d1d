// The docker command's tables: the image commands with their usage and flags (`short|long|type|text`).

import type { CommandTable } from '../command.ts';

export const imageCommands: readonly CommandTable[] = [
  {
    path: 'image history',
    operands: '[OPTIONS] IMAGE',
    short: 'Show the history of an image',
    aliases: 'docker image history, docker history',
    flags: [
      '|format|string|@table',
      'H|human|bool|Print sizes and dates in human readable format (default true)',
      "|no-trunc|bool|Don't truncate output",
      '|platform|string|Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      'q|quiet|bool|Only show image IDs',
    ],
  },
  {
    path: 'image import',
    operands: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
    short: 'Import the contents from a tarball to create a filesystem image',
    aliases: 'docker image import, docker import',
    flags: [
      'c|change|list|Apply Dockerfile instruction to the created image',
      'm|message|string|Set commit message for imported image',
      '|platform|string|Set platform if server is multi-platform capable',
    ],
  },
  {
    path: 'image inspect',
    operands: '[OPTIONS] IMAGE [IMAGE...]',
    short: 'Display detailed information on one or more images',
    flags: [
      'f|format|string|@json',
      "|platform|string|Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
    ],
  },
  {
    path: 'image load',
    operands: '[OPTIONS]',
    short: 'Load an image from a tar archive or STDIN',
    aliases: 'docker image load, docker load',
    flags: [
      'i|input|string|Read from tar archive file, instead of STDIN',
      '|platform|string|Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      'q|quiet|bool|Suppress the load output',
    ],
  },
  {
    path: 'image ls',
    operands: '[OPTIONS] [REPOSITORY[:TAG]]',
    short: 'List images',
    aliases: 'docker image ls, docker image list, docker images',
    flags: [
      'a|all|bool|Show all images (default hides intermediate images)',
      '|digests|bool|Show digests',
      'f|filter|filter|Filter output based on conditions provided',
      '|format|string|@table',
      "|no-trunc|bool|Don't truncate output",
      'q|quiet|bool|Only show image IDs',
      '|tree|bool|List multi-platform images as a tree (EXPERIMENTAL)',
    ],
  },
  {
    path: 'image prune',
    operands: '[OPTIONS]',
    short: 'Remove unused images',
    flags: [
      'a|all|bool|Remove all unused images, not just dangling ones',
      '|filter|filter|Provide filter values (e.g. "until=<timestamp>")',
      'f|force|bool|Do not prompt for confirmation',
    ],
  },
  {
    path: 'image pull',
    operands: '[OPTIONS] NAME[:TAG|@DIGEST]',
    short: 'Download an image from a registry',
    aliases: 'docker image pull, docker pull',
    flags: [
      'a|all-tags|bool|Download all tagged images in the repository',
      '|disable-content-trust|bool|Skip image verification (default true)',
      '|platform|string|Set platform if server is multi-platform capable',
      'q|quiet|bool|Suppress verbose output',
    ],
  },
  {
    path: 'image push',
    operands: '[OPTIONS] NAME[:TAG]',
    short: 'Upload an image to a registry',
    aliases: 'docker image push, docker push',
    flags: [
      'a|all-tags|bool|Push all tags of an image to the repository',
      '|disable-content-trust|bool|Skip image signing (default true)',
      "|platform|string|Push a platform-specific manifest as a single-platform image to the registry.\nImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      'q|quiet|bool|Suppress verbose output',
    ],
  },
  {
    path: 'image rm',
    operands: '[OPTIONS] IMAGE [IMAGE...]',
    short: 'Remove one or more images',
    aliases: 'docker image rm, docker image remove, docker rmi',
    flags: [
      'f|force|bool|Force removal of the image',
      '|no-prune|bool|Do not delete untagged parents',
      '|platform|strings|Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ],
  },
  {
    path: 'image save',
    operands: '[OPTIONS] IMAGE [IMAGE...]',
    short: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    aliases: 'docker image save, docker save',
    flags: [
      'o|output|string|Write to a file, instead of STDOUT',
      '|platform|string|Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ],
  },
  {
    path: 'image tag',
    operands: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    aliases: 'docker image tag, docker tag',
  },
];
