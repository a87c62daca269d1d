// How a node that joins finds its cluster and trusts it: what flags and a JoinConfiguration say of it, and what is wrong
// with that.

import type { Routine } from '../../core/wait.ts';
import { CRI_SOCKET } from './configuration.ts';
import { Failure } from './failure.ts';
import { TOKEN_FORM } from './load-configuration.ts';
import { type Reading, readDocuments } from './read-documents.ts';
import type { Call } from './settings.ts';

const WARNS: Reading = { warner: 'joinconfiguration.go:124' };

/** How a node finds and trusts its cluster. */
export interface Discovery {
  readonly endpoint: string;
  readonly token: string;
  readonly hashes: readonly string[];
  readonly unsafe: boolean;
  readonly nodeName: string;
  readonly socket: string;
}

interface JoinDocument {
  readonly discovery?: {
    readonly bootstrapToken?: {
      readonly apiServerEndpoint?: string;
      readonly token?: string;
      readonly caCertHashes?: readonly string[];
      readonly unsafeSkipCAVerification?: boolean;
    };
    readonly tlsBootstrapToken?: string;
  };
  readonly nodeRegistration?: { readonly name?: string; readonly criSocket?: string };
}

/** How a run of join finds its cluster: from its flags or its file; throws Failure. */
export function* discoveryOf({ main, flags, args }: Call, how = WARNS): Routine<Discovery> {
  const path = flags.text('config');
  const documents = path === '' ? [] : yield* readDocuments(main, path, how);
  const document = (documents.find(({ kind }) => kind === 'JoinConfiguration') ??
    {}) as JoinDocument;
  const { bootstrapToken = {}, tlsBootstrapToken } = document.discovery ?? {};
  const token = flags.text('token') || flags.text('discovery-token') || bootstrapToken.token || '';
  const tls =
    flags.text('token') || flags.text('tls-bootstrap-token') || tlsBootstrapToken || token;
  const unsafe =
    flags.is('discovery-token-unsafe-skip-ca-verification') ||
    bootstrapToken.unsafeSkipCAVerification === true;
  const hashes = [
    ...flags.list('discovery-token-ca-cert-hash'),
    ...(bootstrapToken.caCertHashes ?? []),
  ];
  const endpoint = args[0] ?? bootstrapToken.apiServerEndpoint ?? '';
  check(endpoint, token, tls, unsafe || hashes.length > 0);
  const { name, criSocket } = document.nodeRegistration ?? {};
  return {
    endpoint,
    token,
    hashes,
    unsafe,
    nodeName: flags.text('node-name') || name || main.process.hostname.toLowerCase(),
    socket: flags.text('cri-socket') || criSocket || CRI_SOCKET,
  };
}

function check(endpoint: string, token: string, tls: string, isPinned: boolean): void {
  if (endpoint === '' && token === '')
    throw new Failure('discovery: Invalid value: "": bootstrapToken or file must be set');
  const problems: string[] = [];
  if (endpoint === '')
    problems.push('discovery.bootstrapToken: Required value: APIServerEndpoint is not set');
  if (!isPinned)
    problems.push(
      'discovery.bootstrapToken.caCertHashes: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
    );
  if (!TOKEN_FORM.test(token))
    problems.push(
      `discovery.bootstrapToken.token: Invalid value: "${token}": the bootstrap token is invalid`,
    );
  const port = /:(\d+)$/.exec(endpoint);
  if (!port)
    problems.push(
      `discovery.bootstrapToken.apiServerEndpoint: Invalid value: "${endpoint}": ${endpoint === '' ? '' : `address ${endpoint}: `}missing port in address`,
    );
  if (!TOKEN_FORM.test(tls))
    problems.push(
      `discovery.tlsBootstrapToken: Invalid value: "${tls}": the bootstrap token is invalid`,
    );
  if (problems.length > 1) throw new Failure(`[${problems.join(', ')}]`);
  if (problems[0] !== undefined) throw new Failure(problems[0]);
}
