// resource.k8s.io: dynamic resource allocation. Objects are kept; no driver allocates them.

import { table } from '../tables/columns.ts';
import { ageTable } from '../tables/core.ts';
import type { KindDescriptor } from './descriptor.ts';

const RESOURCE = { group: 'resource.k8s.io', version: 'v1' } as const;

export const deviceClass: KindDescriptor = {
  ...RESOURCE,
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  namespaced: false,
  type: 'resource/v1.DeviceClass',
  storage: 'deviceclasses',
  generation: true,
  table: ageTable,
};

export const resourceClaim: KindDescriptor = {
  ...RESOURCE,
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  namespaced: true,
  type: 'resource/v1.ResourceClaim',
  storage: 'resourceclaims',
  hasStatus: true,
  table: table(['State', 'Age'], (one, age) => {
    const states: string[] = [];
    if (one.object.metadata.deletionTimestamp) states.push('deleted');
    if (!one.field('status.allocation')) {
      if (states.length === 0) states.push('pending');
    } else {
      states.push('allocated');
      states.push(one.list('status.reservedFor').length > 0 ? 'reserved' : '');
    }
    return [states.filter((state) => state !== '').join(','), age()];
  }),
};

export const resourceClaimTemplate: KindDescriptor = {
  ...RESOURCE,
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  namespaced: true,
  type: 'resource/v1.ResourceClaimTemplate',
  storage: 'resourceclaimtemplates',
  table: ageTable,
};

export const resourceSlice: KindDescriptor = {
  ...RESOURCE,
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  singular: 'resourceslice',
  namespaced: false,
  type: 'resource/v1.ResourceSlice',
  storage: 'resourceslices',
  generation: true,
  table: table(['Node', 'Driver', 'Pool', 'Age'], (one, age) => [
    one.text('spec.nodeName'),
    one.text('spec.driver'),
    one.text('spec.pool.name'),
    age(),
  ]),
};
