// kubectl's built-in kustomize: a folder's kustomization.yaml with its resources, components, generators and
// transformers in the order that they run. Remote bases, plugins, Helm charts, replacements and vars are left out.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { Failure, failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { absolute, isFolder, missingText, objectsIn, textOf } from './files.ts';
import { type Generator, generate } from './generators.ts';
import { type Fields, groupOf, type Item, idText, itemOf } from './item.ts';
import { kustomizationOf } from './kustomization.ts';
import { addHashes, affixNames, fixReferences, setNamespace } from './names.ts';
import { applyPatch, type Patch, type PatchTarget } from './patches.ts';
import { addAnnotations, addLabels, setImages, setReplicas } from './transformers.ts';

/** Builds a folder; its objects in the order that they are applied in. */
export function* kustomize(
  process: Process,
  folder: string,
  warn: (text: string) => Routine<void>,
): Routine<KubeObject[]> {
  if (/^(https?|git|ssh):\/\/|^github\.com\//.test(folder))
    throw new Failure(`drydock: kustomize ${folder} is not simulated`, 125);
  if (isErrno(process.stat(folder)))
    throw failure(
      `must build at directory: not a valid directory: ${missingText(process, folder)}`,
    );
  if (!isFolder(process, folder))
    throw failure(`must build at directory: '${folder}': file is not directory`);
  const root = absolute(process, folder);
  const items: Item[] = [];
  const file = yield* accumulate({ process, warn }, root, items, []);
  addHashes(items);
  fixReferences(items);
  return ordered(items, file).map(({ object }) => object);
}

/** Where a build runs, and how it warns. */
interface Build {
  readonly process: Process;
  readonly warn: (text: string) => Routine<void>;
}

/** Adds what a folder makes to the items; its kustomization. */
function* accumulate(
  build: Build,
  folder: string,
  outer: Item[],
  above: readonly string[],
): Routine<Fields> {
  if (above.includes(folder))
    throw failure(
      `cycle detected: candidate root '${folder}' contains visited root '${above[above.length - 1] ?? ''}'`,
    );
  const { process } = build;
  const file = yield* kustomizationOf(process, folder, build.warn);
  const component = file.kind === 'Component';
  // A component works on what is there already; anything else on what is its own.
  const items: Item[] = component ? outer : [];
  const visited = [...above, folder];
  for (const path of [...texts(file.resources), ...texts(file.bases)])
    yield* accumulateResource(build, folder, path, items, visited);
  for (const path of texts(file.components)) {
    const where = absolute(process, `${folder}/${path}`);
    try {
      yield* accumulate(build, where, items, visited);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 1) throw error;
      const why = inFolder(where, error.message.replace(/^error: /, ''));
      throw failure(`accumulating components: accumulateDirectory: ${JSON.stringify(why)}`);
    }
  }
  const options = (file.generatorOptions ?? {}) as Fields;
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const list = file[kind === 'Secret' ? 'secretGenerator' : 'configMapGenerator'];
    for (const one of (list ?? []) as Generator[])
      yield* generate(process, folder, kind, one, options, items);
  }
  yield* transform(process, folder, file, items);
  if (component) return file;
  for (const item of items) register(outer, item);
  return file;
}

function texts(value: unknown): string[] {
  return ((value ?? []) as unknown[]).map(String);
}

function* accumulateResource(
  build: Build,
  folder: string,
  path: string,
  items: Item[],
  visited: readonly string[],
): Routine<void> {
  const { process } = build;
  if (/^(https?|git|ssh):\/\/|^github\.com\//.test(path))
    throw new Failure(`drydock: kustomize ${path} is not simulated`, 125);
  const where = path.startsWith('/') ? path : absolute(process, `${folder}/${path}`);
  if (isErrno(process.stat(where))) {
    const missing = missingText(process, where);
    throw failure(
      `accumulating resources: accumulation err='accumulating resources from '${path}': ${missing}': must build at directory: not a valid directory: ${missing}`,
    );
  }
  const folderHere = isFolder(process, where);
  const begin = 'accumulating resources: accumulation err=';
  try {
    if (folderHere) yield* accumulate(build, where, items, visited);
    else {
      for (const value of objectsIn(yield* textOf(process, folder, path), path))
        for (const object of opened(value as KubeObject)) register(items, itemOf(object));
    }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 1) throw error;
    const why = error.message.replace(/^error: /, '');
    const from = `accumulating resources from '${path}'`;
    if (why.startsWith('MalformedYAMLError'))
      throw failure(`accumulating resources: ${from}: ${why}`);
    if (!folderHere)
      throw failure(
        `${begin}'${from}: ${why}': must build at directory: '${where}': file is not directory`,
      );
    throw failure(`${begin}'${from}: '${where}' must resolve to a file': ${inFolder(where, why)}`);
  }
}

/** What went wrong in a folder: with its kustomization itself, or with what that names. */
function inFolder(where: string, why: string): string {
  if (why.startsWith('cycle detected')) return why;
  const itself =
    /^(unable to find one of|Found multiple|invalid Kustomization|kustomization\.yaml)/;
  return itself.test(why)
    ? `couldn't make target for path '${where}': ${why}`
    : `recursed accumulation of path '${where}': ${why}`;
}

/** The objects of a list, or the one object. */
function opened(object: KubeObject): KubeObject[] {
  if (object.kind?.endsWith('List') && Array.isArray(object.items))
    return (object.items as KubeObject[]).flatMap(opened);
  return [object];
}

/** Adds an object that is not there yet. */
function register(items: Item[], item: Item): void {
  const id = idText(item.object);
  if (items.some((one) => idText(one.object) === id))
    throw failure(`may not add resource with an already registered id: ${id}`);
  items.push(item);
}

/** Runs a kustomization's transformers over its objects. */
function* transform(process: Process, folder: string, file: Fields, items: Item[]): Routine<void> {
  for (const patch of (file.patchesStrategicMerge ?? []) as string[]) {
    const inline = patch.includes('\n');
    const text = inline ? patch : yield* textOf(process, folder, patch);
    applyPatch(items, { text, path: inline ? undefined : patch });
  }
  yield* runPatches(process, folder, file.patches, items);
  if (file.namespace) setNamespace(items, String(file.namespace));
  if (file.namePrefix || file.nameSuffix)
    affixNames(items, String(file.namePrefix ?? ''), String(file.nameSuffix ?? ''));
  for (const { pairs, includeSelectors, includeTemplates } of (file.labels ?? []) as {
    pairs?: Fields;
    includeSelectors?: boolean;
    includeTemplates?: boolean;
  }[])
    addLabels(items, pairs ?? {}, {
      selectors: includeSelectors === true,
      templates: includeTemplates === true,
    });
  if (file.commonLabels)
    addLabels(items, file.commonLabels as Fields, { selectors: true, templates: true });
  if (file.commonAnnotations) addAnnotations(items, file.commonAnnotations as Fields);
  yield* runPatches(process, folder, file.patchesJson6902, items);
  const [missing] = setReplicas(items, (file.replicas ?? []) as never);
  if (missing !== undefined)
    throw failure(
      `resource with name ${missing} does not match a config with the following GVK [Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] ReplicationController.[noVer].[noGrp]]`,
    );
  setImages(items, (file.images ?? []) as never);
}

function* runPatches(
  process: Process,
  folder: string,
  list: unknown,
  items: Item[],
): Routine<void> {
  for (const { path, patch, target, options } of (list ?? []) as {
    path?: string;
    patch?: string;
    target?: PatchTarget;
    options?: Patch['options'];
  }[]) {
    const config = toYaml({ options, patch, path, target });
    const trouble = `trouble configuring builtin PatchTransformer with config: \`\n${config}\`: `;
    if (patch === undefined && isErrno(process.stat(`${folder}/${path ?? ''}`)))
      throw failure(
        `${trouble}failed to get the patch file from path(${path ?? ''}): ${missingText(process, absolute(process, `${folder}/${path ?? ''}`))}`,
      );
    const text = patch ?? (yield* textOf(process, folder, path ?? ''));
    if (!isPatchText(text))
      throw failure(
        `${trouble}unable to parse SM or JSON patch from [${path === undefined ? `patch: ${JSON.stringify(patch)}` : `path: "${path}"`}]`,
      );
    applyPatch(items, { text, path, target, ...(options ? { options } : {}) });
  }
}

/** A list in brackets has to be JSON. */
function isPatchText(text: string): boolean {
  if (!text.trimStart().startsWith('[')) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** The legacy order (by kind, then by name), or as they came with `sortOptions: {order: fifo}`. */
function ordered(items: readonly Item[], file: Fields): Item[] {
  const { order = 'legacy', legacySortOptions } = (file.sortOptions ?? {}) as {
    order?: string;
    legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] };
  };
  if (order === 'fifo') return [...items];
  if (order !== 'legacy')
    throw failure("the field 'sortOptions.order' must be one of [fifo, legacy]");
  const first = legacySortOptions?.orderFirst ?? FIRST;
  const last = legacySortOptions?.orderLast ?? LAST;
  const rank = (kind = ''): number => {
    const at = first.indexOf(kind);
    return at >= 0 ? at - first.length : last.indexOf(kind) + 1;
  };
  const key = ({ object }: Item): string => {
    const { group, version } = groupOf(object);
    const { name = '', namespace = '' } = object.metadata ?? {};
    return `${group || '~G'}_${version}_${object.kind ?? ''}|${namespace || '~X'}|${name}`;
  };
  return [...items].sort((a, b) => {
    const byKind = rank(a.object.kind) - rank(b.object.kind);
    if (byKind !== 0) return byKind;
    return key(a) < key(b) ? -1 : 1;
  });
}
