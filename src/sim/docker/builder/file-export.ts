// Results as files of the client: a tree (`type=local`), a tar of one, image archives in OCI's layout and Docker's.

import type { Routine } from '../../core/wait.ts';
import { archiveEntries } from '../../containers/images/archive.ts';
import { platformText } from '../../containers/images/oci.ts';
import { type TarEntry, writeTar } from '../../containers/images/tar.ts';
import { entriesOf } from '../daemon/archive.ts';
import { BuildError } from './dockerfile/errors.ts';
import { type Built, exportImage } from './image-export.ts';
import type { Output } from './options.ts';
import type { Step } from './progress.ts';
import type { Solver } from './solve.ts';

interface Request {
  readonly tags: readonly string[];
  readonly provenance: (built: Built) => object;
}

function* treeOf(solver: Solver, built: readonly Built[]): Routine<TarEntry[]> {
  const entries: TarEntry[] = [];
  for (const { platform, ref } of built) {
    const name = built.length > 1 ? platformText(platform).replaceAll('/', '_') : '';
    const { process } = solver.settings;
    const found = yield* solver.look({ ref }, function* (root) {
      return entriesOf(process, root, name);
    });
    entries.push(...found);
  }
  return entries;
}

/** Sends the result to the client, which writes it where the output says. */
function* send(solver: Solver, output: Output, bytes: Uint8Array): Routine<void> {
  const { reply } = yield* solver.settings.ask({ method: 'save', output }, bytes);
  if (reply.error !== undefined) throw new BuildError(reply.error);
}

/** Exports to a directory or an archive. */
export function* exportFiles(
  solver: Solver,
  built: readonly Built[],
  output: Output,
  request: Request,
): Routine<Record<string, string>> {
  const { client } = solver.settings;
  if (output.type === 'local' || output.type === 'tar') {
    const what = output.type === 'local' ? 'directory' : 'tarball';
    return yield* solver.internal(`exporting to client ${what}`, function* (step: Step) {
      const tar = writeTar(yield* treeOf(solver, built));
      const label = output.type === 'local' ? 'copying files' : 'sending tarball';
      const task = step.task(label, output.type === 'local' ? tar.length : 0);
      yield* send(solver, output, tar);
      task.done();
      return {};
    });
  }
  const variant = output.type === 'oci' ? 'oci' : 'docker';
  return yield* solver.internal(`exporting to ${variant} image format`, function* (step: Step) {
    const image = yield* exportImage(client, step, built, {
      tags: request.tags,
      annotations: {},
      provenance: variant === 'oci' ? request.provenance : undefined,
      store: false,
    });
    const archive = archiveEntries(
      [{ names: [...image.names], target: image.descriptor }],
      (digest) => image.blobs.get(digest),
    );
    const task = step.task('sending tarball');
    yield* send(solver, output, writeTar(archive));
    task.done();
    return { 'containerimage.digest': image.descriptor.digest };
  });
}
