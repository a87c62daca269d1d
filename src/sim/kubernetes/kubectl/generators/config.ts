// kubectl create configmap, secret, namespace, quota, poddisruptionbudget, priorityclass.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { baseName, readFile } from '../../../userland/libc/whole-file.ts';
import { base64, base64Text, textOfBase64 } from '../../api/base64.ts';
import type { Call } from '../command.ts';
import type { Generator } from '../commands/create.ts';
import { Failure, failure } from '../failure.ts';
import { bool, int, list, text } from '../flags.ts';
import type { KubeObject } from '../rest.ts';
import { canonicalQuantity, QuantityError } from '../../api/fields/quantity.ts';

const FROM_FLAGS = [
  list(
    'from-file',
    'Key file can be specified using its file path, in which case file basename will be used as configmap key, or optionally with a key and file path, in which case the given key will be used.  Specifying a directory will iterate each named file in the directory whose basename is a valid configmap key.',
  ),
  list(
    'from-literal',
    'Specify a key and literal value to insert in configmap (i.e. mykey=somevalue)',
    undefined,
    false,
  ),
  list(
    'from-env-file',
    'Specify the path to a file to read lines of key=val pairs to create a configmap.',
  ),
];

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

const APPEND_HASH = bool('append-hash', 'Append a hash of the configmap to its name.');

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
    operands:
      'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none] [options]',
    short: 'Create a secret for use with a Docker registry',
    called: 'secret',
    flags: [
      list('from-file', 'Key files can be specified using their file path.'),
      list('from-literal', '', undefined, false),
      list('from-env-file', ''),
      APPEND_HASH,
      text('docker-email', 'Email for Docker registry'),
      text('docker-password', 'Password for Docker registry authentication'),
      text('docker-server', 'Server location for Docker registry', 'https://index.docker.io/v1/'),
      text('docker-username', 'Username for Docker registry authentication'),
    ],
    make: dockerSecret,
  },
  {
    name: 'generic',
    operands:
      'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
    short: 'Create a secret from a local file, directory, or literal value',
    called: 'secret',
    flags: [...FROM_FLAGS, APPEND_HASH, text('type', 'The type of secret to create')],
    make: genericSecret,
  },
  {
    name: 'tls',
    operands:
      'NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none] [options]',
    short: 'Create a TLS secret',
    called: 'secret',
    flags: [
      APPEND_HASH,
      text('cert', 'Path to PEM encoded public key certificate.'),
      text('key', 'Path to private key associated with given certificate.'),
    ],
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
    aliases: ['cm'],
    operands:
      'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
    short: 'Create a config map from a local file, directory or literal value',
    flags: [...FROM_FLAGS, APPEND_HASH],
    make: configMap,
  },
  {
    name: 'secret',
    operands: '(docker-registry | generic | tls) [options]',
    short: 'Create a secret using a specified subcommand',
    flags: [],
    below: secretBelow,
  },
  {
    name: 'namespace',
    aliases: ['ns'],
    operands: 'NAME [--dry-run=server|client|none] [options]',
    short: 'Create a namespace with the specified name',
    flags: [],
    called: '',
    *make(_call, name) {
      return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} };
    },
  },
  {
    name: 'quota',
    aliases: ['resourcequota'],
    operands:
      'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none] [options]',
    short: 'Create a quota with the specified name',
    flags: [
      list('hard', 'A comma-delimited set of resource=quantity pairs that define a hard limit.'),
      list(
        'scopes',
        'A comma-delimited set of quota scopes that must all match each object tracked by the quota.',
      ),
    ],
    called: 'quota',
    make: quota,
  },
  {
    name: 'poddisruptionbudget',
    aliases: ['pdb'],
    operands: 'NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]',
    short: 'Create a pod disruption budget with the specified name',
    flags: [
      text(
        'max-unavailable',
        'The maximum number or percentage of unavailable pods this budget requires.',
      ),
      text(
        'min-available',
        'The minimum number or percentage of available pods this budget requires.',
      ),
      text(
        'selector',
        'A label selector to use for this budget. Only equality-based selector requirements are supported.',
      ),
    ],
    called: 'poddisruptionbudgets',
    make: budget,
  },
  {
    name: 'priorityclass',
    aliases: ['pc'],
    operands: 'NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none] [options]',
    short: 'Create a priority class with the specified name',
    flags: [
      text(
        'description',
        'description is an arbitrary string that usually provides guidelines on when this priority class should be used.',
      ),
      bool(
        'global-default',
        'global-default specifies whether this PriorityClass should be considered as the default priority.',
      ),
      text(
        'preemption-policy',
        'preemption-policy is the policy for preempting pods with lower priority.',
        'PreemptLowerPriority',
      ),
      int('value', 'the value of this priority class.', '0'),
    ],
    called: 'priorityclass',
    make: priorityClass,
  },
];
