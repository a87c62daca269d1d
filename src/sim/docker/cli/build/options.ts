// The flags of `docker build` as what the builder takes.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { parsePlatform } from '../../../containers/images/oci.ts';
import { isReferenceError, parseReference } from '../../../containers/images/reference.ts';
import { readTar } from '../../../containers/images/tar.ts';
import { gunzip, isGzip } from '../../../userland/libc/gzip.ts';
import { gitSource } from '../../builder/git-reference.ts';
import { GO_DIRECTORY, GO_SYMLINK } from '../../builder/local-source.ts';
import type { BuildOptions, Output } from '../../builder/options.ts';
import { type FlagValues, pairsOf } from '../command.ts';
import type { FileStat } from '../../builder/session.ts';
import type { ClientFiles, Secret } from './client-files.ts';

/** What a command line asks for, with what the client lends. */
export interface Request {
  readonly options: BuildOptions;
  readonly files: ClientFiles;
  readonly home: string;
}

/** A text that says what is wrong with the flags. */
export type Problem = {
  readonly problem: string;
  /** Found before the build begins. */
  readonly early?: boolean;
};
export const isProblem = (value: object): value is Problem => 'problem' in value;

const csv = (text: string): Map<string, string> =>
  new Map(
    text.split(',').map((field): [string, string] => {
      const equals = field.indexOf('=');
      return equals < 0
        ? [field.trim().toLowerCase(), '']
        : [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1)];
    }),
  );

/** `--build-arg`: a name alone takes the value from the environment. */
function buildArgs(p: Process, list: readonly string[]): Record<string, string> {
  const args: Record<string, string> = {};
  for (const text of list) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? p.environment.get(name) : text.slice(equals + 1);
    if (value !== undefined) args[name] = value;
  }
  return args;
}

const TYPES: Readonly<Record<string, Output['type']>> = {
  image: 'image',
  registry: 'image',
  docker: 'docker',
  oci: 'oci',
  local: 'local',
  tar: 'tar',
  cacheonly: 'cacheonly',
};

function outputOf(p: Process, text: string): Output | Problem {
  if (text === '-') return { type: 'tar', attributes: { dest: '-' } };
  if (!text.includes('=') && !text.includes(','))
    return { type: 'local', attributes: { dest: text } };
  const fields = csv(text);
  const given = fields.get('type');
  if (given === undefined || given === '')
    return { problem: 'type is required for output', early: true };
  const type = TYPES[given];
  if (!type)
    return { problem: `failed to solve: exporter ${JSON.stringify(given)} could not be found` };
  const attributes = Object.fromEntries(
    [...fields]
      .filter(([key]) => key !== 'type')
      .map(([key, value]) => [key === 'destination' ? 'dest' : key, value]),
  );
  if (given === 'registry') attributes.push = 'true';
  const { dest } = attributes;
  if (type === 'docker' && dest === undefined) return { type: 'image', attributes };
  if (type === 'local' && dest === undefined)
    return { problem: 'dest is required for local output' };
  if ((type === 'oci' || type === 'tar') && dest === undefined && p.isTerminal(1))
    return { problem: `dest file is required for ${type} exporter. refusing to write to console` };
  const stat = dest === undefined || dest === '-' ? undefined : p.stat(dest);
  if (type !== 'local' && stat && !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR)
    return { problem: `destination file ${dest} is a directory` };
  return { type, attributes };
}

function secretsOf(p: Process, list: readonly string[]): Map<string, Secret> | Problem {
  const secrets = new Map<string, Secret>();
  for (const text of list) {
    const fields = csv(text);
    const type = fields.get('type');
    if (type !== undefined && type !== 'file' && type !== 'env')
      return { problem: `unsupported secret type ${JSON.stringify(type)}` };
    const unknown = [...fields.keys()].find(
      (key) => !['id', 'type', 'src', 'source', 'env'].includes(key),
    );
    if (unknown !== undefined)
      return {
        early: true,
        problem: `unexpected key '${unknown}' in '${unknown}=${fields.get(unknown)}'`,
      };
    const source = fields.get('src') ?? fields.get('source');
    const id = fields.get('id') ?? source ?? '';
    const variable = fields.get('env') ?? (type === 'env' ? source : undefined);
    if (variable !== undefined) secrets.set(id, { variable: variable === '' ? id : variable });
    else if (source === undefined && type !== 'file') secrets.set(id, { variable: id });
    else {
      const file = source ?? id;
      const stat = p.stat(file);
      if (isErrno(stat))
        return {
          problem: `failed to stat ${file}: stat ${file}: ${stat.message.toLowerCase()}`,
        };
      secrets.set(id, { file });
    }
  }
  return secrets;
}

interface Context {
  readonly directories: Map<string, string>;
  readonly dockerfile: ClientFiles['dockerfile'];
  readonly archive: ClientFiles['archive'];
  readonly filename: string;
  readonly remote: string;
}

function archiveOf(bytes: Uint8Array): ClientFiles['archive'] {
  const plain = isGzip(bytes) ? gunzip(bytes) : bytes;
  const entries = typeof plain === 'string' || plain.length < 512 ? plain : readTar(plain);
  if (typeof entries === 'string' || entries instanceof Uint8Array) return undefined;
  if (entries.length === 0) return undefined;
  const files = new Map<string, { stat: FileStat; bytes: Uint8Array }>();
  for (const entry of entries) {
    const path = entry.name.replace(/^\.?\/+/, '').replace(/\/+$/, '');
    if (path === '' || path === '.') continue;
    const kind =
      entry.kind === 'directory' ? GO_DIRECTORY : entry.kind === 'symlink' ? GO_SYMLINK : 0;
    const content = entry.content ?? new Uint8Array(0);
    const stat = {
      path,
      mode: kind + (entry.mode & 0o777),
      size: content.length,
      mtime: entry.mtime * 1e9,
      linkname: entry.kind === 'symlink' ? (entry.target ?? '') : '',
    };
    files.set(path, { stat, bytes: content });
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isRemote = (path: string): boolean =>
  /^https?:\/\//.test(path) || gitSource(path) !== undefined;

function* standardInput(p: Process, file: string): Routine<Context | Problem> {
  const bytes = yield* p.readAll(0);
  if (isErrno(bytes))
    return { problem: `failed to read from stdin: ${bytes.message.toLowerCase()}` };
  const base = { directories: new Map<string, string>(), remote: '' };
  const archive = archiveOf(bytes);
  if (archive)
    return { ...base, archive, dockerfile: undefined, filename: file === '' ? 'Dockerfile' : file };
  if (file !== '')
    return {
      problem: 'ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles',
    };
  if (bytes.length === 0)
    return { problem: 'failed to solve: failed to read dockerfile: no local sources enabled' };
  const dockerfile = { name: 'Dockerfile', bytes };
  return { ...base, archive: undefined, dockerfile, filename: 'Dockerfile' };
}

function* contextOf(p: Process, path: string, file: string): Routine<Context | Problem> {
  if (path === '-') {
    if (file === '-')
      return { problem: "invalid argument: can't use stdin for both build context and dockerfile" };
    return yield* standardInput(p, file);
  }
  const none = { dockerfile: undefined, archive: undefined };
  const directories = new Map<string, string>();
  if (isRemote(path))
    return { ...none, directories, remote: path, filename: file === '' ? 'Dockerfile' : file };
  const stat = p.stat(path);
  if (isErrno(stat))
    return { problem: `unable to prepare context: path ${JSON.stringify(path)} not found` };
  if ((stat.mode & S_IFMT) !== S_IFDIR)
    return { problem: `unable to prepare context: path ${JSON.stringify(path)} not found` };
  const root = p.realpath(path);
  const context = isErrno(root) ? path : root;
  directories.set('context', context);
  if (file === '-') {
    const bytes = yield* p.readAll(0);
    if (isErrno(bytes)) return { problem: bytes.message.toLowerCase() };
    const dockerfile = { name: 'Dockerfile', bytes };
    return { directories, remote: '', archive: undefined, dockerfile, filename: 'Dockerfile' };
  }
  const full = file === '' ? `${context}/Dockerfile` : file;
  const slash = full.lastIndexOf('/');
  directories.set('dockerfile', slash < 0 ? '.' : slash === 0 ? '/' : full.slice(0, slash));
  return { ...none, directories, remote: '', filename: full.slice(slash + 1) };
}

function namedContexts(
  p: Process,
  list: readonly string[],
  directories: Map<string, string>,
): Record<string, string> | Problem {
  const contexts: Record<string, string> = {};
  for (const text of list) {
    const equals = text.indexOf('=');
    if (equals < 0) return { problem: `invalid context value: ${text}, expected key=value` };
    const name = text.slice(0, equals).toLowerCase();
    const value = text.slice(equals + 1);
    if (/^(docker-image|oci-layout|target):\/\//.test(value) || isRemote(value)) {
      contexts[name] = value;
      continue;
    }
    const stat = p.stat(value);
    if (isErrno(stat))
      return {
        problem: `failed to get build context ${name}: stat ${value}: ${stat.message.toLowerCase()}`,
      };
    directories.set(name, value);
    contexts[name] = `local:${name}`;
  }
  return contexts;
}

function checked(flags: FlagValues): Problem | undefined {
  for (const tag of flags.list('tag')) {
    const parsed = parseReference(tag);
    if (isReferenceError(parsed))
      return {
        problem: `invalid tag ${JSON.stringify(tag)}: ${parsed.includes('lowercase') ? 'repository name must be lowercase' : parsed}`,
      };
  }
  for (const text of flags.list('platform').flatMap((list) => list.split(',')))
    if (text !== 'local' && !parsePlatform(text))
      return {
        problem: `${JSON.stringify(text)}: ${text.split('/').length > 3 ? 'cannot parse platform specifier' : 'unknown operating system or architecture'}: invalid argument`,
      };
  const network = flags.text('network');
  if (network !== '' && !['default', 'none', 'host', 'bridge'].includes(network))
    return {
      problem: `network mode ${JSON.stringify(network)} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
    };
  return undefined;
}

/** Reads the flags and what they name; a problem where that cannot be. */
export function* readRequest(
  p: Process,
  flags: FlagValues,
  path: string,
): Routine<Request | Problem> {
  const wrong = checked(flags);
  if (wrong) return wrong;
  const context = yield* contextOf(p, path, flags.text('file'));
  if (isProblem(context)) return context;
  const contexts = namedContexts(p, flags.list('build-context'), context.directories);
  if (isProblem(contexts)) return contexts as Problem;
  const secrets = secretsOf(p, flags.list('secret'));
  if (!(secrets instanceof Map)) return secrets;
  const outputs: Output[] = [];
  for (const text of flags.list('output')) {
    const output = outputOf(p, text);
    if (isProblem(output)) return output;
    outputs.push(output);
  }
  const provenance = flags.text('provenance');
  const network = flags.text('network');
  const options: BuildOptions = {
    filename: context.filename,
    context: context.remote,
    target: flags.text('target'),
    buildArgs: buildArgs(p, flags.list('build-arg')),
    labels: pairsOf(flags.list('label')),
    annotations: pairsOf(flags.list('annotation')),
    platforms: flags.list('platform').flatMap((list) => list.split(',')),
    noCache: flags.on('no-cache'),
    noCacheStages: flags.list('no-cache-filter').flatMap((list) => list.split(',')),
    pull: flags.on('pull'),
    network: network === '' || network === 'bridge' ? 'default' : network,
    shmSize: flags.given('shm-size') ? flags.bytes('shm-size') : 0,
    hosts: flags.list('add-host').flatMap((list) =>
      list.split(',').map((text) => {
        const at = text.search(/[:=]/);
        const address = text.slice(at + 1);
        return {
          host: text.slice(0, at),
          address: address === 'host-gateway' ? '172.17.0.1' : address,
        };
      }),
    ),
    ulimits: flags.list('ulimit'),
    contexts: contexts as Record<string, string>,
    tags: flags.list('tag'),
    outputs,
    push: flags.on('push'),
    call: flags.on('check') ? 'check' : flags.text('call') || 'build',
    provenance: !['false', '0'].includes(provenance),
    allowed: [...flags.list('allow'), ...(network === 'host' ? ['network.host'] : [])],
  };
  const keys = new Set(flags.list('ssh').map((text) => text.split('=')[0] ?? ''));
  const { directories, dockerfile, archive } = context;
  return {
    options,
    files: { process: p, directories, dockerfile, archive, secrets, keys },
    home: directories.get('context') ?? '-',
  };
}
