// kubectl attach: the standard streams of a container that runs already.

import type { Routine } from '../../../core/wait.ts';
import type { Container } from '../../api/types/container.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Call, Command } from '../command.ts';
import { Failure, failure } from '../failure.ts';
import { attachablePod, containerNamed, defaultContainer, runningTimeoutOf } from '../pods.ts';
import { joinStandardStreams, terminalWanted } from '../remote.ts';

export const attach: Command = {
  name: 'attach',
  run: runAttach,
};

const RECORDED =
  'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n';
const NO_PROMPT = "If you don't see a command prompt, try pressing enter.\n";

/** How one attaches. */
export interface AttachOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly quiet: boolean;
  /** The container's name; empty for the default. */
  readonly container: string;
}

function* runAttach(call: Call): Routine<void> {
  const { args, values } = call;
  const timeout = runningTimeoutOf(call);
  if (args.length === 0) throw failure('at least 1 argument is required for attach');
  if (args.length > 2)
    throw failure(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
    );
  const named = args.length === 2 ? { ...call, args: [args.join('/')] } : call;
  const pod = yield* attachablePod(named, timeout);
  const phase = pod.status?.phase ?? '';
  if (phase === 'Succeeded' || phase === 'Failed')
    throw failure(`cannot attach a container in a completed pod; current phase is ${phase}`);
  yield* attachTo(call, pod, {
    stdin: values.is('stdin'),
    tty: values.is('tty'),
    quiet: values.is('quiet'),
    container: values.text('container'),
  });
}

/** The container to attach to. */
export function* containerFor(call: Call, pod: Pod, options: AttachOptions): Routine<Container> {
  if (options.container === '') return yield* defaultContainer(call, pod, options.quiet);
  return containerNamed(pod, options.container);
}

/** Attaches until the container ends or the session does. */
export function* attachTo(call: Call, pod: Pod, options: AttachOptions): Routine<void> {
  const { stdin, quiet } = options;
  let container: Container;
  try {
    container = yield* containerFor(call, pod, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw failure(`cannot attach to the container: ${error.message.replace(/^error: /, '')}`);
  }
  if (options.tty && !container.tty && !quiet)
    yield* call.err(
      `error: Unable to use a TTY - container ${container.name} did not allocate one\n`,
    );
  const tty = yield* terminalWanted(call, stdin, container.tty ?? false, quiet);
  if (!quiet) yield* call.err(RECORDED + NO_PROMPT);
  yield* joinStandardStreams(call, {
    pod,
    subresource: 'attach',
    container: container.name,
    options: { stdin, stdout: true, stderr: !tty, tty },
  });
  if (quiet || !tty) return;
  const { name, namespace } = pod.metadata;
  const again = `'kubectl attach ${name} -c ${container.name} -n ${namespace} -i -t'`;
  const ephemeral = (pod.spec.ephemeralContainers ?? []).some(
    (one) => (one as Container).name === container.name,
  );
  yield* call.out(
    ephemeral
      ? `Session ended, the ephemeral container will not be restarted but may be reattached using ${again} if it is still running\n`
      : `Session ended, resume using ${again} command\n`,
  );
}
