// The Watch service: one call is one watch. It begins with the revision that it was made at, and ends when the
// member has been without a leader for too long and the client asked not to be left in the dark.

import { MINUTE, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { WatchRequest, WatchResponse } from '../api.ts';
import { EtcdError, etcdErrors, rpcText } from '../error.ts';
import type { WatchNews } from '../mvcc/watch.ts';
import { sendFrame } from '../remote/frames.ts';
import { awaitCall, type ServedCall } from './listener.ts';
import { callerOf, type Services } from './services.ts';

/** How long a member may be without a leader before its watches end. */
const LEADERLESS = 3 * SECOND;
/** How often a quiet watch with progress notices hears of the revision. */
const PROGRESS = 10 * MINUTE;

/** Serves one watch until either side ends it. */
export function* serveWatch(
  call: ServedCall,
  services: Services,
  request: WatchRequest,
  token: string | undefined,
): Routine<void> {
  const { member } = services;
  const { store } = member.backend;
  const refusal = refuse(services, request, token);
  if (refusal !== undefined) {
    yield* send(call, ended(services, refusal));
    return;
  }
  yield* sendCreated(call, store.revision);
  const watcher = store.watchers.add(request);
  const { simulation } = member.host;
  let leaderless: number | undefined;
  let progressed = 0;
  let nextProgress = simulation.now + PROGRESS;
  while (!call.cancelled && !member.stopped) {
    const news = watcher.take();
    if (news !== undefined) {
      yield* send(call, responseOf(services, news));
      nextProgress = simulation.now + PROGRESS;
      if (news.canceled) break;
      continue;
    }
    if (watcher.ended) break;
    if (call.more > progressed || (request.progressNotify && simulation.now >= nextProgress)) {
      progressed = call.more;
      nextProgress = simulation.now + PROGRESS;
      watcher.progress();
      continue;
    }
    if (request.requireLeader && member.raft.leader === 0n) {
      leaderless ??= simulation.now;
      if (simulation.now - leaderless >= LEADERLESS) {
        yield* send(call, ended(services, etcdErrors.noLeader.message));
        break;
      }
    } else {
      leaderless = undefined;
    }
    const until = waitLimit(simulation.now, leaderless, request, nextProgress);
    yield* awaitNews(call, services, watcher, progressed, until);
  }
  watcher.cancel();
}

function waitLimit(
  now: number,
  leaderless: number | undefined,
  request: WatchRequest,
  nextProgress: number,
): number | undefined {
  if (leaderless !== undefined) return leaderless + LEADERLESS;
  if (request.progressNotify) return Math.max(now, nextProgress);
  return undefined;
}

function* awaitNews(
  call: ServedCall,
  services: Services,
  watcher: ReturnType<Services['member']['backend']['store']['watchers']['add']>,
  progressed: number,
  until: number | undefined,
): Routine<void> {
  const { member } = services;
  const leader = member.raft.leader;
  const changed = (): boolean =>
    watcher.waiting ||
    watcher.ended ||
    call.more > progressed ||
    member.stopped ||
    (member.raft.leader === 0n) !== (leader === 0n);
  member.onLeaderLost.add(watcher.arrived);
  yield* awaitCall(call, watcher.arrived, changed, until);
  member.onLeaderLost.delete(watcher.arrived);
}

function refuse(
  services: Services,
  request: WatchRequest,
  token: string | undefined,
): string | undefined {
  const { member } = services;
  if (member.isLearner) return etcdErrors.notSupportedForLearner.message;
  if (request.requireLeader && member.raft.leader === 0n) return etcdErrors.noLeader.message;
  const caller = callerOf(member, token);
  const refusal =
    caller instanceof EtcdError
      ? caller
      : member.backend.auth.refuseRead(caller, request.key, request.rangeEnd);
  return refusal && rpcText(refusal);
}

function responseOf(services: Services, news: WatchNews): WatchResponse {
  const { revision, events, canceled, compactRevision, cancelReason } = news;
  const header = services.member.header(revision);
  return { header, events, canceled, compactRevision, cancelReason };
}

function ended(services: Services, cancelReason: string): WatchResponse {
  const header = services.member.header();
  return { header, events: [], canceled: true, compactRevision: 0, cancelReason };
}

function* send(call: ServedCall, message: WatchResponse): Routine<void> {
  yield* sendFrame(call.process, call.fd, { kind: 'data', stream: call.stream, message });
}

function* sendCreated(call: ServedCall, revision: number): Routine<void> {
  const message = { created: true, revision };
  yield* sendFrame(call.process, call.fd, { kind: 'data', stream: call.stream, message });
}
