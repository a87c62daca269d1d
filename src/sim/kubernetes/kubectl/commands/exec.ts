// kubectl exec: a command in a container, with its standard streams joined to ours.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { failure, usageFailure } from '../failure.ts';
import { attachablePod, containerNamed, defaultContainer, runningTimeoutOf } from '../pods.ts';
import { joinStandardStreams, terminalWanted } from '../remote.ts';

export const exec: Command = {
  name: 'exec',
  run: runExec,
};

function* runExec(call: Call): Routine<void> {
  const { values, args, dash } = call;
  const files = values.all('filename').length > 0;
  if (dash === undefined && (args.length > 1 || (args.length > 0 && files)))
    throw usageFailure(
      call.path,
      'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead',
    );
  const timeout = runningTimeoutOf(call);
  if ((args.length === 0 || dash === 0) && !files)
    throw failure('pod, type/name or --filename must be specified');
  const command = dash === undefined ? [] : args.slice(dash);
  if (command.length === 0)
    throw failure('you must specify at least one command for the container');
  const pod = yield* attachablePod({ ...call, args: args.slice(0, dash) }, timeout);
  const phase = pod.status?.phase ?? '';
  if (phase === 'Succeeded' || phase === 'Failed')
    throw failure(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const quiet = values.is('quiet');
  const wanted = values.text('container');
  const container =
    wanted === '' ? yield* defaultContainer(call, pod, quiet) : containerNamed(pod, wanted);
  const stdin = values.is('stdin');
  const tty = yield* terminalWanted(call, stdin, values.is('tty'), quiet);
  yield* joinStandardStreams(call, {
    pod,
    subresource: 'exec',
    container: container.name,
    command,
    options: { stdin, stdout: true, stderr: !tty, tty },
  });
}
