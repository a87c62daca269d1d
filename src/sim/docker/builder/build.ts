// One build from its options to its result: the definition, the graph, the steps, where the result goes.

import type { Routine } from '../../core/wait.ts';
import { decode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import {
  LINUX_AMD64,
  parsePlatform,
  type Platform,
  platformText,
} from '../../containers/images/oci.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { Converter } from './dockerfile/convert.ts';
import { type BaseImage, readDockerfile, type Resolver } from './dockerfile/definition.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { Warning } from './dockerfile/lint.ts';
import { cleanPath } from './dockerfile/paths.ts';
import { checkGranted, checkNeeded } from './entitlements.ts';
import { exportFiles } from './file-export.ts';
import { gitSource } from './git-reference.ts';
import { type Built, exportImage, tagName } from './image-export.ts';
import { resolveImage } from './image-source.ts';
import type { Vertex } from './llb.ts';
import { syncLocal } from './local-source.ts';
import { SCRATCH } from './model.ts';
import type { BuildOptions, Output } from './options.ts';
import { readIgnoreFile } from './patterns.ts';
import type { Step } from './progress.ts';
import { pushExported } from './push-export.ts';
import { Solver, type SolverSettings } from './solve.ts';
import { checkResult } from './subrequests.ts';

/** A Dockerfile with what belongs to it. */
export interface Definition {
  readonly filename: string;
  readonly text: string;
  readonly ignore: string | undefined;
}

/** One build while it runs. */
export class Build {
  readonly solver: Solver;
  private readonly options: BuildOptions;
  private readonly started: number;
  definition: Definition | undefined;
  warnings: readonly Warning[] = [];

  constructor(settings: SolverSettings, options: BuildOptions) {
    this.solver = new Solver(settings);
    this.options = options;
    this.started = settings.process.now;
  }

  private *load(
    step: Step,
    name: string,
    follow: readonly string[],
    label: string,
  ): Routine<string> {
    const { builder, process, ask, shared } = this.solver.settings;
    const task = step.task(`transferring ${label}:`);
    const copy = yield* syncLocal(builder, process, ask, {
      name,
      follow,
      exclude: [],
      whole: true,
      shared: `${shared} ${label}`,
    });
    task.done(copy.transferred);
    return copy.directory;
  }

  private *text(path: string): Routine<string | undefined> {
    const bytes = yield* readFile(this.solver.settings.process, path);
    return isErrno(bytes) ? undefined : decode(bytes);
  }

  /** The context as a vertex: the client's directory, or what is at an address. */
  private contextVertex(): Vertex {
    const { context } = this.options;
    const common = { inputs: [], lines: undefined, noCache: false };
    const git = gitSource(context);
    if (git)
      return {
        ...common,
        operation: { type: 'git', ...git, keepGitDir: false, checksum: '' },
        name: `[internal] load git source ${context}`,
      };
    if (!/^https?:\/\//.test(context))
      return {
        ...common,
        operation: { type: 'local', name: 'context', follow: undefined, exclude: [] },
        name: '[internal] load build context',
      };
    const archive: Vertex = {
      ...common,
      operation: { type: 'http', url: context, filename: 'context', checksum: '' },
      name: `[internal] load remote build context`,
    };
    const copy = {
      type: 'copy',
      input: 1,
      source: '/context',
      destination: '/',
      chown: '',
      chmod: '',
      exclude: [],
      include: [],
      required: true,
      wildcard: false,
      contentsOnly: true,
      unpack: true,
    } as const;
    return {
      ...common,
      operation: { type: 'file', actions: [copy] },
      inputs: [undefined, archive],
      name: 'copy /context /',
    };
  }

  /** Reads the Dockerfile, from beside the context or out of a remote one. */
  private *loadDefinition(
    context: Vertex,
  ): Routine<{ definition: Definition; step: Step | undefined }> {
    const { filename } = this.options;
    const read = function* (this: Build, directory: string): Routine<Definition> {
      const text = yield* this.text(`${directory}/${filename}`);
      const ignore = yield* this.text(`${directory}/${filename}.dockerignore`);
      if (text === undefined)
        throw new BuildError(
          `failed to read dockerfile: open ${filename}: no such file or directory`,
        );
      return { filename, text, ignore };
    }.bind(this);
    if (context.operation.type !== 'local') {
      const result = yield* this.solver.evaluate(context);
      const definition = yield* this.solver.look(result, read);
      return { definition, step: undefined };
    }
    let kept: Step | undefined;
    const directory = yield* this.solver.internal(
      `[internal] load build definition from ${filename}`,
      (step) => {
        kept = step;
        const files = [filename, `${filename}.dockerignore`];
        return this.load(step, 'dockerfile', files, 'dockerfile');
      },
    );
    return { definition: yield* read(directory), step: kept };
  }

  private *excludes(context: Vertex, definition: Definition): Routine<readonly string[]> {
    if (definition.ignore !== undefined) return readIgnoreFile(definition.ignore);
    if (context.operation.type !== 'local') {
      const result = yield* this.solver.evaluate(context);
      const text = yield* this.solver.look(result, (root) => this.text(`${root}/.dockerignore`));
      return readIgnoreFile(text ?? '');
    }
    const directory = yield* this.solver.internal('[internal] load .dockerignore', (step) =>
      this.load(step, 'context', ['.dockerignore'], 'context'),
    );
    return readIgnoreFile((yield* this.text(`${directory}/.dockerignore`)) ?? '');
  }

  private resolver(context: Vertex, definition: Definition): Resolver {
    const { client } = this.solver.settings;
    const { contexts, pull } = this.options;
    const solver = this.solver;
    let patterns: readonly string[] | undefined;
    const known = new Map<string, BaseImage>();
    return {
      exclude: function* (this: Build): Routine<readonly string[]> {
        patterns ??= yield* this.excludes(context, definition);
        return patterns;
      }.bind(this),
      *image(reference, platform, name) {
        const key = `${reference} ${platformText(platform)}`;
        const before = known.get(key);
        if (before) return before;
        const found = yield* solver.internal(name, () =>
          resolveImage(client, reference, platform, pull),
        );
        known.set(key, found);
        return found;
      },
      *named(name, platform) {
        const source = contexts[name] ?? contexts[name.replace(/:latest$/, '')];
        if (source === undefined) return undefined;
        return yield* namedContext(solver, name, source, platform, pull);
      },
    };
  }

  private platforms(): Platform[] {
    const texts = this.options.platforms;
    return texts.length === 0
      ? [LINUX_AMD64]
      : texts.map((text) => {
          const platform = parsePlatform(text === 'local' ? 'linux/amd64' : text);
          if (platform) return platform;
          throw new BuildError(
            `${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`,
          );
        });
  }

  /** Runs the build; what the client is told at its end. */
  *run(): Routine<Record<string, string>> {
    checkGranted(this.options.allowed);
    const context = this.contextVertex();
    const { definition, step } = yield* this.loadDefinition(context);
    this.definition = definition;
    const resolver = this.resolver(context, definition);
    const built: Built[] = [];
    const seen = new Set<string>();
    if (this.options.call !== 'build')
      return yield* checkResult(this.options, definition, resolver, context);
    const platforms = this.platforms();
    const reads = platforms.map((platform) => ({
      platform,
      read: readDockerfile(definition.text),
    }));
    const states = [];
    for (const { platform, read } of reads) {
      const converter = new Converter(read, this.options, resolver, platform, context);
      const converted = yield* converter.run();
      for (const warning of read.lint.warnings) {
        const key = JSON.stringify(warning);
        if (!seen.has(key)) step?.warn(warning);
        seen.add(key);
      }
      states.push({ converted, platform });
    }
    for (const { converted } of states) checkNeeded(converted.state, this.options.allowed);
    for (const { converted, platform } of states) {
      const result = yield* this.solver.evaluate(converted.state);
      const ref = 'ref' in result ? result.ref : SCRATCH;
      built.push({ platform, image: converted.image, ref });
    }
    return yield* this.export(built);
  }

  private provenance(built: Built): object {
    const { process, builder } = this.solver.settings;
    const { buildArgs, target, filename } = this.options;
    const args = {
      ...Object.fromEntries(Object.entries(buildArgs).map(([k, v]) => [`build-arg:${k}`, v])),
      ...(target === '' ? {} : { target }),
    };
    return {
      buildDefinition: {
        buildType:
          'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
        externalParameters: {
          configSource: { path: filename },
          request: {
            frontend: 'dockerfile.v0',
            ...(Object.keys(args).length > 0 ? { args } : {}),
            locals: [{ name: 'context' }, { name: 'dockerfile' }],
          },
        },
        internalParameters: { builderPlatform: platformText(built.platform) },
        resolvedDependencies: [],
      },
      runDetails: {
        builder: { id: '' },
        metadata: {
          invocationID: builder.newId(),
          startedOn: rfc3339Fraction(this.started, 9),
          finishedOn: rfc3339Fraction(process.now, 9),
          buildkit_completeness: { request: true, resolvedDependencies: false },
        },
      },
    };
  }

  private *export(built: readonly Built[]): Routine<Record<string, string>> {
    this.solver.settle(false);
    const { outputs } = this.options;
    const list: readonly Output[] =
      outputs.length > 0 ? outputs : [{ type: 'image', attributes: {} }];
    let response: Record<string, string> = {};
    for (const output of list)
      response = { ...response, ...(yield* this.exportOne(built, output)) };
    return response;
  }

  private *exportOne(built: readonly Built[], output: Output): Routine<Record<string, string>> {
    const { type, attributes } = output;
    if (type === 'cacheonly') return {};
    if (type !== 'image') {
      const request = { tags: this.options.tags, provenance: (one: Built) => this.provenance(one) };
      return yield* exportFiles(this.solver, built, output, request);
    }
    const { client } = this.solver.settings;
    const { tags, annotations, provenance, push } = this.options;
    const names = attributes.name === undefined ? tags : attributes.name.split(',');
    return yield* this.solver.internal(
      'exporting to image',
      function* (this: Build, step: Step) {
        const image = yield* exportImage(client, step, built, {
          tags: names,
          annotations,
          provenance: provenance ? (one) => this.provenance(one) : undefined,
          store: attributes.store !== 'false',
        });
        if (push || attributes.push === 'true') yield* pushExported(client, step, image);
        return {
          ...(built[0]
            ? { 'buildx.build.provenance': JSON.stringify(this.provenance(built[0])) }
            : {}),
          'containerimage.digest': image.descriptor.digest,
          ...(image.configDigest === undefined
            ? {}
            : { 'containerimage.config.digest': image.configDigest }),
          'containerimage.descriptor': JSON.stringify(image.descriptor),
          ...(image.names.length > 0 ? { 'image.name': image.names.join(',') } : {}),
        };
      }.bind(this),
    );
  }
}

function* namedContext(
  solver: Solver,
  name: string,
  source: string,
  platform: Platform,
  pull: boolean,
) {
  const common = { inputs: [], lines: undefined, noCache: false };
  if (source.startsWith('docker-image://')) {
    const reference = source.slice('docker-image://'.length);
    const { client } = solver.settings;
    const full = tagName(reference);
    const found = yield* solver.internal(`[context ${name}] load metadata for ${reference}`, () =>
      resolveImage(client, full, platform, pull),
    );
    const state: Vertex = {
      ...common,
      operation: { type: 'image', reference: `${full}@${found.digest}`, platform },
      name: `[context ${name}] ${reference}`,
    };
    return { state, image: found.config };
  }
  const git = gitSource(source);
  if (git) {
    const operation = { type: 'git', ...git, keepGitDir: false, checksum: '' } as const;
    return { state: { ...common, operation, name: `[context ${name}] load from git` } };
  }
  if (!source.startsWith('local:'))
    throw new BuildError(`unsupported context source ${source.split(':')[0]} for ${name}`);
  const operation = {
    type: 'local' as const,
    name: cleanPath(source.slice('local:'.length)),
    follow: undefined,
    exclude: [],
  };
  return { state: { ...common, operation, name: `[context ${name}] load from client` } };
}
