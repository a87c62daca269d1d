// ctr content, leases, namespaces and events.

import { sha256 } from '../../../core/sha256.ts';
import { rfc3339, rfc3339Fraction } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import type { EventEnvelope } from '../../containerd/types.ts';
import { newLeaseId } from '../../containerd/with-lease.ts';
import { isRpcError } from '../../rpc.ts';
import { humanDuration } from '../../units.ts';
import { type CliCall, type CliCommand, type CliFlag, parseDuration, tabTable } from '../cli.ts';
import { clientOf, ctrFail, errorText, failWith } from './app.ts';
import { binarySize } from './images.ts';

export const bool = (names: string, usage: string): CliFlag => ({
  names: names.split(' '),
  kind: 'bool',
  usage,
  default: 'false',
});
export const text = (names: string, usage: string, fallback?: string): CliFlag => ({
  names: names.split(' '),
  kind: 'string',
  usage,
  ...(fallback === undefined ? {} : { default: fallback }),
});

export function labelText(labels: Readonly<Record<string, string>>): string {
  const list = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return list.length === 0 ? '-' : list.join(',');
}

/** text/tabwriter with tabs for padding: every cell but the last ends at a stop of eight. */
function tabbed(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, Math.ceil((cell.length + 1) / 8) * 8);
    }
  }
  const padded = (cell: string, i: number, last: number): string =>
    i === last ? cell : cell + '\t'.repeat(Math.ceil(((widths[i] ?? 8) - cell.length) / 8));
  return rows
    .map((row) => `${row.map((cell, i) => padded(cell, i, row.length - 1)).join('')}\n`)
    .join('');
}

function* listContent(call: CliCall): Routine<number> {
  const content = yield* clientOf(call).listContent(call.args);
  if (isRpcError(content)) return yield* failWith(call, content);
  const { out, process } = call.main;
  if (call.flags.on('quiet')) {
    for (const { digest } of content) out.put(`${digest}\n`);
    return 0;
  }
  const rows = content.map((i) => [
    i.digest,
    binarySize(i.size).replace(' ', '').replace(/iB$/, 'B'),
    humanDuration(process.now - i.createdAt),
    labelText(i.labels),
  ]);
  out.put(tabbed([['DIGEST', 'SIZE', 'AGE', 'LABELS'], ...rows]));
  return 0;
}

function* getContent(call: CliCall): Routine<number> {
  const [digest = ''] = call.args;
  if (!/^[a-z0-9]+:[0-9a-f]+$/.test(digest)) {
    return yield* ctrFail(call.main, 'invalid checksum digest format');
  }
  const bytes = yield* clientOf(call).readContent(digest);
  if (isRpcError(bytes)) return yield* failWith(call, bytes);
  call.main.out.put(bytes);
  return 0;
}

function* deleteContent(call: CliCall): Routine<number> {
  for (const digest of call.args) {
    const deleted = yield* clientOf(call).deleteContent(digest);
    if (isRpcError(deleted) && deleted.code === 'NotFound') continue;
    if (isRpcError(deleted)) return yield* failWith(call, deleted);
    call.main.out.put(`${digest}\n`);
  }
  return 0;
}

/** Standard input becomes a blob, where it is what was expected. */
function* ingest(call: CliCall): Routine<number> {
  const [ref] = call.args;
  const { main, flags } = call;
  if (ref === undefined) return yield* ctrFail(main, 'must specify a transaction reference');
  const bytes = yield* main.process.readAll(0);
  if (isErrno(bytes)) return yield* ctrFail(main, bytes.message);
  const written = { ref, bytes, labels: {} };
  const size = flags.number('expected-size');
  const digest = `sha256:${sha256(bytes)}`;
  const expected = flags.text('expected-digest');
  const wrong =
    size > 0 && size !== bytes.length
      ? `unexpected commit size ${bytes.length}, expected ${size}: failed precondition`
      : expected !== '' && expected !== digest
        ? `unexpected commit digest ${digest}, expected ${expected}: failed precondition`
        : undefined;
  if (wrong !== undefined) return yield* ctrFail(main, wrong);
  const made = yield* clientOf(call).writeContent(written);
  return isRpcError(made) ? yield* failWith(call, made) : 0;
}

/** Writes arrive whole, so none is ever on its way. */
function* active(call: CliCall): Routine<number> {
  call.main.out.put('REF\tSIZE\tAGE\t\n');
  return 0;
}

function* labelNamespace(call: CliCall): Routine<number> {
  const [name, ...labels] = call.args;
  if (name === undefined) return yield* ctrFail(call.main, 'please specify a namespace');
  const change = Object.fromEntries(
    labels.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const client = clientOf(call);
  const labelled = yield* client.labelNamespace(name, change);
  const absent = isRpcError(labelled) && labelled.code === 'NotFound';
  const done = absent ? yield* client.createNamespace(name, change) : labelled;
  return isRpcError(done) ? yield* failWith(call, done) : 0;
}

function* labelBlob(call: CliCall): Routine<number> {
  const [digest = '', ...labels] = call.args;
  const change = Object.fromEntries(
    labels.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const info = yield* clientOf(call).labelContent(digest, change);
  if (isRpcError(info)) return yield* failWith(call, info);
  call.main.out.put(`${labelText(info.labels)}\n`);
  return 0;
}

function* listLeases(call: CliCall): Routine<number> {
  const leases = yield* clientOf(call).leases(call.args);
  if (isRpcError(leases)) return yield* failWith(call, leases);
  const { out } = call.main;
  if (call.flags.on('quiet')) {
    for (const { id } of leases) out.put(`${id}\n`);
    return 0;
  }
  const rows = leases.map((l) => [l.id, rfc3339(l.createdAt), labelText(l.labels), '']);
  out.put(tabTable([['ID', 'CREATED AT', 'LABELS', ''], ...rows]));
  return 0;
}

function* createLease(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const expires = parseDuration(flags.text('expires') || '24h') ?? 0;
  const labels = Object.fromEntries(
    call.args.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const expiry: Record<string, string> =
    expires > 0 ? { 'containerd.io/gc.expire': rfc3339(main.process.now + expires) } : {};
  const id = flags.text('id') || newLeaseId(main.process);
  const lease = yield* clientOf(call).createLease(id, { ...labels, ...expiry });
  if (isRpcError(lease)) return yield* failWith(call, lease);
  main.out.put(`${lease.id}\n`);
  return 0;
}

function* deleteLeases(call: CliCall): Routine<number> {
  if (call.args.length === 0)
    return yield* ctrFail(call.main, 'at least one lease ID must be provided: invalid argument');
  for (const id of call.args) {
    const deleted = yield* clientOf(call).deleteLease(id, call.flags.on('sync'));
    if (isRpcError(deleted)) return yield* failWith(call, deleted);
    call.main.out.put(`${id}\n`);
  }
  return 0;
}

function* listNamespaces(call: CliCall): Routine<number> {
  const namespaces = yield* clientOf(call).namespaces();
  if (isRpcError(namespaces)) return yield* failWith(call, namespaces);
  const { out } = call.main;
  if (call.flags.on('quiet')) {
    for (const { name } of namespaces) out.put(`${name}\n`);
    return 0;
  }
  const rows = namespaces.map(({ name, labels }) => [
    name,
    Object.keys(labels).length > 0 ? labelText(labels) : '',
    '',
  ]);
  out.put(tabTable([['NAME', 'LABELS', ''], ...rows]));
  return 0;
}

function* createNamespace(call: CliCall): Routine<number> {
  const [name, ...labels] = call.args;
  if (name === undefined) return yield* ctrFail(call.main, 'please specify a namespace');
  const change = Object.fromEntries(
    labels.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const made = yield* clientOf(call).createNamespace(name, change);
  return isRpcError(made) ? yield* failWith(call, made) : 0;
}

function* removeNamespaces(call: CliCall): Routine<number> {
  let failed = '';
  for (const name of call.args) {
    const deleted = yield* clientOf(call).deleteNamespace(name);
    if (isRpcError(deleted) && deleted.code !== 'NotFound') {
      const text = errorText(deleted);
      const time = rfc3339(call.main.process.now);
      call.main.err.put(
        `time="${time}" level=error msg="unable to delete ${name}" error=${JSON.stringify(text)}\n`,
      );
      failed ||= `unable to delete ${name}: ${text}`;
    } else call.main.out.put(`${name}\n`);
  }
  yield* call.main.err.flush();
  return failed === '' ? 0 : yield* ctrFail(call.main, failed);
}

function* watchEvents(call: CliCall): Routine<number> {
  const stream = yield* clientOf(call).events(call.args);
  if (isRpcError(stream)) return yield* failWith(call, stream);
  const { out } = call.main;
  for (;;) {
    const envelope = (yield* stream.next()) as EventEnvelope | undefined;
    if (!envelope || isRpcError(envelope)) return 0;
    const time = rfc3339Fraction(envelope.timestamp, 9)
      .replace('T', ' ')
      .replace('Z', ' +0000 UTC');
    out.put(`${time} ${envelope.namespace} ${envelope.topic} ${JSON.stringify(envelope.event)}\n`);
    yield* out.flush();
  }
}

const missing = (name: string, usage: string): CliCommand => ({
  name,
  usage,
  run: (call) => notSimulated(call.main, `ctr content ${name}`),
});

export const contentCommand: CliCommand = {
  name: 'content',
  usage: 'Manage content',
  argsUsage: '[arguments...]',
  commands: [
    {
      name: 'active',
      usage: 'Display active transfers',
      argsUsage: '[flags] [<regexp>]',
      run: active,
    },
    {
      name: 'delete',
      aliases: ['del', 'remove', 'rm'],
      usage: 'Permanently delete one or more blobs',
      argsUsage: '[<digest>, ...]',
      run: deleteContent,
    },
    missing('edit', 'Edit a blob and return a new digest'),
    missing('fetch', 'Fetch all content for an image into containerd'),
    missing('fetch-object', 'Retrieve objects from a remote'),
    missing('fetch-blob', 'Retrieve blobs from a remote'),
    {
      name: 'get',
      usage: 'Get the data for an object',
      argsUsage: '[<digest>, ...]',
      run: getContent,
    },
    {
      name: 'ingest',
      usage: 'Accept content into the store',
      argsUsage: '[flags] <key>',
      flags: [
        {
          names: ['expected-size'],
          kind: 'int',
          usage: 'Validate against provided size',
          default: '0',
        },
        text('expected-digest', 'Verify content against expected digest'),
      ],
      run: ingest,
    },
    {
      name: 'list',
      aliases: ['ls'],
      usage: 'List all blobs in the store',
      argsUsage: '[flags]',
      flags: [bool('quiet q', 'Print only the blob digest')],
      run: listContent,
    },
    missing('push-object', 'Push an object to a remote'),
    {
      name: 'label',
      usage: 'Add labels to content',
      argsUsage: '<digest> [<label>=<value> ...]',
      run: labelBlob,
    },
    missing('prune', 'Prunes content from the content store'),
  ],
};

export const leasesCommand: CliCommand = {
  name: 'leases',
  usage: 'Manage leases',
  argsUsage: '[arguments...]',
  commands: [
    {
      name: 'list',
      aliases: ['ls'],
      usage: 'List all active leases',
      argsUsage: '[flags] <filter>',
      flags: [bool('quiet q', 'Print only the blob digest')],
      run: listLeases,
    },
    {
      name: 'create',
      usage: 'Create lease',
      argsUsage: '[flags] <label>=<value> ...',
      flags: [
        text('id', 'Set the id for the lease, will be generated by default'),
        {
          names: ['expires', 'x'],
          kind: 'duration',
          usage: 'Expiration of lease (0 value will not expire)',
          default: '24h0m0s',
        },
      ],
      run: createLease,
    },
    {
      name: 'delete',
      aliases: ['del', 'remove', 'rm'],
      usage: 'Delete a lease',
      argsUsage: '[flags] <lease id> ...',
      flags: [bool('sync', 'Synchronously remove leases and all unreferenced resources')],
      run: deleteLeases,
    },
  ],
};

export const namespacesCommand: CliCommand = {
  name: 'namespaces',
  aliases: ['namespace', 'ns'],
  usage: 'Manage namespaces',
  argsUsage: '[arguments...]',
  commands: [
    {
      name: 'create',
      aliases: ['c'],
      usage: 'Create a new namespace',
      argsUsage: '<name> [<key>=<value>]',
      run: createNamespace,
    },
    {
      name: 'list',
      aliases: ['ls'],
      usage: 'List namespaces',
      argsUsage: '[flags]',
      flags: [bool('quiet q', 'Print only the namespace name')],
      run: listNamespaces,
    },
    {
      name: 'remove',
      aliases: ['rm'],
      usage: 'Remove one or more namespaces',
      argsUsage: '<name> [<name>, ...]',
      flags: [bool('cgroup c', "Delete the namespace's cgroup")],
      run: removeNamespaces,
    },
    {
      name: 'label',
      usage: 'Set and clear labels for a namespace',
      argsUsage: '<name> [<key>=<value>, ...]',
      run: labelNamespace,
    },
  ],
};

export const eventsCommand: CliCommand = {
  name: 'events',
  aliases: ['event'],
  usage: 'Display containerd events',
  argsUsage: '[arguments...]',
  run: watchEvents,
};
