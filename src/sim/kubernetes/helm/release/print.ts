// How helm prints releases: their state with the notes (statusPrinter), tables (gosuri/uitable), JSON and YAML.

import { toYaml } from '../../../userland/yaml/write.ts';
import { escapeHtml } from '../../kubectl/output/json.ts';
import { HelmError } from '../chart.ts';
import type { Call } from '../command.ts';
import { chartValues } from '../values.ts';
import { recordedChart, type Hook, type Release } from './record.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const two = (n: number): string => String(n).padStart(2, '0');

/** Go's time.ANSIC: `Mon Jan  2 15:04:05 2006`. */
export function ansiTime(text: string): string {
  const date = new Date(Date.parse(text));
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${clock} ${date.getUTCFullYear()}`;
}

/** Go's time.Time.String: `2006-01-02 15:04:05.999999999 +0000 UTC`. */
export function goTime(text: string): string {
  return text.replace(/^(\S+?)T(.*?)Z$/, '$1 $2 +0000 UTC');
}

/** A cell filled to a width; a text of several lines is cut where its longest line would end. */
function cellOf(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text.padEnd(width);
}

/** Rows as uitable lays them out: cells filled to the width of their column, tabs between. */
export function uiTable(rows: readonly (readonly string[])[]): string {
  const widthOf = (text = ''): number => Math.max(...text.split('\n').map((line) => line.length));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => widthOf(row[i]))));
  return rows
    .map((row) => `${row.map((cell, i) => cellOf(cell, widths[i] ?? 0)).join('\t')}\n`)
    .join('');
}

export type Format = 'table' | 'json' | 'yaml';

/** --output; throws HelmError. */
export function formatOf({ flags }: Call): Format {
  const text = flags.text('output');
  if (text === 'table' || text === 'json' || text === 'yaml') return text;
  throw new HelmError(`invalid argument "${text}" for "-o, --output" flag: invalid format type`);
}

/** A value as -o json or -o yaml prints it. */
export function encoded(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${escapeHtml(JSON.stringify(value))}\n` : toYaml(value);
}

/** What of a release is told. */
export interface StatusOptions {
  readonly hideNotes?: boolean;
  /** The chart's name and versions, the values, hooks and manifest: `get all`. */
  readonly everything?: boolean;
  /** Tables of the objects, made by the caller. */
  readonly resources?: string;
}

function testLines(hooks: readonly Hook[]): string {
  const tests = hooks.filter(({ events }) => events.includes('test'));
  if (tests.length === 0) return 'TEST SUITE: None\n';
  return tests
    .filter(({ last_run: { started_at } }) => started_at !== undefined)
    .map(
      ({ name, last_run: { started_at = '', completed_at, phase } }) =>
        `TEST SUITE:     ${name}\nLast Started:   ${ansiTime(started_at)}\nLast Completed: ${
          completed_at ? ansiTime(completed_at) : 'Mon Jan  1 00:00:00 0001'
        }\nPhase:          ${phase}\n`,
    )
    .join('');
}

/** A release as a text. */
export function statusText(release: Release, options: StatusOptions = {}): string {
  const { name, info, namespace, version, chart, hooks = [], manifest = '' } = release;
  const { everything = false } = options;
  const { metadata = {} } = chart ?? {};
  let out = `NAME: ${name}\n`;
  if (info.last_deployed) out += `LAST DEPLOYED: ${ansiTime(info.last_deployed)}\n`;
  out += `NAMESPACE: ${namespace}\nSTATUS: ${info.status}\nREVISION: ${version}\n`;
  if (everything)
    out += `CHART: ${String(metadata.name)}\nVERSION: ${String(metadata.version)}\nAPP_VERSION: ${String(metadata.appVersion ?? '')}\n`;
  out += `DESCRIPTION: ${info.description ?? ''}\n`;
  if (options.resources) out += `RESOURCES:\n${options.resources}\n`;
  out += testLines(hooks);
  if (everything) {
    const config = release.config ?? null;
    const all = chart ? chartValues(recordedChart(chart), release.config ?? {}) : {};
    out += `USER-SUPPLIED VALUES:\n${toYaml(config)}\nCOMPUTED VALUES:\n${toYaml(all)}\n`;
  }
  if (everything || info.description?.toLowerCase() === 'dry run complete')
    out += `HOOKS:\n${hooksText(hooks)}MANIFEST:\n${manifest}\n`;
  if (!options.hideNotes && info.notes) out += `NOTES:\n${info.notes.trim()}\n`;
  return out;
}

/** Hooks as they are printed, one after another. */
export function hooksText(hooks: readonly Hook[]): string {
  return hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`).join('');
}

/** A release as -o json and -o yaml print it. */
export function recordOf(release: Release, withChart = true): unknown {
  const { labels: _, chart, ...rest } = release;
  return { ...rest, ...(withChart && chart ? { chart } : {}) };
}

/** Prints a release as --output says. */
export function printStatus(call: Call, release: Release, options: StatusOptions = {}): void {
  const format = formatOf(call);
  call.main.out.put(
    format === 'table' ? statusText(release, options) : encoded(recordOf(release), format),
  );
}

/** `web-0.1.0`. */
export function chartLabel({ chart }: Release): string {
  const { name, version } = chart?.metadata ?? {};
  return chart ? `${String(name)}-${String(version)}` : 'MISSING';
}

export function appVersion({ chart }: Release): string {
  return chart ? String(chart.metadata.appVersion ?? '') : 'MISSING';
}
