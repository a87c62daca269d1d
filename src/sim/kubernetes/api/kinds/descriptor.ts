// What the server knows of one kind: names, defaults, validation, strategy, subresources, columns. Everything
// general (REST, discovery, OpenAPI, tables, kubectl) loops over descriptors and knows no kind by name.

import type { KubeObject } from '../object.ts';
import type { ApiError } from '../status.ts';
import type { FieldError } from '../validation/errors.ts';
import type { NameRule } from '../validation/metadata.ts';

/** The verbs of discovery, in the order in which the server lists them. */
export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch';

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** What strategies may look at beside the object. */
export interface StrategyContext {
  /** Virtual time, RFC 3339 to the second. */
  readonly time: string;
  /** Virtual nanoseconds since switch-on. */
  readonly now: number;
  readonly user: UserInfo;
  /** Objects of other kinds as the server's cache has them. */
  lookup(resource: string, namespace: string, name: string): KubeObject | undefined;
  /** All objects of a folder, as the server's cache has them. */
  list(resource: string): readonly KubeObject[];
  readonly dryRun: boolean;
}

/** Who asks, as authentication found out. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A column of the Table form; priority 1 shows with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type?: 'string' | 'integer' | 'boolean' | 'date';
  readonly format?: string;
  readonly priority?: number;
  readonly description?: string;
}

export type Cell = string | number | boolean | null;

export interface TableForm {
  readonly columns: readonly Column[];
  /** The cells of one object; `now` is virtual nanoseconds, for ages. */
  cells(object: KubeObject, now: number): readonly Cell[];
  /** Rows beyond the object's own (none in most kinds). */
  readonly conditions?: (object: KubeObject) => readonly object[];
}

/** Where /scale finds its numbers (JSON paths without the leading dot). */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  /** A label selector as text or as an object. */
  selector(object: KubeObject): string | undefined;
}

/** A subresource beside status and scale: name, kind it speaks, verbs. */
export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

export interface KindDescriptor {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Verbs served; all where left out. */
  readonly verbs?: readonly Verb[];
  /** The name of the type in the field tables; none for custom resources. */
  readonly type: string;
  /** The folder of its keys below /registry/. */
  readonly storage: string;
  /** Not stored: the request is the question, the answer the object (reviews). */
  readonly virtual?: boolean;
  readonly subresources?: readonly Subresource[];
  /** Status is written through /status alone. */
  readonly hasStatus?: boolean;
  readonly scale?: ScalePaths;
  /** metadata.generation counts changes of the spec. */
  readonly generation?: boolean;
  readonly nameRule?: NameRule;
  /** PUT to a name that is free creates the object. */
  readonly createOnUpdate?: boolean;
  /** Characters of a generated name's base at the most. */
  readonly defaults?: (object: KubeObject) => KubeObject;
  /** What is stored is defaulted once more: preparation gives it what defaults hang on. */
  readonly defaultsAfterPreparation?: boolean;
  readonly prepareForCreate?: (object: KubeObject, context: StrategyContext) => KubeObject;
  readonly prepareForUpdate?: (
    object: KubeObject,
    old: KubeObject,
    context: StrategyContext,
  ) => KubeObject;
  readonly prepareForStatusUpdate?: (
    object: KubeObject,
    old: KubeObject,
    context: StrategyContext,
  ) => KubeObject;
  readonly validate?: (object: KubeObject, context: StrategyContext) => readonly FieldError[];
  readonly validateUpdate?: (
    object: KubeObject,
    old: KubeObject,
    context: StrategyContext,
  ) => readonly FieldError[];
  readonly validateStatusUpdate?: (
    object: KubeObject,
    old: KubeObject,
    context: StrategyContext,
  ) => readonly FieldError[];
  /** Warnings that go with an accepted object. */
  readonly warnings?: (object: KubeObject, old: KubeObject | undefined) => readonly string[];
  /** Refuses a deletion before anything else. */
  readonly checkDelete?: (object: KubeObject, context: StrategyContext) => ApiError | undefined;
  /** Objects that end gracefully: the seconds for which they linger; undefined: gone at once. */
  readonly gracePeriod?: (object: KubeObject, asked: number | undefined) => number | undefined;
  /** Fields that field selectors may name, beside metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: KubeObject) => string>>;
  readonly table?: TableForm;
  /** A warning on every request to the kind. */
  readonly deprecation?: string;
  /** The same objects served under another group and version (events, autoscalers). */
  readonly view?: View;
  /** The JSON schema of a custom resource's version. */
  readonly custom?: unknown;
}

/** Converts between the stored form and another version of it. */
export interface View {
  /** The plural and group of the descriptor that stores the objects. */
  readonly of: string;
  fromStored(object: KubeObject): KubeObject;
  toStored(object: KubeObject): KubeObject;
}

/** `deployments.apps`: the key of a descriptor, and how errors and RBAC name the resource. */
export function resourceKey(descriptor: { group: string; plural: string }): string {
  return descriptor.group === '' ? descriptor.plural : `${descriptor.plural}.${descriptor.group}`;
}

/** `apps/v1`, or `v1` in the core group. */
export function groupVersionOf(descriptor: { group: string; version: string }): string {
  return descriptor.group === '' ? descriptor.version : `${descriptor.group}/${descriptor.version}`;
}

/** The group and resource that errors name. */
export function groupResourceOf(descriptor: KindDescriptor): { group: string; resource: string } {
  return { group: descriptor.group, resource: descriptor.plural };
}
