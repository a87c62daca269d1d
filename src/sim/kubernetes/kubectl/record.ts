// The flag --record (RecordFlags of cli-runtime): the command line goes into the annotation
// kubernetes.io/change-cause, which rollout history shows beside the revision.

import type { Routine } from '../../core/wait.ts';
import type { Call } from './command.ts';
import type { KubeObject } from './rest.ts';

const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/** The command line as it is recorded: the arguments, then the flags as pflag has read them. */
function changeCause({ path, args, values }: Call): string | undefined {
  if (!values.changed('record') || !values.is('record')) return undefined;
  return [path, ...args, ...values.typed().map(([name, value]) => `--${name}=${value}`)].join(' ');
}

/** The object with the annotation, where --record asks for it. */
export function recorded(call: Call, object: KubeObject): KubeObject {
  const cause = changeCause(call);
  if (cause === undefined) return object;
  const { metadata } = object;
  const annotations = { ...metadata?.annotations, [CHANGE_CAUSE]: cause };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** Records after the change, in a request of its own, as patch and scale do. */
export function* recordAfter(call: Call, path: string): Routine<void> {
  const cause = changeCause(call);
  if (cause === undefined) return;
  const client = yield* call.client();
  yield* client.call('PATCH', path, {
    body: { metadata: { annotations: { [CHANGE_CAUSE]: cause } } },
    contentType: 'application/merge-patch+json',
  });
}
