// docker buildx imagetools inspect: an image in its registry, as the registry tells of it.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import {
  type Descriptor,
  isIndexType,
  type ImageIndex,
  platformText,
} from '../../containers/images/oci.ts';
import {
  fullName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { RegistryClient } from '../../containers/registry/client.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import type { Action, Call } from './command.ts';
import { buildError } from './build/build.ts';

/** What a registry has under a name, asked by the client itself (imagetools.Resolver); a text says why there is none. */
export function* resolveImage(
  p: Process,
  text: string,
): Routine<
  { readonly name: string; readonly target: Descriptor; readonly bytes: Uint8Array } | string
> {
  const parsed = parseReference(text);
  if (isReferenceError(parsed)) return parsed;
  const full = withDefaultTag(parsed);
  const registry = new RegistryClient(p, full.domain, {
    plainHttp: /^(localhost|127\.)/.test(full.domain),
  });
  const found = yield* registry.manifest(full.path, full.digest ?? full.tag ?? 'latest');
  const name = fullName(full);
  return typeof found === 'string' ? found.replace('%s', name) : { name, ...found };
}

function* inspect(call: Call): Routine<number> {
  const { main, flags, args } = call;
  if (flags.given('format'))
    return yield* notSimulated(main, 'docker buildx imagetools inspect --format');
  const found = yield* resolveImage(main.process, args[0] ?? '');
  if (typeof found === 'string') return yield* buildError(call, found);
  const { name } = found;
  const text = decode(found.bytes);
  if (flags.on('raw')) {
    main.out.put(text);
    return 0;
  }
  const { mediaType, digest } = found.target;
  main.out.put(`Name:      ${name}\nMediaType: ${mediaType}\nDigest:    ${digest}\n`);
  if (!isIndexType(mediaType)) return 0;
  main.out.put('           \nManifests: \n');
  const { manifests } = JSON.parse(text) as ImageIndex;
  const entries = manifests.map((manifest) => {
    const base = name.replace(/[:@][^/]*$/, '');
    const annotations = Object.entries(manifest.annotations ?? {})
      .map(([key, value]) => `    ${`${key}:`.padEnd(28)} ${value}\n`)
      .join('');
    const platform = manifest.platform ? `  Platform:    ${platformText(manifest.platform)}\n` : '';
    return `  Name:        ${base}@${manifest.digest}\n  MediaType:   ${manifest.mediaType}\n${platform}${annotations === '' ? '' : `  Annotations: \n${annotations}`}`;
  });
  main.out.put(entries.join('               \n'));
  return 0;
}

export const imagetools: Readonly<Record<string, Action>> = {
  'buildx imagetools inspect': inspect,
};
