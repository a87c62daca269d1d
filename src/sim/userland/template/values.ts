// How Go prints and encodes values that came as JSON: structs without names, maps with sorted keys, nil.

/** Fields of the Engine API that are maps; every other object with capital keys is a struct. */
const MAP_FIELDS = new Set([
  'Labels',
  'Options',
  'Networks',
  'Ports',
  'PortBindings',
  'Volumes',
  'ExposedPorts',
  'Sysctls',
  'Tmpfs',
  'Annotations',
  'StorageOpt',
  'DriverOpts',
  'Containers',
  'Attributes',
  'Config_',
  'AuxiliaryAddresses',
  'Status',
  'Indexes',
  'Data',
  'Metadata',
  'Runtimes',
  'Annotations_',
  'EndpointsConfig',
]);

const maps = new WeakSet<object>();

/** Marks an object as a Go map, for printing. */
export function goMap<T extends object>(value: T): T {
  maps.add(value);
  return value;
}

/** Marks all objects within a value as Go maps: JSON that was decoded into no type. */
export function goMaps<T>(value: T): T {
  if (Array.isArray(value)) value.forEach(goMaps);
  else if (typeof value === 'object' && value !== null && !maps.has(value)) {
    maps.add(value);
    Object.values(value).forEach(goMaps);
  }
  return value;
}

/** True where an object stands for a map rather than a struct. `field` is the name it was reached by. */
export function isGoMap(value: object, field: string | undefined): boolean {
  if (maps.has(value)) return true;
  if (field !== undefined && MAP_FIELDS.has(field)) return true;
  return Object.keys(value).some((key) => !/^[A-Z]/.test(key));
}

/** fmt's %v. */
export function goPrint(value: unknown, field?: string, depth = 0): string {
  if (value === null || value === undefined) return depth === 0 ? '<no value>' : '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return `[${value.map((item) => goPrint(item, undefined, depth + 1)).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  if (isGoMap(value, field)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, item]) => `${key}:${goPrint(item, undefined, depth + 1)}`).join(' ')}]`;
  }
  return `{${Object.entries(value)
    .map(([key, item]) => goPrint(item, key, depth + 1))
    .join(' ')}}`;
}

/** %v of a float64: exponents from 21 digits on. */
export function floatText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  if (Number.isInteger(value) || Math.abs(value) < 1e-4) {
    const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
    const digits = exponent.replace(/^[-+]/, '').padStart(2, '0');
    return value === 0 ? '0' : `${mantissa}e${exponent.startsWith('-') ? '-' : '+'}${digits}`;
  }
  return String(value);
}

function goNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return value.toFixed(0);
  return String(value);
}

/** encoding/json with docker's settings: maps sorted, `<`, `>` and `&` as they are. */
export function goJson(value: unknown, field?: string): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => goJson(item)).join(',')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  let entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (isGoMap(value, field)) entries = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${goJson(item, key)}`).join(',')}}`;
}

/** The same with indentation (json.Indent with four spaces). */
export function goJsonIndented(value: unknown, indent = '    '): string {
  return JSON.stringify(JSON.parse(goJson(value)), undefined, indent);
}

/** text/template's truth: empty values are false. */
export function isTrue(value: unknown): boolean {
  if (value === 0n) return false;
  if (value === null || value === undefined || value === false || value === 0 || value === '')
    return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object') return maps.has(value) ? Object.keys(value).length > 0 : true;
  return true;
}
