// ImageLocality: a node that already has the pod's images scores higher, the more the larger they are.

import type { Plugin } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

const MEGABYTE = 1024 * 1024;
const LEAST = 23 * MEGABYTE;
const MOST_PER_CONTAINER = 1000 * MEGABYTE;

function normalized(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  const tagged = last.includes(':') || image.includes('@') ? image : `${image}:latest`;
  const first = tagged.split('/')[0] ?? '';
  if (!tagged.includes('/')) return `docker.io/library/${tagged}`;
  return /[.:]/.test(first) || first === 'localhost' ? tagged : `docker.io/${tagged}`;
}

function sizeOn(info: NodeInfo, image: string): number {
  const found = info.node.status?.images?.find(({ names }) => names?.includes(image));
  return found?.sizeBytes ?? 0;
}

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  prepare({ pod }, cluster) {
    const images = pod.spec.containers.map(({ image }) => normalized(image ?? ''));
    if (cluster.nodes.size > 100) return undefined;
    const spread = images.map((image) => {
      let nodes = 0;
      for (const info of cluster.nodes.values()) if (sizeOn(info, image) > 0) nodes++;
      return nodes / Math.max(1, cluster.nodes.size);
    });
    const most = MOST_PER_CONTAINER * images.length;
    return {
      score(info) {
        let sum = 0;
        for (const [i, image] of images.entries()) sum += sizeOn(info, image) * (spread[i] ?? 0);
        const clamped = Math.min(most, Math.max(LEAST, sum));
        return Math.floor((100 * (clamped - LEAST)) / (most - LEAST));
      },
    };
  },
};
