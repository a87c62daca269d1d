// The rules for names: DNS labels and subdomains, qualified names, label values, ports, keys of maps.
// Each returns the messages that the server gives, none for a good name.

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const UNDERSCORED = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORED_SUBDOMAIN = `${UNDERSCORED}(\\.${UNDERSCORED})*`;
const QUALIFIED_CHARACTERS = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED_CHARACTERS})?`;

const patterns = {
  label: new RegExp(`^${LABEL}$`),
  label1035: new RegExp(`^${LABEL_1035}$`),
  subdomain: new RegExp(`^${SUBDOMAIN}$`),
  underscored: new RegExp(`^${UNDERSCORED_SUBDOMAIN}$`),
  wildcard: new RegExp(`^\\*\\.${SUBDOMAIN}$`),
  qualified: new RegExp(`^${QUALIFIED_CHARACTERS}$`),
  labelValue: new RegExp(`^${LABEL_VALUE}$`),
  configKey: /^[-._a-zA-Z0-9]+$/,
  envName: /^[ -<>-~]+$/,
  header: /^[-A-Za-z0-9]+$/,
  portName: /^[-a-z0-9]+$/,
} as const;

/** How Go says a pattern failed: the rule, examples, the expression. */
function regexError(rule: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${pattern}')`;
  const listed = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${listed}regex used for validation is '${pattern}')`;
}

function tooLong(maximum: number): string {
  return `must be no more than ${maximum} characters`;
}

/** Keys and values of labels are counted in bytes. */
function tooManyBytes(maximum: number): string {
  return `must be no more than ${maximum} bytes`;
}

const labelWords = regexError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
);
const subdomainWords = regexError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
);
const label1035Words = regexError(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
);
const qualifiedWords =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** An RFC 1123 label: `web-1`. */
export function dnsLabel(value: string): string[] {
  const found: string[] = [];
  if (value.length > 63) found.push(tooLong(63));
  if (!patterns.label.test(value)) {
    found.push(patterns.subdomain.test(value) ? 'must not contain dots' : labelWords);
  }
  return found;
}

/** An RFC 1123 subdomain: `web.example`. */
export function dnsSubdomain(value: string): string[] {
  const found: string[] = [];
  if (value.length > 253) found.push(tooLong(253));
  if (!patterns.subdomain.test(value)) found.push(subdomainWords);
  return found;
}

/** A subdomain as resolvers take it, whose labels may begin with an underscore: `_tcp.example`. */
export function dnsSubdomainWithUnderscore(value: string): string[] {
  const found: string[] = [];
  if (value.length > 253) found.push(tooLong(253));
  if (!patterns.underscored.test(value)) {
    found.push(
      regexError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        UNDERSCORED_SUBDOMAIN,
        'example.com',
      ),
    );
  }
  return found;
}

/** An RFC 1035 label, which begins with a letter. */
export function dnsLabel1035(value: string): string[] {
  const found: string[] = [];
  if (value.length > 63) found.push(tooLong(63));
  if (!patterns.label1035.test(value)) found.push(label1035Words);
  return found;
}

/** A name with a wildcard for its first label: `*.example`. */
export function wildcardSubdomain(value: string): string[] {
  if (patterns.wildcard.test(value)) return [];
  return [
    regexError(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
      `\\*\\.${SUBDOMAIN}`,
      '*.example.com',
    ),
  ];
}

/** A key of labels and annotations: `name` or `example.com/name`. */
export function qualifiedName(value: string): string[] {
  const parts = value.split('/');
  const found: string[] = [];
  let name = parts[0] ?? '';
  if (parts.length === 2) {
    const prefix = name;
    name = parts[1] ?? '';
    if (prefix === '') found.push('prefix part must be non-empty');
    else found.push(...dnsSubdomain(prefix).map((message) => `prefix part ${message}`));
  } else if (parts.length > 2) {
    const rule = regexError(
      `a valid label key ${qualifiedWords}`,
      QUALIFIED_CHARACTERS,
      'MyName',
      'my.name',
      '123-abc',
    );
    return [`${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (name === '') found.push('name part must be non-empty');
  else if (name.length > 63) found.push(`name part ${tooManyBytes(63)}`);
  if (!patterns.qualified.test(name)) {
    found.push(
      `name part ${regexError(qualifiedWords, QUALIFIED_CHARACTERS, 'MyName', 'my.name', '123-abc')}`,
    );
  }
  return found;
}

/** The value of a label. */
export function labelValue(value: string): string[] {
  const found: string[] = [];
  if (value.length > 63) found.push(tooManyBytes(63));
  if (!patterns.labelValue.test(value)) {
    found.push(
      regexError(
        `a valid label must be an empty string or ${qualifiedWords.replace('must consist', 'consist')}`,
        LABEL_VALUE,
        'MyValue',
        'my_value',
        '12345',
      ),
    );
  }
  return found;
}

/** A key of a ConfigMap or Secret. */
export function configMapKey(value: string): string[] {
  const found: string[] = [];
  if (value.length > 253) found.push(tooLong(253));
  if (!patterns.configKey.test(value)) {
    found.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  return [...found, ...dotPrefix(value)];
}

function dotPrefix(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The name of an environment variable: any printable ASCII except `=`. */
export function environmentName(value: string): string[] {
  if (patterns.envName.test(value)) return [];
  return [
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ];
}

/** A variable's name as kubectl takes it on its command line and in files, where the server takes more. */
export function plainEnvironmentName(value: string): string[] {
  const found: string[] = [];
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(value)) {
    found.push(
      regexError(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
        '[-._a-zA-Z][-._a-zA-Z0-9]*',
        'my.env-name',
        'MY_ENV.NAME',
        'MyEnvName1',
      ),
    );
  }
  return [...found, ...dotPrefix(value)];
}

/** The name of an HTTP header. */
export function httpHeaderName(value: string): string[] {
  if (patterns.header.test(value)) return [];
  return [
    regexError(
      "a valid HTTP header must consist of alphanumeric characters or '-'",
      '[-A-Za-z0-9]+',
      'X-Header-Name',
    ),
  ];
}

/** The name of a port: an IANA service name. */
export function portName(value: string): string[] {
  const found: string[] = [];
  if (value.length > 15) found.push(tooLong(15));
  if (!patterns.portName.test(value)) {
    found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) found.push('must contain at least one letter (a-z)');
  if (value.includes('--')) found.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) {
    found.push('must not begin or end with a hyphen');
  }
  return found;
}

/** The number of a port. */
export function portNumber(value: number): string[] {
  return value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** A name that is one segment of a path: roles and their bindings. */
export function pathSegment(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
}

/** A percentage such as `25%`. */
export function percent(value: string): string[] {
  if (/^[0-9]+%$/.test(value)) return [];
  return [
    regexError(
      "a valid percent string must be a numeric string followed by an ending '%'",
      '[0-9]+%',
      '1%',
      '93%',
    ),
  ];
}
