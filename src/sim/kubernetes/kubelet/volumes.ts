// A pod's volumes: directories under /var/lib/kubelet/pods/UID/volumes, filled from config maps, secrets, the pod's own
// fields and tokens (atomic writer: `..data` points to the directory with the current files), host paths, and claims.

import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { encode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { MNT_DETACH } from '../../kernel/files/mount.ts';
import { fromBase64 } from '../../core/base64.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { ConfigMap, Secret } from '../api/types/config.ts';
import type { Pod } from '../api/types/pod.ts';
import type {
  EmptyDirVolumeSource,
  KeyToPath,
  Volume,
  VolumeProjection,
} from '../api/types/volume.ts';
import { type KubeletContext, podDirectory } from './context.ts';
import { fieldOf, resourceOf } from './downward.ts';
import { checkHostPath } from './host-path.ts';
import { bytesOf } from './resources.ts';
import { forgetTokens, tokenOf } from './tokens.ts';

/** One file of a volume. */
interface VolumeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** Where the volumes of a pod are on the node, by name; or why one cannot be mounted. */
export type MountedVolumes = ReadonlyMap<string, string>;

type Files = readonly VolumeFile[];

const PLUGINS = {
  configMap: 'kubernetes.io~configmap',
  secret: 'kubernetes.io~secret',
  projected: 'kubernetes.io~projected',
  downwardAPI: 'kubernetes.io~downward-api',
  emptyDir: 'kubernetes.io~empty-dir',
} as const;

function pick(
  data: Readonly<Record<string, Uint8Array>>,
  items: readonly KeyToPath[] | undefined,
  mode: number,
  optional: boolean | undefined,
): Files | string {
  if (!items) return Object.entries(data).map(([path, bytes]) => ({ path, bytes, mode }));
  const files: VolumeFile[] = [];
  for (const item of items) {
    const bytes = data[item.key];
    if (bytes) files.push({ path: item.path, bytes, mode: item.mode ?? mode });
    else if (!optional) return `references non-existent config key: ${item.key}`;
  }
  return files;
}

interface ObjectSource {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
}

function* filesOfObject(
  context: KubeletContext,
  namespace: string,
  source: ObjectSource,
  mode: number,
): Routine<Files | string> {
  const { kind, name, items, optional } = source;
  if (kind === 'configmap') {
    const map = yield* context.configMaps.get(namespace, name);
    if (map instanceof Refusal) return missing(map, source);
    return pick(contentOf(map, bytesOfConfigMap), items, mode, optional);
  }
  const secret = yield* context.secrets.get(namespace, name);
  if (secret instanceof Refusal) return missing(secret, source);
  return pick(contentOf(secret, bytesOfSecret), items, mode, optional);
}

type Contents = Readonly<Record<string, Uint8Array>>;

/** What an object holds, as bytes: worked out once for each version of it, as volumes are looked at every minute. */
const contents = new WeakMap<object, Contents>();

function contentOf<T extends object>(object: T, read: (object: T) => Contents): Contents {
  const known = contents.get(object);
  if (known) return known;
  const made = read(object);
  contents.set(object, made);
  return made;
}

function bytesOfConfigMap({ data = {}, binaryData = {} }: ConfigMap): Contents {
  const texts = Object.entries(data).map(([key, text]) => [key, encode(text)] as const);
  return Object.fromEntries([...texts, ...Object.entries(bytesOfSecret({ data: binaryData }))]);
}

function bytesOfSecret({ data = {} }: Pick<Secret, 'data'>): Contents {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, fromBase64(text)]));
}

function missing(refusal: Refusal, { kind, name, optional }: ObjectSource): Files | string {
  if (refusal.reason !== 'NotFound') return refusal.message;
  return optional ? [] : `${kind} "${name}" not found`;
}

function downwardFiles(
  context: KubeletContext,
  pod: Pod,
  items: VolumeProjection['downwardAPI'],
  mode: number,
): Files {
  const [own] = pod.spec.containers;
  return (items?.items ?? []).map((item) => {
    let text = '';
    if (item.fieldRef) text = fieldOf(pod, item.fieldRef.fieldPath, context.settings, '');
    else if (item.resourceFieldRef && own)
      text = resourceOf(pod, own, item.resourceFieldRef, context);
    return { path: item.path, bytes: encode(text), mode: item.mode ?? mode };
  });
}

function* projectedFiles(
  context: KubeletContext,
  pod: Pod,
  sources: readonly VolumeProjection[],
  mode: number,
): Routine<Files | string> {
  const { namespace = '' } = pod.metadata;
  const all: VolumeFile[] = [];
  for (const { configMap, secret, downwardAPI, serviceAccountToken } of sources) {
    if (serviceAccountToken) {
      const { audience, expirationSeconds = 3600, path } = serviceAccountToken;
      const token = yield* tokenOf(context, pod, audience, expirationSeconds);
      if (token instanceof Refusal) return `failed to fetch token: ${token.message}`;
      all.push({ path, bytes: encode(token), mode });
    }
    all.push(...downwardFiles(context, pod, downwardAPI, mode));
    const object = configMap ?? secret;
    if (!object) continue;
    const kind = configMap ? 'configmap' : 'secret';
    const { name = '', items, optional } = object;
    const files = yield* filesOfObject(context, namespace, { kind, name, items, optional }, mode);
    if (typeof files === 'string') return files;
    all.push(...files);
  }
  return all;
}

/** The files that a volume is to hold; undefined for volumes that are not written by the kubelet. */
function* filesOf(
  context: KubeletContext,
  pod: Pod,
  volume: Volume,
): Routine<Files | string | undefined> {
  const { namespace = '' } = pod.metadata;
  const { configMap, secret, projected, downwardAPI } = volume;
  if (configMap) {
    const { name = '', items, optional, defaultMode = 0o644 } = configMap;
    return yield* filesOfObject(
      context,
      namespace,
      { kind: 'configmap', name, items, optional },
      defaultMode,
    );
  }
  if (secret) {
    const { secretName = '', items, optional, defaultMode = 0o644 } = secret;
    return yield* filesOfObject(
      context,
      namespace,
      { kind: 'secret', name: secretName, items, optional },
      defaultMode,
    );
  }
  if (projected)
    return yield* projectedFiles(
      context,
      pod,
      projected.sources ?? [],
      projected.defaultMode ?? 0o644,
    );
  if (downwardAPI)
    return downwardFiles(context, pod, downwardAPI, downwardAPI.defaultMode ?? 0o644);
  return undefined;
}

/** True where a file holds just these bytes. */
function* holds(context: KubeletContext, path: string, bytes: Uint8Array): Routine<boolean> {
  const fd = context.process.open(path);
  if (isErrno(fd)) return false;
  const current = yield* context.process.readAll(fd);
  context.process.close(fd);
  if (isErrno(current) || current.length !== bytes.length) return false;
  // A loop: these bytes are compared in every round of every pod.
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== current[i]) return false;
  return true;
}

/** The atomic writer: a new directory with the files, and `..data` moved to it; nothing where they are the same. */
function* writeAtomically(
  context: KubeletContext,
  directory: string,
  files: Files,
  fsGroup: number | undefined,
): Routine<void> {
  const { process: p } = context;
  const before = p.readlink(`${directory}/..data`);
  if (!isErrno(before)) {
    let same = true;
    for (const { path, bytes } of files) {
      if (!(yield* holds(context, `${directory}/..data/${path}`, bytes))) same = false;
    }
    const old = p.readdir(`${directory}/${before}`);
    if (
      same &&
      !isErrno(old) &&
      old.length === new Set(files.map(({ path }) => path.split('/')[0])).size
    )
      return;
  }
  const date = new Date(epochMilliseconds(p.now)).toISOString();
  const stamp = `..${date.slice(0, 19).replace('T', '_').replaceAll('-', '_').replaceAll(':', '_')}.${String(Math.floor(p.now) % 1_000_000_000).padStart(9, '0')}`;
  p.mkdir(`${directory}/${stamp}`, 0o755);
  for (const { path, bytes, mode } of files) {
    const full = `${directory}/${stamp}/${path}`;
    makeDirectories(p, full.slice(0, full.lastIndexOf('/')));
    writeWholeFile(p, full, bytes, mode);
    p.chmod(full, fsGroup === undefined ? mode : mode | ((mode & 0o400) >> 3));
    if (fsGroup !== undefined) p.chown(full, 0, fsGroup);
  }
  p.symlink(stamp, `${directory}/..data_tmp`);
  p.rename(`${directory}/..data_tmp`, `${directory}/..data`);
  const names = new Set(files.map(({ path }) => path.split('/')[0] ?? ''));
  for (const name of names)
    if (isErrno(p.lstat(`${directory}/${name}`)))
      p.symlink(`..data/${name}`, `${directory}/${name}`);
  const entries = p.readdir(directory);
  for (const { name } of isErrno(entries) ? [] : entries) {
    if (!name.startsWith('..') && !names.has(name)) p.unlink(`${directory}/${name}`);
  }
  if (!isErrno(before)) removeAll(p, `${directory}/${before}`);
}

/** Where an emptyDir is, below the directory of its pod. */
export function emptyDirPath(directory: string, volume: string): string {
  return `${directory}/volumes/${PLUGINS.emptyDir}/${volume}`;
}

/** The size of an emptyDir in memory: its own limit, the pod's, or what the node has (calculateEmptyDirMemorySize). */
function memorySize(
  context: KubeletContext,
  pod: Pod,
  { sizeLimit }: EmptyDirVolumeSource,
): number {
  const limits = pod.spec.containers.map(({ resources: own }) => own?.limits?.memory);
  const ofPod = limits.every((limit) => limit !== undefined)
    ? limits.reduce((sum, limit) => sum + bytesOf(limit), 0)
    : Number.POSITIVE_INFINITY;
  const own = sizeLimit === undefined ? Number.POSITIVE_INFINITY : bytesOf(sizeLimit);
  return Math.min(context.process.task.kernel.memory.total, ofPod, own > 0 ? own : ofPod);
}

function* mountOne(
  context: KubeletContext,
  pod: Pod,
  volume: Volume,
): Routine<{ path: string } | string> {
  const { process: p } = context;
  const base = `${podDirectory(pod)}/volumes`;
  if (volume.hostPath) {
    return (
      checkHostPath(p, volume.hostPath.path, volume.hostPath.type ?? '') ?? {
        path: volume.hostPath.path,
      }
    );
  }
  const claim = volume.ephemeral
    ? `${pod.metadata.name}-${volume.name}`
    : volume.persistentVolumeClaim?.claimName;
  if (claim !== undefined) return yield* claimPath(context, pod, claim);
  const plugin = Object.entries(PLUGINS).find(
    ([kind]) => kind in volume && volume[kind as keyof Volume] !== undefined,
  );
  if (!plugin) return 'no volume plugin matched';
  const directory = `${base}/${plugin[1]}/${volume.name}`;
  const { fsGroup } = pod.spec.securityContext ?? {};
  const files = yield* filesOf(context, pod, volume);
  if (typeof files === 'string') return files;
  if (!p.exists(directory)) {
    makeDirectories(p, directory);
    const inMemory = volume.secret || volume.projected || volume.emptyDir?.medium === 'Memory';
    if (inMemory) {
      const size = memorySize(context, pod, volume.emptyDir ?? {});
      p.mount('tmpfs', directory, 'tmpfs', 0, `size=${size}`);
    }
    // Every such volume is an emptyDir below: open to all, a fresh tmpfs with the sticky bit.
    const mode = inMemory ? 0o1777 : 0o777;
    p.chmod(directory, volume.emptyDir && fsGroup !== undefined ? mode | 0o2000 : mode);
    if (volume.emptyDir && fsGroup !== undefined) p.chown(directory, 0, fsGroup);
  }
  if (files) yield* writeAtomically(context, directory, files, fsGroup);
  return { path: directory };
}

function* claimPath(
  context: KubeletContext,
  pod: Pod,
  claim: string,
): Routine<{ path: string } | string> {
  const { namespace = '' } = pod.metadata;
  const object = yield* context.client.get(resources.persistentVolumeClaims, namespace, claim);
  if (object instanceof Refusal) return `persistentvolumeclaim "${claim}" not found`;
  const spec = object.spec as { volumeName?: string };
  const volume = yield* context.client.get(resources.persistentVolumes, '', spec.volumeName ?? '');
  if (volume instanceof Refusal) return volume.message;
  const source = volume.spec as {
    hostPath?: { path: string; type?: string };
    local?: { path: string };
  };
  const path = source.hostPath?.path ?? source.local?.path;
  if (path === undefined) return 'no volume plugin matched';
  makeDirectories(context.process, path, 0o777);
  return { path };
}

/** What is mounted of a pod's volumes, and why others are not. */
export interface Mounting {
  readonly mounted: MountedVolumes;
  readonly problems: readonly string[];
}

/** Mounts all volumes of a pod, each by itself, or brings what they hold up to date. */
export function* mountVolumes(context: KubeletContext, pod: Pod): Routine<Mounting> {
  const mounted = new Map<string, string>();
  const problems: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const one = yield* mountOne(context, pod, volume);
    if (typeof one !== 'string') mounted.set(volume.name, one.path);
    else problems.push(`MountVolume.SetUp failed for volume "${volume.name}" : ${one}`);
  }
  return { mounted, problems };
}

/** Unmounts a pod's volumes and removes its directory. */
export function removePodDirectory(context: KubeletContext, pod: Pod): void {
  const { process: p } = context;
  forgetTokens(context, pod);
  const base = `${podDirectory(pod)}/volumes`;
  const plugins = p.readdir(base);
  for (const { name: plugin } of isErrno(plugins) ? [] : plugins) {
    const volumes = p.readdir(`${base}/${plugin}`);
    for (const { name } of isErrno(volumes) ? [] : volumes)
      p.umount(`${base}/${plugin}/${name}`, MNT_DETACH);
  }
  removeAll(p, podDirectory(pod));
}

/** True where what a volume holds may change while the pod runs. */
export function changesLater(volume: Volume): boolean {
  return (
    Boolean(volume.configMap || volume.secret || volume.downwardAPI) ||
    Boolean(volume.projected && !volume.name.startsWith('kube-api-access-'))
  );
}
