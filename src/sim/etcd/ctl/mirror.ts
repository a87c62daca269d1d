// etcdctl make-mirror: copies the keys under a prefix to another cluster, then every change of them.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { RequestOp, WatchEvent } from '../api.ts';
import { prefixEnd } from '../client.ts';
import type { Command } from '../cobra/command.ts';
import type { Flag } from '../cobra/flags.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import type { Connection, DialOptions } from '../remote/connection.ts';
import { connect, type Ctl, EXIT, fail, keyOf, startCtl } from './ctl.ts';
import { type TlsFiles, tlsOf, wantsTls } from './options.ts';
import { say } from './show.ts';

const text = (name: string, usage: string): Flag => ({ name, kind: 'string', value: '', usage });

/** How often the number of copied keys is printed. */
const REPORT = 30 * SECOND;
/** Keys that are read at a time. */
const PAGE = 1000;

interface Mirror {
  readonly from: Connection;
  readonly to: Connection;
  readonly prefix: string;
  readonly destinationPrefix: string;
  readonly maxOps: number;
  copied: number;
}

export const makeMirrorCommand: Command = {
  name: 'make-mirror',
  operands: '[options] <destination>',
  short: 'Makes a mirror at the destination etcd cluster',
  flags: [
    text('prefix', 'Key-value prefix to mirror'),
    {
      name: 'rev',
      kind: 'int64',
      value: '0',
      usage: 'Specify the kv revision to start to mirror',
    },
    {
      name: 'max-txn-ops',
      kind: 'uint',
      value: '128',
      usage: 'Maximum number of operations permitted in a transaction during syncing updates.',
    },
    text(
      'dest-prefix',
      'destination prefix to mirror a prefix to a different prefix in the destination cluster',
    ),
    {
      name: 'no-dest-prefix',
      kind: 'bool',
      value: 'false',
      usage: 'mirror key-values to the root of the destination cluster',
    },
    text(
      'dest-cert',
      'Identify secure client using this TLS certificate file for the destination cluster',
    ),
    text('dest-key', 'Identify secure client using this TLS key file'),
    text('dest-cacert', 'Verify certificates of TLS enabled secure servers using this CA bundle'),
    {
      name: 'dest-insecure-transport',
      kind: 'bool',
      value: 'true',
      usage: 'Disable transport security for client connections',
    },
    text(
      'dest-user',
      'Destination username[:password] for authentication (prompt if password is not supplied)',
    ),
    text(
      'dest-password',
      "Destination password for authentication (if this option is used, --user option shouldn't include password)",
    ),
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [destination = ''] = args;
    if (args.length !== 1) {
      const needs = 'make-mirror takes one destination argument';
      return yield* fail(main, EXIT.badArguments, needs);
    }
    const ctl = yield* startCtl(invocation);
    const files: TlsFiles = {
      certificate: values.text('dest-cert'),
      key: values.text('dest-key'),
      authority: values.text('dest-cacert'),
      skipVerify: false,
    };
    const tls = yield* tlsOf(main, files);
    const secure = wantsTls(files, values.is('dest-insecure-transport'));
    const to = yield* connect(destinationOf(ctl, destination, { tls, secure }));
    const from = yield* connect(ctl);
    const own = values.text('dest-prefix');
    if (values.is('no-dest-prefix') && own !== '') {
      const text =
        '`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one';
      return yield* fail(main, EXIT.badArguments, text);
    }
    const prefix = keyOf(values.text('prefix'));
    const destinationPrefix = values.is('no-dest-prefix') ? '' : keyOf(own) || prefix;
    const maxOps = values.number('max-txn-ops');
    const mirror: Mirror = { from, to, prefix, destinationPrefix, maxOps, copied: 0 };
    main.process.thread(function* (thread) {
      for (;;) {
        yield* thread.sleep(REPORT);
        yield* say(ctl, `${mirror.copied}\n`);
      }
    });
    const failure = yield* copy(mirror, Math.max(0, values.number('rev') - 1));
    return yield* fail(main, EXIT.error, failure.message);
  },
};

function destinationOf(
  ctl: Ctl,
  destination: string,
  transport: Pick<DialOptions, 'tls' | 'secure'>,
): Ctl {
  const { values, options } = ctl;
  const name = values.text('dest-user');
  const colon = name.indexOf(':');
  const given = values.text('dest-password');
  const user =
    name === ''
      ? undefined
      : given !== '' || colon < 0
        ? { name, password: given }
        : { name: name.slice(0, colon), password: name.slice(colon + 1) };
  return {
    ...ctl,
    options: {
      ...options,
      endpoints: [destination],
      user,
      ...transport,
    },
  };
}

/** Copies what is there (unless a revision was given), then what changes. */
function* copy(mirror: Mirror, start: number): Routine<EtcdError> {
  const { prefix } = mirror;
  const key = prefix === '' ? '\0' : prefix;
  const rangeEnd = prefix === '' ? '\0' : prefixEnd(prefix);
  let revision = start;
  if (start === 0) {
    const base = yield* copyBase(mirror, key, rangeEnd);
    if (base instanceof EtcdError) return base;
    revision = base;
  }
  const watch = mirror.from.watch({ key, rangeEnd, startRevision: revision + 1 });
  for (;;) {
    const news = yield* watch.next();
    if (news === undefined || news.compactRevision !== 0) return etcdErrors.compacted;
    const failure = yield* copyEvents(mirror, news.events);
    if (failure) return failure;
  }
}

function* copyBase(mirror: Mirror, key: string, rangeEnd: string): Routine<number | EtcdError> {
  let revision = 0;
  let at = key;
  for (;;) {
    const request = { key: at, rangeEnd, limit: PAGE, revision };
    const page = yield* mirror.from.call('KV/Range', request, undefined);
    if (page instanceof EtcdError) return page;
    if (revision === 0) revision = page.header.revision;
    for (const kv of page.kvs) {
      const put = { key: moved(mirror, kv.key), value: kv.value };
      const answer = yield* mirror.to.call('KV/Put', put, undefined);
      if (answer instanceof EtcdError) return answer;
      mirror.copied++;
    }
    const last = page.kvs[page.kvs.length - 1];
    if (!page.more || last === undefined) return revision;
    at = `${last.key}\0`;
  }
}

/** Each revision's changes go over as one transaction. */
function* copyEvents(
  mirror: Mirror,
  events: readonly WatchEvent[],
): Routine<EtcdError | undefined> {
  let ops: RequestOp[] = [];
  let revision = 0;
  const send = function* (): Routine<EtcdError | undefined> {
    if (ops.length === 0) return undefined;
    const success = ops;
    ops = [];
    const answer = yield* mirror.to.call(
      'KV/Txn',
      { compare: [], success, failure: [] },
      undefined,
    );
    return answer instanceof EtcdError ? answer : undefined;
  };
  for (const { type, kv } of events) {
    if (kv.modRevision > revision || ops.length === mirror.maxOps) {
      const failure = yield* send();
      if (failure) return failure;
    }
    revision = kv.modRevision;
    const key = moved(mirror, kv.key);
    ops.push(type === 'PUT' ? { put: { key, value: kv.value } } : { deleteRange: { key } });
    mirror.copied++;
  }
  return yield* send();
}

const moved = (mirror: Mirror, key: string): string =>
  mirror.destinationPrefix + key.slice(mirror.prefix.length);
