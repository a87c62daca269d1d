// kustomize's generators: config maps and secrets from literals, files and files of variables.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { base64 } from '../../../core/base64.ts';
import { type Failure, failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { absolute, missingText, textOf } from './files.ts';
import { type Fields, type Item, idText, itemOf } from './item.ts';

interface Options {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly disableNameSuffixHash?: boolean;
  readonly immutable?: boolean;
}

export interface Generator {
  readonly name?: string;
  readonly namespace?: string;
  readonly behavior?: string;
  readonly type?: string;
  readonly literals?: readonly string[];
  readonly files?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
  readonly options?: Options;
}

/** Makes an object, or changes the one of the same name. */
export function* generate(
  process: Process,
  folder: string,
  kind: 'ConfigMap' | 'Secret',
  generator: Generator,
  common: Options,
  items: Item[],
): Routine<void> {
  const { name = '', namespace, behavior = 'create' } = generator;
  const data = yield* contentOf(process, folder, kind, generator);
  const own = generator.options ?? {};
  const labels = { ...common.labels, ...own.labels };
  const annotations = { ...common.annotations, ...own.annotations };
  const immutable = own.immutable ?? common.immutable;
  const object: KubeObject = {
    apiVersion: 'v1',
    ...data,
    kind,
    metadata: {
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      name,
      ...(namespace ? { namespace } : {}),
    },
    ...(kind === 'Secret' ? { type: generator.type ?? 'Opaque' } : {}),
    ...(immutable ? { immutable } : {}),
  };
  const hashed = !(own.disableNameSuffixHash ?? common.disableNameSuffixHash ?? false);
  const before = items.find((one) => one.object.kind === kind && one.names.includes(name));
  if (behavior === 'create' || behavior === '') {
    if (before)
      throw failure(`may not add resource with an already registered id: ${idText(before.object)}`);
    items.push(itemOf(object, hashed));
    return;
  }
  if (behavior !== 'merge' && behavior !== 'replace')
    throw failure(`unknown behavior: ${behavior}`);
  if (!before)
    throw failure(
      `merging from generator: id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"${kind}", isClusterScoped:false}, Name:"${name}", Namespace:"${namespace ?? ''}"} does not exist; cannot merge or replace`,
    );
  const merged = (field: string): Fields => ({
    ...(before.object[field] as Fields | undefined),
    ...(object[field] as Fields | undefined),
  });
  if (behavior === 'replace') before.object = { ...object, metadata: before.object.metadata ?? {} };
  else {
    const both = Object.fromEntries(
      ['data', 'binaryData'].flatMap((field) =>
        Object.keys(merged(field)).length > 0 ? [[field, merged(field)]] : [],
      ),
    );
    before.object = { ...before.object, ...both };
  }
}

function* contentOf(
  process: Process,
  folder: string,
  kind: string,
  generator: Generator,
): Routine<{ data?: Fields; binaryData?: Fields }> {
  const data: Record<string, string> = {};
  const binary: Record<string, string> = {};
  const secret = kind === 'Secret';
  const put = (key: string, bytes: Uint8Array): void => {
    const text = utf8(bytes);
    if (secret) data[key] = base64(bytes);
    else if (text === undefined) binary[key] = base64(bytes);
    else data[key] = text;
  };
  for (const file of generator.files ?? []) {
    const equals = file.indexOf('=');
    const path = equals < 0 ? file : file.slice(equals + 1);
    const key = equals < 0 ? (file.split('/').pop() ?? file) : file.slice(0, equals);
    const where = absolute(process, `${folder}/${path}`);
    const bytes = yield* readFile(process, where);
    if (isErrno(bytes))
      throw sourceFailure(
        `file sources: [${(generator.files ?? []).join(' ')}]: ${missingText(process, where)}`,
      );
    put(key, bytes);
  }
  const envs = [...(generator.envs ?? []), ...(generator.env ? [generator.env] : [])];
  for (const env of envs) {
    for (const line of (yield* textOf(process, folder, env)).split('\n')) {
      const pair = line.trimStart();
      if (pair === '' || pair.startsWith('#')) continue;
      const [key = '', ...value] = pair.split('=');
      put(key, encode(pair.includes('=') ? value.join('=') : (process.environment.get(key) ?? '')));
    }
  }
  for (const literal of generator.literals ?? []) {
    const text = String(literal);
    const equals = text.indexOf('=');
    if (equals <= 0)
      throw sourceFailure(
        `literal sources [${(generator.literals ?? []).join(' ')}]: invalid literal source ${text}, expected key=value`,
      );
    put(text.slice(0, equals), encode(text.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2')));
  }
  return {
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(Object.keys(binary).length > 0 ? { binaryData: binary } : {}),
  };
}

function sourceFailure(why: string): Failure {
  return failure(`loading KV pairs: ${why}`);
}

/** The text of bytes that are UTF-8. */
function utf8(bytes: Uint8Array): string | undefined {
  const text = decode(bytes);
  const back = encode(text);
  const same = back.length === bytes.length && back.every((byte, i) => byte === bytes[i]);
  return same ? text : undefined;
}
