// containerd-shim-runc-v2: stays with a container (or a pod's containers) from start to end, so that containerd itself
// may be restarted. `start` makes the socket and leaves a process behind that serves it.

import { sha256 } from '../../core/sha256.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import { SIGPIPE } from '../../kernel/signals.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { makeDirectories } from '../containerd/daemon.ts';
import { listenAt, serveRpc } from '../rpc-socket.ts';
import { shimMethods } from '../shim/methods.ts';
import { Shim } from '../shim/service.ts';

/** The descriptor at which the serving process finds its socket. */
const SOCKET = 3;

interface ShimOptions {
  readonly namespace: string;
  readonly id: string;
  readonly address: string;
  readonly action: string;
}

function readOptions(args: readonly string[]): ShimOptions {
  const value = (name: string): string => args[args.indexOf(name) + 1] ?? '';
  const last = args.at(-1) ?? '';
  return {
    namespace: value('-namespace'),
    id: value('-id'),
    address: value('-address'),
    action: last === 'start' || last === 'delete' ? last : '',
  };
}

/** The socket that a shim of this namespace and id serves. */
export function shimSocket(address: string, namespace: string, id: string): string {
  return `/run/containerd/s/${sha256(encode(`${address}/${namespace}/${id}`))}`;
}

function* startShim(main: Main, options: ShimOptions): Routine<number> {
  const { process: p } = main;
  const path = shimSocket(options.address, options.namespace, options.id);
  makeDirectories(p, '/run/containerd/s', 0o711);
  const listening = listenAt(p, path);
  if (isErrno(listening)) {
    yield* main.fail(`listen unix ${path}: ${listening.message}`);
    return 1;
  }
  p.fork(function* (child) {
    child.setsid();
    child.dup2(listening, SOCKET);
    const nothing = child.open('/dev/null', O_RDWR);
    if (!isErrno(nothing)) for (const fd of [0, 1, 2]) child.dup2(nothing, fd);
    const argv = [
      '/usr/bin/containerd-shim-runc-v2',
      '-namespace',
      options.namespace,
      '-id',
      options.id,
      '-address',
      options.address,
    ];
    child.exec('/usr/bin/containerd-shim-runc-v2', argv, child.environment);
    return 127;
  });
  main.out.put(JSON.stringify({ version: 3, address: `unix://${path}`, protocol: 'ttrpc' }));
  return 0;
}

function* serveShim(p: Process, options: ShimOptions): Routine<number> {
  p.setSubreaper(true);
  p.sigaction(SIGPIPE, 'ignore');
  const shim = new Shim(p, options.namespace, options.address);
  const path = shimSocket(options.address, options.namespace, options.id);
  const methods = shimMethods(shim, () => {
    p.unlink(path);
    p.kill(p.pid, 9);
  });
  p.thread(function* (thread) {
    yield* serveRpc(thread, SOCKET, methods);
    return 0;
  });
  yield* shim.reaper.run(p);
  return 0;
}

export const containerdShim = program('containerd-shim-runc-v2', function* (main) {
  if (main.args.includes('-v')) {
    main.out.put(
      'containerd-shim-runc-v2:\n  Version:  v2.2.9\n  Revision: 2c3ba0f0f3ba2b95b9a9a4a0f1d1a4c59f1e5a5e\n  Go version: go1.25.7\n',
    );
    return 0;
  }
  const options = readOptions(main.args);
  if (options.namespace === '') {
    yield* main.fail('shim namespace cannot be empty');
    return 1;
  }
  return options.action === 'start'
    ? yield* startShim(main, options)
    : yield* serveShim(main.process, options);
});
