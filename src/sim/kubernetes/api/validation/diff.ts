// The diff inside the errors of immutable specs: both specs as indented JSON of the server's internal structures,
// compared line by line, as a unified diff with three lines of context.

import { isObject } from '../fields/decode.ts';
import { type FieldType, type StructType, structType } from '../fields/tables.ts';
import { sortedMap } from './errors.ts';

const CONTEXT = 3;

/** Lines of a unified diff between two values of a type, as the internal form prints them. */
export function internalDiff(old: object, now: object, typeName: string): string {
  const type = structType(typeName);
  const before = JSON.stringify(internalForm(old, type), undefined, 1).split('\n');
  const after = JSON.stringify(internalForm(now, type), undefined, 1).split('\n');
  return unifiedDiff(before, after);
}

/** A value of a type as the server's internal structures print it, with their own field names. */
export function internalValueOf(value: object, typeName: string): object {
  return internalForm(value, structType(typeName));
}

/** `imagePullPolicy` → `ImagePullPolicy`; acronyms are written in full capitals. */
function goName(name: string): string {
  const special = GO_NAMES[name];
  return special ?? name.charAt(0).toUpperCase() + name.slice(1);
}

const GO_NAMES: Readonly<Record<string, string>> = {
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  tty: 'TTY',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  tcpSocket: 'TCPSocket',
  httpGet: 'HTTPGet',
  grpc: 'GRPC',
  podIP: 'PodIP',
  uid: 'UID',
  os: 'OS',
};

/** Fields that the internal structure does not have. */
const OUTER_ONLY: ReadonlySet<string> = new Set(['serviceAccount']);

function internalForm(value: object, type: StructType): object {
  const made: Record<string, unknown> = {};
  const given = value as Readonly<Record<string, unknown>>;
  for (const field of type.fields) {
    // Metadata is embedded, and keeps the names that it has outside.
    if (field.name === 'metadata') {
      for (const [name, part] of Object.entries(given.metadata ?? {}))
        made[name] = isStringMap(part) ? sortedMap(part) : part;
      continue;
    }
    if (OUTER_ONLY.has(field.name)) continue;
    if (HOST_FIELDS.has(field.name) && type.name === 'core/v1.PodSpec') continue;
    made[goName(field.name)] = internalValue(given[field.name], field.type, field.pointer);
  }
  if (type.name !== 'core/v1.PodSpec') return inOrder(made, type.name);
  const context = isObject(made.SecurityContext) ? made.SecurityContext : {};
  const host = Object.fromEntries(
    [...HOST_FIELDS].map((name) => [
      goName(name),
      given[name] ?? (name in HOST_ZERO ? null : false),
    ]),
  );
  return inOrder({ ...made, SecurityContext: { ...host, ...context } }, type.name);
}

function isStringMap(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((part) => typeof part === 'string');
}

/** Fields that live in the security context inside. */
const HOST_FIELDS: ReadonlySet<string> = new Set([
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'shareProcessNamespace',
  'hostUsers',
]);
/** Those of them that can be unset. */
const HOST_ZERO: Readonly<Record<string, null>> = {
  shareProcessNamespace: null,
  hostUsers: null,
};

/** Fields that stand elsewhere inside: each after the other. */
const MOVED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'core/v1.PodSpec': [
    ['SetHostnameAsFQDN', 'Subdomain'],
    ['PreemptionPolicy', 'Priority'],
    ['EnableServiceLinks', 'Overhead'],
  ],
  'core/v1.PodSecurityContext': [['FSGroupChangePolicy', 'FSGroup']],
};

function inOrder(made: Record<string, unknown>, typeName: string): Record<string, unknown> {
  let names = Object.keys(made);
  for (const [name, before] of MOVED[typeName] ?? []) {
    names = names.filter((one) => one !== name);
    names.splice(names.indexOf(before) + 1, 0, name);
  }
  return Object.fromEntries(names.map((name) => [name, made[name]]));
}

function internalValue(value: unknown, type: FieldType, pointer: boolean): unknown {
  if (value === undefined || value === null) return zeroOf(type, pointer);
  if (type.kind === 'list' && Array.isArray(value)) {
    return value.map((item) => internalValue(item, type.of, false));
  }
  if (type.kind === 'struct' && isObject(value)) return internalForm(value, type.struct);
  if (type.kind === 'map' && isObject(value)) return sortedMap(value);
  return value;
}

function zeroOf(type: FieldType, pointer: boolean): unknown {
  if (pointer || type.kind === 'list' || type.kind === 'map') return null;
  if (type.kind === 'struct') return internalForm({}, type.struct);
  const zeros: Readonly<Record<string, unknown>> = { s: '', b: false, i: 0, l: 0, n: 0, x: 0 };
  return zeros[type.scalar] ?? null;
}

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  readonly old: number;
  readonly now: number;
}

/** A unified diff without file names; every hunk begins with its line numbers. */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const lines = diffLines(before, after);
  const changed = lines.flatMap((line, i) => (line.mark === ' ' ? [] : [i]));
  let out = '';
  let from = 0;
  while (from < changed.length) {
    let to = from;
    while (
      to + 1 < changed.length &&
      (changed[to + 1] as number) - (changed[to] as number) <= 2 * CONTEXT
    ) {
      to++;
    }
    const start = Math.max(0, (changed[from] as number) - CONTEXT);
    const end = Math.min(lines.length, (changed[to] as number) + CONTEXT + 1);
    const hunk = lines.slice(start, end);
    const oldCount = hunk.filter(({ mark }) => mark !== '+').length;
    const newCount = hunk.filter(({ mark }) => mark !== '-').length;
    const first = hunk[0] as Line;
    out += `@@ -${first.old},${oldCount} +${first.now},${newCount} @@\n`;
    for (const { mark, text } of hunk) out += `${mark}${text}\n`;
    from = to + 1;
  }
  return out;
}

/** The longest common run at both ends kept, the middle compared by a table of common subsequences. */
function diffLines(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const lines: Line[] = [];
  const add = (mark: Line['mark'], text: string, old: number, now: number): void => {
    lines.push({ mark, text, old: old + 1, now: now + 1 });
  };
  for (let i = 0; i < head; i++) add(' ', before[i] ?? '', i, i);
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const common = commonTable(a, b);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add(' ', a[i] ?? '', head + i++, head + j++);
    } else if (
      j >= b.length ||
      (i < a.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      add('-', a[i] ?? '', head + i++, head + j);
    } else {
      add('+', b[j] ?? '', head + i, head + j++);
    }
  }
  for (let k = 0; k < tail; k++) {
    const at = before.length - tail + k;
    add(' ', before[at] ?? '', at, after.length - tail + k);
  }
  return lines;
}

function commonTable(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i] as number[];
      row[j] =
        a[i] === b[j]
          ? (table[i + 1]?.[j + 1] ?? 0) + 1
          : Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
