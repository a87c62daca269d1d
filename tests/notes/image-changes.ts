// Another image for an example: another tag of the same repository whose image has the same shape (as many steps, the
// same command, the same variables), so that what a container of it prints follows from the versions it holds.

import type { ImageDefinition } from '../../src/sim/containers/images/definition.ts';
import { definitionsByName, findImage } from '../../src/sim/internet/catalog.ts';
import type { Change } from './changes.ts';

/** Where a text names an image. */
const PLACES = [
  'image: ',
  'FROM ',
  '--image[= ]',
  'ancestor=',
  'docker (?:run|create|pull|rmi|inspect|images|history|tag|save|image \\w+)\\b[^|;\\n]*? ',
  'set image [^|;\\n]*=',
  '(?:ctr|crictl) [^|;\\n]*? ',
];
const REFERENCE = '([a-z][\\w./-]*(?::[\\w.-]+)?)(?=["\')|;\\s]|$)';

/** The other images that these steps could name in place of one that they name. */
export function imageChanges(text: string, present: ReadonlySet<string>): Change[] {
  const named = new Set(
    PLACES.flatMap((place) =>
      Array.from(
        text.matchAll(new RegExp(`${place}${REFERENCE}`, 'gm')),
        (match) => match[1] ?? '',
      ),
    ).filter((name) => findImage(name)),
  );
  const used = new Set([...named].map((name) => findImage(name)?.image));
  return [...named]
    .filter((from) => onlyAnImage(text, from))
    .flatMap((from) => others(from, present, used));
}

/** A name without a tag may be a program's or a container's too. */
function onlyAnImage(text: string, name: string): boolean {
  if (name.includes(':')) return true;
  const word = name.replaceAll('.', '\\.');
  const count = (pattern: string): number =>
    Array.from(text.matchAll(new RegExp(pattern, 'gm'))).length;
  const places = PLACES.map((place) => `(?<=${place})`).join('|');
  return count(`(?<![\\w-])${word}(?![\\w-])`) === count(`(?:${places})${word}(?=["')|;\\s]|$)`);
}

/** Changes to other tags; where the image is there already, the other is, too. */
function others(
  from: string,
  present: ReadonlySet<string>,
  used: ReadonlySet<ImageDefinition | undefined>,
): Change[] {
  const found = findImage(from);
  if (!found) return [];
  const repository = from.slice(0, from.length - tagOf(from).length).replace(/:$/, '');
  const [fullRepository, was] = [found.image.repository, tagOf(found.name)];
  return Array.from(definitionsByName()).flatMap(([full, image]): Change[] => {
    const tag = tagOf(full);
    if (image.repository !== fullRepository || tag === was || !/^v?\d/.test(tag)) return [];
    if (present.has(found.name) !== present.has(full) || flavour(tag) !== flavour(tagOf(from)))
      return [];
    if (image !== found.image && used.has(image)) return [];
    const versions = sameShape(found.image, image);
    if (!versions) return [];
    const listed = [`${repository}  ${tag}`, `${repository}  ${was}`] as const;
    const pulled = [`${tag}: Pulling`, `${was}: Pulling`] as const;
    const follows = [listed, pulled, [`${repository}:latest`, repository] as const, ...versions];
    return [{ kind: 'image', from, to: `${repository}:${tag}`, follows }];
  });
}

/** The values of variables that differ between two images of the same shape; undefined where the shapes differ. */
function sameShape(one: ImageDefinition, other: ImageDefinition): [string, string][] | undefined {
  const split = ({ config }: ImageDefinition) =>
    (config.Env ?? []).map((pair) => pair.split(/=(.*)/s));
  const shape = (image: ImageDefinition): string =>
    JSON.stringify([
      image.config.Entrypoint,
      image.config.Cmd,
      image.steps.length,
      split(image).map(([name]) => name),
    ]);
  if (one === other) return [];
  if (shape(one) !== shape(other) || split(one).length < 2) return undefined;
  const values = split(one);
  return split(other).flatMap(([, is = ''], i): [string, string][] => {
    const was = values[i]?.[1] ?? '';
    if (is === was) return [];
    return /^\d/.test(is)
      ? [
          [`v${is}`, `v${was}`],
          [is, was],
        ]
      : [[is, was]];
  });
}

/** What a tag says beside the version: `-alpine`. */
function flavour(tag: string): string {
  return tag.replaceAll(/[\d.v-]|latest/g, '');
}

function tagOf(name: string): string {
  return /:([\w.-]+)$/.exec(name)?.[1] ?? '';
}
