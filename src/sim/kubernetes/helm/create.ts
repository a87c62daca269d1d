// helm create (pkg/chart/v2/util/create.go): a folder with a chart that deploys a web server, to begin with.

import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { encode } from '../../core/text.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { baseName, dirName, joinPath } from '../../userland/libc/whole-file.ts';
import { HelmError } from './chart.ts';
import { CHART_FILES } from './scaffold/chart-files.ts';
import { TEMPLATE_FILES } from './scaffold/templates.ts';

const NAME = /^[a-zA-Z0-9._-]+$/;
const LONGEST_NAME = 250;
const FOLDER = 0o040000;

/** Writes the files of a new chart; throws HelmError. */
export function createChart(main: Main, path: string): void {
  const { process } = main;
  main.out.put(`Creating ${path}\n`);
  const name = baseName(path);
  if (name === '' || name.length > LONGEST_NAME)
    throw new HelmError(`chart name must be between 1 and ${LONGEST_NAME} characters`);
  if (!NAME.test(name))
    throw new HelmError(`chart name must match the regular expression "${NAME.source}"`);
  const cwd = process.getcwd();
  const parent = joinPath(
    isErrno(cwd) ? '/' : cwd,
    path.includes('/') ? dirName(path) : '.',
  ).replace(/\/\.$/, '');
  const stat = process.stat(parent);
  if (isErrno(stat)) throw new HelmError(`stat ${parent}: ${stat.message.toLowerCase()}`);
  if ((stat.mode & 0o170000) !== FOLDER) throw new HelmError(`no such directory ${parent}`);
  const folder = joinPath(parent, name);
  const there = process.stat(folder);
  if (!isErrno(there) && (there.mode & 0o170000) !== FOLDER)
    throw new HelmError(`file ${folder} already exists and is not a directory`);
  for (const [file, text] of [...CHART_FILES, ...TEMPLATE_FILES]) {
    const target = `${folder}/${file}`;
    if (!isErrno(process.stat(target)))
      main.out.put(`WARNING: File "${target}" already exists. Overwriting.\n`);
    makeDirectories(process, dirName(target));
    writeWholeFile(process, target, encode(text.replaceAll('<CHARTNAME>', name)), 0o644);
  }
  makeDirectories(process, `${folder}/charts`);
}
