// Values of unstructured objects as Go's fmt prints them: %v and %#v.

/** %v: `map[a:1 b:[x y]]`. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = value as Readonly<Record<string, unknown>>;
  return `map[${Object.keys(fields)
    .sort()
    .map((key) => `${key}:${goValue(fields[key])}`)
    .join(' ')}]`;
}

/** %#v: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  const fields = value as Readonly<Record<string, unknown>>;
  const entries = Object.keys(fields)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${goSyntax(fields[key])}`);
  return `map[string]interface {}{${entries.join(', ')}}`;
}
