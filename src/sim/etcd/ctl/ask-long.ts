// Requests about users and roles: without a time limit, with one line for people as the answer.

import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { Header } from '../api.ts';
import type { Invocation } from '../cobra/command.ts';
import type { Flag } from '../cobra/flags.ts';
import { EtcdError } from '../error.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import { connect, type Ctl, EXIT, fail, startCtl } from './ctl.ts';
import { show, shownMessage } from './show.ts';

/** A flag that is true or false. */
export const bool = (name: string, value: string, usage: string): Flag => ({
  name,
  kind: 'bool',
  value,
  usage,
});

/** Refuses any other number of arguments than a command takes. */
export function* expect({ main, args }: Invocation, count: number, text: string): Routine<void> {
  if (args.length !== count) yield* fail(main, EXIT.badArguments, text);
}

/** Asks without a time limit, as etcdctl does for users and roles. */
export function* askLong<M extends RpcName>(
  ctl: Ctl,
  method: M,
  request: RpcRequest<M>,
): Routine<RpcResponse<M>> {
  const connection = yield* connect(ctl);
  const answer = yield* connection.call(method, request, undefined);
  connection.close();
  if (answer instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, answer.message);
  return answer;
}

/** Asks, and prints a line for people. */
export function* doAndSay<M extends RpcName>(
  invocation: Invocation,
  method: M,
  request: RpcRequest<M>,
  text: string,
): ProgramRun {
  const ctl = yield* startCtl(invocation);
  const answer = (yield* askLong(ctl, method, request)) as { readonly header: Header };
  yield* show(
    ctl,
    shownMessage(ctl, 'Done', answer, () => `${text}\n`),
  );
  return 0;
}
