// The catalog of images: what an image is hangs on its definition alone, not on which image was asked for before it.

import { expect, test } from 'vitest';
import type { LayerDefinition } from '../../src/sim/containers/images/definition.ts';
import { imageDefinitions } from '../../src/sim/internet/catalog.ts';

test('a layer that images of different times share says itself when it was made', () => {
  const times = new Map<LayerDefinition, Set<string>>();
  for (const { created, steps } of imageDefinitions) {
    for (const { layer } of steps) {
      if (layer) times.set(layer, (times.get(layer) ?? new Set()).add(layer.created ?? created));
    }
  }
  expect([...times.values()].filter((all) => all.size > 1)).toEqual([]);
});
