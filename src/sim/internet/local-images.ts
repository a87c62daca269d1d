// The images that machines of labs have from the start: lists of the catalogue, without the rest of it.

import { finderIn } from './find-image.ts';
import { distributionImages } from './images/distributions.ts';
import { kubernetesImages } from './images/kubernetes.ts';
import { nginxImages } from './images/nginx.ts';
import { serviceImages } from './images/services.ts';

/** An image that is on a machine from the start, by any form of its name. */
export const findLocalImage = finderIn([
  ...distributionImages,
  ...nginxImages,
  ...serviceImages,
  ...kubernetesImages,
]);
