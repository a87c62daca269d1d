// From a Dockerfile to a graph (BuildKit's dockerfile2llb): stages and what they need of each other, base images, ONBUILD
// triggers, and the instructions of every stage that the target reaches.

import type { Routine } from '../../../core/wait.ts';
import {
  parsePlatform,
  type Platform,
  platformMatches,
  platformText,
} from '../../../containers/images/oci.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  referenceProblem,
  withDefaultTag,
} from '../../../containers/images/reference.ts';
import type { Vertex } from '../llb.ts';
import type { BuildOptions } from '../options.ts';
import { checkCircles } from './checks.ts';
import {
  type BaseImage,
  COMMON_IMAGES,
  type Converted,
  metaArguments,
  platformArgs,
  type readDockerfile,
  type Resolver,
} from './definition.ts';
import { dispatchInstruction, dispatchWorkdir } from './dispatch.ts';
import { about, BuildError, hint, locate } from './errors.ts';
import { type Instruction, readTrigger, type Stage } from './instructions.ts';
import { expand } from './lex.ts';
import { cleanPath } from './paths.ts';
import { PatternMatcher } from '../patterns.ts';
import {
  type Command,
  type Dispatch,
  draftOf,
  emptyImage,
  inherit,
  newStage,
  type StageState,
  stepName,
} from './stage.ts';
import { DEFAULT_PATH_ENV } from '../../../containers/containerd/spec.ts';

/** Converts one Dockerfile for one platform. */
export class Converter {
  private readonly states: StageState[] = [];
  private readonly byName = new Map<string, StageState>();
  private readonly globalArgs: Map<string, string>;
  private readonly buildArgs: ReadonlyMap<string, string>;
  private readonly dispatch: Dispatch;
  private readonly read: ReturnType<typeof readDockerfile>;
  private readonly options: BuildOptions;
  private readonly resolver: Resolver;
  private readonly target: Platform;
  private readonly images = new Map<string, Vertex>();

  constructor(
    read: ReturnType<typeof readDockerfile>,
    options: BuildOptions,
    resolver: Resolver,
    target: Platform,
    context: Vertex,
  ) {
    this.read = read;
    this.options = options;
    this.resolver = resolver;
    this.target = target;
    this.buildArgs = new Map(Object.entries(options.buildArgs));
    const { program, lint } = read;
    const last = options.target || (program.stages.at(-1)?.name ?? '');
    const start = platformArgs(target, last, this.buildArgs);
    this.checkDefaults(metaArguments(start, program, new Map()));
    this.globalArgs = metaArguments(start, program, this.buildArgs);
    this.dispatch = {
      lint,
      escape: read.escape,
      globalArgs: this.globalArgs,
      buildArgs: this.buildArgs,
      context,
      contextPaths: new Set(),
      ignore: undefined,
      multiPlatform: options.platforms.length > 1,
      target,
      network: options.network,
      shmSize: options.shmSize,
      hosts: options.hosts,
      ulimits: options.ulimits,
    };
  }

  private checkDefaults(args: ReadonlyMap<string, string>): void {
    for (const stage of this.read.program.stages) {
      const name = expand(stage.base, args).text;
      if (isReferenceError(parseReference(name)))
        this.read.lint.report('InvalidDefaultArgInFrom', stage, stage.base);
    }
  }

  private fromWord(word: string, stage: Stage): ReturnType<typeof expand> {
    const result = about(stage.lines, () =>
      expand(word, this.globalArgs, { escape: this.read.escape }),
    );
    const declared = this.read.program.metaArgs.flatMap(({ args }) => args.map(({ key }) => key));
    for (const name of result.unmatched) {
      const options = [...declared, ...this.globalArgs.keys()];
      if (!options.includes(name))
        this.read.lint.report('UndefinedArgInFrom', stage, name, hint(name, options, true));
    }
    return result;
  }

  private stagePlatform(stage: Stage): Platform | undefined {
    if (stage.platform === '') return undefined;
    const { text, matched, unmatched } = this.fromWord(stage.platform, stage);
    const { lint } = this.read;
    const only = matched.size === 1 && unmatched.size === 0 && matched.has('TARGETPLATFORM');
    if (only && text === this.globalArgs.get('TARGETPLATFORM'))
      lint.report('RedundantTargetPlatform', stage, stage.platform);
    const platform = parsePlatform(text);
    const constant = matched.size === 0 && unmatched.size === 0;
    if (
      constant &&
      platform &&
      !stage.name.includes(platform.os) &&
      !stage.name.includes(platform.architecture)
    )
      lint.report('FromPlatformFlagConstDisallowed', stage, text);
    if (text === '')
      throw new BuildError(`empty platform value from expression ${stage.platform}`, [stage.lines]);
    if (!platform)
      throw new BuildError(
        `failed to parse platform ${stage.platform}: ${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`,
        [stage.lines],
      );
    return platform;
  }

  private addState(state: StageState): void {
    this.states.push(state);
    state.base = this.byName.get(state.baseName);
    if (state.stage.name !== '') this.byName.set(state.stage.name, state);
  }

  private buildStates(): void {
    for (const [i, stage] of this.read.program.stages.entries()) {
      const { text } = this.fromWord(stage.base, stage);
      if (text === '')
        throw new BuildError(`base name (${stage.base}) should not be blank`, [stage.lines]);
      const state = newStage({ ...stage, base: text }, false);
      state.platform = this.stagePlatform(stage);
      if (stage.name === '') state.name = `stage-${i}`;
      this.addState(state);
      const steps = stage.instructions.filter(({ kind }) =>
        ['add', 'copy', 'run', 'workdir'].includes(kind),
      );
      state.total = steps.length + (text !== 'scratch' && !state.base ? 1 : 0);
      const { noCache, noCacheStages } = this.options;
      state.noCache = noCache || noCacheStages.includes(stage.name || String(i));
    }
  }

  private findStage(name: string): StageState | undefined {
    return this.byName.get(name.toLowerCase());
  }

  private outside(name: string, instruction: Instruction): StageState {
    const stage: Stage = { ...instruction, base: name, name: '', platform: '', instructions: [] };
    return newStage(stage, true);
  }

  private commandOf(instruction: Instruction, onBuild: boolean): Command {
    if (instruction.kind === 'run') {
      const sources = instruction.mountsFrom.map(
        (from) => this.findStage(from) ?? this.outside(from === '' ? 'scratch' : from, instruction),
      );
      return { instruction, sources, onBuild };
    }
    if (instruction.kind !== 'copy' || instruction.from === '')
      return { instruction, sources: [], onBuild };
    const { from } = instruction;
    if (expand(from, new Map()).text !== from)
      throw new BuildError(
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
      );
    if (!/^[+-]?\d+$/.test(from))
      return {
        instruction,
        sources: [this.findStage(from) ?? this.outside(from, instruction)],
        onBuild,
      };
    const source = this.states[Number(from)];
    if (!source) throw new BuildError(`invalid stage index ${Number(from)}`);
    return { instruction, sources: [source], onBuild };
  }

  private need(state: StageState, command: Command): void {
    for (const source of command.sources) {
      state.needs.set(source, command.instruction.lines);
      if (source.unregistered && !this.states.includes(source)) this.addState(source);
    }
  }

  private buildGraph(): void {
    for (const state of [...this.states]) {
      state.commands = state.stage.instructions.map((i) => this.commandOf(i, false));
      for (const command of state.commands) this.need(state, command);
    }
    checkCircles(this.states);
    if (this.states.length === 1 && this.states[0]) this.states[0].name = '';
  }

  private targetState(): StageState {
    const { target } = this.options;
    const found = target === '' ? this.states.at(-1) : this.findStage(target);
    if (found) return found;
    const index = /^\d+$/.test(target) ? this.states[Number(target)] : undefined;
    if (index) return index;
    const names = this.states.map(({ name }) => name).filter((name) => name !== '');
    throw new BuildError(
      `target stage ${JSON.stringify(target)} could not be found${hint(target, names, true)}`,
    );
  }

  private reachable(target: StageState, seen = new Set<StageState>()): Set<StageState> {
    if (seen.has(target)) return seen;
    seen.add(target);
    if (target.base) this.reachable(target.base, seen);
    for (const need of target.needs.keys()) this.reachable(need, seen);
    return seen;
  }

  private *resolveBase(state: StageState): Routine<void> {
    const { base } = state.stage;
    const platform = state.platform ?? this.target;
    const named = yield* this.resolver.named(base, platform);
    if (named) {
      state.state = named.state;
      if (named.image) state.image = draftOf(named.image);
      else state.image = emptyImage(platform);
      state.platform = platform;
      return;
    }
    const parsed = parseReference(base);
    if (isReferenceError(parsed))
      throw new BuildError(
        `failed to parse stage name ${JSON.stringify(base)}: ${referenceProblem(parsed)}`,
      );
    const full = fullName(withDefaultTag(parsed));
    const prefix = this.dispatch.multiPlatform
      ? `[${platformText(platform)} internal]`
      : '[internal]';
    let found: BaseImage;
    try {
      found = yield* this.resolver.image(full, platform, `${prefix} load metadata for ${full}`);
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown;
      const names = this.states.map(({ name }) => name).filter((name) => name !== '');
      const near = hint(base, [...names, ...COMMON_IMAGES], true);
      throw new BuildError(`${base}: ${thrown.message}${near}`);
    }
    const { digest, config } = found;
    const actual = parsePlatform(`${config.os}/${config.architecture}`);
    state.baseName = full.includes('@') ? full : `${full}@${digest}`;
    state.image = draftOf(config);
    state.platform = platform;
    if (
      actual &&
      !platformMatches(platform, {
        ...actual,
        ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      })
    )
      this.read.lint.report(
        'InvalidBaseImagePlatform',
        state.stage,
        base,
        `"${platformText(actual)}", expected "${platformText(platform)}"`,
      );
    if (config.rootfs.diff_ids.length === 0) return;
    const vertex: Vertex = {
      operation: { type: 'image', reference: state.baseName, platform },
      inputs: [],
      name: stepName(state, this.dispatch, `FROM ${state.baseName}`, false),
      lines: state.stage.lines,
      noCache: false,
    };
    const key = `${state.baseName} ${platformText(platform)}`;
    state.state = this.images.get(key) ?? vertex;
    this.images.set(key, state.state);
  }

  private *resolveReachable(target: StageState, every: boolean): Routine<Set<StageState>> {
    const reachable = every ? new Set(this.states) : this.reachable(target);
    for (const state of [...this.states]) {
      if (state.base || state.dispatched || state.resolved || !reachable.has(state)) continue;
      state.resolved = true;
      if (state.unregistered) state.dispatched = true;
      if (state.stage.base === 'scratch') {
        state.image = emptyImage(this.target);
        state.platform = this.target;
        continue;
      }
      try {
        yield* this.resolveBase(state);
      } catch (thrown) {
        throw locate(thrown, state.stage.lines);
      }
    }
    return reachable;
  }

  /** Adds what ONBUILD asks for; true where another stage is needed now. */
  private trigger(state: StageState): boolean {
    inherit(state);
    const triggers = [...(state.image.config.OnBuild ?? [])];
    if (state.base && !state.onBuildDone) {
      for (const { instruction } of state.base.commands)
        if (instruction.kind === 'onbuild') triggers.push(instruction.trigger);
      state.onBuildDone = true;
    }
    delete state.image.config.OnBuild;
    if (triggers.length === 0) return false;
    const commands = triggers.map((text) =>
      this.commandOf(readTrigger(text, state.stage.lines), true),
    );
    for (const command of commands) this.need(state, command);
    state.commands = [...commands, ...state.commands];
    state.total += commands.length;
    return commands.some(({ sources }) => sources.length > 0);
  }

  private dispatchStage(state: StageState): void {
    inherit(state);
    state.dispatched = true;
    state.platform ??= this.target;
    const { config } = state.image;
    const env = config.Env ?? [];
    if (!env.some((line) => line.startsWith('PATH='))) config.Env = [...env, DEFAULT_PATH_ENV];
    state.env = new Map(state.base?.env ?? []);
    for (const line of config.Env ?? []) {
      const equals = line.indexOf('=');
      state.env.set(line.slice(0, equals), line.slice(equals + 1));
    }
    if (config.WorkingDir) dispatchWorkdir(state, this.dispatch, config.WorkingDir, undefined);
    for (const command of state.commands)
      about(command.instruction.lines, () => dispatchInstruction(state, this.dispatch, command));
  }

  private followed(): readonly string[] | undefined {
    const paths = [...this.dispatch.contextPaths];
    if (paths.includes('/')) return undefined;
    return paths.map((path) => cleanPath(`.${path}`)).sort();
  }

  /** The graph of the target; it throws a BuildError. */
  *run(): Routine<Converted> {
    this.buildStates();
    const target = this.targetState();
    const every = this.options.call === 'check';
    this.buildGraph();
    let reachable: Set<StageState>;
    let again = true;
    do {
      reachable = yield* this.resolveReachable(target, every);
      again = false;
      for (const state of this.states)
        if (reachable.has(state) && !state.dispatched && this.trigger(state)) again = true;
    } while (again);
    const patterns = yield* this.resolver.exclude();
    const matcher = patterns.length > 0 ? new PatternMatcher(patterns) : undefined;
    this.dispatch.ignore = matcher?.hasExceptions ? undefined : matcher;
    for (const state of this.states)
      if (reachable.has(state) && !state.dispatched) this.dispatchStage(state);
    target.image.config.Labels = { ...target.image.config.Labels, ...this.options.labels };
    if (Object.keys(target.image.config.Labels).length === 0) delete target.image.config.Labels;
    if (this.read.lint.error !== undefined) throw new BuildError(this.read.lint.error);
    const { operation } = this.dispatch.context;
    if (operation.type === 'local') {
      operation.follow = this.followed();
      operation.exclude = patterns;
    }
    return {
      state: target.state,
      image: target.image,
      platform: target.platform ?? this.target,
    };
  }
}
