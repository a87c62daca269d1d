// Volumes as rows of `docker volume ls` and of `docker system df -v` (formatter/volume.go).

import { goMap } from '../../userland/template/values.ts';
import { humanSize } from '../units.ts';
import { type ListView, withLabel } from './output.ts';

/** `key=value,…` */
export const labelsText = (labels: Readonly<Record<string, string>> | null): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');

/** How volumes are listed. */
export const VOLUMES: ListView = {
  type: '*formatter.volumeContext',
  headers: goMap({
    Name: 'VOLUME NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    Mountpoint: 'MOUNTPOINT',
    Labels: 'LABELS',
    Links: 'LINKS',
    Size: 'SIZE',
    Availability: 'AVAILABILITY',
    Group: 'GROUP',
    Status: 'STATUS',
  }),
  columns: ['Driver', 'Name'],
  quiet: 'Name',
};

/** volume.Volume */
export interface VolumeSummary {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly Scope: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly UsageData?: { readonly RefCount: number; readonly Size: number };
}

/** A volume as a row. */
export function volumeRow(volume: VolumeSummary): Record<string, unknown> {
  const { UsageData } = volume;
  const row = {
    Availability: 'N/A',
    Driver: volume.Driver,
    Group: 'N/A',
    Labels: labelsText(volume.Labels),
    Links: UsageData ? String(UsageData.RefCount) : 'N/A',
    Mountpoint: volume.Mountpoint,
    Name: volume.Name,
    Scope: volume.Scope,
    Size: UsageData ? humanSize(UsageData.Size) : 'N/A',
    Status: 'N/A',
  };
  return withLabel(row, volume.Labels);
}
