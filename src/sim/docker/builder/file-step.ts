// File steps: mkdir for WORKDIR, mkfile for inline documents, copies for COPY and ADD.

import type { Routine } from '../../core/wait.ts';
import { encode } from '../../core/text.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { readAccounts, resolveUser } from '../../containers/containerd/spec.ts';
import { writeWholeFile } from '../../containers/containerd/daemon.ts';
import { copyFiles, makeAll, type Owner, rootPath } from './copy-files.ts';
import { BuildError } from './dockerfile/errors.ts';
import { parentOf } from './dockerfile/paths.ts';
import type { FileAction } from './llb.ts';

/** Runs `look` with the directory under which an input's files are. */
export type Input = (look: (root: string) => Routine<void>) => Routine<void>;

/** The owner that a text names in the accounts below a root; root where they do not know it. */
function* ownerOf(p: Process, root: string, text: string): Routine<Owner | undefined> {
  if (text === '') return undefined;
  const [user = '', group] = text.split(':');
  const numeric = (word: string): boolean => /^\d+$/.test(word);
  if (numeric(user) && (group === undefined || numeric(group)))
    return { uid: Number(user), gid: Number(group ?? user) };
  const found = resolveUser(text, yield* readAccounts(p, root));
  if (typeof found !== 'string') return { uid: found.uid, gid: found.gid };
  return { uid: 0, gid: 0 };
}

/** Carries the actions out in a mounted file system. */
export function* runFileActions(
  p: Process,
  root: string,
  actions: readonly FileAction[],
  input: (index: number) => Input,
): Routine<void> {
  for (const action of actions) {
    if (action.type === 'mkdir') {
      const owner = yield* ownerOf(p, root, action.user);
      if (!makeAll(p, rootPath(p, root, action.path), owner))
        throw new BuildError(`mkdir ${action.path}: not a directory`);
      continue;
    }
    if (action.type === 'mkfile') {
      const path = rootPath(p, root, action.path);
      makeAll(p, parentOf(path), undefined);
      writeWholeFile(p, path, encode(action.content), action.mode);
      p.chmod(path, action.mode);
      continue;
    }
    const owner = yield* ownerOf(p, root, action.chown);
    yield* input(action.input)(function* (from) {
      copyFiles(p, action, from, root, owner);
    });
  }
}
