// The column IMAGE of `docker ps` (formatter.ContainerContext).

import {
  familiarName,
  isReferenceError,
  parseReference,
} from '../../containers/images/reference.ts';

/** The image that a container was made of: an id in short, a name without its digest. */
export function imageText(
  { Image, ImageID }: { readonly Image: string; readonly ImageID: string },
  whole: boolean,
): string {
  if (Image === '' || whole) return Image === '' ? '<no image>' : Image;
  const short = (id: string): string => id.replace(/^\w+:/, '').slice(0, 12);
  if (Image.startsWith('sha256:') && short(Image) === short(ImageID)) return short(Image);
  const reference = parseReference(Image);
  if (isReferenceError(reference) || reference.digest === undefined) return Image;
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  return `${familiarName(reference)}${tag}`;
}
