// What a pod's spec says of its host, its names, its DNS and its resources as a whole.

import { compareQuantities } from '../fields/quantity.ts';
import { podTotal } from '../resources/usage.ts';
import type { Container } from '../types/container.ts';
import type { HostAlias, PodDNSConfig, PodSpec } from '../types/pod.ts';
import { IP_WORDS, isIpAddress } from './addresses.ts';
import { invalidEach } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore } from './names.ts';
import { validateResources } from './resources.ts';

/** A port of the host that two containers of a list want. */
export function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  for (const [i, { ports = [] }] of containers.entries()) {
    for (const [j, { hostPort = 0, hostIP = '', protocol = '' }] of ports.entries()) {
      if (hostPort === 0) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) {
        errors.push(fieldErrors.duplicate(`${path}[${i}].ports[${j}].hostPort`, key));
      }
      taken.add(key);
    }
  }
  return errors;
}

/** On the host's network a container's port is the host's; a template may leave it out. */
export function validateHostNetworkPorts(
  { hostNetwork, containers = [] }: PodSpec,
  path: string,
  isTemplate: boolean,
): FieldError[] {
  if (!hostNetwork) return [];
  const why = 'must match `containerPort` when `hostNetwork` is true';
  return containers.flatMap(({ ports = [] }, i) =>
    ports.flatMap(({ hostPort = 0, containerPort }, j) =>
      hostPort === containerPort || (isTemplate && hostPort === 0)
        ? []
        : [fieldErrors.invalid(`${path}[${i}].ports[${j}].hostPort`, hostPort, why)],
    ),
  );
}

const MOST_SERVERS = 3;
const MOST_SEARCHES = 32;
const LONGEST_SEARCHES = 2048;

function validateDnsConfig(config: PodDNSConfig, path: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config;
  const errors: FieldError[] = [];
  if (nameservers.length > MOST_SERVERS) {
    const why = `must not have more than ${MOST_SERVERS} nameservers`;
    errors.push(fieldErrors.invalid(`${path}.nameservers`, nameservers, why));
  }
  for (const [i, server] of nameservers.entries()) {
    if (isIpAddress(server)) continue;
    errors.push(fieldErrors.invalid(`${path}.nameservers[${i}]`, server, IP_WORDS));
  }
  if (searches.length > MOST_SEARCHES) {
    const why = `must not have more than ${MOST_SEARCHES} search paths`;
    errors.push(fieldErrors.invalid(`${path}.searches`, searches, why));
  }
  if (searches.join(' ').length > LONGEST_SEARCHES) {
    const why = `must not have more than ${LONGEST_SEARCHES} characters (including spaces) in the search list`;
    errors.push(fieldErrors.invalid(`${path}.searches`, searches, why));
  }
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue;
    const name = search.replace(/\.$/, '');
    errors.push(...invalidEach(`${path}.searches[${i}]`, name, dnsSubdomainWithUnderscore(name)));
  }
  for (const [i, { name = '' }] of options.entries()) {
    if (name === '')
      errors.push(fieldErrors.required(`${path}.options[${i}]`, 'must not be empty'));
  }
  return errors;
}

/** dnsPolicy None needs servers of one's own; what dnsConfig may hold. */
export function validateDns(spec: PodSpec, path: string): FieldError[] {
  const { dnsConfig } = spec;
  if (spec.dnsPolicy !== 'None')
    return dnsConfig ? validateDnsConfig(dnsConfig, `${path}.dnsConfig`) : [];
  if (!dnsConfig) {
    return [
      fieldErrors.required(
        `${path}.dnsConfig`,
        'must provide `dnsConfig` when `dnsPolicy` is None',
      ),
    ];
  }
  if ((dnsConfig.nameservers ?? []).length > 0) {
    return validateDnsConfig(dnsConfig, `${path}.dnsConfig`);
  }
  return [
    fieldErrors.required(
      `${path}.dnsConfig.nameservers`,
      'must provide at least one DNS nameserver when `dnsPolicy` is None',
    ),
  ];
}

const LONGEST_HOSTNAME = 64;

/** hostnameOverride: what the pod's own kernel is told, in place of what its name would give. */
export function validateHostnameOverride(spec: PodSpec, path: string): FieldError[] {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return [];
  const at = `${path}.hostnameOverride`;
  const errors: FieldError[] = [];
  for (const field of ['setHostnameAsFQDN', 'hostNetwork'] as const) {
    if (!spec[field]) continue;
    errors.push(fieldErrors.forbidden(at, `may not be specified when ${field} is true`));
  }
  if (name.length > LONGEST_HOSTNAME) errors.push(fieldErrors.tooLong(at, LONGEST_HOSTNAME));
  return [...errors, ...invalidEach(at, name, dnsSubdomain(name))];
}

/** Names of other objects, and the host's own. */
export function validateNames(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const rules = [
    ['serviceAccountName', dnsSubdomain],
    ['nodeName', dnsSubdomain],
    ['hostname', dnsLabel],
    ['subdomain', dnsLabel],
    ['priorityClassName', dnsSubdomain],
    ['runtimeClassName', dnsSubdomain],
  ] as const;
  for (const [field, rule] of rules) {
    const value = spec[field];
    if (value) errors.push(...invalidEach(`${path}.${field}`, value, rule(value)));
  }
  return errors;
}

/** hostUsers: false goes with no other namespace of the host. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const why = 'when `hostUsers` is false';
  const errors: FieldError[] = [];
  if (spec.hostNetwork) errors.push(fieldErrors.forbidden(`${path}.hostNetwork`, why));
  // The real server writes these two with a capital.
  if (spec.hostPID) errors.push(fieldErrors.forbidden(`${path}.HostPID`, why));
  if (spec.hostIPC) errors.push(fieldErrors.forbidden(`${path}.HostIPC`, why));
  return errors;
}

/** Lines for /etc/hosts. */
export function validateHostAliases(
  aliases: readonly HostAlias[] | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { ip, hostnames = [] }] of (aliases ?? []).entries()) {
    if (!isIpAddress(ip)) errors.push(fieldErrors.invalid(`${path}[${i}].ip`, ip, IP_WORDS));
    for (const [j, name] of hostnames.entries()) {
      errors.push(...invalidEach(`${path}[${i}].hostnames[${j}]`, name, dnsSubdomain(name)));
    }
  }
  return errors;
}

const PREEMPTION = ['PreemptLowerPriority', 'Never'];

export function validatePreemption(spec: PodSpec, path: string): FieldError[] {
  const policy = spec.preemptionPolicy;
  if (policy === undefined || PREEMPTION.includes(policy)) return [];
  return [fieldErrors.notSupported(`${path}.preemptionPolicy`, policy, PREEMPTION)];
}

const SYSTEMS = ['linux', 'windows'];
const NOT_ON_WINDOWS = ['hostUsers', 'hostPID', 'hostIPC'] as const;

/** os: a name that is known, and nothing that this system does not have. */
export function validateOs(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [fieldErrors.required(`${path}.os.name`)];
  if (!SYSTEMS.includes(name)) return [fieldErrors.notSupported(`${path}.os`, name, SYSTEMS)];
  if (name === 'linux') {
    const why = 'windows options cannot be set for a linux pod';
    const at = `${path}.securityContext.windowsOptions`;
    return spec.securityContext?.windowsOptions ? [fieldErrors.forbidden(at, why)] : [];
  }
  const why = 'cannot be set for a windows pod';
  const set = NOT_ON_WINDOWS.filter((field) => spec[field]);
  const own = Object.keys(spec.securityContext ?? {}).filter(
    (field) => field !== 'windowsOptions' && field !== 'runAsNonRoot',
  );
  return [
    ...set.map((field) => fieldErrors.forbidden(`${path}.${field}`, why)),
    ...own.map((field) => fieldErrors.forbidden(`${path}.securityContext.${field}`, why)),
  ];
}

/** Resources of the pod as a whole: within limits, and no less than its containers ask for. */
export function validatePodResources(spec: PodSpec, path: string): FieldError[] {
  const { resources = {} } = spec;
  const errors = validateResources(resources, path);
  for (const [name, own] of Object.entries(resources.requests ?? {})) {
    const asked = podTotal({ spec }, 'requests', name);
    if (asked === undefined || compareQuantities(asked, own) <= 0) continue;
    const why = `must be greater than or equal to aggregate container requests of ${asked}`;
    errors.push(fieldErrors.invalid(`${path}.requests[${name}]`, own, why));
  }
  for (const [i, container] of spec.containers.entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const own = resources.limits?.[name];
      if (own === undefined || compareQuantities(limit, own) <= 0) continue;
      const why = `must be less than or equal to pod limits of ${own}`;
      errors.push(fieldErrors.invalid(`${path}.containers[${i}][${name}].limits`, limit, why));
    }
  }
  return errors;
}
