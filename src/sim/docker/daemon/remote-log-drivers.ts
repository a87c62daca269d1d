// Options of the log drivers that send what is printed elsewhere (daemon/logger/awslogs, fluentd, gcplogs, gelf, splunk,
// syslog): which there are, and the ValidateLogOpt of each. Addresses of fluentd are not looked at.

type Options = Readonly<Record<string, string>>;

const named = (prefix: string, words: string): readonly string[] =>
  words.split(' ').map((word) => `${prefix}-${word}`);

/** The options that are a driver's own. */
export const REMOTE_OPTIONS = {
  awslogs: named(
    'awslogs',
    'group stream create-group region endpoint datetime-format multiline-pattern credentials-endpoint force-flush-interval-seconds max-buffered-events format',
  ),
  fluentd: named(
    'fluentd',
    'address async async-reconnect-interval buffer-limit max-retries request-ack retry-wait sub-second-precision write-timeout',
  ),
  gcplogs: named('gcp', 'project log-cmd meta-zone meta-name meta-id'),
  gelf: named(
    'gelf',
    'address compression-level compression-type tcp-max-reconnect tcp-reconnect-delay',
  ),
  splunk: named(
    'splunk',
    'url token source sourcetype index capath caname insecureskipverify format verify-connection gzip gzip-level index-acknowledgment',
  ),
  syslog: named('syslog', 'address facility tls-ca-cert tls-cert tls-key tls-skip-verify format'),
} satisfies Record<string, readonly string[]>;

const FACILITIES =
  /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]|0*(1?\d|2[0-3]))$/;

/** The scheme of an address and what follows it; an empty scheme where there is none. */
function split(address: string): { readonly scheme: string; readonly host: string } {
  const [, scheme = '', host = ''] =
    /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/]*))?/i.exec(address) ?? [];
  return { scheme: scheme.toLowerCase(), host };
}

function wrongGelf(options: Options): string | undefined {
  const { 'gelf-address': address = '' } = options;
  if (address === '') return 'gelf-address is a required parameter';
  const { scheme, host } = split(address);
  if (scheme !== 'udp' && scheme !== 'tcp') return 'gelf: endpoint needs to be TCP or UDP';
  if (!/:[^:]*$/.test(host)) return 'gelf: please provide gelf-address as proto://host:port';
  for (const [key, value] of Object.entries(options)) {
    const compression = key.startsWith('gelf-compression-');
    if (compression && scheme !== 'udp') return 'compression is only supported on UDP';
    const level = key === 'gelf-compression-level';
    if (compression && !(level ? /^(-1|\d)$/ : /^(gzip|zlib|none)$/).test(value))
      return `unknown value ${JSON.stringify(value)} for log opt ${JSON.stringify(key)} for gelf log driver`;
    if (!key.startsWith('gelf-tcp-')) continue;
    if (scheme !== 'tcp') return `${JSON.stringify(key)} is only valid for TCP`;
    if (!/^\+?\d+$/.test(value)) return `${JSON.stringify(key)} must be a positive integer`;
  }
  return undefined;
}

function wrongSyslog(options: Options): string | undefined {
  const {
    'syslog-address': address = '',
    'syslog-facility': facility = '',
    'syslog-format': format = '',
  } = options;
  const { scheme } = split(address);
  if (address !== '' && !/^(unix|unixgram|udp|tcp|tcp\+tls)$/.test(scheme))
    return `unsupported scheme: '${scheme}'`;
  if (facility !== '' && !FACILITIES.test(facility)) return 'invalid syslog facility';
  return /^(|rfc3164|rfc5424|rfc5424micro)$/.test(format) ? undefined : 'Invalid syslog format';
}

function wrongAws(options: Options): string | undefined {
  if (!options['awslogs-group']) return "must specify a value for log opt 'awslogs-group'";
  for (const key of named('awslogs', 'force-flush-interval-seconds max-buffered-events')) {
    const value = options[key];
    if (value && !(/^\+?\d+$/.test(value) && Number(value) > 0))
      return `must specify a positive integer for log opt '${key}': ${value}`;
  }
  const both = named('awslogs', 'datetime-format multiline-pattern');
  return both.every((key) => options[key] !== undefined)
    ? "you cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the same time"
    : undefined;
}

/** What is wrong with the values of a driver's options. */
export function wrongRemoteOption(driver: string, options: Options): string | undefined {
  if (driver === 'gelf') return wrongGelf(options);
  if (driver === 'syslog') return wrongSyslog(options);
  return driver === 'awslogs' ? wrongAws(options) : undefined;
}
