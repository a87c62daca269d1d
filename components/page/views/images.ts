// Images as stacks of layers. A layer that several images stand on has the same colour in each; its bytes are on
// the disk once.

import type { ImageLook, LayerLook } from '../../../src/sim/labs/looks/looks.ts';
import { draw } from './draw.ts';

const HUES = 6;

/** Returns the function that draws the images anew. */
export function imagesView(place: HTMLElement): (images: readonly ImageLook[]) => void {
  return (images) => {
    const users = new Map<string, number>();
    for (const { layers } of images)
      for (const { id } of layers) users.set(id, (users.get(id) ?? 0) + 1);
    const shared = [...users].filter(([, count]) => count > 1).map(([id]) => id);
    const sheet = ({ id, size }: LayerLook): HTMLElement => {
      const hue = shared.indexOf(id);
      const kind = hue < 0 ? 'sheet' : `sheet shared hue-${hue % HUES}`;
      const element = draw('div', kind, draw('code', '', id.slice(7, 19)), ` ${bytes(size)}`);
      element.title = id;
      return element;
    };
    const tower = (image: ImageLook): HTMLElement =>
      draw(
        'section',
        'box',
        draw('h3', '', ...image.names.filter(isName).flatMap((name) => [shortName(name), ' '])),
        draw('p', 'inner', `${image.namespace} · ${image.digest.slice(7, 19)}`),
        ...image.containers.map((id) =>
          draw('div', 'sheet writable', 'writable layer of ', draw('code', '', id.slice(0, 12))),
        ),
        ...(image.layers.length > 0
          ? [...image.layers].reverse().map(sheet)
          : [draw('p', 'empty', 'not unpacked yet')]),
      );
    place.replaceChildren(
      ...(images.length > 0
        ? images.map(tower)
        : [draw('p', 'empty', 'containerd has laid out no images yet: run or pull one.')]),
    );
  };
}

/** The CRI also stores images under their configuration's digest. */
function isName(name: string): boolean {
  return !name.startsWith('sha256:');
}

function shortName(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, '').replace(/@sha256:([0-9a-f]{8}).*/, '@$1…');
}

function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1e6) return `${(size / 1e3).toFixed(1)} kB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}
