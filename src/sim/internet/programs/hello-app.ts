// hello-app of Google's samples: answers every request with its version and the host's name.

import { Content } from '../../core/content.ts';
import { rfc3339 } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import { endOnSignals } from '../../kubernetes/component/signals.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { program } from '../../userland/libc/stdio.ts';

export const helloApp = program('hello-app', function* (main) {
  const { process: p } = main;
  const port = p.environment.get('PORT') ?? '8080';
  const version = p.environment.get('VERSION') ?? '1.0.0';
  const log = function* (text: string) {
    const time = rfc3339(p.now).replace('T', ' ').replace('Z', '').replaceAll('-', '/');
    main.err.put(`${time} ${text}\n`);
    yield* main.err.flush();
  };
  endOnSignals(p, 2);
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused = p.bind(fd, { address: '0.0.0.0', port: Number(port) }) ?? p.listen(fd);
  if (refused) {
    yield* log(`listen tcp :${port}: bind: ${refused.message.toLowerCase()}`);
    return 1;
  }
  yield* log(`Server listening on port ${port}`);
  yield* serveHttp(p, fd, function* (request) {
    yield* log(`Serving request: ${request.path}`);
    const text = `Hello, world!\nVersion: ${version}\nHostname: ${p.hostname}\n`;
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: Content.ofText(text),
    };
  });
  return 0;
});
