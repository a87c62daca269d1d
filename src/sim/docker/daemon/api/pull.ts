// POST /images/create: pulling from a registry, told as lines of progress.

import { Content } from '../../../core/content.ts';
import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  type Reference,
  repositoryOf,
} from '../../../containers/images/reference.ts';
import { RegistryClient } from '../../../containers/registry/client.ts';
import { pullImage } from '../../../containers/registry/pull.ts';
import { findImage, shownReference } from '../images.ts';
import { ApiError } from '../model.ts';
import { credentialsOf } from './credentials.ts';
import { importHandler } from './commit.ts';
import { type Context, type Handler, query, refuse, streaming } from './answer.ts';

interface Progress {
  readonly lines: object[];
  readonly arrived: WaitQueue;
  ended: boolean;
}

const PHASES: Readonly<Record<string, string>> = {
  exists: 'Already exists',
  waiting: 'Pulling fs layer',
  downloaded: 'Download complete',
  complete: 'Pull complete',
};

function* pull(context: Context, thread: Process, name: string, progress: Progress): Routine<void> {
  const client = context.daemon.clientFor(thread);
  const tell = (line: object): void => {
    progress.lines.push(line);
    progress.arrived.wake();
  };
  const shown = shownReference(name);
  const local = /^(localhost|127\.)/.test(name);
  const known = yield* findImage(client, name);
  const parsed = parseReference(name);
  const credentials = credentialsOf(context);
  let same = false;
  const pulled = yield* pullImage(client, {
    name,
    short: true,
    plainHttp: local,
    httpsFirst: true,
    ...(credentials ? { credentials } : {}),
    unpack: true,
    *progress() {},
    *onResolved(target) {
      same = !(known instanceof ApiError) && known.target.digest === target.digest;
      tell({
        status: `Pulling from ${shown
          .replace(/^[^/]*[.:][^/]*\//, '')
          .replace(/^(?!.*\/)/, 'library/')
          .replace(/[:@].*$/, '')}`,
        id: isReferenceError(parsed) ? shown : (parsed.tag ?? fullName(parsed)),
      });
    },
    *onLayer(layer, phase) {
      if (same) return;
      const status = PHASES[phase];
      if (status !== undefined) tell({ status, progressDetail: {}, id: layer.digest.slice(7, 19) });
    },
  });
  if (typeof pulled === 'string') tell({ errorDetail: { message: pulled }, error: pulled });
  else {
    tell({ status: `Digest: ${pulled.target.digest}` });
    tell({
      status: same
        ? `Status: Image is up to date for ${shown}`
        : `Status: Downloaded newer image for ${shown}`,
    });
    context.daemon.events.add('image', 'pull', shown, { name: shown });
  }
}

/** The names that a pull is about: one, or all tags that the registry has. */
function* namesOf(
  context: Context,
  thread: Process,
  wanted: Reference,
  progress: Progress,
): Routine<readonly string[]> {
  if (wanted.tag !== undefined || wanted.digest !== undefined) return [fullName(wanted)];
  const credentials = credentialsOf(context);
  const registry = new RegistryClient(thread, wanted.domain, {
    plainHttp: /^(localhost|127\.)/.test(wanted.domain),
    httpsFirst: true,
    ...(credentials ? { credentials } : {}),
  });
  const tags = yield* registry.tags(wanted.path);
  if (typeof tags !== 'string') return tags.map((tag) => `${repositoryOf(wanted)}:${tag}`);
  progress.lines.push({ errorDetail: { message: tags }, error: tags });
  return [];
}

/** Pulls one image; the answer is a stream of JSON lines. */
export const pullHandler: Handler = function* (context) {
  if (query(context, 'fromSrc') !== '') return yield* importHandler(context);
  const tag = query(context, 'tag');
  const separator = tag.startsWith('sha256:') ? '@' : ':';
  const parsed = parseReference(
    `${query(context, 'fromImage')}${tag === '' ? '' : `${separator}${tag}`}`,
  );
  if (isReferenceError(parsed)) return refuse(new ApiError(400, parsed));
  const progress: Progress = { lines: [], arrived: new WaitQueue(), ended: false };
  context.daemon.thread(function* (thread) {
    for (const name of yield* namesOf(context, thread, parsed, progress))
      yield* pull(context, thread, name, progress);
    progress.ended = true;
    progress.arrived.wake();
  });
  while (progress.lines.length === 0 && !progress.ended) yield { on: [progress.arrived] };
  const [first] = progress.lines as { error?: string }[];
  if (first?.error !== undefined)
    return refuse(new ApiError(/not found|denied/.test(first.error) ? 404 : 500, first.error));
  return streaming('application/json', function* () {
    for (;;) {
      const line = progress.lines.shift();
      if (line) return Content.ofJson(line, (value) => `${JSON.stringify(value)}\n`);
      if (progress.ended) return undefined;
      yield { on: [progress.arrived] };
    }
  });
};
