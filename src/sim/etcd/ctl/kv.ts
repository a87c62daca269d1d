// etcdctl get, put, del, compaction.

import { Content } from '../../core/content.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { Routine } from '../../core/wait.ts';
import { toBytes } from '../../userland/shell/bytes.ts';
import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  SortTarget,
} from '../api.ts';
import { prefixEnd } from '../client.ts';
import type { Command } from '../cobra/command.ts';
import { type Flag, type FlagValues, goQuoted } from '../cobra/flags.ts';
import { type Ctl, EXIT, ask, fail, keyOf, parseHex, startCtl } from './ctl.ts';
import { headerFields, pairFields, pairText, show, type Shown, shownMessage } from './show.ts';

/** What stops a line of get, put or del: the status and the message. */
export class BadLine {
  readonly status: number;
  readonly message: string;
  constructor(status: number, message: string) {
    this.status = status;
    this.message = message;
  }
}

const badArguments = (message: string): BadLine => new BadLine(EXIT.badArguments, message);

const bool = (name: string, usage: string): Flag => ({ name, kind: 'bool', value: 'false', usage });
const int64 = (name: string, usage: string): Flag => ({ name, kind: 'int64', value: '0', usage });
const text = (name: string, value: string, usage: string): Flag => ({
  name,
  kind: 'string',
  value,
  usage,
});

const CHOOSE_ONE = '`--prefix` and `--from-key` cannot be set at the same time, choose one';
const TOO_MANY =
  'too many arguments, only accept one argument when `--prefix` or `--from-key` is set';
const PUT_NEEDS = 'put command needs 1 argument and input from stdin or 2 arguments';

/** Flags and operands of get, which transactions read too. */
export const getCommand: Command = {
  name: 'get',
  operands: '[options] <key> [range_end]',
  short: 'Gets the key or a range of keys',
  flags: [
    text('consistency', 'l', 'Linearizable(l) or Serializable(s)'),
    text('order', '', 'Order of results; ASCEND or DESCEND (ASCEND by default)'),
    text('sort-by', '', 'Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION'),
    int64('limit', 'Maximum number of results'),
    bool('prefix', 'Get keys with matching prefix'),
    bool('from-key', 'Get keys that are greater than or equal to the given key using byte compare'),
    int64('rev', 'Specify the kv revision'),
    bool('keys-only', 'Get only the keys'),
    bool('count-only', 'Get only the count'),
    bool('print-value-only', 'Only write values when using the "simple" output format'),
    int64('min-create-rev', 'Minimum create revision'),
    int64('max-create-rev', 'Maximum create revision'),
    int64('min-mod-rev', 'Minimum modification revision'),
    int64('max-mod-rev', 'Maximum modification revision'),
  ],
  *run(invocation): ProgramRun {
    const request = rangeRequest(invocation.values, invocation.args);
    if (request instanceof BadLine)
      return yield* fail(invocation.main, request.status, request.message);
    const ctl = yield* startCtl(invocation);
    const answer = yield* ask(ctl, 'KV/Range', request);
    const valueOnly = ctl.values.is('print-value-only');
    if (ctl.values.is('count-only') && ctl.format !== 'fields') {
      yield* fail(ctl.main, EXIT.badArguments, '--count-only is only for `--write-out=fields`');
    }
    if (valueOnly && ctl.format !== 'simple') {
      yield* fail(ctl.main, EXIT.badArguments, 'print-value-only is only for `--write-out=simple`');
    }
    yield* show(ctl, shownRange(ctl, answer, valueOnly));
    return 0;
  },
};

export const putCommand: Command = {
  name: 'put',
  operands: '[options] <key> <value> (<value> can also be given from stdin)',
  short: 'Puts the given key into the store',
  long: `Puts the given key into the store.

When <value> begins with '-', <value> is interpreted as a flag.
Insert '--' for workaround:

$ put <key> -- <value>
$ put -- <key> <value>

If <value> isn't given as a command line argument and '--ignore-value' is not specified,
this command tries to read the value from standard input.

If <lease> isn't given as a command line argument and '--ignore-lease' is not specified,
this command tries to read the value from standard input.

For example,
$ cat file | put <key>
will store the content of the file to <key>.`,
  flags: [
    text('lease', '0', 'lease ID (in hexadecimal) to attach to the key'),
    bool('prev-kv', 'return the previous key-value pair before modification'),
    bool('ignore-value', 'updates the key using its current value'),
    bool('ignore-lease', 'updates the key using its current lease'),
  ],
  *run(invocation): ProgramRun {
    const { main, values, args } = invocation;
    const reads = args.length === 1 && !values.is('ignore-value');
    const input = reads ? yield* main.input.rest() : undefined;
    const request = putRequest(values, args, input);
    if (request instanceof BadLine) return yield* fail(main, request.status, request.message);
    const ctl = yield* startCtl(invocation);
    yield* show(ctl, shownPut(ctl, yield* ask(ctl, 'KV/Put', request)));
    return 0;
  },
};

export const delCommand: Command = {
  name: 'del',
  operands: '[options] <key> [range_end]',
  short: 'Removes the specified key or range of keys [key, range_end)',
  flags: [
    bool('prefix', 'delete keys with matching prefix'),
    bool('prev-kv', 'return deleted key-value pairs'),
    bool(
      'from-key',
      'delete keys that are greater than or equal to the given key using byte compare',
    ),
    bool('range', 'delete range of keys'),
  ],
  *run(invocation): ProgramRun {
    const { main, values, args } = invocation;
    const request = deleteRequest(values, args);
    if (request instanceof BadLine) return yield* fail(main, request.status, request.message);
    if (args.length > 1 && !values.is('range')) yield* warnOfRange(invocation.main, args);
    const ctl = yield* startCtl(invocation);
    yield* show(ctl, shownDelete(ctl, yield* ask(ctl, 'KV/DeleteRange', request)));
    return 0;
  },
};

export const compactionCommand: Command = {
  name: 'compaction',
  operands: '[options] <revision>',
  short: 'Compacts the event history in etcd',
  flags: [bool('physical', "'true' to wait for compaction to physically remove all old revisions")],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [word = ''] = args;
    if (args.length !== 1) {
      return yield* fail(main, EXIT.badArguments, 'compaction command needs 1 argument');
    }
    if (!/^[-+]?\d+$/.test(word)) {
      const quoted = goQuoted(word);
      return yield* fail(main, EXIT.error, `strconv.ParseInt: parsing ${quoted}: invalid syntax`);
    }
    const revision = Number(word);
    const ctl = yield* startCtl(invocation);
    yield* ask(ctl, 'KV/Compact', { revision, physical: values.is('physical') });
    yield* main.out.print(`compacted revision ${revision}\n`);
    return 0;
  },
};

/** Warns that a range will be deleted, and waits for two seconds. */
export function* warnOfRange(main: Ctl['main'], args: readonly string[]): Routine<void> {
  const [from = '', to = ''] = args;
  main.err.put(
    `Warning: Keys between ${goQuoted(from)} and ${goQuoted(to)} will be deleted. Please interrupt the command within next 2 seconds to cancel. You can provide \`--range\` flag to avoid the delay.\n`,
  );
  yield* main.err.flush();
  yield* main.process.sleep(2e9);
}

const SORT_TARGETS: Readonly<Record<string, SortTarget>> = {
  '': 'key',
  CREATE: 'create',
  KEY: 'key',
  MODIFY: 'mod',
  VALUE: 'value',
  VERSION: 'version',
};

/** A range request from get's flags and arguments. */
export function rangeRequest(values: FlagValues, args: readonly string[]): RangeRequest | BadLine {
  const prefix = values.is('prefix');
  const fromKey = values.is('from-key');
  const [first, second] = args;
  if (first === undefined) {
    return badArguments(
      'get command needs one argument as key and an optional argument as range_end',
    );
  }
  if (prefix && fromKey) return badArguments(CHOOSE_ONE);
  if (values.is('keys-only') && values.is('count-only')) {
    return badArguments(
      '`--keys-only` and `--count-only` cannot be set at the same time, choose one',
    );
  }
  const consistency = values.text('consistency');
  if (consistency !== 'l' && consistency !== 's') {
    return new BadLine(EXIT.badFeature, `unknown consistency flag ${goQuoted(consistency)}`);
  }
  if (second !== undefined && (prefix || fromKey)) return badArguments(TOO_MANY);
  const order = values.text('order');
  const target = values.text('sort-by');
  if (!/^(ASCEND|DESCEND|)$/i.test(order)) {
    return new BadLine(EXIT.badFeature, `bad sort order ${order}`);
  }
  const sortTarget = SORT_TARGETS[target.toUpperCase()];
  if (sortTarget === undefined) return new BadLine(EXIT.badFeature, `bad sort target ${target}`);
  const bad = contradictingRevisions(values, 'Create') ?? contradictingRevisions(values, 'Mod');
  if (bad) return bad;
  const sortOrder = order === '' ? 'none' : order.toUpperCase() === 'ASCEND' ? 'ascend' : 'descend';
  return {
    ...span(first, second, prefix, fromKey),
    serializable: consistency === 's',
    limit: values.number('limit'),
    revision: Math.max(0, values.number('rev')),
    sortOrder,
    sortTarget,
    keysOnly: values.is('keys-only'),
    countOnly: values.is('count-only'),
    minModRevision: values.number('min-mod-rev'),
    maxModRevision: values.number('max-mod-rev'),
    minCreateRevision: values.number('min-create-rev'),
    maxCreateRevision: values.number('max-create-rev'),
  };
}

function contradictingRevisions(values: FlagValues, kind: 'Create' | 'Mod'): BadLine | undefined {
  const low = values.number(`min-${kind.toLowerCase()}-rev`);
  const high = values.number(`max-${kind.toLowerCase()}-rev`);
  if (high <= 0 || low <= high) return undefined;
  return new BadLine(EXIT.badFeature, `getMin${kind}Rev(=${low}) > getMax${kind}Rev(=${high})`);
}

/** The keys that a command line means. */
function span(
  first: string,
  second: string | undefined,
  prefix: boolean,
  fromKey: boolean,
): { key: string; rangeEnd: string } {
  const key = keyOf(first);
  if (prefix) return key === '' ? { key: '\0', rangeEnd: '\0' } : { key, rangeEnd: prefixEnd(key) };
  if (fromKey) return { key: key === '' ? '\0' : key, rangeEnd: '\0' };
  return { key, rangeEnd: second === undefined ? '' : keyOf(second) };
}

/** A put request from put's flags and arguments; `input` is what standard input held, where it is the value. */
export function putRequest(
  values: FlagValues,
  args: readonly string[],
  input: Uint8Array | undefined,
): PutRequest | BadLine {
  const [key, word] = args;
  const ignoreValue = values.is('ignore-value');
  if (key === undefined) return badArguments(PUT_NEEDS);
  if (ignoreValue && args.length > 1) {
    return badArguments("put command needs only 1 argument when 'ignore-value' is set");
  }
  const bytes = ignoreValue ? undefined : word === undefined ? input : toBytes(word);
  if (!ignoreValue && word === undefined && !input?.length) return badArguments(PUT_NEEDS);
  const lease = parseHex(values.text('lease'), 'ParseInt');
  if (typeof lease === 'string') {
    return badArguments(`bad lease ID (${lease}), expecting ID in Hex`);
  }
  return {
    key: keyOf(key),
    value: bytes ? Content.ofBytes(bytes) : Content.empty,
    lease,
    prevKv: values.is('prev-kv'),
    ignoreValue,
    ignoreLease: values.is('ignore-lease'),
  };
}

/** A delete request from del's flags and arguments. */
export function deleteRequest(
  values: FlagValues,
  args: readonly string[],
): DeleteRangeRequest | BadLine {
  const prefix = values.is('prefix');
  const fromKey = values.is('from-key');
  const [first, second] = args;
  if (first === undefined || args.length > 2) {
    return badArguments(
      'del command needs one argument as key and an optional argument as range_end',
    );
  }
  if (prefix && fromKey) return badArguments(CHOOSE_ONE);
  if (second !== undefined && (prefix || fromKey)) return badArguments(TOO_MANY);
  return { ...span(first, second, prefix, fromKey), prevKv: values.is('prev-kv') };
}

export function shownRange(ctl: Ctl, answer: RangeResponse, valueOnly = false): Shown {
  const { header, kvs, more, count } = answer;
  return shownMessage(
    ctl,
    'RangeResponse',
    answer,
    () => kvs.map((kv) => pairText(ctl, kv, valueOnly)).join(''),
    () =>
      headerFields(ctl, header) +
      kvs.map((kv) => pairFields(ctl, kv)).join('') +
      `"More" : ${more}\n"Count" : ${count}\n`,
  );
}

export function shownPut(ctl: Ctl, answer: PutResponse): Shown {
  const { header, prevKv } = answer;
  return shownMessage(
    ctl,
    'PutResponse',
    answer,
    () => `OK\n${prevKv ? pairText(ctl, prevKv) : ''}`,
    () => headerFields(ctl, header) + (prevKv ? pairFields(ctl, prevKv, 'Prev') : ''),
  );
}

export function shownDelete(ctl: Ctl, answer: DeleteRangeResponse): Shown {
  const { header, deleted, prevKvs } = answer;
  return shownMessage(
    ctl,
    'DeleteRangeResponse',
    answer,
    () => `${deleted}\n${prevKvs.map((kv) => pairText(ctl, kv)).join('')}`,
    () =>
      headerFields(ctl, header) +
      `"Deleted" : ${deleted}\n` +
      prevKvs.map((kv) => pairFields(ctl, kv, 'Prev')).join(''),
  );
}
