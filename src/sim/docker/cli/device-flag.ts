// Checks of --device-read-bps, --device-write-iops and their like (opts.ThrottledeviceOpt, opts.WeightdeviceOpt).

import { memoryBytes } from '../units.ts';

/** What pflag refuses in the flags on block devices; undefined where it is well. */
export function wrongDevice(name: string, text: string): string | undefined {
  const [, path = '', value = ''] = /^([^:]*):(.*)$/.exec(text) ?? [];
  if (path === '') return `bad format: ${text}`;
  if (!path.startsWith('/dev/')) return `bad format for device path: ${text}`;
  if (name === 'blkio-weight-device') {
    const weight = Number(value);
    const fits = /^\d+$/.test(value) && (weight === 0 || (weight >= 10 && weight <= 1000));
    return fits ? undefined : `invalid weight for device: ${text}`;
  }
  if (name.endsWith('iops'))
    return /^\d+$/.test(value)
      ? undefined
      : `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`;
  return memoryBytes(value) === undefined
    ? `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`
    : undefined;
}
