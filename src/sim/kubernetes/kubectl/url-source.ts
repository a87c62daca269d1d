// Manifests at URLs (cli-runtime's URLVisitor): tried again where the server fails.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { download, STATUS_TEXT } from '../component/download.ts';
import { type Failure, failure } from './failure.ts';

const ATTEMPTS = 3;

/** The text at a URL. */
export function* readUrl(process: Process, url: string): Routine<string | Failure> {
  for (let attempts = 1; ; attempts++) {
    const answer = yield* download(process, url);
    if (answer === undefined)
      return failure(`the URL passed to filename "${url}" is not valid: invalid URL`);
    if ('problem' in answer) return failure(answer.problem);
    const { status, body } = answer;
    if (status === 200) return body.text();
    if (status >= 500 && attempts < ATTEMPTS) {
      yield* process.sleep(SECOND);
      continue;
    }
    const said = `${status} ${STATUS_TEXT[status] ?? ''}`;
    return failure(`unable to read URL "${url}", server reported ${said}, status code=${status}`);
  }
}
