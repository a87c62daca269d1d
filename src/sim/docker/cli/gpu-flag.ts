// --gpus (opts.GpuOpts): a request for devices of a driver, which no lab has.

import type { DeviceRequest } from '../daemon/types.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';
import { csvFields } from './mount-flag.ts';

/** --gpus all, 2, device=0, driver=…,capabilities=… */
export function gpuRequest(text: string): DeviceRequest | FlagError {
  const count = (value: string): number | FlagError => {
    if (value === 'all') return -1;
    if (/^[+-]?\d+$/.test(value)) return Number(value);
    return wrongFlag(
      `invalid count (${value}): value must be either "all" or an integer: invalid syntax`,
    );
  };
  let Count: number | undefined;
  const fields: Record<string, string> = {};
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const key = equals < 0 ? 'count' : field.slice(0, equals);
    const value = field.slice(equals + 1);
    if (key in fields) return wrongFlag(`gpu request key '${key}' can be specified only once`);
    if (!['driver', 'count', 'device', 'capabilities', 'options'].includes(key))
      return wrongFlag(`unexpected key '${key}' in '${field}'`);
    fields[key] = value;
    if (key !== 'count') continue;
    const counted = count(value);
    if (isFlagError(counted)) return counted;
    Count = counted;
  }
  return {
    Driver: fields.driver ?? '',
    Count: Count ?? (fields.device === undefined ? 1 : 0),
    DeviceIDs: fields.device?.split(',') ?? null,
    Capabilities: [[...(fields.capabilities?.split(',') ?? []), 'gpu']],
    Options:
      fields.options === undefined
        ? {}
        : Object.fromEntries(
            csvFields(fields.options).map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
          ),
  };
}
