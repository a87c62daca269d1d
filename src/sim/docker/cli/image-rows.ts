// Images as rows of `docker images` and of `docker system df -v` (formatter/image.go).

import { SECOND } from '../../core/time.ts';
import { goMap } from '../../userland/template/values.ts';
import { humanDuration } from '../../containers/units.ts';
import { humanSize, humanSize3 } from '../units.ts';
import { goTime } from './containers.ts';
import type { ListView } from './output.ts';

/** image.Summary */
export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Created: number;
  readonly Size: number;
  readonly Containers: number;
  readonly SharedSize?: number;
}

/** How images are listed. */
export const IMAGES: ListView = {
  type: '*formatter.imageContext',
  headers: goMap({
    ID: 'IMAGE ID',
    Repository: 'REPOSITORY',
    Tag: 'TAG',
    Digest: 'DIGEST',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    Size: 'SIZE',
    Containers: 'CONTAINERS',
    VirtualSize: 'VIRTUAL SIZE',
    SharedSize: 'SHARED SIZE',
    UniqueSize: 'UNIQUE SIZE',
  }),
  columns: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size'],
  quiet: 'ID',
};

interface NamedImage {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

function rowOf({ image, repository, tag, digest }: NamedImage, whole: boolean, now: number) {
  const { SharedSize = -1 } = image;
  return {
    Containers: image.Containers < 0 ? 'N/A' : String(image.Containers),
    CreatedAt: goTime(image.Created),
    CreatedSince: `${humanDuration((now - image.Created) * SECOND)} ago`,
    Digest: digest,
    ID: whole ? image.Id : image.Id.slice(7, 19),
    Repository: repository,
    SharedSize: SharedSize < 0 ? 'N/A' : humanSize(SharedSize),
    Size: humanSize3(image.Size),
    Tag: tag,
    UniqueSize: SharedSize < 0 ? 'N/A' : humanSize(image.Size - SharedSize),
    VirtualSize: humanSize(image.Size),
  };
}

/** Texts by what stands before their last separator. */
function byRepository(texts: readonly string[], separator: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of texts) {
    const at = text.lastIndexOf(separator);
    const repository = text.slice(0, at);
    found.set(repository, [...(found.get(repository) ?? []), text.slice(at + 1)]);
  }
  return found;
}

/** Rows of an image: one for each tag (and digest), and for digests without a tag. */
export function imageRows(
  image: ImageSummary,
  whole: boolean,
  now: number,
  digests: { readonly shown: boolean; readonly needed: boolean },
): Record<string, unknown>[] {
  const row = (repository: string, tag: string, digest: string): Record<string, unknown> =>
    rowOf({ image, repository, tag, digest }, whole, now);
  if (image.RepoTags.length === 0 && image.RepoDigests.length === 0)
    return [row('<none>', '<none>', '<none>')];
  const tags = byRepository(image.RepoTags, ':');
  const known = byRepository(image.RepoDigests, '@');
  const rows: Record<string, unknown>[] = [];
  for (const [repository, list] of tags) {
    const own = digests.needed ? (known.get(repository) ?? ['<none>']) : ['<none>'];
    known.delete(repository);
    for (const tag of list) for (const digest of own) rows.push(row(repository, tag, digest));
  }
  for (const [repository, list] of known)
    for (const digest of digests.shown ? list : ['']) rows.push(row(repository, '<none>', digest));
  return rows;
}

/** An image under its first name alone. */
export function firstNameRow(
  image: ImageSummary,
  whole: boolean,
  now: number,
): Record<string, unknown> {
  const [name = '<none>:<none>'] = image.RepoTags;
  const colon = name.lastIndexOf(':');
  const names = { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest: '' };
  return rowOf({ image, ...names }, whole, now);
}
