// Contexts of the docker command: endpoints by name under ~/.docker/contexts/meta, the current one in config.json
// (context/store, command/defaultcontextstore.go). TLS material is left out.

import { decode, encode } from '../../core/text.ts';
import { sha256 } from '../../core/sha256.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { makeDirectories, removeAll } from '../../containers/containerd/daemon.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';
import { configFile, readConfig, writeConfig } from './config-file.ts';

export const DEFAULT_CONTEXT = 'default';
const DEFAULT_HOST = 'unix:///var/run/docker.sock';
const NAME = '^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$';

/** store.Metadata */
export interface ContextMetadata {
  readonly Name: string;
  readonly Metadata: Readonly<Record<string, unknown>>;
  readonly Endpoints: Readonly<
    Record<string, { readonly Host?: string; readonly SkipTLSVerify: boolean }>
  >;
}

/** How the daemon is found. */
export interface Endpoint {
  readonly context: string;
  readonly host: string;
  /** Why the context's daemon is not known. */
  readonly problem?: string;
}

/** What is wrong with a name. */
export function wrongContextName(name: string): string | undefined {
  if (name === '') return 'context name cannot be empty';
  if (name === DEFAULT_CONTEXT) return '"default" is a reserved context name';
  return new RegExp(NAME).test(name)
    ? undefined
    : `context name ${JSON.stringify(name)} is invalid, names are validated against regexp ${JSON.stringify(NAME)}`;
}

const root = (p: Process): string => configFile(p).replace(/config\.json$/, 'contexts');

/** Where a context's metadata is. */
export function metadataDirectory(p: Process, name: string): string {
  return `${root(p)}/meta/${sha256(encode(name))}`;
}

export function tlsDirectory(p: Process, name: string): string {
  return `${root(p)}/tls/${sha256(encode(name))}`;
}

function* readMetadata(p: Process, path: string): Routine<ContextMetadata | FlagError> {
  const bytes = yield* readFile(p, path);
  if (isErrno(bytes))
    return wrongFlag(`context not found: open ${path}: ${bytes.message.toLowerCase()}`);
  try {
    return JSON.parse(decode(bytes)) as ContextMetadata;
  } catch {
    return wrongFlag(`parsing ${path}: invalid character in context metadata`);
  }
}

/** The context that is no file: the environment's host, or the local socket. */
export function defaultContext(p: Process): ContextMetadata {
  const Host = p.environment.get('DOCKER_HOST') || DEFAULT_HOST;
  const docker = { Host, SkipTLSVerify: false };
  return { Name: DEFAULT_CONTEXT, Metadata: {}, Endpoints: { docker } };
}

/** A context by name. */
export function* contextOf(p: Process, name: string): Routine<ContextMetadata | FlagError> {
  if (name === DEFAULT_CONTEXT) return defaultContext(p);
  const found = yield* readMetadata(p, `${metadataDirectory(p, name)}/meta.json`);
  return isFlagError(found) ? wrongFlag(`context ${JSON.stringify(name)}: ${found.wrong}`) : found;
}

/** All contexts, the default one too, by name. */
export function* allContexts(p: Process): Routine<ContextMetadata[]> {
  const found: ContextMetadata[] = [defaultContext(p)];
  const directory = `${root(p)}/meta`;
  const entries = p.readdir(directory);
  for (const { name } of isErrno(entries) ? [] : entries) {
    if (name === '.' || name === '..') continue;
    const metadata = yield* readMetadata(p, `${directory}/${name}/meta.json`);
    if (!isFlagError(metadata)) found.push(metadata);
  }
  return found.sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Creates a context, or replaces it. */
export function* storeContext(p: Process, metadata: ContextMetadata): Routine<void> {
  const directory = metadataDirectory(p, metadata.Name);
  makeDirectories(p, directory);
  yield* writeFile(p, `${directory}/meta.json`, encode(JSON.stringify(metadata)), 0o644);
}

export function removeContext(p: Process, name: string): void {
  removeAll(p, metadataDirectory(p, name));
  removeAll(p, tlsDirectory(p, name));
}

/** Makes a context the current one; the default one is none. */
export function* useContext(p: Process, name: string): Routine<void> {
  const { currentContext = '', ...config } = yield* readConfig(p);
  const wanted = name === DEFAULT_CONTEXT ? '' : name;
  if (currentContext === wanted) return;
  yield* writeConfig(p, wanted === '' ? config : { ...config, currentContext: wanted });
}

/** Which daemon is meant: flags, then the environment, then config.json (resolveContextName). */
export function* resolveEndpoint(
  p: Process,
  flags: { readonly host: string; readonly context: string },
): Routine<Endpoint | FlagError> {
  const { host, context } = flags;
  if (host !== '' && context !== '')
    return wrongFlag('conflicting options: cannot specify both --host and --context');
  if (host !== '') return { context: DEFAULT_CONTEXT, host };
  const environment = p.environment.get('DOCKER_HOST') || '';
  if (context === '' && environment !== '') return { context: DEFAULT_CONTEXT, host: environment };
  const named = context || p.environment.get('DOCKER_CONTEXT') || '';
  const name = named || (yield* readConfig(p)).currentContext || DEFAULT_CONTEXT;
  if (name === DEFAULT_CONTEXT) return { context: name, host: DEFAULT_HOST };
  const found = yield* contextOf(p, name);
  if (!isFlagError(found)) return { context: name, host: found.Endpoints.docker?.Host ?? '' };
  return { context: name, host: '', problem: found.wrong };
}
