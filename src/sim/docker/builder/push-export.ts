// `--push`: the image goes to its registry when it is exported.

import type { Routine } from '../../core/wait.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import { pushImage } from '../../containers/registry/push.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { ExportedImage } from './image-export.ts';
import type { Step } from './progress.ts';

/** Pushes every name of an image. */
export function* pushExported(
  client: ContainerdClient,
  step: Step,
  image: ExportedImage,
): Routine<void> {
  if (image.names.length === 0) throw new BuildError('tag is needed when pushing to registry');
  for (const name of image.names) {
    const layers = step.task('pushing layers');
    const problem = yield* pushImage(client, { name, target: image.descriptor });
    if (typeof problem === 'string') throw new BuildError(`failed to push ${name}: ${problem}`);
    layers.done();
    step.task(`pushing manifest for ${name}@${image.descriptor.digest}`).done();
  }
}
