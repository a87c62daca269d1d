// The core group's smaller kinds: Secret, ServiceAccount, Endpoints, Node, PodTemplate, Binding, ComponentStatus.

import { base64Text, textOfBase64 } from '../../../core/base64.ts';
import { syntaxError } from '../handlers/body.ts';
import { templateDefaults } from '../defaults/pod-spec.ts';
import { fillIn, type KubeObject, replaceField, sameJson } from '../object.ts';
import {
  ageTable,
  componentStatusTable,
  endpointsTable,
  nodeTable,
  secretTable,
} from '../tables/core.ts';
import { podTemplateTable } from '../tables/workloads.ts';
import type { Secret } from '../types/config.ts';
import type { Node } from '../types/node.ts';
import type { PodTemplate } from '../types/pod.ts';
import { ipv4Network } from '../validation/addresses.ts';
import { validateEndpoints } from '../validation/endpoints.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { configMapKey, qualifiedName } from '../validation/names.ts';
import { validateTemplateSpec } from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const asSecret = (object: KubeObject): Secret => object as unknown as Secret;

/** Keys that a type of secret must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function secretDefaults(object: KubeObject): KubeObject {
  const secret = fillIn(asSecret(object), { type: 'Opaque' });
  const plain = secret.stringData;
  if (!plain) return secret as unknown as KubeObject;
  const encoded = Object.entries(plain).map(([key, text]) => [key, base64Text(text)]);
  const { stringData: _, ...rest } = secret;
  const data = { ...secret.data, ...Object.fromEntries(encoded) };
  return { ...rest, data } as unknown as KubeObject;
}

/** The credentials of registries must be JSON. */
function notJson(key: string, encoded: string): FieldError[] {
  const text = textOfBase64(encoded);
  try {
    JSON.parse(text);
    return [];
  } catch {
    const hidden = '<secret contents redacted>';
    return [fieldErrors.invalid(`data[${key}]`, hidden, syntaxError(text))];
  }
}

function validateSecret(object: KubeObject): FieldError[] {
  const { data = {}, type = '', metadata } = asSecret(object);
  const errors = Object.keys(data).flatMap((key) =>
    configMapKey(key).map((message) => fieldErrors.invalid(`data[${key}]`, key, message)),
  );
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[ACCOUNT_NAME]) {
    errors.push(fieldErrors.required(`metadata.annotations[${ACCOUNT_NAME}]`));
  }
  for (const key of REQUIRED_KEYS[type] ?? []) {
    if (!(key in data)) errors.push(fieldErrors.required(`data[${key}]`));
    else if (key.startsWith('.docker')) errors.push(...notJson(key, data[key] ?? ''));
  }
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data)) {
    errors.push(fieldErrors.required('data[username]'), fieldErrors.required('data[password]'));
  }
  return errors;
}

function validateSecretUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const now = asSecret(object);
  const before = asSecret(old);
  const errors: FieldError[] = [];
  if (now.type !== before.type) {
    errors.push(fieldErrors.invalid('type', now.type ?? '', 'field is immutable'));
  }
  const frozen = 'field is immutable when `immutable` is set';
  if (before.immutable && !now.immutable) errors.push(fieldErrors.forbidden('immutable', frozen));
  if (before.immutable && !sameJson(now.data, before.data)) {
    errors.push(fieldErrors.forbidden('data', frozen));
  }
  return [...errors, ...validateSecret(object)];
}

export const secret: KindDescriptor = {
  kind: 'Secret',
  group: '',
  version: 'v1',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  type: 'core/v1.Secret',
  storage: 'secrets',
  defaults: secretDefaults,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  selectableFields: { type: (object) => asSecret(object).type ?? '' },
  table: secretTable,
};

export const serviceAccount: KindDescriptor = {
  kind: 'ServiceAccount',
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  namespaced: true,
  shortNames: ['sa'],
  type: 'core/v1.ServiceAccount',
  storage: 'serviceaccounts',
  subresources: [
    {
      name: 'token',
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
      verbs: ['create'],
    },
  ],
  table: ageTable,
};

export const endpoints: KindDescriptor = {
  kind: 'Endpoints',
  group: '',
  version: 'v1',
  plural: 'endpoints',
  singular: 'endpoints',
  namespaced: true,
  shortNames: ['ep'],
  type: 'core/v1.Endpoints',
  storage: 'services/endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  validate: validateEndpoints,
  validateUpdate: validateEndpoints,
  table: endpointsTable,
};

const asNode = (object: KubeObject): Node => object as unknown as Node;

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateNode(object: KubeObject): FieldError[] {
  const { taints = [], podCIDRs = [], podCIDR } = asNode(object).spec;
  const errors = taints.flatMap(({ key, value = '', effect }, i) => {
    const at = `metadata.taints[${i}]`;
    const wrong = qualifiedName(key).map((text) => fieldErrors.invalid(`${at}.key`, key, text));
    const first = taints.findIndex((one) => one.key === key && one.effect === effect);
    if (first < i) {
      const shown = JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: null });
      const why = 'taints must be unique by key and effect pair';
      const duplicate = fieldErrors.duplicate(at, '');
      wrong.push({ ...duplicate, body: `Duplicate value: ${shown}: ${why}` });
    }
    if (EFFECTS.includes(effect)) return wrong;
    return [...wrong, fieldErrors.notSupported(`${at}.effect`, effect, EFFECTS)];
  });
  const ranges = podCIDRs.length > 0 ? podCIDRs : podCIDR ? [podCIDR] : [];
  for (const [i, range] of ranges.entries()) {
    if (ipv4Network(range) || range.includes(':')) continue;
    errors.push(
      fieldErrors.invalid(
        `spec.podCIDRs[${i}]`,
        range,
        'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ),
    );
  }
  return errors;
}

function validateNodeUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors = validateNode(object);
  const before = asNode(old).spec;
  const now = asNode(object).spec;
  if (before.podCIDR && now.podCIDR !== before.podCIDR) {
    errors.push(
      fieldErrors.forbidden(
        'spec.podCIDRs',
        'node updates may not change podCIDR except from "" to valid',
      ),
    );
  }
  if (before.providerID && now.providerID !== before.providerID) {
    errors.push(
      fieldErrors.forbidden(
        'spec.providerID',
        'node updates may not change providerID except from "" to valid',
      ),
    );
  }
  return errors;
}

export const node: KindDescriptor = {
  kind: 'Node',
  group: '',
  version: 'v1',
  plural: 'nodes',
  singular: 'node',
  namespaced: false,
  shortNames: ['no'],
  type: 'core/v1.Node',
  storage: 'minions',
  hasStatus: true,
  subresources: [
    {
      name: 'proxy',
      kind: 'NodeProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
  ],
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  selectableFields: {
    'spec.unschedulable': (object) => String(asNode(object).spec.unschedulable ?? false),
  },
  table: nodeTable,
};

const templateOf = (object: KubeObject): PodTemplate => object as unknown as PodTemplate;

export const podTemplate: KindDescriptor = {
  kind: 'PodTemplate',
  group: '',
  version: 'v1',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  type: 'core/v1.PodTemplate',
  storage: 'podtemplates',
  generation: true,
  defaults: (object) =>
    replaceField(object, 'template', templateDefaults(templateOf(object).template)),
  validate: (object) => validateTemplateSpec(templateOf(object).template, 'template'),
  validateUpdate: (object) => validateTemplateSpec(templateOf(object).template, 'template'),
  table: podTemplateTable,
};

export const binding: KindDescriptor = {
  kind: 'Binding',
  group: '',
  version: 'v1',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  verbs: ['create'],
  type: 'core/v1.Binding',
  storage: 'bindings',
  virtual: true,
};

export const componentStatus: KindDescriptor = {
  kind: 'ComponentStatus',
  group: '',
  version: 'v1',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  namespaced: false,
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  type: 'core/v1.ComponentStatus',
  storage: 'componentstatuses',
  virtual: true,
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  table: componentStatusTable,
};
