// Writes the facts of the Kubernetes API's protobuf form: the number of every field, from the generated.proto files of
// k8s.io/api and k8s.io/apimachinery in Go's module cache. Only who changes the modelled version needs to run it.
// Run: node scripts/kubernetes-protobuf.ts "$(go env GOMODCACHE)/k8s.io" v0.36.3

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { structType, structTypeNames } from '../src/sim/kubernetes/api/fields/tables.ts';

const [modules = '', version = ''] = process.argv.slice(2);
const target = join(import.meta.dirname, '../src/cli/protobuf/numbers.txt');

const HEAD = `# Field numbers of the Kubernetes 1.36 API's protobuf form, by type. A field without a number follows the one before it
# by one; +Type is a message whose fields stand in JSON among those of the type that holds it. Made by
# scripts/kubernetes-protobuf.ts.
`;

interface Message {
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly number: number;
  }[];
}

const messages = new Map<string, Message>();
const FIELD = /^\s+(?:optional |repeated )?(map<\w+, *[.\w]+>|[.\w]+) (\w+) = (\d+)/;

/** `k8s.io.api.core.v1` and `.k8s.io.apimachinery.pkg.apis.meta.v1` as the field tables name them. */
function prefixOf(packageName: string): string {
  const parts = packageName.split('.');
  return parts.slice(-2).join('/');
}

for (const path of globSync(`{api,apimachinery,kube-aggregator}@${version}/**/generated.proto`, {
  cwd: modules,
})) {
  const text = readFileSync(join(modules, path), 'utf8');
  const prefix = prefixOf(/^package ([\w.]+);/m.exec(text)?.[1] ?? '');
  for (const [, name = '', body = ''] of text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = body.split('\n').flatMap((line) => {
      const [, type = '', field = '', number = '0'] = FIELD.exec(line) ?? [];
      return field === '' ? [] : [{ name: field, type, number: Number(number) }];
    });
    messages.set(`${prefix}.${name}`, { fields });
  }
}

const lines: string[] = [];
const written = new Set<string>();

function write(name: string, known: (field: string) => boolean): void {
  const message = messages.get(name);
  if (!message || written.has(name)) return;
  written.add(name);
  let last = 0;
  const inlined: string[] = [];
  const tokens = message.fields.map(({ name: field, type, number }) => {
    const at = number === last + 1 ? '' : `=${number}`;
    last = number;
    // Go's JSON names begin small, also where the message's field (Webhooks) does not.
    const small = `${field.charAt(0).toLowerCase()}${field.slice(1)}`;
    if (known(field)) return `${field}${at}`;
    if (known(small)) return `${small}${at}`;
    const inner = type.includes('.')
      ? typeOf(type)
      : `${name.slice(0, name.lastIndexOf('.'))}.${type}`;
    if (!messages.has(inner)) return `${field}${at}`;
    inlined.push(inner);
    return `+${inner.slice(inner.lastIndexOf('.') + 1)}${at}`;
  });
  lines.push(`${name} ${tokens.join(' ')}`);
  for (const inner of inlined) write(inner, () => true);
}

function typeOf(type: string): string {
  const parts = type.replace(/^\./, '').split('.');
  return `${parts.slice(-3, -1).join('/')}.${parts.at(-1)}`;
}

for (const name of structTypeNames()) {
  // Definitions hold schemas, which are written as JSON only.
  if (name.startsWith('apiextensions/')) continue;
  const { byName } = structType(name);
  write(name, (field) => byName.has(field));
}
writeFileSync(target, `${HEAD}${lines.join('\n')}\n`);
