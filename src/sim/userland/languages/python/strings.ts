// Python's literals: what backslashes mean in strings, how repr writes them, and numbers.

const SIMPLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** The first half of a character beyond the basic plane. */
const PAIR = /[\ud800-\udbff]/;

/** The text between a literal's quotes with its escapes resolved; `bytes`: without those of Unicode. */
export function escaped(text: string, bytes: boolean): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(\n|[0-7]{1,3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[\s\S])/g,
    (whole, what: string) => {
      const simple = SIMPLE[what];
      if (simple !== undefined) return simple;
      if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8));
      if (what.length === 1) return whole;
      if (bytes && what[0] !== 'x') return whole;
      return String.fromCodePoint(Number.parseInt(what.slice(1), 16));
    },
  );
}

const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

/** A string as repr writes it. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === quote) out += `\\${char}`;
    else if (NAMED[char] !== undefined) out += NAMED[char];
    else if (code < 32 || code === 127 || (code > 127 && code < 161))
      out += `\\x${code.toString(16).padStart(2, '0')}`;
    else out += char;
  }
  return quote + out + quote;
}

/** Bytes as repr writes them. */
export function quotedBytes(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === quote) out += `\\${char}`;
    else if (NAMED[char] !== undefined) out += NAMED[char];
    else if (code < 32 || code > 126) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else out += char;
  }
  return `b${quote}${out}${quote}`;
}

/** A number's value: int as bigint, float as number. */
export function numberOf(text: string): bigint | number {
  const plain = text.replaceAll('_', '');
  if (/^0[xob]/i.test(plain)) return BigInt(plain);
  return /^\d+$/.test(plain) ? BigInt(plain) : Number(plain);
}

/** The characters of a text, surrogate pairs as one: what len() counts. */
export function lengthInCharacters(text: string): number {
  let pairs = 0;
  for (let at = text.search(PAIR); at >= 0 && at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00) pairs++;
  }
  return text.length - pairs;
}
