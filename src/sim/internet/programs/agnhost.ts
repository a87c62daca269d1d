// agnhost of Kubernetes' tests: netexec, serve-hostname, pause and fake-gitserver's kin by name. Simulated are
// netexec (HTTP), serve-hostname and pause; the other subcommands say that they are not.

import { Content } from '../../core/content.ts';
import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import type { HttpHandler } from '../../userland/http/server.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { popen, waitFor } from '../../userland/libc/spawn.ts';
import { decode } from '../../core/text.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import type { HttpResponse } from '../../userland/http/message.ts';

function text(status: number, content: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Content.ofText(content),
  };
}

function* log(main: Main, line: string): Routine<void> {
  const time = rfc3339(main.process.now).replace('T', ' ').replace('Z', '').replaceAll('-', '/');
  main.err.put(`${time} ${line}\n`);
  yield* main.err.flush();
}

function* shell(main: Main, command: string): Routine<string> {
  const { process: p } = main;
  const pipe = popen(p, command, 'r');
  if (isErrno(pipe)) return '{}';
  const bytes = yield* p.readAll(pipe.fd);
  p.close(pipe.fd);
  const { code } = yield* waitFor(p, pipe.pid);
  const output = isErrno(bytes) ? '' : decode(bytes);
  return JSON.stringify(code === 0 ? { output } : { error: `exit status ${code}`, output });
}

function netexec(main: Main): HttpHandler {
  const { process: p } = main;
  return function* (request) {
    const asked = (name: string): string => request.query.get(name)?.[0] ?? '';
    const client = request.peer?.address ?? '';
    switch (request.path) {
      case '/':
        yield* log(main, 'GET /');
        return text(200, `NOW: ${rfc3339(p.now).replace('T', ' ').replace('Z', '')} +0000 UTC`);
      case '/hostname':
      case '/hostName':
        yield* log(main, `GET ${request.path}`);
        return text(200, p.hostname);
      case '/echo':
        yield* log(main, `GET /echo?msg=${asked('msg')}`);
        return text(Number(asked('code')) || 200, asked('msg'));
      case '/clientip':
        yield* log(main, 'GET /clientip');
        return text(200, client);
      case '/healthz':
        return text(200, '');
      case '/shell':
        yield* log(main, `GET /shell?cmd=${asked('cmd')}`);
        return text(200, yield* shell(main, asked('cmd')));
      case '/exit':
        yield* log(main, `GET /exit?code=${asked('code')}`);
        return p.exit(Number(asked('code')) || 0);
      default:
        return text(404, '404 page not found\n');
    }
  };
}

function flag(main: Main, name: string): string | undefined {
  const at = main.args.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = main.args[at];
  if (word === undefined) return undefined;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : main.args[at + 1];
}

function* serve(main: Main, port: number, handler: HttpHandler): Routine<number> {
  const { process: p } = main;
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd);
  if (refused) {
    yield* log(main, `listen tcp :${port}: bind: ${refused.message.toLowerCase()}`);
    return 1;
  }
  yield* serveHttp(p, fd, handler);
  return 0;
}

export const agnhost = program('agnhost', function* (main) {
  const { process: p, args } = main;
  const [command = ''] = args;
  switch (command) {
    case 'netexec': {
      const port = Number(flag(main, 'http-port') ?? 8080);
      if (flag(main, 'udp-port') !== '-1') yield* log(main, `Started HTTP server on port ${port}`);
      return yield* serve(main, port, netexec(main));
    }
    case 'serve-hostname': {
      const port = Number(flag(main, 'port') ?? 9376);
      yield* log(main, 'Serving on port ' + port + '.');
      return yield* serve(main, port, function* () {
        return text(200, `${p.hostname}\n`);
      });
    }
    case 'pause': {
      main.out.put('Paused\n');
      yield* main.out.flush();
      let told = false;
      for (const signal of [SIGTERM, SIGINT]) {
        p.sigaction(signal, () => {
          told = true;
        });
      }
      while (!told) yield* p.pause();
      return 0;
    }
    case '--version':
      main.out.put('agnhost version 2.53\n');
      return 0;
    default:
      return yield* notSimulated(main, ['agnhost', ...args].join(' '));
  }
});
