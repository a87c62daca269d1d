// The program of the image registry:2: the distribution API on files below /var/lib/registry.

import { decode } from '../../core/text.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import { isErrno } from '../../kernel/errno.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { registryApi } from '../registry/api.ts';
import { fileStore } from '../registry/store.ts';

export const registry = program('registry', function* (main) {
  const { process: p, args } = main;
  const [word, file = '/etc/docker/registry/config.yml'] = args;
  if (word === '--version' || word === '-v') {
    main.out.put('registry github.com/docker/distribution 2.8.3\n');
    return 0;
  }
  if (word !== 'serve') return yield* notSimulated(main, `registry ${args.join(' ')}`);
  const fd = p.open(file);
  const bytes = isErrno(fd) ? fd : yield* p.readAll(fd);
  if (isErrno(bytes)) {
    main.err.put(`configuration error: open ${file}: no such file or directory\n`);
    return 1;
  }
  const text = decode(bytes);
  const directory =
    p.environment.get('REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY') ??
    /rootdirectory:\s*(\S+)/.exec(text)?.[1] ??
    '/var/lib/registry';
  const address =
    p.environment.get('REGISTRY_HTTP_ADDR') ?? /addr:\s*(\S+)/.exec(text)?.[1] ?? ':5000';
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const say = function* (message: string) {
    main.err.put(
      `time="${rfc3339Fraction(p.now, 9)}" level=info msg="${message}" go.version=go1.20.8 version="2.8.3"\n`,
    );
    yield* main.err.flush();
  };
  const socket = p.socket('inet', 'stream');
  if (!isErrno(socket)) p.setsockopt(socket, 'SO_REUSEADDR', 1);
  const refused = isErrno(socket)
    ? socket
    : (p.bind(socket, { address: '0.0.0.0', port }) ?? p.listen(socket));
  if (refused || isErrno(socket)) {
    main.err.put(
      `time="${rfc3339Fraction(p.now, 9)}" level=fatal msg="listen tcp ${address}: bind: address already in use"\n`,
    );
    return 1;
  }
  yield* say(`listening on [::]:${port}`);
  const handler = registryApi(fileStore(directory));
  yield* serveHttp(p, socket, handler);
  return 0;
});
