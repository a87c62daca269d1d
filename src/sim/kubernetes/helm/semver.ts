// Semantic versions and constraints (Masterminds/semver): `>=1.20`, `^1.2`, `~1.2.3`, `1.2.x`, `a - b`, `,` for and, `||` for or.

type Triple = readonly [number, number, number];

interface Version {
  readonly triple: Triple;
  readonly prerelease: string;
}

function parse(text: string): Version | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(
    text.trim(),
  );
  if (!match) return undefined;
  const [, major, minor, patch, prerelease = ''] = match;
  return { triple: [Number(major), Number(minor ?? 0), Number(patch ?? 0)], prerelease };
}

function order(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const)
    if (a.triple[i] !== b.triple[i]) return a.triple[i] - b.triple[i];
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  if (b.prerelease === '') return -1;
  return a.prerelease < b.prerelease ? -1 : 1;
}

/** The first version above those that share a prefix with one. */
function ceiling({ triple: [major, minor, patch] }: Version, place: number): Version {
  const triple: Triple =
    place === 0
      ? [major + 1, 0, 0]
      : place === 1
        ? [major, minor + 1, 0]
        : [major, minor, patch + 1];
  return { triple, prerelease: '' };
}

function one(constraint: string, version: Version): boolean | undefined {
  const match = /^(=|!=|>=|=>|<=|=<|>|<|\^|~>?|)\s*v?([0-9xX*.]+)(-[0-9A-Za-z.-]+)?$/.exec(
    constraint,
  );
  if (!match) return undefined;
  const [, operator = '', numbers = '', prerelease = ''] = match;
  const parts = numbers.split('.').filter((part) => part !== '');
  const wild = parts.findIndex((part) => /^[xX*]$/.test(part));
  const given = wild >= 0 ? wild : parts.length;
  const base = parse(
    `${parts.slice(0, Math.max(given, 1)).join('.').replace(/[xX*]/g, '0')}${prerelease}`,
  );
  if (!base) return undefined;
  if (version.prerelease !== '' && prerelease === '') return false;
  const above = order(version, base);
  const within = (place: number): boolean => above >= 0 && order(version, ceiling(base, place)) < 0;
  switch (operator) {
    case '>':
      return given < 3 ? order(version, ceiling(base, given - 1)) >= 0 : above > 0;
    case '>=':
    case '=>':
      return above >= 0;
    case '<':
      return above < 0;
    case '<=':
    case '=<':
      return given < 3 ? order(version, ceiling(base, given - 1)) < 0 : above <= 0;
    case '!=':
      return above !== 0;
    case '^': {
      const place =
        base.triple[0] > 0 || given === 1 ? 0 : base.triple[1] > 0 || given === 2 ? 1 : 2;
      return within(place);
    }
    case '~':
    case '~>':
      return given === 0 || within(given === 1 ? 0 : 1);
    default:
      if (given === 0) return true;
      return given < 3 ? within(given - 1) : above === 0;
  }
}

/** True where a version is what a constraint asks for; undefined where either cannot be read. */
export function satisfies(constraint: string, text: string): boolean | undefined {
  const version = parse(text);
  if (!version) return undefined;
  const ranges = constraint.replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2').split('||');
  let any = false;
  for (const range of ranges) {
    const parts = range
      .trim()
      .replace(/([<>=^~!])\s+/g, '$1')
      .split(/[\s,]+/);
    const holds = parts.filter((part) => part !== '').map((part) => one(part, version));
    if (holds.includes(undefined)) return undefined;
    any ||= holds.every((hold) => hold === true);
  }
  return any;
}

/** Sprig's semver: the parts of a version; undefined where it is none. */
export function versionParts(text: string): Record<string, unknown> | undefined {
  const version = parse(text);
  if (!version) return undefined;
  const [major, minor, patch] = version.triple.map(BigInt);
  return {
    Major: major,
    Minor: minor,
    Patch: patch,
    Prerelease: version.prerelease,
    Original: text,
  };
}

/** True for a version that a chart may have. */
export function isVersion(text: string): boolean {
  return parse(text) !== undefined;
}

/** Orders versions; ones that cannot be read come first. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [parse(a), parse(b)];
  if (!first || !second) return first ? 1 : second ? -1 : 0;
  return order(first, second);
}
