// The etcd process: reads its flags, listens, takes up its data directory or begins a new one, runs a member until a
// signal comes, and hands over leadership before it goes.

import type { Content } from '../../core/content.ts';
import { decode } from '../../core/text.ts';
import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ProgramFile, ProgramRun } from '../../kernel/program.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveConnection, serveHttp, type ServerTls } from '../../userland/http/server.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { type Certificate, certificatesOf } from '../../userland/tls/certificate.ts';
import { EtcdError } from '../error.ts';
import type { StoredKeyValue } from '../mvcc/keytree.ts';
import { transferTo } from '../raft/step.ts';
import { SERVER_VERSION, STORAGE_VERSION } from './backend.ts';
import { type Bootstrap, bootstrap } from './bootstrap.ts';
import { type Config, contradiction, readConfig, USAGE, urlsOf, valueOf } from './config.ts';
import { hexId } from './cluster.ts';
import { storeDisk } from './data-dir.ts';
import { answerHttp, answerPeerHttp } from './http.ts';
import { acceptLoop, listenAt, type Server } from './listener.ts';
import { LEVELS, Log } from './log.ts';
import { Member, type MemberHost } from './member.ts';
import { Peers } from './peers.ts';
import { newServices, type Services } from './services.ts';
import { watchVersion } from './version-monitor.ts';

const DEFAULT_QUOTA = 2_147_483_648;

/** How long a leader that is told to stop waits for another to take over. */
const HANDOVER = SECOND;

/** Its start is counted in what it does until it listens: no `startup`. */
export const etcd: ProgramFile = {
  ...program('etcd', serve),
  startup: 0,
};

/** What the process holds in memory beside a fresh program's own, with little in its database. */
const HEAP = 30 * 1024 * 1024;

function* serve(main: Main): ProgramRun {
  const { process } = main;
  yield* process.allocate(HEAP);
  const config = readConfig(main.args, process.environment);
  if ('stop' in config) return yield* showAndStop(main, config.stop);
  if ('mistake' in config) {
    main.err.put(`${config.mistake}\n${USAGE}`);
    yield* main.err.flush();
    return 2;
  }
  const level = valueOf(config, 'log-level');
  if (!LEVELS.includes(level as (typeof LEVELS)[number])) {
    main.err.put(`panic: unrecognized level: ${JSON.stringify(level)}\n\ngoroutine 1 [running]:\n`);
    yield* main.err.flush();
    return 2;
  }
  const log = new Log(main, level);
  yield* log.write('info', 'etcdmain/etcd.go:64', 'Running: ', { args: [...process.argv] });
  const wrong = contradiction(config);
  if (wrong !== undefined) return yield* refuseFlags(log, wrong);
  const dataDir = valueOf(config, 'data-dir') || `${valueOf(config, 'name')}.etcd`;
  return yield* new Running(main, config, log, dataDir).run();
}

function* showAndStop(main: Main, stop: 'help' | 'version'): ProgramRun {
  if (stop === 'version') {
    const go = 'Go Version: go1.26.8\nGo OS/Arch: linux/amd64\n';
    yield* main.out.print(
      `etcd Version: ${SERVER_VERSION}\nGit SHA: Not provided (use ./build instead of go build)\n${go}`,
    );
    return 0;
  }
  yield* main.out.print(USAGE);
  return yield* notSimulated(main, "etcd --help's list of flags");
}

function* refuseFlags(log: Log, error: string): ProgramRun {
  yield* log.write('warn', 'etcdmain/etcd.go:66', 'failed to verify flags', { error });
  if (error.startsWith('--advertise-client-urls')) {
    const text = 'advertise client URLs are not set';
    yield* log.write('warn', 'etcdmain/etcd.go:69', text, { error });
  }
  return 1;
}

/** The members of running etcd processes. */
const running = new WeakMap<Task, Member>();

/** The member that a process runs, for those who look from outside; undefined while it begins. */
export function memberOf(process: Task | undefined): Member | undefined {
  return process && running.get(process.leader);
}

/** Watchers hear of a revision because of what it changed: told by the keys, a deleted one by its tombstone. */
function tellRevision({ simulation, task }: Process, changes: readonly StoredKeyValue[]): void {
  const [first] = changes;
  if (first === undefined) return;
  const words = changes
    .slice(0, 3)
    .map(({ key, version }) => `${version === 0 ? 'delete' : 'put'} ${key}`);
  const more = changes.length > 3 ? ` and ${changes.length - 3} more` : '';
  simulation.because(`etcd: ${words.join(', ')}${more} at revision ${first.modRevision}`, {
    kind: 'etcd',
    name: first.key,
    machine: task.kernel.name,
  });
}

/** One run of the server. */
class Running {
  private readonly main: Main;
  private readonly config: Config;
  private readonly log: Log;
  private readonly dataDir: string;
  private readonly stopping = new WaitQueue();
  private signal = 0;
  private removed = false;
  private services: Services | undefined;
  private isPublished = false;
  private readonly published = new WaitQueue();

  constructor(main: Main, config: Config, log: Log, dataDir: string) {
    this.main = main;
    this.config = config;
    this.log = log;
    this.dataDir = dataDir;
  }

  *run(): ProgramRun {
    const { process } = this.main;
    const failure = yield* this.listen();
    if (failure !== undefined) return yield* this.fatal(failure);
    const begun = yield* bootstrap(process, this.config, this.dataDir);
    if (typeof begun === 'string') return yield* this.fatal(begun);
    const peers = new Peers(process, begun.id, begun.clusterId);
    const member = this.startMember(begun, peers);
    const stop = (): void => {
      this.services?.leases.stop();
      member.stop();
    };
    process.whenEnded(stop);
    try {
      yield* this.serve(member, begun, peers);
    } finally {
      stop();
      peers.stop();
    }
    // A signal without a handler does not reach a namespace's first process: that one ends by itself.
    if (this.removed || process.pid === 1) return process.exit(0);
    process.sigaction(this.signal, 'default');
    process.kill(process.pid, this.signal);
    yield* process.pause();
    return 0;
  }

  private *listen(): Routine<string | undefined> {
    const { process } = this.main;
    const server: Omit<Server, 'http'> = {
      services: () => this.services,
      untilReady: () => this.untilReady(),
      raft: ({ message, clusterId }) => {
        const { services } = this;
        if (services === undefined || clusterId !== services.member.options.clusterId) return;
        if (services.member.backend.cluster.removed.has(message.from)) return;
        services.member.host.heard(message.from);
        services.member.receive(message);
      },
    };
    for (const kind of ['listen-peer-urls', 'listen-client-urls'] as const) {
      const tls = yield* this.tlsOf(kind === 'listen-client-urls' ? '' : 'peer-');
      if (typeof tls === 'string') return tls;
      for (const url of urlsOf(this.config, kind)) {
        const fd = yield* listenAt(process, url);
        if (typeof fd === 'string') return fd;
        const used = url.startsWith('https:') ? tls : undefined;
        const forClients = kind === 'listen-client-urls';
        const http = (thread: Process, fd: number, first: Content): Routine<void> =>
          serveConnection(thread, fd, (one) => this.answer(one, forClients), {}, first);
        process.thread((thread) => acceptLoop(thread, fd, { ...server, http }, used, forClients));
      }
    }
    return yield* this.listenForMetrics();
  }

  /** Health and metrics in plain HTTP on addresses of their own. */
  private *listenForMetrics(): Routine<string | undefined> {
    const { process } = this.main;
    for (const url of urlsOf(this.config, 'listen-metrics-urls')) {
      const fd = yield* listenAt(process, url);
      if (typeof fd === 'string') return fd;
      process.thread(
        function* (this: Running, thread: Process): ProgramRun {
          yield* serveHttp(thread, fd, (request) => this.answer(request));
          return 0;
        }.bind(this),
      );
    }
    return undefined;
  }

  private *untilReady(): Routine<void> {
    yield* waitUntil(this.published, () => this.isPublished);
  }

  private *answer(request: HttpRequest, forClients = true): Routine<HttpResponse> {
    const { services } = this;
    if (services === undefined) return { status: 503, headers: {} };
    if (!forClients) return answerPeerHttp(services, request);
    return yield* answerHttp(services, request);
  }

  /** What a listener shows and asks for; undefined where no certificate was given. */
  private *tlsOf(prefix: '' | 'peer-'): Routine<ServerTls | undefined | string> {
    const path = valueOf(this.config, `${prefix}cert-file`);
    if (path === '') return undefined;
    const own = yield* this.certificatesIn(path);
    if (typeof own === 'string') return own;
    const [certificate] = own;
    if (certificate === undefined) return `tls: failed to find any PEM data in certificate input`;
    const authority = valueOf(this.config, `${prefix}trusted-ca-file`);
    if (authority === '') return { certificate };
    const clientAuthorities = yield* this.certificatesIn(authority);
    if (typeof clientAuthorities === 'string') return clientAuthorities;
    const requireClient = valueOf(this.config, `${prefix}client-cert-auth`) === 'true';
    return { certificate, clientAuthorities, requireClient };
  }

  private *certificatesIn(path: string): Routine<Certificate[] | string> {
    const bytes = yield* readFile(this.main.process, path);
    if (!isErrno(bytes)) return certificatesOf(decode(bytes));
    return `open ${path}: ${bytes.message.charAt(0).toLowerCase()}${bytes.message.slice(1)}`;
  }

  private startMember(begun: Bootstrap, peers: Peers): Member {
    const { process } = this.main;
    const { leader } = process.task;
    const host: MemberHost = {
      simulation: process.simulation,
      get gone() {
        return leader.ended || leader.process.exiting !== undefined;
      },
      send: (message) => peers.send(message),
      heard: (id) => peers.heard(id),
      membersChanged: () => peers.update(member.backend.cluster.list()),
      connectedSince: (id) => peers.connectedSince(id),
      removed: () => {
        this.removed = true;
        this.stopping.wake();
      },
    };
    for (const { id, peerUrls } of begun.peers) peers.add(id, peerUrls);
    const quota = Number(valueOf(this.config, 'quota-backend-bytes'));
    const options = {
      id: begun.id,
      clusterId: begun.clusterId,
      heartbeat: Number(valueOf(this.config, 'heartbeat-interval')),
      electionTimeout: Number(valueOf(this.config, 'election-timeout')),
      quota: quota === 0 ? DEFAULT_QUOTA : quota,
      maxRequestBytes: Number(valueOf(this.config, 'max-request-bytes')),
      snapshotCount: Number(valueOf(this.config, 'snapshot-count')),
    };
    const member: Member = new Member(options, host, begun.disk);
    storeDisk(process, this.dataDir, begun.disk);
    running.set(leader, member);
    member.begin();
    begun.disk.backend.store.onCommit = (changes) => tellRevision(process, changes);
    this.services = newServices(member, function* (method, request) {
      const answer = yield* peers.ask(member.raft.leader, `/peer/${method}`, request);
      return answer as never;
    });
    return member;
  }

  private *serve(member: Member, begun: Bootstrap, peers: Peers): Routine<void> {
    const { process } = this.main;
    for (const signal of [SIGTERM, SIGINT]) {
      const stop = (): void => {
        this.signal = signal;
        this.stopping.wake();
      };
      process.sigaction(signal, stop, true);
    }
    watchVersion(member);
    const clientUrls = urlsOf(this.config, 'advertise-client-urls');
    const name = valueOf(this.config, 'name');
    process.thread(() => this.publish(member, { id: begun.id, name, clientUrls }));
    yield* this.sayStarted(begun);
    const stopped = (): boolean => this.signal !== 0 || this.removed;
    yield* waitUntil(this.stopping, stopped);
    if (this.removed) return;
    const signal = this.signal === SIGTERM ? 'terminated' : 'interrupt';
    const text = 'received signal; shutting down';
    yield* this.log.write('info', 'osutil/interrupt_unix.go:65', text, { signal });
    yield* this.handOver(member, peers);
  }

  /** Tells the cluster this member's name and client URLs, until it has heard; then clients are served. */
  private *publish(
    member: Member,
    request: { id: bigint; name: string; clientUrls: string[] },
  ): ProgramRun {
    while (!member.stopped && !this.isPublished) {
      const result = yield* member.propose('publish', request);
      this.isPublished = !(result instanceof EtcdError);
    }
    this.published.wake();
    return 0;
  }

  private *sayStarted(begun: Bootstrap): Routine<void> {
    const local = hexId(begun.id);
    const fields = { 'local-member-id': local, 'cluster-id': hexId(begun.clusterId) };
    const { log } = this;
    yield* log.write('info', 'embed/etcd.go:323', 'starting an etcd server', {
      'etcd-version': SERVER_VERSION,
      name: valueOf(this.config, 'name'),
      'data-dir': this.dataDir,
    });
    yield* log.write('info', 'etcdserver/bootstrap.go:499', 'starting local member', fields);
    yield* log.write('info', 'etcdserver/server.go:598', 'starting etcd server', {
      'local-member-id': local,
      'local-server-version': SERVER_VERSION,
      'cluster-version': begun.disk.backend.clusterVersion
        ? STORAGE_VERSION.slice(0, 3)
        : 'to_be_decided',
    });
  }

  /** A leader gives its place to the peer that has been connected longest. */
  private *handOver(member: Member, peers: Peers): Routine<void> {
    const { raft } = member;
    if (raft.role !== 'leader' || raft.voters < 2) return;
    const ready = [...raft.members.values()]
      .filter((one) => !one.learner && one.id !== member.options.id)
      .map((one) => ({ id: one.id, since: peers.connectedSince(one.id) }))
      .filter((one) => one.since !== undefined)
      .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
    const [next] = ready;
    if (next === undefined) return;
    transferTo(raft, next.id);
    member.pump();
    const until = this.main.process.now + HANDOVER;
    yield* waitUntil(member.changed, () => raft.leader === next.id, until);
  }

  private *fatal(error: string): ProgramRun {
    yield* this.log.write('fatal', 'etcdmain/etcd.go:183', 'discovery failed', { error });
    return this.main.process.exit(1);
  }
}
