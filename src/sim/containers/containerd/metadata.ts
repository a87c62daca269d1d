// containerd's metadata (meta.db, a bolt database): per namespace the images, containers, leases, and labels of content
// and snapshots. It belongs to the file's inode, so that it outlives the daemon and goes with the disk.

import type { Inode } from '../../kernel/files/inode.ts';
import type { ImageDefinition, LayerCompression } from '../images/definition.ts';
import type { Digest } from '../images/oci.ts';
import type {
  ContainerRecord,
  ContentInfo,
  ImageRecord,
  LeaseRecord,
  LeaseResource,
  SnapshotInfo,
} from './types.ts';

/** A snapshot with the number of its directory. */
export interface StoredSnapshot {
  readonly info: SnapshotInfo;
  readonly directory: number;
  /** Bytes and inodes of a committed snapshot. */
  readonly usage?: { readonly size: number; readonly inodes: number };
}

/** An image that the lab says is there, and that is laid out when something of it is asked for. */
export interface PendingImage {
  readonly name: string;
  readonly image: ImageDefinition;
  readonly compression: LayerCompression;
  /** Also stored under its config's digest, as the CRI keeps images. */
  readonly byId?: boolean;
}

export interface NamespaceData {
  readonly labels: Map<string, string>;
  readonly images: Map<string, ImageRecord>;
  readonly containers: Map<string, ContainerRecord>;
  readonly content: Map<Digest, ContentInfo>;
  /** By snapshotter, then by name. */
  readonly snapshots: Map<string, Map<string, StoredSnapshot>>;
  readonly leases: Map<
    string,
    { readonly lease: LeaseRecord; readonly resources: LeaseResource[] }
  >;
  pendingImages: PendingImage[];
  /** Images whose blobs are there but whose layers are not unpacked yet. */
  pendingUnpack: string[];
}

export interface Metadata {
  readonly namespaces: Map<string, NamespaceData>;
  /** The number of the last snapshot directory. */
  lastSnapshot: number;
}

const databases = new WeakMap<Inode, Metadata>();

/** The database in a file; a fresh one where the file has none. */
export function metadataOf(file: Inode): Metadata {
  let metadata = databases.get(file);
  if (!metadata) {
    metadata = { namespaces: new Map(), lastSnapshot: 0 };
    databases.set(file, metadata);
  }
  return metadata;
}

/** The data of a namespace, made at its first use. */
export function namespaceData(metadata: Metadata, namespace: string): NamespaceData {
  let data = metadata.namespaces.get(namespace);
  if (!data) {
    data = {
      labels: new Map(),
      images: new Map(),
      containers: new Map(),
      content: new Map(),
      snapshots: new Map(),
      leases: new Map(),
      pendingImages: [],
      pendingUnpack: [],
    };
    metadata.namespaces.set(namespace, data);
  }
  return data;
}

/** Where containerd keeps things. */
export const CONTAINERD_ROOT = '/var/lib/containerd';
export const CONTAINERD_STATE = '/run/containerd';
export const CONTAINERD_ADDRESS = '/run/containerd/containerd.sock';
export const METADATA_DIRECTORY = 'io.containerd.metadata.v1.bolt';
export const CONTENT_DIRECTORY = 'io.containerd.content.v1.content';
export const SNAPSHOT_DIRECTORY = 'io.containerd.snapshotter.v1.overlayfs';
