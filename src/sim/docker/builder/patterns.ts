// Patterns of .dockerignore (moby/patternmatcher): `*` within a name, `**` across directories, `!` takes out again; the
// last pattern that fits a path or a directory above it decides.

interface Pattern {
  readonly form: RegExp;
  readonly negated: boolean;
  readonly text: string;
}

/** The lines of a .dockerignore that are patterns. */
export function readIgnoreFile(text: string): string[] {
  const patterns: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const raw = i === 0 ? line.replace(/^\uFEFF/, '') : line;
    if (raw.startsWith('#')) continue;
    const trimmed = raw.trim();
    if (trimmed === '') continue;
    const negated = trimmed.startsWith('!');
    const path = clean((negated ? trimmed.slice(1) : trimmed).trim());
    patterns.push(`${negated ? '!' : ''}${path}`);
  }
  return patterns;
}

function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0) parts.pop();
    else parts.push(part);
  }
  return parts.length === 0 ? '.' : parts.join('/');
}

/** A pattern as a regular expression over a whole path. */
export function patternForm(pattern: string): RegExp {
  let out = '^';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (pattern.startsWith('**', i)) {
      i++;
      if (pattern[i + 1] === '/') i++;
      out += i >= pattern.length - 1 ? '.*' : '(.*/)?';
    } else if (char === '*') out += '[^/]*';
    else if (char === '?') out += '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 1);
      if (end < 0) out += '\\[';
      else {
        out += `[${pattern.slice(i + 1, end).replace(/\\/g, '\\\\')}]`;
        i = end;
      }
    } else if (char === '\\') out += `\\${pattern[++i] ?? '\\'}`;
    else out += /[.+(){}|^$]/.test(char) ? `\\${char}` : char;
  }
  return new RegExp(`${out}$`, 's');
}

/** Patterns as one test. */
export class PatternMatcher {
  private readonly patterns: readonly Pattern[];
  readonly hasExceptions: boolean;

  constructor(patterns: readonly string[]) {
    this.patterns = patterns.map((text) => {
      const negated = text.startsWith('!');
      const path = clean(negated ? text.slice(1) : text);
      return { form: patternForm(path), negated, text: path };
    });
    this.hasExceptions = this.patterns.some(({ negated }) => negated);
  }

  /** True where the path, or a directory above it, is matched. */
  matches(path: string): boolean {
    let matched = false;
    for (const { form, negated } of this.patterns)
      if (negated === matched && this.fits(form, path)) matched = !negated;
    return matched;
  }

  private fits(form: RegExp, path: string): boolean {
    const parts = path.split('/');
    return parts.some((_, i) => form.test(parts.slice(0, i + 1).join('/')));
  }

  /** True where everything in the root is matched. */
  get matchesRoot(): boolean {
    return this.patterns.some(
      ({ text, negated }) => !negated && (text === '*' || text === '**' || text === '**/*'),
    );
  }
}
