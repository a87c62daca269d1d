// The OCI image format (image-spec 1.1) and Docker's elder twin (schema 2): descriptors, manifests, indexes and
// configurations, with their media types.

import { sha256 } from '../../core/sha256.ts';
import { decode, encode } from '../../core/text.ts';

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = string;

export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

/** Points at a blob. Fields stand in the order in which Go writes them. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. What our small stand-ins declare is the size of the real thing. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
}

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An OCI index or a Docker manifest list. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How a container of the image is run, as `config` of an image configuration holds it. */
export interface RunConfig {
  readonly Hostname?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly OnBuild?: readonly string[];
  readonly Healthcheck?: Healthcheck;
  readonly Shell?: readonly string[];
  readonly ArgsEscaped?: boolean;
}

/** Docker's extension of the configuration; times in nanoseconds. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly config?: RunConfig;
  readonly created?: string;
  readonly author?: string;
  readonly history?: readonly HistoryEntry[];
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
}

/** A blob and its name. */
export interface Blob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** The digest of bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${sha256(bytes)}`;
}

/** True where a text has the form of a digest that we can verify. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** An object as a JSON blob, compact or indented as Go's encoders do. */
export function jsonBlob(object: unknown, indent?: number): Blob {
  const bytes = encode(JSON.stringify(object, undefined, indent));
  return { digest: digestOf(bytes), bytes };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const NO_BLOB: Descriptor = { mediaType: '', digest: '', size: 0 };

/** A manifest out of its blob; bytes that are none give one that leads nowhere. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const { config, layers, ...rest } = parseObject(bytes) as Partial<Manifest>;
  return { ...rest, schemaVersion: 2, config: config ?? NO_BLOB, layers: layers ?? [] };
}

/** An index out of its blob; bytes that are none give an empty one. */
export function parseIndex(bytes: Uint8Array): ImageIndex {
  const { manifests, ...rest } = parseObject(bytes) as Partial<ImageIndex>;
  return { ...rest, schemaVersion: 2, manifests: manifests ?? [] };
}

/** A configuration out of its blob; bytes that are none give one without layers. */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const {
    architecture = '',
    os = '',
    rootfs,
    ...rest
  } = parseObject(bytes) as Partial<ImageConfig>;
  return {
    ...rest,
    architecture,
    os,
    rootfs: { type: 'layers', diff_ids: rootfs?.diff_ids ?? [] },
  };
}

/** True for an index or a manifest list. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerIndex;
}

/** True for a manifest of one platform. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociManifest || mediaType === MEDIA_TYPES.dockerManifest;
}

/** True for a file system layer, compressed or not. */
export function isLayerType(mediaType: string): boolean {
  return /\.(layer\.v1\.tar|rootfs\.diff\.tar)/.test(mediaType);
}

/** The chain ids of a stack of layers: the name of each snapshot, from the lowest up (image-spec, ChainID). */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(encode(`${below} ${diffId}`)));
  }
  return chain;
}

export const LINUX_AMD64: Platform = { architecture: 'amd64', os: 'linux' };

/** `linux/arm64/v8`. */
export function platformText(platform: Platform): string {
  const variant = platform.variant === undefined ? '' : `/${platform.variant}`;
  return `${platform.os}/${platform.architecture}${variant}`;
}

const ARCHITECTURES: Readonly<Record<string, Platform>> = {
  amd64: { architecture: 'amd64', os: 'linux' },
  x86_64: { architecture: 'amd64', os: 'linux' },
  arm64: { architecture: 'arm64', os: 'linux' },
  aarch64: { architecture: 'arm64', os: 'linux' },
  arm: { architecture: 'arm', os: 'linux', variant: 'v7' },
  armhf: { architecture: 'arm', os: 'linux', variant: 'v7' },
  '386': { architecture: '386', os: 'linux' },
  i386: { architecture: '386', os: 'linux' },
  ppc64le: { architecture: 'ppc64le', os: 'linux' },
  s390x: { architecture: 's390x', os: 'linux' },
  riscv64: { architecture: 'riscv64', os: 'linux' },
};
const SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd', 'wasip1', 'wasi'];

/** Reads `os[/architecture[/variant]]`; undefined where containerd's parser refuses it. */
export function parsePlatform(text: string): Platform | undefined {
  const parts = text.split('/');
  if (!parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part)) || parts.length > 3) return undefined;
  const [first = '', second, variant] = parts.map((part) => part.toLowerCase());
  if (second === undefined) {
    if (SYSTEMS.includes(first)) return { architecture: 'amd64', os: first };
    return ARCHITECTURES[first];
  }
  const known = ARCHITECTURES[second];
  const architecture = known?.architecture ?? second;
  const given = variant ?? (second === 'arm' ? 'v7' : undefined);
  const kept = architecture === 'arm64' && given === 'v8' ? undefined : given;
  return { architecture, os: first, ...(kept === undefined ? {} : { variant: kept }) };
}

/** True where an image for `offered` runs on `wanted`. */
export function platformMatches(wanted: Platform, offered: Platform): boolean {
  const variant = (p: Platform): string =>
    p.variant ?? (p.architecture === 'arm64' ? 'v8' : p.architecture === 'arm' ? 'v7' : '');
  return (
    wanted.os === offered.os &&
    wanted.architecture === offered.architecture &&
    variant(wanted) === variant(offered)
  );
}
