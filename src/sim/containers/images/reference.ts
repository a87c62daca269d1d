// Image references (distribution/reference): `[domain/]path[:tag][@digest]`, and how short names become full ones.

import type { Digest } from './oci.ts';

export interface Reference {
  /** `docker.io`, `registry.k8s.io`, `localhost:5000`. */
  readonly domain: string;
  /** `library/nginx`. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

const DOMAIN =
  '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?';
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const REMOTE = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const FULL = new RegExp(
  `^((?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** What is wrong with a reference, in distribution's words. */
export type ReferenceError =
  | 'invalid reference format'
  | 'repository name must have at least one component'
  | 'repository name must not be longer than 255 characters'
  | `invalid reference format: repository name (${string}) must be lowercase`
  | `invalid repository name (${string}), cannot specify 64-byte hexadecimal strings`;

/** True where parsing failed. */
export function isReferenceError(value: Reference | ReferenceError): value is ReferenceError {
  return typeof value === 'string';
}

/** Reads a reference as docker and the CRI do: without a domain it is of docker.io, without a slash of library/. */
export function parseReference(text: string): Reference | ReferenceError {
  if (/^[a-f0-9]{64}$/.test(text)) {
    return `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`;
  }
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const hasDomain =
    slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  let domain = hasDomain ? first : 'docker.io';
  let remainder = hasDomain ? text.slice(slash + 1) : text;
  if (domain === 'index.docker.io') domain = 'docker.io';
  if (domain === 'docker.io' && !remainder.includes('/')) remainder = `library/${remainder}`;
  const name = remainder.replace(/@.*$/, '').replace(/:[^/]*$/, '');
  if (name !== name.toLowerCase()) {
    return `invalid reference format: repository name (${name}) must be lowercase`;
  }
  const match = FULL.exec(`${domain}/${remainder}`);
  if (!match || !REMOTE.test(name)) return 'invalid reference format';
  if (name.length > 255) return 'repository name must not be longer than 255 characters';
  return { domain, path: name, tag: match[2], digest: match[3] };
}

/** `docker.io/library/nginx`. */
export function repositoryOf(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** The full name with tag and digest, as images are stored under. */
export function fullName(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${repositoryOf(reference)}${tag}${digest}`;
}

/** Adds `:latest` where neither tag nor digest was given. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: 'latest' };
}

/** As people write it: without `docker.io/` and `library/`. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== 'docker.io') return repositoryOf(reference);
  return reference.path.replace(/^library\//, '');
}

/** What is wrong with a name of Docker Hub: names without a user are the library's. */
export function referenceProblem(problem: ReferenceError): string {
  return problem.replace(
    /repository name \((?!library\/)([^/)]+)\)/,
    'repository name (library/$1)',
  );
}
