// kubectl's --raw: one request to a path of the server as it is, its answer printed as it is.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { wholeBody } from '../../userland/http/client.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { Call } from './command.ts';
import { failure, refusal } from './failure.ts';
import { type KubeObject, statusOf } from './rest.ts';

/** kubectl get --raw. */
export function* getRaw(call: Call): Routine<void> {
  if (call.args.length > 0) throw failure('arguments may not be passed when --raw is specified');
  yield* sendRaw(call, 'GET', undefined);
}

/** kubectl create --raw and replace --raw: a file, or standard input, to a path. */
export function* writeRaw(call: Call): Routine<void> {
  const [file = '', ...more] = call.values.all('filename');
  if (file === '' || more.length > 0 || /^https?:/.test(file))
    throw failure('--raw can only use a single local file or stdin');
  yield* sendRaw(
    call,
    call.path.endsWith(' replace') ? 'PUT' : 'POST',
    yield* bodyFrom(call, file),
  );
}

/** kubectl delete --raw: the request's body comes from a file where there is one. */
export function* deleteRaw(call: Call): Routine<void> {
  const { values } = call;
  const [file = '', ...more] = values.all('filename');
  if (values.is('interactive')) throw failure('--interactive can not be used with --raw');
  if (more.length > 0) throw failure('--raw can only use a single local file or stdin');
  if (/^https?:/.test(file)) throw failure('--raw cannot read from a url');
  if (values.is('recursive')) throw failure('--raw and --recursive are mutually exclusive');
  if (values.text('output') !== '') throw failure('--raw and --output are mutually exclusive');
  yield* sendRaw(call, 'DELETE', file === '' ? undefined : yield* bodyFrom(call, file));
}

function* bodyFrom(call: Call, file: string): Routine<unknown> {
  const { process, input } = call.main;
  const bytes = file === '-' ? yield* input.rest() : yield* readFile(process, file);
  if (isErrno(bytes)) throw failure(`open ${file}: ${bytes.message.toLowerCase()}`);
  const text = decode(bytes);
  return text.trim() === '' ? undefined : bodyOf(text);
}

/** The body as the server would read it; what is no JSON goes as a text, and is refused there. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function* sendRaw(call: Call, method: string, body: unknown): Routine<void> {
  const client = yield* call.client();
  const given = call.values.text('raw');
  if (!given.startsWith('/'))
    throw failure(
      `--raw must be a valid URL path: parse ${JSON.stringify(given)}: invalid URI for request`,
    );
  const [path = '', search = ''] = given.split('?');
  const query: Record<string, readonly string[]> = {};
  for (const pair of search.split('&').filter((one) => one !== '')) {
    const [name = '', value = ''] = pair.split('=');
    const key = decodeURIComponent(name);
    query[key] = [...(query[key] ?? []), decodeURIComponent(value)];
  }
  const answer = yield* client.raw(method, decodeURIComponent(path), {
    query,
    accept: '*/*',
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status >= 400) {
    const refused = yield* wholeBody(answer);
    throw refusal(
      statusOf(answer.status, refused.json() as KubeObject | undefined, refused.text()),
    );
  }
  if (!answer.stream) {
    yield* call.out((yield* wholeBody(answer)).text());
    return;
  }
  for (;;) {
    const piece = yield* answer.stream.next();
    if (piece === undefined) return;
    yield* call.out(piece.text());
    yield* call.main.out.flush();
  }
}
