// How etcdctl prints an answer: for people (simple), as fields, as JSON, as a table; by --write-out.

import type { Routine } from '../../core/wait.ts';
import { fromBytes, toBytes } from '../../userland/shell/bytes.ts';
import type { Header, KeyValue } from '../api.ts';
import { goQuoted } from '../cobra/flags.ts';
import { type Json, jsonText, messageToJson } from '../wire/json.ts';
import { type Ctl, EXIT, fail, textOf } from './ctl.ts';

/** One answer in every form that it has. A form that is missing is not supported, as with the real one. */
export interface Shown {
  readonly simple: () => string;
  readonly fields?: () => string;
  readonly json: () => Json;
  readonly table?: () => string;
  /** It is the server's own message, which could be printed as protobuf. */
  readonly isMessage?: boolean;
}

/** Prints an answer in the form asked for. */
export function* show(ctl: Ctl, shown: Shown): Routine<void> {
  yield* say(ctl, yield* formatted(ctl, shown));
}

/** Prints at once, as a Go program does. */
export function* say(ctl: Pick<Ctl, 'main'>, text: string): Routine<void> {
  ctl.main.out.put(toBytes(text));
  yield* ctl.main.out.flush();
}

/** Prints on standard error. */
export function* complain(ctl: Pick<Ctl, 'main'>, text: string): Routine<void> {
  ctl.main.err.put(toBytes(text));
  yield* ctl.main.err.flush();
}

function* formatted(ctl: Ctl, shown: Shown): Routine<string> {
  switch (ctl.format) {
    case 'simple':
      return shown.simple();
    case 'json':
      return `${jsonText(shown.json())}\n`;
    case 'fields':
      return shown.fields?.() ?? (yield* unsupported(ctl));
    case 'table':
      return shown.table?.() ?? (yield* unsupported(ctl));
    case 'protobuf':
      if (!shown.isMessage) return yield* unsupported(ctl);
      ctl.main.err.put('drydock: etcdctl --write-out=protobuf is not simulated\n');
      yield* ctl.main.err.flush();
      return ctl.main.process.exit(125);
  }
}

function* unsupported(ctl: Ctl): Routine<never> {
  return yield* fail(ctl.main, EXIT.badFeature, `${ctl.format} not supported as output format`);
}

/** An answer whose JSON is its message's, and whose fields are its header's where nothing else is said. */
export function shownMessage(
  ctl: Ctl,
  type: string,
  message: { readonly header: Header },
  simple: () => string,
  fields: (() => string) | null = () => headerFields(ctl, message.header),
): Shown {
  const json = (): Json => messageToJson(type, message, 'go');
  const shown = { simple, json, isMessage: true };
  return fields === null ? shown : { ...shown, fields };
}

/** A key and its value on a line each. */
export function pairText(ctl: Ctl, kv: KeyValue, valueOnly = false): string {
  const value = kv.value.bytes();
  const key = ctl.hex ? hexText(keyBytes(kv.key)) : textOf(kv.key);
  const shown = ctl.hex ? hexText(value) : fromBytes(value);
  return valueOnly ? `${shown}\n` : `${key}\n${shown}\n`;
}

const keyBytes = (key: string): Uint8Array => Uint8Array.from(key, (char) => char.charCodeAt(0));

function hexText(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += `\\x${byte.toString(16).padStart(2, '0')}`;
  return out;
}

/** A header as fields; the revision only where there is one. */
export function headerFields(ctl: Ctl, header: Header): string {
  const id = (value: bigint): string => (ctl.hex ? value.toString(16) : value.toString());
  const revision = header.revision > 0 ? `"Revision" : ${header.revision}\n` : '';
  return `"ClusterID" : ${id(header.clusterId)}\n"MemberID" : ${id(header.memberId)}\n${revision}"RaftTerm" : ${header.raftTerm}\n`;
}

/** A pair as fields, each name with a prefix. */
export function pairFields(ctl: Ctl, kv: KeyValue, prefix = ''): string {
  const lease = ctl.hex ? hexLease(kv.lease) : kv.lease.toString();
  const rows: [string, string | number][] = [
    ['Key', goQuoted(textOf(kv.key))],
    ['CreateRevision', kv.createRevision],
    ['ModRevision', kv.modRevision],
    ['Version', kv.version],
    ['Value', goQuoted(fromBytes(kv.value.bytes()))],
    ['Lease', lease],
  ];
  return rows.map(([name, value]) => `"${prefix}${name}" : ${value}\n`).join('');
}

/** A lease's id as it is always printed: sixteen digits. */
export function hexLease(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** A table as olekukonko/tablewriter draws it: headings in capitals and centred, cells to the right. */
export function drawTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const titles = headings.map((one) => one.toUpperCase().replaceAll('_', ' '));
  const widths = titles.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const centred = (text: string, width: number): string => {
    const left = Math.floor((width - text.length) / 2);
    return ' '.repeat(left) + text.padEnd(width - left);
  };
  const heading = line(titles.map((title, i) => centred(title, widths[i] ?? 0)));
  const body = rows.map((row) => line(row.map((cell, i) => cell.padStart(widths[i] ?? 0))));
  return rule + heading + rule + body.join('') + (rows.length > 0 ? rule : '');
}
