// Which value wins (pkg/chart/common/util): the chart's own, then files in order, then what was set on the command line; null takes
// a value away; charts within get what stands under their names, and `global`.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { FlagValues } from '../../etcd/cobra/flags.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { YamlProblem } from '../../userland/yaml/read.ts';
import { type Chart, chartName, HelmError, readYaml, yamlProblem } from './chart.ts';
import { copyOf, isMap, type Values } from './convert.ts';
import { schemaFaults } from './schema.ts';
import { SetProblem, setLiteral, setValues } from './set-values.ts';

/** Lays one map over another; the upper wins, maps are joined. */
export function overlay(under: Values, over: Values): Values {
  const out: Values = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const old = out[key];
    out[key] = isMap(old) && isMap(value) ? overlay(old, value) : value;
  }
  return out;
}

function* fileText(main: Main, path: string): Routine<string> {
  const bytes = path === '-' ? yield* main.input.rest() : yield* readFile(main.process, path);
  if (isErrno(bytes)) throw new HelmError(`open ${path}: ${bytes.message.toLowerCase()}`);
  return decode(bytes);
}

/** What the command line says of the values; throws HelmError. */
export function* givenValues(main: Main, flags: FlagValues): Routine<Values> {
  let values: Values = {};
  for (const list of flags.all('values')) {
    for (const path of list.split(',')) {
      const text = yield* fileText(main, path);
      const read = readYaml(text);
      if (read instanceof YamlProblem)
        throw new HelmError(`failed to parse ${path}: ${yamlProblem(read)}`);
      values = overlay(values, isMap(read) ? read : {});
    }
  }
  for (const text of flags.all('set-json'))
    attempt('--set-json', () => setJson(values, text), `failed parsing --set-json data ${text}`);
  for (const text of flags.all('set')) attempt('--set', () => setValues(values, text, 'typed'));
  for (const text of flags.all('set-string'))
    attempt('--set-string', () => setValues(values, text, 'string'));
  for (const text of flags.all('set-file')) {
    const files = new Map<string, string>();
    for (const path of text.split(',').map((pair) => pair.slice(pair.indexOf('=') + 1)))
      files.set(path, yield* fileText(main, path));
    attempt('--set-file', () => setValues(values, text, 'file', (path) => files.get(path)));
  }
  for (const text of flags.all('set-literal'))
    attempt('--set-literal', () => setLiteral(values, text));
  return values;
}

function setJson(values: Values, text: string): void {
  if (text.trimStart().startsWith('{'))
    Object.assign(values, overlay(values, JSON.parse(text) as Values));
  else setValues(values, text, 'json');
}

function attempt(flag: string, set: () => void, instead?: string): void {
  try {
    set();
  } catch (problem) {
    if (!(problem instanceof SetProblem || problem instanceof SyntaxError)) throw problem;
    throw new HelmError(instead ?? `failed parsing ${flag} data: ${problem.message}`);
  }
}

/** A null above takes away what is below. */
function withoutNulls(over: Values, under: Values): Values {
  const out: Values = {};
  for (const [key, value] of Object.entries(overlay(under, over))) {
    const above = over[key];
    if (Object.hasOwn(over, key) && above === null && Object.hasOwn(under, key)) continue;
    const below = under[key];
    if (isMap(value) && isMap(above) && isMap(below)) out[key] = withoutNulls(above, below);
    else out[key] = value;
  }
  return out;
}

/** The values of a chart with those of the charts within it, under their names. */
export function chartValues(chart: Chart, given: Values): Values {
  const values = withoutNulls(given, copyOf(chart.values) as Values);
  for (const inner of chart.dependencies) {
    const name = chartName(inner);
    const own = values[name];
    const handed: Values = { ...(isMap(own) ? own : {}) };
    const globals = [handed.global, values.global].map((one) => (isMap(one) ? one : {}));
    handed.global = globals.reduce(overlay, {});
    values[name] = chartValues(inner, handed);
  }
  return values;
}

/** Throws HelmError where values do not fit the charts' schemas. */
export function checkSchemas(chart: Chart, values: Values): void {
  const text = schemaText(chart, values);
  if (text !== '')
    throw new HelmError(
      `values don't meet the specifications of the schema(s) in the following chart(s):\n${text}`,
    );
}

function schemaText(chart: Chart, values: Values): string {
  const own = schemaFaults(chart.schema, values);
  const parts = own.length > 0 ? [`${chartName(chart)}:\n${own.join('\n')}\n`] : [];
  for (const inner of chart.dependencies) {
    const handed = values[chartName(inner)];
    parts.push(schemaText(inner, isMap(handed) ? handed : {}));
  }
  return parts.join('');
}
