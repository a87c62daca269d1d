// find (GNU findutils 4.9): walks trees and evaluates an expression for each file.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { quoteValue } from '../../libc/quote.ts';
import { program } from '../../libc/stdio.ts';
import { joinPath } from '../../libc/whole-file.ts';
import { ExpressionParser } from './find-expression.ts';
import { BadExpression, type Find, type Found, type Test } from './find-run.ts';

export const find = program('find', function* (main) {
  const words = [...main.args];
  if (words[0] === '--version' || words[0] === '-version') {
    yield* main.out.print('find (GNU findutils) 4.9.0\n');
    return 0;
  }
  if (words[0] === '--help' || words[0] === '-help') {
    yield* main.out.print(
      `Usage: ${main.name} [-H] [-L] [-P] [-Olevel] [-D debugopts] [path...] [expression]\n`,
    );
    return 0;
  }
  const state: Find = {
    main,
    pruned: false,
    quit: false,
    status: 0,
    depthFirst: false,
    least: 0,
    most: Number.POSITIVE_INFINITY,
    oneDevice: false,
    follow: false,
    finish: [],
  };
  let followOperands = false;
  while (/^-[HLP]$/.test(words[0] ?? '')) {
    const flag = words.shift();
    state.follow = flag === '-L';
    followOperands = flag === '-H';
  }
  const starts: string[] = [];
  while (words.length > 0 && !/^(-.|!$|\($|\)$|,$)/.test(words[0] ?? ''))
    starts.push(words.shift() ?? '');
  let test: Test;
  try {
    const parser = new ExpressionParser(words, state);
    test = yield* parser.parse();
    if (!parser.acts) test = withPrint(state, test);
  } catch (error) {
    if (!(error instanceof BadExpression)) throw error;
    yield* main.fail(error.message);
    return 1;
  }
  for (const start of starts.length ? starts : ['.']) {
    if (!state.quit) yield* visit(state, test, start, start, 0, followOperands);
  }
  for (const finish of state.finish) yield* finish();
  return state.status;
});

function withPrint(state: Find, test: Test): Test {
  return function* (file) {
    if (!(yield* test(file))) return false;
    yield* state.main.out.print(`${file.path}\n`);
    return true;
  };
}

function* visit(
  state: Find,
  test: Test,
  path: string,
  start: string,
  depth: number,
  follow: boolean,
  device?: number,
): Routine<void> {
  const { main } = state;
  const { process } = main;
  const followed =
    state.follow || (follow && depth === 0) ? process.stat(path) : process.lstat(path);
  const stat = isErrno(followed) ? process.lstat(path) : followed;
  if (isErrno(stat)) {
    yield* main.out.flush();
    yield* main.fail(`${quoteValue(path)}: ${stat.message}`);
    state.status = 1;
    return;
  }
  yield* process.work(1500);
  const file: Found = { path, stat, depth, start };
  const enter =
    (stat.mode & S_IFMT) === S_IFDIR &&
    depth < state.most &&
    !(state.oneDevice && device !== undefined && stat.device !== device);
  state.pruned = false;
  if (!state.depthFirst && depth >= state.least) yield* test(file);
  if (enter && (!state.pruned || state.depthFirst) && !state.quit) {
    const items = process.readdir(path);
    if (isErrno(items)) {
      yield* main.out.flush();
      yield* main.fail(`${quoteValue(path)}: ${items.message}`);
      state.status = 1;
    } else {
      for (const { name } of items) {
        if (state.quit) return;
        yield* visit(
          state,
          test,
          joinPath(path, name),
          start,
          depth + 1,
          false,
          device ?? stat.device,
        );
      }
    }
  }
  if (state.depthFirst && depth >= state.least && !state.quit) yield* test(file);
}
