// Which charts within a chart take part (pkg/chart/v2/util/dependencies.go): conditions and tags switch them, an alias renames
// them, import-values lifts values of theirs into the chart's own.

import { type Chart, chartName } from './chart.ts';
import { isMap, type Values } from './convert.ts';
import { satisfies } from './semver.ts';
import { chartValues, overlay } from './values.ts';

/** The value at a path with dots; undefined where there is none. */
function at(values: Values, path: string): unknown {
  let value: unknown = values;
  for (const step of path.split('.')) value = isMap(value) ? value[step] : undefined;
  return value;
}

/** A value under a path with dots. */
function under(path: string, value: unknown): Values {
  return path
    .split('.')
    .reverse()
    .reduce<unknown>((inner, step) => ({ [step]: inner }), value) as Values;
}

function isEnabled({ condition, tags }: Values, values: Values): boolean {
  for (const path of String(condition ?? '').split(',')) {
    const value = path.trim() === '' ? undefined : at(values, path.trim());
    if (typeof value === 'boolean') return value;
  }
  const known = isMap(values.tags) ? values.tags : {};
  const said = (Array.isArray(tags) ? tags : [])
    .map((tag) => known[String(tag)])
    .filter((one) => typeof one === 'boolean');
  return said.length === 0 || said.includes(true);
}

/** The values that a chart takes from one within it. */
function imported(dependency: Values, child: Chart, given: unknown): Values {
  const list = dependency['import-values'];
  const own = chartValues(child, isMap(given) ? given : {});
  let values: Values = {};
  for (const one of Array.isArray(list) ? list : []) {
    const [from, to] = isMap(one)
      ? [String(one.child), String(one.parent)]
      : [`exports.${String(one)}`, '.'];
    const value = at(own, from);
    if (!isMap(value)) continue;
    values = overlay(values, to === '.' ? value : under(to, value));
  }
  return values;
}

/** A chart with the charts within it that take part, for the values that are given. */
export function processDependencies(chart: Chart, given: Values): Chart {
  const { metadata } = chart;
  const declared = Array.isArray(metadata.dependencies) ? metadata.dependencies.filter(isMap) : [];
  const fits = (inner: Chart, { name, version }: Values): boolean =>
    chartName(inner) === name &&
    (!version || satisfies(String(version), String(inner.metadata.version)) === true);
  const others = chart.dependencies.filter(
    (inner) => !declared.some(({ name }) => name === chartName(inner)),
  );
  const named = declared.flatMap((one) => {
    const inner = chart.dependencies.find((own) => fits(own, one));
    if (!inner) return [];
    const { alias } = one;
    const renamed = alias ? { ...inner, metadata: { ...inner.metadata, name: alias } } : inner;
    return [{ one, inner: renamed }];
  });
  const values = chartValues(
    { ...chart, dependencies: [...others, ...named.map(({ inner }) => inner)] },
    given,
  );
  const kept = named.filter(({ one }) => isEnabled(one, values));
  const handed = (inner: Chart): Values => {
    const own = values[chartName(inner)];
    return isMap(own) ? own : {};
  };
  let lifted: Values = {};
  for (const { one, inner } of kept)
    lifted = overlay(lifted, imported(one, inner, given[chartName(inner)]));
  const dependencies = [...others, ...kept.map(({ inner }) => inner)].map((inner) =>
    processDependencies(inner, handed(inner)),
  );
  return { ...chart, values: overlay(lifted, chart.values), dependencies };
}
