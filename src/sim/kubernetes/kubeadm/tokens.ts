// kubeadm token: bootstrap tokens are secrets of kube-system.

import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { parseDuration } from '../../etcd/cobra/flags.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { isErrno } from '../../kernel/errno.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { textOfBase64 } from '../../core/base64.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Secret } from '../api/types/config.ts';
import { loadKubeconfig } from '../component/kubeconfig.ts';
import { parseJsonPath } from '../kubectl/output/jsonpath.ts';
import { tabulate } from '../kubectl/output/tabwriter.ts';
import { type BootstrapToken, DEFAULT_TOKEN } from './configuration.ts';
import { adminClient, answered, apply } from './context.ts';
import { Failure } from './failure.ts';
import { randomToken, TOKEN_FORM } from './load-configuration.ts';
import { tokenSecret } from './objects.ts';
import { expiryOf } from './phase-cluster.ts';
import { publicKeyPin } from './pki.ts';
import { type Call, say } from './settings.ts';

const FORM = '"\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z"';
const ID_FORM = '"\\\\A([a-z0-9]{6})\\\\z"';
const TYPE = 'bootstrap.kubernetes.io/token';
const USAGES = ['authentication', 'signing'];

/** A token as `token list` has it. */
interface Listed {
  readonly token: string;
  readonly description: string;
  readonly expires: string;
  readonly usages: readonly string[];
  readonly groups: readonly string[];
}

function listedOf({ data = {} }: Secret): Listed {
  const field = (name: string): string => textOfBase64(data[name] ?? '');
  const groups = field('auth-extra-groups');
  return {
    token: `${field('token-id')}.${field('token-secret')}`,
    description: field('description'),
    expires: field('expiration'),
    usages: USAGES.filter((usage) => field(`usage-bootstrap-${usage}`) === 'true'),
    groups: groups === '' ? [] : groups.split(','),
  };
}

/** What is left of a time, in its largest unit (duration.ShortHumanDuration). */
function timeLeft(expires: string, now: number): string {
  if (expires === '') return '<forever>';
  const seconds = Math.floor((Date.parse(expires) - now) / 1000);
  if (seconds < 0) return '<invalid>';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return seconds < 86_400 * 365
    ? `${Math.floor(seconds / 86_400)}d`
    : `${Math.floor(seconds / 86_400 / 365)}y`;
}

function document({ token, description, expires, usages, groups }: Listed): object {
  return {
    kind: 'BootstrapToken',
    apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
    token,
    ...(description ? { description } : {}),
    ...(expires ? { expires } : {}),
    usages,
    groups,
  };
}

/** kubeadm token list. */
export function* listTokens(call: Call): Routine<number> {
  const { main, flags } = call;
  const client = yield* adminClient(call);
  const found = answered(
    yield* client.list(resources.secrets, 'kube-system', { fieldSelector: `type=${TYPE}` }),
    'failed to list bootstrap tokens: ',
  );
  const tokens = found.items.map(listedOf);
  const output = flags.text('output');
  if (output === 'json') {
    for (const token of tokens) main.out.put(`${JSON.stringify(document(token), null, 4)}\n`);
    return 0;
  }
  if (output === 'yaml') {
    main.out.put(tokens.map((token) => toYaml(document(token))).join('---\n'));
    return 0;
  }
  const path = /^jsonpath=(.*)$/s.exec(output);
  if (path) {
    const template = parseJsonPath(path[1] ?? '', true);
    for (const token of tokens) main.out.put(template.execute(document(token)));
    return 0;
  }
  if (output !== 'text' && output !== '')
    return yield* notSimulated(main, `kubeadm token list -o ${output}`);
  if (tokens.length === 0) return 0;
  const now = epochMilliseconds(main.process.now);
  const rows = tokens.map(({ token, expires, usages, description, groups }) =>
    [
      token,
      timeLeft(expires, now),
      expires || '<never>',
      usages.join(',') || '<none>',
      description || '<none>',
      groups.join(',') || '<none>',
    ].join('\t'),
  );
  const header = 'TOKEN\tTTL\tEXPIRES\tUSAGES\tDESCRIPTION\tEXTRA GROUPS';
  main.out.put(tabulate(`${[header, ...rows].join('\n')}\n`, { minimum: 10, padding: 3 }));
  return 0;
}

function tokenOf({ main, flags, args }: Call): BootstrapToken {
  const token = args[0] ?? randomToken(main);
  if (!TOKEN_FORM.test(token))
    throw new Failure(`the bootstrap token "${token}" was not of the form ${FORM}`);
  const usages = flags.list('usages');
  const wrong = usages.filter((usage) => !USAGES.includes(usage));
  if (wrong.length > 0)
    throw new Failure(
      `usages: Invalid value: ${JSON.stringify(wrong.join(','))}: valid bootstrap token usages are ${USAGES.join(', ')}`,
    );
  const groups = flags.list('groups');
  const bad = groups.find(
    (group) => !/^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group),
  );
  if (bad !== undefined)
    throw new Failure(
      `groups: Invalid value: "${bad}": bootstrap group "${bad}" is invalid (must match \\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\\z)`,
    );
  if (groups.length > 0 && !usages.includes('authentication'))
    throw new Failure(
      `bootstrapTokens.0.groups: Invalid value: ${JSON.stringify(groups)}: token groups cannot be specified unless --usages includes "authentication"`,
    );
  const ttl = flags.text('ttl') || DEFAULT_TOKEN.ttl || '';
  if (parseDuration(ttl) === undefined)
    throw new Failure(`invalid argument "${ttl}" for "--ttl" flag`);
  const description = flags.text('description');
  return { token, ttl, usages, groups, ...(description ? { description } : {}) };
}

/** kubeadm token create. */
export function* createToken(call: Call): Routine<number> {
  const { main, flags } = call;
  if (flags.is('dry-run') || flags.text('config') || flags.text('certificate-key'))
    return yield* notSimulated(
      main,
      'kubeadm token create with --dry-run, --config or --certificate-key',
    );
  const token = tokenOf(call);
  const client = yield* adminClient(call);
  const [id = ''] = token.token.split('.');
  const there = yield* client.get(resources.secrets, 'kube-system', `bootstrap-token-${id}`);
  if (!(there instanceof Refusal)) throw new Failure(`a token with id "${id}" already exists`);
  yield* apply(client, [tokenSecret(token, expiryOf(main, token))]);
  if (!flags.is('print-join-command')) {
    yield* say(main, token.token);
    return 0;
  }
  const path = kubeconfigPath(call);
  const config = yield* loadKubeconfig(main.process, path);
  const [authority] = typeof config === 'string' ? [] : config.authorities;
  if (typeof config === 'string' || !authority)
    throw new Failure(`failed to load kubeconfig: ${path}`);
  const server = config.server.replace('https://', '');
  yield* say(
    main,
    `kubeadm join ${server} --token ${token.token} --discovery-token-ca-cert-hash ${publicKeyPin(authority)} `,
  );
  return 0;
}

function kubeconfigPath({ main, flags }: Call): string {
  const usual = flags.text('kubeconfig') || '/etc/kubernetes/admin.conf';
  return isErrno(main.process.stat(usual)) ? '/root/.kube/config' : usual;
}

/** kubeadm token delete. */
export function* deleteTokens(call: Call): Routine<number> {
  const { main, args, flags } = call;
  if (flags.is('dry-run')) return yield* notSimulated(main, 'kubeadm token delete --dry-run');
  if (args.length === 0)
    throw new Failure(
      `missing argument; 'token delete' is missing token of form ${FORM} or ${ID_FORM}`,
    );
  const client = yield* adminClient(call);
  for (const given of args) {
    const id = TOKEN_FORM.test(given) ? (given.split('.')[0] ?? '') : given;
    if (!/^[a-z0-9]{6}$/.test(id))
      throw new Failure(`given token didn't match pattern ${FORM} or ${ID_FORM}`);
    const done = yield* client.delete(resources.secrets, 'kube-system', `bootstrap-token-${id}`);
    if (done instanceof Refusal)
      throw new Failure(`failed to delete bootstrap token "${id}": ${done.message}`);
    yield* say(main, `bootstrap token "${id}" deleted`);
  }
  return 0;
}

/** kubeadm token generate. */
export function* generateToken({ main }: Call): Routine<number> {
  yield* say(main, randomToken(main));
  return 0;
}
