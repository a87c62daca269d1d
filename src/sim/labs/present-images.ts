// Images that are present in a lab without a way out, as recordings name them.

import { findImage } from '../internet/catalog.ts';
import type { NamedImage } from '../internet/find-image.ts';
import { localHelloWorld } from '../internet/images/distributions.ts';

/** The name under which an image that a session calls `debian` was present. */
const PRESENT_AS: Readonly<Record<string, string>> = {
  debian: 'debian:bookworm',
  registry: 'registry:2',
};

/** An image that is present in a lab without a way out; its hello-world is a small one, built on the spot. */
export function presentImage(name: string): NamedImage | undefined {
  const found = findImage(PRESENT_AS[name] ?? name);
  return found && name === 'hello-world' ? { ...found, image: localHelloWorld } : found;
}
