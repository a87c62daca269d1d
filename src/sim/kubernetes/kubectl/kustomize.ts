// kubectl's built-in kustomize: resources, generators, common labels and names, images, replicas and patches.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { parseYaml, splitDocuments, YamlProblem } from '../../userland/yaml/read.ts';
import { Failure, failure } from './failure.ts';
import type { KubeObject } from './rest.ts';

type Fields = Record<string, unknown>;

/** The fields that are acted on; any other makes the command say so. */
const KNOWN = new Set([
  'apiVersion',
  'kind',
  'resources',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'metadata',
]);

/** Builds a folder with a kustomization.yaml; its objects in order. */
export function* kustomize(process: Process, folder: string): Routine<KubeObject[]> {
  const base = folder.replace(/\/$/, '');
  let text: Uint8Array | undefined;
  for (const name of ['kustomization.yaml', 'kustomization.yml', 'Kustomization']) {
    const bytes = yield* readFile(process, `${base}/${name}`);
    if (isErrno(bytes)) continue;
    text = bytes;
    break;
  }
  if (text === undefined) {
    const cwd = base.startsWith('/')
      ? base
      : `${String(process.getcwd())}${base === '.' ? '' : `/${base}`}`;
    throw failure(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${cwd}'`,
    );
  }
  const parsed = parseYaml(decode(text));
  if (parsed instanceof YamlProblem) throw failure(`invalid Kustomization: ${parsed.message}`);
  const file = (parsed ?? {}) as Fields;
  const unknown = Object.keys(file).find((key) => !KNOWN.has(key));
  if (unknown) throw new Failure(`drydock: kustomize ${unknown} is not simulated`, 125);
  const objects: KubeObject[] = [];
  for (const path of (file.resources ?? []) as string[]) {
    const where = `${base}/${path}`;
    const stat = process.stat(where);
    if (!isErrno(stat) && (stat.mode & 0o170000) === 0o040000) {
      objects.push(...(yield* kustomize(process, where)));
      continue;
    }
    const bytes = yield* readFile(process, where);
    if (isErrno(bytes)) {
      throw failure(
        `accumulating resources: accumulation err='accumulating resources from '${path}': open ${where}: ${bytes.message.toLowerCase()}'`,
      );
    }
    for (const document of splitDocuments(decode(bytes)))
      objects.push(parseYaml(document) as KubeObject);
  }
  return objects.map((object) => rename(object, file));
}

function rename(object: KubeObject, file: Fields): KubeObject {
  const metadata = { ...object.metadata };
  metadata.name = `${file.namePrefix ?? ''}${metadata.name ?? ''}${file.nameSuffix ?? ''}`;
  if (typeof file.namespace === 'string' && object.kind !== 'Namespace')
    metadata.namespace = file.namespace;
  return { ...object, metadata };
}
