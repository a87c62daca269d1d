// The index of a chart repository (pkg/repo): its charts with their versions, digests and URLs, newest first.

import { digestOf } from '../../../containers/images/oci.ts';
import { rfc3339Fraction } from '../../../core/time.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { YamlProblem } from '../../../userland/yaml/read.ts';
import { type Chart, HelmError, readYaml, yamlProblem } from '../chart.ts';
import { isMap, plain, type Values } from '../convert.ts';
import { compareVersions, isVersion, satisfies } from '../semver.ts';

/** A version of a chart in an index. */
export interface ChartVersion {
  readonly name: string;
  readonly version: string;
  readonly appVersion?: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly digest?: string;
  readonly urls?: readonly string[];
  readonly created?: string;
}

export type Entries = Readonly<Record<string, readonly ChartVersion[]>>;

const newestFirst = (a: ChartVersion, b: ChartVersion): number =>
  compareVersions(b.version, a.version);

/** The entries of an index; throws HelmError. */
export function readIndex(text: string): Entries {
  if (text.trim() === '') throw new HelmError('empty index.yaml file');
  const value = readYaml(text);
  if (value instanceof YamlProblem) throw new HelmError(yamlProblem(value));
  if (!isMap(value)) throw new HelmError(notAnIndex(value));
  if (!value.apiVersion) throw new HelmError('no API version specified');
  const entries = isMap(value.entries) ? value.entries : {};
  return Object.fromEntries(
    Object.entries(entries).map(([name, list]) => {
      const versions = (Array.isArray(list) ? list : []) as ChartVersion[];
      return [name, versions.filter(({ version }) => isVersion(version)).sort(newestFirst)];
    }),
  );
}

function notAnIndex(value: unknown): string {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type repo.IndexFile`;
}

/** True for a constraint rather than a version. */
export function isRange(version: string): boolean {
  return !isVersion(version);
}

/** The version of a chart that is asked for, the newest where none is; a text where there is none. */
export function findVersion(
  entries: Entries,
  name: string,
  version: string,
): ChartVersion | string {
  const list = entries[name];
  if (!list) return 'no chart name found';
  if (list.length === 0) return 'no chart version found';
  const exact = list.find((one) => version !== '' && one.version === version);
  const found = exact ?? list.find((one) => satisfies(version || '*', one.version) === true);
  return found ?? `no chart version found for ${name}-${version}`;
}

/** An archive of a chart for an index. */
export interface Archive {
  /** Below the index: `web-0.1.0.tgz`. */
  readonly file: string;
  readonly chart: Chart;
  readonly bytes: Uint8Array;
}

const FRACTION = 9;

/** index.yaml of archives; `url` stands before their names. */
export function writeIndex(
  archives: readonly Archive[],
  url: string,
  now: number,
  merged: Entries = {},
): string {
  const generated = rfc3339Fraction(now, FRACTION);
  const entries: Record<string, Values[]> = {};
  for (const { file, chart, bytes } of archives) {
    const metadata = plain(chart.metadata) as Values;
    const name = String(metadata.name);
    const digest = digestOf(bytes).replace(/^sha256:/, '');
    const urls = [url === '' ? file : `${url.replace(/\/$/, '')}/${file}`];
    entries[name] ??= [];
    entries[name].push({ ...metadata, created: generated, digest, urls });
  }
  for (const [name, list] of Object.entries(merged)) {
    entries[name] ??= [];
    const known = entries[name];
    for (const one of list)
      if (!known.some(({ version }) => version === one.version))
        known.push({ ...one } as unknown as Values);
  }
  for (const list of Object.values(entries))
    list.sort((a, b) => compareVersions(String(b.version), String(a.version)));
  return toYaml({ apiVersion: 'v1', entries, generated });
}
