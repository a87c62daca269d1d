// docker commit and docker import.

import { Content } from '../../core/content.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { Api, isCallError } from './api.ts';
import type { Action } from './command.ts';
import { nameQuery } from './name-query.ts';
import { fail } from './output.ts';

const commit: Action = function* (call) {
  const { flags, args, main } = call;
  const name = nameQuery(args[1]);
  if (typeof name === 'string') return yield* fail(call, name);
  const made = yield* new Api(main.process, call.host).post<{ Id: string }>('/commit', {
    container: args[0] ?? '',
    comment: flags.text('message'),
    author: flags.text('author'),
    changes: flags.list('change'),
    pause: flags.on('pause'),
    ...name,
  });
  if (isCallError(made)) return yield* fail(call, made.text);
  main.out.put(`${made.Id}\n`);
  return 0;
};

const importImage: Action = function* (call) {
  const { flags, args, main } = call;
  const [source = ''] = args;
  if (/^https?:\/\//.test(source)) return yield* notSimulated(main, `docker import ${source}`);
  const name = nameQuery(args[1]);
  if (typeof name === 'string') return yield* fail(call, name);
  const bytes =
    source === '-' ? yield* main.process.readAll(0) : yield* readFile(main.process, source);
  if (isErrno(bytes)) return yield* fail(call, `open ${source}: ${bytes.message.toLowerCase()}`);
  const query = {
    fromSrc: '-',
    message: flags.text('message'),
    changes: flags.list('change'),
    ...name,
  };
  const failed = yield* new Api(main.process, call.host).lines(
    'POST',
    '/images/create',
    query,
    function* (line) {
      main.out.put(`${String(line.status)}\n`);
    },
    Content.ofBytes(bytes),
    { 'content-type': 'text/plain' },
  );
  return failed ? yield* fail(call, failed.text) : 0;
};

export const commitActions: Readonly<Record<string, Action>> = {
  'container commit': commit,
  'image import': importImage,
};
