// kubectl logs: the output of containers, now or as it comes, of one pod, of what selects pods, or of a selector's pods.

import { concatBytes, decode } from '../../../core/text.ts';
import { SECOND } from '../../../core/time.ts';
import { type Routine, WaitQueue } from '../../../core/wait.ts';
import { wholeBody } from '../../../userland/http/client.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Call, Command } from '../command.ts';
import { needResource, pathOf } from '../discovery.ts';
import { Failure, failure, refusal, usageFailure } from '../failure.ts';
import {
  containerNamed,
  defaultContainer,
  podsSelected,
  runningTimeoutOf,
  selectorFor,
} from '../pods.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, flagText, itemsOf, targetsOf } from '../targets.ts';

export const logs: Command = {
  name: 'logs',
  run: runLogs,
};

const USAGE =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/** One log that is to be shown. */
interface LogRequest {
  readonly pod: Pod;
  readonly container: string;
}

function* runLogs(call: Call): Routine<void> {
  const { values, args, path } = call;
  const selector = flagText(call, 'selector');
  if (args.length > 2 || (args.length === 0 && selector === '')) throw usageFailure(path, USAGE);
  if (args.length === 1 && selector !== '')
    throw usageFailure(path, 'only a selector (-l) or a POD name is allowed');
  const timeout = runningTimeoutOf(call);
  const objects = yield* objectsOf(call, selector);
  const container = args[1] ?? values.text('container');
  checkFlags(call, container);
  const requests: LogRequest[] = [];
  for (const object of objects) {
    for (const pod of yield* podsFor(call, object, timeout))
      requests.push(...(yield* requestsFor(call, pod, container)));
  }
  const follow = values.is('follow');
  const most = values.number('max-log-requests');
  if (follow && requests.length > 1) {
    if (requests.length > most)
      throw failure(
        `you are attempting to follow ${requests.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
      );
    return yield* followAll(call, requests, timeout);
  }
  for (const request of requests) yield* show(call, request, timeout);
}

function checkFlags({ values, args }: Call, container: string): void {
  const since = values.duration('since');
  if (values.text('since-time') !== '' && since !== 0)
    throw failure('at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (values.is('all-containers') && container !== '')
    throw failure(`--all-containers=true should not be specified with container name ${container}`);
  if (values.changed('container') && args.length === 2)
    throw failure('only one of -c or an inline [CONTAINER] arg is allowed');
  if (values.number('limit-bytes') < 0) throw failure('--limit-bytes must be greater than 0');
  if (since < 0) throw failure('--since must be greater than 0');
  if (values.number('tail') < -1) throw failure('--tail must be greater than or equal to -1');
}

/** The object that is named, or the pods of a selector. */
function* objectsOf(call: Call, selector: string): Routine<KubeObject[]> {
  const namespace = yield* call.namespace();
  if (selector !== '') {
    const resource = needResource(yield* call.discovery(), 'pods');
    const client = yield* call.client();
    const query = { labelSelector: selector };
    const found = itemsOf(
      yield* client.call('GET', pathOf(resource, namespace), { query }),
      resource,
    );
    if (found.length === 0) yield* call.err(`No resources found in ${namespace} namespace.\n`);
    return found;
  }
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo: 1, defaultType: 'pods' }, failures);
  const [found] = yield* fetchAll(call, targets.slice(0, 1), failures);
  if (found) return [found.object];
  const [first] = failures;
  if (first?.status?.reason !== 'NotFound') throw first ?? failure('expected a resource');
  const { message = '' } = first.status;
  throw failure(`error from server (NotFound): ${message} in namespace "${namespace}"`);
}

function* podsFor(call: Call, object: KubeObject, timeout: number): Routine<Pod[]> {
  if (object.kind === 'Pod') return [object as unknown as Pod];
  const selector = selectorFor(object, 'cannot get the logs from');
  const namespace = object.metadata?.namespace ?? '';
  const pods = yield* podsSelected(call, namespace, selector, timeout, 'most restarts');
  if (call.values.is('all-pods')) return pods;
  const [first] = pods;
  if (pods.length > 1)
    yield* call.err(`Found ${pods.length} pods, using pod/${first?.metadata.name}\n`);
  return first ? [first] : [];
}

function* requestsFor(call: Call, pod: Pod, container: string): Routine<LogRequest[]> {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  if (call.values.is('all-containers'))
    return [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => ({
      pod,
      container: name,
    }));
  if (container !== '') return [{ pod, container: containerNamed(pod, container).name }];
  const quiet = call.values.is('all-pods');
  return [{ pod, container: (yield* defaultContainer(call, pod, quiet)).name }];
}

/** Follows several logs at once, whole lines of each. */
function* followAll(call: Call, requests: readonly LogRequest[], timeout: number): Routine<void> {
  const changed = new WaitQueue();
  let open = requests.length;
  let failed: unknown;
  for (const request of requests) {
    call.main.process.thread(function* () {
      try {
        yield* show(call, request, timeout);
      } catch (error) {
        failed ??= error;
      }
      open--;
      changed.wake();
      return 0;
    });
  }
  while (open > 0 && failed === undefined) yield { on: [changed] };
  if (failed !== undefined) throw failed;
}

/** Shows one log. A followed one that cannot be read yet is asked for again every second. */
function* show(call: Call, request: LogRequest, timeout: number): Routine<void> {
  const { process } = call.main;
  const until = process.now + timeout;
  for (;;) {
    try {
      return yield* consume(call, request);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const words = error.status?.message ?? error.message;
      if (call.values.is('ignore-errors')) return yield* call.out(`error: ${words}\n`);
      if (!call.values.is('follow')) throw error;
      yield* call.err(`${words}\n`);
      if (!error.status) throw error;
      if (process.now + SECOND >= until) throw failure('context deadline exceeded');
      yield* process.sleep(SECOND);
    }
  }
}

function queryOf(call: Call, container: string): Record<string, string | undefined> {
  const { values } = call;
  const flag = (name: string): string | undefined => (values.is(name) ? 'true' : undefined);
  const bySelector = flagText(call, 'selector') !== '';
  const tail = values.changed('tail') || !bySelector ? values.number('tail') : 10;
  const since = values.duration('since');
  return {
    container,
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    tailLines: tail >= 0 ? String(tail) : undefined,
    sinceSeconds: since > 0 ? String(Math.round(since / SECOND)) : undefined,
    sinceTime: values.text('since-time') || undefined,
    limitBytes: values.number('limit-bytes') > 0 ? values.text('limit-bytes') : undefined,
    insecureSkipTLSVerifyBackend: flag('insecure-skip-tls-verify-backend'),
  };
}

function* consume(call: Call, { pod, container }: LogRequest): Routine<void> {
  const { values } = call;
  const client = yield* call.client();
  const { namespace = '', name = '' } = pod.metadata;
  const resource = needResource(yield* call.discovery(), 'pods');
  const answer = yield* client.raw('GET', pathOf(resource, namespace, name, 'log'), {
    query: queryOf(call, container),
    accept: 'application/json, */*',
  });
  if (answer.status >= 400) throw refusal((yield* wholeBody(answer)).json() as never);
  const prefix = values.is('prefix') || values.is('all-pods') ? `[pod/${name}/${container}] ` : '';
  const lines = new Lines(prefix);
  if (!answer.stream) {
    yield* call.out(lines.take((yield* wholeBody(answer)).bytes()) + lines.rest());
    return;
  }
  for (;;) {
    const piece = yield* answer.stream.next();
    if (piece === undefined) break;
    yield* call.out(lines.take(piece.bytes()));
    yield* call.main.out.flush();
  }
  yield* call.out(lines.rest());
}

/** Whole lines of what comes in pieces, each with a prefix. */
class Lines {
  private held: Uint8Array = new Uint8Array(0);
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  take(bytes: Uint8Array): string {
    const all = this.held.length === 0 ? bytes : concatBytes([this.held, bytes]);
    const end = all.lastIndexOf(10) + 1;
    this.held = all.slice(end);
    return this.shown(decode(all.subarray(0, end)));
  }

  /** What has no newline at its end. */
  rest(): string {
    const text = decode(this.held);
    this.held = new Uint8Array(0);
    return this.shown(text);
  }

  private shown(text: string): string {
    return this.prefix === '' ? text : text.replace(/.*\n|.+$/g, (line) => this.prefix + line);
  }
}
