// journalctl(1): the journal by unit, time, priority and identifier; short, cat, json and short-iso forms; -f follows. Boots
// before this one, fields and cursors are left out.

import { epochMilliseconds, MILLISECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import { parseDate } from '../../libc/getdate.ts';
import { isOptionError, type ParsedOptions, parseOptions } from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { type JournalEntry, readJournal } from '../../systemd/journal.ts';
import { unitName } from '../../systemd/load.ts';
import { timeSpan } from '../../systemd/unit-file.ts';
import { shortTime } from './times.ts';

const OPTIONS = [
  { key: 'unit', short: 'u', long: 'unit', argument: 'required' },
  { key: 'follow', short: 'f', long: 'follow' },
  { key: 'lines', short: 'n', long: 'lines', argument: 'required' },
  { key: 'since', short: 'S', long: 'since', argument: 'required' },
  { key: 'until', short: 'U', long: 'until', argument: 'required' },
  { key: 'output', short: 'o', long: 'output', argument: 'required' },
  { key: 'priority', short: 'p', long: 'priority', argument: 'required' },
  { key: 'identifier', short: 't', long: 'identifier', argument: 'required' },
  { key: 'grep', short: 'g', long: 'grep', argument: 'required' },
  { key: 'reverse', short: 'r', long: 'reverse' },
  { key: 'end', short: 'e', long: 'pager-end' },
  { key: 'catalog', short: 'x', long: 'catalog' },
  { key: 'dmesg', short: 'k', long: 'dmesg' },
  { key: 'boot', short: 'b', long: 'boot', argument: 'optional' },
  { key: 'nopager', long: 'no-pager' },
  { key: 'quiet', short: 'q', long: 'quiet' },
  { key: 'all', short: 'a', long: 'all' },
  { key: 'full', short: 'l', long: 'full' },
  { key: 'nohostname', long: 'no-hostname' },
  { key: 'utc', long: 'utc' },
] as const;

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const TURN = 250 * MILLISECOND;

/** What is asked of the journal. */
interface Query {
  readonly units: readonly string[];
  readonly since: number;
  readonly until: number;
  readonly priority: number;
  readonly identifiers: readonly string[];
  readonly pattern: RegExp | undefined;
}

function isMeant(query: Query, entry: JournalEntry): boolean {
  const { units, identifiers, pattern } = query;
  return (
    (units.length === 0 || units.includes(entry.unit)) &&
    (identifiers.length === 0 || identifiers.includes(entry.who)) &&
    entry.at >= query.since &&
    entry.at <= query.until &&
    entry.priority <= query.priority &&
    (pattern === undefined || pattern.test(entry.message))
  );
}

/** A point in time as systemd.time(7) reads it: `-5min`, `10 min ago`, `yesterday`, `2026-03-02 09:00`. */
function pointInTime(text: string, now: number): number | undefined {
  const here = epochMilliseconds(now);
  const relative = /^([-+])(.+)$/.exec(text) ?? /^()(.+?)\s+ago$/.exec(text);
  if (relative) {
    const words = (relative[2] ?? '').replace(
      /\b(\d+)\s*(minutes?|hours?|seconds?)\b/g,
      (_, n, u) => `${n}${String(u).charAt(0)}`,
    );
    const span = timeSpan(words);
    if (span === undefined) return undefined;
    return here + ((relative[1] === '+' ? 1 : -1) * span) / MILLISECOND;
  }
  if (text === 'now') return here;
  return parseDate(text === 'today' || text === 'yesterday' ? `${text} 00:00` : text, here);
}

function priorityOf(text: string): number {
  const last = text.includes('..') ? text.slice(text.indexOf('..') + 2) : text;
  return /^\d$/.test(last) ? Number(last) : LEVELS.indexOf(last);
}

function* queryOf(main: Main, options: ParsedOptions): Routine<Query | undefined> {
  const point = (key: string, usual: number): number | undefined => {
    const text = options.value(key);
    return text === undefined ? usual : pointInTime(text, main.process.now);
  };
  const since = point('since', Number.NEGATIVE_INFINITY);
  const until = point('until', Number.POSITIVE_INFINITY);
  const level = options.value('priority');
  const priority = level === undefined ? 7 : priorityOf(level);
  if (since === undefined || until === undefined) {
    const text = options.value(since === undefined ? 'since' : 'until') ?? '';
    main.err.put(`Failed to parse timestamp: ${text}\n`);
    return undefined;
  }
  if (priority < 0) {
    main.err.put(`Unknown log level ${level ?? ''}\n`);
    return undefined;
  }
  const grep = options.value('grep');
  return {
    units: options.values('unit').map(unitName),
    since,
    until,
    priority,
    identifiers: options.values('identifier'),
    pattern: grep === undefined ? undefined : new RegExp(grep, /[A-Z]/.test(grep) ? '' : 'i'),
  };
}

/** An entry in a form of -o; undefined where the form is not known here. */
function format(form: string, entry: JournalEntry, host: string): string | undefined {
  const { at, who, pid, message } = entry;
  const from = host === '' ? '' : `${host} `;
  switch (form) {
    case 'short':
      return `${shortTime(at)} ${from}${who}[${pid}]: ${message}`;
    case 'short-iso':
      return `${new Date(at).toISOString().slice(0, 19)}+0000 ${from}${who}[${pid}]: ${message}`;
    case 'cat':
      return message;
    case 'json':
      return JSON.stringify({
        __REALTIME_TIMESTAMP: String(Math.floor(at * 1000)),
        PRIORITY: String(entry.priority),
        SYSLOG_IDENTIFIER: who,
        _PID: String(pid),
        _HOSTNAME: host,
        [who === 'systemd' ? 'UNIT' : '_SYSTEMD_UNIT']: entry.unit,
        MESSAGE: message,
      });
    default:
      return undefined;
  }
}

function* show(main: Main, options: ParsedOptions): Routine<number> {
  const query = yield* queryOf(main, options);
  if (!query) return 1;
  const form = options.value('output') ?? 'short';
  const host = options.has('nohostname') && form !== 'json' ? '' : main.process.hostname;
  const print = (entry: JournalEntry): void => main.out.put(`${format(form, entry, host) ?? ''}\n`);
  if (
    format(form, { at: 0, who: '', pid: 0, unit: '', priority: 6, message: '' }, '') === undefined
  )
    return yield* notSimulated(main, `journalctl -o ${form}`);
  const all = yield* readJournal(main.process);
  const found = all.filter((entry) => isMeant(query, entry));
  const usual = options.has('follow') ? '10' : options.has('end') ? '1000' : 'all';
  const lines = options.value('lines') ?? usual;
  const wanted = lines === 'all' ? found : found.slice(Math.max(0, found.length - Number(lines)));
  const shown = options.has('reverse') ? [...wanted].reverse() : wanted;
  if (shown.length === 0 && !options.has('quiet') && !options.has('follow'))
    main.out.put('-- No entries --\n');
  for (const entry of shown) print(entry);
  if (!options.has('follow')) return 0;
  for (let seen = all.length; ; ) {
    yield* main.out.flush();
    yield* sleepUntil(main.process.now + TURN);
    const now = yield* readJournal(main.process);
    for (const entry of now.slice(seen)) if (isMeant(query, entry)) print(entry);
    seen = now.length;
  }
}

/** `-n` may stand without a number, and `-u` words may be joined: getopt's optional argument of journalctl. */
function withLines(args: readonly string[]): string[] {
  return args.flatMap((word, i) => {
    const number = /^(\d+|all)$/.test(args[i + 1] ?? '');
    return /^-[a-mo-tv-z]*n$/.test(word) && !number ? [word, '10'] : [word];
  });
}

export const journalctl = program('journalctl', function* (main) {
  const options = parseOptions(withLines(main.args), OPTIONS);
  if (isOptionError(options)) {
    yield* main.fail(options.error);
    return 1;
  }
  if (options.has('dmesg')) return yield* notSimulated(main, 'journalctl -k');
  const [operand] = options.operands;
  if (operand !== undefined) {
    if (/^[A-Z_]+=/.test(operand)) return yield* notSimulated(main, `journalctl ${operand}`);
    main.err.put(`Failed to add match '${operand}': Invalid argument\n`);
    return 1;
  }
  return yield* show(main, options);
});
