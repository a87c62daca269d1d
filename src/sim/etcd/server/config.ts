// etcd's command line and environment: flags as Go's flag package reads them, with etcd's own rules on top.

import { goQuoted, parseDuration } from '../cobra/flags.ts';
import { badPeerUrl } from '../ctl/urls.ts';

type Kind = 'string' | 'bool' | 'number' | 'urls' | 'duration' | 'state';

/** Flags that the simulated server heeds: kind and default. */
const HEEDED = {
  name: ['string', 'default'],
  'data-dir': ['string', ''],
  'snapshot-count': ['number', '10000'],
  'heartbeat-interval': ['number', '100'],
  'election-timeout': ['number', '1000'],
  'listen-peer-urls': ['urls', 'http://localhost:2380'],
  'listen-client-urls': ['urls', 'http://localhost:2379'],
  'quota-backend-bytes': ['number', '0'],
  'max-request-bytes': ['number', '1572864'],
  'initial-advertise-peer-urls': ['urls', 'http://localhost:2380'],
  'initial-cluster': ['string', ''],
  'initial-cluster-state': ['state', 'new'],
  'initial-cluster-token': ['string', 'etcd-cluster'],
  'advertise-client-urls': ['urls', 'http://localhost:2379'],
  'log-level': ['string', 'info'],
  'force-new-cluster': ['bool', 'false'],
  'cert-file': ['string', ''],
  'key-file': ['string', ''],
  'trusted-ca-file': ['string', ''],
  'client-cert-auth': ['bool', 'false'],
  'peer-cert-file': ['string', ''],
  'peer-key-file': ['string', ''],
  'peer-trusted-ca-file': ['string', ''],
  'peer-client-cert-auth': ['bool', 'false'],
  'listen-metrics-urls': ['urls', ''],
  'auto-compaction-retention': ['string', '0'],
  'auto-compaction-mode': ['string', 'periodic'],
} as const satisfies Record<string, readonly [Kind, string]>;

/** Flags that change nothing here: of the disk, of time limits, of watching the server. */
const WITHOUT_EFFECT: Readonly<Record<string, Kind>> = {
  'wal-dir': 'string',
  'initial-election-tick-advance': 'bool',
  'max-snapshots': 'number',
  'max-wals': 'number',
  'backend-bbolt-freelist-type': 'string',
  'backend-batch-interval': 'duration',
  'backend-batch-limit': 'number',
  'grpc-keepalive-min-time': 'duration',
  'grpc-keepalive-interval': 'duration',
  'grpc-keepalive-timeout': 'duration',
  'socket-reuse-port': 'bool',
  'socket-reuse-address': 'bool',
  'enable-grpc-gateway': 'bool',
  'strict-reconfig-check': 'bool',
  'pre-vote': 'bool',
  'feature-gates': 'string',
  'auth-token': 'string',
  'bcrypt-cost': 'number',
  'auth-token-ttl': 'number',
  'enable-pprof': 'bool',
  metrics: 'string',
  logger: 'string',
  'log-outputs': 'string',
  'log-format': 'string',
  'warning-apply-duration': 'duration',
  'warning-unary-request-duration': 'duration',
  'watch-progress-notify-interval': 'duration',
  'experimental-watch-progress-notify-interval': 'duration',
  'experimental-initial-corrupt-check': 'bool',
  'snapshot-catchup-entries': 'number',
  'unsafe-no-fsync': 'bool',
  cors: 'string',
  'host-whitelist': 'string',
  'cipher-suites': 'string',
  'tls-min-version': 'string',
};

/** Milliseconds that an election may take at the most. */
const LONGEST_ELECTION = 50_000;

export type FlagName = keyof typeof HEEDED;

export interface Config {
  readonly values: ReadonlyMap<FlagName, string>;
  readonly given: ReadonlySet<string>;
  /** Words that are no flags. */
  readonly rest: readonly string[];
}

/** What stops the server before it starts: printed with the short usage (2), or 'help' and 'version'. */
export type ConfigStop = { readonly stop: 'help' | 'version' } | { readonly mistake: string };

export const USAGE = `Usage:

  etcd [flags]
    Start an etcd server.

  etcd --version
    Show the version of etcd.

  etcd -h | --help
    Show the help information about etcd.

  etcd --config-file
    Path to the server configuration file. Note that if a configuration file is provided, other command line flags and environment variables will be ignored.

  etcd gateway
    Run the stateless pass-through etcd TCP connection forwarding proxy.

  etcd grpc-proxy
    Run the stateless etcd v3 gRPC L7 reverse proxy.

`;

/** Reads the command line; flags that are not given come from ETCD_* of the environment. */
export function readConfig(
  words: readonly string[],
  environment: ReadonlyMap<string, string>,
): Config | ConfigStop {
  const values = new Map<FlagName, string>();
  const given = new Set<string>();
  let rest = [...words];
  while (rest.length > 0) {
    const [word = '', ...after] = rest;
    if (!word.startsWith('-') || word === '-') break;
    if (word === '--') {
      rest = after;
      break;
    }
    const stop = readWord(word, after, values, given);
    if (!Array.isArray(stop)) return stop as ConfigStop;
    rest = stop;
  }
  for (const name of Object.keys(HEEDED) as FlagName[]) {
    const held = environment.get(`ETCD_${name.toUpperCase().replaceAll('-', '_')}`);
    if (held === undefined || held === '' || given.has(name)) continue;
    given.add(name);
    values.set(name, held);
  }
  return { values, given, rest };
}

function readWord(
  word: string,
  after: readonly string[],
  values: Map<FlagName, string>,
  given: Set<string>,
): string[] | ConfigStop {
  const body = word.replace(/^--?/, '');
  const equals = body.indexOf('=');
  const name = equals < 0 ? body : body.slice(0, equals);
  if (name === 'h' || name === 'help') return { stop: 'help' };
  if (name === 'version') return { stop: 'version' };
  const kind = name in HEEDED ? HEEDED[name as FlagName][0] : WITHOUT_EFFECT[name];
  if (kind === undefined) return { mistake: `flag provided but not defined: -${name}` };
  let value = equals < 0 ? undefined : body.slice(equals + 1);
  let left = [...after];
  if (value === undefined && kind === 'bool') value = 'true';
  if (value === undefined) {
    if (left.length === 0) return { mistake: `flag needs an argument: -${name}` };
    [value = '', ...left] = left;
  }
  const wrong = whyWrong(kind, value);
  if (wrong !== undefined) {
    const kindText = kind === 'bool' ? 'boolean value' : 'value';
    return { mistake: `invalid ${kindText} ${goQuoted(value)} for flag -${name}: ${wrong}` };
  }
  given.add(name);
  if (name in HEEDED) values.set(name as FlagName, value);
  return left;
}

function whyWrong(kind: Kind, value: string): string | undefined {
  switch (kind) {
    case 'number':
      return /^-?\d+$/.test(value) ? undefined : 'parse error';
    case 'bool':
      return /^(1|0|t|f|true|false)$/i.test(value) ? undefined : 'parse error';
    case 'duration':
      return parseDuration(value) === undefined ? 'parse error' : undefined;
    case 'state':
      return value === 'new' || value === 'existing'
        ? undefined
        : `invalid value ${goQuoted(value)}`;
    case 'urls':
      return value === '' ? undefined : badPeerUrl(value.split(','));
    default:
      return undefined;
  }
}

/** A flag's value. */
export function valueOf(config: Config, name: FlagName): string {
  return config.values.get(name) ?? HEEDED[name][1];
}

export function urlsOf(config: Config, name: FlagName): string[] {
  return valueOf(config, name)
    .split(',')
    .filter((url) => url !== '');
}

/** What is wrong between the flags, where anything is. */
export function contradiction(config: Config): string | undefined {
  const [extra] = config.rest;
  if (extra !== undefined) return `${goQuoted(extra)} is not a valid flag`;
  const heartbeat = Number(valueOf(config, 'heartbeat-interval'));
  const election = Number(valueOf(config, 'election-timeout'));
  if (heartbeat === 0) return '--heartbeat-interval must be >0 (set to 0ms)';
  if (election === 0) return '--election-timeout must be >0 (set to 0ms)';
  if (5 * heartbeat > election) {
    return `--election-timeout[${election}ms] should be at least as 5 times as --heartbeat-interval[${heartbeat}ms]`;
  }
  if (election > LONGEST_ELECTION) {
    return `--election-timeout[${election}ms] is too long, and should be set less than ${LONGEST_ELECTION}ms`;
  }
  if (config.given.has('listen-client-urls') && !config.given.has('advertise-client-urls')) {
    return '--advertise-client-urls is required when --listen-client-urls is set explicitly';
  }
  const mode = valueOf(config, 'auto-compaction-mode');
  if (mode === '') return 'undefined auto-compaction-mode';
  if (mode !== 'revision' && mode !== 'periodic') {
    return `unknown auto-compaction-mode ${goQuoted(mode)}`;
  }
  return undefined;
}

/** The members of --initial-cluster, with this one's own URLs where the flag is not given. */
export function initialCluster(config: Config): { name: string; peerUrls: string[] }[] {
  const name = valueOf(config, 'name');
  const text = valueOf(config, 'initial-cluster');
  if (text === '') return [{ name, peerUrls: urlsOf(config, 'initial-advertise-peer-urls') }];
  const members: { name: string; peerUrls: string[] }[] = [];
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals).trim();
    const url = part.slice(equals + 1).trim();
    const known = members.find((one) => one.name === key);
    if (known) known.peerUrls.push(url);
    else members.push({ name: key, peerUrls: [url] });
  }
  return members;
}
