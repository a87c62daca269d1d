// The order of version numbers in names (filevercmp): ls -v and sort -V put file9 before file10.

/** Compares two names: digits as numbers, the rest by letters before others, `~` before the end. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  for (const first of ['', '.', '..']) {
    if (a === first) return -1;
    if (b === first) return 1;
  }
  if (a.startsWith('.') !== b.startsWith('.')) return a.startsWith('.') ? -1 : 1;
  const [shortA, shortB] = [withoutSuffix(a), withoutSuffix(b)];
  const bySuffix = shortA === shortB;
  const result = compareParts(bySuffix ? a : shortA, bySuffix ? b : shortB);
  return result || (a < b ? -1 : 1);
}

function withoutSuffix(name: string): string {
  return name.replace(/(?:\.[A-Za-z~][A-Za-z0-9~]*)+$/, '') || name;
}

function weight(char: string | undefined): number {
  if (char === undefined || /\d/.test(char)) return 0;
  if (char === '~') return -1;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !/\d/.test(a.charAt(i))) || (j < b.length && !/\d/.test(b.charAt(j)))) {
      const difference = weight(a[i]) - weight(b[j]);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const [x = '', y = ''] = [/^\d*/.exec(a.slice(i))?.[0], /^\d*/.exec(b.slice(j))?.[0]];
    const [m, n] = [x.replace(/^0+/, ''), y.replace(/^0+/, '')];
    if (m.length !== n.length) return m.length - n.length;
    if (m !== n) return m < n ? -1 : 1;
    i += x.length;
    j += y.length;
  }
  return 0;
}
