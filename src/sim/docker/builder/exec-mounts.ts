// The mounts of RUN made ready: files of other stages and of the context, cache directories, secrets, tmpfs.

import type { Routine } from '../../core/wait.ts';
import { decode } from '../../core/text.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { copyFiles, makeAll, rootPath } from './copy-files.ts';
import { BuildError } from './dockerfile/errors.ts';
import { type ExecOperation, type ReadyMount, runExec, sourceBelow } from './exec-step.ts';
import type { ExecMount } from './llb.ts';
import { type Builder, BUILDKIT_ROOT, type CacheRecord } from './model.ts';
import type { Step } from './progress.ts';
import type { Result, Solver } from './solve.ts';

/** The directory that a cache mount keeps between builds. */
function cacheDirectory(
  builder: Builder,
  now: number,
  mount: ExecMount,
  args: readonly string[],
): CacheRecord {
  const key = `cache ${mount.id}`;
  const known = builder.byKey.get(key);
  if (known) {
    known.lastUsedAt = now;
    known.usageCount++;
    return known;
  }
  const id = builder.newId();
  return builder.add({
    id,
    type: 'exec.cachemount',
    description: `cached mount ${mount.target} from exec ${args.join(' ')} with id "/${mount.id}"`,
    createdAt: now,
    lastUsedAt: now,
    usageCount: 1,
    size: 4096,
    parents: [],
    inUse: false,
    mutable: true,
    keys: new Set([key]),
    ref: undefined,
    directory: `${BUILDKIT_ROOT}/cache/${id}`,
  });
}

class Preparation {
  readonly ready: ReadyMount[] = [];
  readonly env: string[] = [];
  private readonly solver: Solver;
  private readonly scratch: string;

  private readonly args: readonly string[];

  constructor(solver: Solver, scratch: string, args: readonly string[]) {
    this.args = args;
    this.solver = solver;
    this.scratch = scratch;
  }

  private add(mount: ExecMount, source: string | undefined): void {
    const { target, readOnly, size } = mount;
    this.ready.push({ target, source, readOnly, size });
  }

  *secret(mount: ExecMount): Routine<void> {
    const { settings } = this.solver;
    const { reply, bytes } = yield* settings.ask({ method: 'secret', id: mount.id });
    if (reply.error !== undefined) {
      if (!mount.required) return;
      throw new BuildError(`secret ${mount.id}: not found`);
    }
    if (mount.env !== undefined) {
      this.env.push(`${mount.env === '' ? mount.id : mount.env}=${decode(bytes)}`);
      if (mount.target === '') return;
    }
    const file = `${this.scratch}/secret${this.ready.length}`;
    writeWholeFile(settings.process, file, bytes, mount.mode ?? 0o400);
    settings.process.chmod(file, mount.mode ?? 0o400);
    settings.process.chown(file, mount.uid ?? 0, mount.gid ?? 0);
    this.add({ ...mount, readOnly: true }, file);
  }

  *ssh(mount: ExecMount): Routine<void> {
    const { reply } = yield* this.solver.settings.ask({ method: 'ssh', id: mount.id });
    if (reply.error === undefined)
      throw new BuildError('drydock: forwarding an SSH agent into a build is not simulated');
    if (mount.required)
      throw new BuildError(`no SSH key ${JSON.stringify(mount.id)} forwarded from the client`);
  }

  *cache(mount: ExecMount, from: Result | undefined): Routine<void> {
    const { builder, process } = this.solver.settings;
    const { directory = '' } = cacheDirectory(builder, process.now, mount, this.args);
    if (!process.exists(directory)) {
      makeDirectories(process, directory, 0o755);
      if (from) yield* this.fill(from, mount.source, directory);
      process.chmod(directory, mount.mode ?? 0o755);
      process.chown(directory, mount.uid ?? 0, mount.gid ?? 0);
    }
    this.add(mount, directory);
  }

  private *fill(from: Result, source: string, directory: string): Routine<void> {
    const { process } = this.solver.settings;
    yield* this.solver.look(from, function* (root) {
      const action = {
        type: 'copy',
        input: 0,
        source,
        destination: '/',
        chown: '',
        chmod: '',
        exclude: [],
        include: [],
        required: true,
        wildcard: false,
        contentsOnly: true,
        unpack: false,
      } as const;
      copyFiles(process, action, root, directory, undefined);
    });
  }

  bind(mount: ExecMount, root: string): void {
    const { process } = this.solver.settings;
    const source = sourceBelow(process, root, mount.source);
    if (isErrno(process.lstat(source))) throw new BuildError(`${mount.source}: not found`);
    this.add(mount, source);
  }

  tmpfs(mount: ExecMount): void {
    this.add(mount, undefined);
  }

  /** Runs `work` inside of all that has to be mounted first. */
  *inside(
    mounts: readonly ExecMount[],
    inputs: readonly Result[],
    work: () => Routine<void>,
  ): Routine<void> {
    const [mount, ...rest] = mounts;
    if (!mount) return yield* work();
    const input = mount.input === undefined ? undefined : inputs[mount.input];
    if (mount.type === 'bind' && input) {
      return yield* this.solver.look(input, (root) => {
        this.bind(mount, root);
        return this.inside(rest, inputs, work);
      });
    }
    if (mount.type === 'secret') yield* this.secret(mount);
    else if (mount.type === 'ssh') yield* this.ssh(mount);
    else if (mount.type === 'cache') yield* this.cache(mount, input);
    else this.tmpfs(mount);
    return yield* this.inside(rest, inputs, work);
  }
}

/** Makes the places of mounts in the file system, files for files. */
function makeTargets(solver: Solver, root: string, mounts: readonly ReadyMount[]): void {
  const { process } = solver.settings;
  for (const { target, source } of mounts) {
    const stat = source === undefined ? undefined : process.stat(source);
    const isFile = stat !== undefined && !isErrno(stat) && (stat.mode & S_IFMT) !== S_IFDIR;
    if (!isFile) makeAll(process, rootPath(process, root, target), undefined);
  }
}

/** RUN with its mounts. */
export function* execStep(
  solver: Solver,
  operation: ExecOperation,
  inputs: readonly Result[],
  root: string,
  step: Step,
): Routine<void> {
  const { builder, process } = solver.settings;
  const scratch = `${BUILDKIT_ROOT}/secrets/${builder.newId()}`;
  makeDirectories(process, scratch, 0o700);
  const preparation = new Preparation(solver, scratch, operation.args);
  try {
    yield* preparation.inside(operation.mounts, inputs, function* () {
      const { ready, env } = preparation;
      makeTargets(solver, root, ready);
      yield* runExec(builder, process, operation, root, ready, env, (text) => step.log(text));
    });
  } finally {
    removeAll(process, scratch);
  }
}
