// One transfer of curl: request, redirects, output, and how a failure reads.

import { encode } from '../../../../core/text.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import type { Routine } from '../../../../core/wait.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  httpRequest,
  type HttpTarget,
  isHttpFailure,
} from '../../../http/client.ts';
import { LATE, withDeadline } from '../../../http/deadline.ts';
import type { HttpRequest } from '../../../http/message.ts';
import { certificatesIn, SYSTEM_TRUST } from '../../../http/trust.ts';
import { requestHead, responseHead } from '../../../http/wire.ts';
import type { ParsedOptions } from '../../../libc/options.ts';
import { resolveHost } from '../../../libc/resolver.ts';
import type { Main } from '../../../libc/stdio.ts';
import { seconds } from './options.ts';
import { carryBytes } from '../telnet.ts';
import { bodyOf, requestFor } from './request.ts';
import { parseUrl, resolveUrl, type Url } from './url.ts';

/** What -w can print of a transfer. */
export interface Facts {
  status: number;
  contentType: string;
  downloaded: number;
  uploaded: number;
  url: string;
  remote: string;
  remotePort: number;
  local: string;
  redirects: number;
  redirectUrl: string;
  started: number;
  connected: number;
  method: string;
  scheme: string;
}

/** How a transfer ended: curl's exit code and what it says. */
export interface Outcome {
  readonly code: number;
  readonly text: string;
  readonly facts: Facts;
}

/** Where the content goes. */
export interface Sink {
  write(bytes: Uint8Array): Routine<boolean>;
}

interface Transfer {
  readonly main: Main;
  readonly options: ParsedOptions;
  readonly sink: Sink;
  readonly deadline: number | undefined;
  readonly facts: Facts;
}

const SSL_HELP = `More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.`;

/** Does one transfer to its end. */
export function* transfer(
  main: Main,
  options: ParsedOptions,
  text: string,
  sink: Sink,
): Routine<Outcome> {
  const started = main.process.now;
  const limit = seconds(options.value('max-time'));
  const facts: Facts = {
    status: 0,
    contentType: '',
    downloaded: 0,
    uploaded: 0,
    url: text,
    remote: '',
    remotePort: 0,
    local: '',
    redirects: 0,
    redirectUrl: '',
    started,
    connected: started,
    method: 'GET',
    scheme: 'HTTP',
  };
  const state: Transfer = {
    main,
    options,
    sink,
    facts,
    deadline: limit === undefined ? undefined : started + limit,
  };
  const url = parseUrl(text);
  if (!url) return { code: 3, text: 'URL using bad/illegal format or missing URL', facts };
  if (url.scheme === 'telnet') return yield* telnetTransfer(state, url);
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    return {
      code: 1,
      text: `Protocol "${url.scheme}" not supported or disabled in libcurl`,
      facts,
    };
  }
  const body = yield* bodyOf(state);
  if (typeof body === 'string') return { code: 26, text: body, facts };
  return yield* follow(state, url, body);
}

/** telnet:// carries what is typed and what comes until the other end has finished. */
function* telnetTransfer(state: Transfer, url: Url): Routine<Outcome> {
  const { main, facts, deadline } = state;
  const { process } = main;
  const addresses = yield* resolveHost(process, url.host);
  if ('failure' in addresses) {
    return failure(state, { kind: 'resolve', failure: addresses }, url);
  }
  let refused: Outcome | undefined;
  for (const address of addresses) {
    const fd = process.socket(address.includes(':') ? 'inet6' : 'inet', 'stream');
    if (isErrno(fd)) continue;
    const verbose = state.options.has('verbose');
    if (verbose) main.err.put(`*   Trying ${address}:${url.port}...\n`);
    const errno = yield* process.connect(fd, { address, port: url.port }, deadline);
    if (errno) {
      process.close(fd);
      refused = failure(state, { kind: 'connect', errno, address }, url);
      continue;
    }
    facts.remote = address;
    if (verbose) main.err.put(`* Connected to ${url.host} (${address}) port ${url.port} (#0)\n`);
    yield* main.err.flush();
    const done = yield* withDeadline(process, carryBytes(process, fd, true), deadline);
    process.close(fd);
    return done === LATE ? late(state) : { code: 0, text: '', facts };
  }
  return refused ?? { code: 7, text: `Failed to connect to ${url.host} port ${url.port}`, facts };
}

function* follow(
  state: Transfer,
  first: Url,
  body: { bytes: Uint8Array; type: string } | undefined,
): Routine<Outcome> {
  const { options, facts } = state;
  const most = Number(options.value('max-redirs') ?? 50);
  let url = first;
  let sent = body;
  for (;;) {
    facts.url = url.href;
    facts.scheme = url.scheme.toUpperCase();
    const request = requestFor(state, url, sent);
    facts.method = request.method;
    facts.uploaded = request.body.size;
    const answer = yield* exchange(state, url, request);
    if (answer === LATE) return late(state);
    if (isHttpFailure(answer)) return failure(state, answer, url);
    note(state, answer, url);
    const location = answer.headers['location'];
    const next = location === undefined ? undefined : resolveUrl(url, location);
    facts.redirectUrl = next?.href ?? '';
    const follows = options.has('location') || options.has('location-trusted');
    if (!next || !follows || answer.status < 300 || answer.status >= 400)
      return yield* receive(state, answer);
    if (facts.redirects >= most)
      return { code: 47, text: `Maximum (${most}) redirects followed`, facts };
    yield* showHead(state, answer);
    answer.stream?.close();
    facts.redirects++;
    if (
      answer.status === 303 ||
      ((answer.status === 301 || answer.status === 302) && request.method === 'POST')
    )
      sent = undefined;
    url = next;
  }
}

function note(state: Transfer, answer: HttpAnswer, url: Url): void {
  const { facts } = state;
  facts.status = answer.status;
  facts.contentType = answer.headers['content-type'] ?? '';
  facts.remote = answer.remote;
  facts.remotePort = url.port;
  facts.local = answer.local;
}

function* exchange(
  state: Transfer,
  url: Url,
  request: HttpRequest,
): Routine<HttpAnswer | HttpFailure | typeof LATE> {
  const { main, options, deadline } = state;
  const target = yield* targetFor(state, url);
  if ('kind' in target) return target;
  const limit = seconds(options.value('connect-timeout'));
  const connectBy = limit === undefined ? undefined : main.process.now + limit;
  if (options.has('verbose'))
    main.err.put(
      `*   Trying ${target.addresses?.[0] ?? target.unixPath ?? url.host}:${url.port}...\n`,
    );
  const asked = httpRequest(main.process, target, request, { connectBy });
  const answer = yield* withDeadline(main.process, asked, deadline);
  if (answer === LATE || isHttpFailure(answer) || !options.has('verbose')) return answer;
  main.err.put(`* Connected to ${url.host} (${answer.remote}) port ${url.port} (#0)\n`);
  main.err.put(marked('> ', requestHead(request)));
  main.err.put(marked('< ', responseHead(answer, answer.stream !== undefined)));
  yield* main.err.flush();
  return answer;
}

function marked(mark: string, head: string): string {
  return head
    .split('\r\n')
    .slice(0, -1)
    .map((line) => `${mark}${line}\n`)
    .join('');
}

function* targetFor(state: Transfer, url: Url): Routine<HttpTarget | HttpFailure> {
  const { main, options } = state;
  const unixPath = options.value('unix-socket');
  const pinned = options
    .values('resolve')
    .map((entry) => /^\+?([^:]+):(\d+):(.*)$/.exec(entry))
    .find((m) => m?.[1] === url.host && Number(m[2]) === url.port)?.[3];
  const local = url.host === 'localhost' || url.host.endsWith('.localhost');
  const loopback = main.process.network.isOwn(-1) ? ['::1', '127.0.0.1'] : ['127.0.0.1'];
  const known = pinned?.split(',') ?? (local ? loopback : undefined);
  const addresses = yield* ofFamily(main, options.last('ipv4', 'ipv6'), url, known);
  if (addresses && 'kind' in addresses) return addresses;
  const base: HttpTarget = { host: url.host, port: url.port, addresses, unixPath };
  if (url.scheme !== 'https') return base;
  const trustFile = options.value('cacert') ?? SYSTEM_TRUST;
  const authorities = (yield* certificatesIn(main.process, trustFile)) ?? [];
  const certificateFile = options.value('cert')?.split(':')[0];
  const certificate =
    certificateFile === undefined
      ? undefined
      : (yield* certificatesIn(main.process, certificateFile))?.[0];
  return { ...base, tls: { authorities, insecure: options.has('insecure'), certificate } };
}

/** -4 and -6 keep the addresses of one family; without them names are resolved later. */
function* ofFamily(
  main: Main,
  family: string | undefined,
  url: Url,
  known: readonly string[] | undefined,
): Routine<readonly string[] | HttpFailure | undefined> {
  if (family === undefined) return known;
  const all = known ?? (yield* resolveHost(main.process, url.host));
  if ('failure' in all) return { kind: 'resolve', failure: all };
  const kept = all.filter((address) => address.includes(':') === (family === 'ipv6'));
  if (kept.length > 0) return kept;
  return { kind: 'resolve', failure: { failure: 'no data', text: 'No address' } };
}

function elapsed(state: Transfer): number {
  return Math.max(0, Math.round((state.main.process.now - state.facts.started) / 1e6));
}

function late(state: Transfer): Outcome {
  const { facts } = state;
  const connecting = facts.status === 0 && facts.remote === '';
  const text =
    connecting && !hasConnected(state)
      ? `Connection timed out after ${elapsed(state)} milliseconds`
      : `Operation timed out after ${elapsed(state)} milliseconds with ${facts.downloaded} bytes received`;
  return { code: 28, text, facts };
}

/** Whether a connection of this process stands: what tells a slow answer from no connection. */
function hasConnected(state: Transfer): boolean {
  for (const [, { file }] of state.main.process.task.files.list()) {
    if ('connected' in file && file.connected === true) return true;
  }
  return false;
}

function failure(state: Transfer, why: HttpFailure, url: Url): Outcome {
  const { facts, options } = state;
  const end = (code: number, text: string): Outcome => ({ code, text, facts });
  switch (why.kind) {
    case 'resolve':
      return end(6, `Could not resolve host: ${url.host}`);
    case 'connect': {
      const socket = options.value('unix-socket');
      const where =
        socket === undefined ? `${url.host} port ${url.port}` : `${url.host} port ${url.port}`;
      return end(
        7,
        `Failed to connect to ${where} after ${elapsed(state)} ms: Couldn't connect to server`,
      );
    }
    case 'timeout':
      return end(
        28,
        why.stage !== 'answer'
          ? `Failed to connect to ${url.host} port ${url.port} after ${elapsed(state)} ms: Timeout was reached`
          : `Operation timed out after ${elapsed(state)} milliseconds with 0 bytes received`,
      );
    case 'tls': {
      const { fault } = why;
      const reason =
        fault.kind === 'wrong name'
          ? `SSL: no alternative certificate subject name matches target host name '${fault.name}'`
          : `SSL certificate problem: ${fault.kind === 'expired' ? 'certificate has expired' : fault.kind === 'not yet valid' ? 'certificate is not yet valid' : fault.certificate.signedBy === fault.certificate.key ? 'self-signed certificate' : 'unable to get local issuer certificate'}`;
      return end(60, `${reason}\n${SSL_HELP}`);
    }
    case 'alert':
      return end(
        56,
        `OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0`,
      );
    case 'not TLS':
      return end(35, 'error:0A00010B:SSL routines::wrong version number');
    case 'malformed':
      return end(1, 'Received HTTP/0.9 when not allowed');
    case 'closed':
      return why.errno
        ? end(56, `Recv failure: ${why.errno.message}`)
        : end(52, 'Empty reply from server');
  }
}

function* showHead(state: Transfer, answer: HttpAnswer): Routine<void> {
  const { options, sink } = state;
  if (!options.has('include') && !options.has('head')) return;
  const head = responseHead(answer, answer.stream !== undefined);
  yield* sink.write(
    encode(
      options.has('head') && answer.headers['content-length'] === undefined && !answer.body?.size
        ? head.replace(/Content-Length: 0\r\n/, '')
        : head,
    ),
  );
}

function* receive(state: Transfer, answer: HttpAnswer): Routine<Outcome> {
  const { main, options, facts, sink, deadline } = state;
  const bad = answer.status >= 400;
  if (bad && options.has('fail')) {
    answer.stream?.close();
    return { code: 22, text: `The requested URL returned error: ${answer.status}`, facts };
  }
  yield* showHead(state, answer);
  const whole = answer.body?.bytes();
  if (whole && !options.has('head')) {
    facts.downloaded += whole.length;
    if (!(yield* sink.write(whole)))
      return { code: 23, text: 'Failure writing output to destination', facts };
  }
  while (answer.stream && !options.has('head')) {
    const piece = yield* withDeadline(main.process, answer.stream.next(), deadline);
    if (piece === LATE) return late(state);
    if (piece === undefined) break;
    const bytes = piece.bytes();
    facts.downloaded += bytes.length;
    if (!(yield* sink.write(bytes)))
      return { code: 23, text: 'Failure writing output to destination', facts };
  }
  if (options.has('verbose'))
    main.err.put(`* Connection #0 to host ${parseUrl(facts.url)?.host ?? ''} left intact\n`);
  if (bad && options.has('fail-with-body'))
    return { code: 22, text: `The requested URL returned error: ${answer.status}`, facts };
  return { code: 0, text: '', facts };
}
