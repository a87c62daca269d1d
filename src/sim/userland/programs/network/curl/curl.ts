// curl(1) 7.88.1 for http and https. Left out: other protocols, proxies, multipart forms, cookie jars, ranges: each is said.

import { encode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import type { ParsedOptions } from '../../../libc/options.ts';
import { type Main, notSimulated, program } from '../../../libc/stdio.ts';
import { writeAll, writeFile } from '../../../libc/whole-file.ts';
import { NOT_DONE, readOptions } from './options.ts';
import { type Facts, type Outcome, type Sink, transfer } from './transfer.ts';
import { expandGlob, parseUrl } from './url.ts';

const VERSION = `curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.17 zlib/1.2.13 brotli/1.0.9 zstd/1.5.4 libidn2/2.3.3 libpsl/0.21.2 (+libidn2/2.3.3) libssh2/1.10.0 nghttp2/1.52.0 librtmp/2.3 OpenLDAP/2.5.13
Release-Date: 2023-02-20, security patched: 7.88.1-10+deb12u14
Protocols: dict file ftp ftps gopher gophers http https imap imaps ldap ldaps mqtt pop3 pop3s rtmp rtmpe rtmps rtmpt rtmpte rtmpts rtsp scp sftp smb smbs smtp smtps telnet tftp
Features: alt-svc AsynchDNS brotli GSS-API HSTS HTTP2 HTTPS-proxy IDN IPv6 Kerberos Largefile libz NTLM NTLM_WB PSL SPNEGO SSL threadsafe TLS-SRP UnixSockets zstd
`;

const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";

export const curl = program('curl', function* (main) {
  const options = readOptions(main.args);
  if (typeof options === 'string') {
    main.err.put(`curl: ${options}\n${TRY}`);
    return 2;
  }
  if (options.has('version')) {
    main.out.put(VERSION);
    return 0;
  }
  const missing = NOT_DONE.find((key) => options.has(key));
  if (missing !== undefined) return yield* notSimulated(main, `curl --${missing}`);
  const given = [...options.values('url'), ...options.operands];
  const urls = given.flatMap((url) => (options.has('globoff') ? [url] : expandGlob(url)));
  if (urls.length === 0) {
    main.err.put(`curl: no URL specified!\n${TRY}`);
    return 2;
  }
  let status = 0;
  for (const [i, url] of urls.entries()) {
    const outputs = options.values('output');
    status = yield* one(
      main,
      options,
      url,
      outputs[i] ?? (urls.length === 1 ? outputs.at(-1) : undefined),
    );
  }
  return status;
});

function* one(
  main: Main,
  options: ParsedOptions,
  url: string,
  output: string | undefined,
): Routine<number> {
  const path =
    output ??
    (options.has('remote-name')
      ? (parseUrl(url)?.target.split('?')[0]?.split('/').at(-1) ?? '')
      : undefined);
  if (options.has('remote-name') && path === '') {
    yield* main.fail('(23) Remote file name has no length!');
    return 23;
  }
  const retries = Number(options.value('retry') ?? 0);
  const meter = showsMeter(main, options, path);
  if (meter) main.err.put(METER_HEAD);
  for (let attempt = 0; ; attempt++) {
    const kept: Uint8Array[] = [];
    const sink = path === undefined || path === '-' ? standardOutput(main) : fileSink(kept);
    const outcome = yield* transfer(main, options, url, sink);
    if (attempt < retries && passing(outcome, options)) {
      const pause = Number(options.value('retry-delay') ?? 2 ** attempt);
      if (!options.has('silent'))
        main.err.put(
          `Warning: Problem ${outcome.code === 7 ? '(retrying all errors)' : 'timeout'}. Will retry in ${pause} seconds. ${retries - attempt} ${retries - attempt === 1 ? 'retry' : 'retries'} left.\n`,
        );
      yield* main.process.sleep(pause * 1e9);
      continue;
    }
    if (meter) main.err.put(meterLine(main, outcome));
    const written =
      path === undefined || path === '-' || outcome.code !== 0
        ? undefined
        : yield* writeFile(main.process, path, join(kept));
    if (isErrno(written)) {
      main.err.put(`Warning: Failed to open the file ${path}: ${written.message}\n`);
      yield* main.fail('(23) Failure writing output to destination');
      return 23;
    }
    return yield* finish(main, options, outcome);
  }
}

/** What curl thinks may pass by itself. */
function passing(outcome: Outcome, options: ParsedOptions): boolean {
  if (outcome.code === 7)
    return options.has('retry-connrefused') || options.has('retry-all-errors');
  if (outcome.code === 28 || outcome.code === 6) return true;
  if (outcome.code !== 0 && options.has('retry-all-errors')) return true;
  return [408, 429, 500, 502, 503, 504].includes(outcome.facts.status);
}

function standardOutput(main: Main): Sink {
  return {
    *write(bytes) {
      yield* main.out.flush();
      const failure = yield* writeAll(main.process, 1, bytes);
      return !isErrno(failure);
    },
  };
}

function fileSink(kept: Uint8Array[]): Sink {
  return {
    *write(bytes) {
      kept.push(bytes.slice());
      return true;
    },
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function* finish(main: Main, options: ParsedOptions, outcome: Outcome): Routine<number> {
  const { code, text, facts } = outcome;
  yield* main.err.flush();
  if (code !== 0 && (!options.has('silent') || options.has('show-error'))) {
    main.err.put(`curl: (${code}) ${text}\n`);
    yield* main.err.flush();
  }
  const format = options.value('write-out');
  if (format !== undefined) {
    yield* main.out.flush();
    yield* writeAll(main.process, 1, encode(writeOut(main, format, facts, outcome)));
  }
  return code;
}

/** -w: `%{name}` and backslash escapes. */
function writeOut(main: Main, format: string, facts: Facts, outcome: Outcome): string {
  const time = (at: number): string => ((at - facts.started) / 1e9).toFixed(6);
  const now = main.process.now;
  const status = String(facts.status).padStart(3, '0');
  const [localIp = '', localPort = ''] = splitAddress(facts.local);
  const values: Readonly<Record<string, string>> = {
    http_code: status,
    response_code: status,
    content_type: facts.contentType,
    size_download: String(facts.downloaded),
    size_upload: String(facts.uploaded),
    url_effective: facts.url,
    url: facts.url,
    remote_ip: facts.remote,
    remote_port: String(facts.remotePort),
    local_ip: localIp,
    local_port: localPort,
    num_redirects: String(facts.redirects),
    redirect_url: facts.redirectUrl,
    time_total: time(now),
    time_connect: time(facts.connected),
    time_namelookup: time(facts.connected),
    time_starttransfer: time(now),
    time_appconnect: time(facts.started),
    time_pretransfer: time(facts.connected),
    time_redirect: time(facts.started),
    exitcode: String(outcome.code),
    errormsg: outcome.code === 0 ? '' : outcome.text,
    method: facts.method,
    scheme: facts.scheme,
    http_version: facts.status === 0 ? '0' : '1.1',
    ssl_verify_result: '0',
    num_connects: '1',
    speed_download: String(facts.downloaded),
    http_connect: '000',
    urlnum: '0',
  };
  return format
    .replace(/%\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? '')
    .replace(/%%/g, '%')
    .replace(
      /\\([nrt\\])/g,
      (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? '\\',
    );
}

function splitAddress(text: string): string[] {
  const colon = text.lastIndexOf(':');
  return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
}

const METER_HEAD = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`;

/** The progress meter shows where content does not go to a terminal. */
function showsMeter(main: Main, options: ParsedOptions, path: string | undefined): boolean {
  if (options.has('silent') || options.has('progress-bar')) return false;
  return path !== undefined || !main.process.isTerminal(1);
}

function meterLine(main: Main, outcome: Outcome): string {
  const zero = '\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0';
  const { downloaded, started } = outcome.facts;
  if (outcome.code !== 0 || downloaded === 0) return `${zero}\n`;
  const speed = Math.min(
    99_999,
    Math.round(downloaded / Math.max(0.001, (main.process.now - started) / 1e9)),
  );
  const size = String(downloaded).padStart(5);
  return `${zero}\r100 ${size}  100 ${size}    0     0  ${String(speed).padStart(5)}      0 --:--:-- --:--:-- --:--:-- ${String(speed).padStart(5)}\n`;
}
