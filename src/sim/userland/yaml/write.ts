// Objects as go-yaml writes them: strings quoted where YAML 1.1 would read something else. sigs.k8s.io/yaml sorts keys
// and does not indent lists; yaml.v3 as compose uses it keeps the order of fields and indents lists. And kyaml, the
// same in flow form.

const PLAIN_BREAKERS = /^[-?:,[\]{}#&*!|>'"%@`]|: |:$| #|^\s|\s$/;
/** Words that YAML 1.1 reads as something other than text. */
const RESOLVES =
  /^(|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|<<|=)$/;
const NUMBER =
  /^[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|\.inf|\.Inf|\.INF)$|^\.(nan|NaN|NAN)$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const TIMESTAMP =
  /^\d{4}-\d{1,2}-\d{1,2}$|^\d{4}-\d{1,2}-\d{1,2}([Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(\.\d*)?[ \t]*(Z|[-+]\d{1,2}(:?\d{2})?)?$/;
const SPECIAL = /[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\ufeff]/;

/** The keys of a map in the order go-yaml writes them: numbers within names by value. */
export function sortedKeys(object: object): string[] {
  return Object.keys(object).sort(keyLess);
}

function keyLess(a: string, b: string): number {
  const ar = [...a];
  const br = [...b];
  for (let i = 0; i < ar.length && i < br.length; i++) {
    const x = ar[i] as string;
    const y = br[i] as string;
    if (x === y) continue;
    const xl = /\p{L}/u.test(x);
    const yl = /\p{L}/u.test(y);
    if (xl && yl) return x < y ? -1 : 1;
    if (xl || yl) return numberRunsBefore(ar, i) ? (xl ? 1 : -1) : xl ? 1 : -1;
    const nx = /^\d+/.exec(a.slice(ar.slice(0, i).join('').length))?.[0];
    const ny = /^\d+/.exec(b.slice(br.slice(0, i).join('').length))?.[0];
    if (nx !== undefined && ny !== undefined && Number(nx) !== Number(ny))
      return Number(nx) - Number(ny);
    return x < y ? -1 : 1;
  }
  return ar.length - br.length;
}

function numberRunsBefore(runes: readonly string[], at: number): boolean {
  return at > 0 && /\d/.test(runes[at - 1] ?? '');
}

/** How a writer lays objects out. */
interface YamlStyle {
  readonly keys: (object: object) => string[];
  /** How much further than its key a list stands. */
  readonly list: number;
}

const SORTED: YamlStyle = { keys: sortedKeys, list: 0 };
const IN_ORDER: YamlStyle = { keys: Object.keys, list: 2 };

/** One object as a YAML document. */
export function toYaml(value: unknown): string {
  return `${block(value, 0, false, SORTED)}\n`.replace(/^\n/, '');
}

/** One object as yaml.v3 encodes a struct: fields in their order, lists indented. */
export function structToYaml(value: unknown): string {
  return `${block(value, 0, false, IN_ORDER)}\n`;
}

function block(value: unknown, indent: number, inList: boolean, style: YamlStyle): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const lead = ' '.repeat(indent);
    return value
      .map((item, i) => `${i === 0 && inList ? '' : lead}- ${block(item, indent + 2, true, style)}`)
      .join('\n');
  }
  if (value !== null && typeof value === 'object') {
    const keys = style.keys(value).filter((key) => (value as Fields)[key] !== undefined);
    if (keys.length === 0) return '{}';
    const lead = ' '.repeat(indent);
    return keys
      .map(
        (key, i) =>
          `${i === 0 && inList ? '' : lead}${scalar(key, indent, true)}:${entry((value as Fields)[key], indent, style)}`,
      )
      .join('\n');
  }
  return scalar(value, indent, false);
}

type Fields = Readonly<Record<string, unknown>>;

function entry(value: unknown, indent: number, style: YamlStyle): string {
  if (Array.isArray(value) && value.length > 0)
    return `\n${block(value, indent + style.list, false, style)}`;
  if (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.keys(value).length > 0
  ) {
    return `\n${block(value, indent + 2, false, style)}`;
  }
  return ` ${block(value, indent, false, style)}`;
}

function scalar(value: unknown, indent: number, isKey: boolean): string {
  if (typeof value === 'number') return goFloat(value);
  if (typeof value !== 'string') return String(value ?? null);
  if (!isKey && value.includes('\n') && !SPECIAL.test(value) && value.trim() !== '')
    return literal(value, indent);
  if (SPECIAL.test(value) || value.includes('\n')) return doubleQuoted(value);
  if (ambiguous(value)) return `"${value}"`;
  if (PLAIN_BREAKERS.test(value) && !/^[-?:][^\s]/.test(value))
    return folded(singleQuoted(value), indent);
  if (/: |:$| #|^\s|\s$/.test(value)) return folded(singleQuoted(value), indent);
  return isKey ? value : folded(value, indent);
}

function goFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  return String(value).replace(/e([-+])(\d)$/, 'e$10$2');
}

/** True where the plain text would be read as another type. */
function ambiguous(text: string): boolean {
  return RESOLVES.test(text) || NUMBER.test(text) || SEXAGESIMAL.test(text) || TIMESTAMP.test(text);
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Lines longer than 80 columns are broken at spaces by go-yaml v2; Kubernetes' writer lifts that limit. */
function folded(text: string, _indent: number): string {
  return text;
}

function literal(text: string, indent: number): string {
  const chomp = text.endsWith('\n') ? (/\n\n$|^\n$/.test(text) ? '+' : '') : '-';
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const lead = ' '.repeat(indent + 2);
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line === '' ? '' : lead + line));
  return `|${hint}${chomp}\n${lines.join('\n')}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '\\0',
  '\b': '\\b',
  '\x07': '\\a',
  '\x0b': '\\v',
  '\f': '\\f',
  '\x1b': '\\e',
};

function doubleQuoted(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (ESCAPES[char] !== undefined) out += ESCAPES[char];
    else if (SPECIAL.test(char))
      out +=
        code < 256
          ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
          : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    else out += char;
  }
  return `${out}"`;
}

/** One object as a kyaml document. */
export function toKyaml(value: unknown): string {
  return `---\n${kyamlValue(value, 0)}\n`;
}

function kyamlValue(value: unknown, indent: number): string {
  const lead = ' '.repeat(indent + 2);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (value.every((item) => item !== null && typeof item === 'object')) {
      return `[${value.map((item) => kyamlValue(item, indent)).join(', ')}]`;
    }
    return `[\n${value.map((item) => `${lead}${kyamlValue(item, indent + 2)},\n`).join('')}${' '.repeat(indent)}]`;
  }
  if (value !== null && typeof value === 'object') {
    const keys = sortedKeys(value);
    if (keys.length === 0) return '{}';
    const lines = keys.map(
      (key) => `${lead}${kyamlKey(key)}: ${kyamlValue((value as Fields)[key], indent + 2)},\n`,
    );
    return `{\n${lines.join('')}${' '.repeat(indent)}}`;
  }
  return typeof value === 'string' ? doubleQuoted(value) : String(value);
}

function kyamlKey(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) && !ambiguous(key) ? key : doubleQuoted(key);
}
