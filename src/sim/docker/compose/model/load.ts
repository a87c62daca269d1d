// Loading Compose files into one canonical tree: read, interpolate, extend, include, merge, validate, normalize.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { dirName, readFile } from '../../../userland/libc/whole-file.ts';
import { canonical, cleanPath } from './canonical.ts';
import { parseEnv } from './dotenv.ts';
import { interpolate } from './interpolate.ts';
import { extendService, keepUnique, mergeTrees } from './merge.ts';
import {
  checkValues,
  normalize,
  resolveEnvironment,
  resolvePaths,
  setDefaults,
} from './normalize.ts';
import { applyResets, type ComposeDocument, readDocuments } from './read.ts';
import { validate } from './schema.ts';
import { composeFile } from './schema-file.ts';
import { ComposeProblem, clone, isMapping, type Mapping, type Value } from './tree.ts';

export interface SourceFile {
  readonly name: string;
  /** Its text, where it was read already. */
  readonly text?: string;
}

/** What loading works with. */
export interface Loading {
  readonly process: Process;
  readonly workingDir: string;
  readonly files: readonly SourceFile[];
  readonly environment: ReadonlyMap<string, string>;
  readonly projectName: string;
  readonly interpolate: boolean;
  readonly normalize: boolean;
  readonly resolvePaths: boolean;
  readonly warn: (text: string) => void;
}

/** How one file is loaded. */
interface FileSettings {
  readonly extends: boolean;
  readonly include: boolean;
  readonly validate: boolean;
}

const WHOLE: FileSettings = { extends: true, include: true, validate: true };
const BASE: FileSettings = { extends: false, include: false, validate: false };

/** The canonical tree of all files. */
export function* loadTree(loading: Loading): Routine<Mapping> {
  const tree = yield* loadModel(loading, []);
  if (Object.keys(tree).length === 0) throw new ComposeProblem('empty compose file');
  if (loading.projectName === '') throw new ComposeProblem('project name must not be empty');
  if (loading.normalize) {
    tree.name = loading.projectName;
    normalize(tree, loading.environment);
  }
  return tree;
}

function* loadModel(loading: Loading, included: readonly string[]): Routine<Mapping> {
  let tree: Mapping = {};
  for (const file of loading.files)
    tree = (yield* loadFile(loading, file, tree, included, WHOLE)).tree;
  setDefaults(tree);
  checkValues(tree);
  if (loading.resolvePaths)
    resolvePaths(tree, loading.workingDir, loading.process.environment.get('HOME') ?? '/');
  resolveEnvironment(tree, loading.environment);
  return tree;
}

interface LoadedFile {
  readonly tree: Mapping;
  readonly resets: readonly string[];
}

function* loadFile(
  loading: Loading,
  file: SourceFile,
  before: Mapping,
  included: readonly string[],
  settings: FileSettings,
): Routine<LoadedFile> {
  let tree = before;
  let resets: readonly string[] = [];
  for (const document of documentsOf(yield* textOf(loading.process, file), file.name)) {
    resets = document.resets;
    if (!isMapping(document.tree)) throw new ComposeProblem('top-level object must be a mapping');
    const own = loading.interpolate
      ? interpolate(document.tree, {
          lookup: (name) => loading.environment.get(name),
          warn: loading.warn,
        })
      : document.tree;
    if (settings.extends) yield* applyExtends(loading, file.name, own, resets);
    applyResets(tree, resets);
    if (settings.include) yield* applyIncludes(loading, own, [...included, file.name]);
    tree = keepUnique(mergeTrees(tree, own)) as Mapping;
    if (settings.validate) checkSchema(loading, tree, file.name);
    tree = canonical(tree, { raw: !loading.interpolate, warn: loading.warn });
    tree = keepUnique(tree) as Mapping;
  }
  return { tree, resets };
}

function checkSchema(loading: Loading, tree: Mapping, name: string): void {
  const wrong = validate(tree, composeFile);
  if (wrong !== undefined) throw new ComposeProblem(`validating ${name}: ${wrong}`);
  if (!('version' in tree)) return;
  loading.warn(
    `${name}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
  );
  delete tree.version;
}

function documentsOf(text: string, name: string): ComposeDocument[] {
  try {
    return readDocuments(text);
  } catch (thrown) {
    if (!(thrown instanceof ComposeProblem)) throw thrown;
    throw new ComposeProblem(`failed to parse ${name}: ${thrown.message}`);
  }
}

function* textOf(process: Process, file: SourceFile): Routine<string> {
  if (file.text !== undefined) return file.text;
  const bytes = yield* readFile(process, file.name);
  if (isErrno(bytes)) throw new ComposeProblem(`open ${file.name}: ${bytes.message.toLowerCase()}`);
  return decode(bytes);
}

interface ServiceRef {
  readonly file: string;
  readonly service: string;
}

/** Merges services with those that they extend. */
function* applyExtends(
  loading: Loading,
  file: string,
  tree: Mapping,
  resets: readonly string[],
): Routine<void> {
  const { services } = tree;
  if (services === undefined) return;
  if (!isMapping(services)) throw new ComposeProblem('services must be a mapping');
  for (const name of Object.keys(services))
    services[name] = yield* extended(loading, { file, service: name }, services, [], resets);
}

function* extended(
  loading: Loading,
  at: ServiceRef,
  services: Mapping,
  trail: readonly ServiceRef[],
  resets: readonly string[],
): Routine<Value> {
  const service = services[at.service] ?? null;
  if (service === null) return null;
  if (!isMapping(service)) throw new ComposeProblem(`services.${at.service} must be a mapping`);
  const { extends: spec } = service;
  if (spec === undefined) return service;
  const ref = isMapping(spec) ? spec.service : spec;
  if (typeof ref !== 'string')
    throw new ComposeProblem(`extends.${at.service}.service is required`);
  const other = isMapping(spec) ? spec.file : undefined;
  let from = services;
  let file = at.file;
  let baseResets: readonly string[] = [];
  if (typeof other === 'string') {
    const loaded = yield* baseFile(loading, at, ref, other);
    from = loaded.tree;
    baseResets = loaded.resets;
    file = other;
  } else if (!(ref in services))
    throw new ComposeProblem(
      `cannot extend service "${at.service}" in ${at.file}: service "${ref}" not found`,
    );
  const next = tracked(trail, { file, service: at.service });
  const base = yield* extended(loading, { file, service: ref }, from, next, baseResets);
  if (!isMapping(base)) return service;
  const source = clone(base);
  applyResets({ services: { [at.service]: source } }, resets);
  const merged = extendService(source, service);
  delete merged.extends;
  services[at.service] = merged;
  return merged;
}

function tracked(trail: readonly ServiceRef[], ref: ServiceRef): readonly ServiceRef[] {
  if (!trail.some((one) => one.file === ref.file && one.service === ref.service))
    return [...trail, ref];
  const [first, ...rest] = trail;
  const lines = [...rest, ref].map(({ service, file }) => `  extends ${service} in ${file}`);
  throw new ComposeProblem(
    `Circular reference:\n  ${first?.service} in ${first?.file}\n${lines.join('\n')}`,
  );
}

/** The services of another file, with its paths made relative to this one's place. */
function* baseFile(
  loading: Loading,
  at: ServiceRef,
  ref: string,
  other: string,
): Routine<LoadedFile> {
  const local = other.startsWith('/') ? other : cleanPath(`${loading.workingDir}/${other}`);
  const source = yield* loadFile(loading, { name: local }, {}, [], BASE);
  const { services } = source.tree;
  const failed = (why: string, place = local): never => {
    throw new ComposeProblem(`cannot extend service "${at.service}" in ${place}: ${why}`);
  };
  if (services === undefined) return failed('no services section');
  if (!isMapping(services)) return failed('services must be a mapping');
  if (!(ref in services)) return failed(`service "${ref}" not found in ${other}`, at.file);
  resolvePaths(source.tree, dirName(local), loading.process.environment.get('HOME') ?? '/');
  return { tree: services, resets: source.resets };
}

const texts = (value: Value | undefined): string[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).map(String);

/** Loads included files, each as a project of its own, and takes over what they define. */
function* applyIncludes(
  loading: Loading,
  tree: Mapping,
  included: readonly string[],
): Routine<void> {
  const { include } = tree;
  if (include === undefined || include === null) return;
  if (!Array.isArray(include))
    throw new ComposeProblem(`\`include\` must be a list, got ${String(include)}`);
  for (const item of include) {
    const config = isMapping(item) ? item : { path: item };
    const paths = texts(config.path).map((path) => absolute(path, loading.workingDir));
    const [main = ''] = paths;
    if (included.includes(main))
      throw new ComposeProblem(
        `include cycle detected:\n${included[0]}\n include ${[...included.slice(1), main].join('\n include ')}`,
      );
    const directory =
      typeof config.project_directory === 'string'
        ? absolute(config.project_directory, loading.workingDir)
        : dirName(main);
    const environment = yield* includedEnvironment(loading, texts(config.env_file), directory);
    const imported = yield* loadModel(
      {
        ...loading,
        workingDir: directory,
        files: paths.map((name) => ({ name })),
        environment,
        resolvePaths: true,
      },
      included,
    );
    importResources(imported, tree);
  }
  delete tree.include;
}

function absolute(path: string, base: string): string {
  return path.startsWith('/') ? path : cleanPath(`${base}/${path}`);
}

function* includedEnvironment(
  loading: Loading,
  given: readonly string[],
  directory: string,
): Routine<ReadonlyMap<string, string>> {
  const { process } = loading;
  const usual = `${directory}/.env`;
  const files =
    given.length > 0
      ? given.map((file) => absolute(file, loading.workingDir))
      : process.exists(usual)
        ? [usual]
        : [];
  const found = yield* environmentFromFiles(process, files, loading.environment);
  return new Map([...found, ...loading.environment]);
}

/** Variables of --env-file or .env. */
export function* environmentFromFiles(
  process: Process,
  files: readonly string[],
  known: ReadonlyMap<string, string>,
): Routine<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of files) {
    const path = absolute(file, String(process.getcwd()));
    if (!process.exists(path)) throw new ComposeProblem(`couldn't find env file: ${path}`);
    const bytes = yield* readFile(process, path);
    if (isErrno(bytes))
      throw new ComposeProblem(
        bytes.name === 'EISDIR' ? `${path} is a directory` : `open ${path}: ${bytes.message}`,
      );
    try {
      parseEnv(decode(bytes), found, (name) => known.get(name) ?? found.get(name));
    } catch (thrown) {
      if (!(thrown instanceof ComposeProblem)) throw thrown;
      throw new ComposeProblem(`failed to read ${path}: ${thrown.message}`);
    }
  }
  return found;
}

/** What an included project defines must be new or the same. */
function importResources(source: Mapping, target: Mapping): void {
  for (const kind of ['services', 'volumes', 'networks', 'secrets', 'configs', 'models']) {
    const from = source[kind];
    if (!isMapping(from)) continue;
    const to = isMapping(target[kind]) ? target[kind] : {};
    for (const [name, value] of Object.entries(from)) {
      if (name in to && JSON.stringify(to[name]) !== JSON.stringify(value))
        throw new ComposeProblem(`${kind}.${name} conflicts with imported resource`);
      to[name] = value;
    }
    target[kind] = to;
  }
}
