// date and sync.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { CAP_SYS_TIME } from '../../../kernel/task/credentials.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { parseDate } from '../../libc/getdate.ts';
import { quoteAlways, quoteName, quoteValue } from '../../libc/quote.ts';
import { type Zone, zoneTime } from '../../../core/zones.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { localZone } from '../../libc/timezone.ts';
import { type Command, extraOperand, gnu } from './gnu.ts';

const ISO: Readonly<Record<string, string>> = {
  '': '%Y-%m-%d',
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
};

export const date = gnu(
  {
    name: 'date',
    usage: ['[OPTION]... [+FORMAT]', '[-u|--utc|--universal] [MMDDhhmm[[CC]YY][.ss]]'],
    options: [
      { key: 'date', short: 'd', long: 'date', argument: 'required' },
      { key: 'file', short: 'f', long: 'file', argument: 'required' },
      { key: 'iso', short: 'I', long: 'iso-8601', argument: 'optional' },
      { key: 'email', short: 'R', long: 'rfc-email rfc-2822' },
      { key: 'rfc', long: 'rfc-3339', argument: 'required' },
      { key: 'reference', short: 'r', long: 'reference', argument: 'required' },
      { key: 'set', short: 's', long: 'set', argument: 'required' },
      { key: 'utc', short: 'u', long: 'utc universal' },
      { key: 'resolution', long: 'resolution' },
    ],
    missing: [{ key: 'debug', long: 'debug' }],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    const [format, extra] = operands;
    if (extra !== undefined) return yield* extraOperand(command, extra);
    if (format !== undefined && !format.startsWith('+')) {
      yield* command.fail(`invalid date ${quoteValue(format)}`);
      return 1;
    }
    const zone = options.has('utc') ? undefined : localZone(process);
    let at = epochMilliseconds(process.now);
    const given = options.value('date');
    const reference = options.value('reference');
    if (reference !== undefined) {
      const stat = process.stat(reference);
      if (isErrno(stat)) {
        yield* command.fail(`${quoteName(reference)}: ${stat.message}`);
        return 1;
      }
      at = epochMilliseconds(stat.mtime);
    } else if (given !== undefined) {
      const parsed = localDate(given, at, zone);
      if (parsed === undefined) {
        yield* command.fail(`invalid date ${quoteValue(given)}`);
        return 1;
      }
      at = parsed;
    }
    const set = options.value('set');
    const wanted = set === undefined ? at : localDate(set, at, zone);
    if (wanted === undefined) {
      yield* command.fail(`invalid date ${quoteValue(set ?? '')}`);
      return 1;
    }
    const pattern = yield* dateFormat(command, format);
    if (pattern === undefined) return 1;
    if (set !== undefined) {
      if (maySetClock(command)) return yield* notSimulated(command, 'date --set');
      yield* command.fail('cannot set date: Operation not permitted');
    }
    const clock = zone && zoneTime(zone, wanted);
    yield* out.print(`${strftime(pattern, momentOf(wanted), clock)}\n`);
    return set === undefined ? 0 : 1;
  },
);

/** A date as people write it, read by the clock of a zone; a zone in the text goes before it. */
function localDate(text: string, now: number, zone: Zone | undefined): number | undefined {
  const ahead = zone ? zoneTime(zone, now).offset * 1000 : 0;
  if (ahead === 0 && !zone?.summer) return parseDate(text, now);
  const local = parseDate(text, now + ahead);
  if (local === undefined || !zone) return undefined;
  // With a zone or a count of seconds of its own, a text means the same moment whatever clock it is read by.
  if (
    /^@|(?:^|[\d\s])(?:z|utc|gmt|[a-z]{1,3}[sd]t|cet|cest|eet|eest|wet|west)\b|[-+]\d{2}:?\d{2}$/i.test(
      text.trim(),
    )
  )
    return parseDate(text, now);
  return local - zoneTime(zone, local - ahead).offset * 1000;
}

/** The clock belongs to the first user namespace. */
function maySetClock({ process }: Command): boolean {
  const { credentials, kernel } = process.task;
  return credentials.user === kernel.firstUser && (credentials.effective & CAP_SYS_TIME) !== 0n;
}

function* dateFormat(command: Command, format: string | undefined): Routine<string | undefined> {
  const { options } = command;
  if (format !== undefined) return format.slice(1);
  const iso = options.value('iso');
  if (iso !== undefined) {
    const found =
      ISO[iso] ?? Object.entries(ISO).find(([word]) => word !== '' && word.startsWith(iso))?.[1];
    if (!found) {
      yield* command.fail(`invalid argument ${quoteValue(iso)} for ${quoteValue('--iso-8601')}`);
      const words = ['hours', 'minutes', 'date', 'seconds', 'ns'].map(
        (word) => `  - ${quoteValue(word)}\n`,
      );
      command.err.put(`Valid arguments are:\n${words.join('')}`);
      yield* command.usage();
    }
    return found;
  }
  if (options.has('email')) return '%a, %d %b %Y %H:%M:%S %z';
  const rfc = options.value('rfc');
  if (rfc !== undefined)
    return rfc === 'date'
      ? '%Y-%m-%d'
      : rfc === 'ns'
        ? '%Y-%m-%d %H:%M:%S.%N%:z'
        : '%Y-%m-%d %H:%M:%S%:z';
  return '%a %b %e %H:%M:%S %Z %Y';
}

/** sync: everything is on the disk already; a file that cannot be opened is said. */
export const sync = gnu(
  {
    name: 'sync',
    usage: ['[OPTION] [FILE]...'],
    options: [
      { key: 'd', short: 'd', long: 'data' },
      { key: 'f', short: 'f', long: 'file-system' },
    ],
  },
  function* (command) {
    let status = 0;
    for (const path of command.operands) {
      const fd = command.process.open(path);
      if (!isErrno(fd)) command.process.close(fd);
      else {
        yield* command.fail(`error opening ${quoteAlways(path)}: ${fd.message}`);
        status = 1;
      }
    }
    return status;
  },
);
