// What a node of a swarm does before it makes a task's container: it pulls the image, where that is not there.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { fullName, isReferenceError, parseReference } from '../../containers/images/reference.ts';
import { pullImage } from '../../containers/registry/pull.ts';
import { findImage } from '../daemon/images.ts';
import { ApiError, type Dockerd } from '../daemon/model.ts';

/** Pulls an image that is missing. A failure is not told: the container that cannot be made then says it. */
export function* pullMissing(daemon: Dockerd, thread: Process, image: string): Routine<void> {
  const client = daemon.clientFor(thread);
  if (!((yield* findImage(client, image)) instanceof ApiError)) return;
  const wanted = parseReference(image);
  if (isReferenceError(wanted)) return;
  const tagged = (wanted.tag ?? wanted.digest) ? wanted : { ...wanted, tag: 'latest' };
  yield* pullImage(client, {
    name: fullName(tagged),
    short: true,
    plainHttp: /^(localhost|127\.)/.test(wanted.domain),
    unpack: true,
    *progress() {},
  });
}
