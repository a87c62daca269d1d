// One stage while it is converted: the file system so far, the configuration that the image will have, what RUN sees.

import {
  type HistoryEntry,
  type ImageConfig,
  LINUX_AMD64,
  type Platform,
  type RunConfig,
} from '../../../containers/images/oci.ts';
import { DEFAULT_PATH_ENV } from '../../../containers/containerd/spec.ts';
import type { ExtraHost } from '../options.ts';
import type { State, Vertex } from '../llb.ts';
import type { PatternMatcher } from '../patterns.ts';
import type { Linter } from './lint.ts';
import type { Lines } from './errors.ts';
import type { Instruction, Stage } from './instructions.ts';

/** The comment of every entry that BuildKit adds to the history. */
export const HISTORY_COMMENT = 'buildkit.dockerfile.v0';

/** An image's configuration while instructions change it. */
export interface DraftImage {
  architecture: string;
  os: string;
  variant: string | undefined;
  author: string | undefined;
  config: { -readonly [K in keyof RunConfig]: RunConfig[K] };
  history: HistoryEntry[];
}

/** One instruction of a stage with the stages that it takes files from. */
export interface Command {
  readonly instruction: Instruction;
  readonly sources: readonly StageState[];
  readonly onBuild: boolean;
}

export interface StageState {
  readonly stage: Stage;
  base: StageState | undefined;
  /** The stages that its instructions need, with the lines that say so. */
  readonly needs: Map<StageState, Lines>;
  commands: Command[];
  state: State;
  image: DraftImage;
  env: Map<string, string>;
  platform: Platform | undefined;
  /** The base image's name once it is resolved. */
  baseName: string;
  dispatched: boolean;
  resolved: boolean;
  onBuildDone: boolean;
  /** An image that COPY --from names, no stage of the file. */
  readonly unregistered: boolean;
  name: string;
  index: number;
  total: number;
  buildArgs: { key: string; value?: string }[];
  workdirSet: boolean;
  noCache: boolean;
  /** Lines of CMD, ENTRYPOINT and HEALTHCHECK that were seen in this stage. */
  readonly used: Map<string, Instruction>;
}

/** What dispatching needs beside the stage. */
export interface Dispatch {
  readonly lint: Linter;
  readonly escape: string;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** The main context; its paths are known when all is dispatched. */
  readonly context: Vertex;
  readonly contextPaths: Set<string>;
  /** What .dockerignore leaves out, where no exceptions make that uncertain. */
  ignore: PatternMatcher | undefined;
  readonly multiPlatform: boolean;
  readonly target: Platform;
  readonly network: string;
  readonly shmSize: number;
  readonly hosts: readonly ExtraHost[];
  readonly ulimits: readonly string[];
}

/** An image without anything. */
export function emptyImage(platform: Platform): DraftImage {
  return {
    architecture: platform.architecture,
    os: platform.os,
    variant: platform.variant,
    author: undefined,
    config: { WorkingDir: '/', Env: [DEFAULT_PATH_ENV] },
    history: [],
  };
}

/** A base image's configuration to go on with. */
export function draftOf(image: ImageConfig): DraftImage {
  return {
    architecture: image.architecture,
    os: image.os,
    variant: image.variant,
    author: image.author,
    config: { ...image.config },
    history: [...(image.history ?? [])],
  };
}

/** A new stage. */
export function newStage(stage: Stage, unregistered: boolean): StageState {
  return {
    stage,
    base: undefined,
    needs: new Map(),
    commands: [],
    state: undefined,
    image: emptyImage(LINUX_AMD64),
    env: new Map(),
    platform: undefined,
    baseName: stage.base,
    dispatched: false,
    resolved: false,
    onBuildDone: false,
    unregistered,
    name: stage.name,
    index: 0,
    total: 0,
    buildArgs: [],
    workdirSet: false,
    noCache: false,
    used: new Map(),
  };
}

/** Takes over what the base stage has come to. ONBUILD triggers do not carry over. */
export function inherit(stage: StageState): void {
  const { base } = stage;
  if (!base) return;
  stage.state = base.state;
  stage.platform = base.platform;
  const { OnBuild: _, ...config } = base.image.config;
  stage.image = { ...base.image, config, history: [...base.image.history] };
  stage.workdirSet = base.workdirSet;
  stage.buildArgs = [...base.buildArgs];
}

/** Adds an entry to the history; `layer` where files change. */
export function commitHistory(stage: StageState, message: string, layer: boolean): void {
  stage.image.history.push({
    created_by: message,
    comment: HISTORY_COMMENT,
    ...(layer ? {} : { empty_layer: true }),
  });
}

/** `[build 2/3] RUN …`: the step's place in its stage. */
export function stepName(
  stage: StageState,
  dispatch: Dispatch,
  text: string,
  onBuild: boolean,
): string {
  if (stage.total === 0) return text;
  stage.index++;
  const { platform } = stage;
  const shown = dispatch.multiPlatform && platform ? `${platformWords(platform)} ` : '';
  const name = stage.name === '' ? '' : `${stage.name} `;
  const width = Math.floor(1 + Math.log10(stage.total));
  const place = `${String(stage.index).padStart(width)}/${stage.total}`;
  return `[${shown}${name}${place}] ${onBuild ? 'ONBUILD ' : ''}${text}`;
}

function platformWords({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}
