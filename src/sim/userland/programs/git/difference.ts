// The difference of one file, as git writes patches.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { unifiedDiff } from '../text/diff-output.ts';
import { editScript } from '../text/diff-script.ts';
import { objectId, readObject } from './objects.ts';
import { contentsAt, type Entry, type Repository } from './repository.ts';

const CONTEXT = 3;
const NOTHING = '0000000';

/** The patch from one state of a file to another; one that is not there is left out. */
export function* fileDifference(
  repository: Repository,
  path: string,
  before: Entry | undefined,
  after: Entry | undefined,
): Routine<string> {
  const old = linesOf(yield* textOf(repository, path, before));
  const young = linesOf(yield* textOf(repository, path, after));
  const head = [`diff --git a/${path} b/${path}`];
  if (!before && after) head.push(`new file mode ${after.mode}`);
  if (before && !after) head.push(`deleted file mode ${before.mode}`);
  const mode = before && after ? ` ${after.mode}` : '';
  head.push(`index ${short(before)}..${short(after)}${mode}`);
  if (old.length > 0 || young.length > 0) {
    head.push(
      `--- ${before ? `a/${path}` : '/dev/null'}`,
      `+++ ${after ? `b/${path}` : '/dev/null'}`,
    );
  }
  const changes = editScript(old, young);
  const body = unifiedDiff({ old, young, changes, counts: () => true }, CONTEXT);
  return `${head.join('\n')}\n${body}`;
}

function short(entry: Entry | undefined): string {
  return entry?.id.slice(0, 7) ?? NOTHING;
}

/** From the objects, or from the working tree where the object was never written. */
function* textOf(repository: Repository, path: string, entry: Entry | undefined): Routine<string> {
  if (!entry) return '';
  const stored = yield* readObject(repository.process, repository.directory, entry.id);
  if (stored) return decode(stored.bytes);
  const found = yield* contentsAt(repository, path);
  const same = found && objectId({ type: 'blob', bytes: found.bytes }) === entry.id;
  return same ? decode(found.bytes) : '';
}

/** Each with its newline, where it had one. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}
