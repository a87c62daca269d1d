// A container's environment (kubelet_pods.go, makeEnvironmentVariables): services of its namespace, envFrom, env with
// $(VAR) expansion, and values from fields, resources, config maps and secrets.

import type { Routine } from '../../core/wait.ts';
import { textOfBase64 } from '../../core/base64.ts';
import { Refusal } from '../api/client.ts';
import type { Container, EnvVar } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { Service } from '../api/types/service.ts';
import type { KubeletContext } from './context.ts';
import { fieldOf, resourceOf } from './downward.ts';

/** The data of a config map or secret as texts; a text says why there is none, undefined: optional and missing. */
function* dataOf(
  context: KubeletContext,
  namespace: string,
  kind: 'configmap' | 'secret',
  name: string,
  optional: boolean | undefined,
): Routine<Readonly<Record<string, string>> | string | undefined> {
  const object =
    kind === 'configmap'
      ? yield* context.configMaps.get(namespace, name)
      : yield* context.secrets.get(namespace, name);
  if (object instanceof Refusal) {
    if (object.reason !== 'NotFound') return object.message;
    return optional ? undefined : `${kind} "${name}" not found`;
  }
  const data = object.data ?? {};
  if (kind === 'configmap') return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, textOfBase64(value)]));
}

/** Variables for the services that a pod of `namespace` sees. */
export function serviceEnvironment(
  services: Iterable<Service>,
  namespace: string,
  links: boolean,
): Map<string, string> {
  const env = new Map<string, string>();
  const seen = [...services].filter(({ metadata, spec }) => {
    if (!spec.clusterIP || spec.clusterIP === 'None') return false;
    if (metadata.namespace === 'default' && metadata.name === 'kubernetes') return true;
    return links && metadata.namespace === namespace;
  });
  for (const { metadata, spec } of seen) {
    const name = (metadata.name ?? '').toUpperCase().replaceAll('-', '_');
    const [first] = spec.ports ?? [];
    const ip = spec.clusterIP ?? '';
    if (!first) continue;
    env.set(`${name}_SERVICE_HOST`, ip);
    env.set(`${name}_SERVICE_PORT`, String(first.port));
    for (const port of spec.ports ?? []) {
      if (port.name)
        env.set(
          `${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`,
          String(port.port),
        );
    }
    for (const [i, port] of (spec.ports ?? []).entries()) {
      const protocol = port.protocol ?? 'TCP';
      const url = `${protocol.toLowerCase()}://${ip}:${port.port}`;
      const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`;
      if (i === 0) env.set(`${name}_PORT`, url);
      env.set(prefix, url);
      env.set(`${prefix}_PROTO`, protocol.toLowerCase());
      env.set(`${prefix}_PORT`, String(port.port));
      env.set(`${prefix}_ADDR`, ip);
    }
  }
  return env;
}

/** Replaces `$(NAME)`; `$$` stands for a dollar sign, what is not known stays. */
export function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  );
}

function* valueFrom(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  variable: EnvVar,
  ip: string,
): Routine<{ value: string } | string | undefined> {
  const { namespace = '' } = pod.metadata;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom ?? {};
  if (fieldRef) return { value: fieldOf(pod, fieldRef.fieldPath, context.settings, ip) };
  if (resourceFieldRef) return { value: resourceOf(pod, container, resourceFieldRef, context) };
  const ref = configMapKeyRef ?? secretKeyRef;
  if (!ref) return { value: '' };
  const kind = configMapKeyRef ? 'configmap' : 'secret';
  const data = yield* dataOf(context, namespace, kind, ref.name ?? '', ref.optional);
  if (typeof data === 'string' || data === undefined) return data;
  const value = data[ref.key];
  if (value !== undefined) return { value };
  if (ref.optional) return undefined;
  const what = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  return `couldn't find key ${ref.key} in ${what} ${namespace}/${ref.name ?? ''}`;
}

/** All variables of a container, in order; a text says what is missing (CreateContainerConfigError). */
export function* environmentOf(
  context: KubeletContext,
  pod: Pod,
  container: Container,
  ip: string,
): Routine<ReadonlyMap<string, string> | string> {
  const { namespace = '' } = pod.metadata;
  const services = serviceEnvironment(
    context.services.values(),
    namespace,
    pod.spec.enableServiceLinks ?? true,
  );
  const env = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    if (!ref) continue;
    const kind = configMapRef ? 'configmap' : 'secret';
    const data = yield* dataOf(context, namespace, kind, ref.name ?? '', ref.optional);
    if (typeof data === 'string') return data;
    for (const [key, value] of Object.entries(data ?? {})) env.set(prefix + key, value);
  }
  const known = new Map([...services, ...env]);
  for (const variable of container.env ?? []) {
    let value = variable.value === undefined ? '' : expand(variable.value, known);
    if (variable.valueFrom) {
      const found = yield* valueFrom(context, pod, container, variable, ip);
      if (typeof found === 'string') return found;
      if (found === undefined) continue;
      value = found.value;
    }
    env.set(variable.name, value);
    known.set(variable.name, value);
  }
  for (const [name, value] of services) if (!env.has(name)) env.set(name, value);
  return env;
}
