// umoci 0.4: changing OCI image layouts without a daemon: unpack to a runc bundle, repack what changed as a layer, change
// the configuration. Raw commands and rootless unpacking are left out.

import { decode, encode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Inode } from '../../kernel/files/inode.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { inodeOf, makeDirectories, writeWholeFile } from '../containerd/daemon.ts';
import {
  DEFAULT_PATH_ENV,
  defaultSpec,
  mergeEnvironment,
  readAccounts,
  resolveUser,
  withImageConfig,
  withProcess,
} from '../containerd/spec.ts';
import {
  applyLayer,
  contentsOf,
  readLayer,
  tarEntryOf,
  whiteoutEntry,
  whiteoutName,
} from '../images/layer.ts';
import { config } from './umoci-config.ts';
import { ImageLayout } from '../images/layout.ts';
import { digestOf, type ImageConfig, MEDIA_TYPES, parseConfig } from '../images/oci.ts';
import { type TarEntry, writeTar } from '../images/tar.ts';
import type { Spec } from '../runc/spec.ts';

/** apex/log's line for an error. */
export function* fail(main: Main, text: string): Routine<number> {
  main.err.put(`   ⨯ ${text.padEnd(25)}\n`);
  yield* main.err.flush();
  return 1;
}

export interface Words {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
}

const SWITCHES = new Set([
  '--json',
  '--rootless',
  '--keep-dirlinks',
  '--no-history',
  '--refresh-bundle',
]);

function readWords(args: readonly string[]): Words {
  const flags = new Map<string, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (!word.startsWith('--')) {
      rest.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const value = SWITCHES.has(name)
      ? 'true'
      : equals < 0
        ? (args[++i] ?? '')
        : word.slice(equals + 1);
    flags.set(name, [...(flags.get(name) ?? []), value]);
  }
  return { flags, rest };
}

/** `LAYOUT[:TAG]`. */
export function imageFlag(
  main: Main,
  words: Words,
): { layout: ImageLayout; tag: string } | undefined {
  const text = words.flags.get('--image')?.[0];
  if (text === undefined) return undefined;
  const colon = text.lastIndexOf(':');
  const path = colon < 0 ? text : text.slice(0, colon);
  return {
    layout: new ImageLayout(main.process, path),
    tag: colon < 0 ? 'latest' : text.slice(colon + 1),
  };
}

type Command = (main: Main, words: Words) => Routine<number>;

/** One file as the manifest of an unpacked bundle records it. */
function record(inode: Inode): string {
  const size = inode.isRegular ? inode.size : 0;
  return `${inode.mode} ${inode.uid} ${inode.gid} ${size} ${inode.mtime} ${inode.nlink}`;
}

function* walk(directory: Inode, path = ''): Generator<[string, Inode]> {
  for (const { name, inode } of [...directory.entries(undefined)].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    yield [`${path}${name}`, inode];
    if (inode.isDirectory) yield* walk(inode, `${path}${name}/`);
  }
}

function manifestText(root: Inode): string {
  const lines = [
    ['.', record(root)],
    ...[...walk(root)].map(([path, inode]) => [path, record(inode)]),
  ];
  return lines.map(([path, text]) => `${JSON.stringify(path)} ${text}\n`).join('');
}

function* unpack(main: Main, words: Words): Routine<number> {
  const image = imageFlag(main, words);
  const [bundle] = words.rest;
  if (!image || bundle === undefined)
    return yield* fail(main, 'missing mandatory argument: --image');
  const { process: p } = main;
  if (!image.layout.exists) {
    return yield* fail(main, 'open CAS: validate: read oci-layout: invalid image detected');
  }
  if (p.exists(`${bundle}/config.json`)) {
    return yield* fail(main, 'create runtime bundle: config.json already exists in bundle');
  }
  const found = image.layout.image(image.tag);
  if (!found) return yield* fail(main, `tag is not found: ${image.tag}`);
  makeDirectories(p, `${bundle}/rootfs`);
  const root = inodeOf(p, `${bundle}/rootfs`);
  if (!root) return yield* fail(main, `cannot make ${bundle}`);
  for (const layer of found.manifest.layers) {
    const bytes = image.layout.read(layer.digest);
    const entries = bytes ? readLayer(bytes) : `blob ${layer.digest} not found`;
    if (typeof entries === 'string') return yield* fail(main, entries);
    applyLayer(root, entries, 'remove');
  }
  const spec = yield* bundleSpec(p, found.config, `${bundle}/rootfs`);
  writeWholeFile(p, `${bundle}/config.json`, encode(JSON.stringify(spec, undefined, '\t')));
  const { mediaType, digest, size } = found.target;
  const meta = {
    umoci_version: '0.4.7',
    from_descriptor_path: { descriptor_walk: [{ mediaType, digest, size }] },
    map_options: { uid_mappings: [], gid_mappings: [], rootless: false },
    whiteout_mode: 0,
  };
  writeWholeFile(p, `${bundle}/umoci.json`, encode(JSON.stringify(meta)));
  writeWholeFile(p, `${bundle}/${digest.replace(':', '_')}.mtree`, encode(manifestText(root)));
  return 0;
}

/** The runtime configuration of an image. */
function* bundleSpec(p: Process, config: ImageConfig, rootfs: string): Routine<Spec> {
  const image = config.config ?? {};
  const Env = mergeEnvironment([DEFAULT_PATH_ENV, 'TERM=xterm'], image.Env ?? []);
  const spec = withImageConfig(defaultSpec('umoci', 'umoci-default'), { ...image, Env }, []);
  const user = resolveUser(config.config?.User || '0:0', yield* readAccounts(p, rootfs));
  const known = typeof user === 'string' ? { uid: 0, gid: 0 } : user;
  const { cgroupsPath: _none, ...linux } = spec.linux ?? {};
  return {
    ...withProcess(spec, { user: known, terminal: true }),
    root: { path: 'rootfs' },
    hostname: 'umoci-default',
    linux,
  };
}

/** The entries of what changed in a bundle since it was unpacked. */
function changes(root: Inode, before: ReadonlyMap<string, string>): TarEntry[] {
  const entries: TarEntry[] = [];
  const seen = new Set(['.']);
  if (before.get('.') !== record(root)) {
    const entry = tarEntryOf(root, '.');
    if (entry) entries.push(entry);
  }
  for (const [path, inode] of walk(root)) {
    seen.add(path);
    if (before.get(path) === record(inode)) continue;
    const entry = tarEntryOf(inode, path);
    if (entry) entries.push(entry);
  }
  for (const path of before.keys()) {
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (!seen.has(path) && (above === '' || seen.has(above)))
      entries.push(whiteoutEntry(whiteoutName(path)));
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function* repack(main: Main, words: Words): Routine<number> {
  const image = imageFlag(main, words);
  const [bundle] = words.rest;
  if (!image || bundle === undefined)
    return yield* fail(main, 'missing mandatory argument: --image');
  const { process: p } = main;
  const meta = inodeOf(p, `${bundle}/umoci.json`);
  const root = inodeOf(p, `${bundle}/rootfs`);
  if (!meta || !root)
    return yield* fail(
      main,
      `read umoci.json metadata: open ${bundle}/umoci.json: no such file or directory`,
    );
  const { from_descriptor_path: from } = JSON.parse(decode(contentsOf(meta))) as {
    from_descriptor_path: { descriptor_walk: { digest: string }[] };
  };
  const digest = from.descriptor_walk[0]?.digest ?? '';
  const mtree = inodeOf(p, `${bundle}/${digest.replace(':', '_')}.mtree`);
  const base = image.layout.read(digest);
  if (!mtree || !base) return yield* fail(main, `source image ${digest} not found`);
  const before = new Map(
    decode(contentsOf(mtree))
      .split('\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => {
        const end = line.indexOf('" ') + 1;
        return [JSON.parse(line.slice(0, end)) as string, line.slice(end + 1)];
      }),
  );
  const tar = writeTar(changes(root, before));
  const packed = gzip(tar);
  const layer = {
    mediaType: MEDIA_TYPES.ociLayerGzip,
    digest: digestOf(packed),
    size: packed.length,
  };
  image.layout.write({ digest: layer.digest, bytes: packed });
  const { config: descriptor, layers } = JSON.parse(decode(base)) as {
    config: { digest: string };
    layers: (typeof layer)[];
  };
  const config = parseConfig(image.layout.read(descriptor.digest) ?? encode('{}'));
  const created = rfc3339Fraction(p.now, 9);
  const entry = {
    created,
    created_by: words.flags.get('--history.created_by')?.[0] ?? 'umoci repack',
  };
  const next: ImageConfig = {
    ...config,
    created,
    history: [...(config.history ?? []), entry],
    rootfs: { type: 'layers', diff_ids: [...config.rootfs.diff_ids, digestOf(tar)] },
  };
  image.layout.store(image.tag, next, [...layers, layer]);
  return 0;
}

function* stat(main: Main, words: Words): Routine<number> {
  const image = imageFlag(main, words);
  const found = image?.layout.image(image.tag);
  if (!image || !found) return yield* fail(main, `tag is not found: ${image?.tag ?? ''}`);
  const layers = [...found.manifest.layers];
  const diffIds = [...found.config.rootfs.diff_ids];
  const history = (found.config.history ?? []).map((entry) => ({
    layer: entry.empty_layer ? null : (layers.shift() ?? null),
    diff_id: entry.empty_layer ? '' : (diffIds.shift() ?? ''),
    ...entry,
  }));
  if (words.flags.has('--json')) {
    main.out.put(`${JSON.stringify({ history })}\n`);
    return 0;
  }
  const rows = history.map((h) =>
    [
      h.layer?.digest ?? '<none>',
      h.created ?? '',
      h.created_by ?? '',
      h.layer ? String(h.layer.size) : '<none>',
      h.comment ?? '',
    ].join('  '),
  );
  main.out.put(['LAYER  CREATED  CREATED BY  SIZE  COMMENT', ...rows, ''].join('\n'));
  return 0;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  unpack,
  repack,
  config,
  stat,
  *ls(main, words) {
    const layout = new ImageLayout(main.process, words.flags.get('--layout')?.[0] ?? '');
    if (!layout.exists)
      return yield* fail(main, `open CAS: read oci-layout: invalid image detected`);
    for (const tag of layout.tags()) main.out.put(`${tag}\n`);
    return 0;
  },
  *init(main, words) {
    const directory = words.flags.get('--layout')?.[0] ?? '';
    if (main.process.exists(directory))
      return yield* fail(main, `image layout creation: path already exists: ${directory}`);
    new ImageLayout(main.process, directory).create();
    return 0;
  },
  *new(main, words) {
    const image = imageFlag(main, words);
    if (!image) return yield* fail(main, 'missing mandatory argument: --image');
    const empty: ImageConfig = {
      architecture: 'amd64',
      os: 'linux',
      created: rfc3339Fraction(main.process.now, 9),
      config: {},
      rootfs: { type: 'layers', diff_ids: [] },
    };
    image.layout.store(image.tag, empty, []);
    return 0;
  },
  *tag(main, words) {
    const image = imageFlag(main, words);
    const target = image?.layout.resolve(image.tag);
    const [name] = words.rest;
    if (!image || !target || name === undefined)
      return yield* fail(main, `tag is not found: ${image?.tag ?? ''}`);
    image.layout.tag(name, target);
    return 0;
  },
  *rm(main, words) {
    const image = imageFlag(main, words);
    if (!image) return yield* fail(main, 'missing mandatory argument: --image');
    image.layout.untag(image.tag);
    return 0;
  },
  *gc(main, words) {
    new ImageLayout(main.process, words.flags.get('--layout')?.[0] ?? '').collect();
    return 0;
  },
};

const ALIASES: Readonly<Record<string, string>> = { list: 'ls', remove: 'rm' };

export const umoci = program('umoci', function* (main) {
  const [name = '', ...args] = main.args;
  if (name === '--version' || name === '-v') {
    main.out.put('umoci version 0.4.7\n');
    return 0;
  }
  const command = COMMANDS[ALIASES[name] ?? name];
  if (!command && ['insert', 'raw', 'help', 'h', ''].includes(name)) {
    return yield* notSimulated(main, `umoci ${main.args.join(' ')}`.trimEnd());
  }
  if (!command) {
    main.out.put(`No help topic for '${name}'\n`);
    return 3;
  }
  return yield* command(main, readWords(args));
});
