// docker buildx du and prune: the build cache.

import { START_OF_TIME } from '../../core/time.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import type { CacheView } from '../builder/cache.ts';
import { compileTemplate, TemplateError } from '../../userland/template/execute.ts';
import { goJson } from '../../userland/template/values.ts';
import { humanDuration } from '../../containers/units.ts';
import { humanSize } from '../units.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import { buildError } from './build/build.ts';
import type { Action, Call } from './command.ts';
import { tabulate } from './output.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);

const duRow = (view: CacheView): string[] => [
  `${view.ID}${view.Mutable ? '*' : ''}`,
  String(!view.InUse),
  `${humanSize(view.Size)}${view.Shared ? '*' : ''}`,
];

function summary(views: readonly CacheView[]): string {
  const total = views.reduce((sum, view) => sum + view.Size, 0);
  const free = views.reduce((sum, view) => sum + (view.InUse ? 0 : view.Size), 0);
  const shared = views.reduce((sum, view) => sum + (view.Shared ? view.Size : 0), 0);
  const rows: [string, string][] = [
    ...(shared > 0
      ? ([
          ['Shared:', humanSize(shared)],
          ['Private:', humanSize(total - shared)],
        ] as [string, string][])
      : []),
    ['Reclaimable:', humanSize(free)],
    ['Total:', humanSize(total)],
  ];
  const width = shared > 0 || rows.length > 0 ? 16 : 8;
  return rows
    .map(
      ([name, size]) =>
        `${name}${'\t'.repeat(Math.max(1, Math.ceil((width - name.length) / 8)))}${size}\n`,
    )
    .join('');
}

function pretty(view: CacheView): string {
  const parents = view.Parents ? `Parents:\t${view.Parents.join(',')}\n` : '';
  const time = (text: string): string => text.replace('T', ' ').replace('Z', ' +0000 UTC');
  return `ID:\t\t${view.ID}\n${parents}Created at:\t${time(view.CreatedAt)}\nMutable:\t${view.Mutable}\nReclaimable:\t${!view.InUse}\nShared:\t\t${view.Shared}\nSize:\t\t${humanSize(view.Size)}\nDescription:\t${view.Description}\nUsage count:\t${view.UsageCount}\nLast used:\t${time(view.LastUsedAt)}\nType:\t\t${view.Type}\n\n`;
}

const diskUsage: Action = function* (call) {
  const found = yield* apiOf(call).get<CacheView[]>('/build/cache');
  if (isCallError(found)) return yield* buildError(call, found.text);
  const { flags, main } = call;
  const wanted = flags.list('filter').map((text) => text.split('='));
  const views = found.filter((view) =>
    wanted.every(([key = '', value = '']) => {
      if (key === 'type') return view.Type === value;
      if (key === 'id') return view.ID.startsWith(value);
      if (key === 'shared') return String(view.Shared) === value;
      return key === 'inuse' ? String(view.InUse) === value : true;
    }),
  );
  const format = flags.text('format');
  if (format === 'json') {
    for (const view of views) main.out.put(`${goJson(view)}\n`);
    return 0;
  }
  if (format !== '' && format !== 'table' && format !== 'pretty') {
    try {
      const template = compileTemplate(format);
      for (const view of views)
        main.out.put(
          `${template.execute({ ...view, Size: humanSize(view.Size), Reclaimable: !view.InUse })}\n`,
        );
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof TemplateError)) throw thrown;
      return yield* buildError(call, `failed to parse template: ${thrown.message}`);
    }
  }
  if (flags.on('verbose') || format === 'pretty')
    for (const view of views) main.out.put(pretty(view));
  else
    main.out.put(
      tabulate(
        [
          ['ID', 'RECLAIMABLE', 'SIZE', 'LAST ACCESSED'],
          ...views.map((view) => [...duRow(view), ageOf(main, view.LastUsedAt)]),
        ],
        0,
      ),
    );
  if (wanted.length === 0) main.out.put(summary(views));
  return 0;
};

/** How long ago a time was. */
function ageOf(main: Main, time: string): string {
  const at = (Date.parse(time) - START_OF_TIME) * 1e6;
  return Number.isNaN(at) ? '' : `${humanDuration(Math.max(0, main.process.now - at))} ago`;
}

const prune: Action = function* (call) {
  const { flags, main } = call;
  if (!flags.on('force')) {
    const what = flags.on('all') ? 'all build cache' : 'all dangling build cache';
    main.out.put(`WARNING! This will remove ${what}. Are you sure you want to continue? [y/N] `);
    yield* main.out.flush();
    const line = (yield* main.input.line()) ?? '';
    if (!/^y(es)?$/i.test(line.trim())) return 0;
  }
  const pruned = yield* apiOf(call).post<{ Records: CacheView[]; SpaceReclaimed: number }>(
    '/build/prune',
    {
      all: flags.on('all'),
      filters: filterQuery(flags.list('filter')),
      'keep-storage': flags.given('reserved-space') ? flags.bytes('reserved-space') : undefined,
    },
  );
  if (isCallError(pruned)) return yield* buildError(call, pruned.text);
  const rows = pruned.Records.map((view) => [...duRow(view), ageOf(main, view.LastUsedAt)]);
  if (rows.length > 0)
    main.out.put(tabulate([['ID', 'RECLAIMABLE', 'SIZE', 'LAST ACCESSED'], ...rows], 0));
  const total = pruned.Records.reduce((sum, view) => sum + view.Size, 0);
  main.out.put(`Total:\t${humanSize(total)}\n`);
  return 0;
};

export const cacheActions = { diskUsage, prune } as const;
