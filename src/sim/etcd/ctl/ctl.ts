// What etcdctl's commands work with: the connection that the global flags describe, how answers are printed, and
// how a command ends early.

import { binaryString } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { fromBytes, toBytes } from '../../userland/shell/bytes.ts';
import type { Invocation } from '../cobra/command.ts';
import type { FlagValues } from '../cobra/flags.ts';
import { EtcdError } from '../error.ts';
import { type Connection, type DialOptions, dial } from '../remote/connection.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import { dialOptions } from './options.ts';

/** etcdctl's exit statuses. */
export const EXIT = {
  error: 1,
  badConnection: 2,
  badInput: 3,
  badFeature: 4,
  interrupted: 5,
  badArguments: 128,
} as const;

export type Format = 'simple' | 'fields' | 'json' | 'protobuf' | 'table';

/** One run of etcdctl. */
export interface Ctl {
  readonly main: Main;
  readonly values: FlagValues;
  readonly args: readonly string[];
  readonly format: Format;
  readonly hex: boolean;
  readonly options: DialOptions;
  /** Nanoseconds that a short command may take. */
  readonly timeout: number;
}

/** The ways that --write-out knows. */
const FORMATS: readonly Format[] = ['simple', 'fields', 'json', 'protobuf', 'table'];

/** Reads the global flags; ends the command where they are no good. */
export function* startCtl(invocation: Invocation): Routine<Ctl> {
  const { main, values, args } = invocation;
  const options = yield* dialOptions(invocation);
  const format = values.text('write-out') as Format;
  if (!FORMATS.includes(format)) {
    return yield* fail(main, EXIT.badFeature, 'unsupported output format');
  }
  const hex = values.is('hex');
  return { main, values, args, format, hex, options, timeout: values.duration('command-timeout') };
}

/** Prints `Error: text` and ends the process. */
export function* fail(main: Main, status: number, text: string): Routine<never> {
  yield* main.out.flush();
  main.err.put(toBytes(`Error: ${text}\n`));
  yield* main.err.flush();
  return main.process.exit(status);
}

/** Connects as the global flags say. */
export function* connect(ctl: Ctl, endpoints = ctl.options.endpoints): Routine<Connection> {
  const options = { ...ctl.options, endpoints };
  const connection = yield* dial(ctl.main, options, ctl.main.process.now + ctl.timeout);
  if (connection instanceof EtcdError) {
    return yield* fail(ctl.main, EXIT.badConnection, connection.message);
  }
  return connection;
}

/** Connects, asks one thing within the command's time, and ends the command with status 1 where it is refused. */
export function* ask<M extends RpcName>(
  ctl: Ctl,
  method: M,
  request: RpcRequest<M>,
): Routine<RpcResponse<M>> {
  const connection = yield* connect(ctl);
  const deadline = ctl.main.process.now + ctl.timeout;
  const answer = yield* connection.call(method, request, deadline);
  connection.close();
  if (answer instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, answer.message);
  return answer;
}

/** An argument as a key: the bytes that were typed. */
export function keyOf(argument: string): string {
  return binaryString(toBytes(argument));
}

/** A key as text to print. */
export function textOf(key: string): string {
  return fromBytes(Uint8Array.from(key, (char) => char.charCodeAt(0)));
}

/** A 64-bit number in hexadecimal as strconv.ParseInt or ParseUint reads it; the mistake's text otherwise. */
export function parseHex(text: string, parser: 'ParseInt' | 'ParseUint'): bigint | string {
  const quoted = JSON.stringify(text);
  const form = parser === 'ParseInt' ? /^[-+]?[0-9a-fA-F]+$/ : /^[0-9a-fA-F]+$/;
  if (!form.test(text)) return `strconv.${parser}: parsing ${quoted}: invalid syntax`;
  const digits = text.replace(/^[-+]/, '');
  const value = BigInt(`0x${digits}`);
  const limit = parser === 'ParseInt' ? 0x7fffffffffffffffn : 0xffffffffffffffffn;
  if (value > limit) return `strconv.${parser}: parsing ${quoted}: value out of range`;
  return text.startsWith('-') ? -value : value;
}
