// kubectl's configuration (client-go clientcmd): the kubeconfig files, what flags change of them, and the connection
// that comes of it.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { FlagValues } from '../../etcd/cobra/flags.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Certificate, certificatesOf, fromPem } from '../../userland/tls/certificate.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { fromBase64 } from '../../core/base64.ts';
import { type ConnectionConfig, inClusterConfig, readText } from '../component/kubeconfig.ts';
import { Failure, failure } from './failure.ts';

export type Fields = Record<string, unknown>;

/** One named entry of a kubeconfig, and the file it is in. */
export interface Entry {
  readonly name: string;
  readonly fields: Fields;
  readonly file: string;
}

/** The kubeconfig as the files together make it. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly clusters: readonly Entry[];
  readonly users: readonly Entry[];
  readonly contexts: readonly Entry[];
  readonly currentContext: string;
}

/** The kinds of entries: list, and the field within an entry. */
export const SECTIONS = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;

/** Which files are read: --kubeconfig, $KUBECONFIG, ~/.kube/config. */
export function kubeconfigFiles(process: Process, values: FlagValues): readonly string[] {
  const given = values.text('kubeconfig');
  if (given !== '') return [given];
  const listed = (process.environment.get('KUBECONFIG') ?? '')
    .split(':')
    .filter((path) => path !== '');
  if (listed.length > 0) return listed;
  return [`${process.environment.get('HOME') ?? '/root'}/.kube/config`];
}

/** Reads and merges the files; the first that has an entry counts. One that --kubeconfig names must be there. */
export function* readKubeconfig(
  process: Process,
  values: FlagValues,
  mayBeMissing = true,
): Routine<Kubeconfig> {
  const files = kubeconfigFiles(process, values);
  const merged = { clusters: [] as Entry[], users: [] as Entry[], contexts: [] as Entry[] };
  let currentContext = '';
  for (const file of files) {
    const text = yield* readText(process, file);
    if (isErrno(text)) {
      if (values.text('kubeconfig') !== '' && !mayBeMissing) {
        throw failure(`stat ${file}: ${text.message.toLowerCase()}`);
      }
      continue;
    }
    const object = parseYaml(text === '' ? '{}' : text);
    if (object instanceof YamlProblem)
      throw failure(`error loading config file "${file}": ${object.message}`);
    const config = (object ?? {}) as Fields;
    for (const [list, field] of Object.entries(SECTIONS) as [keyof typeof SECTIONS, string][]) {
      for (const item of (config[list] ?? []) as Fields[]) {
        const name = String(item.name ?? '');
        if (merged[list].some((one) => one.name === name)) continue;
        merged[list].push({ name, fields: (item[field] ?? {}) as Fields, file });
      }
    }
    if (currentContext === '') currentContext = String(config['current-context'] ?? '');
  }
  return { files, ...merged, currentContext };
}

/** The connection that flags and files make, and how it is named in errors. */
export interface Connection extends ConnectionConfig {
  readonly userName: string;
  /** `user:password`, where that is how the user says who they are. */
  readonly basic?: string;
}

/** Works out the server, the user and the namespace. */
export function* connectionOf(process: Process, values: FlagValues): Routine<Connection> {
  const config = yield* readKubeconfig(process, values, false);
  const contextName = values.text('context') || config.currentContext;
  const context = config.contexts.find((one) => one.name === contextName);
  if (contextName !== '' && !context) {
    throw new Failure(
      `Error in configuration: context was not found for specified context: ${contextName}`,
    );
  }
  const server = values.text('server');
  if (!context && server === '') {
    const inside = yield* inClusterConfig(process);
    if (typeof inside !== 'string') return { ...inside, userName: '', ...overrides(values) };
  }
  const cluster = yield* clusterOf(process, values, config, context);
  const user = yield* userOf(process, values, config, context);
  return {
    server: server || String(cluster.fields.server ?? 'http://localhost:8080'),
    authorities: certificatesOf(cluster.material),
    insecure:
      values.is('insecure-skip-tls-verify') || cluster.fields['insecure-skip-tls-verify'] === true,
    certificate: user.certificate,
    token: user.token,
    ...(user.basic ? { basic: user.basic } : {}),
    namespace: values.text('namespace') || String(context?.fields.namespace ?? 'default'),
    userName: user.name,
  };
}

function overrides(values: FlagValues): { namespace?: string; token?: string } {
  const namespace = values.text('namespace');
  const token = values.text('token');
  return { ...(namespace ? { namespace } : {}), ...(token ? { token } : {}) };
}

function* clusterOf(
  process: Process,
  values: FlagValues,
  config: Kubeconfig,
  context: Entry | undefined,
): Routine<{ fields: Fields; material: string }> {
  const name = values.text('cluster') || String(context?.fields.cluster ?? '');
  const entry = config.clusters.find((one) => one.name === name);
  if (values.text('cluster') !== '' && !entry && values.text('server') === '') {
    throw failure(`no server found for cluster "${name}"`);
  }
  const own = values.text('certificate-authority');
  const fields = own
    ? { ...entry?.fields, 'certificate-authority': own, 'certificate-authority-data': undefined }
    : (entry?.fields ?? {});
  const material = yield* pem(
    process,
    own ? '' : (entry?.file ?? ''),
    fields,
    'certificate-authority',
  );
  return { fields, material };
}

interface User {
  readonly certificate: Certificate | undefined;
  readonly token: string | undefined;
  readonly name: string;
  readonly basic: string;
}

function* userOf(
  process: Process,
  values: FlagValues,
  config: Kubeconfig,
  context: Entry | undefined,
): Routine<User> {
  const name = values.text('user') || String(context?.fields.user ?? '');
  const entry = config.users.find((one) => one.name === name);
  if (values.text('user') !== '' && !entry) throw failure(`auth info "${name}" does not exist`);
  const path = values.text('client-certificate');
  const fields = path ? { 'client-certificate': path } : (entry?.fields ?? {});
  const [certificate] = certificatesOf(
    yield* pem(process, path ? '' : (entry?.file ?? ''), fields, 'client-certificate'),
  );
  if (certificate) yield* checkKey(process, values, entry, certificate);
  const file = fields.tokenFile;
  const read = typeof file === 'string' ? yield* readText(process, file) : fields.token;
  const token = values.text('token') || (typeof read === 'string' ? read.trim() : undefined);
  const username = values.text('username') || String(fields.username ?? '');
  const password = values.text('password') || String(fields.password ?? '');
  return {
    certificate,
    token: token === '' ? undefined : token,
    name,
    basic: username === '' ? '' : `${username}:${password}`,
  };
}

/** A certificate is of use with its own private key alone (tls.X509KeyPair). */
function* checkKey(
  process: Process,
  values: FlagValues,
  entry: Entry | undefined,
  certificate: Certificate,
): Routine<void> {
  const path = values.text('client-key');
  const fields = path ? { 'client-key': path } : (entry?.fields ?? {});
  if (!fields['client-key'] && !fields['client-key-data']) {
    throw failure(
      `invalid configuration: client-key-data or client-key must be specified for ${entry?.name ?? ''} to use the clientCert authentication method`,
    );
  }
  const text = yield* pem(process, path ? '' : (entry?.file ?? ''), fields, 'client-key');
  const [found] = PRIVATE_KEYS.flatMap((label) => fromPem(text, label)) as { key?: string }[];
  if (!found) throw failure('tls: failed to find any PEM data in key input');
  if (found.key !== certificate.key)
    throw new Failure(
      'Unable to connect to the server: tls: private key does not match public key',
    );
}

const PRIVATE_KEYS = ['RSA PRIVATE KEY', 'EC PRIVATE KEY', 'PRIVATE KEY'];

function* pem(process: Process, file: string, fields: Fields, name: string): Routine<string> {
  const data = fields[`${name}-data`];
  if (typeof data === 'string') return decode(fromBase64(data));
  const path = fields[name];
  if (typeof path !== 'string' || path === '') return '';
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.';
  const where = path.startsWith('/') || file === '' ? path : `${folder}/${path}`;
  const text = yield* readText(process, where);
  if (!isErrno(text)) return text;
  const what = name === 'client-certificate' ? 'client-cert' : name;
  throw failure(
    `unable to read ${what} ${where} for ${name} due to open ${where}: ${text.message.toLowerCase()}`,
  );
}
