// StatefulSet.

import { claimDefaults } from '../defaults/claim.ts';
import { templateDefaults } from '../defaults/pod-spec.ts';
import { fillIn, type KubeObject, mapShared, replaceField, sameJson } from '../object.ts';
import { selectorText } from '../selectors.ts';
import { statefulSetTable } from '../tables/workloads.ts';
import type { StatefulSet, StatefulSetSpec } from '../types/apps.ts';
import { invalidEach } from '../validation/containers.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { dnsLabel } from '../validation/names.ts';
import {
  nonNegative,
  onlyAlways,
  validateTemplate,
  validateWorkloadSelector,
} from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const specOf = (object: KubeObject): StatefulSetSpec => (object as unknown as StatefulSet).spec;

function defaults(object: KubeObject): KubeObject {
  let spec = fillIn(specOf(object), {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
  });
  let strategy = fillIn(spec.updateStrategy ?? {}, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') {
    const rolling = fillIn(strategy.rollingUpdate ?? {}, { partition: 0 });
    strategy = replaceField(strategy, 'rollingUpdate', rolling);
  }
  const retention = fillIn(spec.persistentVolumeClaimRetentionPolicy ?? {}, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  spec = replaceField(spec, 'updateStrategy', strategy);
  spec = replaceField(spec, 'persistentVolumeClaimRetentionPolicy', retention);
  if (spec.volumeClaimTemplates) {
    const claims = mapShared(spec.volumeClaimTemplates, (claim) => {
      const typed = fillIn(claim, { kind: 'PersistentVolumeClaim', apiVersion: 'v1' });
      const filled = claimDefaults(typed);
      return filled.status?.phase ? filled : { ...filled, status: { phase: 'Pending' } };
    });
    spec = { ...spec, volumeClaimTemplates: claims };
  }
  return replaceField(
    object,
    'spec',
    replaceField(spec, 'template', templateDefaults(spec.template)),
  );
}

function validate(object: KubeObject): FieldError[] {
  const spec = specOf(object);
  const errors: FieldError[] = [];
  const management = spec.podManagementPolicy ?? '';
  if (management === '') errors.push(fieldErrors.required('spec.podManagementPolicy'));
  else if (management !== 'OrderedReady' && management !== 'Parallel') {
    errors.push(
      fieldErrors.invalid(
        'spec.podManagementPolicy',
        management,
        "must be 'OrderedReady' or 'Parallel'",
      ),
    );
  }
  const { type = '', rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'RollingUpdate') {
    errors.push(
      ...nonNegative(rollingUpdate?.partition, 'spec.updateStrategy.rollingUpdate.partition'),
    );
  } else if (type === 'OnDelete') {
    if (rollingUpdate) {
      errors.push(
        fieldErrors.invalid(
          'spec.updateStrategy.rollingUpdate',
          rollingUpdate,
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      );
    }
  } else {
    const shown = { Type: type, RollingUpdate: rollingUpdate ?? null };
    errors.push(
      fieldErrors.invalid('spec.updateStrategy', shown, "must be 'RollingUpdate' or 'OnDelete'"),
    );
  }
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  errors.push(...nonNegative(spec.ordinals?.start, 'spec.ordinals.start'));
  if (spec.serviceName) {
    errors.push(...invalidEach('spec.serviceName', spec.serviceName, dnsLabel(spec.serviceName)));
  }
  errors.push(...validateClaims(spec));
  errors.push(...validateWorkloadSelector(spec.selector, 'spec.selector', 'statefulset'));
  const withVolumes = templateWithClaims(spec);
  errors.push(...validateTemplate(withVolumes, spec.selector, 'spec.template'));
  errors.push(...onlyAlways(spec.template, 'spec.template'));
  return errors;
}

function validateClaims(spec: StatefulSetSpec): FieldError[] {
  return (spec.volumeClaimTemplates ?? []).flatMap((claim, i) => {
    const at = `spec.volumeClaimTemplates[${i}].spec`;
    const errors: FieldError[] = [];
    if ((claim.spec.accessModes ?? []).length === 0) {
      errors.push(fieldErrors.required(`${at}.accessModes`, 'at least 1 access mode is required'));
    }
    if (!claim.spec.resources?.requests?.storage) {
      errors.push(fieldErrors.required(`${at}.resources[storage]`));
    }
    return errors;
  });
}

/** The template with the volumes that claims will add, so that mounts find them. */
function templateWithClaims(spec: StatefulSetSpec): StatefulSetSpec['template'] {
  const claims = spec.volumeClaimTemplates ?? [];
  if (claims.length === 0) return spec.template;
  const own = spec.template.spec.volumes ?? [];
  const added = claims.map(({ metadata }) => ({
    name: metadata.name ?? '',
    persistentVolumeClaim: { claimName: metadata.name ?? '' },
  }));
  const names = new Set(added.map(({ name }) => name));
  const volumes = [...added, ...own.filter(({ name }) => !names.has(name))];
  return { ...spec.template, spec: { ...spec.template.spec, volumes } };
}

const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors = validate(object);
  const kept: Record<string, unknown> = { ...specOf(object) };
  const before = specOf(old);
  for (const field of MUTABLE) kept[field] = before[field];
  if (!sameJson(kept, before)) {
    const names = MUTABLE.map((field) => `'${field}'`);
    errors.push(
      fieldErrors.forbidden(
        'spec',
        `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`,
      ),
    );
  }
  return errors;
}

export const statefulSet: KindDescriptor = {
  kind: 'StatefulSet',
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  singular: 'statefulset',
  namespaced: true,
  shortNames: ['sts'],
  categories: ['all'],
  type: 'apps/v1.StatefulSet',
  storage: 'statefulsets',
  nameRule: dnsLabel,
  hasStatus: true,
  generation: true,
  scale: {
    specReplicas: 'spec.replicas',
    statusReplicas: 'status.replicas',
    selector: (object) => selectorText(specOf(object).selector),
  },
  defaults,
  prepareForCreate: (object) => ({ ...object, status: { replicas: 0, availableReplicas: 0 } }),
  validate,
  validateUpdate,
  table: statefulSetTable,
};
