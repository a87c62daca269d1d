// A release as helm keeps it (pkg/release/v1): what was rendered from which chart with which values, its hooks and its state.
// The JSON forms have the real field names. Charts within a chart are not kept, as in the real record.

import { decode } from '../../../core/text.ts';
import { base64, fromBase64 } from '../../../core/base64.ts';
import { type Chart, type ChartFile, readYaml } from '../chart.ts';
import { isMap, plain, type Values } from '../convert.ts';
import type { Manifest, Rendered } from '../manifests.ts';

export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test';

/** What annotations call the events; `test-success` is helm 2's name. */
const EVENTS: Readonly<Record<string, HookEvent>> = {
  'pre-install': 'pre-install',
  'post-install': 'post-install',
  'pre-delete': 'pre-delete',
  'post-delete': 'post-delete',
  'pre-upgrade': 'pre-upgrade',
  'post-upgrade': 'post-upgrade',
  'pre-rollback': 'pre-rollback',
  'post-rollback': 'post-rollback',
  test: 'test',
  'test-success': 'test',
};

export interface Hook {
  name: string;
  kind: string;
  path: string;
  manifest: string;
  events: HookEvent[];
  last_run: { started_at?: string; completed_at?: string; phase: string };
  weight?: number;
  delete_policies?: string[];
  output_log_policies?: string[];
}

/** A chart in a release's record. */
export interface ChartRecord {
  readonly metadata: Values;
  readonly lock: unknown;
  readonly templates: readonly FileRecord[];
  readonly values: Values;
  readonly schema: string | null;
  readonly files: readonly FileRecord[];
}

interface FileRecord {
  readonly name: string;
  readonly data: string;
}

export interface Release {
  name: string;
  info: {
    first_deployed?: string;
    last_deployed?: string;
    deleted?: string;
    description?: string;
    status: ReleaseStatus;
    rollback_revision?: number;
    notes?: string;
  };
  chart?: ChartRecord;
  config?: Values;
  manifest?: string;
  hooks?: Hook[];
  version: number;
  namespace: string;
  apply_method?: string;
  /** Kept as labels of the object that holds the record, not within it. */
  labels: Record<string, string>;
}

/** Metadata's fields in the order of the record. */
const METADATA: readonly string[] = [
  ...['name', 'home', 'sources', 'version', 'description', 'keywords', 'maintainers', 'icon'],
  ...['apiVersion', 'condition', 'tags', 'appVersion', 'deprecated', 'annotations', 'kubeVersion'],
  ...['dependencies', 'type'],
];

const fileRecord = ({ name, bytes }: ChartFile): FileRecord => ({ name, data: base64(bytes) });

/** A chart as it is recorded. */
export function chartRecord(chart: Chart): ChartRecord {
  const metadata = plain(chart.metadata) as Values;
  const own = chart.files.filter(({ name }) => !/^charts\//.test(name));
  const described =
    /^(Chart\.yaml|Chart\.lock|values\.yaml|values\.schema\.json|requirements\.(yaml|lock))$/;
  const schema = own.find(({ name }) => name === 'values.schema.json');
  const lock = own.find(({ name }) => name === 'Chart.lock');
  return {
    metadata: Object.fromEntries(
      METADATA.filter((key) => Object.hasOwn(metadata, key)).map((key) => [key, metadata[key]]),
    ),
    lock: lock ? readYaml(decode(lock.bytes)) : null,
    templates: own.filter(({ name }) => name.startsWith('templates/')).map(fileRecord),
    values: plain(chart.values) as Values,
    schema: schema ? base64(schema.bytes) : null,
    files: own
      .filter(({ name }) => !name.startsWith('templates/') && !described.test(name))
      .map(fileRecord),
  };
}

/** The chart that a record holds. */
export function recordedChart(record: ChartRecord): Chart {
  const files = [...record.templates, ...record.files].map(({ name, data }) => ({
    name,
    bytes: fromBase64(data),
  }));
  return {
    metadata: record.metadata,
    values: record.values,
    valuesText: '',
    schema: record.schema === null ? undefined : JSON.parse(decode(fromBase64(record.schema))),
    files,
    dependencies: [],
  };
}

/** Names of an annotation's comma-separated list. */
function namesIn(annotations: Values, key: string): string[] {
  const text = annotations[key];
  if (typeof text !== 'string') return [];
  return text.split(',').map((one) => one.trim().toLowerCase());
}

/** A rendered hook as a release keeps it; undefined where an event is unknown. */
function hookOf({ path, text, kind, object, hooks }: Manifest): Hook | undefined {
  const events = hooks.map((name) => EVENTS[name.toLowerCase()]);
  if (events.some((event) => event === undefined)) return undefined;
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const annotations = isMap(metadata.annotations) ? metadata.annotations : {};
  const weight = Number.parseInt(String(annotations['helm.sh/hook-weight'] ?? '0'), 10) || 0;
  const policies = namesIn(annotations, 'helm.sh/hook-delete-policy');
  const logs = namesIn(annotations, 'helm.sh/hook-output-log-policy');
  return {
    name: String(metadata.name ?? ''),
    kind,
    path,
    manifest: text,
    events: events as HookEvent[],
    last_run: { phase: '' },
    ...(weight === 0 ? {} : { weight }),
    ...(policies.length === 0 ? {} : { delete_policies: policies }),
    ...(logs.length === 0 ? {} : { output_log_policies: logs }),
  };
}

/** What rendering gave, as a release keeps it. */
export function renderedParts(rendered: Rendered): {
  readonly manifest: string;
  readonly hooks: Hook[];
} {
  return {
    manifest: rendered.manifests
      .map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`)
      .join(''),
    hooks: rendered.hooks.map(hookOf).filter((hook) => hook !== undefined),
  };
}
