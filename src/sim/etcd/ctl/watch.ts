// etcdctl watch: events as they come, interactively too, with a command to run for each.

import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { isErrno } from '../../kernel/errno.ts';
import { findProgram, spawn, waitFor } from '../../userland/libc/spawn.ts';
import type { WatchEvent, WatchRequest, WatchResponse } from '../api.ts';
import { prefixEnd, type Watch } from '../client.ts';
import type { Command } from '../cobra/command.ts';
import { type FlagValues, goQuoted, parseFlags } from '../cobra/flags.ts';
import type { Connection } from '../remote/connection.ts';
import { fromBytes } from '../../userland/shell/bytes.ts';
import { messageToJson, type Json } from '../wire/json.ts';
import { connect, type Ctl, EXIT, fail, keyOf, startCtl, textOf } from './ctl.ts';
import { complain, headerFields, pairFields, pairText, say, show } from './show.ts';
import { wordsOf } from './words.ts';

const BAD_COUNT = 'bad number of arguments';

export const watchCommand: Command = {
  name: 'watch',
  operands: '[options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]',
  short: 'Watches events stream on keys or prefixes',
  flags: [
    { name: 'interactive', short: 'i', kind: 'bool', value: 'false', usage: 'Interactive mode' },
    { name: 'prefix', kind: 'bool', value: 'false', usage: 'Watch on a prefix if prefix is set' },
    { name: 'rev', kind: 'int64', value: '0', usage: 'Revision to start watching' },
    {
      name: 'prev-kv',
      kind: 'bool',
      value: 'false',
      usage: 'get the previous key-value pair before the event happens',
    },
    {
      name: 'progress-notify',
      kind: 'bool',
      value: 'false',
      usage: 'get periodic watch progress notification from server',
    },
  ],
  *run(invocation): ProgramRun {
    const { main, values, args } = invocation;
    const { environment } = main.process;
    const key = environment.get('ETCDCTL_WATCH_KEY') ?? '';
    const end = environment.get('ETCDCTL_WATCH_RANGE_END') ?? '';
    if (key === '' && end !== '') {
      const text = `ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=${goQuoted(end)}`;
      return yield* fail(main, EXIT.badArguments, text);
    }
    const fromEnvironment = key === '' ? [] : end === '' ? [key] : [key, end];
    if (values.is('interactive')) {
      const ctl = yield* startCtl(invocation);
      return yield* interactive(ctl, yield* connect(ctl), fromEnvironment);
    }
    const raw = main.args.slice(main.args.indexOf('watch') + 1);
    const split = splitWords(raw, args, fromEnvironment);
    if (typeof split === 'string') return yield* fail(main, EXIT.badArguments, split);
    const ctl = yield* startCtl(invocation);
    const connection = yield* connect(ctl);
    const request = requestOf(values, split.watched);
    if (typeof request === 'string') return yield* fail(main, EXIT.badArguments, request);
    yield* printWatch(ctl, connection.watch(request), split.command);
    connection.close();
    return yield* fail(main, EXIT.interrupted, 'watch is canceled by the server');
  },
};

interface Split {
  readonly watched: readonly string[];
  /** What to run for each event; empty for nothing. */
  readonly command: readonly string[];
}

/** Parts keys from the command after `--`; a mistake's text where they do not fit. */
function splitWords(
  raw: readonly string[],
  args: readonly string[],
  fromEnvironment: readonly string[],
): Split | string {
  const at = raw.indexOf('--');
  if (at >= 0 && at === raw.length - 1) {
    return `${BAD_COUNT} (found separator --, but no commands)`;
  }
  const command = at < 0 ? [] : raw.slice(at + 1);
  const own = args.slice(0, args.length - command.length);
  if (own.length > 0 && fromEnvironment.length > 0) {
    return `${BAD_COUNT} (found conflicting environment key)`;
  }
  return { watched: [...fromEnvironment, ...own], command };
}

/** A watch request from flags and keys; a mistake's text where they contradict. */
function requestOf(values: FlagValues, words: readonly string[]): WatchRequest | string {
  const [first, second] = words;
  if (first === undefined) return BAD_COUNT;
  const prefix = values.is('prefix');
  if (words.length === 2 && prefix) return '`range_end` and `--prefix` are mutually exclusive';
  const key = keyOf(first);
  let rangeEnd = words.length === 2 ? keyOf(second ?? '') : '';
  if (prefix) rangeEnd = key === '' ? '\0' : prefixEnd(key);
  return {
    key: key === '' ? '\0' : key,
    rangeEnd,
    startRevision: values.number('rev'),
    prevKv: values.is('prev-kv'),
    progressNotify: values.is('progress-notify'),
    requireLeader: true,
  };
}

/** Prints what a watch tells until it ends. */
function* printWatch(ctl: Ctl, watch: Watch, command: readonly string[]): Routine<void> {
  for (;;) {
    const response = yield* watch.next();
    if (response === undefined) return;
    if (response.canceled) yield* complain(ctl, `watch was canceled (${reasonOf(response)})\n`);
    else if (response.events.length === 0) {
      yield* say(ctl, `progress notify: ${response.header.revision}\n`);
    }
    yield* printEvents(ctl, response);
    for (const event of command.length > 0 ? response.events : []) {
      yield* runFor(ctl, command, event, response.header.revision);
    }
  }
}

function reasonOf(response: WatchResponse): string {
  return response.cancelReason;
}

function* printEvents(ctl: Ctl, response: WatchResponse): Routine<void> {
  yield* show(ctl, {
    simple: () =>
      response.events
        .map(
          ({ type, kv, prevKv }) =>
            `${type}\n${prevKv ? pairText(ctl, prevKv) : ''}${pairText(ctl, kv)}`,
        )
        .join(''),
    fields: () =>
      headerFields(ctl, response.header) +
      response.events
        .map(
          ({ type, kv, prevKv }) =>
            `"Type" : ${type}\n${prevKv ? pairFields(ctl, prevKv, 'Prev') : ''}${pairFields(ctl, kv)}`,
        )
        .join(''),
    json: () => watchJson(response),
  });
}

/** A response as the client's own structure: unlike the others its fields are not protobuf's. */
function watchJson(response: WatchResponse): Json {
  const events = response.events.map((event) => messageToJson('Event', event, 'go'));
  return {
    Header: messageToJson('Header', response.header, 'go'),
    Events: events.length > 0 ? events : null,
    CompactRevision: response.compactRevision,
    Canceled: response.canceled,
    Created: false,
  };
}

/** Runs the command for an event; a command that fails ends etcdctl. */
function* runFor(
  ctl: Ctl,
  command: readonly string[],
  event: WatchEvent,
  revision: number,
): Routine<void> {
  const { process } = ctl.main;
  const environment = new Map(process.environment);
  environment.set('ETCD_WATCH_REVISION', String(revision));
  environment.set('ETCD_WATCH_EVENT_TYPE', goQuoted(event.type));
  environment.set('ETCD_WATCH_KEY', goQuoted(textOf(event.kv.key)));
  environment.set('ETCD_WATCH_VALUE', goQuoted(fromBytes(event.kv.value.bytes())));
  const failure = yield* runCommand(ctl, command, environment);
  if (failure === undefined) return;
  const list = command.map((word) => goQuoted(word)).join(' ');
  yield* complain(ctl, `command [${list}] error (${failure.text})\n`);
  process.exit(1);
}

/** Runs a command to its end; why it failed, in os/exec's words, with its status, where it did. */
export function* runCommand(
  ctl: Ctl,
  command: readonly string[],
  environment: ReadonlyMap<string, string>,
): Routine<{ text: string; status: number } | undefined> {
  const { process } = ctl.main;
  const [name = ''] = command;
  if (findProgram(process, name) === undefined) {
    const text = name.includes('/')
      ? `fork/exec ${name}: no such file or directory`
      : `exec: ${goQuoted(name)}: executable file not found in $PATH`;
    return { text, status: 1 };
  }
  const pid = spawn(process, command, { environment });
  if (isErrno(pid)) return { text: `fork/exec ${name}: ${pid.message.toLowerCase()}`, status: 1 };
  const ended = yield* waitFor(process, pid);
  if (ended.signal !== 0) return { text: `signal: ${ended.signal}`, status: -1 };
  return ended.code === 0 ? undefined : { text: `exit status ${ended.code}`, status: ended.code };
}

/** Reads `watch …` and `progress` from standard input; each watch prints on a thread of its own. */
function* interactive(
  ctl: Ctl,
  connection: Connection,
  fromEnvironment: readonly string[],
): ProgramRun {
  const watches: Watch[] = [];
  for (;;) {
    const line = yield* ctl.main.input.line();
    if (line === undefined) {
      return yield* fail(ctl.main, EXIT.badInput, 'error reading watch request line: EOF');
    }
    const text = line.replace(/\n$/, '');
    const [verb, ...words] = wordsOf(text);
    if (verb === 'progress') {
      for (const watch of watches) watch.requestProgress();
      yield* settle();
    } else if (verb === 'watch') {
      const started = yield* startInteractive(ctl, connection, text, words, fromEnvironment);
      if (started) watches.push(started);
    } else if (verb === undefined) {
      yield* complain(ctl, `Invalid command: ${text} (watch and progress supported)\n`);
    } else {
      yield* complain(ctl, `Invalid command ${text} (only support watch)\n`);
    }
  }
}

/** Gives the threads their turn. */
function* settle(): Routine<void> {
  yield { on: [], cpu: 0 };
}

function* startInteractive(
  ctl: Ctl,
  connection: Connection,
  text: string,
  words: readonly string[],
  fromEnvironment: readonly string[],
): Routine<Watch | undefined> {
  if (words.length === 0 && fromEnvironment.length === 0) {
    yield* complain(ctl, `Invalid command ${text} (command type or key is not provided)\n`);
    return undefined;
  }
  const parsed = parseFlags(watchCommand.flags ?? [], words);
  if ('mistake' in parsed) return yield* fail(ctl.main, EXIT.badArguments, parsed.mistake);
  const split = splitWords(words, parsed.args, fromEnvironment);
  if (typeof split === 'string') return yield* fail(ctl.main, EXIT.badArguments, split);
  const request = requestOf(parsed.values, split.watched);
  if (typeof request === 'string') {
    yield* complain(ctl, `Invalid command ${text} (${request})\n`);
    return undefined;
  }
  const watch = connection.watch(request);
  ctl.main.process.thread(function* () {
    yield* printWatch(ctl, watch, split.command);
    return 0;
  });
  return watch;
}
