// moby/buildkit: the image that buildx starts builders of its driver docker-container from.

import { executable, type ImageDefinition } from '../../containers/images/definition.ts';
import { alpineFiles } from './alpine-files.ts';
import { DEFAULT_PATH } from './base.ts';
import { USUAL_PLATFORMS } from './distributions.ts';

/** The images of this file. */
export const buildkitImages: readonly ImageDefinition[] = [
  {
    repository: 'docker.io/moby/buildkit',
    tags: ['buildx-stable-1', 'latest', 'v0.25.1'],
    created: '2025-10-15T17:20:11Z',
    steps: [
      {
        createdBy: 'ADD alpine-minirootfs-3.22.2-x86_64.tar.gz / # buildkit',
        comment: 'buildkit.dockerfile.v0',
        layer: { compressed: 3_800_000, unpacked: 8_120_000, files: () => alpineFiles('3.22.2') },
      },
      {
        createdBy: 'COPY / /usr/bin/ # buildkit',
        comment: 'buildkit.dockerfile.v0',
        layer: {
          compressed: 97_600_000,
          unpacked: 219_000_000,
          files: () => [executable('usr/bin/buildkitd')],
        },
      },
      { createdBy: 'VOLUME [/var/lib/buildkit]', comment: 'buildkit.dockerfile.v0' },
      { createdBy: 'ENTRYPOINT ["buildkitd"]', comment: 'buildkit.dockerfile.v0' },
    ],
    config: {
      Env: [DEFAULT_PATH],
      Entrypoint: ['buildkitd'],
      WorkingDir: '/',
      Volumes: { '/var/lib/buildkit': {} },
    },
    otherPlatforms: USUAL_PLATFORMS.slice(1),
  },
];
