// git 2.39: its everyday commands on one's own machine. Remotes, merges, rebases, stashes, tags and packs are not
// simulated; objects, index, references and configuration are files of the real formats.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { writeFile } from '../../libc/whole-file.ts';
import { branch, restore, switchTo } from './branches.ts';
import { add, type Call, commit, diff, fatal, log, rm, show, status } from './commands.ts';
import { config, configured } from './configuration.ts';
import { catFile, hashObject, listFiles, revParse } from './plumbing.ts';
import { findRepository } from './repository.ts';

/** Commands that work in a repository. */
const COMMANDS: Readonly<Record<string, (call: Call) => Routine<number>>> = {
  add,
  branch,
  'cat-file': catFile,
  checkout: switchTo,
  commit,
  diff,
  'hash-object': hashObject,
  log,
  'ls-files': listFiles,
  restore,
  'rev-parse': revParse,
  rm,
  show,
  status,
  switch: switchTo,
};

/** Commands of the real program that are not modelled. */
const MISSING = new Set(
  (
    'am apply archive bisect blame bundle cherry-pick clean clone describe fetch format-patch gc grep help merge mv ' +
    'notes pull push range-diff rebase reflog remote reset revert shortlog sparse-checkout stash submodule tag worktree'
  ).split(' '),
);

const HINT = `hint: Using 'master' as the name for the initial branch. This default branch name
hint: is subject to change. To configure the initial branch name to use in all
hint: of your new repositories, which will suppress this warning, call:
hint: 
hint: \tgit config --global init.defaultBranch <name>
hint: 
hint: Names commonly chosen instead of 'master' are 'main', 'trunk' and
hint: 'development'. The just-created branch can be renamed via this command:
hint: 
hint: \tgit branch -m <name>
`;

function* init(main: Main, words: readonly string[]): Routine<number> {
  const { process } = main;
  const here = process.getcwd();
  const at = words.findIndex((word) => word === '-b');
  const given = words.filter((word, i) => !word.startsWith('-') && !(at >= 0 && i === at + 1))[0];
  const root = given?.startsWith('/')
    ? given
    : `${isErrno(here) ? '' : here}${given ? `/${given}` : ''}`;
  const directory = `${root.replace(/\/$/, '')}/.git`;
  const again = process.exists(`${directory}/HEAD`);
  const chosen =
    (at >= 0 ? words[at + 1] : undefined) ??
    words.find((word) => word.startsWith('--initial-branch='))?.slice(17) ??
    (yield* configured(process, undefined, 'init.defaultBranch'));
  for (const path of ['', '/.git', '/.git/objects', '/.git/refs', '/.git/refs/heads'])
    process.mkdir(root.replace(/\/$/, '') + path);
  if (again) {
    main.out.put(`Reinitialized existing Git repository in ${directory}/\n`);
    return 0;
  }
  if (chosen === undefined) {
    main.err.put(HINT);
    yield* main.err.flush();
  }
  yield* writeFile(process, `${directory}/HEAD`, encode(`ref: refs/heads/${chosen ?? 'master'}\n`));
  const settings =
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n';
  yield* writeFile(process, `${directory}/config`, encode(settings));
  main.out.put(`Initialized empty Git repository in ${directory}/\n`);
  return 0;
}

export const git = program('git', function* (main) {
  let words = main.args;
  if (words[0] === '-C') {
    const failure = main.process.chdir(words[1] ?? '');
    if (failure) return yield* fatal(main, `cannot change to '${words[1]}': ${failure.message}`);
    words = words.slice(2);
  }
  const [command, ...rest] = words;
  if (command === '--version' || command === 'version') {
    main.out.put('git version 2.39.5\n');
    return 0;
  }
  if (command === undefined || command === '--help' || MISSING.has(command))
    return yield* notSimulated(main, ['git', ...main.args].join(' '));
  if (command === 'init') return yield* init(main, rest);
  const repository = findRepository(main.process);
  if (command === 'config') return yield* config(main, rest, repository);
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!run) {
    main.err.put(`git: '${command}' is not a git command. See 'git --help'.\n`);
    return 1;
  }
  if (!repository)
    return yield* fatal(main, 'not a git repository (or any of the parent directories): .git');
  return yield* run({ main, words: rest, repository });
});
