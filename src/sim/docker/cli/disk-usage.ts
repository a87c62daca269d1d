// docker system df: a line for each kind of thing, or with -v a table of each (formatter/disk_usage.go).

import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { compileTemplate, TemplateError } from '../../userland/template/execute.ts';
import { goJson, goMap } from '../../userland/template/values.ts';
import type { CacheView } from '../builder/cache.ts';
import { humanDuration } from '../../containers/units.ts';
import { humanSize, humanSize3 } from '../units.ts';
import { Api, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { CONTAINERS, containerRow, type Summary } from './containers.ts';
import { firstNameRow, IMAGES, type ImageSummary } from './image-rows.ts';
import { fail, type ListView, printList, renderList } from './output.ts';
import { VOLUMES, type VolumeSummary, volumeRow } from './volume-rows.ts';

const USAGE: ListView = {
  type: '*formatter.diskUsageImagesContext',
  headers: goMap({
    Type: 'TYPE',
    TotalCount: 'TOTAL',
    Active: 'ACTIVE',
    Size: 'SIZE',
    Reclaimable: 'RECLAIMABLE',
  }),
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
};

const CACHE: ListView = {
  type: '*formatter.buildCacheContext',
  headers: goMap({
    ID: 'CACHE ID',
    Parent: 'PARENT',
    CacheType: 'CACHE TYPE',
    Size: 'SIZE',
    CreatedSince: 'CREATED',
    LastUsedSince: 'LAST USED',
    UsageCount: 'USAGE',
    InUse: 'IN USE',
    Shared: 'SHARED',
    Description: 'DESCRIPTION',
  }),
  columns: ['ID', 'CacheType', 'Size', 'CreatedSince', 'LastUsedSince', 'UsageCount', 'Shared'],
};

interface Usage {
  readonly LayersSize: number;
  readonly Images: readonly (ImageSummary & { readonly SharedSize: number })[];
  readonly Containers: readonly Summary[];
  readonly Volumes: readonly (VolumeSummary & {
    readonly UsageData: { readonly RefCount: number; readonly Size: number };
  })[];
  readonly BuildCache: readonly CacheView[];
}

interface Part {
  readonly size: number;
  readonly active: boolean;
}

function sum(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((total, { size }) => total + size, 0);
}

function usageRow(
  type: string,
  parts: readonly Part[],
  total: number,
  free: number,
  percent = true,
): Record<string, unknown> {
  const share = total > 0 && percent ? ` (${Math.floor((free * 100) / total)}%)` : '';
  return {
    Active: String(parts.filter(({ active }) => active).length),
    Reclaimable: `${humanSize(free)}${share}`,
    Size: humanSize(total),
    TotalCount: String(parts.length),
    Type: type,
  };
}

function rowsOf(found: Usage): Record<string, unknown>[] {
  const idle = (parts: readonly Part[]): number => sum(parts.filter(({ active }) => !active));
  const images = found.Images.map(({ Size, SharedSize, Containers }) => ({
    size: Size - SharedSize,
    active: Containers > 0,
  }));
  const containers = found.Containers.map(({ SizeRw = 0, State }) => ({
    size: SizeRw,
    active: ['running', 'paused', 'restarting'].includes(State),
  }));
  const volumes = found.Volumes.map(({ UsageData }) => ({
    size: UsageData.Size,
    active: UsageData.RefCount > 0,
  }));
  const cache = found.BuildCache.map(({ Size, Shared }) => ({
    size: Shared ? 0 : Size,
    active: true,
  }));
  const used = sum(images.filter(({ active }) => active));
  return [
    usageRow('Images', images, found.LayersSize, found.LayersSize - used),
    usageRow('Containers', containers, sum(containers), idle(containers)),
    usageRow('Local Volumes', volumes, sum(volumes), idle(volumes)),
    usageRow('Build Cache', cache, sum(cache), sum(cache), false),
  ];
}

function cacheRow(view: CacheView, whole: boolean, now: number): Record<string, unknown> {
  const since = (text: string): string =>
    `${humanDuration((now - Date.parse(text) / 1000) * SECOND)} ago`;
  const parent = view.Parents?.join(', ') ?? '';
  return {
    CacheType: view.Type,
    CreatedAt: view.CreatedAt,
    CreatedSince: since(view.CreatedAt),
    Description: view.Description,
    ID: `${whole ? view.ID : view.ID.slice(0, 12)}${view.InUse ? '*' : ''}`,
    InUse: String(view.InUse),
    LastUsedAt: view.LastUsedAt,
    LastUsedSince: since(view.LastUsedAt),
    Parent: whole ? parent : parent.slice(0, 12),
    Shared: String(view.Shared),
    Size: humanSize3(view.Size),
    UsageCount: String(view.UsageCount),
  };
}

/** The four lists of -v. */
function detailsOf(call: Call, found: Usage, whole: boolean) {
  const now = epochSeconds(call.main.process.now);
  const cache = [...found.BuildCache].sort(
    (a, b) => Date.parse(a.LastUsedAt) - Date.parse(b.LastUsedAt) || (a.ID < b.ID ? -1 : 1),
  );
  return {
    BuildCache: cache.map((view) => cacheRow(view, whole, now)),
    Containers: found.Containers.map((container) =>
      containerRow({ ...container, SizeRootFs: 0 }, whole, now),
    ),
    Images: found.Images.map((image) => firstNameRow(image, whole, now)),
    Volumes: found.Volumes.map((volume) => volumeRow(volume)),
  };
}

function* printDetails(call: Call, found: Usage): Routine<number> {
  const { main, flags } = call;
  const format = flags.text('format');
  if (format !== '' && format !== 'table') {
    const details = detailsOf(call, found, true);
    try {
      const text = format === 'json' ? goJson(details) : compileTemplate(format).execute(details);
      main.out.put(text);
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof TemplateError)) throw thrown;
      return yield* fail(call, `template parsing error: ${thrown.message}`);
    }
  }
  const { BuildCache, Containers, Images, Volumes } = detailsOf(call, found, false);
  const table = (view: ListView, columns: readonly string[], rows: typeof Images): string =>
    String(renderList({ ...view, columns }, rows, { format: '' }));
  const size = sum(found.BuildCache.map((view) => ({ size: view.Shared ? 0 : view.Size })));
  main.out.put('Images space usage:\n\n');
  main.out.put(
    table(IMAGES, [...IMAGES.columns, 'SharedSize', 'UniqueSize', 'Containers'], Images),
  );
  main.out.put('\nContainers space usage:\n\n');
  main.out.put(
    table(
      CONTAINERS,
      ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'],
      Containers,
    ),
  );
  main.out.put('\nLocal Volumes space usage:\n\n');
  main.out.put(table(VOLUMES, ['Name', 'Links', 'Size'], Volumes));
  main.out.put(`\nBuild cache usage: ${humanSize(size)}\n\n`);
  main.out.put(table(CACHE, CACHE.columns, BuildCache));
  return 0;
}

export const diskUsageAction: Action = function* (call) {
  const { main, host, flags } = call;
  const found = yield* new Api(main.process, host).get<Usage>('/system/df');
  if (isCallError(found)) return yield* fail(call, found.text);
  if (flags.on('verbose')) return yield* printDetails(call, found);
  return yield* printList(call, USAGE, rowsOf(found), { format: flags.text('format') });
};
