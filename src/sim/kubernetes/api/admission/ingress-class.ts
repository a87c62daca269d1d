// DefaultIngressClass: ingresses that name no class get the default one.

import type { KubeObject } from '../object.ts';
import type { Ingress } from '../types/service.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

const ANNOTATION = 'kubernetes.io/ingress.class';
const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class';

/** Newest first; of the same age by name. */
function newerFirst(a: KubeObject, b: KubeObject): number {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return y.localeCompare(x) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '');
}

function admit({ object, operation, subresource, server }: Attributes): KubeObject | undefined {
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined;
  const { spec } = object as unknown as Ingress;
  const named = object.metadata.annotations?.[ANNOTATION] !== undefined;
  if (spec.ingressClassName !== undefined || named) return undefined;
  const [newest] = [...server.storage.cache('ingressclasses').list('')]
    .filter(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true')
    .sort(newerFirst);
  return newest && { ...object, spec: { ...spec, ingressClassName: newest.metadata.name } };
}

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: new Set(['ingresses.networking.k8s.io']),
  admit,
};
