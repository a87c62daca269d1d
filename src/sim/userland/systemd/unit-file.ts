// Unit files (systemd.unit(5), systemd.syntax(7)): sections of assignments, and command lines with their variables. Specifiers
// know %n, %N, %p, %i, %H and %%; conditions and asserts are left out.

/** Assignments of a section in order; a key may come often. */
export type UnitSections = ReadonlyMap<string, readonly (readonly [key: string, value: string])[]>;

/** Reads the text of a unit file and of its drop-ins, in order. An empty assignment forgets those before it. */
export function parseUnit(texts: readonly string[]): UnitSections {
  const sections = new Map<string, [string, string][]>();
  for (const text of texts) {
    let section = '';
    for (const line of text.replace(/\\\n\s*/g, ' ').split('\n')) {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
      const header = /^\[(.*)\]$/.exec(trimmed);
      if (header) {
        section = header[1] ?? '';
        if (!sections.has(section)) sections.set(section, []);
        continue;
      }
      const equals = trimmed.indexOf('=');
      if (equals < 0) continue;
      const key = trimmed.slice(0, equals).trim();
      const value = trimmed.slice(equals + 1).trim();
      const list = sections.get(section) ?? [];
      const kept = value === '' ? list.filter(([name]) => name !== key) : [...list, [key, value]];
      sections.set(section, kept as [string, string][]);
    }
  }
  return sections;
}

/** Every value of a key; [] where it is not assigned. */
export function valuesOf(sections: UnitSections, section: string, key: string): string[] {
  return (sections.get(section) ?? []).filter(([name]) => name === key).map(([, value]) => value);
}

/** The last value of a key. */
export function valueOf(sections: UnitSections, section: string, key: string): string | undefined {
  return valuesOf(sections, section, key).at(-1);
}

/** The names in a list of units: `Wants=a.service b.service`. */
export function namesOf(sections: UnitSections, section: string, key: string): string[] {
  return valuesOf(sections, section, key).flatMap((value) => value.split(/\s+/));
}

/** Replaces specifiers. */
export function withSpecifiers(text: string, unit: string, hostname: string): string {
  const bare = unit.replace(/\.[^.]*$/, '');
  const at = bare.indexOf('@');
  const values: Readonly<Record<string, string>> = {
    n: unit,
    N: bare,
    p: at < 0 ? bare : bare.slice(0, at),
    i: at < 0 ? '' : bare.slice(at + 1),
    H: hostname,
    '%': '%',
  };
  return text.replace(/%(.)/g, (all, letter: string) => values[letter] ?? all);
}

/** Splits a command line into words; quotes hold words together, a backslash takes the next letter as it is. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)+)/g;
  let end = -1;
  for (const match of text.matchAll(pattern)) {
    const part = match[1] ?? match[2] ?? match[3] ?? '';
    const plain = match[2] === undefined ? part.replace(/\\(.)/g, '$1') : part;
    if (match.index === end) words[words.length - 1] += plain;
    else words.push(plain);
    end = match.index + match[0].length;
  }
  return words;
}

/** A command of ExecStart= and its like. */
export interface ExecCommand {
  readonly path: string;
  readonly argv: readonly string[];
  /** `-` before it: failing is no failure. */
  readonly ignoresFailure: boolean;
}

/** Reads a command line; `$NAME` alone becomes its words, `${NAME}` its value. */
export function execCommand(line: string, environment: ReadonlyMap<string, string>): ExecCommand {
  const prefix = /^[-@:+!]*/.exec(line)?.[0] ?? '';
  const words = splitWords(line.slice(prefix.length)).flatMap((word) => {
    const whole = /^\$(\w+)$/.exec(word);
    if (whole) return splitWords(environment.get(whole[1] ?? '') ?? '');
    return [word.replace(/\$\{(\w+)\}/g, (_, name: string) => environment.get(name) ?? '')];
  });
  return { path: words[0] ?? '', argv: words, ignoresFailure: prefix.includes('-') };
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1e9,
  s: 1e9,
  sec: 1e9,
  ms: 1e6,
  us: 1e3,
  min: 60e9,
  m: 60e9,
  h: 3600e9,
};

/** A time span (systemd.time(7)) in nanoseconds: `10`, `1min 30s`, `500ms`; undefined for `infinity` and what is none. */
export function timeSpan(text: string): number | undefined {
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([\d.]+)\s*([a-z]*)/g)) {
    const scale = UNITS[unit];
    if (scale === undefined) return undefined;
    total += Number(number) * scale;
  }
  return /\d/.test(text) ? total : undefined;
}
