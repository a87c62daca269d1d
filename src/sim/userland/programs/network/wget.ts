// wget: GNU's (1.21.3), and busybox's under that name. Left out: recursion, forms, FTP.

import { Content } from '../../../core/content.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  httpRequest,
  isHttpFailure,
  wholeBody,
} from '../../http/client.ts';
import { LATE, withDeadline } from '../../http/deadline.ts';
import { certificatesIn, SYSTEM_TRUST } from '../../http/trust.ts';
import { parseTarget, REASONS, responseHead } from '../../http/wire.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { writeAll, writeFile } from '../../libc/whole-file.ts';
import { parseUrl, resolveUrl, type Url } from './curl/url.ts';

const value = 'required' as const;
const OPTIONS: readonly OptionSpec[] = [
  { key: 'quiet', short: 'q', long: 'quiet' },
  { key: 'output', short: 'O', long: 'output-document', argument: value },
  { key: 'timeout', short: 'T', long: 'timeout', argument: value },
  { key: 'tries', short: 't', long: 'tries', argument: value },
  { key: 'server', short: 'S', long: 'server-response' },
  { key: 'spider', long: 'spider' },
  { key: 'insecure', long: 'no-check-certificate' },
  { key: 'header', long: 'header', argument: value },
  { key: 'post', long: 'post-data', argument: value },
  { key: 'directory', short: 'P', long: 'directory-prefix', argument: value },
  { key: 'agent', short: 'U', long: 'user-agent', argument: value },
  { key: 'plain', short: 'v', long: 'verbose no-proxy' },
  { key: 'continue', short: 'c', long: 'continue' },
  { key: 'background', short: 'b', long: 'background' },
  { key: 'no-verbose', long: 'no-verbose' },
  { key: 'no-cache', long: 'no-cache' },
  { key: 'show-progress', long: 'show-progress' },
  { key: 'content-on-error', long: 'content-on-error' },
  { key: 'proxy', short: 'Y', long: 'proxy', argument: value },
];

/** Options whose work is not done here: using one is said, not ignored. */
const NOT_DONE = ['continue', 'background', 'no-verbose', 'show-progress', 'content-on-error'];

/** Runs wget; `busybox` in that tool's way. */
export function* runWget(main: Main, args: readonly string[], busybox: boolean): ProgramRun {
  const options = parseOptions(
    args.map((word) => (word === '-nv' ? '--no-verbose' : word)),
    OPTIONS,
  );
  if (isOptionError(options)) {
    main.err.put(`wget: ${options.error}\n`);
    return busybox ? 1 : 2;
  }
  const missing = NOT_DONE.find((key) => options.has(key));
  if (missing !== undefined) return yield* notSimulated(main, `wget --${missing}`);
  const proxy = options.value('proxy');
  if (proxy !== undefined && proxy !== 'off') return yield* notSimulated(main, 'wget -Y on');
  const [text] = options.operands;
  if (text === undefined) {
    main.err.put(
      busybox
        ? 'BusyBox v1.36.1 multi-call binary.\n\nUsage: wget [-cqS] URL...\n'
        : "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n",
    );
    return 1;
  }
  const url = parseUrl(text);
  if (!url) {
    yield* main.fail(`bad address '${text}'`);
    return 1;
  }
  return yield* fetch(main, options, url, busybox);
}

export const wget = program('wget', (main) => runWget(main, main.args, false));

function* fetch(main: Main, options: ParsedOptions, first: Url, busybox: boolean): ProgramRun {
  const seconds = options.value('timeout');
  let url = first;
  for (let hops = 0; hops < 20; hops++) {
    const asked = request(main, options, url, busybox);
    const deadline = main.process.now + Number(seconds ?? 900) * SECOND;
    const answer = yield* withDeadline(main.process, asked, deadline);
    if (answer === LATE) {
      yield* main.fail(busybox ? 'download timed out' : 'Connection timed out.');
      return busybox ? 1 : 4;
    }
    if (isHttpFailure(answer)) return yield* refused(main, options, url, answer, busybox);
    const target = answer.headers['location'];
    const next = target === undefined ? undefined : resolveUrl(url, target);
    if (answer.status >= 300 && answer.status < 400 && next) {
      answer.stream?.close();
      url = next;
      continue;
    }
    if (options.has('server'))
      main.err.put(
        responseHead(answer, false)
          .split('\r\n')
          .map((line) => (line === '' ? '' : `  ${line}\n`))
          .join(''),
      );
    if (answer.status >= 400) return yield* badStatus(main, options, answer, busybox);
    return yield* save(main, options, url, answer, busybox);
  }
  yield* main.fail('too many redirections');
  return 1;
}

function* request(
  main: Main,
  options: ParsedOptions,
  url: Url,
  busybox: boolean,
): Routine<HttpAnswer | HttpFailure> {
  if (!options.has('quiet') && busybox) {
    main.err.put(
      `Connecting to ${url.host === '' ? '' : `${url.host}${url.port === 80 || url.port === 443 ? '' : `:${url.port}`}`} (${url.host}:${url.port})\n`,
    );
  }
  const headers: Record<string, string> = {
    host: `${url.host}${url.port === (url.scheme === 'https' ? 443 : 80) ? '' : `:${url.port}`}`,
    'user-agent': options.value('agent') ?? (busybox ? 'Wget' : 'Wget/1.21.3'),
    ...(busybox ? {} : { accept: '*/*', 'accept-encoding': 'identity' }),
    connection: busybox ? 'close' : 'Keep-Alive',
  };
  for (const line of options.values('header')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  if (options.has('no-cache'))
    Object.assign(headers, { 'cache-control': 'no-cache', pragma: 'no-cache' });
  const post = options.value('post');
  if (post !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  const { path, query } = parseTarget(url.target);
  const authorities =
    url.scheme === 'https' ? ((yield* certificatesIn(main.process, SYSTEM_TRUST)) ?? []) : [];
  return yield* httpRequest(
    main.process,
    {
      host: url.host,
      port: url.port,
      tls:
        url.scheme === 'https'
          ? { authorities, insecure: options.has('insecure') || busybox }
          : undefined,
    },
    {
      method: post !== undefined ? 'POST' : options.has('spider') && !busybox ? 'HEAD' : 'GET',
      path,
      query,
      headers,
      body: post === undefined ? Content.empty : Content.ofText(post),
    },
    { alone: true },
  );
}

function* refused(
  main: Main,
  options: ParsedOptions,
  url: Url,
  why: HttpFailure,
  busybox: boolean,
): ProgramRun {
  if (why.kind === 'resolve') {
    if (busybox)
      yield* main.fail(`bad address '${url.host}${url.port === 80 ? '' : `:${url.port}`}'`);
    else yield* main.fail(`unable to resolve host address ‘${url.host}’`);
    return busybox ? 1 : 4;
  }
  if (why.kind === 'connect') {
    if (busybox)
      yield* main.fail(`can't connect to remote host (${why.address}): ${why.errno.message}`);
    else if (!options.has('quiet'))
      main.err.put(`Connecting to ${url.host}:${url.port}... failed: ${why.errno.message}.\n`);
    return busybox ? 1 : 4;
  }
  if (why.kind === 'tls') {
    main.err.put(
      `ERROR: cannot verify ${url.host}'s certificate, issued by ‘CN=${why.fault.certificate.issuer}’:\n  Unable to locally verify the issuer's authority.\nTo connect to ${url.host} insecurely, use \`--no-check-certificate'.\n`,
    );
    return 5;
  }
  yield* main.fail(busybox ? 'error getting response' : 'No data received.');
  return busybox ? 1 : 4;
}

function* badStatus(
  main: Main,
  options: ParsedOptions,
  answer: HttpAnswer,
  busybox: boolean,
): ProgramRun {
  const words = `${answer.status} ${REASONS[answer.status] ?? ''}`;
  answer.stream?.close();
  if (busybox) yield* main.fail(`server returned error: HTTP/1.1 ${words}`);
  else if (!options.has('quiet'))
    main.err.put(`ERROR ${answer.status}: ${REASONS[answer.status] ?? ''}.\n`);
  return busybox ? 1 : 8;
}

function* save(
  main: Main,
  options: ParsedOptions,
  url: Url,
  answer: HttpAnswer,
  busybox: boolean,
): ProgramRun {
  if (options.has('spider')) {
    answer.stream?.close();
    if (busybox && !options.has('quiet')) main.err.put('remote file exists\n');
    return 0;
  }
  const body = yield* wholeBody(answer);
  const name = (url.target.split('?')[0] ?? '').split('/').at(-1);
  const prefix = options.value('directory');
  const path =
    options.value('output') ??
    `${prefix === undefined ? '' : `${prefix}/`}${name === '' || name === undefined ? 'index.html' : name}`;
  if (path === '-') {
    yield* main.out.flush();
    yield* writeAll(main.process, 1, body.bytes());
  } else {
    const failure = yield* writeFile(main.process, path, body.bytes());
    if (failure) {
      yield* main.fail(`can't open '${path}': ${failure.message}`);
      return 1;
    }
  }
  if (!options.has('quiet') && busybox) {
    const label = path === '-' ? 'writing to stdout' : `saving to '${path}'`;
    const bar = `${(path === '-' ? '-' : path).padEnd(20)} 100% |********************************| ${String(body.size).padStart(5)}  0:00:00 ETA\n`;
    main.err.put(`${label}\n${bar}${path === '-' ? 'written to stdout' : `'${path}' saved`}\n`);
  } else if (!options.has('quiet'))
    main.err.put(`‘${path === '-' ? '-' : path}’ saved [${body.size}/${body.size}]\n`);
  return 0;
}
