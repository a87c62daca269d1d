// What -v=6 and more prints of requests (client-go's debugging round tripper): verb, URL and status; from 7 on the headers,
// from 8 on the bodies, from 9 on a curl command and when the connection stood. Bodies are the JSON that is really sent.

import { MILLISECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { goQuoted } from '../../etcd/cobra/flags.ts';
import type { HttpAnswer } from '../../userland/http/client.ts';
import type { Headers, HttpRequest } from '../../userland/http/message.ts';
import { headerName, requestTarget } from '../../userland/http/wire.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { klog } from '../component/klog.ts';

/** The log of one client's requests. */
export interface RequestLog {
  /** A line of its own, printed from a level on. */
  note(level: number, where: string, message: string): Routine<void>;
  sent(url: string, request: HttpRequest): Routine<void>;
  /** `answer` undefined: there was none. */
  answered(
    url: string,
    method: string,
    since: number,
    answer: HttpAnswer | undefined,
  ): Routine<void>;
  body(path: string, which: 'Request' | 'Response', text: string): Routine<void>;
}

/** Every status that the API server answers with, by its words in HTTP. */
const STATUS_TEXT: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Characters of a body that are shown below level 10. */
const SHOWN: Readonly<Record<number, number>> = { 8: 1024, 9: 10240 };

/** The URL of a request as it is logged. */
export function urlOf(server: string, request: HttpRequest): string {
  const query = new Map([...request.query].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${server.replace(/\/$/, '')}${requestTarget({ path: request.path, query })}`;
}

/** Logs at a level; below 6 only what a note asks for. */
export function requestLog(main: Main, level: number): RequestLog {
  function* note(from: number, where: string, message: string): Routine<void> {
    if (level >= from) yield* klog(main, 'I', where, message);
  }
  return {
    note,
    *sent(url, { method, headers }) {
      if (level >= 9) {
        const shown = headerLines(headers).map((line) => ` -H ${JSON.stringify(line)}`);
        const curl = `curl -v -X${method} ${shown.join('')} '${url}'`;
        yield* note(9, 'round_trippers.go:527', `"Request" curlCommand=${block([curl])}`);
      } else if (level >= 7) {
        const shown = block(headerLines(headers));
        const what = `verb="${method}" url="${url}" headers=${shown}`;
        yield* note(7, 'round_trippers.go:527', `"Request" ${what}`);
      }
    },
    *answered(url, method, since, answer) {
      if (level < 6) return;
      const words: string[] = [];
      const spent = Math.floor((main.process.now - since) / MILLISECOND);
      if (level >= 9 && answer) {
        const [, port = '443'] = /^https?:\/\/[^/]+:(\d+)(?:\/|$)/.exec(url) ?? [];
        const dialled = `network="tcp" address="${answer.remote}:${port}"`;
        yield* note(9, 'round_trippers.go:562', `"HTTP Trace: Dial succeed" ${dialled}`);
      }
      if (level === 6 || level >= 9) words.push(`verb="${method}"`, `url="${url}"`);
      const status = answer ? `${answer.status} ${STATUS_TEXT[answer.status] ?? ''}` : '';
      words.push(`status="${status}"`);
      if (level >= 8) words.push(`headers=${answer ? block(headerLines(answer.headers)) : '""'}`);
      words.push(`milliseconds=${spent}`);
      if (level >= 9) {
        words.push('dnsLookupMilliseconds=0', 'dialMilliseconds=0', 'tlsHandshakeMilliseconds=0');
        if (answer) words.push(`serverProcessingMilliseconds=${spent}`);
      }
      yield* note(6, 'round_trippers.go:632', `"Response" ${words.join(' ')}`);
    },
    *body(path, which, text) {
      if (level < 8) return;
      const most = SHOWN[level] ?? Number.POSITIVE_INFINITY;
      const rest = text.length - most;
      const shown = rest > 0 ? `${text.slice(0, most)} [truncated ${rest} chars]` : text;
      const lines = shown.replace(/\n$/, '').split('\n');
      const value = shown.includes('\n') ? block(lines) : goQuoted(shown);
      const where = /^\/apis?$/.test(path) ? 'discovery_client.go:255' : 'helper.go:105';
      yield* note(8, where, `"${which} Body" body=${value}`);
    },
  };
}

/** A value of several lines. */
function block(lines: readonly string[]): string {
  return `<\n${lines.map((line) => `\t${line}\n`).join('')} >`;
}

/** Headers by name; what proves who asks is masked. */
function headerLines(headers: Headers): string[] {
  return Object.entries(headers)
    .filter(([name]) => name !== 'host')
    .map(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') : String(value);
      const [kind = ''] = text.split(' ');
      return `${headerName(name)}: ${name === 'authorization' ? `${kind} <masked>` : text}`;
    })
    .sort();
}
