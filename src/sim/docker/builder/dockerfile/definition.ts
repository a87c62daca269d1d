// What a conversion begins with: the Dockerfile read and checked, the arguments that are there before its first FROM, and
// what it asks of the outside.

import type { Routine } from '../../../core/wait.ts';
import {
  type ImageConfig,
  LINUX_AMD64,
  type Platform,
  platformText,
} from '../../../containers/images/oci.ts';
import type { State } from '../llb.ts';
import { checkFroms, checkProgram } from './checks.ts';
import { about, BuildError } from './errors.ts';
import { type Program, readProgram } from './instructions.ts';
import { expand } from './lex.ts';
import { Linter } from './lint.ts';
import { parseDockerfile } from './parser.ts';
import type { DraftImage } from './stage.ts';

/** A base image as the registry or the local store knows it. */
export interface BaseImage {
  readonly digest: string;
  readonly config: ImageConfig;
}

/** What conversion asks for. */
export interface Resolver {
  /** Looks a base image up; a step of its own in the progress. */
  image(reference: string, platform: Platform, name: string): Routine<BaseImage>;
  /** The state of a named context; undefined where there is none of that name. */
  named(
    name: string,
    platform: Platform,
  ): Routine<{ state: State; image?: ImageConfig } | undefined>;
  /** Patterns of .dockerignore; read once the base images are known. */
  exclude(): Routine<readonly string[]>;
}

export interface Converted {
  readonly state: State;
  readonly image: DraftImage;
  readonly platform: Platform;
}

/** Arguments that are there without being declared, before the first FROM. */
export function platformArgs(
  target: Platform,
  stage: string,
  given: ReadonlyMap<string, string>,
): Map<string, string> {
  const build = LINUX_AMD64;
  const values: [string, string][] = [
    ['BUILDPLATFORM', platformText(build)],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', ''],
    ['TARGETPLATFORM', platformText(target)],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant ?? ''],
    ['TARGETSTAGE', stage === '' ? 'default' : stage],
  ];
  return new Map(values.map(([key, value]) => [key, given.get(key) ?? value]));
}

/** Adds the ARGs before the first FROM to those that are there. */
export function metaArguments(
  start: ReadonlyMap<string, string>,
  program: Program,
  given: ReadonlyMap<string, string>,
): Map<string, string> {
  const args = new Map(start);
  for (const { args: list, lines } of program.metaArgs) {
    for (const { key, value } of list) {
      const found =
        given.get(key) ??
        (value === undefined ? undefined : about(lines, () => expand(value, args).text));
      if (found !== undefined) args.set(key, found);
    }
  }
  return args;
}

/** Reads a Dockerfile and runs the checks that need nothing else. */
export function readDockerfile(text: string): { program: Program; lint: Linter; escape: string } {
  if (text === '') throw new BuildError('the Dockerfile cannot be empty');
  const parsed = parseDockerfile(text);
  const lint = new Linter(parsed.directives.get('check') ?? '');
  for (const line of parsed.emptyContinuations)
    lint.report('NoEmptyContinuation', { lines: { start: line, end: line } });
  const program = readProgram(parsed.nodes, (node) => checkFroms(node, lint));
  if (program.stages.length === 0) throw new BuildError('dockerfile contains no stages to build');
  checkProgram(program, lint);
  return { program, lint, escape: parsed.escape };
}

/** Names that are suggested for images that are not found. */
export const COMMON_IMAGES = [
  'alpine',
  'busybox',
  'centos',
  'debian',
  'golang',
  'ubuntu',
  'fedora',
].flatMap((name) => [
  name,
  `docker.io/library${name}`,
  `${name}:latest`,
  `docker.io/library${name}:latest`,
]);
