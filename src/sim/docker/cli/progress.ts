// What docker pull prints where there is no terminal: one line for each change of a layer.

import type { Routine } from '../../core/wait.ts';
import {
  isReferenceError,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import type { Api, CallError } from './api.ts';
import { CallError as Failure } from './api.ts';
import type { Call } from './command.ts';
import { registryAuth } from './registry.ts';

/** Pulls an image and prints the progress; the failure where there is one. */
export function* printPull(
  call: Call,
  api: Api,
  name: string,
  options: { quiet: boolean; toStderr: boolean; all?: boolean },
): Routine<CallError | undefined> {
  const parsed = parseReference(name);
  if (isReferenceError(parsed)) return new Failure(0, parsed);
  const full = withDefaultTag(parsed);
  const { main } = call;
  let failure: CallError | undefined;
  const print = function* (text: string): Routine<void> {
    if (options.quiet) return;
    const writer = options.toStderr ? main.err : main.out;
    writer.put(`${text}\n`);
    yield* writer.flush();
  };
  const tag = options.all ? undefined : (full.digest ?? full.tag);
  const query = { fromImage: repositoryOf(full), tag };
  const headers = yield* registryAuth(main.process, full.domain);
  const tell = function* (line: Record<string, unknown>): Routine<void> {
    if (typeof line.error === 'string') failure = new Failure(500, line.error);
    else
      yield* print(
        line.id === undefined ? String(line.status) : `${String(line.id)}: ${String(line.status)}`,
      );
  };
  const refused = yield* api.lines('POST', '/images/create', query, tell, undefined, headers);
  return refused ?? failure;
}
