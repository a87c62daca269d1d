// From the options of a command line to a project: which files, which directory, which name, which environment.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { baseName, dirName, readFile } from '../../../userland/libc/whole-file.ts';
import { cleanPath } from './canonical.ts';
import { checkConsistency } from './consistency.ts';
import { decodeStruct } from './decode.ts';
import { parseEnv, parseRawEnv } from './dotenv.ts';
import { interpolate } from './interpolate.ts';
import { environmentFromFiles, type Loading, loadTree, type SourceFile } from './load.ts';
import {
  dropUnused,
  enableServices,
  type Project,
  type Service,
  selectProfiles,
  selectServices,
} from './project.ts';
import { readDocuments } from './read.ts';
import { ComposeProblem, isMapping, type Mapping, type Value } from './tree.ts';

/** Options of `docker compose` before the command. */
export interface ProjectOptions {
  readonly process: Process;
  readonly files: readonly string[];
  readonly projectName: string;
  readonly projectDirectory: string;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly allResources: boolean;
  readonly warn: (text: string) => void;
  /** What is on standard input, for `-f -`. */
  readonly stdin: () => Routine<string>;
}

/** What `config` can leave out. */
export interface LoadOptions {
  readonly interpolate?: boolean;
  readonly normalize?: boolean;
  readonly resolvePaths?: boolean;
  readonly consistency?: boolean;
}

const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

function absolute(path: string, base: string): string {
  return path.startsWith('/') ? cleanPath(path) : cleanPath(`${base}/${path}`);
}

/** Sets up loading: everything that is known before the files are interpreted. */
export function* prepare(options: ProjectOptions, load: LoadOptions = {}): Routine<Loading> {
  const { process } = options;
  const cwd = String(process.getcwd());
  const environment = new Map(process.environment);
  const first = options.files.find((file) => file !== '-');
  const directory =
    options.projectDirectory !== ''
      ? absolute(options.projectDirectory, cwd)
      : first === undefined
        ? cwd
        : dirName(absolute(first, cwd));
  yield* addEnvironment(options, environment, directory);
  const paths = filePaths(options, environment, directory, cwd);
  if (paths.length === 0) throw new ComposeProblem('no configuration file provided: not found');
  const files: SourceFile[] = [];
  for (const name of paths) files.push({ name, text: yield* sourceText(options, name) });
  const workingDir =
    options.projectDirectory !== ''
      ? directory
      : dirName(files.find(({ name }) => name !== '-')?.name ?? `${cwd}/-`);
  const loading = {
    process,
    workingDir,
    files,
    environment,
    projectName: '',
    interpolate: load.interpolate ?? true,
    normalize: load.normalize ?? true,
    resolvePaths: load.resolvePaths ?? true,
    warn: options.warn,
  };
  const projectName = nameOf(options, loading);
  environment.set('COMPOSE_PROJECT_NAME', projectName);
  return { ...loading, projectName };
}

/** .env or --env-file, below what the process has. */
function* addEnvironment(
  options: ProjectOptions,
  environment: Map<string, string>,
  directory: string,
): Routine<void> {
  const { process } = options;
  const usual = `${directory}/.env`;
  const disabled = /^(1|t|true)$/i.test(environment.get('COMPOSE_DISABLE_ENV_FILE') ?? '');
  const files =
    options.envFiles.length > 0
      ? options.envFiles
      : process.exists(usual) && !disabled
        ? [usual]
        : [];
  for (const [name, value] of yield* environmentFromFiles(process, files, environment))
    if (!environment.has(name)) environment.set(name, value);
}

function filePaths(
  options: ProjectOptions,
  environment: ReadonlyMap<string, string>,
  directory: string,
  cwd: string,
): string[] {
  if (options.files.length > 0)
    return options.files.map((file) => (file === '-' ? file : absolute(file, cwd)));
  const named = environment.get('COMPOSE_FILE');
  if (named !== undefined) {
    const separator = environment.get('COMPOSE_PATH_SEPARATOR') || ':';
    return named.split(separator).map((file) => (file === '-' ? file : absolute(file, cwd)));
  }
  for (let at = directory; ; at = dirName(at)) {
    const [winner, second] = existing(options, at, NAMES);
    if (winner !== undefined) {
      if (second !== undefined) tellChoice(options, 'config', existing(options, at, NAMES));
      const [override, other] = existing(options, at, OVERRIDES);
      if (other !== undefined) tellChoice(options, 'override', existing(options, at, OVERRIDES));
      return override === undefined ? [winner] : [winner, override];
    }
    if (at === '/' || at === dirName(at)) return [];
  }
}

function existing({ process }: ProjectOptions, at: string, names: readonly string[]): string[] {
  return names.map((name) => cleanPath(`${at}/${name}`)).filter((path) => process.exists(path));
}

function tellChoice({ warn }: ProjectOptions, kind: string, found: readonly string[]): void {
  warn(`Found multiple ${kind} files with supported names: ${found.join(', ')}`);
  warn(`Using ${found[0]}`);
}

function* sourceText(options: ProjectOptions, name: string): Routine<string> {
  if (name === '-') return yield* options.stdin();
  const bytes = yield* readFile(options.process, name);
  if (isErrno(bytes))
    throw new ComposeProblem(
      `${bytes.name === 'EISDIR' ? 'read' : 'open'} ${name}: ${bytes.message.toLowerCase()}`,
    );
  return decode(bytes);
}

/** A name as projects may have it. */
export function normalizeName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

function checkedName(name: string): string {
  if (normalizeName(name) !== name)
    throw new ComposeProblem(
      `invalid project name ${JSON.stringify(name)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
    );
  return name;
}

/** The `name:` of a file; a file that cannot be read says so here, where the name matters. */
function nameIn(text: string, matters: boolean): string | undefined {
  let name: string | undefined;
  try {
    for (const { tree } of readDocuments(text, { duplicates: true })) {
      if (isMapping(tree)) {
        if (typeof tree.name === 'string' && tree.name !== '') name = tree.name;
      } else if (tree !== null && matters) {
        const tag = Array.isArray(tree) ? '!!seq' : `!!str \`${String(tree)}\``;
        throw new ComposeProblem(
          `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${tag} into cli.named`,
        );
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof ComposeProblem) || matters) throw thrown;
  }
  return name;
}

/** -p, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the directory. */
function nameOf(options: ProjectOptions, loading: Loading): string {
  const given = options.projectName || loading.environment.get('COMPOSE_PROJECT_NAME') || '';
  let own = '';
  for (const { text = '' } of loading.files) own = nameIn(text, options.projectName === '') ?? own;
  if (given !== '') return checkedName(given);
  if (own === '') return normalizeName(baseName(loading.workingDir));
  if (!loading.interpolate) return normalizeName(own);
  const lookup = (name: string): string | undefined => loading.environment.get(name);
  return normalizeName(String(interpolate({ name: own }, { lookup, warn: options.warn }).name));
}

/** The tree that `config --no-interpolate` and `--variables` show. */
export function* openTree(options: ProjectOptions, load: LoadOptions): Routine<Mapping> {
  const loading = yield* prepare(options, load);
  // compose gives the raw model no environment but the project's name.
  const environment = new Map([['COMPOSE_PROJECT_NAME', loading.projectName]]);
  return yield* loadTree({ ...loading, environment });
}

/** The project, with the named services alone where some are named. */
export function* openProject(
  options: ProjectOptions,
  names: readonly string[] = [],
  load: LoadOptions = {},
): Routine<Project> {
  const loading = yield* prepare(options, load);
  const tree = yield* loadTree(loading);
  const project = decodeProject(tree, loading, options);
  const wanted = options.profiles.length > 0 ? options.profiles : defaultProfiles(loading);
  selectProfiles(project, wanted);
  if (load.consistency ?? true) checkConsistency(project);
  yield* resolveLabelFiles(options.process, project);
  enableServices(project, names);
  selectServices(project, names);
  if (!options.allResources) dropUnused(project);
  return project;
}

function defaultProfiles({ environment }: Loading): string[] {
  return (environment.get('COMPOSE_PROFILES') ?? '').split(',').map((name) => name.trim());
}

function decodeProject(tree: Mapping, loading: Loading, options: ProjectOptions): Project {
  const { warn } = options;
  const map = <T>(kind: string, struct: string): Record<string, T> =>
    Object.fromEntries(
      Object.entries(isMapping(tree[kind]) ? (tree[kind] as Mapping) : {}).map(([name, item]) => [
        name,
        decodeStruct(struct, item, { warn, at: `${kind}[${name}]` }) as unknown as T,
      ]),
    );
  const services = map<Service>('services', 'service');
  for (const [name, service] of Object.entries(services)) services[name] = { ...service, name };
  return {
    name: loading.projectName,
    workingDir: loading.workingDir,
    files: loading.files.map(({ name }) => name),
    environment: loading.environment,
    services,
    disabled: {},
    networks: map('networks', 'network'),
    volumes: map('volumes', 'volume'),
    secrets: map('secrets', 'secret'),
    configs: map('configs', 'config'),
    models: map('models', 'model'),
    extensions: Object.fromEntries(
      Object.entries(tree).filter(([key]) => key.startsWith('x-')),
    ) as Record<string, Value>,
    envFiles: options.envFiles,
    profiles: [],
  };
}

/** Reads services' env files: what `environment` says stays above them. */
export function* resolveEnvFiles(
  process: Process,
  project: Project,
  options: { discard: boolean; warn: (text: string) => void },
): Routine<void> {
  for (const [name, service] of Object.entries(project.services).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const own: Record<string, string | null> = {};
    for (const [key, value] of Object.entries(service.environment ?? {}))
      own[key] = value ?? project.environment.get(key) ?? null;
    const vars = new Map<string, string>();
    const lookup = (key: string): string | undefined =>
      project.environment.get(key) ?? own[key] ?? undefined;
    for (const file of service.env_file ?? []) {
      if (!process.exists(file.path)) {
        if (!file.required) continue;
        throw new ComposeProblem(
          `env file ${file.path} not found: stat ${file.path}: no such file or directory`,
        );
      }
      yield* readVariables(process, file.path, file.format ?? '', vars, lookup, options.warn);
    }
    const environment = { ...Object.fromEntries(vars), ...own };
    const { env_file: _files, ...rest } = service;
    project.services[name] = {
      ...(options.discard ? rest : service),
      ...(Object.keys(environment).length > 0 ? { environment } : {}),
    };
  }
}

function* readVariables(
  process: Process,
  path: string,
  format: string,
  into: Map<string, string>,
  lookup: (name: string) => string | undefined,
  warn: (text: string) => void,
): Routine<void> {
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) throw new ComposeProblem(`open ${path}: ${bytes.message.toLowerCase()}`);
  if (format !== '' && format !== 'raw')
    throw new ComposeProblem(`unsupported env_file format ${JSON.stringify(format)}`);
  try {
    if (format === 'raw') parseRawEnv(decode(bytes), into, lookup);
    else
      parseEnv(decode(bytes), into, lookup, (name) =>
        warn(`The "${name}" variable is not set. Defaulting to a blank string.`),
      );
  } catch (thrown) {
    if (!(thrown instanceof ComposeProblem)) throw thrown;
    throw new ComposeProblem(
      `failed to ${format === 'raw' ? 'parse env_file' : 'read'} ${path}: ${thrown.message}`,
    );
  }
}

/** Labels from files, below those that the service has. */
function* resolveLabelFiles(process: Process, project: Project): Routine<void> {
  for (const [name, service] of Object.entries(project.services)) {
    if (!service.label_file?.length) continue;
    const labels = new Map<string, string>();
    for (const path of service.label_file) {
      if (!process.exists(path))
        throw new ComposeProblem(
          `label file ${path} not found: stat ${path}: no such file or directory`,
        );
      yield* readVariables(
        process,
        path,
        '',
        labels,
        (key) => labels.get(key),
        () => {},
      );
    }
    const { label_file: _files, ...rest } = service;
    project.services[name] = {
      ...rest,
      labels: { ...Object.fromEntries(labels), ...service.labels },
    };
  }
}
