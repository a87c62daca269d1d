// etcdctl txn: conditions and two lists of requests from standard input, as one transaction.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { toBytes } from '../../userland/shell/bytes.ts';
import type { Compare, CompareResult, RequestOp, ResponseOp, TxnResponse } from '../api.ts';
import type { Command } from '../cobra/command.ts';
import { type FlagValues, goQuoted, parseFlags } from '../cobra/flags.ts';
import { EtcdError } from '../error.ts';
import { connect, type Ctl, EXIT, fail, keyOf, parseHex, startCtl } from './ctl.ts';
import {
  BadLine,
  delCommand,
  deleteRequest,
  getCommand,
  putCommand,
  putRequest,
  rangeRequest,
  shownDelete,
  shownPut,
  shownRange,
  warnOfRange,
} from './kv.ts';
import { complain, headerFields, say, show, type Shown, shownMessage } from './show.ts';
import { unquoted, wordsOf } from './words.ts';

export const txnCommand: Command = {
  name: 'txn',
  operands: '[options]',
  short: 'Txn processes all the requests in one transaction',
  long: `Txn reads multiple etcd requests from standard input and applies them as a single atomic transaction.

A transaction consists of three components:
1) a list of conditions,
2) a list of requests to apply if all the conditions are true,
3) a list of requests to apply if any condition is false.

Example interactive stdin usage:

---
etcdctl txn -i
# compares:
mod("key1") > "0"

# success requests (get, put, delete):
put key1 "overwrote-key1"

# failure requests (get, put, delete):
put key1 "created-key1"
put key2 "some extra key"
---

Refer to https://github.com/etcd-io/etcd/blob/main/etcdctl/README.md#txn-options.`,
  flags: [
    {
      name: 'interactive',
      short: 'i',
      kind: 'bool',
      value: 'false',
      usage: 'Input transaction in interactive mode',
    },
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    if (args.length > 0) {
      return yield* fail(main, EXIT.badArguments, 'txn command does not accept argument');
    }
    const ctl = yield* startCtl(invocation);
    const connection = yield* connect(ctl);
    const prompt = function* (text: string): Routine<void> {
      if (values.is('interactive')) yield* say(ctl, `${text}\n`);
    };
    yield* prompt('compares:');
    const compare = yield* readBlock(ctl, function* (line) {
      return parseCompare(line);
    });
    yield* prompt('success requests (get, put, del):');
    const success = yield* readBlock(ctl, (line) => readOp(ctl, line));
    yield* prompt('failure requests (get, put, del):');
    const failure = yield* readBlock(ctl, (line) => readOp(ctl, line));
    const answer = yield* connection.call('KV/Txn', { compare, success, failure }, undefined);
    if (answer instanceof EtcdError) return yield* fail(main, EXIT.error, answer.message);
    yield* show(ctl, shownTxn(ctl, answer));
    return 0;
  },
};

/** Lines up to an empty one, each read by `parse`; ends the command where one is no good. */
function* readBlock<T>(ctl: Ctl, parse: (line: string) => Routine<T | BadLine>): Routine<T[]> {
  const out: T[] = [];
  for (;;) {
    const line = yield* ctl.main.input.line();
    if (line === undefined || !line.endsWith('\n'))
      return yield* fail(ctl.main, EXIT.badInput, 'EOF');
    const trimmed = line.trim();
    if (trimmed === '') return out;
    const parsed = yield* parse(trimmed);
    if (parsed instanceof BadLine) {
      if (parsed.status === PANIC) {
        yield* complain(ctl, `panic: ${parsed.message}\n\ngoroutine 1 [running]:\n`);
        return ctl.main.process.exit(PANIC);
      }
      return yield* fail(ctl.main, parsed.status, parsed.message);
    }
    out.push(parsed);
  }
}

/** The status of a Go program that panics. */
const PANIC = 2;

const RESULTS: Readonly<Record<string, CompareResult>> = {
  '=': 'equal',
  '!=': 'notEqual',
  '>': 'greater',
  '<': 'less',
};

const COMPARISON = /^("(?:[^"\\]|\\.)*"|`[^`]*`)\)\s*(\S+)\s+("(?:[^"\\]|\\.)*"|`[^`]*`)/;

/** Reads `version("key") > "1"` and its like. */
function parseCompare(line: string): Compare | BadLine {
  const bad = (text: string): BadLine => new BadLine(EXIT.badInput, text);
  const paren = line.indexOf('(');
  if (paren < 0) return bad(`malformed comparison: ${line}`);
  const target = line.slice(0, paren);
  const match = COMPARISON.exec(line.slice(paren + 1));
  if (match === null) {
    return bad(`malformed comparison: ${line}; got ${target}(${readPart(line.slice(paren + 1))}`);
  }
  const key = keyOf(unquoted(match[1] ?? '') ?? '');
  const value = unquoted(match[3] ?? '') ?? '';
  const operand = operandOf(target, value);
  if (operand === undefined) {
    return bad(`malformed comparison: ${line} (unknown target ${target})`);
  }
  if (operand === 'invalid') return bad(`invalid txn compare request: ${line}`);
  const result = RESULTS[match[2] ?? ''];
  if (result === undefined) return new BadLine(PANIC, 'Unknown result op');
  return { ...operand, key, result } as Compare;
}

/** What Go's scanner had read of a comparison that breaks off, as the message repeats it. */
function readPart(text: string): string {
  const key = /^("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const read = key === undefined ? '' : (unquoted(key) ?? '');
  const op = key === undefined ? '' : (/^\)\s*(\S+)/.exec(text.slice(key.length))?.[1] ?? '');
  return `${goQuoted(read)}) ${op} ""`;
}

function operandOf(target: string, value: string): object | 'invalid' | undefined {
  const number = /^[-+]?\d+$/.test(value) ? Number(value) : 'invalid';
  switch (target) {
    case 'ver':
    case 'version':
      return number === 'invalid' ? number : { target: 'version', operand: number };
    case 'c':
    case 'create':
      return number === 'invalid' ? number : { target: 'create', operand: number };
    case 'm':
    case 'mod':
      return number === 'invalid' ? number : { target: 'mod', operand: number };
    case 'val':
    case 'value':
      return { target: 'value', operand: Content.ofBytes(toBytes(value)) };
    case 'lease': {
      const id = parseHex(value, 'ParseInt');
      return typeof id === 'string' ? 'invalid' : { target: 'lease', operand: id };
    }
    default:
      return undefined;
  }
}

/** Reads one request of a transaction: a line of get, put or del. */
function* readOp(ctl: Ctl, line: string): Routine<RequestOp | BadLine> {
  const [name = '', ...words] = wordsOf(line);
  if (words.length === 0) return new BadLine(EXIT.badInput, `invalid txn compare request: ${line}`);
  const commands = [getCommand, putCommand, delCommand].filter((one) => one.name.startsWith(name));
  const [command] = commands;
  const invalid = new BadLine(EXIT.badInput, `invalid txn request: ${line}`);
  if (command === undefined || commands.length > 1) return invalid;
  const parsed = parseFlags(command.flags ?? [], words);
  if ('mistake' in parsed) return invalid;
  return yield* opOf(ctl, command, parsed.values, parsed.args);
}

function* opOf(
  ctl: Ctl,
  command: Command,
  values: FlagValues,
  args: readonly string[],
): Routine<RequestOp | BadLine> {
  if (command === getCommand) {
    const range = rangeRequest(values, args);
    return range instanceof BadLine ? range : { range };
  }
  if (command === putCommand) {
    const put = putRequest(values, args, undefined);
    return put instanceof BadLine ? put : { put };
  }
  const deleteRange = deleteRequest(values, args);
  if (deleteRange instanceof BadLine) return deleteRange;
  if (args.length > 1 && !values.is('range')) yield* warnOfRange(ctl.main, args);
  return { deleteRange };
}

function shownTxn(ctl: Ctl, answer: TxnResponse): Shown {
  const { header, succeeded, responses } = answer;
  return shownMessage(
    ctl,
    'TxnResponse',
    answer,
    () =>
      `${succeeded ? 'SUCCESS' : 'FAILURE'}\n${responses.map((one) => `\n${shownOp(ctl, one).simple()}`).join('')}`,
    () =>
      headerFields(ctl, header) +
      `"Succeeded" : ${succeeded}\n` +
      responses.map((one) => shownOp(ctl, one).fields?.() ?? '').join(''),
  );
}

function shownOp(ctl: Ctl, op: ResponseOp): Shown {
  if ('range' in op) return shownRange(ctl, op.range);
  if ('put' in op) return shownPut(ctl, op.put);
  if ('deleteRange' in op) return shownDelete(ctl, op.deleteRange);
  return shownTxn(ctl, op.txn);
}
