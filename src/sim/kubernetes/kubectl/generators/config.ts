// kubectl create configmap, secret, namespace, quota, poddisruptionbudget, priorityclass.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { base64, base64Text, textOfBase64 } from '../../../core/base64.ts';
import { canonicalQuantity, QuantityError } from '../../api/fields/quantity.ts';
import type { Call } from '../command.ts';
import type { Generator } from '../commands/create.ts';
import { failure } from '../failure.ts';
import { hashOfContent } from '../kustomize/names.ts';
import { toLabelSelector } from '../label-selector.ts';
import type { KubeObject } from '../rest.ts';
import { entriesOf, isText } from './sources.ts';

function* configMap(call: Call, name: string): Routine<KubeObject> {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [key, bytes] of yield* entriesOf(call, 'ConfigMap')) {
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

/** With --append-hash the name ends with a hash of kind, name, type and content. */
function hashed(call: Call, object: KubeObject): KubeObject {
  if (!call.values.is('append-hash')) return object;
  const { kind, type, data = {}, binaryData, metadata } = object;
  const name = metadata?.name ?? '';
  const hash = hashOfContent({
    kind,
    name,
    ...(kind === 'Secret' ? { type: type ?? '' } : {}),
    data,
    ...(binaryData ? { binaryData } : {}),
  });
  return { ...object, metadata: { ...metadata, name: `${name}-${hash}` } };
}

function* genericSecret(call: Call, name: string): Routine<KubeObject> {
  const data: Record<string, string> = {};
  for (const [key, bytes] of yield* entriesOf(call, 'Secret')) data[key] = base64(bytes);
  const type = call.values.text('type');
  return hashed(call, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(type === '' ? {} : { type }),
  });
}

function* tlsSecret(call: Call, name: string): Routine<KubeObject> {
  const paths = { 'tls.crt': call.values.text('cert'), 'tls.key': call.values.text('key') };
  const data: Record<string, string> = {};
  if (paths['tls.key'] === '' || paths['tls.crt'] === '')
    throw failure('key and cert must be specified');
  for (const [key, path] of Object.entries(paths)) {
    const bytes = yield* readFile(call.main.process, path);
    if (isErrno(bytes))
      throw failure(`Cannot read file ${path}, open ${path}: ${bytes.message.toLowerCase()}`);
    data[key] = base64(bytes);
  }
  if (!/-----BEGIN/.test(textOfBase64(data['tls.crt'] ?? ''))) {
    throw failure('tls: failed to find any PEM data in certificate input');
  }
  return hashed(call, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/tls',
    data,
  });
}

function* dockerSecret(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const files = yield* entriesOf(call, 'Secret');
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
  return hashed(call, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/dockerconfigjson',
    data,
  });
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
      throw failure(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
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
  const spec = {
    ...(minimum === '' ? { maxUnavailable: number(maximum) } : { minAvailable: number(minimum) }),
    selector: selectorOf(values.text('selector')),
  };
  const status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec, status };
}

/** A selector with the parts that it has. */
function selectorOf(text: string): object {
  const { matchLabels, matchExpressions } = toLabelSelector(text);
  return {
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
  };
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
