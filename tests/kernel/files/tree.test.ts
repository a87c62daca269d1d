// Random file operations on a memory file system and on an overlay over one, against a plain tree of paths.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, decode } from '../../../src/sim/core/text.ts';
import { isErrno } from '../../../src/sim/kernel/errno.ts';
import { type Inode, S_IFDIR, S_IFREG } from '../../../src/sim/kernel/files/inode.ts';
import { MemoryFileSystem } from '../../../src/sim/kernel/files/memory.ts';
import { OverlayFileSystem } from '../../../src/sim/kernel/files/overlay.ts';

type Tree = Map<string, Tree | string>;

const NAMES = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...NAMES);
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path, text: fc.string({ maxLength: 8 }) }),
  fc.record({ kind: fc.constant('mkdir' as const), path }),
  fc.record({ kind: fc.constant('remove' as const), path }),
  fc.record({ kind: fc.constant('rename' as const), path, to: path }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const request = (kind: number) => ({ mode: kind | 0o755, uid: 0, gid: 0, now: 0 });

function directoryAt(root: Inode, words: readonly string[]): Inode | undefined {
  let at: Inode | undefined = root;
  for (const word of words) at = at?.isDirectory ? at.lookup(word, undefined) : undefined;
  return at?.isDirectory ? at : undefined;
}

function treeAt(root: Tree, words: readonly string[]): Tree | undefined {
  let at: Tree | string | undefined = root;
  for (const word of words) at = at instanceof Map ? at.get(word) : undefined;
  return at instanceof Map ? at : undefined;
}

/** Does one operation on both; a rename that the file system refuses (overlay's EXDEV) is left out of the model. */
function apply(root: Inode, model: Tree, step: Operation): void {
  const above = step.path.slice(0, -1);
  const last = step.path.at(-1) ?? 'a';
  const directory = directoryAt(root, above);
  const tree = treeAt(model, above);
  expect(directory !== undefined).toBe(tree !== undefined);
  if (!directory || !tree) return;
  const known = tree.get(last);
  if (step.kind === 'mkdir') {
    const made = directory.create(last, request(S_IFDIR));
    expect(isErrno(made)).toBe(known !== undefined);
    if (known === undefined) tree.set(last, new Map());
  } else if (step.kind === 'write') {
    if (known instanceof Map) return;
    const file = directory.lookup(last, undefined) ?? directory.create(last, request(S_IFREG));
    if (isErrno(file)) throw new Error(file.name);
    file.truncate(0);
    file.writeAt(0, encode(step.text), undefined);
    tree.set(last, step.text);
  } else if (step.kind === 'remove') {
    const failure = known instanceof Map ? directory.rmdir(last) : directory.unlink(last);
    const possible = known !== undefined && !(known instanceof Map && known.size > 0);
    expect(failure === undefined).toBe(possible);
    if (possible) tree.delete(last);
  } else {
    rename({ root, model, directory, tree, last, known }, step.to);
  }
}

interface Source {
  readonly root: Inode;
  readonly model: Tree;
  readonly directory: Inode;
  readonly tree: Tree;
  readonly last: string;
  readonly known: Tree | string | undefined;
}

function rename(
  { root, model, directory, tree, last, known }: Source,
  to: readonly string[],
): void {
  const target = directoryAt(root, to.slice(0, -1));
  const targetTree = treeAt(model, to.slice(0, -1));
  const newName = to.at(-1) ?? 'a';
  if (!target || !targetTree || known instanceof Map || known === undefined) return;
  if (targetTree.get(newName) instanceof Map) return;
  expect(directory.rename(last, target, newName)).toBeUndefined();
  if (targetTree === tree && newName === last) return;
  tree.delete(last);
  targetTree.set(newName, known);
}

function contents(inode: Inode): Tree | string {
  if (!inode.isDirectory) {
    const bytes = inode.readAt(0, 100, undefined);
    return isErrno(bytes) ? bytes.name : decode(bytes);
  }
  const entries = [...inode.entries(undefined)].sort((x, y) => (x.name < y.name ? -1 : 1));
  return new Map(entries.map((entry) => [entry.name, contents(entry.inode)]));
}

function sorted(tree: Tree): Tree {
  return new Map(
    [...tree]
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([key, value]) => [key, value instanceof Map ? sorted(value) : value]),
  );
}

describe('file systems behave like a tree', () => {
  it('memory', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (steps) => {
        const { root } = new MemoryFileSystem('tmpfs', 1);
        const model: Tree = new Map();
        for (const step of steps) apply(root, model, step);
        expect(contents(root)).toEqual(sorted(model));
      }),
    );
  });

  it('overlay, and its lower layer stays as it was', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 20 }),
        fc.array(operation, { maxLength: 40 }),
        (first, steps) => {
          const lower = new MemoryFileSystem('ext4', 1).root;
          const model: Tree = new Map();
          for (const step of first) apply(lower, model, step);
          const before = contents(lower);
          const upper = new MemoryFileSystem('ext4', 2).root;
          const { root } = new OverlayFileSystem(3, '', { upper, lowers: [lower] }, false);
          for (const step of steps) apply(root, model, step);
          expect(contents(root)).toEqual(sorted(model));
          expect(contents(lower)).toEqual(before);
        },
      ),
    );
  });
});
