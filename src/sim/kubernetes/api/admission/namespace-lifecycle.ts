// NamespaceLifecycle: nothing is created in a namespace that is missing or ending; three namespaces stay.

import { resourceKey } from '../kinds/descriptor.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Kinds whose creation asks a question and stores nothing. */
const REVIEWS: ReadonlySet<string> = new Set(['localsubjectaccessreviews.authorization.k8s.io']);

function admit(attributes: Attributes): ApiError | undefined {
  const { descriptor, operation, namespace, name, server } = attributes;
  const of = { group: descriptor.group, resource: descriptor.plural };
  if (descriptor.plural === 'namespaces' && descriptor.group === '') {
    if (operation !== 'DELETE' || !IMMORTAL.has(name)) return undefined;
    return apiErrors.forbidden(of, name, 'this namespace may not be deleted');
  }
  if (operation !== 'CREATE' || !descriptor.namespaced) return undefined;
  if (REVIEWS.has(resourceKey(descriptor))) return undefined;
  const found = server.storage.cache('namespaces').get('', namespace);
  if (!found) return apiErrors.notFound({ group: '', resource: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return undefined;
  const refusal = apiErrors.forbidden(
    of,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  const { code, reason, message, details } = refusal.status;
  return new ApiError(code, reason, message ?? '', { ...details, causes });
}

export const namespaceLifecycle: AdmissionPlugin = { name: 'NamespaceLifecycle', admit };
