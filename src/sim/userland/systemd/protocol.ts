// What travels between systemctl and PID 1 over /run/systemd/private. The real one speaks D-Bus there; the questions and
// answers are those of org.freedesktop.systemd1.Manager.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';

export const MANAGER_SOCKET = '/run/systemd/private';

/** Jobs on units, and questions. */
export type ManagerVerb =
  | 'start'
  | 'stop'
  | 'restart'
  | 'try-restart'
  | 'reload'
  | 'reload-or-restart'
  | 'kill'
  | 'reset-failed'
  | 'daemon-reload'
  | 'show'
  | 'list';

export interface ManagerRequest {
  readonly verb: ManagerVerb;
  readonly unit: string;
  readonly noBlock?: boolean;
  readonly signal?: number;
}

export type ActiveState = 'active' | 'inactive' | 'failed' | 'activating' | 'deactivating';

/** What PID 1 knows of a unit. Times are milliseconds since 1970. */
export interface UnitStatus {
  readonly name: string;
  readonly description: string;
  readonly load: string;
  readonly path: string;
  readonly dropIns: readonly string[];
  readonly active: ActiveState;
  readonly sub: string;
  readonly since: number | undefined;
  readonly mainPid: number;
  /** Of the last main process: its path and arguments, how it ended. */
  readonly execPid: number;
  readonly execLine: string;
  readonly exit: { readonly code: string; readonly status: number } | undefined;
  readonly result: string;
  readonly restarts: number;
  readonly cgroup: string;
  readonly documentation: readonly string[];
  /** The file was changed since it was loaded. */
  readonly needsReload: boolean;
}

export interface ManagerAnswer {
  /** Why the job was refused or failed, in the words of sd-bus or of systemctl's job results. */
  readonly error?: 'no-such-unit' | 'masked' | 'not-permitted' | 'not-loaded' | 'not-applicable';
  /** `done`, `failed`: how the job ended. */
  readonly job?: 'done' | 'failed';
  readonly units: readonly UnitStatus[];
}

/** A message as it travels. */
export function managerMessage(value: ManagerRequest | ManagerAnswer): Content {
  return Content.ofMessage(value, (object) => encode(JSON.stringify(object)));
}

/** Asks PID 1; undefined where it is no systemd. */
export function* askManager(
  process: Process,
  request: ManagerRequest,
): Routine<ManagerAnswer | undefined> {
  const fd = process.socket('unix', 'stream');
  if (isErrno(fd)) return undefined;
  const refused = yield* process.connect(fd, { path: MANAGER_SOCKET });
  if (refused) {
    process.close(fd);
    return undefined;
  }
  yield* process.sendContent(fd, managerMessage(request), 128);
  const answer = yield* process.receiveContent(fd);
  process.close(fd);
  return !answer || isErrno(answer) ? undefined : (answer.message as ManagerAnswer | undefined);
}
