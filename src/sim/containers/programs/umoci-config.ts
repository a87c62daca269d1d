// `umoci config`: an image's configuration changed by flags, kept under its tag or another.

import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import type { ImageConfig, RunConfig } from '../images/oci.ts';
import { fail, imageFlag, type Words } from './umoci.ts';

/** Flags of `umoci config` that give lists, and those that give one value. */
const LISTS: Readonly<Record<string, keyof RunConfig>> = {
  '--config.cmd': 'Cmd',
  '--config.entrypoint': 'Entrypoint',
};
const VALUES: Readonly<Record<string, keyof RunConfig>> = {
  '--config.user': 'User',
  '--config.workingdir': 'WorkingDir',
  '--config.stopsignal': 'StopSignal',
};

/** `umoci config`. */
export function* config(main: Main, words: Words): Routine<number> {
  const image = imageFlag(main, words);
  const found = image?.layout.image(image.tag);
  if (!image) return yield* fail(main, 'missing mandatory argument: --image');
  if (!found) return yield* fail(main, `tag is not found: ${image.tag}`);
  let run: RunConfig = { ...found.config.config };
  for (const [flag, values] of words.flags) {
    if (flag === '--clear') {
      for (const name of values) {
        if (name === 'config.cmd') run = { ...run, Cmd: [] };
        if (name === 'config.env') run = { ...run, Env: [] };
      }
    } else if (LISTS[flag]) run = { ...run, [LISTS[flag] ?? '']: values };
    else if (VALUES[flag]) run = { ...run, [VALUES[flag] ?? '']: values.at(-1) };
    else if (flag === '--config.env') {
      const names = values.map((line) => line.split('=', 1)[0]);
      run = {
        ...run,
        Env: [
          ...(run.Env ?? []).filter((line) => !names.includes(line.split('=', 1)[0])),
          ...values,
        ],
      };
    } else if (flag === '--config.label') {
      const pairs = values.map(
        (pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const,
      );
      run = { ...run, Labels: { ...run.Labels, ...Object.fromEntries(pairs) } };
    } else if (flag === '--config.exposedports')
      run = {
        ...run,
        ExposedPorts: {
          ...run.ExposedPorts,
          ...Object.fromEntries(values.map((port) => [port, {}])),
        },
      };
    else if (flag === '--config.volume')
      run = {
        ...run,
        Volumes: { ...run.Volumes, ...Object.fromEntries(values.map((path) => [path, {}])) },
      };
    else if (
      !['--image', '--tag', '--author', '--no-history', '--created'].includes(flag) &&
      !flag.startsWith('--history.')
    ) {
      return yield* notSimulated(main, `umoci config ${flag}`);
    }
  }
  const created = rfc3339Fraction(main.process.now, 9);
  const entry = { created, created_by: 'umoci config', empty_layer: true };
  const history = words.flags.has('--no-history')
    ? found.config.history
    : [...(found.config.history ?? []), entry];
  const next: ImageConfig = {
    ...found.config,
    config: run,
    created,
    ...(history ? { history } : {}),
  };
  image.layout.store(words.flags.get('--tag')?.[0] ?? image.tag, next, found.manifest.layers);
  return 0;
}
