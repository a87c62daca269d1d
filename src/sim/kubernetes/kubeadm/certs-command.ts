// kubeadm certs: check-expiration, renew, certificate-key; and kubeadm kubeconfig user, which signs one more client.

import type { Routine } from '../../core/wait.ts';
import { parseDuration } from '../../etcd/cobra/flags.ts';
import { isErrno } from '../../kernel/errno.ts';
import { MILLISECOND } from '../../core/time.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { type Certificate, certificatesOf, toPem } from '../../userland/tls/certificate.ts';
import { textOfBase64 } from '../../core/base64.ts';
import { readText } from '../component/kubeconfig.ts';
import { tabulate } from '../kubectl/output/tabwriter.ts';
import { SHORT_MONTHS } from '../../userland/libc/strftime.ts';
import {
  authorityAt,
  contextOf,
  freshSeed,
  namesOf,
  nowOf,
  put,
  type RunContext,
  serverAddress,
} from './context.ts';
import { Failure } from './failure.ts';
import { clientCredentials, componentUsers, kubeconfigOf } from './kubeconfig.ts';
import { loadConfiguration } from './load-configuration.ts';
import { authorityBase } from './phase-files.ts';
import { AUTHORITIES, certificatePem, issue, type KeyPair, keyPem, LEAVES } from './pki.ts';
import { type Call, say, warn } from './settings.ts';

/** What can be renewed, by the names that kubeadm lists, with what renewing each says. */
const KUBECONFIGS: Readonly<Record<string, string>> = {
  'admin.conf':
    'certificate embedded in the kubeconfig file for the admin to use and for kubeadm itself',
  'controller-manager.conf':
    'certificate embedded in the kubeconfig file for the controller manager to use',
  'scheduler.conf': 'certificate embedded in the kubeconfig file for the scheduler manager to use',
  'super-admin.conf': 'certificate embedded in the kubeconfig file for the super-admin',
};

const RENEWABLE = [...LEAVES.map(({ phase }) => phase), ...Object.keys(KUBECONFIGS)].sort();

function* certificateIn(context: RunContext, name: string): Routine<Certificate | undefined> {
  const { main, certDirectory } = context;
  const leaf = LEAVES.find(({ phase }) => phase === name);
  const authority = AUTHORITIES.find(({ phase }) => phase === name);
  const base = leaf?.base ?? authority?.base;
  const path = base === undefined ? `/etc/kubernetes/${name}` : `${certDirectory}/${base}.crt`;
  const text = yield* readText(main.process, path);
  if (isErrno(text)) return undefined;
  const embedded = /client-certificate-data: (\S+)/.exec(text)?.[1];
  return certificatesOf(embedded === undefined ? text : textOfBase64(embedded))[0];
}

function dateText(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  const month = SHORT_MONTHS[Number(text.slice(5, 7)) - 1] ?? '';
  return `${month} ${text.slice(8, 10)}, ${text.slice(0, 4)} ${text.slice(11, 16)} UTC`;
}

/** What is left, in its largest unit. */
function residual(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  if (milliseconds < 0) return '<invalid>';
  if (hours < 24) return `${hours}h`;
  return hours < 24 * 365 ? `${Math.floor(hours / 24)}d` : `${Math.floor(hours / 24 / 365)}y`;
}

function* contextFor(call: Call): Routine<RunContext> {
  const { cluster, init } = yield* loadConfiguration({ ...call, flags: offline(call) });
  return contextOf(call, cluster, init);
}

/** The version does not matter to certificates, so no label is looked up. */
function offline({ flags }: Call): Call['flags'] {
  return {
    ...flags,
    text: (name) =>
      name === 'kubernetes-version' ? flags.text(name) || 'v1.36.3' : flags.text(name),
  };
}

/** kubeadm certs check-expiration. */
export function* checkExpiration(call: Call): Routine<number> {
  const { main, flags } = call;
  const output = flags.text('output');
  if (output !== '' && output !== 'text')
    return yield* notSimulated(main, `kubeadm certs check-expiration -o ${output}`);
  const context = yield* contextFor(call);
  if (flags.text('config') === '')
    main.out.put(
      '[check-expiration] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...\n[check-expiration] Use \'kubeadm init phase upload-config kubeadm --config your-config-file\' to re-upload it.\n\n',
    );
  for (const { phase, base } of AUTHORITIES) {
    const path = `${context.certDirectory}/${base}.crt`;
    if (!main.process.exists(path))
      throw new Failure(
        `Error checking external CA condition for ${phase} certificate authority: failure loading certificate for CA: couldn't load the certificate file ${path}: open ${path}: no such file or directory`,
      );
  }
  const now = nowOf(main);
  const table = { minimum: 10, padding: 3 };
  const rows = ['CERTIFICATE\tEXPIRES\tRESIDUAL TIME\tCERTIFICATE AUTHORITY\tEXTERNALLY MANAGED'];
  for (const name of RENEWABLE) {
    const found = yield* certificateIn(context, name);
    const signer = LEAVES.find(({ phase }) => phase === name)?.authority ?? 'ca';
    rows.push(
      found
        ? `${name}\t${dateText(found.notAfter)}\t${residual(found.notAfter - now)}\t${signer}\tno\t`
        : `!MISSING! ${name}\t\t\t\t\t`,
    );
  }
  main.out.put(tabulate(`${rows.join('\n')}\n`, table));
  const authorities = ['CERTIFICATE AUTHORITY\tEXPIRES\tRESIDUAL TIME\tEXTERNALLY MANAGED'];
  for (const { phase } of [...AUTHORITIES].sort((a, b) => (a.phase < b.phase ? -1 : 1))) {
    const found = yield* certificateIn(context, phase);
    authorities.push(
      found
        ? `${phase}\t${dateText(found.notAfter)}\t${residual(found.notAfter - now)}\tno\t`
        : `!MISSING! ${phase}\t\t\t\t`,
    );
  }
  main.out.put(`\n${tabulate(`${authorities.join('\n')}\n`, table)}`);
  return 0;
}

function* renewOne(context: RunContext, name: string): Routine<void> {
  const leaf = LEAVES.find(({ phase }) => phase === name);
  const long = leaf?.longName ?? KUBECONFIGS[name] ?? '';
  const renewed = yield* renewCertificate(context, name);
  yield* say(context.main, renewed ? `${long} renewed` : `MISSING! ${long}`);
}

/** Issues a certificate, or that of a kubeconfig, once more, for whom and what it is; false where there is none. */
export function* renewCertificate(context: RunContext, name: string): Routine<boolean> {
  const { main, certDirectory } = context;
  const leaf = LEAVES.find(({ phase }) => phase === name);
  const old = yield* certificateIn(context, name);
  if (!old) return false;
  const signer = yield* authorityAt(main, certDirectory, authorityBase(leaf?.authority ?? 'ca'));
  const { commonName, organizations, dnsNames, ipAddresses, usages } = old;
  const facts = { commonName, organizations, dnsNames, ipAddresses, usages };
  const pair = issue(freshSeed(main), signer.certificate, facts, nowOf(main));
  if (leaf) {
    yield* put(main, `${certDirectory}/${leaf.base}.crt`, certificatePem(pair), 0o644);
    yield* put(main, `${certDirectory}/${leaf.base}.key`, keyPem(pair), 0o600);
  } else {
    const path = `/etc/kubernetes/${name}`;
    const text = yield* readText(main.process, path);
    const where = {
      server: isErrno(text) ? serverAddress(context) : (/server: (\S+)/.exec(text)?.[1] ?? ''),
      name: context.cluster.clusterName,
    };
    const credentials = { certificate: certificatePem(pair), key: keyPem(pair) };
    const made = kubeconfigOf(certificatePem(signer), where, commonName, credentials);
    yield* put(main, path, made, 0o600);
  }
  return true;
}

/** kubeadm certs renew NAME, and all. */
export function renewCommand(name: string): (call: Call) => Routine<number> {
  return function* (call) {
    const context = yield* contextFor(call);
    if (call.flags.text('config') === '')
      call.main.out.put(
        '[renew] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...\n[renew] Use \'kubeadm init phase upload-config kubeadm --config your-config-file\' to re-upload it.\n\n',
      );
    for (const one of name === 'all' ? RENEWABLE : [name]) yield* renewOne(context, one);
    if (name === 'all')
      yield* say(
        call.main,
        '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.',
      );
    return 0;
  };
}

export const RENEW_COMMANDS: Readonly<Record<string, (call: Call) => Routine<number>>> =
  Object.fromEntries(
    [...RENEWABLE, 'all'].map((name) => [`certs renew ${name}`, renewCommand(name)] as const),
  );

/** kubeadm certs certificate-key: 32 random bytes. */
export function* certificateKey({ main }: Call): Routine<number> {
  let hex = '';
  while (hex.length < 64) hex += main.process.entropyKey().toString(16).padStart(8, '0').slice(-8);
  yield* say(main, hex.slice(0, 64));
  return 0;
}

/** The request of one key: for whom, and for which names. */
function requestPem(key: string, facts: Partial<Certificate> & { commonName: string }): string {
  const { commonName, organizations = [], dnsNames = [], ipAddresses = [] } = facts;
  const subject = [...organizations.map((name) => ['O', name]), ['CN', commonName]];
  const request = { commonName, organizations, subject, key, dnsNames, ipAddresses };
  return toPem('CERTIFICATE REQUEST', request);
}

/** kubeadm certs generate-csr: keys and requests for an authority elsewhere, and kubeconfigs that want a certificate. */
export function* generateRequests(call: Call): Routine<number> {
  const { main, flags } = call;
  const context = yield* contextFor(call);
  const { certDirectory, init, cluster } = context;
  yield* say(main, `generating keys and CSRs in ${certDirectory}`);
  const names = namesOf(context);
  for (const { base, facts } of LEAVES) {
    const path = `${certDirectory}/${base}`;
    if (main.process.exists(`${path}.key`))
      throw new Failure(`file already exists: key or CSR ${path}`);
    const key = `${freshSeed(main)}/${base}`;
    yield* put(main, `${path}.key`, keyPem({ key }), 0o600);
    yield* put(main, `${path}.csr`, requestPem(key, facts(names)), 0o600);
    yield* say(main, `  ${base}`);
  }
  const directory = flags.text('kubeconfig-dir');
  yield* say(main, `generating keys and CSRs in ${directory}`);
  const where = { server: serverAddress(context), name: cluster.clusterName };
  for (const [file, user] of Object.entries(componentUsers(init.nodeRegistration.name))) {
    const key = `${freshSeed(main)}/${file}`;
    const text = kubeconfigOf('', where, user.name, { key: keyPem({ key }) });
    yield* put(main, `${directory}/${file}`, text, 0o600);
    const { name: commonName, organizations } = user;
    yield* put(
      main,
      `${directory}/${file}.csr`,
      requestPem(key, { commonName, organizations }),
      0o600,
    );
    yield* say(main, `  ${file}`);
  }
  return 0;
}

/** kubeadm kubeconfig user. */
export function* userKubeconfig(call: Call): Routine<number> {
  const { main, flags } = call;
  const { cluster, init } = yield* loadConfiguration(call);
  const context = contextOf(call, cluster, init);
  let authority: KeyPair;
  try {
    authority = yield* authorityAt(main, context.certDirectory);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    throw new Failure(
      `couldn't create a kubeconfig; the CA files couldn't be loaded: ${failure.text}`,
    );
  }
  const name = flags.text('client-name');
  const where = { server: serverAddress(context), name: cluster.clusterName };
  const token = flags.text('token');
  const lasts = parseDuration(flags.text('validity-period')) ?? 0;
  if (token === '' && lasts / MILLISECOND > 365 * 86_400_000)
    yield* warn(
      main,
      'WARNING: the specified certificate validity period is longer than the default duration',
    );
  const user = { name, organizations: flags.list('org') };
  const credentials =
    token === ''
      ? clientCredentials(freshSeed(main), authority.certificate, user, nowOf(main))
      : { token };
  main.out.put(kubeconfigOf(certificatePem(authority), where, name, credentials));
  main.out.put('\n');
  return 0;
}
