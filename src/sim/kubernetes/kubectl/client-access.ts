// How a command gets its client (cmdutil's factory): the connection of flags and kubeconfig, a name and a password asked for
// where nothing says who is asking, impersonation, the log that -v asks for, the folder of the discovery cache.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { type FlagValues, parseDuration } from '../../etcd/cobra/flags.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { KUBERNETES_VERSION } from '../api/discovery/version.ts';
import { klog } from '../component/klog.ts';
import { failure } from './failure.ts';
import { type Connection, connectionOf, kubeconfigFiles } from './kubeconfig.ts';
import { type Impersonation, type RestClient, restClient } from './rest.ts';

/** How often a command asks for discovery before it gives up, where not five times. */
const ATTEMPTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'attach cordon debug drain exec logs port-forward rollout set uncordon wait'
      .split(' ')
      .map((name) => [name, 4]),
  ),
  auth: 2,
  explain: 2,
  taint: 2,
  'api-resources': 1,
  'api-versions': 1,
  run: 1,
};

/** The same by the whole path of a command: `kubectl get`. */
export function attemptsOf(path: string): number {
  return ATTEMPTS[path.split(' ')[1] ?? ''] ?? 5;
}

/** --cache-dir, else $KUBECACHEDIR, else ~/.kube/cache. */
export function cacheFolder(main: Main, values: FlagValues): string {
  const { environment } = main.process;
  if (values.changed('cache-dir') && values.text('cache-dir') !== '')
    return values.text('cache-dir');
  return environment.get('KUBECACHEDIR') || `${environment.get('HOME') ?? ''}/.kube/cache`;
}

/** A client of the server that flags and kubeconfig name. */
export function* connected(main: Main, values: FlagValues): Routine<RestClient> {
  const verbosity = values.number('v');
  if (verbosity >= 1) yield* logFeatureGates(main);
  if (verbosity >= 6)
    for (const file of kubeconfigFiles(main.process, values))
      if (!isErrno(main.process.stat(file)))
        yield* klog(main, 'I', 'loader.go:407', `Config loaded from file:  ${file}`);
  const connection = yield* identified(main, yield* connectionOf(main.process, values));
  const impersonation = impersonationOf(values, connection.userName);
  const timeout = requestTimeout(values);
  const client = restClient(main, connection, impersonation, { timeout, verbosity });
  if (values.is('match-server-version')) yield* matchVersion(client);
  return client;
}

/** Features of client-go and whether they are on, as -v=1 tells them (in no particular order). */
const FEATURE_GATES: Readonly<Record<string, boolean>> = {
  AtomicFIFO: true,
  ClientsAllowCARotation: true,
  ClientsAllowCBOR: false,
  ClientsAllowTLSCacheGC: true,
  ClientsPreferCBOR: false,
  InOrderInformers: true,
  InOrderInformersBatchProcess: true,
  InformerResourceVersion: true,
  UnlockWhileProcessingFIFO: true,
  WatchListClient: true,
};

function* logFeatureGates(main: Main): Routine<void> {
  for (const [name, on] of Object.entries(FEATURE_GATES))
    yield* klog(
      main,
      'I',
      'envvar.go:195',
      `"Feature gate default state" feature="${name}" enabled=${on}`,
    );
}

function* matchVersion(client: RestClient): Routine<void> {
  const { gitVersion } = yield* client.call('GET', '/version');
  if (gitVersion !== KUBERNETES_VERSION)
    throw failure(
      `server version (${gitVersion}) differs from client version (${KUBERNETES_VERSION})!`,
    );
}

/** Asks for a name and a password where nothing says who is asking (clientcmd's PromptingAuthLoader). */
function* identified(main: Main, connection: Connection): Routine<Connection> {
  const { certificate, token, basic, server } = connection;
  if (certificate || token || basic || !server.startsWith('https:')) return connection;
  const answers: string[] = [];
  for (const what of ['Username', 'Password']) {
    yield* main.out.print(`Please enter ${what}: `);
    yield* main.out.flush();
    const line = yield* main.input.line();
    if (line === undefined) throw failure('EOF');
    answers.push(line.trim());
  }
  return { ...connection, basic: answers.join(':') };
}

/** --request-timeout in nanoseconds; 0 where requests may last for ever. */
function requestTimeout(values: FlagValues): number {
  const text = values.text('request-timeout');
  const timeout = /^\d+$/.test(text) ? Number(text) * SECOND : parseDuration(text);
  if (timeout !== undefined) return timeout;
  throw failure(
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  );
}

function impersonationOf(values: FlagValues, userName: string): Impersonation {
  const user = values.text('as');
  const groups = values.all('as-group');
  const uid = values.text('as-uid');
  const extra = extraHeaders(values.all('as-user-extra'));
  if (user === '') {
    if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return {};
    throw failure(
      `requesting uid, groups or user-extra for ${userName} without impersonating a user`,
    );
  }
  return {
    'impersonate-user': user,
    ...(groups.length > 0 ? { 'impersonate-group': groups.join(',') } : {}),
    ...(uid ? { 'impersonate-uid': uid } : {}),
    ...extra,
  };
}

/** `scope=a` as the header Impersonate-Extra-Scope; several values of one key are parted by commas. */
function extraHeaders(pairs: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 0) throw failure(`invalid argument for --as-user-extra: ${pair}, expected key=value`);
    const name = `impersonate-extra-${encodeURIComponent(pair.slice(0, at)).toLowerCase()}`;
    const before = headers[name];
    const value = pair.slice(at + 1);
    headers[name] = before === undefined ? value : `${before},${value}`;
  }
  return headers;
}
