// The docker command's configuration file, ~/.docker/config.json: accounts of registries, the current context.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { makeDirectories } from '../../containers/containerd/daemon.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';

/** ~/.docker/config.json */
export interface Config {
  readonly currentContext?: string;
  auths?: Record<string, { auth?: string }>;
}

/** Where the client's configuration is. */
export function configFile(p: Process): string {
  const home = p.environment.get('HOME') ?? '/root';
  return `${p.environment.get('DOCKER_CONFIG') ?? `${home}/.docker`}/config.json`;
}

export function* readConfig(p: Process): Routine<Config> {
  const bytes = yield* readFile(p, configFile(p));
  if (isErrno(bytes)) return {};
  try {
    return JSON.parse(decode(bytes)) as Config;
  } catch {
    return {};
  }
}

export function* writeConfig(p: Process, config: Config): Routine<void> {
  const path = configFile(p);
  makeDirectories(p, path.slice(0, path.lastIndexOf('/')), 0o700);
  yield* writeFile(p, path, encode(JSON.stringify(config, undefined, '\t')), 0o600);
}
