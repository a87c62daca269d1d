// free of procps 4.0.2: memory as /proc/meminfo has it.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import { readMemory } from './processes.ts';
import { VERSION } from './version.ts';

/** What a unit option divides kilobytes by. */
const UNITS: Readonly<Record<string, number>> = {
  bytes: 1 / 1024,
  kilo: 1000 / 1024,
  mega: 1_000_000 / 1024,
  giga: 1e9 / 1024,
  kibi: 1,
  mebi: 1024,
  gibi: 1024 ** 2,
  tebi: 1024 ** 3,
};

/** `1.6Gi`: three figures at most. */
function human(kilobytes: number, si: boolean): string {
  const base = si ? 1000 : 1024;
  let value = kilobytes * 1024;
  const units = si ? ['B', 'K', 'M', 'G', 'T'] : ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  let unit = 0;
  while (unit < units.length - 1 && value >= (unit === 0 ? base : base)) {
    value /= base;
    unit++;
  }
  const text = unit === 0 || value >= 10 ? String(Math.floor(value)) : value.toFixed(1);
  return `${text}${units[unit] ?? ''}`;
}

function* showMemory(main: Tool): Routine<void> {
  const { options } = main;
  const memory = yield* readMemory(main.process);
  const of = (name: string): number => memory.get(name) ?? 0;
  const unit = options.last(...Object.keys(UNITS)) ?? 'kibi';
  const shown = (kilobytes: number): string => {
    const text = options.has('human')
      ? human(kilobytes, options.has('si'))
      : String(Math.floor(kilobytes / (UNITS[unit] ?? 1)));
    return text.padStart(12);
  };
  const cache = of('Cached') + of('SReclaimable');
  const used = of('MemTotal') - of('MemAvailable');
  const wide = options.has('wide');
  const head = [
    'total',
    'used',
    'free',
    'shared',
    ...(wide ? ['buffers', 'cache'] : ['buff/cache']),
    'available',
  ];
  const cells = [
    of('MemTotal'),
    used,
    of('MemFree'),
    of('Shmem'),
    ...(wide ? [of('Buffers'), cache] : [of('Buffers') + cache]),
    of('MemAvailable'),
  ];
  const swap = [of('SwapTotal'), of('SwapTotal') - of('SwapFree'), of('SwapFree')];
  const line = (name: string, list: readonly number[]): string =>
    `${name.padEnd(8)}${list.map(shown).join('')}\n`;
  yield* main.out.print(`        ${head.map((name) => name.padStart(12)).join('')}\n`);
  yield* main.out.print(line('Mem:', cells) + line('Swap:', swap));
  if (options.has('total')) {
    yield* main.out.print(
      line('Total:', [
        of('MemTotal') + (swap[0] ?? 0),
        used + (swap[1] ?? 0),
        of('MemFree') + (swap[2] ?? 0),
      ]),
    );
  }
}

export const free = tool(
  {
    name: 'free',
    usage: ['[options]'],
    version: VERSION,
    usageOnError: true,
    options: [
      { key: 'bytes', short: 'b', long: 'bytes' },
      { key: 'kilo', long: 'kilo' },
      { key: 'mega', long: 'mega' },
      { key: 'giga', long: 'giga' },
      { key: 'kibi', short: 'k', long: 'kibi' },
      { key: 'mebi', short: 'm', long: 'mebi' },
      { key: 'gibi', short: 'g', long: 'gibi' },
      { key: 'tebi', long: 'tebi' },
      { key: 'human', short: 'h', long: 'human' },
      { key: 'si', long: 'si' },
      { key: 'total', short: 't', long: 'total' },
      { key: 'wide', short: 'w', long: 'wide' },
      { key: 'seconds', short: 's', long: 'seconds', argument: 'required' },
      { key: 'count', short: 'c', long: 'count', argument: 'required' },
      { key: '--help', long: 'help' },
    ],
    missing: [
      { key: 'lohi', short: 'l', long: 'lohi' },
      { key: 'committed', short: 'v', long: 'committed' },
    ],
  },
  function* (main) {
    const { options } = main;
    const seconds = Number(options.value('seconds') ?? 1);
    const count = options.has('count')
      ? Number(options.value('count'))
      : options.has('seconds')
        ? Number.POSITIVE_INFINITY
        : 1;
    for (let i = 0; i < count; i++) {
      if (i > 0) {
        yield* main.out.print('\n');
        yield* main.out.flush();
        yield* main.process.sleep(seconds * SECOND);
      }
      yield* showMemory(main);
    }
    return 0;
  },
);
