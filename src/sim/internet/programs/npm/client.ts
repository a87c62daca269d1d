// What npm and yarn share: package.json, versions and ranges, and packages from the registry into node_modules.

import { Content } from '../../../core/content.ts';
import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { readTar } from '../../../containers/images/tar.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../../userland/http/client.ts';
import { gunzip } from '../../../userland/libc/gzip.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';

export type Dependencies = Readonly<Record<string, string>>;

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
}

/** A package as it is to be installed. */
export interface Resolved {
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
  readonly integrity: string;
}

/** Why a package cannot be had. */
export type Trouble =
  | { readonly kind: 'network'; readonly host: string; readonly code: string }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'no version'; readonly name: string; readonly range: string };

/** The package.json of a directory; undefined where there is none, a text where it is malformed. */
export function* readManifest(
  p: Process,
  directory: string,
): Routine<Manifest | string | undefined> {
  const bytes = yield* readFile(p, `${directory}/package.json`);
  if (isErrno(bytes)) return undefined;
  try {
    return JSON.parse(decode(bytes)) as Manifest;
  } catch (error) {
    return error instanceof Error ? error.message : 'malformed';
  }
}

/** Writes a document as npm does: two spaces, a newline at the end. */
export function writeJsonFile(p: Process, path: string, value: unknown): void {
  writeWholeFile(p, path, encode(`${JSON.stringify(value, undefined, 2)}\n`));
}

const numbers = (version: string): number[] => version.split(/[.-]/).slice(0, 3).map(Number);

function compare(a: string, b: string): number {
  const [x, y] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return (x[i] ?? 0) - (y[i] ?? 0);
  return 0;
}

/** True where a version is in a range: exact, ^, ~, >=, x, * or latest. */
export function satisfies(version: string, range: string): boolean {
  const wanted = range.trim();
  if (wanted === '' || wanted === '*' || wanted === 'latest' || wanted === 'x') return true;
  if (wanted.includes('||')) return wanted.split('||').some((one) => satisfies(version, one));
  const [, sign = '', text = ''] = /^([~^]|>=|<=|>|<|=|v)?\s*(.*)$/.exec(wanted) ?? [];
  const [major, minor, patch] = text.split('.');
  const [vMajor, vMinor] = numbers(version);
  const full = [major, minor ?? '0', patch ?? '0']
    .map((one) => (one === 'x' ? '0' : one))
    .join('.');
  if (sign === '>=') return compare(version, full) >= 0;
  if (sign === '>') return compare(version, full) > 0;
  if (sign === '<=') return compare(version, full) <= 0;
  if (sign === '<') return compare(version, full) < 0;
  if (sign === '^') return vMajor === Number(major) && compare(version, full) >= 0;
  if (sign === '~')
    return (
      vMajor === Number(major) && vMinor === Number(minor ?? vMinor) && compare(version, full) >= 0
    );
  return text
    .split('.')
    .every((part, i) => part === 'x' || part === '*' || Number(part) === numbers(version)[i]);
}

/** A document or archive of the registry; its bytes, or why there are none. */
function* fetch(p: Process, host: string, path: string): Routine<Uint8Array | Trouble | undefined> {
  const answer = yield* httpRequest(
    p,
    { host, port: 443, tls: { serverName: host, authorities: [], insecure: true } },
    { method: 'GET', path, query: new Map(), headers: { host }, body: Content.empty },
  );
  if (isHttpFailure(answer)) {
    const again = answer.kind === 'resolve' && answer.failure.failure === 'again';
    const code =
      answer.kind === 'resolve'
        ? again
          ? 'EAI_AGAIN'
          : 'ENOTFOUND'
        : answer.kind === 'connect'
          ? answer.errno.name
          : 'ECONNRESET';
    return { kind: 'network', host, code };
  }
  return answer.status === 200 ? (yield* wholeBody(answer)).bytes() : undefined;
}

interface Document {
  readonly 'dist-tags': { readonly latest: string };
  readonly versions: Readonly<
    Record<string, { readonly dist: { readonly tarball: string; readonly integrity: string } }>
  >;
}

export function isTrouble(value: object): value is Trouble {
  return 'kind' in value;
}

/** The version of a package that a range means. */
export function* resolvePackage(
  p: Process,
  host: string,
  name: string,
  range: string,
): Routine<Resolved | Trouble> {
  const bytes = yield* fetch(p, host, `/${name}`);
  if (bytes === undefined) return { kind: 'unknown', name };
  if (!(bytes instanceof Uint8Array)) return bytes;
  const { versions, 'dist-tags': tags } = JSON.parse(decode(bytes)) as Document;
  const fitting = Object.keys(versions)
    .filter((one) => satisfies(one, range))
    .sort(compare);
  const any = range === '' || range === 'latest' || range === '*';
  const version = any ? tags.latest : fitting.at(-1);
  const found = version === undefined ? undefined : versions[version];
  if (version === undefined || !found) return { kind: 'no version', name, range };
  return { name, version, ...found.dist };
}

/** Puts a package into node_modules. */
export function* installPackage(
  p: Process,
  directory: string,
  { name, tarball }: Resolved,
): Routine<Trouble | undefined> {
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)(\/.*)$/.exec(tarball) ?? [];
  const bytes = yield* fetch(p, host, path);
  if (bytes === undefined) return { kind: 'unknown', name };
  if (!(bytes instanceof Uint8Array)) return bytes;
  const plain = gunzip(bytes);
  const entries = typeof plain === 'string' ? plain : readTar(plain);
  if (typeof entries === 'string') return { kind: 'unknown', name };
  for (const entry of entries) {
    const target = `${directory}/node_modules/${name}/${entry.name.replace(/^package\//, '')}`;
    makeDirectories(p, target.slice(0, target.lastIndexOf('/')));
    writeWholeFile(p, target, entry.content ?? new Uint8Array(0));
  }
  yield* p.sleep(40_000_000);
  return undefined;
}

/** The directory that a command works in. */
export function hereOf(p: Process): string {
  const here = p.getcwd();
  return isErrno(here) ? '/' : here;
}

/** What is in node_modules: names with their versions. */
export function* installedPackages(p: Process, directory: string): Routine<Map<string, string>> {
  const out = new Map<string, string>();
  const items = p.readdir(`${directory}/node_modules`);
  if (isErrno(items)) return out;
  for (const { name } of items) {
    if (name.startsWith('.')) continue;
    const manifest = yield* readManifest(p, `${directory}/node_modules/${name}`);
    if (typeof manifest === 'object' && manifest.version !== undefined)
      out.set(name, manifest.version);
  }
  return out;
}
