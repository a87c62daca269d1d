// Containers: names, images, ports, environment, mounts, probes.

import type { Container, ContainerPort, EnvVar, Probe } from '../types/container.ts';
import type { PodSpec } from '../types/pod.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateMounts } from './mounts.ts';
import {
  configMapKey,
  dnsLabel,
  dnsSubdomain,
  environmentName,
  httpHeaderName,
  portName,
  portNumber,
} from './names.ts';
import { validateResources } from './resources.ts';
import { validateContainerSecurity } from './security.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TERMINATION_POLICIES = ['File', 'FallbackToLogsOnError'];

/** One error for each message, on one field. */
export function invalidEach(
  field: string,
  value: unknown,
  messages: readonly string[],
): FieldError[] {
  return messages.map((message) => fieldErrors.invalid(field, value, message));
}

/** Checks what regular, init and ephemeral containers have in common. */
export function validateContainer(
  container: Container,
  path: string,
  volumes: ReadonlySet<string>,
  spec: PodSpec,
): FieldError[] {
  const errors: FieldError[] = [];
  if ((container.name ?? '') === '') errors.push(fieldErrors.required(`${path}.name`));
  else errors.push(...invalidEach(`${path}.name`, container.name, dnsLabel(container.name)));
  const image = container.image ?? '';
  if (image === '') errors.push(fieldErrors.required(`${path}.image`));
  const policy = container.terminationMessagePolicy ?? 'File';
  if (!TERMINATION_POLICIES.includes(policy)) {
    errors.push(
      fieldErrors.notSupported(`${path}.terminationMessagePolicy`, policy, TERMINATION_POLICIES),
    );
  }
  if (container.ports) errors.push(...validatePorts(container.ports, `${path}.ports`));
  if (container.env) errors.push(...validateEnvironment(container.env, `${path}.env`));
  if (container.envFrom) errors.push(...validateEnvFrom(container, path));
  if (container.volumeMounts) {
    errors.push(...validateMounts(container, `${path}.volumeMounts`, volumes));
  }
  const pull = container.imagePullPolicy ?? 'Always';
  if (!PULL_POLICIES.includes(pull)) {
    errors.push(fieldErrors.notSupported(`${path}.imagePullPolicy`, pull, PULL_POLICIES));
  }
  if (container.resources) {
    errors.push(...validateResources(container.resources, `${path}.resources`));
  }
  errors.push(...validateResizePolicy(container, `${path}.resizePolicy`, spec.restartPolicy));
  const { securityContext } = container;
  if (securityContext) {
    errors.push(...validateContainerSecurity(securityContext, `${path}.securityContext`, spec));
  }
  return errors;
}

/** Checks the ephemeral containers of a pod: their own names, and what they aim at. */
export function validateEphemeral(spec: PodSpec): FieldError[] {
  const others = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const names = new Set(others);
  const errors: FieldError[] = [];
  for (const [i, container] of (spec.ephemeralContainers ?? []).entries()) {
    const path = `spec.ephemeralContainers[${i}]`;
    const { name, targetContainerName: target = '' } = container;
    errors.push(...validateContainer(container, path, volumes, spec));
    if (names.has(name)) errors.push(fieldErrors.duplicate(`${path}.name`, name));
    names.add(name);
    if (target !== '' && !others.includes(target))
      errors.push(fieldErrors.notFound(`${path}.targetContainerName`, target));
  }
  return errors;
}

const RESIZED = ['cpu', 'memory'];
const RESIZES = ['NotRequired', 'RestartContainer'];

/** What resizing in place does to a container, for each resource once. */
function validateResizePolicy(
  { resizePolicy = [] }: Container,
  path: string,
  podRestartPolicy: string | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { resourceName = '', restartPolicy = '' }] of resizePolicy.entries()) {
    if (seen.has(resourceName)) errors.push(fieldErrors.duplicate(`${path}[${i}]`, resourceName));
    seen.add(resourceName);
    for (const [value, allowed] of [
      [resourceName, RESIZED],
      [restartPolicy, RESIZES],
    ] as const) {
      if (value === '') errors.push(fieldErrors.required(path));
      else if (!allowed.includes(value))
        errors.push(fieldErrors.notSupported(path, value, allowed));
    }
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      errors.push(fieldErrors.invalid(path, restartPolicy, why));
    }
  }
  return errors;
}

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `${path}[${i}]`;
    if (port.name !== undefined) {
      const wrong = portName(port.name);
      errors.push(...invalidEach(`${at}.name`, port.name, wrong));
      if (wrong.length === 0) {
        if (names.has(port.name)) errors.push(fieldErrors.duplicate(`${at}.name`, port.name));
        names.add(port.name);
      }
    }
    const number = port.containerPort ?? 0;
    if (number === 0) errors.push(fieldErrors.required(`${at}.containerPort`));
    else errors.push(...invalidEach(`${at}.containerPort`, number, portNumber(number)));
    const host = port.hostPort ?? 0;
    if (host !== 0) errors.push(...invalidEach(`${at}.hostPort`, host, portNumber(host)));
    const protocol = port.protocol ?? '';
    if (protocol === '') errors.push(fieldErrors.required(`${at}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) {
      errors.push(fieldErrors.notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    }
  }
  return errors;
}

function validateEnvironment(variables: readonly EnvVar[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, variable] of variables.entries()) {
    const at = `${path}[${i}]`;
    if ((variable.name ?? '') === '') errors.push(fieldErrors.required(`${at}.name`));
    else errors.push(...invalidEach(`${at}.name`, variable.name, environmentName(variable.name)));
    if (variable.valueFrom) errors.push(...validateValueFrom(variable, `${at}.valueFrom`));
  }
  return errors;
}

const POD_FIELDS: ReadonlySet<string> = new Set([
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);
const READABLE_FIELDS: ReadonlySet<string> = new Set([
  ...POD_FIELDS,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
]);

function validateValueFrom(variable: EnvVar, path: string): FieldError[] {
  const source = variable.valueFrom ?? {};
  const errors: FieldError[] = [];
  let given = 0;
  if (source.fieldRef) {
    given++;
    errors.push(...validateFieldPath(source.fieldRef.fieldPath, `${path}.fieldRef`));
  }
  if (source.resourceFieldRef) {
    given++;
    errors.push(
      ...validateResourceField(source.resourceFieldRef.resource, `${path}.resourceFieldRef`),
    );
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = source[name];
    if (!reference) continue;
    given++;
    const at = `${path}.${name}`;
    const target = reference.name ?? '';
    if (target === '') errors.push(fieldErrors.required(`${at}.name`));
    else errors.push(...invalidEach(`${at}.name`, target, dnsSubdomain(target)));
    if ((reference.key ?? '') === '') errors.push(fieldErrors.required(`${at}.key`));
    else errors.push(...invalidEach(`${at}.key`, reference.key, configMapKey(reference.key)));
  }
  if (source.fileKeyRef) given++;
  if (given === 0) {
    errors.push(
      fieldErrors.invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  }
  if ((variable.value ?? '') !== '' && given > 0) {
    errors.push(fieldErrors.invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (given > 1) {
    errors.push(
      fieldErrors.invalid(path, '', 'may not have more than one field specified at a time'),
    );
  }
  return errors;
}

/** Fields of a pod that files of the downward API may show. */
const VOLUME_FIELDS: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]);

/** Checks the path of a field of the pod that a variable or a file shows. */
export function validateFieldPath(
  fieldPath: string | undefined,
  path: string,
  where: 'variable' | 'volume' = 'variable',
): FieldError[] {
  const allowed = where === 'volume' ? VOLUME_FIELDS : POD_FIELDS;
  const at = `${path}.fieldPath`;
  if (fieldPath === undefined || fieldPath === '') return [fieldErrors.required(at)];
  if (/^metadata\.(annotations|labels)\['.*'\]$/.test(fieldPath)) return [];
  if (allowed.has(fieldPath)) return [];
  if (READABLE_FIELDS.has(fieldPath)) {
    return [fieldErrors.notSupported(at, fieldPath, [...allowed].sort())];
  }
  return [
    fieldErrors.invalid(
      at,
      fieldPath,
      `error converting fieldPath: field label not supported: ${fieldPath}`,
    ),
  ];
}

const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** Checks the name of a request or limit that a variable or a file shows. */
export function validateResourceField(resource: string | undefined, path: string): FieldError[] {
  if (resource === undefined || resource === '') {
    return [fieldErrors.required(`${path}.resource`)];
  }
  if (RESOURCE_FIELDS.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) {
    return [];
  }
  return [fieldErrors.notSupported(`${path}.resource`, resource, RESOURCE_FIELDS)];
}

function validateEnvFrom(container: Container, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, source] of (container.envFrom ?? []).entries()) {
    const at = `${path}.envFrom[${i}]`;
    if (source.prefix) {
      errors.push(...invalidEach(`${at}.prefix`, source.prefix, environmentName(source.prefix)));
    }
    const references = [source.configMapRef, source.secretRef].filter((one) => one !== undefined);
    for (const name of ['configMapRef', 'secretRef'] as const) {
      const reference = source[name];
      if (reference && (reference.name ?? '') === '') {
        errors.push(fieldErrors.required(`${at}.${name}.name`));
      }
    }
    if (references.length === 0) {
      errors.push(
        fieldErrors.invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'),
      );
    } else if (references.length > 1) {
      errors.push(
        fieldErrors.invalid(at, '', 'may not have more than one field specified at a time'),
      );
    }
  }
  return errors;
}

const PROBE_NUMBERS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

/** Checks a probe: one handler, no negative numbers; only readiness may need several successes. */
export function validateProbe(probe: Probe, path: string, onlyOneSuccess: boolean): FieldError[] {
  const errors = validateHandler(probe, path);
  for (const name of PROBE_NUMBERS) {
    const value = probe[name] ?? 0;
    if (value < 0) {
      errors.push(
        fieldErrors.invalid(`${path}.${name}`, value, 'must be greater than or equal to 0'),
      );
    }
  }
  if ((probe.terminationGracePeriodSeconds ?? 1) <= 0) {
    errors.push(
      fieldErrors.invalid(
        `${path}.terminationGracePeriodSeconds`,
        probe.terminationGracePeriodSeconds,
        'must be greater than 0',
      ),
    );
  }
  if (onlyOneSuccess && (probe.successThreshold ?? 1) !== 1) {
    errors.push(
      fieldErrors.invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1'),
    );
  }
  return errors;
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & {
  readonly sleep?: { readonly seconds?: number };
};

/** Checks the action of a probe or a hook. */
export function validateHandler(handler: Handler, path: string, grace?: number): FieldError[] {
  const errors: FieldError[] = [];
  const names = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter(
    (name) => handler[name],
  );
  for (const [i, name] of names.entries()) {
    if (i === 0) errors.push(...validateAction(handler, `${path}.${name}`, grace));
    else {
      const why = 'may not specify more than 1 handler type';
      errors.push(fieldErrors.forbidden(`${path}.${name}`, why));
    }
  }
  if (names.length === 0) errors.push(fieldErrors.required(path, 'must specify a handler type'));
  return errors;
}

/** Checks the first action that a handler has. */
function validateAction(handler: Handler, path: string, grace: number | undefined): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (grpc) return validatePortReference(grpc.port, `${path}.port`);
  if (exec) {
    return (exec.command ?? []).length === 0 ? [fieldErrors.required(`${path}.command`)] : [];
  }
  if (httpGet) {
    const errors = httpGet.path ? [] : [fieldErrors.required(`${path}.path`)];
    errors.push(...validatePortReference(httpGet.port, `${path}.port`));
    for (const { name } of httpGet.httpHeaders ?? []) {
      errors.push(...invalidEach(`${path}.httpHeaders`, name, httpHeaderName(name)));
    }
    const scheme = httpGet.scheme ?? 'HTTP';
    if (scheme !== 'HTTP' && scheme !== 'HTTPS') {
      errors.push(fieldErrors.notSupported(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']));
    }
    return errors;
  }
  if (sleep) {
    const { seconds = 0 } = sleep;
    if (grace === undefined || (seconds >= 0 && seconds <= grace)) return [];
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    return [fieldErrors.invalid(path, seconds, why)];
  }
  return tcpSocket ? validatePortReference(tcpSocket.port, `${path}.port`) : [];
}

/** A port by number or by name. */
export function validatePortReference(port: number | string, path: string): FieldError[] {
  const wrong = typeof port === 'string' ? portName(port) : portNumber(port);
  return invalidEach(path, port, wrong);
}
