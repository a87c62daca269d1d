// Admission: plugins that change or refuse a write after authorization, in the order of the real server.

import type { Routine } from '../../../core/wait.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { KindDescriptor, UserInfo } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ApiError } from '../status.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What a plugin may look at. */
export interface Attributes {
  readonly server: ServerParts;
  readonly operation: Operation;
  readonly descriptor: KindDescriptor;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The object as it is to be stored; absent in deletions. */
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly warnings: string[];
}

export interface AdmissionPlugin {
  readonly name: string;
  /** Kinds it looks at (`pods`, `deployments.apps`); all where left out. */
  readonly resources?: ReadonlySet<string>;
  /** Changes the object or refuses it. */
  readonly admit?: (attributes: Attributes) => KubeObject | ApiError | undefined;
  /** Refuses the object as it will be stored. May read and write (quota). */
  readonly validate?: (attributes: Attributes) => Routine<ApiError | undefined>;
}

/** Of a list of plugins those that look at a kind, by the list and the kind. */
const chosen = new WeakMap<
  readonly AdmissionPlugin[],
  WeakMap<KindDescriptor, readonly AdmissionPlugin[]>
>();

function concerned(
  plugins: readonly AdmissionPlugin[],
  descriptor: KindDescriptor,
): readonly AdmissionPlugin[] {
  let byKind = chosen.get(plugins);
  if (!byKind) {
    byKind = new WeakMap();
    chosen.set(plugins, byKind);
  }
  let own = byKind.get(descriptor);
  if (!own) {
    const { group, plural } = descriptor;
    const name = group === '' ? plural : `${plural}.${group}`;
    own = plugins.filter(({ resources }) => !resources || resources.has(name));
    byKind.set(descriptor, own);
  }
  return own;
}

/** Runs the mutating plugins; the object they leave, or the first refusal. */
export function admit(
  plugins: readonly AdmissionPlugin[],
  attributes: Attributes,
): KubeObject | ApiError | undefined {
  let object = attributes.object;
  for (const plugin of concerned(plugins, attributes.descriptor)) {
    if (!plugin.admit) continue;
    const result = plugin.admit(
      object === attributes.object ? attributes : { ...attributes, object },
    );
    if (result instanceof ApiError) return result;
    if (result) object = result;
  }
  return object;
}

/** Runs the validating plugins; the first refusal. */
export function* checkAdmission(
  plugins: readonly AdmissionPlugin[],
  attributes: Attributes,
): Routine<ApiError | undefined> {
  for (const plugin of concerned(plugins, attributes.descriptor)) {
    if (!plugin.validate) continue;
    const refusal = yield* plugin.validate(attributes);
    if (refusal) return refusal;
  }
  return undefined;
}
