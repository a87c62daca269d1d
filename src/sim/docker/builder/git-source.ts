// Repositories as contexts and for ADD: refs by git's smart HTTP protocol, then the commit's files as an archive, for
// which the real builder runs git and gets a pack. Left out: other protocols, credentials, submodules, a kept .git.

import type { Routine } from '../../core/wait.ts';
import { decode } from '../../core/text.ts';
import { START_OF_TIME } from '../../core/time.ts';
import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { readTar } from '../../containers/images/tar.ts';
import { type HttpAnswer, wholeBody } from '../../userland/http/client.ts';
import { gunzip } from '../../userland/libc/gzip.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { Operation } from './llb.ts';
import { BUILDKIT_ROOT } from './model.ts';
import type { Step } from './progress.ts';
import { download, get } from './remote-source.ts';
import type { Result, SolverSettings } from './solve.ts';

type GitOperation = Extract<Operation, { type: 'git' }>;

interface Refs {
  /** The branch that HEAD is. */
  readonly head: string;
  /** Commits by full ref. */
  readonly commits: ReadonlyMap<string, string>;
}

/** Lines of git's protocol. */
function* packets(text: string): Generator<string> {
  for (let at = 0; at + 4 <= text.length; ) {
    const length = Number.parseInt(text.slice(at, at + 4), 16);
    if (Number.isNaN(length)) return;
    if (length >= 4) yield text.slice(at + 4, at + length);
    at += Math.max(length, 4);
  }
}

function refsOf(text: string): Refs {
  const commits = new Map<string, string>();
  let head = '';
  for (const line of packets(text)) {
    const [words = '', capabilities = ''] = line.replace(/\n$/, '').split('\0');
    const [commit = '', name = ''] = words.split(' ');
    if (/^[0-9a-f]{40}$/.test(commit)) commits.set(name, commit);
    head = /symref=HEAD:(\S+)/.exec(capabilities)?.[1] ?? head;
  }
  return { head, commits };
}

function failed(remote: string, words: string): BuildError {
  return new BuildError(`failed to fetch remote ${remote}: git stderr:\n${words}: exit status 128`);
}

function* listRefs(settings: SolverSettings, remote: string): Routine<Refs> {
  const url = `${remote}/info/refs?service=git-upload-pack`;
  const host = /^(https?:\/\/[^/]+)/.exec(remote)?.[1] ?? '';
  let answer: HttpAnswer;
  try {
    answer = yield* get(settings.process, url);
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    const name = host.replace(/^https?:\/\//, '');
    const words = /no such host|server misbehaving/.test(thrown.message)
      ? `Could not resolve host: ${name}`
      : `Failed to connect to ${name} port 443`;
    throw failed(remote, `fatal: unable to access '${remote}/': ${words}`);
  }
  if (answer.status === 401)
    throw failed(remote, `fatal: could not read Username for '${host}': terminal prompts disabled`);
  if (answer.status !== 200) throw failed(remote, `fatal: repository '${remote}/' not found`);
  return refsOf(decode((yield* wholeBody(answer)).bytes()));
}

/** The full name and commit of a ref: of HEAD where none is given; a commit may be named itself. */
function resolveRef({ head, commits }: Refs, ref: string): [string, string] {
  if (ref === '') return [head, commits.get('HEAD') ?? ''];
  for (const full of [ref, `refs/heads/${ref}`, `refs/tags/${ref}`]) {
    const commit = commits.get(full);
    if (commit !== undefined) return [full, commit];
  }
  for (const [name, commit] of commits) if (commit === ref) return [name, commit];
  throw new BuildError(`repository does not contain ref ${ref}, output: ""`);
}

function unpack(settings: SolverSettings, bytes: Uint8Array, directory: string): void {
  const { process: p } = settings;
  const plain = gunzip(bytes);
  const entries = typeof plain === 'string' ? plain : readTar(plain);
  if (typeof entries === 'string') throw new BuildError(entries);
  for (const { name, kind, mode, content, mtime } of entries) {
    const path = `${directory}/${name.replace(/^[^/]*\/?/, '')}`.replace(/\/$/, '');
    if (kind === 'directory') makeDirectories(p, path, mode);
    else writeWholeFile(p, path, content ?? new Uint8Array(0), mode);
    const time = (mtime * 1000 - START_OF_TIME) * 1_000_000;
    p.utimes(path, time, time);
  }
}

/** Fetches a commit's files into a directory of their own; BuildError in git's words where that fails. */
export function* fetchGit(
  settings: SolverSettings,
  { remote, ref, directory, keepGitDir, checksum }: GitOperation,
  step: Step,
): Routine<Result> {
  if (!/^https?:\/\//.test(remote))
    throw new BuildError(`drydock: fetching ${remote} in a build is not simulated`);
  if (keepGitDir) throw new BuildError('drydock: ADD --keep-git-dir is not simulated');
  const { builder, process: p } = settings;
  const refs = yield* listRefs(settings, remote);
  const [name, commit] = resolveRef(refs, ref);
  if (checksum !== '' && !commit.startsWith(checksum))
    throw new BuildError(`expected checksum to match ${checksum}, got ${commit}`);
  const place = `${BUILDKIT_ROOT}/git/${builder.newId()}`;
  step.log(`Initialized empty Git repository in ${place}/\n`);
  if (ref === '') step.log(`ref: ${name}\tHEAD\n${commit}\tHEAD\n`);
  step.log(`${commit}\t${name}\n`);
  const plain = remote.replace(/\.git$/, '');
  const { bytes } = yield* download(p, `${plain}/archive/${commit}.tar.gz`);
  makeDirectories(p, place, 0o700);
  unpack(settings, bytes, place);
  const short = name.replace(/^refs\/(heads|tags)\//, '');
  const kind = name.startsWith('refs/tags/') ? 'tag]   ' : 'branch]';
  step.log(`From ${plain}\n * [new ${kind}      ${short.padEnd(10)} -> ${short}\n`);
  const below = directory === '' ? place : `${place}/${directory.replace(/^\//, '')}`;
  const stat = p.stat(below);
  if (!('mode' in stat))
    throw new BuildError(`failed to open subdir ${directory}: no such file or directory`);
  return { directory: below };
}
