// What views look at: a lab's state from outside, as plain data. Looking changes nothing in the lab.

/** One layer of images: a committed snapshot. */
export interface LayerLook {
  /** Its chain id. */
  readonly id: string;
  readonly parent: string;
  /** Bytes of its files. */
  readonly size: number;
}

export interface ImageLook {
  readonly machine: string;
  readonly namespace: string;
  /** All names of the image. */
  readonly names: readonly string[];
  readonly digest: string;
  /** The layers from the bottom up; empty where it is not unpacked. */
  readonly layers: readonly LayerLook[];
  /** Containers whose thin writable layer lies on it. */
  readonly containers: readonly string[];
}

/** One change of a key in etcd. */
export interface ChangeLook {
  readonly revision: number;
  readonly key: string;
  /** The value as text; undefined for a deletion. */
  readonly value: string | undefined;
  readonly before: string | undefined;
}

export interface KeysLook {
  readonly revision: number;
  readonly compacted: number;
  readonly keys: number;
  /** The newest changes, newest first. */
  readonly changes: readonly ChangeLook[];
}

/** One member of an etcd cluster as its raft sees the world. */
export interface MemberLook {
  readonly name: string;
  /** `down` where no process runs. */
  readonly role: string;
  readonly id: string;
  readonly term: number;
  readonly leader: string;
  readonly committed: number;
  readonly applied: number;
  readonly last: number;
  /** The newest entries of the log, oldest first. */
  readonly log: readonly { readonly index: number; readonly term: number }[];
}

/** The looks that a lab offers. */
export interface Looks {
  readonly images?: () => readonly ImageLook[];
  readonly keys?: () => KeysLook | undefined;
  readonly members?: () => readonly MemberLook[];
}
