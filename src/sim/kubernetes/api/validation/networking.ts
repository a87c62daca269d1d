// Ingress, IngressClass, NetworkPolicy.

import { isObject } from '../fields/decode.ts';
import type { KubeObject } from '../object.ts';
import type { Ingress, NetworkPolicy } from '../types/service.ts';
import { cidrMistakes, ipv4Network, isIpAddress } from './addresses.ts';
import { invalidEach } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateDomainPath } from './domain-path.ts';
import { dnsLabel1035, dnsSubdomain, portName, portNumber, wildcardSubdomain } from './names.ts';
import { validateSelector } from './selectors.ts';

type IngressSpec = Ingress['spec'];
type Backend = NonNullable<IngressSpec['defaultBackend']>;

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function validateHost(host: string, path: string): FieldError[] {
  if (isIpAddress(host)) {
    return [fieldErrors.invalid(path, host, 'must be a DNS name, not an IP address')];
  }
  const rule = host.includes('*') ? wildcardSubdomain : dnsSubdomain;
  return invalidEach(path, host, rule(host));
}

function validateBackend(backend: Backend, path: string): FieldError[] {
  const { service, resource } = backend;
  if (resource && service) {
    return [fieldErrors.invalid(path, '', 'cannot set both resource and service backends')];
  }
  if (resource) return [];
  if (!service) {
    return [fieldErrors.invalid(path, '', 'resource or service backend is required')];
  }
  const errors: FieldError[] = [];
  if (!service.name) errors.push(fieldErrors.required(`${path}.service.name`));
  else
    errors.push(...invalidEach(`${path}.service.name`, service.name, dnsLabel1035(service.name)));
  const { name = '', number = 0 } = service.port ?? {};
  if (name !== '' && number !== 0) {
    errors.push(fieldErrors.invalid(path, '', 'cannot set both port name & port number'));
  } else if (name !== '') {
    errors.push(...invalidEach(`${path}.service.port.name`, name, portName(name)));
  } else if (number !== 0) {
    errors.push(...invalidEach(`${path}.service.port.number`, number, portNumber(number)));
  } else {
    errors.push(fieldErrors.required(path, 'port name or number is required'));
  }
  return errors;
}

const BAD_PARTS = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_ENDS = ['/..', '/.'];

function validatePath(path: string | undefined, type: string, at: string): FieldError[] {
  const value = path ?? '';
  if (type === 'ImplementationSpecific') {
    if (value === '' || value.startsWith('/')) return [];
    return [fieldErrors.invalid(at, value, 'must be an absolute path')];
  }
  if (!value.startsWith('/')) return [fieldErrors.invalid(at, value, 'must be an absolute path')];
  const bad = BAD_PARTS.filter((part) => value.includes(part)).map((part) =>
    fieldErrors.invalid(at, value, `must not contain '${part}'`),
  );
  const ends = BAD_ENDS.filter((end) => value.endsWith(end)).map((end) =>
    fieldErrors.invalid(at, value, `cannot end with '${end}'`),
  );
  return [...bad, ...ends];
}

/** Checks an ingress. */
export function validateIngress({ spec }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const rules = spec.rules ?? [];
  if (rules.length === 0 && !spec.defaultBackend) {
    errors.push(
      fieldErrors.invalid(
        'spec',
        spec.rules ?? null,
        'either `defaultBackend` or `rules` must be specified',
      ),
    );
  }
  if (spec.defaultBackend) {
    errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
  }
  for (const [i, rule] of rules.entries()) {
    const at = `spec.rules[${i}]`;
    if (rule.host) errors.push(...validateHost(rule.host, `${at}.host`));
    for (const [j, one] of (rule.http?.paths ?? []).entries()) {
      const path = `${at}.http.paths[${j}]`;
      const type = one.pathType ?? '';
      if (type === '') {
        errors.push(fieldErrors.required(`${path}.pathType`, 'pathType must be specified'));
        continue;
      }
      if (!PATH_TYPES.includes(type)) {
        errors.push(fieldErrors.notSupported(`${path}.pathType`, type, PATH_TYPES));
      } else {
        errors.push(...validatePath(one.path, type, `${path}.path`));
      }
      errors.push(...validateBackend(one.backend, `${path}.backend`));
    }
    if (rule.http && (rule.http.paths ?? []).length === 0) {
      errors.push(fieldErrors.required(`${at}.http.paths`));
    }
  }
  for (const [i, tls] of (spec.tls ?? []).entries()) {
    for (const [j, host] of (tls.hosts ?? []).entries()) {
      const rule = host.includes('*') ? wildcardSubdomain : dnsSubdomain;
      errors.push(...invalidEach(`spec.tls[${i}].hosts[${j}]`, host, rule(host)));
    }
  }
  return errors;
}

/** Checks an ingress class. */
export function validateIngressClass(object: KubeObject): FieldError[] {
  const spec = isObject(object.spec) ? object.spec : {};
  const controller = String(spec.controller ?? '');
  return validateDomainPath(controller, 'spec.controller');
}

type PolicySpec = NetworkPolicy['spec'];
type Peer = NonNullable<NonNullable<NonNullable<PolicySpec['ingress']>[number]>['from']>[number];

/** A network, and parts of it that are left out. */
function validateBlock({ cidr, except }: NonNullable<Peer['ipBlock']>, path: string): FieldError[] {
  if (!cidr) return [fieldErrors.required(`${path}.cidr`)];
  const errors = invalidEach(`${path}.cidr`, cidr, cidrMistakes(cidr));
  const whole = ipv4Network(cidr);
  for (const [i, text] of (except ?? []).entries()) {
    const at = `${path}.except[${i}]`;
    errors.push(...invalidEach(at, text, cidrMistakes(text)));
    const part = ipv4Network(text);
    if (!whole || !part) continue;
    const inside = part.base >= whole.base && part.base < whole.base + whole.size;
    if (inside && part.size < whole.size) continue;
    errors.push(fieldErrors.invalid(at, text, 'must be a strict subset of `cidr`'));
  }
  return errors;
}

function validatePeer(peer: Peer, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (podSelector) errors.push(...validateSelector(podSelector, `${path}.podSelector`));
  if (namespaceSelector) {
    errors.push(...validateSelector(namespaceSelector, `${path}.namespaceSelector`));
  }
  if (ipBlock) {
    errors.push(...validateBlock(ipBlock, `${path}.ipBlock`));
    if (podSelector || namespaceSelector) {
      errors.push(fieldErrors.forbidden(path, 'may not specify both ipBlock and another peer'));
    }
  }
  if (!podSelector && !namespaceSelector && !ipBlock) {
    errors.push(fieldErrors.required(path, 'must specify a peer'));
  }
  return errors;
}

const TYPES = ['Ingress', 'Egress'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

interface PolicyPort {
  readonly port?: number | string;
  readonly endPort?: number;
}

function validateEndPort({ port, endPort }: PolicyPort, at: string): FieldError[] {
  if (endPort === undefined) return [];
  if (typeof port === 'string') {
    const why = 'may not be specified when `port` is non-numeric';
    return [fieldErrors.invalid(`${at}.endPort`, endPort, why)];
  }
  if (port === undefined) {
    const why = 'may not be specified when `port` is not specified';
    return [fieldErrors.invalid(`${at}.endPort`, endPort, why)];
  }
  if (endPort < port) {
    const why = 'must be greater than or equal to `port`';
    return [fieldErrors.invalid(`${at}.endPort`, port, why)];
  }
  return invalidEach(`${at}.endPort`, endPort, portNumber(endPort));
}

/** Checks a network policy. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const errors = spec.podSelector ? validateSelector(spec.podSelector, 'spec.podSelector') : [];
  const sides = [
    ['ingress', 'from', (spec.ingress ?? []).map((rule) => [rule.ports, rule.from] as const)],
    ['egress', 'to', (spec.egress ?? []).map((rule) => [rule.ports, rule.to] as const)],
  ] as const;
  for (const [side, peersName, rules] of sides) {
    for (const [i, [ports = [], peers = []]] of rules.entries()) {
      const at = `spec.${side}[${i}]`;
      for (const [j, port] of ports.entries()) {
        const protocol = port.protocol ?? 'TCP';
        if (!PROTOCOLS.includes(protocol)) {
          errors.push(fieldErrors.notSupported(`${at}.ports[${j}].protocol`, protocol, PROTOCOLS));
        }
        if (port.port !== undefined) {
          const wrong = typeof port.port === 'string' ? portName(port.port) : portNumber(port.port);
          errors.push(...invalidEach(`${at}.ports[${j}].port`, port.port, wrong));
        }
        errors.push(...validateEndPort(port, `${at}.ports[${j}]`));
      }
      for (const [j, peer] of peers.entries()) {
        errors.push(...validatePeer(peer, `${at}.${peersName}[${j}]`));
      }
    }
  }
  if ((spec.policyTypes ?? []).length > TYPES.length) {
    const why = 'may not specify more than two policyTypes';
    return [...errors, fieldErrors.invalid('spec.policyTypes', spec.policyTypes, why)];
  }
  for (const [i, type] of (spec.policyTypes ?? []).entries()) {
    if (!TYPES.includes(type)) {
      errors.push(fieldErrors.notSupported(`spec.policyTypes[${i}]`, type, TYPES));
    }
  }
  return errors;
}
