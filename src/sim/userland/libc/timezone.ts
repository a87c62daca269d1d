// Local time (tzset(3)): the zone of the variable TZ, otherwise that of /etc/localtime. Where no zone files are
// installed, or the name is none, it is UTC.

import { type Zone, zoneNamed, zoneRule } from '../../core/zones.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';

/** Where the zone files are. */
export const ZONE_FILES = '/usr/share/zoneinfo';

const UTC: Zone = { standard: { offset: 0, abbreviation: 'UTC' } };

/** A zone whose name is shown although nothing is known of it: what glibc makes of a wrong TZ. */
function unknown(name: string): Zone {
  const abbreviation = /^[A-Za-z]{3,}/.exec(name)?.[0] ?? 'UTC';
  return { standard: { offset: 0, abbreviation } };
}

/** The zone of a process; a shell's own TZ goes before that of the environment it was given. */
export function localZone(process: Process, given = process.environment.get('TZ')): Zone {
  const installed = process.exists(ZONE_FILES);
  const named = (name: string): Zone | undefined => (installed ? zoneNamed(name) : undefined);
  if (given === undefined) {
    const link = process.readlink('/etc/localtime');
    const name = isErrno(link) ? '' : link.replace(/^.*\/zoneinfo\//, '');
    return named(name) ?? UTC;
  }
  const name = given.replace(/^:/, '').replace(`${ZONE_FILES}/`, '');
  if (name === '') return UTC;
  return named(name) ?? zoneRule(name) ?? unknown(name);
}
