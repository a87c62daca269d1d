// kubeadm reset: takes a machine out of its cluster: the kubelet stops, its pods' containers go, files are deleted. Left out:
// the etcd member of a control plane with several.

import { isRpcError } from '../../containers/rpc.ts';
import { callRpc } from '../../containers/rpc-socket.ts';
import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { MNT_DETACH } from '../../kernel/files/mount.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { CRI_SOCKET } from './configuration.ts';
import { Failure } from './failure.ts';
import { kubeletUnit } from './phase-kubelet.ts';
import { socketPath } from './preflight.ts';
import { type Call, say, warn } from './settings.ts';

const RUNTIME = '/runtime.v1.RuntimeService/';
const KUBELET = '/var/lib/kubelet';

const FILES = [
  'admin.conf',
  'super-admin.conf',
  'kubelet.conf',
  'bootstrap-kubelet.conf',
  'controller-manager.conf',
  'scheduler.conf',
].map((name) => `/etc/kubernetes/${name}`);

const CLEAN_UP = `The reset process does not perform cleanup of CNI plugin configuration,
network filtering rules and kubeconfig files.

For information on how to perform this cleanup manually, please see:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/

`;

/** Deletes what is in a directory, not the directory. */
function empty(process: Process, directory: string): void {
  const items = process.readdir(directory);
  if (isErrno(items)) return;
  for (const { name } of items) {
    if (name === '.' || name === '..') continue;
    const path = `${directory}/${name}`;
    const stat = process.lstat(path);
    if (!isErrno(stat) && (stat.mode & 0o170000) === 0o040000) {
      empty(process, path);
      process.rmdir(path);
    } else process.unlink(path);
  }
}

function* unmountBelow(process: Process, directory: string): Routine<void> {
  const bytes = yield* readFile(process, '/proc/self/mounts');
  if (isErrno(bytes)) return;
  const places = decode(bytes)
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const place of places.reverse())
    if (place.startsWith(`${directory}/`)) process.umount(place, MNT_DETACH);
}

function* removeContainers(call: Call): Routine<void> {
  const { process } = call.main;
  const target = { address: socketPath(call.flags.text('cri-socket') || CRI_SOCKET) };
  const list = yield* callRpc<{ items?: readonly { id: string }[] }>(
    process,
    target,
    `${RUNTIME}ListPodSandbox`,
    {},
  );
  if (isRpcError(list)) {
    yield* warn(call.main, `[reset] Failed to remove containers: ${list.message}`);
    return;
  }
  for (const { id } of list.items ?? []) {
    yield* callRpc(process, target, `${RUNTIME}StopPodSandbox`, { podSandboxId: id });
    yield* callRpc(process, target, `${RUNTIME}RemovePodSandbox`, { podSandboxId: id });
  }
}

function* confirmed({ main, flags }: Call): Routine<void> {
  if (flags.is('force')) return;
  yield* warn(
    main,
    "[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.",
  );
  main.out.put('[reset] Are you sure you want to proceed? [y/N]: ');
  yield* main.out.flush();
  const line = (yield* main.input.line())?.trim().toLowerCase() ?? '';
  if (line !== 'y' && line !== 'yes')
    throw new Failure('error execution phase preflight: aborted reset operation');
}

/** kubeadm reset. */
export function* runReset(call: Call): Routine<number> {
  const { main, flags } = call;
  const { process } = main;
  for (const name of ['dry-run', 'cleanup-tmp-dir'])
    if (flags.is(name)) return yield* notSimulated(main, `kubeadm reset --${name}`);
  yield* confirmed(call);
  yield* say(main, '[preflight] Running pre-flight checks');
  const etcd = process.exists('/etc/kubernetes/manifests/etcd.yaml');
  if (etcd) {
    empty(process, '/var/lib/etcd');
    yield* say(main, '[reset] Deleted contents of the etcd data directory: /var/lib/etcd');
  }
  yield* say(main, '[reset] Stopping the kubelet service');
  yield* kubeletUnit(main, 'stop');
  yield* say(main, `[reset] Unmounting mounted directories in "${KUBELET}"`);
  yield* unmountBelow(process, KUBELET);
  const pki = flags.text('cert-dir') || '/etc/kubernetes/pki';
  const directories = ['/etc/kubernetes/manifests', KUBELET, pki];
  yield* removeContainers(call);
  yield* say(main, `[reset] Deleting contents of directories: [${directories.join(' ')}]`);
  for (const directory of directories) empty(process, directory);
  yield* say(main, `[reset] Deleting files: [${FILES.join(' ')}]`);
  for (const file of FILES) process.unlink(file);
  main.out.put(`\n${CLEAN_UP}`);
  return 0;
}
