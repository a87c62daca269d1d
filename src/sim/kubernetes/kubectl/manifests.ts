// Objects from files, folders and standard input (-f, -R, -k): documents, lists, and what is wrong with them.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { parseYaml, splitDocuments, YamlProblem } from '../../userland/yaml/read.ts';
import { decode as decodeFields } from '../api/fields/decode.ts';
import { type StructType, structType } from '../api/fields/tables.ts';
import type { Call } from './command.ts';
import { type ApiResource, resourceOfKind } from './discovery.ts';
import { aggregate, Failure, failure } from './failure.ts';
import { kustomize } from './kustomize/build.ts';
import type { KubeObject } from './rest.ts';
import { readUrl } from './url-source.ts';

/** One object of a file. */
export interface Manifest {
  readonly object: KubeObject;
  /** The file, or STDIN. */
  readonly source: string;
}

/** One object of a file with the resource that serves it. */
export interface MappedManifest extends Manifest {
  readonly resource: ApiResource;
  readonly namespace: string;
}

/** Every object of -f and -k, in order, with what went wrong among them. */
export function* readManifests(call: Call): Routine<Found> {
  const { values } = call;
  const manifests: Manifest[] = [];
  const failures: Failure[] = [];
  const folder = values.changed('kustomize') ? values.text('kustomize') : '';
  if (folder !== '') {
    for (const object of yield* kustomize(call.main.process, folder, (text) => call.err(text))) {
      manifests.push({ object, source: folder });
    }
    return { manifests, failures };
  }
  for (const path of values.all('filename').flatMap((text) => text.split(','))) {
    for (const { text, source } of yield* readSource(call, path)) {
      const found = objectsOf(text, source);
      failures.push(...found.failures);
      manifests.push(...found.manifests);
    }
  }
  return { manifests, failures };
}

function* readSource(call: Call, path: string): Routine<{ text: string; source: string }[]> {
  const { process } = call.main;
  if (path === '-') return [{ text: decode(yield* call.main.input.rest()), source: 'STDIN' }];
  if (/^https?:\/\//.test(path)) {
    const text = yield* readUrl(process, path);
    if (text instanceof Failure) throw text;
    return [{ text, source: path }];
  }
  const stat = process.stat(path);
  if (isErrno(stat)) throw failure(`the path "${path}" does not exist`);
  if ((stat.mode & 0o170000) === 0o040000) return yield* readFolder(call, path);
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) throw failure(`open ${path}: ${bytes.message.toLowerCase()}`);
  return [{ text: decode(bytes), source: path }];
}

function* readFolder(call: Call, path: string): Routine<{ text: string; source: string }[]> {
  const { process } = call.main;
  const listed = process.readdir(path);
  if (isErrno(listed)) return [];
  const out: { text: string; source: string }[] = [];
  for (const name of listed.map((entry) => entry.name).sort()) {
    if (name === '.' || name === '..') continue;
    const inside = `${path.replace(/\/$/, '')}/${name}`;
    const stat = process.stat(inside);
    if (isErrno(stat)) continue;
    const folder = (stat.mode & 0o170000) === 0o040000;
    if (folder ? call.values.is('recursive') : /\.(json|ya?ml)$/.test(name)) {
      out.push(...(yield* readSource(call, inside)));
    }
  }
  return out;
}

/** Some objects, and what went wrong among them. */
export interface Found {
  readonly manifests: Manifest[];
  readonly failures: Failure[];
}

/**
 * The objects of one text, lists opened. A document that is none ends the reading; one whose metadata is of the wrong
 * types is left out.
 */
export function objectsOf(text: string, source: string): Found {
  const manifests: Manifest[] = [];
  const failures: Failure[] = [];
  const ended = (why: string): Found => ({ manifests, failures: [...failures, failure(why)] });
  for (const document of splitDocuments(text)) {
    const value = parseYaml(document);
    if (value instanceof YamlProblem)
      return ended(`error parsing ${source}: error converting YAML to JSON: ${value.message}`);
    if (value === null || value === undefined) continue;
    const missing = missingOf(value);
    if (missing !== '')
      return ended(
        `error validating "${source}": error validating data: ${missing}; if you choose to ignore these errors, turn validation off with --validate=false`,
      );
    const unreadable = metadataProblem(value);
    if (unreadable !== undefined) {
      failures.push(failure(`unable to decode "${source}": ${unreadable}`));
      continue;
    }
    const object = value as KubeObject;
    if (object.kind?.endsWith('List') && Array.isArray(object.items)) {
      for (const item of object.items) manifests.push({ object: item as KubeObject, source });
    } else manifests.push({ object, source });
  }
  return { manifests, failures };
}

/** Why a text holds no object, as client-side validation says it; '' where it does. */
export function whyNoObject(text: string): string {
  const value = parseYaml(text);
  return value instanceof YamlProblem
    ? `error converting YAML to JSON: ${value.message}`
    : missingOf(value);
}

function missingOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'invalid object to validate';
  const { apiVersion, kind } = value as KubeObject;
  const missing: string[] = [];
  if (!apiVersion) missing.push('apiVersion not set');
  if (!kind) missing.push('kind not set');
  return missing.length > 1 ? `[${missing.join(', ')}]` : (missing[0] ?? '');
}

const { byName } = structType('core/v1.ConfigMap');
const metadataFields = [...byName.values()].filter(({ name }) => name === 'metadata');
/** What kubectl itself reads of every object before it sends it (cli-runtime's metadataValidatingDecoder). */
const METADATA_ONLY: StructType = {
  name: 'metadataOnlyObject',
  fields: metadataFields,
  byName: new Map(metadataFields.map((field) => [field.name, field])),
  always: [],
  atomic: false,
};

/** Why an object's metadata cannot be read. */
function metadataProblem(value: unknown): string | undefined {
  const { metadata } = value as KubeObject;
  return metadata ? decodeFields({ metadata }, METADATA_ONLY).error : undefined;
}

/** Finds what serves each object, and its namespace. */
export function* mapManifests(
  call: Call,
  manifests: readonly Manifest[],
  failures: Failure[],
): Routine<MappedManifest[]> {
  const given = call.values.changed('namespace');
  const namespace = yield* call.namespace();
  const local = call.values.changed('local') && call.values.is('local');
  const out: MappedManifest[] = [];
  let discovery = yield* call.discovery();
  for (const manifest of manifests) {
    const { object, source } = manifest;
    const { apiVersion = '', kind = '' } = object;
    const metadata = object.metadata ?? {};
    let resource = resourceOfKind(discovery, apiVersion, kind);
    if (!resource) {
      discovery = yield* call.rediscover();
      resource = resourceOfKind(discovery, apiVersion, kind);
    }
    if (!resource) {
      const text = `resource mapping not found for name: "${metadata.name ?? ''}" namespace: "${metadata.namespace ?? ''}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`;
      failures.push(failure(text));
      continue;
    }
    if (!resource.namespaced) {
      out.push({ ...manifest, resource, namespace: '' });
      continue;
    }
    const own = metadata.namespace;
    if (given && own && own !== namespace) {
      failures.push(
        failure(
          `the namespace from the provided object "${own}" does not match the namespace "${namespace}". You must pass '--namespace=${own}' to perform this operation.`,
        ),
      );
      continue;
    }
    const placed = local
      ? object
      : { ...object, metadata: { ...metadata, namespace: own || namespace } };
    out.push({ object: placed, source, resource, namespace: own || namespace });
  }
  return out;
}

/** Ends the command where any of the failures stands. */
export function throwAll(failures: readonly Failure[]): void {
  const all = aggregate(failures);
  if (all) throw all;
}

/** Equality-based selectors over labels in a file. */
export function hasLabels(object: KubeObject, selector: string): boolean {
  const labels = object.metadata?.labels ?? {};
  return selector.split(',').every((part) => {
    const [key = '', value = ''] = part.split(/==?/);
    return labels[key.replace(/!$/, '')] === value;
  });
}
