// Reading a configuration file of kubeadm: its documents, decoded strictly, those of v1beta3 brought to v1beta4.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { parseYaml, splitDocuments, YamlProblem } from '../../userland/yaml/read.ts';
import { klog } from '../component/klog.ts';
import { gvkText, unknownFields } from './config-fields.ts';
import { API_VERSION } from './configuration.ts';
import { Failure } from './failure.ts';

/** A document of a configuration file. */
export type ConfigDocument = Readonly<Record<string, unknown>>;

/** How a file is read: who warns of unknown fields (the place in kubeadm's source), or nobody, as they are errors. */
export interface Reading {
  readonly warner?: string;
  /** Documents of other groups' kinds are refused, and a file that cannot be opened is not explained. */
  readonly onlyKnown?: boolean;
  /** v1beta3 is what one expects to find here. */
  readonly migrates?: boolean;
}

/** The versions that are read no more, with the release that could. */
const OLD_VERSIONS: Readonly<Record<string, string>> = {
  v1alpha1: 'v1.11',
  v1alpha2: 'v1.12',
  v1alpha3: 'v1.14',
  v1beta1: 'v1.15',
  v1beta2: 'v1.22',
};

const MIGRATE =
  "run 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.";

const GROUP = 'kubeadm.k8s.io/';
const KINDS = ['Cluster', 'Init', 'Join', 'Reset', 'Upgrade'].map((name) => `${name}Configuration`);
const COMPONENTS = ['kubelet.config.k8s.io/v1beta1', 'kubeproxy.config.k8s.io/v1alpha1'];

function parsed(text: string): ConfigDocument {
  const document = parseYaml(text);
  if (document instanceof YamlProblem)
    throw new Failure(
      `could not interpret GroupVersionKind; unmarshal error: error converting YAML to JSON: ${document.message}`,
    );
  const object = (
    typeof document === 'object' && document !== null ? document : {}
  ) as ConfigDocument;
  const { kind = '', apiVersion = '' } = object;
  if (kind === '' || !String(apiVersion).includes('/'))
    throw new Failure(
      `invalid configuration for GroupVersionKind ${apiVersion === '' ? '' : '/'}${String(apiVersion)}${apiVersion === '' ? '/' : ''}, Kind=${String(kind)}: kind and apiVersion is mandatory information that must be specified`,
    );
  return object;
}

function isKnown({ apiVersion, kind }: ConfigDocument): boolean {
  const version = String(apiVersion);
  if (COMPONENTS.includes(version)) return true;
  if (!version.startsWith(GROUP)) return false;
  const short = version.slice(GROUP.length);
  if (short in OLD_VERSIONS) return true;
  const kinds = short === 'v1beta3' ? KINDS.slice(0, 3) : short === 'v1beta4' ? KINDS : [];
  return kinds.includes(String(kind));
}

type Entries = Readonly<Record<string, unknown>> | undefined;

/** Where a converted ClusterConfiguration keeps its time-out, which v1beta4 has in InitConfiguration. */
export const CONTROL_PLANE_TIMEOUT = 'controlPlaneTimeout';

/** Arguments are a map in v1beta3 and a list, sorted by name, in v1beta4. */
function listed(part: unknown, field = 'extraArgs'): Entries {
  const object = part as Entries;
  const args = object?.[field];
  if (typeof args !== 'object' || args === null) return object;
  const list = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...object, [field]: list.map(([name, value]) => ({ name, value })) };
}

function without(object: Entries, field: string): Entries {
  return object && Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
}

/** A document of v1beta3 as one of v1beta4. */
function converted(document: ConfigDocument): ConfigDocument {
  const parts: Record<string, Entries> = {
    apiServer: without(listed(document.apiServer), 'timeoutForControlPlane'),
    controllerManager: listed(document.controllerManager),
    scheduler: listed(document.scheduler),
    nodeRegistration: listed(document.nodeRegistration, 'kubeletExtraArgs'),
    discovery: without(document.discovery as Entries, 'timeout'),
  };
  const etcd = document.etcd as { local?: object } | undefined;
  if (etcd?.local) parts.etcd = { ...etcd, local: listed(etcd.local) };
  const { timeoutForControlPlane = '4m0s' } = (document.apiServer ?? {}) as ConfigDocument;
  const changed = Object.entries(parts).filter(([name]) => document[name] !== undefined);
  const { kind } = document;
  return {
    ...document,
    ...Object.fromEntries(changed),
    ...(kind === 'ClusterConfiguration' ? { [CONTROL_PLANE_TIMEOUT]: timeoutForControlPlane } : {}),
    apiVersion: API_VERSION,
  };
}

function* decoded(main: Main, document: ConfigDocument, how: Reading): Routine<ConfigDocument> {
  const version = String(document.apiVersion);
  if (!version.startsWith(GROUP) || !KINDS.includes(String(document.kind))) return document;
  const spec = `API spec: "${version}" (kind: "${String(document.kind)}"). Please`;
  const release = OLD_VERSIONS[version.slice(GROUP.length)];
  if (release !== undefined)
    throw new Failure(
      `your configuration file uses an old ${spec} use kubeadm ${release} instead and ${MIGRATE}`,
    );
  const isOld = version === `${GROUP}v1beta3`;
  if (isOld && !how.migrates) {
    const use = MIGRATE.replace('run', 'use');
    yield* klog(
      main,
      'W',
      'common.go:100',
      `your configuration file uses a deprecated ${spec} ${use}`,
    );
  }
  const unknown = unknownFields(document).map((field) => `unknown field "${field}"`);
  if (unknown.length > 0) {
    const text = `error unmarshaling configuration ${gvkText(document)}: strict decoding error: ${unknown.join(', ')}`;
    if (how.warner === undefined) throw new Failure(text);
    yield* klog(main, 'W', how.warner, text);
  }
  return isOld ? converted(document) : document;
}

/** The documents of a configuration file, those of kubeadm's kinds in v1beta4; throws Failure. */
export function* readDocuments(main: Main, path: string, how: Reading): Routine<ConfigDocument[]> {
  const bytes = yield* readFile(main.process, path);
  if (isErrno(bytes)) {
    const why = `open ${path}: ${bytes.message.toLowerCase()}`;
    throw new Failure(how.onlyKnown ? why : `unable to read config from "${path}": ${why}`);
  }
  const documents = splitDocuments(decode(bytes)).map(parsed);
  for (const [i, { kind }] of documents.entries())
    if (documents.findIndex((other) => other.kind === kind) !== i)
      throw new Failure(
        `invalid configuration: kind "${String(kind)}" is specified twice in YAML file`,
      );
  const unknown = how.onlyKnown ? documents.filter((one) => !isKnown(one)) : [];
  if (unknown.length > 0)
    throw new Failure(
      `unknown configuration APIs: []schema.GroupVersionKind{${unknown.map(gvkText).join(', ')}}`,
    );
  const all: ConfigDocument[] = [];
  for (const document of documents) all.push(yield* decoded(main, document, how));
  return all;
}
