// Repositories at github.com: their refs as git's smart HTTP protocol advertises them, and the files of a commit as the
// archive that GitHub offers. Packs and history are left out: each branch is one commit.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { digestOf } from '../../containers/images/oci.ts';
import { type TarEntry, writeTar } from '../../containers/images/tar.ts';
import type { HttpResponse } from '../../userland/http/message.ts';
import type { HttpHandler } from '../../userland/http/server.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { gettingStarted } from './getting-started.ts';

/** A repository: the files of each branch by their paths; the first branch is HEAD. */
export interface Repository {
  readonly name: string;
  readonly branches: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** All repositories, named here once. */
const REPOSITORIES: readonly Repository[] = [gettingStarted];

const MTIME = 1_716_000_000;

/** What stands for a commit's name: forty digits of what is in it. */
function commitOf(files: Readonly<Record<string, string>>): string {
  return digestOf(encode(JSON.stringify(files))).slice('sha256:'.length, 'sha256:'.length + 40);
}

/** A line of git's protocol: its length, then the text. */
function packet(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}

function advertisement({ branches, tags = {} }: Repository): string {
  const [head = ''] = Object.keys(branches);
  const refs = [
    ...Object.entries(branches).map(([name, files]) => [`refs/heads/${name}`, commitOf(files)]),
    ...Object.entries(tags).map(([name, branch]) => [
      `refs/tags/${name}`,
      commitOf(branches[branch] ?? {}),
    ]),
  ];
  const capabilities = `multi_ack symref=HEAD:refs/heads/${head} agent=git/github`;
  const first = `${commitOf(branches[head] ?? {})} HEAD\0${capabilities}\n`;
  const rest = refs.map(([name = '', commit = '']) => packet(`${commit} ${name}\n`)).join('');
  return `${packet('# service=git-upload-pack\n')}0000${packet(first)}${rest}0000`;
}

function archive({ name }: Repository, files: Readonly<Record<string, string>>): Uint8Array {
  const top = `${name.replace(/.*\//, '')}-${commitOf(files)}`;
  const common = { uid: 0, gid: 0, mtime: MTIME };
  const entries: TarEntry[] = [{ name: top, kind: 'directory', mode: 0o755, ...common }];
  const made = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const directory = `${top}/${path.slice(0, at)}`;
      if (!made.has(directory))
        entries.push({ name: directory, kind: 'directory', mode: 0o755, ...common });
      made.add(directory);
    }
    const content = encode(text);
    entries.push({ name: `${top}/${path}`, kind: 'file', mode: 0o644, content, ...common });
  }
  return gzip(writeTar(entries));
}

function answer(
  status: number,
  body: Content,
  type: string,
  more: Readonly<Record<string, string>> = {},
): HttpResponse {
  const headers = { 'content-type': type, 'content-length': String(body.size), ...more };
  return { status, headers, body };
}

const text = (status: number, words: string): HttpResponse =>
  answer(status, Content.ofText(words), 'text/plain; charset=utf-8');

/** The site github.com; `front` is its page for everything that is no repository. */
export function github(front: HttpHandler): HttpHandler {
  return function* (request, process) {
    const [, name = '', rest = ''] =
      /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|archive\/.*)$/.exec(request.path) ?? [];
    if (rest === '') return yield* front(request, process);
    const found = REPOSITORIES.find((one) => one.name === name);
    if (rest === 'info/refs') {
      // Whether a private repository has this name is not told.
      if (!found)
        return answer(401, Content.ofText('Repository not found.'), 'text/plain', {
          'www-authenticate': 'Basic realm="GitHub"',
        });
      const type = 'application/x-git-upload-pack-advertisement';
      return answer(200, Content.ofText(advertisement(found)), type);
    }
    const wanted = rest.replace(/^archive\/(refs\/heads\/|refs\/tags\/)?/, '');
    const ref = wanted.replace(/\.tar\.gz$/, '');
    const branch = found?.tags?.[ref] ?? ref;
    const files =
      found?.branches[branch] ??
      Object.values(found?.branches ?? {}).find((one) => commitOf(one).startsWith(ref));
    if (!found || !files || wanted === ref) return text(404, '404: Not Found');
    return answer(200, Content.ofBytes(archive(found, files)), 'application/x-gzip');
  };
}
