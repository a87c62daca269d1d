// Questions about a Dockerfile that build nothing: `--check`, `--call=targets` and `--call=outline`.

import type { Routine } from '../../core/wait.ts';
import { LINUX_AMD64 } from '../../containers/images/oci.ts';
import type { Definition } from './build.ts';
import { Converter } from './dockerfile/convert.ts';
import { readDockerfile, type Resolver } from './dockerfile/definition.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { Vertex } from './llb.ts';
import type { BuildOptions } from './options.ts';

/** The answer, as JSON in the response. */
export function* checkResult(
  options: BuildOptions,
  definition: Definition,
  resolver: Resolver,
  context: Vertex,
): Routine<Record<string, string>> {
  if (options.call === 'targets') {
    const { stages } = readDockerfile(definition.text).program;
    const targets = stages.map(({ name, base, platform, comments }, i) => ({
      name,
      base,
      platform,
      description:
        comments.flatMap((c) => (c.startsWith(`${name} `) ? c.slice(name.length + 1) : []))[0] ??
        '',
      default: i === stages.length - 1,
    }));
    return { 'result.json': JSON.stringify({ targets }) };
  }
  if (options.call !== 'check')
    throw new BuildError(`drydock: docker build --call=${options.call} is not simulated`);
  let error: { message: string; lines: readonly { start: number; end: number }[] } | undefined;
  let read: ReturnType<typeof readDockerfile> | undefined;
  try {
    read = readDockerfile(definition.text);
    yield* new Converter(read, options, resolver, LINUX_AMD64, context).run();
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    error = { message: thrown.message, lines: thrown.lines };
  }
  const warnings = read?.lint.warnings ?? [];
  const source = { filename: definition.filename, text: definition.text };
  return { 'result.json': JSON.stringify({ warnings, source, error }) };
}
