// What the simulated registries hold: every image definition, found by repository and tag.

import type { ImageDefinition } from '../containers/images/definition.ts';
import { finderIn, imagesByName } from './find-image.ts';
import { addonImages } from './images/addons.ts';
import { buildkitImages } from './images/buildkit.ts';
import { centosImages } from './images/centos.ts';
import { databaseImages } from './images/databases.ts';
import { distributionImages } from './images/distributions.ts';
import { kicbaseImages } from './images/kicbase.ts';
import { kubernetesImages } from './images/kubernetes.ts';
import { languageImages } from './images/languages.ts';
import { nginxImages } from './images/nginx.ts';
import { sampleImages } from './images/samples.ts';
import { serviceImages } from './images/services.ts';
import { webImages } from './images/web.ts';
import { wordpressImages } from './images/wordpress.ts';

/** All images. Each list is named here once. */
export const imageDefinitions: readonly ImageDefinition[] = [
  ...distributionImages,
  ...nginxImages,
  ...buildkitImages,
  ...serviceImages,
  ...kicbaseImages,
  ...kubernetesImages,
  ...addonImages,
  ...centosImages,
  ...languageImages,
  ...webImages,
  ...sampleImages,
  ...databaseImages,
  ...wordpressImages,
];

/** Definitions by full name with tag: `docker.io/library/nginx:1.27`. */
export function definitionsByName(): ReadonlyMap<string, ImageDefinition> {
  return imagesByName(imageDefinitions);
}

/** An image that a registry holds, by any form of its name; with its full name. */
export const findImage = finderIn(imageDefinitions);
