// POST /images/NAME/push: an image goes to its registry, told as lines of progress; and POST /auth, which tries an account.

import { decode } from '../../../core/text.ts';
import { BuildError } from '../../builder/dockerfile/errors.ts';
import { download } from '../../builder/remote-source.ts';
import { Content } from '../../../core/content.ts';
import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import {
  familiarName,
  fullName,
  isReferenceError,
  parseReference,
  type Reference,
  repositoryOf,
  withDefaultTag,
} from '../../../containers/images/reference.ts';
import { RegistryClient } from '../../../containers/registry/client.ts';
import { pushImage } from '../../../containers/registry/push.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import { shownReference } from '../images.ts';
import { ApiError } from '../model.ts';
import { body, type Context, type Handler, json, query, refuse, streaming } from './answer.ts';
import { type AuthConfig, credentialsOf } from './credentials.ts';

interface Lines {
  readonly waiting: object[];
  readonly arrived: WaitQueue;
  ended: boolean;
}

function tellTo(lines: Lines): (line: object) => void {
  return (line) => {
    lines.waiting.push(line);
    lines.arrived.wake();
  };
}

/** Names that a push is about: one, or all tags of a repository. */
function* namesOf(context: Context, thread: Process, wanted: Reference): Routine<string[]> {
  if (wanted.tag !== undefined) return [fullName(wanted)];
  const records = yield* context.daemon.clientFor(thread).images();
  if (isRpcError(records)) return [];
  return records
    .map(({ name }) => name)
    .filter((name) => {
      const parsed = parseReference(name);
      return !isReferenceError(parsed) && repositoryOf(parsed) === repositoryOf(wanted);
    })
    .sort();
}

function* push(context: Context, thread: Process, wanted: Reference, lines: Lines): Routine<void> {
  const tell = tellTo(lines);
  const client = context.daemon.clientFor(thread);
  const credentials = credentialsOf(context);
  const fail = (message: string): void => tell({ errorDetail: { message }, error: message });
  tell({ status: `The push refers to repository [${repositoryOf(wanted)}]` });
  const names = yield* namesOf(context, thread, wanted);
  if (names.length === 0)
    fail(`An image does not exist locally with the tag: ${familiarName(wanted)}`);
  for (const name of names) {
    const record = yield* client.image(name);
    if (isRpcError(record)) {
      fail(`tag does not exist: ${shownReference(name)}`);
      break;
    }
    const { target } = record;
    const problem = yield* pushImage(client, {
      name,
      target,
      ...(credentials ? { credentials } : {}),
      *onLayer(layer, phase) {
        const status = { exists: 'Layer already exists', pushing: 'Pushing', pushed: 'Pushed' };
        tell({ status: status[phase], progressDetail: {}, id: layer.digest.slice(7, 19) });
      },
    });
    if (problem !== undefined) {
      fail(problem);
      break;
    }
    const tag = name.slice(name.lastIndexOf(':') + 1);
    tell({ status: `${tag}: digest: ${target.digest} size: ${target.size}` });
    context.daemon.events.add('image', 'push', shownReference(name), {
      name: familiarName(wanted),
    });
  }
  lines.ended = true;
  lines.arrived.wake();
}

const pushHandler: Handler = function* (context) {
  const tag = query(context, 'tag');
  const name = decodeURIComponent(context.parts[0] ?? '');
  const parsed = parseReference(tag === '' ? name : `${name}:${tag}`);
  if (isReferenceError(parsed)) return refuse(new ApiError(400, parsed));
  const lines: Lines = { waiting: [], arrived: new WaitQueue(), ended: false };
  const wanted = tag === '' ? parsed : withDefaultTag(parsed);
  context.daemon.thread((thread) => push(context, thread, wanted, lines));
  return streaming('application/json', function* () {
    for (;;) {
      const line = lines.waiting.shift();
      if (line) return Content.ofJson(line, (value) => `${JSON.stringify(value)}\n`);
      if (lines.ended) return undefined;
      yield { on: [lines.arrived] };
    }
  });
};

const auth: Handler = function* (context) {
  const { username = '', password = '', serveraddress = '' } = body<AuthConfig>(context);
  const hub = serveraddress === '' || serveraddress.includes('index.docker.io');
  const domain = hub ? 'docker.io' : serveraddress.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  if (username === '' || password === '')
    return refuse(new ApiError(401, 'no basic auth credentials'));
  const registry = new RegistryClient(context.process, domain, {
    plainHttp: /^(localhost|127\.)/.test(domain),
    credentials: { username, password },
  });
  const problem = yield* registry.login();
  return problem === undefined
    ? json({ Status: 'Login Succeeded', IdentityToken: '' })
    : refuse(new ApiError(500, problem));
};

/** GET /images/search: Docker Hub's index is asked. */
const search: Handler = function* (context) {
  const term = query(context, 'term');
  const limit = query(context, 'limit') || '25';
  const url = `https://index.docker.io/v1/search?q=${encodeURIComponent(term)}&n=${limit}`;
  try {
    const { bytes } = yield* download(context.process, url);
    const { results } = JSON.parse(decode(bytes)) as { results: object[] };
    return json(results);
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    return refuse(new ApiError(500, thrown.message));
  }
};

/** Method, path, handler. */
export const pushRoutes: readonly (readonly [string, string, Handler])[] = [
  ['POST', '/images/**/push', pushHandler],
  ['POST', '/auth', auth],
  ['GET', '/images/search', search],
];
