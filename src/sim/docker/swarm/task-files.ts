// Secrets and configs in the files of a task: written for it alone, mounted read-only where the task has them
// (/run/secrets/NAME, /NAME), gone with it.

import type { Process } from '../../kernel/calls/process.ts';
import { encode } from '../../core/text.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { decodeBase64 } from '../base64.ts';
import type { MountRequest } from '../daemon/types.ts';
import type { FileInTask, Swarm, Task } from './model.ts';

const directoryOf = (task: Task): string => `/var/lib/docker/swarm/worker/${task.id}`;

function targetOf(file: FileInTask, secret: boolean): string {
  const { Name } = file.File;
  if (Name.startsWith('/')) return Name;
  return secret ? `/run/secrets/${Name}` : `/${Name}`;
}

/** Writes a task's secrets and configs; the mounts that show them. A text says what is missing. */
export function writeTaskFiles(p: Process, swarm: Swarm, task: Task): MountRequest[] | string {
  const { Secrets = [], Configs = [] } = task.spec.TaskTemplate.ContainerSpec;
  const mounts: MountRequest[] = [];
  const all = [
    ...Secrets.map((file) => ({ file, secret: true, id: file.SecretID ?? '' })),
    ...Configs.map((file) => ({ file, secret: false, id: file.ConfigID ?? '' })),
  ];
  if (all.length > 0) makeDirectories(p, directoryOf(task), 0o700);
  for (const { file, secret, id } of all) {
    const known = (secret ? swarm.secrets : swarm.configs).get(id);
    if (!known) return `${secret ? 'secret' : 'config'} ${id} not found`;
    const { UID, GID, Mode } = file.File;
    const source = `${directoryOf(task)}/${id}`;
    writeWholeFile(p, source, encode(decodeBase64(known.data)), Mode);
    p.chown(source, Number(UID), Number(GID));
    mounts.push({ Type: 'bind', Source: source, Target: targetOf(file, secret), ReadOnly: true });
  }
  return mounts;
}

/** Removes what was written for a task. */
export function removeTaskFiles(p: Process, task: Task): void {
  removeAll(p, directoryOf(task));
}
