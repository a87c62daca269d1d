// helm lint (pkg/chart/v2/lint): the chart's description, its values against the schema, its templates; each finding has a
// severity, and an error fails the chart.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { type Chart, HelmError, loadChart } from './chart.ts';
import { isMap, type Values } from './convert.ts';
import { processDependencies } from './dependencies.ts';
import { KUBE_VERSION } from './names.ts';
import { renderChart } from './manifests.ts';
import { schemaFaults } from './schema.ts';
import { chartValues } from './values.ts';

interface Finding {
  readonly severity: 'INFO' | 'WARNING' | 'ERROR';
  readonly where: string;
  readonly text: string;
}

const FACTS = {
  name: 'test-release',
  namespace: 'default',
  revision: 1,
  upgrade: false,
  kubeVersion: KUBE_VERSION,
};
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function describe({ metadata, files }: Chart): Finding[] {
  const found: Finding[] = [];
  const add = (severity: Finding['severity'], text: string): void => {
    found.push({ severity, where: 'Chart.yaml', text });
  };
  if (!metadata.icon) add('INFO', 'icon is recommended');
  if (!files.some(({ name }) => name === 'values.yaml'))
    found.push({ severity: 'INFO', where: 'values.yaml', text: 'file does not exist' });
  if (!files.some(({ name }) => name.startsWith('templates/')))
    found.push({ severity: 'WARNING', where: 'templates/', text: 'directory not found' });
  return found;
}

function values(chart: Chart, all: Values): Finding[] {
  const faults = schemaFaults(chart.schema, all);
  return faults.length === 0
    ? []
    : [{ severity: 'ERROR', where: 'values.yaml', text: `${faults.join('\n')}\n` }];
}

function nameProblem(object: Values): string | undefined {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const name = String(metadata.name ?? '');
  if (NAME.test(name) && name.length <= 253) return undefined;
  return `object name does not conform to Kubernetes naming requirements: "${name}": metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
}

function templates(chart: Chart, all: Values): Finding[] {
  try {
    const { manifests, hooks } = renderChart(chart, all, FACTS, { lint: true });
    return [...manifests, ...hooks].flatMap(({ path, object }): Finding[] => {
      const where = path.replace(/^[^/]+\//, '');
      const problem = nameProblem(object);
      return problem === undefined ? [] : [{ severity: 'WARNING', where, text: problem }];
    });
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    const yaml = /^YAML parse error on [^/]+\/(.*?): ([\s\S]*)$/.exec(problem.message);
    return yaml
      ? [
          {
            severity: 'ERROR',
            where: yaml[1] ?? '',
            text: `unable to parse YAML: ${yaml[2] ?? ''}`,
          },
        ]
      : [{ severity: 'ERROR', where: 'templates/', text: problem.message }];
  }
}

function* lintOne(main: Main, path: string, given: Values): Routine<Finding[]> {
  try {
    const chart = processDependencies(yield* loadChart(main.process, path), given);
    const all = chartValues(chart, given);
    return [...describe(chart), ...values(chart, all), ...templates(chart, all)];
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    return [{ severity: 'ERROR', where: 'templates/', text: problem.message }];
  }
}

/** Lints charts; 1 where one failed. */
export function* lintCharts(
  main: Main,
  paths: readonly string[],
  given: Values,
  strict: boolean,
): Routine<number> {
  let failed = 0;
  for (const path of paths) {
    const found = yield* lintOne(main, path, given);
    main.out.put(`==> Linting ${path}\n`);
    for (const { severity, where, text } of found)
      main.out.put(`[${severity}] ${where}: ${text}\n`);
    main.out.put('\n');
    const fatal = found.some(
      ({ severity }) => severity === 'ERROR' || (strict && severity === 'WARNING'),
    );
    if (fatal) failed++;
  }
  const summary = `${paths.length} chart(s) linted, ${failed} chart(s) failed`;
  if (failed > 0) throw new HelmError(summary);
  main.out.put(`${summary}\n`);
  return 0;
}
