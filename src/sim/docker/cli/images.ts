// The docker commands on images: images, pull, tag, rmi, history, save, load, image prune.

import type { Routine } from '../../core/wait.ts';
import { concatBytes } from '../../core/text.ts';
import { epochSeconds, SECOND } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import { Content } from '../../core/content.ts';
import {
  familiarName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { readFile, writeAll, writeFile } from '../../userland/libc/whole-file.ts';
import { wholeBody } from '../../userland/http/client.ts';
import { goMap } from '../../userland/template/values.ts';
import { humanDuration } from '../../containers/units.ts';
import { humanSize, humanSize3 } from '../units.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { confirmed, pruneFilters } from './containers.ts';
import { wrongOutput } from './output-path.ts';
import { IMAGES, imageRows, type ImageSummary } from './image-rows.ts';
import { printTree } from './image-tree.ts';
import { complain, ellipsis, fail, type ListView, printList } from './output.ts';
import { printPull } from './progress.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);

/** --tree shows all in its own way. */
function* treeAction(call: Call, filters: readonly string[]): Routine<number> {
  for (const [flag, name] of [
    ['quiet', 'quiet'],
    ['no-trunc', 'no-trunc'],
    ['digests', 'show-digest'],
  ] as const)
    if (call.flags.on(flag)) return yield* fail(call, `--${name} is not yet supported with --tree`);
  if (call.flags.text('format') !== '')
    return yield* fail(call, '--format is not yet supported with --tree');
  return yield* printTree(call, filters);
}

const list: Action = function* (call) {
  const { flags, args, main } = call;
  const filters = [
    ...flags.list('filter'),
    ...(args[0] === undefined ? [] : [`reference=${args[0]}`]),
  ];
  if (flags.on('tree')) return yield* treeAction(call, filters);
  const found = yield* apiOf(call).get<ImageSummary[]>('/images/json', {
    all: flags.on('all'),
    filters: filterQuery(filters),
  });
  if (isCallError(found)) return yield* fail(call, found.text);
  const now = epochSeconds(main.process.now);
  const shown = flags.on('digests');
  const digests = { shown, needed: shown || flags.text('format').includes('{{.Digest}}') };
  const rows = found.flatMap((image) => imageRows(image, flags.on('no-trunc'), now, digests));
  const view = flags.on('digests')
    ? { ...IMAGES, columns: ['Repository', 'Tag', 'Digest', 'ID', 'CreatedSince', 'Size'] }
    : IMAGES;
  return yield* printList(call, view, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

const pull: Action = function* (call) {
  const { flags, args, main } = call;
  const [name = ''] = args;
  const parsed = parseReference(name);
  if (isReferenceError(parsed)) return yield* fail(call, parsed);
  const all = flags.on('all-tags');
  if (all && (parsed.tag !== undefined || parsed.digest !== undefined))
    return yield* fail(call, "tag can't be used with --all-tags/-a");
  const full = withDefaultTag(parsed);
  if (!all && parsed.tag === undefined && parsed.digest === undefined && !flags.on('quiet'))
    main.out.put('Using default tag: latest\n');
  const failed = yield* printPull(call, apiOf(call), name, {
    quiet: flags.on('quiet'),
    toStderr: false,
    all,
  });
  if (failed) return yield* fail(call, failed.text);
  const shown = full.domain === 'docker.io' ? `docker.io/${full.path}` : familiarName(full);
  if (all) main.out.put(`${shown}\n`);
  else main.out.put(`${shown}${full.digest === undefined ? `:${full.tag}` : `@${full.digest}`}\n`);
  return 0;
};

const tag: Action = function* (call) {
  const [source = '', target = ''] = call.args;
  for (const [text] of [[target]] as const) {
    const parsed = parseReference(text);
    if (isReferenceError(parsed))
      return yield* fail(
        call,
        `Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag: ${parsed.replace(/repository name \((?!library\/)([^/)]+)\)/, 'repository name (library/$1)')}`,
      );
  }
  const parsed = parseReference(target);
  if (isReferenceError(parsed)) return 1;
  const full = withDefaultTag(parsed);
  const failed = yield* apiOf(call).post(`/images/${encodeURIComponent(source)}/tag`, {
    repo: familiarName(full),
    tag: full.tag,
  });
  return isCallError(failed) ? yield* fail(call, failed.text) : 0;
};

const remove: Action = function* (call) {
  const { flags, args, main } = call;
  let status = 0;
  const failures: string[] = [];
  for (const name of args) {
    const removed = yield* apiOf(call).call<Record<string, string>[]>(
      'DELETE',
      `/images/${encodeURIComponent(name)}`,
      { force: flags.on('force'), noprune: flags.on('no-prune') },
    );
    if (isCallError(removed)) {
      failures.push(removed.text);
      if (!(flags.on('force') && removed.status === 404)) status = 1;
      continue;
    }
    for (const line of removed)
      main.out.put(
        `${line.Deleted === undefined ? `Untagged: ${line.Untagged}` : `Deleted: ${line.Deleted}`}\n`,
      );
  }
  if (failures.length > 0) yield* complain(main, failures.join('\n'));
  return status;
};

const HISTORY: ListView = {
  type: '*formatter.historyContext',
  headers: goMap({
    ID: 'IMAGE',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    CreatedBy: 'CREATED BY',
    Size: 'SIZE',
    Comment: 'COMMENT',
  }),
  columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
  quiet: 'ID',
};

interface HistoryRow {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
}

const history: Action = function* (call) {
  const { flags, args, main } = call;
  const found = yield* apiOf(call).get<HistoryRow[]>(
    `/images/${encodeURIComponent(args[0] ?? '')}/history`,
  );
  if (isCallError(found)) return yield* fail(call, found.text);
  const whole = flags.on('no-trunc');
  const now = epochSeconds(main.process.now);
  const rows = found.map((entry) => {
    const by = entry.CreatedBy.replaceAll('\t', ' ');
    const since = flags.on('human')
      ? `${humanDuration((now - entry.Created) * SECOND)} ago`
      : new Date(entry.Created * 1000).toISOString().replace('.000Z', 'Z');
    return {
      Comment: entry.Comment,
      CreatedAt: new Date(entry.Created * 1000).toISOString().replace('.000Z', 'Z'),
      CreatedBy: whole ? by : ellipsis(by, 45),
      CreatedSince: since,
      ID: whole || entry.Id === '<missing>' ? entry.Id : entry.Id.slice(7, 19),
      Size: flags.on('human') ? humanSize3(entry.Size) : String(entry.Size),
    };
  });
  return yield* printList(call, HISTORY, rows, {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

const save: Action = function* (call) {
  const { flags, args, main } = call;
  const { process: p } = main;
  const output = flags.text('output');
  if (output === '' && p.isTerminal(1))
    return yield* fail(
      call,
      'cowardly refusing to save to a terminal. Use the -o flag or redirect',
    );
  const refused = wrongOutput(p, output);
  if (refused !== undefined) return yield* fail(call, `failed to save image: ${refused}`);
  const answer = yield* apiOf(call).open('GET', '/images/get', { names: args });
  if (isCallError(answer)) return yield* fail(call, answer.text);
  const bytes = (yield* wholeBody(answer)).bytes();
  const failed =
    output === '' ? yield* writeAll(p, 1, bytes) : yield* writeFile(p, output, bytes, 0o600);
  if (!failed) return 0;
  return yield* fail(
    call,
    output === ''
      ? `write /dev/stdout: ${failed.message.toLowerCase()}`
      : `open ${output}: ${failed.message.toLowerCase()}`,
  );
};

const load: Action = function* (call) {
  const { flags, main } = call;
  const path = flags.text('input');
  const bytes = path === '' ? yield* main.process.readAll(0) : yield* readFile(main.process, path);
  if (isErrno(bytes)) return yield* fail(call, `open ${path}: ${bytes.message.toLowerCase()}`);
  let status = 0;
  const failed = yield* apiOf(call).lines(
    'POST',
    '/images/load',
    { quiet: flags.on('quiet') },
    function* (line) {
      main.out.put(String(line.stream ?? ''));
      if (line.error === undefined) return;
      yield* complain(main, String(line.error));
      status = 1;
    },
    Content.ofBytes(concatBytes([bytes])),
    { 'content-type': 'application/x-tar' },
  );
  if (failed) {
    yield* complain(main, failed.text);
    status = 1;
  }
  return status;
};

const prune: Action = function* (call) {
  const all = call.flags.on('all');
  const question = all
    ? 'WARNING! This will remove all images without at least one container associated to them.'
    : 'WARNING! This will remove all dangling images.';
  if (!(yield* confirmed(call, question))) return 0;
  const filters = pruneFilters([...call.flags.list('filter'), `dangling=${String(!all)}`]);
  const pruned = yield* apiOf(call).post<{
    ImagesDeleted: Record<string, string>[] | null;
    SpaceReclaimed: number;
  }>('/images/prune', { filters });
  if (isCallError(pruned)) return yield* fail(call, pruned.text);
  if (pruned.ImagesDeleted?.length) {
    const lines = pruned.ImagesDeleted.map((line) =>
      line.Deleted === undefined ? `untagged: ${line.Untagged}` : `deleted: ${line.Deleted}`,
    );
    call.main.out.put(`Deleted Images:\n${lines.join('\n')}\n\n`);
  }
  call.main.out.put(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed)}\n`);
  return 0;
};

export const imageActions: Readonly<Record<string, Action>> = {
  'image ls': list,
  'image pull': pull,
  'image tag': tag,
  'image rm': remove,
  'image history': history,
  'image save': save,
  'image load': load,
  'image prune': prune,
};
