// A kustomization.yaml: its fields with the form of each, and what is said of a file that is not right.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { Failure, failure } from '../failure.ts';
import { objectsIn, textOf } from './files.ts';
import type { Fields } from './item.ts';

/** A field: its Go type, as complaints name it; what replaces it; whether it is left out here. */
interface FieldRule {
  readonly type: string;
  readonly instead?: string;
  readonly leftOut?: boolean;
}

const text = { type: 'string' };
const textList = { type: '[]string' };
const pairs = { type: 'map[string]string' };
const list = (type: string): FieldRule => ({ type: `[]types.${type}` });
const leftOut = { type: '', leftOut: true };

/** A kustomization's fields; any other is an error. */
const FIELDS: Readonly<Record<string, FieldRule>> = {
  apiVersion: text,
  kind: text,
  metadata: { type: 'types.ObjectMeta' },
  resources: textList,
  bases: { ...textList, instead: 'resources' },
  components: textList,
  namespace: text,
  namePrefix: text,
  nameSuffix: text,
  commonLabels: { ...pairs, instead: 'labels' },
  labels: list('Label'),
  commonAnnotations: pairs,
  images: list('Image'),
  replicas: list('Replica'),
  configMapGenerator: list('ConfigMapArgs'),
  secretGenerator: list('SecretArgs'),
  generatorOptions: { type: 'types.GeneratorOptions' },
  patches: list('Patch'),
  patchesStrategicMerge: { type: '[]types.PatchStrategicMerge', instead: 'patches' },
  patchesJson6902: { type: '[]types.Patch', instead: 'patches' },
  sortOptions: { type: 'types.SortOptions' },
  openapi: leftOut,
  buildMetadata: leftOut,
  configurations: leftOut,
  crds: leftOut,
  generators: leftOut,
  helmCharts: leftOut,
  helmGlobals: leftOut,
  helmChartInflationGenerator: leftOut,
  replacements: leftOut,
  transformers: leftOut,
  validators: leftOut,
  vars: leftOut,
};

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Reads and checks a folder's kustomization; deprecated fields are warned of. */
export function* kustomizationOf(
  process: Process,
  folder: string,
  warn: (text: string) => Routine<void>,
): Routine<Fields> {
  const present = NAMES.filter((name) => !isErrno(process.stat(`${folder}/${name}`)));
  const [name, second] = present;
  if (name === undefined)
    throw failure(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${folder}'`,
    );
  if (second !== undefined) throw failure(`Found multiple kustomization files under: ${folder}\n`);
  const [value] = objectsIn(yield* textOf(process, folder, name), name);
  if (value === undefined) throw failure('kustomization.yaml is empty');
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw invalid(
      `json: cannot unmarshal ${formOf(value)} into Go value of type types.Kustomization`,
    );
  const file = value as Fields;
  for (const [field, inside] of Object.entries(file)) {
    const rule = FIELDS[field];
    if (rule === undefined) throw invalid(`json: unknown field "${field}"`);
    if (rule.leftOut) throw new Failure(`drydock: kustomize ${field} is not simulated`, 125);
    check(field, rule, inside);
    if (rule.instead)
      yield* warn(
        `# Warning: '${field}' is deprecated. Please use '${rule.instead}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n`,
      );
  }
  for (const label of (file.labels ?? []) as { pairs?: Fields }[])
    for (const one of Object.values(label.pairs ?? {})) mustBeText(one, 'Label.labels.pairs');
  return file;
}

function invalid(why: string): Failure {
  return failure(`invalid Kustomization: ${why}`);
}

/** How encoding/json calls a value. */
function formOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function mustBeText(value: unknown, where: string): void {
  if (typeof value !== 'string' && value !== null)
    throw invalid(
      `json: cannot unmarshal ${formOf(value)} into Go struct field ${where} of type string`,
    );
}

function check(field: string, { type }: FieldRule, value: unknown): void {
  if (value === null || value === undefined) return;
  const wanted = type.startsWith('[]') ? 'array' : type === 'string' ? 'string' : 'object';
  const where = `Kustomization.${field}`;
  if (formOf(value) !== wanted)
    throw invalid(
      `json: cannot unmarshal ${formOf(value)} into Go struct field ${where} of type ${type}`,
    );
  if (type === '[]string') for (const one of value as unknown[]) mustBeText(one, where);
  if (type === 'map[string]string')
    for (const one of Object.values(value as object)) mustBeText(one, where);
  if (type.startsWith('[]types.') && type !== '[]types.PatchStrategicMerge')
    for (const one of value as unknown[])
      if (one !== null && formOf(one) !== 'object')
        throw invalid(
          `json: cannot unmarshal ${formOf(one)} into Go struct field ${where} of type ${type.slice(2)}`,
        );
}
