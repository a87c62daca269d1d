// The files of a kustomization: where they are, what they hold, and what is said where they are not there.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { parseYaml, splitDocuments, YamlProblem } from '../../../userland/yaml/read.ts';
import { type Failure, failure } from '../failure.ts';

/** A path made absolute, its dots resolved. */
export function absolute(process: Process, path: string): string {
  const here = process.getcwd();
  const parts: string[] = [];
  const whole = path.startsWith('/') ? path : `${isErrno(here) ? '' : here}/${path}`;
  for (const part of whole.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function isFolder(process: Process, path: string): boolean {
  const stat = process.stat(path);
  return !isErrno(stat) && (stat.mode & 0o170000) === 0o040000;
}

/** `evalsymlink failure on 'x' : lstat /root/x: no such file or directory`. */
export function missingText(process: Process, shown: string): string {
  return `evalsymlink failure on '${shown}' : lstat ${absolute(process, shown)}: no such file or directory`;
}

/** A file's text; its absence in kustomize's words. */
export function* textOf(process: Process, folder: string, path: string): Routine<string> {
  const where = path.startsWith('/') ? path : absolute(process, `${folder}/${path}`);
  const bytes = yield* readFile(process, where);
  if (isErrno(bytes)) throw failure(missingText(process, where));
  return decode(bytes);
}

/** The documents of a text as values. */
export function objectsIn(text: string, path: string): unknown[] {
  return splitDocuments(text).flatMap((document) => {
    const value = parseYaml(document);
    if (value instanceof YamlProblem) throw malformed(path, value.message);
    return value === null || value === undefined ? [] : [value];
  });
}

function malformed(path: string, problem: string): Failure {
  return failure(`MalformedYAMLError: ${problem} in File: ${path}`);
}
