// The filters of prune: labels that are asked for or not wanted, and an age.

import { epochSeconds } from '../../../core/time.ts';
import type { Strings } from '../types.ts';
import { parseDuration } from '../../units.ts';
import { ApiError } from '../model.ts';
import { type Context, filtersOf } from './answer.ts';
import { hasLabel } from './container-view.ts';

export interface PruneFilters {
  /** True for what may be removed: by its labels, and when it was made (virtual nanoseconds). */
  pass(labels: Strings | null | undefined, created: number): boolean;
}

/** A moment as `until` takes it: a duration before now, seconds since 1970, or a date; NaN where it is none. */
function momentOf(text: string, now: number): number {
  const ago = parseDuration(text);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (ago !== undefined) return epochSeconds(now) - ago / 1_000_000_000;
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) / 1000 : Number.NaN;
}

/** filters.GetBoolOrDefault: what is wrong with a filter that is true or false. */
export function wrongTruth(
  filters: ReadonlyMap<string, readonly string[]>,
  name: string,
): string | undefined {
  const values = filters.get(name) ?? [];
  return values.every((value) => /^(0|1|true|false)$/.test(value))
    ? undefined
    : `invalid filter '${name}=[${values.join(' ')}]'`;
}

/** The filters of a request, of which only some are known; a wrong age is refused after `refusal`. */
export function pruneFilters(
  context: Context,
  known: readonly string[],
  refusal = '',
): PruneFilters | ApiError {
  const filters = filtersOf(context);
  const unknown = [...filters.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) return new ApiError(400, `invalid filter '${unknown}'`);
  const [until, second] = filters.get('until') ?? [];
  if (second !== undefined) return new ApiError(400, 'more than one until filter specified');
  const limit = until === undefined ? undefined : momentOf(until, context.daemon.now);
  if (Number.isNaN(limit))
    return new ApiError(
      400,
      `${refusal}failed to parse value as time or duration: invalid seconds ${JSON.stringify(until)}: invalid syntax`,
    );
  const wanted = filters.get('label') ?? [];
  const refused = filters.get('label!') ?? [];
  return {
    pass(labels, created) {
      const own = labels ?? {};
      return (
        (limit === undefined || epochSeconds(created) <= limit) &&
        wanted.every((label) => hasLabel(own, label)) &&
        !refused.some((label) => hasLabel(own, label))
      );
    },
  };
}
