// kubectl diff: what is there against what apply would make of it, shown by diff(1) or $KUBECTL_EXTERNAL_DIFF.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';
import { writeFile } from '../../../userland/libc/whole-file.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { withoutManagers } from '../output/printers.ts';
import { Failure, failure, usageFailure } from '../failure.ts';
import { LAST_APPLIED, lastApplied } from '../last-applied.ts';
import {
  hasLabels,
  type MappedManifest,
  mapManifests,
  readManifests,
  throwAll,
} from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { flagText, hasFiles } from '../targets.ts';
import { threeWayPatch, typeOf } from '../three-way.ts';

export const diff: Command = { name: 'diff', run: runDiff };

/** Differences end with 1; anything that fails ends with more. */
function* runDiff(call: Call): Routine<number> {
  try {
    return yield* compare(call);
  } catch (error) {
    if (!(error instanceof Failure) || error.code > 1) throw error;
    throw new Failure(error.message, error.code + 1, error.status);
  }
}

function* compare(call: Call): Routine<number> {
  const { values } = call;
  const { process } = call.main;
  if (call.args.length > 0)
    throw usageFailure(call.path, `Unexpected args: [${call.args.join(' ')}]`);
  if (!hasFiles(call)) throw failure('must specify one of -f and -k');
  if (values.is('force-conflicts') && !values.is('server-side'))
    throw failure('--force-conflicts only works with --server-side');
  if (values.is('prune')) throw new Failure('drydock: kubectl diff --prune is not simulated', 125);
  const live = makeDirectory(call, 'LIVE');
  const merged = makeDirectory(call, 'MERGED');
  const files: string[] = [];
  try {
    const { manifests, failures } = yield* readManifests(call);
    const mapped = yield* mapManifests(call, manifests, failures);
    throwAll(failures);
    const selector = flagText(call, 'selector');
    for (const one of mapped) {
      if (selector !== '' && !hasLabels(one.object, selector)) continue;
      const [from, to] = yield* versions(call, one);
      const { resource, namespace, object } = one;
      const group = resource.group === '' ? '' : `${resource.group}.`;
      const name = `${group}${resource.version}.${resource.kind}.${namespace}.${object.metadata?.name ?? ''}`;
      for (const [folder, version] of [
        [live, from],
        [merged, to],
      ] as const) {
        files.push(`${folder}/${name}`);
        const text = version ? toYaml(version) : '';
        yield* writeFile(process, `${folder}/${name}`, encode(text), 0o700);
      }
    }
    return yield* runProgram(call, live, merged);
  } finally {
    for (const file of files) process.unlink(file);
    process.rmdir(live);
    process.rmdir(merged);
  }
}

function makeDirectory(call: Call, prefix: string): string {
  const { process } = call.main;
  const parent = process.environment.get('TMPDIR') || '/tmp';
  const random = process.simulation.random.fork(`kubectl diff ${prefix} ${process.pid}`);
  const path = `${parent}/${prefix}-${random.int(0xffffffff)}`;
  const wrong = process.mkdir(path, 0o700);
  if (isErrno(wrong)) throw failure(`mkdir ${path}: ${wrong.message.toLowerCase()}`);
  return path;
}

function* versions(
  call: Call,
  manifest: MappedManifest,
): Routine<[KubeObject | undefined, KubeObject]> {
  const client = yield* call.client();
  const { resource, namespace, object } = manifest;
  const name = object.metadata?.name ?? '';
  const path = pathOf(resource, namespace, name);
  let current: KubeObject | undefined;
  try {
    current = yield* client.call('GET', path);
  } catch (error) {
    if (!(error instanceof Failure) || error.status?.reason !== 'NotFound') throw error;
  }
  const after = yield* wouldBe(call, manifest, current);
  if (current?.metadata?.deletionTimestamp)
    yield* call.err(
      `Warning: Detected changes to resource ${name} which is currently being deleted.\n`,
    );
  const shown = (one: KubeObject): KubeObject => withoutManagers(call, one);
  const secret = resource.kind === 'Secret' && resource.group === '';
  if (secret && !call.values.is('show-secrets'))
    return masked(current && shown(current), shown(after));
  return [current && shown(current), shown(after)];
}

/** What the server would make of it, asked for in a dry run. */
function* wouldBe(
  call: Call,
  { resource, namespace, object }: MappedManifest,
  current: KubeObject | undefined,
): Routine<KubeObject> {
  const client = yield* call.client();
  const { values } = call;
  const path = pathOf(resource, namespace, object.metadata?.name ?? '');
  const serverSide = values.is('server-side');
  const fieldManager =
    serverSide && !values.changed('field-manager') ? 'kubectl' : values.text('field-manager');
  const query = { dryRun: 'All', fieldManager };
  if (serverSide)
    return yield* client.call('PATCH', path, {
      body: JSON.stringify(object),
      contentType: 'application/apply-patch+yaml',
      query: { ...query, force: String(values.is('force-conflicts')) },
    });
  if (!current)
    return yield* client.call('POST', pathOf(resource, namespace), { body: object, query });
  const type = typeOf(resource);
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata?.annotations ?? {};
  const modified = { ...object, metadata: { ...object.metadata, annotations } };
  const body = threeWayPatch(lastApplied(current) ?? {}, modified, current, type);
  if (Object.keys(body).length === 0) return current;
  const contentType = `application/${type ? 'strategic-merge' : 'merge'}-patch+json`;
  return yield* client.call('PATCH', path, { body, contentType, query });
}

/** Two versions of a secret with stars for their values. */
function masked(
  from: KubeObject | undefined,
  to: KubeObject,
): [KubeObject | undefined, KubeObject] {
  const [a, b] = [from?.data ?? {}, to.data ?? {}] as Record<string, string>[];
  const mask = (own: Record<string, string>, other: Record<string, string>, word: string): object =>
    Object.fromEntries(
      Object.keys(own).map((key) => {
        const differs = key in other && other[key] !== own[key];
        return [key, differs ? `*** (${word})` : '***'];
      }),
    );
  const hide = (one: KubeObject, data: object): KubeObject => (one.data ? { ...one, data } : one);
  return [
    from && hide(from, mask(a ?? {}, b ?? {}, 'before')),
    hide(to, mask(b ?? {}, a ?? {}, 'after')),
  ];
}

function* runProgram(call: Call, from: string, to: string): Routine<number> {
  const { process } = call.main;
  const [program = 'diff', ...given] = (
    process.environment.get('KUBECTL_EXTERNAL_DIFF') || 'diff -u -N'
  ).split(' ');
  const words = given.filter((word) => /^[a-zA-Z0-9-=]+$/.test(word));
  yield* call.main.out.flush();
  const external = Boolean(process.environment.get('KUBECTL_EXTERNAL_DIFF'));
  const argv = external ? [program, from, to, ...words] : [program, ...words, from, to];
  const child = spawn(process, argv);
  if (isErrno(child)) throw failure(`failed to run "${program}": ${child.message.toLowerCase()}`);
  const { code } = yield* waitFor(process, child);
  if (code === 127) throw failure(`failed to run "${program}": executable file not found in $PATH`);
  if (code > 1) throw failure(`failed to run "${program}": exit status ${code}`);
  return code;
}
