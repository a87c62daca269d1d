// The kinds that the server knows: the built-in descriptors, and those that custom resource definitions add.

import { groupVersionOf, type KindDescriptor, resourceKey } from './descriptor.ts';

/** Looks descriptors up by what a path or an object says. */
export class KindRegistry {
  private readonly byPath = new Map<string, KindDescriptor>();
  private readonly byKind = new Map<string, KindDescriptor>();
  private readonly byResource = new Map<string, KindDescriptor>();
  private readonly builtIn: readonly KindDescriptor[];
  private custom: readonly KindDescriptor[] = [];

  constructor(builtIn: readonly KindDescriptor[]) {
    this.builtIn = builtIn;
    for (const descriptor of builtIn) this.index(descriptor);
  }

  private index(descriptor: KindDescriptor): void {
    const groupVersion = groupVersionOf(descriptor);
    this.byPath.set(`${groupVersion}/${descriptor.plural}`, descriptor);
    this.byKind.set(`${groupVersion}/${descriptor.kind}`, descriptor);
    const key = resourceKey(descriptor);
    if (!this.byResource.has(key)) this.byResource.set(key, descriptor);
  }

  /** Replaces the custom kinds. */
  setCustom(custom: readonly KindDescriptor[]): void {
    this.custom = custom;
    this.byPath.clear();
    this.byKind.clear();
    this.byResource.clear();
    for (const descriptor of this.all()) this.index(descriptor);
  }

  all(): readonly KindDescriptor[] {
    return [...this.builtIn, ...this.custom];
  }

  customKinds(): readonly KindDescriptor[] {
    return this.custom;
  }

  /** By group, version and plural, as paths have them. */
  find(group: string, version: string, plural: string): KindDescriptor | undefined {
    return this.byPath.get(`${groupVersionOf({ group, version })}/${plural}`);
  }

  /** By apiVersion and kind, as objects have them. */
  ofObject(apiVersion: string, kind: string): KindDescriptor | undefined {
    return this.byKind.get(`${apiVersion}/${kind}`);
  }

  /** By `plural.group`, in the preferred version. */
  resource(key: string): KindDescriptor | undefined {
    return this.byResource.get(key);
  }
}
