// etcdctl lock and elect: the recipes on leases and create revisions (clientv3/concurrency). Whoever has the
// oldest key under a name holds it; the others wait for the key before theirs to go.

import { Content } from '../../core/content.ts';
import { rfc3339Fraction, SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { toBytes } from '../../userland/shell/bytes.ts';
import type { KeyValue, RangeResponse } from '../api.ts';
import { prefixEnd } from '../client.ts';
import type { Command } from '../cobra/command.ts';
import { EtcdError } from '../error.ts';
import type { Connection } from '../remote/connection.ts';
import { connect, type Ctl, EXIT, fail, keyOf, startCtl, textOf } from './ctl.ts';
import { shownRange } from './kv.ts';
import { complain, show } from './show.ts';
import { runCommand } from './watch.ts';

/** A lease that is kept alive as long as the process runs. */
interface Session {
  readonly connection: Connection;
  readonly lease: bigint;
  /** Set by SIGINT and SIGTERM. */
  stopped: boolean;
  readonly changed: WaitQueue;
}

/** A key held under a name. */
interface Claim {
  readonly key: string;
  /** The revision at which the key was made. */
  readonly revision: number;
  /** The revision of the answer that showed it held. */
  readonly seen: number;
}

/** Seconds of a session's lease where nothing else is said. */
const ELECTION_TTL = 60;

/** The seconds asked for with --ttl; where they make no sense, the client warns and keeps its own. */
function* ttlOf(ctl: Ctl): Routine<number> {
  const ttl = ctl.values.number('ttl');
  if (ttl > 0) return ttl;
  const warning = {
    level: 'warn',
    ts: rfc3339Fraction(ctl.main.process.now, 6),
    logger: 'etcd-client',
    caller: 'concurrency/session.go:133',
    msg: 'WithTTL(): TTL should be > 0, preserving current TTL',
    'current-session-ttl': ELECTION_TTL,
  };
  yield* complain(ctl, `${JSON.stringify(warning)}\n`);
  return ELECTION_TTL;
}

function* openSession(ctl: Ctl, ttl: number): Routine<Session | EtcdError> {
  const connection = yield* connect(ctl);
  const granted = yield* connection.call('Lease/LeaseGrant', { id: 0n, ttl }, undefined);
  if (granted instanceof EtcdError) return granted;
  const session: Session = {
    connection,
    lease: granted.id,
    stopped: false,
    changed: new WaitQueue(),
  };
  const { process } = ctl.main;
  process.thread(function* (thread) {
    for (;;) {
      yield* thread.sleep((granted.ttl / 3) * SECOND);
      yield* connection.call('Lease/LeaseKeepAlive', { id: granted.id }, undefined);
    }
  });
  for (const signal of [SIGINT, SIGTERM]) {
    const stop = (): void => {
      session.stopped = true;
      session.changed.wake();
    };
    process.sigaction(signal, stop, true);
  }
  return session;
}

/** Puts a key of one's own under `prefix` and waits until it is the oldest there. */
function* claim(session: Session, prefix: string, value: Content): Routine<Claim | EtcdError> {
  const key = `${prefix}${session.lease.toString(16)}`;
  const owner = { range: oldest(prefix) };
  const put = { put: { key, value, lease: session.lease } };
  const made = yield* session.connection.call(
    'KV/Txn',
    {
      compare: [{ key, target: 'create', operand: 0, result: 'equal' }],
      success: [put, owner],
      failure: [{ range: { key } }, owner],
    },
    undefined,
  );
  if (made instanceof EtcdError) return made;
  const [own, first] = made.responses;
  const existing = own && 'range' in own ? own.range.kvs[0] : undefined;
  const revision = existing?.createRevision ?? made.header.revision;
  const holder = first && 'range' in first ? first.range.kvs[0] : undefined;
  if (holder === undefined || holder.createRevision === revision) {
    return { key, revision, seen: made.header.revision };
  }
  const seen = yield* waitForEarlier(session, prefix, revision - 1);
  if (seen instanceof EtcdError) {
    yield* session.connection.call('KV/DeleteRange', { key }, undefined);
    return seen;
  }
  return { key, revision, seen };
}

const oldest = (prefix: string) =>
  ({
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    limit: 1,
    sortTarget: 'create',
    sortOrder: 'ascend',
  }) as const;

/** Waits until no key under `prefix` is as old as `revision`; gives the revision at which that was seen. */
function* waitForEarlier(
  session: Session,
  prefix: string,
  revision: number,
): Routine<number | EtcdError> {
  for (;;) {
    const request = {
      ...oldest(prefix),
      sortOrder: 'descend',
      maxCreateRevision: revision,
    } as const;
    const found = yield* session.connection.call('KV/Range', request, undefined);
    if (found instanceof EtcdError) return found;
    const [before] = found.kvs;
    if (before === undefined) return found.header.revision;
    const stopped = yield* waitForDelete(session, before, found.header.revision);
    if (stopped) return new EtcdError('Canceled', 'context canceled');
  }
}

/** Waits for a key to go; true where a signal came first. */
function* waitForDelete(session: Session, kv: KeyValue, revision: number): Routine<boolean> {
  const watch = session.connection.watch({ key: kv.key, startRevision: revision });
  for (;;) {
    const news = watch.poll();
    if (news === undefined) {
      if (session.stopped) break;
      yield { on: [watch.arrived, session.changed] };
    } else if (news.canceled || news.events.some(({ type }) => type === 'DELETE')) {
      break;
    }
  }
  watch.cancel();
  return session.stopped;
}

export const lockCommand: Command = {
  name: 'lock',
  operands: '<lockname> [exec-command arg1 arg2 ...]',
  short: 'Acquires a named lock',
  flags: [{ name: 'ttl', kind: 'int', value: '10', usage: 'timeout for session' }],
  *run(invocation): ProgramRun {
    const { main, args } = invocation;
    const [name, ...command] = args;
    if (name === undefined) {
      const text = 'lock takes a lock name argument and an optional command to execute';
      return yield* fail(main, EXIT.badArguments, text);
    }
    const ctl = yield* startCtl(invocation);
    const session = yield* openSession(ctl, yield* ttlOf(ctl));
    if (session instanceof EtcdError) return yield* fail(main, EXIT.error, session.message);
    const held = yield* claim(session, `${keyOf(name)}/`, Content.empty);
    if (held instanceof EtcdError) return yield* fail(main, EXIT.error, held.message);
    if (command.length > 0) return yield* runLocked(ctl, session, held, command);
    const shown = yield* showKey(ctl, session, held.key);
    if (shown instanceof EtcdError) return yield* fail(main, EXIT.error, shown.message);
    if (shown.kvs.length === 0) return yield* fail(main, EXIT.error, 'lock lost on init');
    yield* waitUntil(session.changed, () => session.stopped);
    yield* release(session, held);
    return main.process.exit(0);
  },
};

function* runLocked(
  ctl: Ctl,
  session: Session,
  held: Claim,
  command: readonly string[],
): ProgramRun {
  const environment = new Map(ctl.main.process.environment);
  environment.set('ETCD_LOCK_KEY', textOf(held.key));
  environment.set('ETCD_LOCK_REV', String(held.seen));
  const failure = yield* runCommand(ctl, command, environment);
  yield* release(session, held);
  if (failure) return yield* fail(ctl.main, failure.status, failure.text);
  return ctl.main.process.exit(0);
}

function* release(session: Session, held: Claim): Routine<void> {
  yield* session.connection.call(
    'KV/Txn',
    {
      compare: [{ key: held.key, target: 'create', operand: held.revision, result: 'equal' }],
      success: [{ deleteRange: { key: held.key } }],
      failure: [],
    },
    undefined,
  );
}

function* showKey(ctl: Ctl, session: Session, key: string): Routine<RangeResponse | EtcdError> {
  const found = yield* session.connection.call('KV/Range', { key }, undefined);
  if (!(found instanceof EtcdError)) yield* show(ctl, shownRange(ctl, found));
  return found;
}

export const electCommand: Command = {
  name: 'elect',
  operands: '<election-name> [proposal]',
  short: 'Observes and participates in leader election',
  flags: [{ name: 'listen', short: 'l', kind: 'bool', value: 'false', usage: 'observation mode' }],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [name = '', proposal] = args;
    const listens = values.is('listen');
    const bad =
      args.length !== 1 && args.length !== 2
        ? 'elect takes one election name argument and an optional proposal argument'
        : proposal === undefined && !listens
          ? 'no proposal argument but -l not set'
          : proposal !== undefined && listens
            ? 'proposal given but -l is set'
            : undefined;
    if (bad !== undefined) return yield* fail(main, EXIT.badArguments, bad);
    const ctl = yield* startCtl(invocation);
    const session = yield* openSession(ctl, ELECTION_TTL);
    if (session instanceof EtcdError) return yield* fail(main, EXIT.error, session.message);
    const prefix = `${keyOf(name)}/`;
    if (proposal === undefined) return yield* observe(ctl, session, prefix);
    const held = yield* claim(session, prefix, Content.ofBytes(toBytes(proposal)));
    if (held instanceof EtcdError) return yield* fail(main, EXIT.error, held.message);
    const shown = yield* showKey(ctl, session, held.key);
    if (shown instanceof EtcdError) return yield* fail(main, EXIT.error, shown.message);
    yield* waitUntil(session.changed, () => session.stopped);
    yield* release(session, held);
    return main.process.exit(0);
  },
};

/** Prints who leads, now and after every change, until a signal comes. */
function* observe(ctl: Ctl, session: Session, prefix: string): ProgramRun {
  const request = { key: prefix, rangeEnd: prefixEnd(prefix) };
  let last = '';
  const watch = session.connection.watch(request);
  while (!session.stopped) {
    const found = yield* session.connection.call('KV/Range', oldest(prefix), undefined);
    if (found instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, found.message);
    const [leader] = found.kvs;
    const now = leader ? `${leader.key} ${leader.modRevision}` : '';
    if (leader && now !== last) {
      const { header } = found;
      yield* show(ctl, shownRange(ctl, { header, kvs: [leader], more: false, count: 0 }));
    }
    last = now;
    while (watch.poll() === undefined && !session.stopped) {
      yield { on: [watch.arrived, session.changed] };
    }
  }
  return ctl.main.process.exit(0);
}
