// The images of a project's services: there already, pulled, or built by docker build.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_WRONLY } from '../../../kernel/files/open-file.ts';
import { sha1 } from '../../../userland/libc/hashes.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';
import {
  isReferenceError,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../../../containers/images/reference.ts';
import { encode } from '../../../core/text.ts';
import { type Api, isCallError } from '../../cli/api.ts';
import { ExitStatus } from '../cli/call.ts';
import { imageOf, type Project, type Service, sortedEntries } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import { LABEL, VERSION } from './containers.ts';
import { DryRunApi } from './dry-run.ts';
import { together } from './parallel.ts';
import type { Progress } from './progress.ts';

export interface ImageWork {
  readonly api: Api;
  readonly project: Project;
  readonly progress: Progress;
  /** How many images are pulled at a time. */
  readonly parallel?: number;
}

export interface BuildOptions {
  readonly args: readonly string[];
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly quiet: boolean;
}

export interface ImageOptions {
  /** Undefined: nothing is built. */
  readonly build: BuildOptions | undefined;
  readonly quietPull: boolean;
}

interface Image {
  readonly Id: string;
  readonly Config?: { readonly Volumes?: Readonly<Record<string, unknown>> | null };
}

/** An image as the daemon has it; undefined where it is missing. */
export function* findImage(api: Api, name: string): Routine<Image | undefined> {
  const found = yield* api.get<Image>(`/images/${encodeURIComponent(name)}/json`);
  if (!isCallError(found)) return found;
  if (found.status === 404) return undefined;
  throw new ComposeProblem(
    found.status === 0 ? found.text : `unable to get image '${name}': ${found.text}`,
  );
}

function mustPull(service: Service, present: boolean): boolean {
  if (!service.image || service.provider) return false;
  const policy = service.pull_policy ?? '';
  if (policy === 'always') return true;
  if (policy === 'never' || policy === 'build') return false;
  if (service.build && policy !== 'missing' && policy !== 'if_not_present') return false;
  return !present;
}

/** Sees to it that every service's image is there; the ids by image name. */
export function* ensureImages(
  work: ImageWork,
  options: ImageOptions,
): Routine<Map<string, string>> {
  const { api, project } = work;
  const services = sortedEntries(project.services).map(([, service]) => service);
  const ids = new Map<string, string>();
  for (const service of services) {
    const name = imageOf(service, project);
    const image = ids.has(name) ? undefined : yield* findImage(api, name);
    if (image) ids.set(name, image.Id);
  }
  const pulled = services.filter((one) => mustPull(one, ids.has(imageOf(one, project))));
  yield* together(
    api.process,
    pulled,
    (service, thread) => pullImage({ ...work, api: api.with(thread) }, service, options.quietPull),
    work.parallel,
  );
  for (const service of services) {
    const name = imageOf(service, project);
    const wanted = !ids.has(name) || service.pull_policy === 'build';
    if (service.build && options.build && wanted && !pulled.includes(service))
      yield* buildImage(work, service, options.build);
    const image = yield* findImage(api, name);
    if (image) ids.set(name, image.Id);
  }
  return ids;
}

/** Pulls one image, its layers' progress as it comes. */
export function* pullImage(
  { api, progress }: ImageWork,
  service: Service,
  quiet: boolean,
): Routine<void> {
  const { name, image = '' } = service;
  yield* progress.event(name, 'working', '', 'Pulling');
  const parsed = parseReference(image);
  if (isReferenceError(parsed)) throw new ComposeProblem(parsed);
  const full = withDefaultTag(parsed);
  let failure: string | undefined;
  const query = { fromImage: repositoryOf(full), tag: full.digest ?? full.tag };
  const refused = yield* api.lines('POST', '/images/create', query, function* (line) {
    if (typeof line.error === 'string') failure = line.error;
    else if (!quiet && line.id !== undefined && line.progressDetail !== undefined)
      yield* progress.event(
        String(line.id),
        layerStatus(line),
        layerText(line),
        String(line.status),
      );
  });
  const text = refused?.text ?? failure;
  if (text !== undefined) {
    yield* progress.event(name, service.build ? 'warning' : 'error', unwrapped(text), 'Error');
    throw new ComposeProblem(text);
  }
  yield* progress.event(name, 'done', '', 'Pulled');
}

function layerStatus(line: Readonly<Record<string, unknown>>): 'done' | 'working' {
  return /^(Download complete|Already exists|Pull complete)$/.test(String(line.status))
    ? 'done'
    : 'working';
}

function layerText(line: Readonly<Record<string, unknown>>): string {
  return typeof line.progress === 'string' ? line.progress : '';
}

/** The innermost reason. */
function unwrapped(text: string): string {
  return text.replace(/^Error response from daemon: /, '');
}

/** Builds one service's image with docker build. */
export function* buildImage(
  { api, project, progress }: ImageWork,
  service: Service,
  options: BuildOptions,
): Routine<void> {
  const { build = {}, name } = service;
  const image = imageOf(service, project);
  if (api instanceof DryRunApi) {
    const digest = [...sha1(encode(name))].map((byte) => byte.toString(16).padStart(2, '0'));
    const id = digest.join('');
    yield* progress.event(`${name} ==>`, 'done', '', `==> writing image dryRun-${id}`);
    yield* progress.event(`${name} ==> ==>`, 'done', '', `naming to ${image}`);
    yield* progress.done(name, 'Built');
    return;
  }
  const labels = {
    ...build.labels,
    [LABEL.project]: project.name,
    [LABEL.service]: name,
    [LABEL.version]: VERSION,
  };
  const context = build.context ?? '.';
  const words = [
    ...['docker', 'build', '--tag', image],
    ...(build.tags ?? []).flatMap((tag) => ['--tag', tag]),
    ...dockerfileWords(service, context),
    ...sortedEntries(build.args).flatMap(([key, value]) =>
      value === null ? [] : ['--build-arg', `${key}=${value}`],
    ),
    ...options.args.flatMap((arg) => ['--build-arg', arg]),
    ...sortedEntries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...(build.target ? ['--target', build.target] : []),
    ...(build.network ? ['--network', build.network] : []),
    ...(build.platforms?.length ? ['--platform', build.platforms.join(',')] : []),
    ...sortedEntries(build.additional_contexts).flatMap(([key, value]) => [
      '--build-context',
      `${key}=${value}`,
    ]),
    ...(options.noCache || build.no_cache ? ['--no-cache'] : []),
    ...(options.pull || build.pull ? ['--pull'] : []),
    ...(options.quiet ? ['--quiet'] : []),
    context,
  ];
  const pid = spawn(api.process, words, options.quiet ? { prepare: withoutOutput } : {});
  if (isErrno(pid)) throw new ComposeProblem(`fork/exec docker: ${pid.message.toLowerCase()}`);
  const ended = yield* waitFor(api.process, pid);
  if (ended.code !== 0 || ended.signal !== 0) throw new ExitStatus(ended.code || 1);
  if (!options.quiet) yield* progress.done(image, 'Built');
}

function withoutOutput(child: Process): void {
  const nothing = child.open('/dev/null', O_WRONLY);
  if (!isErrno(nothing)) child.dup2(nothing, 1);
}

function dockerfileWords(service: Service, context: string): string[] {
  const { dockerfile = 'Dockerfile', dockerfile_inline } = service.build ?? {};
  if (dockerfile_inline)
    throw new ComposeProblem('drydock: build.dockerfile_inline is not simulated');
  return ['--file', dockerfile.startsWith('/') ? dockerfile : `${context}/${dockerfile}`];
}
