// skopeo 1.9: looking at images and copying them between places: registries, OCI layouts and archives. Signing, sync,
// containers-storage and the daemon's transports are left out.

import { decode, encode } from '../../core/text.ts';
import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { inodeOf, writeWholeFile } from '../containerd/daemon.ts';
import {
  NAME_ANNOTATION,
  REF_ANNOTATION,
  reachable,
  readArchive,
  singleManifest,
  writeArchive,
} from '../images/archive.ts';
import { contentsOf } from '../images/layer.ts';
import { ImageLayout } from '../images/layout.ts';
import {
  type Descriptor,
  type Digest,
  jsonBlob,
  type Manifest,
  MEDIA_TYPES,
  parseConfig,
  parseManifest,
} from '../images/oci.ts';
import {
  isReferenceError,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../images/reference.ts';
import { readTar, writeTar } from '../images/tar.ts';
import { RegistryClient } from '../registry/client.ts';

function* fatal(main: Main, text: string): Routine<number> {
  main.err.put(`time="${rfc3339(main.process.now)}" level=fatal msg=${JSON.stringify(text)}\n`);
  yield* main.err.flush();
  return 1;
}

/** An image that was read from somewhere: its blobs are at hand. */
interface Source {
  readonly target: Descriptor;
  readonly manifest: Manifest;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** The repository, for `inspect`. */
  readonly name: string;
  readonly tags: readonly string[];
}

interface Place {
  readonly transport: string;
  readonly path: string;
  readonly reference: string;
}

const TRANSPORTS = ['oci', 'oci-archive', 'docker-archive', 'docker', 'dir'];

function parsePlace(text: string): Place | string {
  const colon = text.indexOf(':');
  const transport = text.slice(0, colon);
  if (colon < 0)
    return `Invalid image name "${text}", expected colon-separated transport:reference`;
  if (!TRANSPORTS.includes(transport))
    return `Invalid image name "${text}", unknown transport "${transport}"`;
  const rest = text.slice(colon + 1);
  if (transport === 'docker') {
    return rest.startsWith('//')
      ? { transport, path: rest.slice(2), reference: '' }
      : `docker: image reference ${rest} does not start with //`;
  }
  const split = rest.indexOf(':');
  return {
    transport,
    path: split < 0 ? rest : rest.slice(0, split),
    reference: split < 0 ? '' : rest.slice(split + 1),
  };
}

function* readSource(p: Process, place: Place): Routine<Source | string> {
  if (place.transport === 'docker') return yield* fromRegistry(p, place.path);
  if (place.transport === 'oci') return fromLayout(p, place);
  return fromArchive(p, place);
}

function fromLayout(p: Process, place: Place): Source | string {
  const layout = new ImageLayout(p, place.path);
  if (!layout.exists) return `open ${place.path}/index.json: no such file or directory`;
  const index = layout.index();
  const target =
    place.reference === '' && index.length === 1
      ? index[0]
      : layout.resolve(place.reference || 'latest');
  if (!target) return `no descriptor found for reference ${JSON.stringify(place.reference)}`;
  const blobs = reachable(target, (digest) => layout.read(digest));
  const manifest = singleManifest(target, (digest) => blobs.get(digest));
  return manifest
    ? { target, manifest, blobs, name: '', tags: [] }
    : `blob ${target.digest} not found`;
}

function fromArchive(p: Process, place: Place): Source | string {
  const inode = inodeOf(p, place.path);
  if (!inode) return `open ${place.path}: no such file or directory`;
  const entries = readTar(contentsOf(inode).slice());
  const archive = typeof entries === 'string' ? entries : readArchive(entries);
  if (typeof archive === 'string') return archive;
  const wanted = place.reference;
  const image = archive.images.find(
    ({ name, ref }) => wanted === '' || name === wanted || ref === wanted,
  );
  if (!image) return `no descriptor found for reference ${JSON.stringify(wanted)}`;
  const manifest = singleManifest(image.target, (digest) => archive.blobs.get(digest));
  return manifest
    ? { target: image.target, manifest, blobs: archive.blobs, name: image.name ?? '', tags: [] }
    : 'manifest not found';
}

function* fromRegistry(p: Process, path: string): Routine<Source | string> {
  const parsed = parseReference(path);
  if (isReferenceError(parsed)) return parsed;
  const reference = withDefaultTag(parsed);
  const client = new RegistryClient(p, reference.domain, { plainHttp: false });
  const failed = `reading manifest ${reference.tag ?? reference.digest} in ${repositoryOf(reference)}: `;
  const found = yield* client.manifest(
    reference.path,
    reference.digest ?? reference.tag ?? 'latest',
  );
  if (typeof found === 'string')
    return `${failed}${found === '%s: not found' ? 'manifest unknown' : found}`;
  const blobs = new Map<Digest, Uint8Array>([[found.target.digest, found.bytes]]);
  let manifest = JSON.parse(decode(found.bytes)) as Manifest & { manifests?: Descriptor[] };
  let { target } = found;
  const child = manifest.manifests?.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64',
  );
  if (child) {
    const inner = yield* client.manifest(reference.path, child.digest);
    if (typeof inner === 'string') return `${failed}${inner}`;
    target = inner.target;
    blobs.set(target.digest, inner.bytes);
    manifest = parseManifest(inner.bytes);
  }
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    const bytes = yield* client.blob(reference.path, digest);
    if (typeof bytes === 'string') return bytes;
    blobs.set(digest, bytes);
  }
  const tags = yield* client.tags(reference.path);
  return {
    target,
    manifest,
    blobs,
    name: repositoryOf(reference),
    tags: typeof tags === 'string' ? [] : tags,
  };
}

function* inspect(main: Main, args: readonly string[]): Routine<number> {
  const text = args.find((word) => !word.startsWith('-'));
  if (text === undefined) return yield* fatal(main, 'Exactly one argument expected');
  const place = parsePlace(text);
  if (typeof place === 'string')
    return yield* fatal(main, `Error parsing image name ${JSON.stringify(text)}: ${place}`);
  const source = yield* readSource(main.process, place);
  if (typeof source === 'string')
    return yield* fatal(main, `Error parsing image name ${JSON.stringify(text)}: ${source}`);
  const bytes = source.blobs.get(source.target.digest) ?? encode('');
  const configBytes = source.blobs.get(source.manifest.config.digest) ?? encode('{}');
  const raw = args.includes('--raw');
  if (args.includes('--config')) {
    main.out.put(
      raw ? configBytes : `${JSON.stringify(JSON.parse(decode(configBytes)), undefined, 4)}\n`,
    );
    return 0;
  }
  if (raw) {
    main.out.put(bytes);
    return 0;
  }
  const config = parseConfig(configBytes);
  const shown = {
    ...(source.name === '' ? {} : { Name: source.name }),
    Digest: source.target.digest,
    RepoTags: source.tags,
    Created: config.created,
    DockerVersion: '',
    Labels: config.config?.Labels ?? null,
    Architecture: config.architecture,
    Os: config.os,
    Layers: source.manifest.layers.map(({ digest }) => digest),
    LayersData: source.manifest.layers.map(({ mediaType, digest, size }) => ({
      MIMEType: mediaType,
      Digest: digest,
      Size: size,
      Annotations: null,
    })),
    Env: config.config?.Env ?? [],
  };
  main.out.put(`${JSON.stringify(shown, undefined, 4)}\n`);
  return 0;
}

function* copy(main: Main, args: readonly string[]): Routine<number> {
  const [from, to] = args.filter((word) => !word.startsWith('-'));
  if (from === undefined || to === undefined)
    return yield* fatal(main, 'Exactly two arguments expected');
  const quiet = args.includes('-q') || args.includes('--quiet');
  const source = parsePlace(from);
  if (typeof source === 'string')
    return yield* fatal(main, `Invalid source name ${from}: ${source}`);
  const target = parsePlace(to);
  if (typeof target === 'string')
    return yield* fatal(main, `Invalid destination name ${to}: ${target}`);
  const image = yield* readSource(main.process, source);
  if (typeof image === 'string') return yield* fatal(main, `initializing source ${from}: ${image}`);
  const problem = yield* writeTarget(main.process, target, image);
  if (problem !== undefined) return yield* fatal(main, problem);
  if (quiet) return 0;
  main.out.put('Getting image source signatures\n');
  for (const { digest } of image.manifest.layers) main.out.put(`Copying blob ${digest}\n`);
  main.out.put(
    `Copying config ${image.manifest.config.digest}\nWriting manifest to image destination\nStoring signatures\n`,
  );
  return 0;
}

function* writeTarget(p: Process, place: Place, image: Source): Routine<string | undefined> {
  const own = new Map(
    [...image.blobs].filter(([digest]) =>
      [image.target, image.manifest.config, ...image.manifest.layers].some(
        (d) => d.digest === digest,
      ),
    ),
  );
  if (place.transport === 'docker') return yield* pushImage(p, place.path, image);
  if (place.transport === 'oci') {
    const layout = new ImageLayout(p, place.path);
    layout.create();
    for (const [digest, bytes] of own) layout.write({ digest, bytes });
    layout.tag(place.reference || 'latest', image.target);
    return undefined;
  }
  const { mediaType, digest, size } = image.target;
  const plain = { mediaType, digest, size };
  if (place.transport === 'docker-archive') {
    const names = place.reference === '' ? [] : [place.reference];
    return writeFile(
      p,
      place.path,
      writeArchive([{ names, target: plain }], (d) => own.get(d)),
    );
  }
  const annotations =
    place.reference === ''
      ? {}
      : {
          [REF_ANNOTATION]: place.reference,
          ...(place.reference.includes('/') ? { [NAME_ANNOTATION]: place.reference } : {}),
        };
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: [{ ...plain, annotations }],
  };
  const file = (name: string, content: Uint8Array) => ({
    name,
    kind: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    content,
  });
  const blobs = [...own].map(([name, bytes]) => file(`blobs/${name.replace(':', '/')}`, bytes));
  const entries = [
    ...blobs,
    file('index.json', jsonBlob(index).bytes),
    file('oci-layout', encode('{"imageLayoutVersion":"1.0.0"}')),
  ];
  return writeFile(p, place.path, writeTar(entries));
}

function writeFile(p: Process, path: string, bytes: Uint8Array): string | undefined {
  return writeWholeFile(p, path, bytes) ? undefined : `open ${path}: no such file or directory`;
}

function* pushImage(p: Process, path: string, image: Source): Routine<string | undefined> {
  const parsed = parseReference(path);
  if (isReferenceError(parsed)) return parsed;
  const reference = withDefaultTag(parsed);
  const client = new RegistryClient(p, reference.domain, { plainHttp: false });
  for (const { digest } of [image.manifest.config, ...image.manifest.layers]) {
    const bytes = image.blobs.get(digest);
    const there = yield* client.hasBlob(reference.path, digest);
    if (there === true || !bytes) continue;
    const problem = yield* client.pushBlob(reference.path, digest, bytes);
    if (problem !== undefined) return `writing blob: ${problem}`;
  }
  const manifest = image.blobs.get(image.target.digest);
  if (!manifest) return 'manifest not found';
  return yield* client.pushManifest(
    reference.path,
    reference.tag ?? 'latest',
    image.target.mediaType,
    manifest,
  );
}

function* listTags(main: Main, args: readonly string[]): Routine<number> {
  const place = parsePlace(args.find((word) => !word.startsWith('-')) ?? '');
  if (typeof place === 'string') return yield* fatal(main, place);
  const reference = parseReference(place.path);
  if (isReferenceError(reference)) return yield* fatal(main, reference);
  const tags = yield* new RegistryClient(main.process, reference.domain, { plainHttp: false }).tags(
    reference.path,
  );
  if (typeof tags === 'string') return yield* fatal(main, `Error listing repository tags: ${tags}`);
  main.out.put(
    `${JSON.stringify({ Repository: repositoryOf(reference), Tags: tags }, undefined, 4)}\n`,
  );
  return 0;
}

export const skopeo = program('skopeo', function* (main) {
  const words = main.args.filter((word) => word !== '--insecure-policy' && word !== '--debug');
  const [name, ...args] = words;
  switch (name) {
    case '--version':
    case '-v':
      main.out.put('skopeo version 1.9.3\n');
      return 0;
    case 'inspect':
      return yield* inspect(main, args);
    case 'copy':
      return yield* copy(main, args);
    case 'list-tags':
      return yield* listTags(main, args);
    default:
      return yield* notSimulated(main, `skopeo ${main.args.join(' ')}`);
  }
});
