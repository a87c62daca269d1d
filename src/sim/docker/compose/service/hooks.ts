// Hooks of services (post_start, pre_stop): commands that are run in a container as docker exec runs them.

import { Content } from '../../../core/content.ts';
import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { wholeBody } from '../../../userland/http/client.ts';
import type { Api } from '../../cli/api.ts';
import { answered } from '../cli/call.ts';
import { type Hook, sortedEntries } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';
import { nameOf, type Summary } from './containers.ts';

/** Runs a hook to its end; one that fails ends the command. */
export function* runHook(api: Api, container: Summary, hook: Hook): Routine<void> {
  const exec = answered(
    yield* api.post<{ Id: string }>(
      `/containers/${container.Id}/exec`,
      {},
      {
        User: hook.user ?? '',
        Privileged: hook.privileged ?? false,
        WorkingDir: hook.working_dir ?? '',
        Env: sortedEntries(hook.environment).map(([key, value]) => `${key}=${value ?? ''}`),
        Cmd: hook.command,
        AttachStdout: true,
        AttachStderr: true,
      },
    ),
  );
  const answer = answered(
    yield* api.open(
      'POST',
      `/exec/${exec.Id}/start`,
      {},
      Content.ofJson({ Detach: false, Tty: false }),
      { 'content-type': 'application/json', connection: 'Upgrade', upgrade: 'tcp' },
    ),
  );
  if (answer.connection) {
    for (let bytes = yield* answer.connection.read(); bytes; )
      bytes = yield* answer.connection.read();
  } else decode((yield* wholeBody(answer)).bytes());
  const ended = answered(yield* api.get<{ ExitCode: number | null }>(`/exec/${exec.Id}/json`));
  if (ended.ExitCode !== 0)
    throw new ComposeProblem(
      `${nameOf(container)} hook exited with status ${String(ended.ExitCode)}`,
    );
}
