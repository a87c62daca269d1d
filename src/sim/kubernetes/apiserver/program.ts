// kube-apiserver as a process: flags of its static pod, TLS on the secure port, etcd over the network, kubelets reached by
// their nodes' addresses, servers behind API services by their endpoints. Audit logs are left out.

import { MINUTE, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { EtcdError } from '../../etcd/error.ts';
import { remoteClient } from '../../etcd/remote/client.ts';
import { dial } from '../../etcd/remote/connection.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ClientTls } from '../../userland/http/client.ts';
import { type ServerTls, serveHttp } from '../../userland/http/server.ts';
import { certificatesIn } from '../../userland/http/trust.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import type { Certificate } from '../../userland/tls/certificate.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';
import { type ApiServer, createApiServer } from '../api/server.ts';
import { ApiError } from '../api/status.ts';
import { type Encryption, encryptionOf } from '../api/storage/encryption.ts';
import { checkFlags, type Flags, listFlag, parseFlags } from '../component/flags.ts';
import { selfSigned } from '../component/health.ts';
import { takeHeap } from '../component/heap.ts';
import { klog } from '../component/klog.ts';
import { unknownPlugin } from '../component/known-flags.ts';
import { readText } from '../component/kubeconfig.ts';
import { endOnSignals } from '../component/signals.ts';
import { threadSpawn } from '../controllers/manager.ts';
import { followAvailability } from './availability.ts';
import { callWebhookThrough, dialThrough, kubeletProxyThrough } from './outgoing.ts';

const NAME = 'kube-apiserver';
const STORAGE = 'error creating storage factory: ';
/** How long one request to etcd may take, and how long the server waits for etcd at its start. */
const ETCD_TIMEOUT = 10 * SECOND;
const ETCD_PATIENCE = MINUTE;

/** The certificates of the file that a flag names; none where it is not given. */
function* fromFlag(main: Main, flags: Flags, name: string): Routine<readonly Certificate[]> {
  const path = flags.get(name);
  return path === undefined ? [] : ((yield* certificatesIn(main.process, path)) ?? []);
}

function* etcdTls(main: Main, flags: Flags): Routine<ClientTls> {
  const authorities = yield* fromFlag(main, flags, 'etcd-cafile');
  const [certificate] = yield* fromFlag(main, flags, 'etcd-certfile');
  return { authorities, ...(certificate ? { certificate } : {}) };
}

/** How another server knows that a request comes through this one. */
function* requestHeaderOf(main: Main, flags: Flags): Routine<Readonly<Record<string, string>>> {
  const data: Record<string, string> = {};
  const path = flags.get('requestheader-client-ca-file');
  const text = path === undefined ? '' : yield* readText(main.process, path);
  if (path === undefined || isErrno(text)) return data;
  data['requestheader-client-ca-file'] = text;
  for (const name of ['allowed-names', 'extra-headers-prefix', 'group-headers', 'username-headers'])
    data[`requestheader-${name}`] = JSON.stringify(listFlag(flags, `requestheader-${name}`));
  return data;
}

/** Reads the file of --encryption-provider-config; a text says why it cannot be used. */
function* encryptionFrom(main: Main, flags: Flags): Routine<Encryption | undefined | string> {
  const path = flags.get('encryption-provider-config');
  if (path === undefined) return undefined;
  const failed = 'error while parsing file: ';
  const text = yield* readText(main.process, path);
  if (isErrno(text)) {
    const why = `open ${path}: ${text.message.toLowerCase()}`;
    return `${failed}error opening encryption provider configuration file "${path}": ${why}`;
  }
  const given = parseYaml(text);
  if (given instanceof YamlProblem) return `${failed}${given.message}`;
  const { random } = main.process.simulation;
  const encryption = encryptionOf(given, random.fork('encryption at rest'));
  return typeof encryption === 'string' ? `${failed}${encryption}` : encryption;
}

function* connect(main: Main, flags: Flags): Routine<ApiServer | string> {
  const { process } = main;
  const connection = yield* dial(
    main,
    {
      endpoints: listFlag(flags, 'etcd-servers'),
      dialTimeout: 20 * SECOND,
      user: undefined,
      tls: yield* etcdTls(main, flags),
      secure: true,
      logger: 'etcd-client',
    },
    process.now + ETCD_TIMEOUT,
  );
  if (connection instanceof EtcdError) return `${STORAGE}${connection.message}`;
  const encryption = yield* encryptionFrom(main, flags);
  if (typeof encryption === 'string') return encryption;
  const authority = flags.get('client-ca-file');
  const text = authority === undefined ? '' : yield* readText(process, authority);
  const [certificate] = yield* fromFlag(main, flags, 'kubelet-client-certificate');
  const server: ApiServer = createApiServer({
    simulation: process.simulation,
    etcd: remoteClient(connection, ETCD_TIMEOUT),
    options: {
      serviceClusterIpRange: flags.get('service-cluster-ip-range') ?? '10.96.0.0/12',
      securePort: Number(flags.get('secure-port') ?? 6443),
      ...(flags.has('advertise-address')
        ? { advertiseAddress: flags.get('advertise-address') ?? '' }
        : {}),
      ...(isErrno(text) ? {} : { certificateAuthority: text }),
      requestHeader: yield* requestHeaderOf(main, flags),
      kubeletProxy: (node, request) =>
        kubeletProxyThrough(process, server, certificate, node, request),
      dial: (target, request) => dialThrough(process, target, request),
      ...(encryption ? { encryption } : {}),
      aggregated: new Map(),
      callWebhook: (target, request) => callWebhookThrough(process, target, request),
    },
  });
  process.whenEnded(() => server.stop());
  return server;
}

/** Starts the server over etcd; tries again while etcd does not answer. The last error's text where it never did. */
function* start(main: Main, server: ApiServer): Routine<string | undefined> {
  const { process } = main;
  const until = process.now + ETCD_PATIENCE;
  for (;;) {
    const failure = yield* server.start();
    if (!(failure instanceof ApiError)) return undefined;
    if (process.now >= until) return failure.message;
    yield* sleepUntil(process.now + SECOND);
  }
}

function* tlsOf(main: Main, flags: Flags): Routine<ServerTls> {
  const [certificate] = yield* fromFlag(main, flags, 'tls-cert-file');
  const clientAuthorities = yield* fromFlag(main, flags, 'client-ca-file');
  return { certificate: certificate ?? selfSigned(main.process), clientAuthorities };
}

function* listen(
  main: Main,
  server: ApiServer,
  port: number,
  tls: ServerTls,
): Routine<string | undefined> {
  const { process } = main;
  const fd = process.socket('inet', 'stream');
  if (isErrno(fd)) return fd.message;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const failure = process.bind(fd, { address: '0.0.0.0', port }) ?? process.listen(fd, 4096);
  if (failure)
    return `failed to listen on 0.0.0.0:${port}: listen tcp 0.0.0.0:${port}: bind: ${failure.message.toLowerCase()}`;
  process.thread(function* (thread) {
    yield* serveHttp(thread, fd, (request) => server.handle(request), { tls });
    return 0;
  });
  return undefined;
}

const MODES = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'];

/** Files that flags name and without which the server does not start, with what stands before the reason. */
const FILES: readonly (readonly [string, string])[] = [
  ['client-ca-file', ''],
  ['service-account-key-file', ''],
  ['tls-cert-file', ''],
  ['tls-private-key-file', ''],
  ['etcd-cafile', STORAGE],
  ['etcd-certfile', STORAGE],
  ['etcd-keyfile', STORAGE],
  ['kubelet-client-certificate', 'problem initializing API group "": '],
];

/** What is wrong with the values of flags. */
function* wrongValue(main: Main, flags: Flags): Routine<string | undefined> {
  const mode = listFlag(flags, 'authorization-mode').find((one) => !MODES.includes(one));
  if (mode !== undefined) return `authorization-mode "${mode}" is not a valid mode`;
  const ranges = listFlag(flags, 'service-cluster-ip-range');
  const range = ranges.findIndex((one) => !/^[\da-f.:]+\/\d+$/.test(one));
  if (range >= 0) return `service-cluster-ip-range[${range}] is not a valid cidr`;
  for (const flag of ['enable-admission-plugins', 'disable-admission-plugins']) {
    const names = listFlag(flags, flag).filter((name) => name !== 'NodeRestriction');
    const plugin = names.length > 0 ? yield* unknownPlugin(names) : undefined;
    if (plugin !== undefined) return `${flag} plugin "${plugin}" is unknown`;
  }
  for (const [flag, before] of FILES) {
    const path = flags.get(flag);
    const found = path === undefined ? 0 : main.process.stat(path);
    if (isErrno(found)) return `${before}open ${path}: ${found.message.toLowerCase()}`;
  }
  return undefined;
}

function* run(main: Main, flags: Flags): Routine<number> {
  endOnSignals(main.process, 0);
  if (!(yield* checkFlags(main, NAME, flags))) return 1;
  yield* takeHeap(main.process, NAME);
  const server = (yield* wrongValue(main, flags)) ?? (yield* connect(main, flags));
  if (typeof server === 'string') {
    yield* klog(main, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(server)}`);
    return 1;
  }
  const port = Number(flags.get('secure-port') ?? 6443);
  const problem =
    (yield* listen(main, server, port, yield* tlsOf(main, flags))) ?? (yield* start(main, server));
  if (problem !== undefined) {
    yield* klog(main, 'E', 'run.go:72', `"command failed" err="${problem}"`);
    return 1;
  }
  const { aggregated } = server.parts.options;
  const spawn = threadSpawn(main.process);
  if (aggregated) followAvailability(main.process.simulation, server, aggregated, spawn);
  yield* klog(main, 'I', 'secure_serving.go:211', `Serving securely on [::]:${port}`);
  for (;;) yield* main.process.pause();
}

export const kubeApiserver = program(NAME, (main) => run(main, parseFlags(main.args)));
