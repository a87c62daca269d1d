// containerd(8): the daemon. It keeps images and containers and has shims run them.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_CREAT, O_RDWR } from '../../kernel/files/open-file.ts';
import { SIGPIPE } from '../../kernel/signals.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { Containerd, inodeOf, makeDirectories } from '../containerd/daemon.ts';
import {
  CONTAINERD_ADDRESS,
  CONTAINERD_ROOT,
  CONTAINERD_STATE,
  CONTENT_DIRECTORY,
  METADATA_DIRECTORY,
  metadataOf,
  SNAPSHOT_DIRECTORY,
} from '../containerd/metadata.ts';
import {
  CONTAINERD_REVISION,
  CONTAINERD_VERSION,
  containerdMethods,
} from '../containerd/server.ts';
import { criMethods } from '../cri/server.ts';
import { listenAt, serveRpc } from '../rpc-socket.ts';

function option(main: Main, names: readonly string[], fallback: string): string {
  const at = main.args.findIndex((word) => names.includes(word));
  return at < 0 ? fallback : (main.args[at + 1] ?? fallback);
}

function* serve(main: Main): Routine<number> {
  const { process: p } = main;
  const root = option(main, ['--root'], CONTAINERD_ROOT);
  const state = option(main, ['--state'], CONTAINERD_STATE);
  const address = option(main, ['--address', '-a'], CONTAINERD_ADDRESS);
  for (const path of [
    `${root}/${CONTENT_DIRECTORY}/blobs/sha256`,
    `${root}/${CONTENT_DIRECTORY}/ingest`,
    `${root}/${SNAPSHOT_DIRECTORY}/snapshots`,
    `${root}/${METADATA_DIRECTORY}`,
    state,
  ]) {
    makeDirectories(p, path, path === state ? 0o711 : 0o700);
  }
  const database = p.open(`${root}/${METADATA_DIRECTORY}/meta.db`, O_RDWR | O_CREAT, 0o644);
  const file = inodeOf(p, `${root}/${METADATA_DIRECTORY}/meta.db`);
  if (isErrno(database) || !file) return 1;
  p.sigaction(SIGPIPE, 'ignore');
  const daemon = new Containerd(p, { root, state, address }, metadataOf(file));
  const listening = listenAt(p, address);
  if (isErrno(listening)) {
    yield* main.fail(
      `failed to get listener for main endpoint: listen unix ${address}: ${listening.message.toLowerCase()}`,
    );
    return 1;
  }
  const methods = { ...containerdMethods(daemon), ...criMethods(daemon) };
  yield* serveRpc(p, listening, methods);
  return 0;
}

export const containerd = program('containerd', function* (main) {
  const [word] = main.args;
  if (word === '--version' || word === '-v') {
    main.out.put(
      `containerd github.com/containerd/containerd/v2 ${CONTAINERD_VERSION} ${CONTAINERD_REVISION}\n`,
    );
    return 0;
  }
  if (word !== undefined && !word.startsWith('-')) {
    return yield* notSimulated(main, `containerd ${main.args.join(' ')}`);
  }
  return yield* serve(main);
});
