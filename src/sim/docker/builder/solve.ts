// The solver: works a graph off, step by step, and takes from the cache what was done before. A step's cache key is made
// of what it does and of what it stands on; for copies that is the content of the files, not where they come from.

import type { Routine } from '../../core/wait.ts';
import { encode } from '../../core/text.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { ContainerdClient } from '../../containers/containerd/client.ts';
import { digestOf } from '../../containers/images/oci.ts';
import { copyChecksum, pathChecksum } from './checksum.ts';
import { BuildError } from './dockerfile/errors.ts';
import { execStep } from './exec-mounts.ts';
import { runFileActions } from './file-step.ts';
import { loadImage } from './image-source.ts';
import type { Operation, State, Vertex } from './llb.ts';
import { vertexDigest } from './llb.ts';
import { type AskClient, syncLocal } from './local-source.ts';
import { type Builder, chainOf, type CacheRecord, type Ref, SCRATCH } from './model.ts';
import { type Progress, Step } from './progress.ts';
import { fetchGit } from './git-source.ts';
import { fetchUrl } from './remote-source.ts';
import { commit, discard, isThere, mounted, prepare, stack, viewed } from './snapshots.ts';

/** What a vertex has come to: layers, or a directory of the daemon's own. */
export type Result = { readonly ref: Ref } | { readonly directory: string };

/** A failure with the vertex that it happened in. */
export class StepError extends BuildError {
  readonly vertex: string;
  constructor(cause: BuildError, vertex: string, message = cause.message) {
    super(message, cause.lines, cause.exitCode);
    this.vertex = vertex;
  }
}

export interface SolverSettings {
  readonly builder: Builder;
  readonly process: Process;
  readonly client: ContainerdClient;
  readonly progress: Progress;
  readonly ask: AskClient;
  /** What copies of the client's directories are kept under. */
  readonly shared: string;
}

const isRef = (result: Result): result is { ref: Ref } => 'ref' in result;

export class Solver {
  readonly settings: SolverSettings;
  private readonly done = new Map<string, Result>();
  /** Steps of base images that no step has used so far. */
  private readonly open: Step[] = [];
  steps = 0;
  cached = 0;

  constructor(settings: SolverSettings) {
    this.settings = settings;
  }

  step(vertex: Vertex): Step {
    const { progress, process } = this.settings;
    this.steps++;
    return new Step(progress, process, vertexDigest(vertex), vertex.name);
  }

  /** A step that is no vertex of the graph: loading definitions, exporting. */
  *internal<T>(name: string, work: (step: Step) => Routine<T>): Routine<T> {
    const { builder, progress, process } = this.settings;
    const step = new Step(progress, process, digestOf(encode(builder.newId())), name);
    this.steps++;
    return yield* this.guarded(step, undefined, work);
  }

  private *guarded<T>(
    step: Step,
    vertex: Vertex | undefined,
    work: (step: Step) => Routine<T>,
  ): Routine<T> {
    let result: T;
    try {
      result = yield* work(step);
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown;
      step.end({ error: thrown.message });
      const lines = thrown.lines.length > 0 ? thrown.lines : vertex?.lines ? [vertex.lines] : [];
      throw new StepError(new BuildError(thrown.message, lines, thrown.exitCode), step.digest);
    }
    step.end();
    return result;
  }

  /** The result of a state. */
  *evaluate(state: State): Routine<Result> {
    if (!state) return { ref: SCRATCH };
    const digest = vertexDigest(state);
    const before = this.done.get(digest);
    if (before) return before;
    const [base, ...others] = state.inputs;
    const rest: Result[] = [];
    for (const input of others) rest.push(yield* this.evaluate(input));
    yield* this.checkSources(state, rest);
    const inputs = state.inputs.length === 0 ? [] : [yield* this.evaluate(base), ...rest];
    const result = yield* this.run(state, inputs);
    this.done.set(digest, result);
    return result;
  }

  private *run(vertex: Vertex, inputs: readonly Result[]): Routine<Result> {
    const { builder, process, ask, shared } = this.settings;
    const { operation } = vertex;
    switch (operation.type) {
      case 'image':
        return yield* this.image(vertex, operation);
      case 'local':
        return yield* this.guarded(this.step(vertex), vertex, function* (step) {
          const task = step.task('transferring context:');
          const request = { ...operation, shared, whole: false };
          const copy = yield* syncLocal(builder, process, ask, request);
          task.done(copy.transferred);
          return { directory: copy.directory };
        });
      case 'http':
        return yield* this.guarded(this.step(vertex), vertex, (step) =>
          fetchUrl(this.settings, operation, step),
        );
      case 'git':
        return yield* this.guarded(this.step(vertex), vertex, (step) =>
          fetchGit(this.settings, operation, step),
        );
      default:
        return yield* this.cachedRun(vertex, operation, inputs);
    }
  }

  /** A base image. Whether it came from the cache is known when a step has used it, or none has. */
  private *image(
    vertex: Vertex,
    { reference, platform }: Extract<Operation, { type: 'image' }>,
  ): Routine<Result> {
    const { client, builder } = this.settings;
    const step = this.step(vertex);
    const known = builder.images.has(reference);
    builder.images.add(reference);
    let ref: Ref;
    try {
      ref = yield* loadImage(client, reference, platform, step);
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown;
      step.end({ error: thrown.message });
      const located = new BuildError(thrown.message, vertex.lines ? [vertex.lines] : []);
      throw new StepError(located, step.digest);
    }
    if (known) this.open.push(step);
    else step.end();
    return { ref };
  }

  /** Ends the steps of base images: from the cache where a step works on them now. */
  settle(used: boolean): void {
    for (const step of this.open.splice(0)) step.end(used ? { cached: true } : {});
  }

  /** A step whose cache key cannot be made. */
  private keyFailure(vertex: Vertex, cause: BuildError): StepError {
    const step = this.step(vertex);
    step.end({ error: cause.message });
    const [base] = vertex.inputs;
    if (base?.operation.type === 'image' && !this.done.has(vertexDigest(base))) {
      const other = this.step(base);
      this.settings.builder.images.add(base.operation.reference);
      other.task(`resolve ${base.operation.reference}`).done();
      other.end({ error: 'context canceled' });
    }
    const located = new BuildError(cause.message, vertex.lines ? [vertex.lines] : []);
    return new StepError(located, step.digest, `failed to compute cache key: ${cause.message}`);
  }

  /** Fails a copy whose files are not there before what it stands on is looked at. */
  private *checkSources(
    { operation, ...vertex }: Vertex,
    others: readonly Result[],
  ): Routine<void> {
    if (operation.type !== 'file') return;
    const { process } = this.settings;
    for (const action of operation.actions) {
      const result = action.type === 'copy' ? others[action.input - 1] : undefined;
      if (action.type !== 'copy' || !result) continue;
      const sum = yield* this.look(result, function* (root) {
        return copyChecksum(process, root, action);
      });
      if ('missing' in sum)
        throw this.keyFailure({ operation, ...vertex }, this.missing(sum.missing));
    }
  }

  /** Runs `look` with the directory under which a result's files are. */
  *look<T>(result: Result, look: (root: string) => Routine<T>): Routine<T> {
    const { builder, process, client } = this.settings;
    if ('directory' in result) return yield* look(result.directory);
    return yield* viewed(process, builder, client, result.ref, look);
  }

  private *cachedRun(
    vertex: Vertex,
    operation: Extract<Operation, { type: 'exec' | 'file' | 'merge' }>,
    inputs: readonly Result[],
  ): Routine<Result> {
    const { builder, client, process } = this.settings;
    let key: string;
    try {
      key = yield* this.keyOf(operation, inputs);
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown;
      throw this.keyFailure(vertex, thrown);
    }
    const record = vertex.noCache ? undefined : builder.byKey.get(key);
    const known = record?.ref !== undefined && (yield* isThere(client, record.ref));
    this.settle(!known);
    const step = this.step(vertex);
    if (record?.ref && known) {
      record.lastUsedAt = process.now;
      record.usageCount++;
      this.cached++;
      step.end({ cached: true });
      return { ref: record.ref };
    }
    const ref = yield* this.guarded(step, vertex, () => this.perform(operation, inputs, step));
    this.keep(key, ref, inputs, describe(operation));
    return { ref };
  }

  private keep(key: string, ref: Ref, inputs: readonly Result[], description: string): void {
    const { builder, process } = this.settings;
    const known = builder.recordOf(ref);
    if (known) {
      builder.alias(known, key);
      return;
    }
    const [base] = inputs;
    const parent = base && isRef(base) ? builder.recordOf(base.ref) : undefined;
    const record: CacheRecord = {
      id: builder.newId(),
      type: 'regular',
      description,
      createdAt: process.now,
      lastUsedAt: process.now,
      usageCount: 1,
      size: 0,
      parents: parent ? [parent.id] : [],
      inUse: false,
      mutable: false,
      keys: new Set([key]),
      ref,
      directory: undefined,
    };
    builder.add(record);
  }

  /** The cache key of a step; it throws where a file that is copied is not there. */
  private *keyOf(
    operation: Extract<Operation, { type: 'exec' | 'file' | 'merge' }>,
    inputs: readonly Result[],
  ): Routine<string> {
    const { process } = this.settings;
    const parts: unknown[] = [operation];
    const chain = (result: Result | undefined): string =>
      result && isRef(result) ? chainOf(result.ref) : '';
    parts.push(chain(inputs[0]));
    if (operation.type === 'merge') parts.push(chain(inputs[1]));
    if (operation.type === 'exec') {
      for (const { input, source } of operation.mounts) {
        const result = input === undefined ? undefined : inputs[input];
        if (!result) continue;
        const sum = yield* this.look(result, function* (root) {
          return pathChecksum(process, root, source);
        });
        if (sum === undefined) throw this.missing(source);
        parts.push(sum);
      }
    }
    if (operation.type === 'file') {
      for (const action of operation.actions) {
        const result = action.type === 'copy' ? inputs[action.input] : undefined;
        if (action.type !== 'copy' || !result) continue;
        const sum = yield* this.look(result, function* (root) {
          return copyChecksum(process, root, action);
        });
        if ('missing' in sum) throw this.missing(sum.missing);
        parts.push(sum.digest);
      }
    }
    return digestOf(encode(JSON.stringify(parts)));
  }

  private missing(path: string): BuildError {
    const { builder } = this.settings;
    return new BuildError(
      `failed to calculate checksum of ref ${builder.newId()}::${builder.newId()}: ${JSON.stringify(path)}: not found`,
    );
  }

  private *perform(
    operation: Extract<Operation, { type: 'exec' | 'file' | 'merge' }>,
    inputs: readonly Result[],
    step: Step,
  ): Routine<Ref> {
    const { builder, process, client } = this.settings;
    const [first, second] = inputs;
    const base = first && isRef(first) ? first.ref : SCRATCH;
    if (operation.type === 'merge')
      return yield* stack(
        process,
        builder,
        client,
        base,
        second && isRef(second) ? second.ref : SCRATCH,
      );
    const active = yield* prepare(builder, client, base);
    try {
      yield* mounted(process, builder, active.mounts, (root) =>
        operation.type === 'file'
          ? this.files(operation, inputs, root)
          : execStep(this, operation, inputs, root, step),
      );
    } catch (thrown) {
      yield* discard(client, active);
      throw thrown;
    }
    return yield* commit(process, builder, client, active);
  }

  private *files(
    { actions }: Extract<Operation, { type: 'file' }>,
    inputs: readonly Result[],
    root: string,
  ): Routine<void> {
    yield* runFileActions(this.settings.process, root, actions, (index) => (look) => {
      const result = inputs[index];
      return this.look(result ?? { ref: SCRATCH }, look);
    });
  }
}

function describe(operation: Extract<Operation, { type: 'exec' | 'file' | 'merge' }>): string {
  if (operation.type === 'exec') return `mount / from exec ${operation.args.join(' ')}`;
  return operation.type === 'file' ? 'fileop target' : 'merge';
}
