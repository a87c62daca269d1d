// Writes the field tables of the Kubernetes API: names, types, marks and descriptions of every type that the
// API server knows, from the type declarations of kubernetes-models and the facts beside this script.
// Run: node scripts/kubernetes-fields.ts

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const target = join(root, 'src/sim/kubernetes/api/fields/generated');

/** Where the packages that declare a type keep it, by the prefix of the type's name in the facts. */
const GROUP_FOLDERS: Readonly<Record<string, string>> = {
  core: 'kubernetes-models',
  meta: '@kubernetes-models/apimachinery/apis/meta',
  apiextensions: 'kubernetes-models/apiextensions.k8s.io',
  apiregistration: 'kubernetes-models/apiregistration.k8s.io',
  flowcontrol: 'kubernetes-models/flowcontrol.apiserver.k8s.io',
};
const PLAIN_GROUPS = ['apps', 'autoscaling', 'batch', 'policy'];

/** Codes of the types that are no structures. */
const SCALARS: Readonly<Record<string, string>> = {
  string: 's',
  number: 'i',
  boolean: 'b',
  object: 'a',
  any: 'a',
  unknown: 'a',
  IIoK8sApimachineryPkgApiResourceQuantity: 'q',
  IIoK8sApimachineryPkgUtilIntstrIntOrString: 'x',
  IIoK8sApimachineryPkgApisMetaV1Time: 't',
  IIoK8sApimachineryPkgApisMetaV1MicroTime: 'm',
  IIoK8sApimachineryPkgApisMetaV1Duration: 's',
  IIoK8sApimachineryPkgApisMetaV1FieldsV1: 'a',
  IIoK8sApimachineryPkgRuntimeRawExtension: 'a',
};

/** Fields that the package declares in place instead of by name. */
const IN_PLACE: Readonly<Record<string, string>> = {
  volumeClaimTemplates: '[]core/v1.PersistentVolumeClaim',
};

interface Declared {
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

interface Facts {
  readonly name: string;
  readonly atomic: boolean;
  readonly fields: readonly { readonly name: string; readonly marks: string }[];
}

function readFacts(): Facts[] {
  const lines = readFileSync(join(here, 'kubernetes-facts.txt'), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [head = '', ...rest] = line.split(' ');
      const fields = rest
        .filter((token) => token !== '')
        .map((token) => {
          const name = /^[$\w-]+/.exec(token)?.[0] ?? token;
          return { name, marks: token.slice(name.length) };
        });
      return { name: head.replace('@', ''), atomic: head.endsWith('@'), fields };
    });
}

function fileOf(name: string): string {
  const [groupVersion = '', type = ''] = name.split('.');
  const [group = '', version = ''] = groupVersion.split('/');
  const plain = PLAIN_GROUPS.includes(group)
    ? `kubernetes-models/${group}`
    : `kubernetes-models/${group === 'rbac' ? 'rbac.authorization' : group}.k8s.io`;
  return join(root, 'node_modules', GROUP_FOLDERS[group] ?? plain, version, `${type}.d.ts`);
}

/** `IIoK8sApiCoreV1Container` → `core/v1.Container`, from the aliases that the declarations export. */
function readAliases(facts: readonly Facts[]): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const { name } of facts) {
    const text = readIfThere(fileOf(name));
    const alias = /export type \{ \w+ as (IIoK8s\w+)/.exec(text ?? '')?.[1];
    if (alias) aliases.set(alias, name);
  }
  return aliases;
}

function readIfThere(file: string): string | undefined {
  const folder = dirname(file);
  const base = file.slice(folder.length + 1);
  try {
    return readdirSync(folder).includes(base) ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function cleanComment(comment: string): string {
  return (
    comment
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .join('\n')
      .trim()
      // The package escapes what would be marks of its comments, and adds one of its own.
      .replaceAll('\\*', '*')
      .replaceAll('*\\/', '*/')
      .replace(/\n@deprecated$/, '')
  );
}

/** The fields of the first interface (or object type) in a declaration file. */
function declaredFields(text: string): { fields: Map<string, Declared>; description: string } {
  const fields = new Map<string, Declared>();
  const start = text.search(/export (interface|type) /);
  const end = text.indexOf('\n}', start);
  const body = text.slice(start, end);
  const field = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?"([\w$-]+)"(\?)?: ((?:\{[^}]*\}|[^;{])+);/g;
  for (const match of body.matchAll(field)) {
    const [, comment = '', name = '', optional, type = ''] = match;
    if (fields.has(name)) continue;
    fields.set(name, {
      type: type.replace(/\s+/g, ' ').trim(),
      required: optional === undefined,
      description: cleanComment(comment),
    });
  }
  const before = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, start))?.[1] ?? '';
  return { fields, description: cleanComment(before) };
}

/** The code of a declared type: scalars by letter, `[]` and `{}` before lists and maps. */
function codeOf(type: string, marks: string, aliases: ReadonlyMap<string, string>): string {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return `[]${codeOf(list[1] ?? '', marks, aliases)}`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return `{}${codeOf(map[1] ?? '', marks, aliases)}`;
  if (type.startsWith('"')) return 's';
  const code = SCALARS[type] ?? aliases.get(type) ?? 'a';
  if (code === 'i' && marks.includes('#')) return 'l';
  if (code === 'i' && marks.includes('.')) return 'n';
  if (code === 's' && marks.includes('%')) return 'y';
  return code;
}

function enumOf(type: string): string {
  const one = type.replace(/^Array<(.*)>$/, '$1');
  if (!one.startsWith('"') || !one.includes('|')) return '';
  return `<${one.replaceAll('"', '').replaceAll(' ', '')}>`;
}

function main(): void {
  const facts = readFacts();
  const aliases = readAliases(facts);
  const lines: string[] = [];
  const descriptions: Record<string, Record<string, string>> = {};
  for (const type of facts) {
    const text = readIfThere(fileOf(type.name));
    const declared = text ? declaredFields(text) : undefined;
    const told: Record<string, string> = {};
    if (declared?.description) told[''] = declared.description;
    const tokens = type.fields.map(({ name, marks }) => {
      const found = declared?.fields.get(name);
      if (found?.description) told[name] = found.description;
      const code = IN_PLACE[name] ?? codeOf(found?.type ?? guess(name), marks, aliases);
      const kept = marks.replace(/[#%.]/g, '');
      return `${name}:${code}|${found?.required ? '^' : ''}${kept}${enumOf(found?.type ?? '')}`;
    });
    lines.push(`${type.name}${type.atomic ? '@' : ''} ${tokens.join(' ')}`);
    descriptions[type.name] = told;
  }
  mkdirSync(target, { recursive: true });
  const note = '// Made by scripts/kubernetes-fields.ts; not edited by hand.\n\n';
  writeFileSync(
    join(target, 'types.ts'),
    `${note}export const typeLines: readonly string[] = ${JSON.stringify(lines, undefined, 2)};\n`,
  );
  writeFileSync(
    join(target, 'descriptions.ts'),
    `${note}export const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(descriptions, undefined, 1)};\n`,
  );
  const unknown = facts.filter(({ name }) => !readIfThere(fileOf(name))).map(({ name }) => name);
  process.stdout.write(`${lines.length} types; without declaration: ${unknown.join(' ')}\n`);
}

/** Types of fields that the package does not declare. */
function guess(name: string): string {
  if (name === 'kind' || name === 'apiVersion') return 'string';
  if (name === 'metadata') return 'IIoK8sApimachineryPkgApisMetaV1ObjectMeta';
  return 'any';
}

main();
