// A chart as it is loaded from a folder or an archive (pkg/chart): Chart.yaml, values, schema, templates, files, charts within.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { readTar } from '../../containers/images/tar.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { gunzip } from '../../userland/libc/gzip.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { isMap, type Values } from './convert.ts';
import { filesOfFolder } from './ignore.ts';
import { isVersion } from './semver.ts';

/** An error that helm prints after `Error: `. */
export class HelmError extends Error {}

/** Ends a command with what of it is not simulated. */
export class Unsimulated extends Error {}

export interface ChartFile {
  /** Within the chart: `templates/a.yaml`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Chart {
  readonly metadata: Values;
  readonly values: Values;
  /** The text of values.yaml. */
  readonly valuesText: string;
  readonly schema: unknown;
  readonly files: readonly ChartFile[];
  readonly dependencies: readonly Chart[];
}

export function chartName({ metadata }: Chart): string {
  return String(metadata.name ?? '');
}

/** Reads YAML; a YamlProblem where it cannot be read. */
export function readYaml(text: string): unknown {
  return text.trim() === '' ? {} : parseYaml(text);
}

/** sigs.k8s.io/yaml's words for a text that is no YAML. */
export function yamlProblem({ message }: YamlProblem): string {
  return `error converting YAML to JSON: ${message}`;
}

function yamlOf(text: string, what: string): Values {
  const value = readYaml(text);
  if (value instanceof YamlProblem)
    throw new HelmError(`cannot load ${what}: ${yamlProblem(value)}`);
  return isMap(value) ? value : {};
}

/** Makes a chart of its files; throws HelmError. */
export function chartOf(files: readonly ChartFile[]): Chart {
  const text = (name: string): string | undefined => {
    const file = files.find((one) => one.name === name);
    return file && decode(file.bytes);
  };
  const own = text('Chart.yaml');
  if (own === undefined) throw new HelmError('Chart.yaml file is missing');
  const metadata = yamlOf(own, 'Chart.yaml');
  const valuesText = text('values.yaml') ?? '';
  const schema = text('values.schema.json');
  const groups = Map.groupBy(
    files.filter(({ name }) => /^charts\/[^/]+\/./.test(name)),
    ({ name }) => name.split('/')[1] ?? '',
  );
  const folders = [...groups.entries()]
    .filter(([folder]) => !/^[._]/.test(folder))
    .map(([folder, list]) =>
      chartOf(
        list.map(({ name, bytes }) => ({ name: name.slice(`charts/${folder}/`.length), bytes })),
      ),
    );
  const archives = files
    .filter(({ name }) => /^charts\/[^/._][^/]*\.tgz$/.test(name))
    .map(({ name, bytes }) => chartOf(archivedFiles(bytes, name)));
  const dependencies = [...folders, ...archives];
  return {
    metadata,
    values: yamlOf(valuesText, 'values.yaml'),
    valuesText,
    schema: schema === undefined ? undefined : JSON.parse(schema),
    files,
    dependencies,
  };
}

/** What is wrong with a chart's own description; undefined where nothing is. */
export function metadataProblem({ metadata }: Chart): string | undefined {
  const { apiVersion, name, version, type } = metadata;
  if (!apiVersion) return 'validation: chart.metadata.apiVersion is required';
  if (!name) return 'validation: chart.metadata.name is required';
  if (/[/\\]/.test(String(name)))
    return `validation: chart.metadata.name "${String(name)}" is invalid`;
  if (!version) return 'validation: chart.metadata.version is required';
  if (!isVersion(String(version)))
    return `validation: chart.metadata.version "${String(version)}" is invalid`;
  if (type && !['application', 'library'].includes(String(type)))
    return 'validation: chart.metadata.type must be application or library';
  return undefined;
}

/** Loads a chart from a folder or a .tgz; throws HelmError. */
export function* loadChart(process: Process, path: string): Routine<Chart> {
  const stat = process.stat(path);
  if (isErrno(stat)) throw new HelmError(`stat ${path}: ${stat.message.toLowerCase()}`);
  if ((stat.mode & 0o170000) === 0o040000) {
    const chart = chartOf(yield* filesOfFolder(process, path));
    const problem = metadataProblem(chart);
    if (problem !== undefined) throw new HelmError(problem);
    return chart;
  }
  const bytes = yield* readFile(process, path);
  const chart = chartOf(archivedFiles(isErrno(bytes) ? new Uint8Array(0) : bytes, path));
  const problem = metadataProblem(chart);
  if (problem !== undefined) throw new HelmError(problem);
  return chart;
}

/** The files of a chart's archive; throws HelmError. */
function archivedFiles(bytes: Uint8Array, path: string): ChartFile[] {
  const plain = gunzip(bytes);
  const entries = plain instanceof Uint8Array ? readTar(plain) : undefined;
  if (!Array.isArray(entries))
    throw new HelmError(
      `file '${path}' does not appear to be a gzipped archive; got 'application/octet-stream'`,
    );
  return entries
    .filter(({ kind }) => kind === 'file')
    .map(({ name, content = new Uint8Array(0) }) => ({
      name: name.replace(/^[^/]+\//, ''),
      bytes: content,
    }));
}
