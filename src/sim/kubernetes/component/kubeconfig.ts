// kubeconfig files (client-go clientcmd): clusters, users and contexts; certificates beside the file or within it.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import { type Certificate, certificatesOf } from '../../userland/tls/certificate.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { fromBase64 } from '../../core/base64.ts';

/** How to reach a cluster, and as whom. */
export interface ConnectionConfig {
  /** `https://192.168.49.2:8443`. */
  readonly server: string;
  readonly authorities: readonly Certificate[];
  readonly insecure: boolean;
  readonly certificate: Certificate | undefined;
  readonly token: string | undefined;
  readonly namespace: string;
}

interface Named<T> {
  readonly name: string;
  readonly value: T | undefined;
}
type Fields = Readonly<Record<string, string | boolean | undefined>>;

interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly name: string; readonly cluster?: Fields }[];
  readonly users?: readonly { readonly name: string; readonly user?: Fields }[];
  readonly contexts?: readonly { readonly name: string; readonly context?: Fields }[];
}

/** Reads a whole file as text. */
export function* readText(process: Process, path: string): Routine<string | Errno> {
  const fd = process.open(path);
  if (isErrno(fd)) return fd;
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  return isErrno(bytes) ? bytes : decode(bytes);
}

/** The connection that a context of a kubeconfig, its current one, describes; a text where it cannot be read. */
export function* loadKubeconfig(
  process: Process,
  path: string,
  called?: string,
): Routine<ConnectionConfig | string> {
  const text = yield* readText(process, path);
  if (isErrno(text)) return `stat ${path}: ${text.message.toLowerCase()}`;
  const read = parseYaml(text) ?? {};
  if (read instanceof YamlProblem) return `error loading config file "${path}": ${read.message}`;
  const file = read as KubeconfigFile;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const context = find(
    file.contexts?.map(({ name, context }) => ({ name, value: context })),
    called ?? file['current-context'],
  );
  const cluster = find(
    file.clusters?.map(({ name, cluster }) => ({ name, value: cluster })),
    context?.cluster,
  );
  const user = find(
    file.users?.map(({ name, user }) => ({ name, value: user })),
    context?.user,
  );
  const ca = yield* material(process, folder, cluster, 'certificate-authority');
  const client = yield* material(process, folder, user, 'client-certificate');
  const [certificate] = certificatesOf(client);
  const tokenFile = user?.tokenFile;
  const token = typeof tokenFile === 'string' ? yield* readText(process, tokenFile) : user?.token;
  return {
    server: String(cluster?.server ?? ''),
    authorities: certificatesOf(ca),
    insecure: cluster?.['insecure-skip-tls-verify'] === true,
    certificate,
    token: typeof token === 'string' ? token.trim() : undefined,
    namespace: String(context?.namespace ?? 'default'),
  };
}

/** What a pod's service account is given (rest.InClusterConfig). */
export function* inClusterConfig(process: Process): Routine<ConnectionConfig | string> {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const host = process.environment.get('KUBERNETES_SERVICE_HOST');
  const port = process.environment.get('KUBERNETES_SERVICE_PORT');
  if (!host || !port) {
    return 'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined';
  }
  const token = yield* readText(process, `${folder}/token`);
  if (isErrno(token)) return `open ${folder}/token: ${token.message.toLowerCase()}`;
  const ca = yield* readText(process, `${folder}/ca.crt`);
  const namespace = yield* readText(process, `${folder}/namespace`);
  return {
    server: `https://${host}:${port}`,
    authorities: isErrno(ca) ? [] : certificatesOf(ca),
    insecure: false,
    certificate: undefined,
    token: token.trim(),
    namespace: isErrno(namespace) ? 'default' : namespace.trim(),
  };
}

function find<T>(list: readonly Named<T>[] | undefined, name: unknown): T | undefined {
  return list?.find((entry) => entry.name === name)?.value;
}

/** PEM given as data or as a path, relative to the kubeconfig's folder. */
function* material(
  process: Process,
  folder: string,
  fields: Fields | undefined,
  name: string,
): Routine<string> {
  const data = fields?.[`${name}-data`];
  if (typeof data === 'string') return decode(fromBase64(data));
  const path = fields?.[name];
  if (typeof path !== 'string') return '';
  const text = yield* readText(process, path.startsWith('/') ? path : `${folder}/${path}`);
  return isErrno(text) ? '' : text;
}
