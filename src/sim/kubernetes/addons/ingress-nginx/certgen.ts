// kube-webhook-certgen: `create` makes an authority and a server certificate and keeps them in a Secret; `patch` puts the
// authority into webhook configurations.

import { base64 } from '../../../core/base64.ts';
import { encode } from '../../../core/text.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import { type Certificate, toPem } from '../../../userland/tls/certificate.ts';
import { type ApiClient, Refusal, type Resource } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import type { KubeObject } from '../../api/object.ts';
import { networkClient } from '../../component/connect.ts';
import { type Flags, listFlag, parseFlags } from '../../component/flags.ts';
import { inClusterConfig } from '../../component/kubeconfig.ts';

const CENTURY = 100 * 365 * 24 * 3600 * 1000;

interface WebhookConfiguration {
  readonly metadata: KubeObject['metadata'];
  readonly webhooks?: readonly {
    readonly clientConfig: { readonly caBundle?: string };
    readonly failurePolicy?: string;
  }[];
}

const CONFIGURATIONS: readonly (readonly [string, Resource<WebhookConfiguration>])[] = [
  [
    'patch-validating',
    { groupVersion: 'admissionregistration.k8s.io/v1', plural: 'validatingwebhookconfigurations' },
  ],
  [
    'patch-mutating',
    { groupVersion: 'admissionregistration.k8s.io/v1', plural: 'mutatingwebhookconfigurations' },
  ],
];

function certificates(process: Process, hosts: readonly string[]): Record<string, string> {
  const now = epochMilliseconds(process.now);
  const key = process.simulation.random.fork(`certgen ${process.hostname}`).uuid();
  const facts: Omit<Certificate, 'commonName' | 'key' | 'dnsNames' | 'isAuthority' | 'usages'> = {
    serial: '1',
    organizations: ['nil1'],
    issuer: 'nil1',
    signedBy: key,
    notBefore: now - 5 * 60_000,
    notAfter: now + CENTURY,
    ipAddresses: [],
  };
  const usages = ['digital signature', 'key encipherment', 'server auth'];
  const authority = { ...facts, commonName: 'nil1', key, dnsNames: [], isAuthority: true, usages };
  const leaf = {
    ...authority,
    commonName: '',
    key: `${key}-server`,
    dnsNames: hosts,
    isAuthority: false,
  };
  return {
    ca: toPem('CERTIFICATE', authority),
    cert: toPem('CERTIFICATE', { ...leaf, organizations: ['nil2'] }),
    key: toPem('EC PRIVATE KEY', { key: leaf.key }),
  };
}

function* create(main: Main, client: ApiClient, flags: Flags): Routine<number> {
  const namespace = flags.get('namespace') ?? '';
  const name = flags.get('secret-name') ?? '';
  const known = yield* client.get(resources.secrets, namespace, name);
  if (!(known instanceof Refusal)) return yield* say(main, 'info', 'secret already exists');
  const names = ['ca', 'cert', 'key'].map((one) => flags.get(`${one}-name`) ?? one);
  const made = Object.values(certificates(main.process, listFlag(flags, 'host')));
  const data: Record<string, string> = {};
  for (const [i, text] of made.entries()) data[names[i] ?? ''] = base64(encode(text));
  yield* say(main, 'info', 'creating new secret');
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data } as const;
  const stored = yield* client.create(resources.secrets, secret);
  return stored instanceof Refusal ? yield* say(main, 'fatal', stored.message) : 0;
}

function* patch(main: Main, client: ApiClient, flags: Flags): Routine<number> {
  const namespace = flags.get('namespace') ?? '';
  const secret = yield* client.get(resources.secrets, namespace, flags.get('secret-name') ?? '');
  if (secret instanceof Refusal) return yield* say(main, 'fatal', secret.message);
  const caBundle = secret.data?.[flags.get('ca-name') ?? 'ca'] ?? '';
  const name = flags.get('webhook-name') ?? '';
  const failurePolicy = flags.get('patch-failure-policy');
  for (const [flag, resource] of CONFIGURATIONS) {
    if (flags.get(flag) === 'false') continue;
    const found = yield* client.get(resource, '', name);
    if (found instanceof Refusal) return yield* say(main, 'fatal', found.message);
    const webhooks = (found.webhooks ?? []).map((one) => ({
      ...one,
      clientConfig: { ...one.clientConfig, caBundle },
      ...(failurePolicy ? { failurePolicy } : {}),
    }));
    const written = yield* client.update(resource, { ...found, webhooks });
    if (written instanceof Refusal) return yield* say(main, 'fatal', written.message);
  }
  yield* say(main, 'info', 'Patched hook(s)');
  return 0;
}

/** A line as logrus writes JSON; the exit status that goes with it. */
function* say(main: Main, level: 'info' | 'fatal', msg: string): Routine<number> {
  const time = new Date(epochMilliseconds(main.process.now)).toISOString().replace(/\.\d+/, '');
  yield* main.err.print(`${JSON.stringify({ level, msg, time })}\n`);
  return level === 'fatal' ? 1 : 0;
}

export const kubeWebhookCertgen = program('kube-webhook-certgen', function* (main) {
  const [word = '', ...args] = main.args;
  const config = yield* inClusterConfig(main.process);
  if (typeof config === 'string') return yield* say(main, 'fatal', config);
  const client = networkClient(main.process, config, 'kube-webhook-certgen');
  if (word === 'create') return yield* create(main, client, parseFlags(args));
  if (word === 'patch') return yield* patch(main, client, parseFlags(args));
  return yield* notSimulated(main, `kube-webhook-certgen ${word}`);
});
