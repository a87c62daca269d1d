// The flags that every command of kubectl takes (`kubectl options`).

import type { Flag } from '../../etcd/cobra/flags.ts';

const text = (name: string, usage: string, value = '', short?: string): Flag => ({
  name,
  kind: 'string',
  value,
  usage,
  ...(short ? { short } : {}),
});
const bool = (name: string, usage: string, value = 'false', short?: string): Flag => ({
  name,
  kind: 'bool',
  value,
  usage,
  ...(short ? { short } : {}),
});

/** Each with its default, in the order of their names. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  text(
    'as',
    'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.',
  ),
  {
    name: 'as-group',
    kind: 'array',
    value: '',
    usage:
      'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.',
  },
  text('as-uid', 'UID to impersonate for the operation.'),
  {
    name: 'as-user-extra',
    kind: 'array',
    value: '',
    usage:
      'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
  },
  text('cache-dir', 'Default cache directory', '/root/.kube/cache'),
  text('certificate-authority', 'Path to a cert file for the certificate authority'),
  text('client-certificate', 'Path to a client certificate file for TLS'),
  text('client-key', 'Path to a client key file for TLS'),
  text('cluster', 'The name of the kubeconfig cluster to use'),
  text('context', 'The name of the kubeconfig context to use'),
  bool(
    'disable-compression',
    'If true, opt-out of response compression for all requests to the server',
  ),
  bool(
    'insecure-skip-tls-verify',
    "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
  ),
  text('kubeconfig', 'Path to the kubeconfig file to use for CLI requests.'),
  text(
    'kuberc',
    'Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.',
  ),
  {
    name: 'log-flush-frequency',
    kind: 'duration',
    value: '5s',
    usage: 'Maximum number of seconds between log flushes',
  },
  bool('match-server-version', 'Require server version to match client version'),
  text('namespace', 'If present, the namespace scope for this CLI request', '', 'n'),
  text('password', 'Password for basic authentication to the API server'),
  text(
    'profile',
    'Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)',
    'none',
  ),
  text('profile-output', 'Name of the file to write the profile to', 'profile.pprof'),
  text(
    'request-timeout',
    "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
    '0',
  ),
  text('server', 'The address and port of the Kubernetes API server', '', 's'),
  text(
    'tls-server-name',
    'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used',
  ),
  text('token', 'Bearer token for authentication to the API server'),
  text('user', 'The name of the kubeconfig user to use'),
  text('username', 'Username for basic authentication to the API server'),
  { name: 'v', short: 'v', kind: 'int', value: '0', usage: 'number for the log level verbosity' },
  {
    name: 'vmodule',
    kind: 'map',
    value: '',
    usage:
      'comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)',
  },
  bool(
    'warnings-as-errors',
    'Treat warnings received from the server as errors and exit with a non-zero exit code',
  ),
];
