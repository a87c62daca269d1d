// kubectl create token: a TokenRequest of a service account, its answer printed as the bare token or as an object.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Call } from '../command.ts';
import { needResource, pathOf } from '../discovery.ts';
import { Failure, failure } from '../failure.ts';
import { printerOf } from '../output/printers.ts';
import type { KubeObject } from '../rest.ts';

/** Objects that a token can be bound to: it ends with them. */
const BINDABLE = ['Node', 'Pod', 'Secret'];

/** Asks for a token of a service account. */
export function* createToken(call: Call): Routine<void> {
  const { values } = call;
  const [name, ...more] = call.args;
  if (name === undefined || more.length > 0)
    throw failure(
      `exactly one NAME is required, got ${call.args.length}\nSee 'kubectl create token -h' for help and examples`,
    );
  const printer = values.text('output') === '' ? undefined : yield* printerOf(call);
  validate(call);
  const client = yield* call.client();
  const namespace = yield* call.namespace();
  const resource = needResource(yield* call.discovery(), 'serviceaccounts');
  const body = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: specOf(call) };
  let answer: KubeObject;
  try {
    answer = yield* client.call('POST', pathOf(resource, namespace, name, 'token'), { body });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw failure(`failed to create token: ${error.status?.message ?? error.message}`);
  }
  const { token = '' } = (answer.status ?? {}) as { token?: string };
  yield* call.out(printer ? printer.print(answer) : `${token}\n`);
}

function validate({ values }: Call): void {
  const duration = values.duration('duration');
  if (duration < 0) throw failure('--duration must be greater than or equal to 0');
  if (duration % SECOND !== 0)
    throw failure('--duration cannot be expressed in units less than seconds');
  if (values.list('audience').includes('')) throw failure('--audience must not be an empty string');
  const kind = values.text('bound-object-kind');
  const name = values.text('bound-object-name');
  if (kind === '') {
    for (const [flag, value] of [
      ['bound-object-name', name],
      ['bound-object-uid', values.text('bound-object-uid')],
    ])
      if (value !== '')
        throw failure(`--${flag} can only be set if --bound-object-kind is provided`);
    return;
  }
  if (!BINDABLE.includes(kind))
    throw failure(`supported --bound-object-kind values are ${BINDABLE.join(', ')}`);
  if (name === '')
    throw failure('--bound-object-name is required if --bound-object-kind is provided');
}

function specOf({ values }: Call): object {
  const audiences = values.list('audience');
  const seconds = values.duration('duration') / SECOND;
  const kind = values.text('bound-object-kind');
  const uid = values.text('bound-object-uid');
  const reference = {
    kind,
    apiVersion: 'v1',
    name: values.text('bound-object-name'),
    ...(uid === '' ? {} : { uid }),
  };
  return {
    audiences: audiences.length > 0 ? audiences : null,
    ...(seconds > 0 ? { expirationSeconds: seconds } : {}),
    boundObjectRef: kind === '' ? null : reference,
  };
}
