// curl's options (7.88): what each takes, and what a command line asks for.

import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../../libc/options.ts';

const value = 'required' as const;

export const OPTIONS: readonly OptionSpec[] = [
  { key: 'silent', short: 's', long: 'silent' },
  { key: 'show-error', short: 'S', long: 'show-error' },
  { key: 'fail', short: 'f', long: 'fail' },
  { key: 'fail-with-body', long: 'fail-with-body' },
  { key: 'location', short: 'L', long: 'location' },
  { key: 'location-trusted', long: 'location-trusted' },
  { key: 'include', short: 'i', long: 'include' },
  { key: 'head', short: 'I', long: 'head' },
  { key: 'verbose', short: 'v', long: 'verbose' },
  { key: 'output', short: 'o', long: 'output', argument: value },
  { key: 'remote-name', short: 'O', long: 'remote-name' },
  { key: 'remote-header-name', short: 'J', long: 'remote-header-name' },
  { key: 'write-out', short: 'w', long: 'write-out', argument: value },
  { key: 'request', short: 'X', long: 'request', argument: value },
  { key: 'data', short: 'd', long: 'data data-ascii', argument: value },
  { key: 'data-raw', long: 'data-raw', argument: value },
  { key: 'data-binary', long: 'data-binary', argument: value },
  { key: 'data-urlencode', long: 'data-urlencode', argument: value },
  { key: 'json', long: 'json', argument: value },
  { key: 'get', short: 'G', long: 'get' },
  { key: 'header', short: 'H', long: 'header', argument: value },
  { key: 'insecure', short: 'k', long: 'insecure' },
  { key: 'user', short: 'u', long: 'user', argument: value },
  { key: 'user-agent', short: 'A', long: 'user-agent', argument: value },
  { key: 'referer', short: 'e', long: 'referer', argument: value },
  { key: 'cookie', short: 'b', long: 'cookie', argument: value },
  { key: 'cookie-jar', short: 'c', long: 'cookie-jar', argument: value },
  { key: 'upload-file', short: 'T', long: 'upload-file', argument: value },
  { key: 'form', short: 'F', long: 'form', argument: value },
  { key: 'resolve', long: 'resolve', argument: value },
  { key: 'connect-to', long: 'connect-to', argument: value },
  { key: 'connect-timeout', long: 'connect-timeout', argument: value },
  { key: 'max-time', short: 'm', long: 'max-time', argument: value },
  { key: 'retry', long: 'retry', argument: value },
  { key: 'retry-delay', long: 'retry-delay', argument: value },
  { key: 'retry-max-time', long: 'retry-max-time', argument: value },
  { key: 'retry-connrefused', long: 'retry-connrefused' },
  { key: 'retry-all-errors', long: 'retry-all-errors' },
  { key: 'max-redirs', long: 'max-redirs', argument: value },
  { key: 'unix-socket', long: 'unix-socket', argument: value },
  { key: 'cacert', long: 'cacert', argument: value },
  { key: 'capath', long: 'capath', argument: value },
  { key: 'cert', short: 'E', long: 'cert', argument: value },
  { key: 'key', long: 'key', argument: value },
  { key: 'url', long: 'url', argument: value },
  { key: 'proxy', short: 'x', long: 'proxy', argument: value },
  { key: 'noproxy', long: 'noproxy', argument: value },
  { key: 'interface', long: 'interface', argument: value },
  { key: 'dump-header', short: 'D', long: 'dump-header', argument: value },
  { key: 'range', short: 'r', long: 'range', argument: value },
  { key: 'config', short: 'K', long: 'config', argument: value },
  { key: 'oauth2-bearer', long: 'oauth2-bearer', argument: value },
  { key: 'create-dirs', long: 'create-dirs' },
  { key: 'progress-bar', short: '#', long: 'progress-bar' },
  { key: 'ipv4', short: '4', long: 'ipv4' },
  { key: 'ipv6', short: '6', long: 'ipv6' },
  { key: 'compressed', long: 'compressed' },
  { key: 'http1.0', short: '0', long: 'http1.0' },
  { key: 'http2', long: 'http2' },
  { key: 'http2-prior-knowledge', long: 'http2-prior-knowledge' },
  { key: 'path-as-is', long: 'path-as-is' },
  { key: 'parallel', short: 'Z', long: 'parallel' },
  { key: 'anyauth', long: 'anyauth' },
  { key: 'digest', long: 'digest' },
  { key: 'proto-default', long: 'proto-default', argument: value },
  { key: 'no-progress-meter', long: 'no-progress-meter' },
  {
    key: 'plain',
    short: 'Nq1',
    long: 'http1.1 no-buffer raw tcp-nodelay no-keepalive disable styled-output tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 basic',
  },
  { key: 'globoff', short: 'g', long: 'globoff' },
  { key: 'version', short: 'V', long: 'version' },
  { key: 'help', short: 'h', long: 'help' },
];

/** Options whose work is not done here: using one is said, not ignored. */
export const NOT_DONE: readonly string[] = [
  'form',
  'proxy',
  'cookie-jar',
  'config',
  'connect-to',
  'interface',
  'retry-max-time',
  'remote-header-name',
  'create-dirs',
  'capath',
  'dump-header',
  'http1.0',
  'http2',
  'http2-prior-knowledge',
  'path-as-is',
  'parallel',
  'anyauth',
  'digest',
  'proto-default',
];

/** Reads a command line; the text after `curl: ` where it cannot be read. */
export function readOptions(args: readonly string[]): ParsedOptions | string {
  const parsed = parseOptions(args, OPTIONS);
  if (!isOptionError(parsed)) return parsed;
  const missing = /requires an argument(?: -- '(.)')?/.exec(parsed.error);
  const name =
    /'(--[^']*)'/.exec(parsed.error)?.[1] ?? `-${/'(.)'$/.exec(parsed.error)?.[1] ?? ''}`;
  if (missing) return `option ${name}: requires parameter`;
  if (parsed.error.includes('ambiguous')) return `option ${name}: is ambiguous`;
  return `option ${name}: is unknown`;
}

/** Seconds with a fraction, as nanoseconds. */
export function seconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Math.round(Number(text) * 1e9);
}
