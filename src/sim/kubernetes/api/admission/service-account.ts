// ServiceAccount: pods run as an account that exists, and find its token mounted.

import type { Random } from '../../../core/random.ts';
import type { ServerParts } from '../handlers/context.ts';
import { type KubeObject, mapShared } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { ServiceAccount } from '../types/config.ts';
import type { Container } from '../types/container.ts';
import type { Pod, PodSpec } from '../types/pod.ts';
import type { Volume } from '../types/volume.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** The sources of the token volume; the same for every pod. */
const PROJECTED = Object.freeze({
  sources: [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [
          { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
        ],
      },
    },
  ],
  defaultMode: 420,
});

const streams = new WeakMap<ServerParts, Random>();

function volumeNames(server: ServerParts): Random {
  const known = streams.get(server);
  if (known) return known;
  const made = server.simulation.random.fork('api/token-volumes');
  streams.set(server, made);
  return made;
}

function wantsToken(spec: PodSpec, account: ServiceAccount): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

function withMount(container: Container, name: string): Container {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some(({ mountPath }) => mountPath === MOUNT_PATH)) return container;
  const mount = { name, readOnly: true, mountPath: MOUNT_PATH };
  return { ...container, volumeMounts: [...mounts, mount] };
}

function withToken(server: ServerParts, spec: PodSpec): PodSpec {
  const volumes = spec.volumes ?? [];
  const known = volumes.find(({ name }) => name.startsWith('kube-api-access-'));
  const name = known?.name ?? `kube-api-access-${volumeNames(server).letters(5, LETTERS)}`;
  const mount = (container: Container): Container => withMount(container, name);
  const containers = mapShared(spec.containers, mount);
  const init = spec.initContainers && mapShared(spec.initContainers, mount);
  if (containers === spec.containers && init === spec.initContainers) return spec;
  const volume: Volume = { name, projected: PROJECTED };
  return {
    ...spec,
    volumes: known ? volumes : [...volumes, volume],
    containers,
    ...(init ? { initContainers: init } : {}),
  };
}

function admit(attributes: Attributes): KubeObject | ApiError | undefined {
  const { object, operation, subresource, server, namespace, name } = attributes;
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined;
  const pod = object as unknown as Pod;
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return undefined;
  let spec = pod.spec;
  const account = spec.serviceAccountName ?? 'default';
  if (spec.serviceAccountName === undefined) {
    spec = { ...spec, serviceAccountName: account, serviceAccount: account };
  }
  const found = server.storage.cache('serviceaccounts').get(namespace, account);
  if (!found) {
    return apiErrors.forbidden(
      { group: '', resource: 'pods' },
      name,
      `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`,
    );
  }
  const known = found as unknown as ServiceAccount;
  if (wantsToken(spec, known)) spec = withToken(server, spec);
  const secrets = known.imagePullSecrets ?? [];
  if (!spec.imagePullSecrets && secrets.length > 0) spec = { ...spec, imagePullSecrets: secrets };
  return spec === pod.spec ? undefined : { ...object, spec };
}

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  resources: new Set(['pods']),
  admit,
};
