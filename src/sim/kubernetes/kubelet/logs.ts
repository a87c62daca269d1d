// containerLogs: the lines of a container's log file without what the runtime put before them; with times, since a time,
// the last so many, and following until the container ends.

import { Content } from '../../core/content.ts';
import { epochMilliseconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { readText } from '../component/kubeconfig.ts';
import type { KubeletContext } from './context.ts';
import { readLogLine } from './log-line.ts';
import type { PodWorker } from './worker.ts';

const HEADERS = { 'content-type': 'text/plain' };
/** How often a followed log is looked at. */
const LOOK = SECOND / 4;

interface Selection {
  readonly timestamps: boolean;
  /** Milliseconds since 1970; nothing older. */
  readonly since: number;
}

function selected(line: string, { timestamps, since }: Selection): string {
  const { time, text } = readLogLine(line);
  if (since > 0 && Date.parse(time) < since) return '';
  return (timestamps ? `${time} ` : '') + text;
}

function badRequest(text: string): HttpResponse {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: text,
    reason: 'BadRequest',
    code: 400,
  };
  return {
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: Content.ofJson(status),
  };
}

/** Why a container has no log to be read. */
class Refused {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What is said of the most common reasons for waiting. */
const WAITING: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/** The id of the container whose log is meant, by the pod's status (validateContainerLogStatus). */
function loggedContainer(
  worker: PodWorker,
  pod: string,
  name: string,
  previous: boolean,
): string | Refused {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = worker.status ?? {};
  const what = `container "${name}" in pod "${pod}"`;
  const found = [
    ...containerStatuses,
    ...initContainerStatuses,
    ...ephemeralContainerStatuses,
  ].find((one) => one.name === name);
  if (!found) return new Refused(`${what} is not available`);
  const idIn = (id = ''): string => id.slice(id.lastIndexOf('/') + 1);
  const { running, terminated, waiting } = found.state ?? {};
  const last = found.lastState?.terminated;
  if (previous)
    return idIn(last?.containerID) || new Refused(`previous terminated ${what} not found`);
  if (running) return idIn(found.containerID);
  if (terminated || last)
    return (
      idIn(terminated?.containerID) ||
      idIn(last?.containerID) ||
      new Refused(`${what} is terminated`)
    );
  const reason = waiting?.reason ?? 'ContainerCreating';
  return new Refused(`${what} is waiting to start: ${WAITING[reason] ?? reason}`);
}

/** Answers a request for a container's log. */
export function* containerLog(
  context: KubeletContext,
  worker: PodWorker,
  name: string,
  request: HttpRequest,
): Routine<HttpResponse> {
  const value = (key: string): string => request.query.get(key)?.[0] ?? '';
  const history = worker.observation.containers.get(name) ?? [];
  const pod = worker.pod.metadata.name ?? '';
  const id = loggedContainer(worker, pod, name, value('previous') === 'true');
  if (id instanceof Refused) return badRequest(id.message);
  const status = history.find((one) => one.id === id);
  if (!status)
    return badRequest(`unable to retrieve container logs for ${context.runtime.name}://${id}`);
  const text = yield* readText(context.process, status.logPath);
  const lines = isErrno(text) ? [] : text.split('\n').slice(0, -1);
  const sinceSeconds = Number(value('sinceSeconds'));
  const since =
    value('sinceTime') !== ''
      ? Date.parse(value('sinceTime'))
      : sinceSeconds > 0
        ? epochMilliseconds(context.simulation.now) - sinceSeconds * 1000
        : 0;
  const selection: Selection = { timestamps: value('timestamps') === 'true', since };
  const tail = value('tailLines');
  const shown = lines.map((line) => selected(line, selection)).filter((line) => line !== '');
  const part = (tail === '' ? shown : Number(tail) === 0 ? [] : shown.slice(-Number(tail))).join(
    '',
  );
  const limit = value('limitBytes');
  const body = limit === '' ? part : part.slice(0, Number(limit));
  if (value('follow') !== 'true')
    return { status: 200, headers: HEADERS, body: Content.ofText(body) };
  return {
    status: 200,
    headers: HEADERS,
    stream: following(context, worker, status.id, status.logPath, lines.length, body, selection),
  };
}

function following(
  context: KubeletContext,
  worker: PodWorker,
  id: string,
  path: string,
  seen: number,
  first: string,
  selection: Selection,
): NonNullable<HttpResponse['stream']> {
  let read = seen;
  let held = first;
  let closed = false;
  const running = (): boolean =>
    [...worker.observation.containers.values()]
      .flat()
      .some((one) => one.id === id && one.state === 'CONTAINER_RUNNING');
  return {
    *next() {
      for (;;) {
        if (closed) return undefined;
        if (held !== '') {
          const piece = Content.ofText(held);
          held = '';
          return piece;
        }
        const live = running();
        const text = yield* readText(context.process, path);
        const lines = isErrno(text) ? [] : text.split('\n').slice(0, -1);
        held = lines
          .slice(read)
          .map((line) => selected(line, selection))
          .join('');
        read = lines.length;
        if (held === '' && !live) return undefined;
        if (held === '') yield { on: [], until: context.simulation.now + LOOK };
      }
    },
    close() {
      closed = true;
    },
  };
}
