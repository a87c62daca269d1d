// systemctl list-units and list-unit-files.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { enabledState, UNIT_DIRECTORIES, unitName } from '../../systemd/load.ts';
import { askManager, type UnitStatus } from '../../systemd/protocol.ts';
import { noManager, type Systemctl } from './systemctl.ts';

const LEGEND = `
LOAD   = Reflects whether the unit definition was properly loaded.
ACTIVE = The high-level unit activation state, i.e. generalization of SUB.
SUB    = The low-level unit activation state, values depend on unit type.
`;

function matches(pattern: string, name: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(name);
}

function isShown({ options, words }: Systemctl, unit: UnitStatus): boolean {
  const types = options.value('type')?.split(',');
  const states = options.has('failed') ? ['failed'] : options.value('state')?.split(',');
  if (types && !types.some((type) => unit.name.endsWith(`.${type}`))) return false;
  if (states && ![unit.active, unit.sub, unit.load].some((one) => states.includes(one)))
    return false;
  if (
    words.length > 0 &&
    !words.some((word) => matches(/[*?[]/.test(word) ? word : unitName(word), unit.name))
  )
    return false;
  return states !== undefined || options.has('all') || unit.active !== 'inactive';
}

function row(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
    .join(' ');
}

export function* listUnits(systemctl: Systemctl): Routine<number> {
  const { main, options } = systemctl;
  const answer = yield* askManager(main.process, { verb: 'list', unit: '' });
  if (!answer) return yield* noManager(main);
  const shown = answer.units
    .filter((unit) => isShown(systemctl, unit))
    .sort((a, b) => order(a.name) - order(b.name) || (a.name < b.name ? -1 : 1));
  const rows = shown.map(({ name, load, active, sub, description }) => [
    name,
    load,
    active,
    sub,
    description,
  ]);
  const legend = !options.has('nolegend');
  const header = ['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'];
  const all = legend ? [header, ...rows] : rows;
  const widths = header.map((_, i) => Math.max(0, ...all.map((cells) => (cells[i] ?? '').length)));
  if (legend && shown.length > 0) main.out.put(`  ${row(header, widths)}\n`);
  for (const [i, cells] of rows.entries()) {
    const dot = shown[i]?.active === 'failed' ? '●' : ' ';
    main.out.put(`${options.has('plain') ? '' : `${dot} `}${row(cells, widths)}\n`);
  }
  if (!legend) return 0;
  if (shown.length > 0) main.out.put(LEGEND);
  const hint = options.has('all') ? '' : ' Pass --all to see loaded but inactive units, too.';
  main.out.put(`${shown.length} loaded units listed.${hint}\n`);
  main.out.put("To show all installed unit files use 'systemctl list-unit-files'.\n");
  return 0;
}

/** Services come before targets in systemctl's order of kinds. */
function order(name: string): number {
  return ['service', 'target'].indexOf(name.slice(name.lastIndexOf('.') + 1));
}

export function* listUnitFiles({ main, options, words }: Systemctl): Routine<number> {
  const names = new Set<string>();
  for (const directory of UNIT_DIRECTORIES) {
    const items = main.process.readdir(directory);
    if (isErrno(items)) continue;
    for (const { name } of items) if (/\.(service|target|socket)$/.test(name)) names.add(name);
  }
  const types = options.value('type')?.split(',');
  const states = options.value('state')?.split(',');
  const rows: string[][] = [];
  for (const name of [...names].sort()) {
    if (types && !types.some((type) => name.endsWith(`.${type}`))) continue;
    if (
      words.length > 0 &&
      !words.some((word) => matches(/[*?[]/.test(word) ? word : unitName(word), name))
    )
      continue;
    const state = yield* enabledState(main.process, name);
    if (states && !states.includes(state)) continue;
    const preset = state === 'enabled' || state === 'disabled' ? 'enabled' : '-';
    rows.push([name, state, preset]);
  }
  const legend = !options.has('nolegend');
  const header = ['UNIT FILE', 'STATE', 'PRESET'];
  const all = legend ? [header, ...rows] : rows;
  const widths = header.map((_, i) => Math.max(...all.map((cells) => (cells[i] ?? '').length)));
  for (const cells of all) main.out.put(`${row(cells, widths)}\n`);
  if (legend) main.out.put(`\n${rows.length} unit files listed.\n`);
  return 0;
}
