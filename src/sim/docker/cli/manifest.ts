// docker manifest: manifests in registries, and manifest lists that are put together in ~/.docker/manifests.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { makeDirectories, removeAll } from '../../containers/containerd/daemon.ts';
import {
  type Descriptor,
  isIndexType,
  MEDIA_TYPES,
  parseConfig,
  parseIndex,
  parseManifest,
  type Platform,
} from '../../containers/images/oci.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { RegistryClient } from '../../containers/registry/client.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';
import type { Action, Call } from './command.ts';
import { fail } from './output.ts';

/** One manifest of a list that is being put together. */
interface Entry {
  readonly ref: string;
  readonly descriptor: Descriptor & { readonly platform: Platform };
  readonly bytes: string;
}

function registryOf(call: Call, reference: Reference): RegistryClient {
  return new RegistryClient(call.main.process, reference.domain, {
    plainHttp: call.flags.on('insecure') || /^(localhost|127\.)/.test(reference.domain),
    httpsFirst: true,
  });
}

function directoryOf(call: Call, list: Reference): string {
  const home = call.main.process.environment.get('HOME') ?? '/root';
  return `${home}/.docker/manifests/${fullName(list)
    .replace(/\//g, '_')
    .replace(/:(?=[^:]*$)/, '-')}`;
}

function* entriesOf(call: Call, list: Reference): Routine<Entry[] | undefined> {
  const { process: p } = call.main;
  const directory = directoryOf(call, list);
  const items = p.readdir(directory);
  if (isErrno(items)) return undefined;
  const entries: Entry[] = [];
  for (const { name } of items.filter((item) => !/^\.+$/.test(item.name))) {
    const bytes = yield* readFile(p, `${directory}/${name}`);
    if (!isErrno(bytes)) entries.push(JSON.parse(decode(bytes)) as Entry);
  }
  return entries;
}

function* keep(call: Call, list: Reference, entry: Entry): Routine<void> {
  const directory = directoryOf(call, list);
  makeDirectories(call.main.process, directory);
  const file = entry.ref.replace(/[/:@]/g, '_');
  yield* writeFile(call.main.process, `${directory}/${file}`, encode(JSON.stringify(entry)));
}

/** Fields in the order in which the command prints them. */
function shown({ mediaType, size, digest, annotations, platform }: Descriptor): object {
  return {
    mediaType,
    size,
    digest,
    ...(annotations ? { annotations } : {}),
    ...(platform ? { platform } : {}),
  };
}

function printed(mediaType: string, bytes: Uint8Array): object {
  if (isIndexType(mediaType))
    return { schemaVersion: 2, mediaType, manifests: parseIndex(bytes).manifests.map(shown) };
  const { config, layers } = parseManifest(bytes);
  return { schemaVersion: 2, mediaType, config: shown(config), layers: layers.map(shown) };
}

const inspect: Action = function* (call) {
  const { args, flags, main } = call;
  if (flags.on('verbose')) return yield* notSimulated(main, 'docker manifest inspect --verbose');
  const parsed = parseReference(args.at(-1) ?? '');
  if (isReferenceError(parsed)) return yield* fail(call, parsed);
  const full = withDefaultTag(parsed);
  const local = yield* entriesOf(call, full);
  if (local && args.length === 1) {
    const manifests = local.map(({ descriptor }) => shown(descriptor));
    const list = { schemaVersion: 2, mediaType: MEDIA_TYPES.dockerIndex, manifests };
    main.out.put(`${JSON.stringify(list, undefined, 3)}\n`);
    return 0;
  }
  const found = yield* registryOf(call, full).manifest(full.path, full.digest ?? full.tag ?? '');
  if (typeof found === 'string') return yield* fail(call, notFound(found, fullName(full)));
  const object = printed(found.target.mediaType, found.bytes);
  main.out.put(
    `${JSON.stringify(object, undefined, 4).replace(/^ {4}/gm, '\t').replaceAll('    ', '\t')}\n`,
  );
  return 0;
};

/** Why a registry gave no manifest: it lacks the name, or it was not reached, which its ping at /v2/ meets first. */
function notFound(problem: string, name: string): string {
  const [, base, why] =
    /^failed to do request: \w+ "(https?:\/\/[^/]+)\/.*?": (.*)$/.exec(problem) ?? [];
  if (base !== undefined)
    return `failed to configure transport: error pinging v2 registry: Get "${base}/v2/": ${why}`;
  return problem.startsWith('%s') || problem.includes('access denied')
    ? `no such manifest: ${name}`
    : problem;
}

function* fetchEntry(call: Call, text: string): Routine<Entry | string> {
  const parsed = parseReference(text);
  if (isReferenceError(parsed)) return parsed;
  const full = withDefaultTag(parsed);
  const registry = registryOf(call, full);
  const found = yield* registry.manifest(full.path, full.digest ?? full.tag ?? '');
  if (typeof found === 'string') return notFound(found, fullName(full));
  const { target, bytes } = found;
  if (isIndexType(target.mediaType)) return `${fullName(full)} is a manifest list`;
  const config = yield* registry.blob(full.path, parseManifest(bytes).config.digest);
  if (typeof config === 'string') return config;
  const { os, architecture, variant } = parseConfig(config);
  const platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
  return { ref: fullName(full), descriptor: { ...target, platform }, bytes: decode(bytes) };
}

const create: Action = function* (call) {
  const [name = '', ...refs] = call.args;
  const list = parseReference(name);
  if (isReferenceError(list))
    return yield* fail(call, `error parsing name for manifest list ${name}: ${list}`);
  const full = withDefaultTag(list);
  if ((yield* entriesOf(call, full)) && !call.flags.on('amend'))
    return yield* fail(call, 'refusing to amend an existing manifest list with no --amend flag');
  for (const ref of refs) {
    const entry = yield* fetchEntry(call, ref);
    if (typeof entry === 'string') return yield* fail(call, entry);
    yield* keep(call, full, entry);
  }
  call.main.out.put(`Created manifest list ${fullName(full)}\n`);
  return 0;
};

const annotate: Action = function* (call) {
  const { flags, args } = call;
  const list = parseReference(args[0] ?? '');
  const image = parseReference(args[1] ?? '');
  if (isReferenceError(list))
    return yield* fail(call, `annotate: error parsing name for manifest list ${args[0]}: ${list}`);
  if (isReferenceError(image))
    return yield* fail(call, `annotate: error parsing name for manifest ${args[1]}: ${image}`);
  const name = fullName(withDefaultTag(image));
  const full = withDefaultTag(list);
  const entry = (yield* entriesOf(call, full))?.find(({ ref }) => ref === name);
  if (!entry)
    return yield* fail(call, `manifest for image ${name} does not exist in ${fullName(full)}`);
  const { platform } = entry.descriptor;
  const changed: Platform = {
    ...platform,
    ...(flags.given('arch') ? { architecture: flags.text('arch') } : {}),
    ...(flags.given('os') ? { os: flags.text('os') } : {}),
    ...(flags.given('variant') ? { variant: flags.text('variant') } : {}),
  };
  yield* keep(call, full, { ...entry, descriptor: { ...entry.descriptor, platform: changed } });
  return 0;
};

const push: Action = function* (call) {
  const list = parseReference(call.args[0] ?? '');
  if (isReferenceError(list)) return yield* fail(call, list);
  const full = withDefaultTag(list);
  const entries = yield* entriesOf(call, full);
  if (!entries) return yield* fail(call, `${fullName(full)} not found`);
  const registry = registryOf(call, full);
  for (const { descriptor, bytes } of entries) {
    const problem = yield* registry.pushManifest(
      full.path,
      descriptor.digest,
      descriptor.mediaType,
      encode(bytes),
    );
    if (problem !== undefined) return yield* fail(call, problem);
    call.main.out.put(
      `Pushed ref ${fullName(full).replace(/:[^:/]*$/, '')}@${descriptor.digest} with digest: ${descriptor.digest}\n`,
    );
  }
  const manifests = entries.map(({ descriptor }) => shown(descriptor));
  const index = encode(
    JSON.stringify(
      { schemaVersion: 2, mediaType: MEDIA_TYPES.dockerIndex, manifests },
      undefined,
      3,
    ),
  );
  const problem = yield* registry.pushManifest(
    full.path,
    full.tag ?? 'latest',
    MEDIA_TYPES.dockerIndex,
    index,
  );
  if (problem !== undefined) return yield* fail(call, problem);
  const found = yield* registry.manifest(full.path, full.tag ?? 'latest');
  if (typeof found !== 'string') call.main.out.put(`${found.target.digest}\n`);
  if (call.flags.on('purge')) removeAll(call.main.process, directoryOf(call, full));
  return 0;
};

const remove: Action = function* (call) {
  for (const name of call.args) {
    const list = parseReference(name);
    if (isReferenceError(list)) return yield* fail(call, list);
    const full = withDefaultTag(list);
    if (!(yield* entriesOf(call, full)))
      return yield* fail(call, `No such manifest: ${fullName(full)}`);
    removeAll(call.main.process, directoryOf(call, full));
  }
  return 0;
};

export const manifestActions: Readonly<Record<string, Action>> = {
  'manifest inspect': inspect,
  'manifest create': create,
  'manifest annotate': annotate,
  'manifest push': push,
  'manifest rm': remove,
};
