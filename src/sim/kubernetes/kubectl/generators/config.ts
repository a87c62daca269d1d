// kubectl create configmap, secret, namespace, quota, poddisruptionbudget, priorityclass.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { baseName, readFile } from '../../../userland/libc/whole-file.ts';
import { base64, base64Text, textOfBase64 } from '../../../core/base64.ts';
import { canonicalQuantity, QuantityError } from '../../api/fields/quantity.ts';
import type { Call } from '../command.ts';
import type { Generator } from '../commands/create.ts';
import { Failure, failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';

const KEY = /^[-._a-zA-Z0-9]+$/;

/** The entries that --from-file, --from-literal and --from-env-file name, in that order. */
function* entries(call: Call, what: string): Routine<Map<string, Uint8Array>> {
  const data = new Map<string, Uint8Array>();
  const { values, main } = call;
  const add = (key: string, value: Uint8Array): void => {
    if (!KEY.test(key)) {
      throw failure(
        `"${key}" is not a valid key name for a ${what}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      );
    }
    if (data.has(key))
      throw failure(
        `cannot add key "${key}", another key by that name already exists in Data for ${what} "${call.args[0] ?? ''}"`,
      );
    data.set(key, value);
  };
  const envFiles = values.all('from-env-file');
  if (
    envFiles.length > 0 &&
    (values.all('from-file').length > 0 || values.all('from-literal').length > 0)
  ) {
    throw failure('from-env-file cannot be combined with from-file or from-literal');
  }
  for (const source of values.all('from-file')) {
    const [first = '', ...rest] = source.split('=');
    const path = rest.length > 0 ? rest.join('=') : first;
    const key = rest.length > 0 ? first : baseName(path);
    if (rest.length > 0 && first === '') throw failure(`key name for file path ${path} missing`);
    const stat = main.process.stat(path);
    if (!isErrno(stat) && (stat.mode & 0o170000) === 0o040000) {
      const names = main.process.readdir(path);
      if (rest.length > 0) throw failure('cannot give a key name for a directory path');
      for (const { name } of isErrno(names)
        ? []
        : [...names].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const inside = main.process.stat(`${path}/${name}`);
        if (isErrno(inside) || (inside.mode & 0o170000) !== 0o100000 || !KEY.test(name)) continue;
        const bytes = yield* readFile(main.process, `${path}/${name}`);
        if (!isErrno(bytes)) add(name, bytes);
      }
      continue;
    }
    const bytes = path === '-' ? yield* main.input.rest() : yield* readFile(main.process, path);
    if (isErrno(bytes)) throw failure(`error reading ${path}: ${bytes.message.toLowerCase()}`);
    add(key, bytes);
  }
  for (const source of values.all('from-literal')) {
    const at = source.indexOf('=');
    if (at < 1) throw failure(`invalid literal source ${source}, expected key=value`);
    const raw = source.slice(at + 1);
    const quoted = /^(["'])(.*)\1$/s.exec(raw);
    add(source.slice(0, at), encode(quoted ? (quoted[2] ?? '') : raw));
  }
  for (const path of envFiles) {
    const bytes = yield* readFile(main.process, path);
    if (isErrno(bytes)) throw failure(`error reading ${path}: ${bytes.message.toLowerCase()}`);
    for (const line of decode(bytes).split('\n')) {
      const bare = line.trimStart();
      if (bare === '' || bare.startsWith('#')) continue;
      const at = bare.indexOf('=');
      const key = at < 0 ? bare : bare.slice(0, at);
      add(key, encode(at < 0 ? (main.process.environment.get(key) ?? '') : bare.slice(at + 1)));
    }
  }
  return data;
}

function isText(bytes: Uint8Array): boolean {
  const back = encode(decode(bytes));
  return (
    back.length === bytes.length &&
    back.every((byte, i) => byte === bytes[i]) &&
    !decode(bytes).includes('\ufffd')
  );
}

function* configMap(call: Call, name: string): Routine<KubeObject> {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [key, bytes] of yield* entries(call, 'ConfigMap')) {
    if (isText(bytes)) data[key] = decode(bytes);
    else binaryData[key] = base64(bytes);
  }
  return hashed(call, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
  });
}

function hashed(call: Call, object: KubeObject): KubeObject {
  if (call.values.is('append-hash'))
    throw new Failure('drydock: kubectl create --append-hash is not simulated', 125);
  return object;
}

function* genericSecret(call: Call, name: string): Routine<KubeObject> {
  const data: Record<string, string> = {};
  for (const [key, bytes] of yield* entries(call, 'Secret')) data[key] = base64(bytes);
  const type = call.values.text('type');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(type === '' ? {} : { type }),
  };
}

function* tlsSecret(call: Call, name: string): Routine<KubeObject> {
  const paths = { 'tls.crt': call.values.text('cert'), 'tls.key': call.values.text('key') };
  const data: Record<string, string> = {};
  if (paths['tls.key'] === '' || paths['tls.crt'] === '')
    throw failure('key and cert must be specified');
  for (const [key, path] of Object.entries(paths)) {
    const bytes = yield* readFile(call.main.process, path);
    if (isErrno(bytes)) throw failure(`open ${path}: ${bytes.message.toLowerCase()}`);
    data[key] = base64(bytes);
  }
  if (!/-----BEGIN/.test(textOfBase64(data['tls.crt'] ?? ''))) {
    throw failure('tls: failed to find any PEM data in certificate input');
  }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/tls', data };
}

function* dockerSecret(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const files = yield* entries(call, 'Secret');
  const data: Record<string, string> = {};
  if (files.size > 0) for (const [key, bytes] of files) data[key] = base64(bytes);
  else {
    const [username, password, email, server] = [
      'docker-username',
      'docker-password',
      'docker-email',
      'docker-server',
    ].map((flag) => values.text(flag));
    if (!username || !password)
      throw failure(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      );
    const auth = base64Text(`${username}:${password}`);
    const entry = { username, password, ...(email ? { email } : {}), auth };
    data['.dockerconfigjson'] = base64Text(JSON.stringify({ auths: { [server ?? '']: entry } }));
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/dockerconfigjson',
    data,
  };
}

const secretBelow: readonly Generator[] = [
  {
    name: 'docker-registry',
    called: 'secret',
    make: dockerSecret,
  },
  {
    name: 'generic',
    called: 'secret',
    make: genericSecret,
  },
  {
    name: 'tls',
    called: 'secret',
    make: tlsSecret,
  },
];

function* quota(call: Call, name: string): Routine<KubeObject> {
  const hard: Record<string, string> = {};
  for (const pair of call.values.list('hard')) {
    const [key = '', value] = pair.split('=');
    if (value === undefined || value === '')
      throw failure(`invalid argument syntax ${pair}, expected <resource>=<value>`);
    const quantity = canonicalQuantity(value);
    if (quantity instanceof QuantityError) throw failure(quantity.message);
    hard[key] = quantity;
  }
  const scopes = call.values.list('scopes');
  const spec = {
    ...(Object.keys(hard).length > 0 ? { hard } : {}),
    ...(scopes.length > 0 ? { scopes } : {}),
  };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec, status: {} };
}

function* budget(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const minimum = values.text('min-available');
  const maximum = values.text('max-unavailable');
  if (values.text('selector') === '') throw failure('a selector must be specified');
  if (minimum === '' && maximum === '')
    throw failure('one of min-available or max-unavailable must be specified');
  if (minimum !== '' && maximum !== '')
    throw failure('min-available and max-unavailable cannot be both specified');
  const number = (value: string): string | number => (/^\d+$/.test(value) ? Number(value) : value);
  const matchLabels = Object.fromEntries(
    values
      .text('selector')
      .split(',')
      .map((pair) => pair.split(/==?/) as [string, string]),
  );
  const spec = {
    ...(minimum === '' ? { maxUnavailable: number(maximum) } : { minAvailable: number(minimum) }),
    selector: { matchLabels },
  };
  const status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec, status };
}

function* priorityClass(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const description = values.text('description');
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value: values.number('value'),
    ...(values.is('global-default') ? { globalDefault: true } : {}),
    ...(description ? { description } : {}),
    preemptionPolicy: values.text('preemption-policy'),
  };
}

export const configGenerators: readonly Generator[] = [
  {
    name: 'configmap',
    make: configMap,
  },
  {
    name: 'secret',
    below: secretBelow,
  },
  {
    name: 'namespace',
    called: '',
    *make(_call, name) {
      return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} };
    },
  },
  {
    name: 'quota',
    called: 'quota',
    make: quota,
  },
  {
    name: 'poddisruptionbudget',
    called: 'poddisruptionbudgets',
    make: budget,
  },
  {
    name: 'priorityclass',
    called: 'priorityclass',
    make: priorityClass,
  },
];
