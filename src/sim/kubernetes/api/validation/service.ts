// Service: ports, addresses, types, and what may not change once it was given.

import type { Service, ServicePort, ServiceSpec } from '../types/service.ts';
import { IP_WORDS, ipv4Network, isIpAddress } from './addresses.ts';
import { invalidEach } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateLabels } from './metadata.ts';
import { dnsLabel, dnsSubdomain, portName, portNumber } from './names.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const POLICIES = ['Cluster', 'Local'];

const isHeadless = (spec: ServiceSpec): boolean =>
  spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';

/** Checks a service. */
export function validateService(service: Service): FieldError[] {
  const { spec } = service;
  const malformed = malformedAddress(spec);
  if (malformed) return [malformed];
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') {
    errors.push(fieldErrors.required('spec.ports'));
  }
  if (spec.type === 'LoadBalancer' && isHeadless(spec)) {
    errors.push(
      fieldErrors.invalid(
        'spec.clusterIPs[0]',
        'None',
        "may not be set to 'None' for LoadBalancer services",
      ),
    );
  }
  if (spec.type === 'NodePort' && isHeadless(spec)) {
    errors.push(
      fieldErrors.invalid(
        'spec.clusterIPs[0]',
        'None',
        "may not be set to 'None' for NodePort services",
      ),
    );
  }
  if (spec.type === 'ExternalName') {
    const name = (spec.externalName ?? '').replace(/\.$/, '');
    if (name === '') errors.push(fieldErrors.required('spec.externalName'));
    else errors.push(...invalidEach('spec.externalName', spec.externalName, dnsSubdomain(name)));
  }
  errors.push(...validatePorts(ports));
  errors.push(...validateLabels(spec.selector, 'spec.selector'));
  if (!AFFINITIES.includes(spec.sessionAffinity ?? '')) {
    errors.push(
      fieldErrors.notSupported('spec.sessionAffinity', spec.sessionAffinity ?? '', AFFINITIES),
    );
  } else if (spec.sessionAffinity === 'ClientIP') {
    errors.push(...validateTimeout(spec));
  }
  errors.push(...validateAddresses(spec));
  if (!TYPES.includes(spec.type ?? '')) {
    errors.push(fieldErrors.notSupported('spec.type', spec.type ?? '', TYPES));
  }
  errors.push(...validateNodePorts(spec, ports), ...validateDuplicates(ports));
  errors.push(...validateBalancer(spec), ...validatePolicies(spec), ...validateFamilies(spec));
  return errors;
}

/** What the server warns of in a service: fields that do nothing for its type. */
export function serviceWarnings(spec: ServiceSpec): string[] {
  const { type, externalName, externalIPs = [], loadBalancerIP, sessionAffinity } = spec;
  const outside = externalIPs.length > 0;
  if (type === 'ExternalName')
    return outside ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : [];
  const found: string[] = [];
  if (isHeadless(spec)) {
    const ignored = (field: string): number =>
      found.push(`spec.${field} is ignored for headless services`);
    if (loadBalancerIP) ignored('loadBalancerIP');
    if (outside) ignored('externalIPs');
    if (sessionAffinity !== 'None') ignored('SessionAffinity');
  } else if (outside)
    found.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (externalName) found.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  return found;
}

/** Addresses that cannot be given out at all are told of before the rest is looked at. */
function malformedAddress({ clusterIP, clusterIPs, type }: ServiceSpec): FieldError | undefined {
  const given = clusterIPs ?? (clusterIP ? [clusterIP] : []);
  const at = given.findIndex((ip) => ip !== 'None' && !isIpAddress(ip));
  if (type === 'ExternalName' || at < 0) return undefined;
  return fieldErrors.invalid(`spec.clusterIPs[${at}]`, given[at], IP_WORDS);
}

function validateTimeout(spec: ServiceSpec): FieldError[] {
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0;
  if (seconds > 0 && seconds <= 86400) return [];
  return [
    fieldErrors.invalid(
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
      seconds,
      'must be greater than 0 and less than 86400',
    ),
  ];
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    const name = port.name ?? '';
    if (name === '') {
      if (ports.length > 1) errors.push(fieldErrors.required(`${at}.name`));
    } else {
      errors.push(...invalidEach(`${at}.name`, name, dnsLabel(name)));
      if (names.has(name)) errors.push(fieldErrors.duplicate(`${at}.name`, name));
      names.add(name);
    }
    errors.push(...invalidEach(`${at}.port`, port.port, portNumber(port.port)));
    if (!PROTOCOLS.includes(port.protocol ?? '')) {
      errors.push(fieldErrors.notSupported(`${at}.protocol`, port.protocol ?? '', PROTOCOLS));
    }
    const target = port.targetPort ?? 0;
    const wrong = typeof target === 'string' ? portName(target) : portNumber(target);
    errors.push(...invalidEach(`${at}.targetPort`, target, wrong));
  }
  return errors;
}

function validateAddresses(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    if (!isIpAddress(ip)) errors.push(fieldErrors.invalid(`spec.externalIPs[${i}]`, ip, IP_WORDS));
  }
  const clusterIPs = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  if (spec.type === 'ExternalName' && clusterIPs.length > 0) {
    errors.push(
      fieldErrors.forbidden('spec.clusterIPs', 'may not be set for ExternalName services'),
    );
    return errors;
  }
  for (const [i, ip] of clusterIPs.entries()) {
    if (ip === 'None' && i === 0) continue;
    if (!isIpAddress(ip)) {
      errors.push(fieldErrors.invalid(`spec.clusterIPs[${i}]`, ip, IP_WORDS));
    }
  }
  return errors;
}

function validateNodePorts(spec: ServiceSpec, ports: readonly ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const used = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const nodePort = port.nodePort ?? 0;
    if (nodePort === 0) continue;
    const at = `spec.ports[${i}].nodePort`;
    if (spec.type === 'ClusterIP' || spec.type === 'ExternalName') {
      errors.push(fieldErrors.forbidden(at, `may not be used when \`type\` is '${spec.type}'`));
      continue;
    }
    const key = `${port.protocol}/${nodePort}`;
    if (used.has(key)) errors.push(fieldErrors.duplicate(at, nodePort));
    used.add(key);
  }
  return errors;
}

function validateDuplicates(ports: readonly ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const used = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const key = `${port.protocol}/${port.port}`;
    if (used.has(key)) {
      errors.push(
        fieldErrors.duplicate(`spec.ports[${i}]`, {
          Name: '',
          Protocol: port.protocol ?? '',
          AppProtocol: null,
          Port: port.port,
          TargetPort: 0,
          NodePort: 0,
        }),
      );
    }
    used.add(key);
  }
  return errors;
}

const CIDR_WORDS = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** What only a load balancer may ask for. */
function validateBalancer(spec: ServiceSpec): FieldError[] {
  const { loadBalancerSourceRanges: ranges = [], type } = spec;
  if (type === 'LoadBalancer') {
    return ranges.flatMap((range, i) =>
      ipv4Network(range.trim())
        ? []
        : [fieldErrors.invalid(`spec.LoadBalancerSourceRanges[${i}]`, range, CIDR_WORDS)],
    );
  }
  const only = "may only be used when `type` is 'LoadBalancer'";
  const errors: FieldError[] = [];
  if (ranges.length > 0) errors.push(fieldErrors.forbidden('spec.LoadBalancerSourceRanges', only));
  if (spec.allocateLoadBalancerNodePorts !== undefined)
    errors.push(fieldErrors.forbidden('spec.allocateLoadBalancerNodePorts', only));
  if (spec.loadBalancerClass !== undefined)
    errors.push(fieldErrors.forbidden('spec.loadBalancerClass', only));
  return errors;
}

/** The families of addresses: the cluster has IPv4 alone. */
function validateFamilies({ ipFamilies = [], ipFamilyPolicy, type }: ServiceSpec): FieldError[] {
  if (type === 'ExternalName') return [];
  if (ipFamilyPolicy === 'RequireDualStack') {
    const why = 'this cluster is not configured for dual-stack services';
    return [fieldErrors.invalid('spec.ipFamilyPolicy', ipFamilyPolicy, why)];
  }
  if (ipFamilies.length > 1 && (ipFamilyPolicy ?? 'SingleStack') === 'SingleStack') {
    const why =
      "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified";
    return [fieldErrors.invalid('spec.ipFamilyPolicy', 'SingleStack', why)];
  }
  return ipFamilies.flatMap((family, i) =>
    family === 'IPv4'
      ? []
      : [fieldErrors.invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster')],
  );
}

function validatePolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const outer = spec.externalTrafficPolicy;
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (outer !== undefined && !external && (spec.externalIPs ?? []).length === 0) {
    errors.push(
      fieldErrors.invalid(
        'spec.externalTrafficPolicy',
        outer,
        'may only be set for externally-accessible services',
      ),
    );
  } else if (outer !== undefined && !POLICIES.includes(outer)) {
    errors.push(fieldErrors.notSupported('spec.externalTrafficPolicy', outer, POLICIES));
  }
  const inner = spec.internalTrafficPolicy;
  if (inner !== undefined && !POLICIES.includes(inner)) {
    errors.push(fieldErrors.notSupported('spec.internalTrafficPolicy', inner, POLICIES));
  }
  return errors;
}

/** Checks a change: the address stays while the service has one. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const before = old.spec.clusterIPs?.[0];
  const keeps = old.spec.type !== 'ExternalName' && service.spec.type !== 'ExternalName';
  const now = service.spec.clusterIPs ?? [];
  if (keeps && before !== undefined && before !== '' && now[0] !== before) {
    errors.push(fieldErrors.invalid('spec.clusterIPs[0]', now, 'may not change once set'));
  }
  return [...errors, ...validateService(service)];
}
