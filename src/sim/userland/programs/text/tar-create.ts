// tar -c and -r: files into members.

import { epochSeconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../../../kernel/files/inode.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { parseMode } from '../../libc/modes.ts';
import { readFile } from '../../libc/whole-file.ts';
import type { TarRun } from './tar-run.ts';
import { encodeMember, type TarMember } from './tar-format.ts';

const FLAGS: ReadonlyMap<number, string> = new Map([
  [S_IFREG, '0'],
  [S_IFLNK, '2'],
  [S_IFCHR, '3'],
  [S_IFBLK, '4'],
  [S_IFDIR, '5'],
  [S_IFIFO, '6'],
]);

const NOTHING = new Uint8Array(0);

/** State of one archive in the making. */
export interface Packing {
  readonly run: TarRun;
  readonly parts: Uint8Array[];
  readonly accounts: Accounts;
  /** Name under which an inode with several links went in. */
  readonly linked: Map<string, string>;
  readonly excluded: (name: string) => boolean;
  /** Device and inode of the archive itself. */
  readonly archive: string | undefined;
}

export function* newPacking(
  run: TarRun,
  excluded: (name: string) => boolean,
  archive: string | undefined,
): Routine<Packing> {
  return {
    run,
    parts: [],
    accounts: yield* readAccounts(run.main.process),
    linked: new Map(),
    excluded,
    archive,
  };
}

/** Device and inode: what makes two names one file. */
export const fileIdentity = (stat: Stat): string => `${stat.device}:${stat.inode}`;

/** Puts a file, and what is below it, into the archive. */
export function* pack(packing: Packing, path: string, top = true): Routine<void> {
  const { run } = packing;
  const { process } = run.main;
  const given = path === '/' ? path : path.replace(/\/+$/, '');
  if (packing.excluded(given)) return;
  const stat = run.options.has('dereference') ? process.stat(given) : process.lstat(given);
  if (isErrno(stat)) return yield* run.problem(`${given}: Cannot stat: ${stat.message}`);
  const kind = stat.mode & S_IFMT;
  if (kind === S_IFSOCK) return yield* run.note(`${given}: socket ignored`);
  if (fileIdentity(stat) === packing.archive)
    return yield* run.note(`${given}: file is the archive; not dumped`);
  const entries = kind === S_IFDIR && !run.options.has('noRecursion') ? process.readdir(given) : [];
  if (isErrno(entries)) return yield* run.problem(`${given}: Cannot open: ${entries.message}`);
  const content = kind === S_IFREG ? yield* readFile(process, given) : NOTHING;
  if (isErrno(content)) return yield* run.problem(`${given}: Cannot open: ${content.message}`);
  const member = yield* memberOf(packing, given, stat, content);
  packing.parts.push(encodeMember(member));
  yield* process.work(content.length);
  yield* run.announce(member);
  const names = entries.map((entry) => entry.name);
  if (run.options.value('sort') === 'name') names.sort();
  for (const name of names)
    yield* pack(packing, given === '/' ? `/${name}` : `${given}/${name}`, false);
  if (run.options.has('removeFiles')) {
    const failure: Errno | undefined =
      kind === S_IFDIR ? process.rmdir(given) : process.unlink(given);
    if (failure && top)
      yield* run.problem(
        `${given}: Cannot ${kind === S_IFDIR ? 'rmdir' : 'unlink'}: ${failure.message}`,
      );
  }
}

function* memberOf(
  packing: Packing,
  path: string,
  stat: Stat,
  content: Uint8Array,
): Routine<TarMember> {
  const { run, accounts } = packing;
  const { options } = run;
  const kind = stat.mode & S_IFMT;
  const name = yield* run.safeName(path, 'member names');
  const first =
    kind !== S_IFDIR && stat.nlink > 1 ? packing.linked.get(fileIdentity(stat)) : undefined;
  if (kind !== S_IFDIR && stat.nlink > 1 && first === undefined) {
    packing.linked.set(fileIdentity(stat), yield* run.safeName(path, 'hard link targets'));
  }
  const target = kind === S_IFLNK ? run.main.process.readlink(path) : first;
  const change = parseMode(options.value('mode') ?? '', 0);
  const owner = identityOption(options.value('owner'), (text) => accounts.userByName(text)?.uid);
  const group = identityOption(options.value('group'), (text) => accounts.groupByName(text)?.gid);
  const uid = owner ?? stat.uid;
  const gid = group ?? stat.gid;
  const numeric = options.has('numeric');
  return {
    name: kind === S_IFDIR ? `${name.replace(/\/$/, '')}/` : name,
    flag: first === undefined ? (FLAGS.get(kind) ?? '0') : '1',
    mode:
      options.has('mode') && change
        ? change(stat.mode & 0o7777, kind === S_IFDIR)
        : stat.mode & 0o7777,
    uid,
    gid,
    user: numeric ? '' : (accounts.userById(uid)?.name ?? ''),
    group: numeric ? '' : (accounts.groupById(gid)?.name ?? ''),
    mtime: epochSeconds(stat.mtime),
    target: typeof target === 'string' ? target : '',
    major: stat.rdev >> 8,
    minor: stat.rdev & 255,
    content: first === undefined ? content : NOTHING,
  };
}

/** `name`, `name:id` or an id. */
function identityOption(
  text: string | undefined,
  byName: (text: string) => number | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  const [name = '', id] = text.split(':');
  return byName(name) ?? (/^\d+$/.test(id ?? name) ? Number(id ?? name) : undefined);
}
