// RUN --mount: its fields, and which fit which type (BuildKit's commands_runmount.go).

import { memoryBytes } from '../../units.ts';
import { BuildError, hint } from './errors.ts';
import { type Env, expand } from './lex.ts';

export interface Mount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly size: number;
  readonly id: string;
  readonly sharing: string;
  readonly required: boolean;
  /** The variable that holds a secret. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
const SHARING = ['shared', 'private', 'locked'];
const KEYS = [
  'type',
  'from',
  'source',
  'target',
  'readonly',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'src',
  'dst',
  'destination',
  'ro',
  'rw',
  'readwrite',
  'env',
];
const SAME: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
};

type Draft = { -readonly [K in keyof Mount]: Mount[K] };

function truth(key: string, value: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw new BuildError(`invalid value for ${key}: ${value}`);
}

function numberOf(key: string, value: string, base: 8 | 10): number {
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value))
    throw new BuildError(`invalid value ${value} for ${key}`);
  return Number.parseInt(value, base);
}

function setField(mount: Draft, key: string, value: string, field: string): void {
  const wrongType = (): BuildError =>
    new BuildError(`unexpected key '${key}' for mount type '${mount.type}'`);
  switch (SAME[key] ?? key) {
    case 'type': {
      const type = TYPES.find((known) => known === value.toLowerCase());
      if (!type)
        throw new BuildError(
          `unsupported mount type ${JSON.stringify(value)}${hint(value, TYPES, true)}`,
        );
      mount.type = type;
      return;
    }
    case 'from':
      mount.from = value;
      return;
    case 'source':
      mount.source = value;
      return;
    case 'target':
      mount.target = value;
      return;
    case 'readonly':
      mount.readOnly = truth(key, value);
      return;
    case 'readwrite':
      mount.readOnly = !truth(key, value);
      return;
    case 'required':
      if (mount.type !== 'secret' && mount.type !== 'ssh') throw wrongType();
      mount.required = truth(key, value);
      return;
    case 'size': {
      if (mount.type !== 'tmpfs') throw wrongType();
      const size = memoryBytes(value);
      if (size === undefined) throw new BuildError(`invalid value for ${key}: ${value}`);
      mount.size = size;
      return;
    }
    case 'id':
      mount.id = value;
      return;
    case 'sharing':
      if (!SHARING.includes(value.toLowerCase()))
        throw new BuildError(
          `unsupported sharing value ${JSON.stringify(value)}${hint(value, SHARING, true)}`,
        );
      mount.sharing = value.toLowerCase();
      return;
    case 'mode':
      mount.mode = numberOf(key, value, 8);
      return;
    case 'uid':
      mount.uid = numberOf(key, value, 10);
      return;
    case 'gid':
      mount.gid = numberOf(key, value, 10);
      return;
    case 'env':
      mount.env = value;
      return;
    default:
      throw new BuildError(`unexpected key '${key}' in '${field}'${hint(key, KEYS, true)}`);
  }
}

function check(mount: Mount): void {
  if (mount.type === 'bind' || mount.type === 'tmpfs') {
    for (const key of ['mode', 'uid', 'gid'] as const)
      if (mount[key] !== undefined)
        throw new BuildError(`${key} not allowed for ${JSON.stringify(mount.type)} type mounts`);
  }
  if (mount.type === 'secret') {
    if (mount.from !== '') throw new BuildError('secret mount should not have a from');
    if (mount.sharing !== '') throw new BuildError('secret mount should not define sharing');
    if (mount.source === '' && mount.target === '' && mount.id === '')
      throw new BuildError('invalid secret mount. one of source, target required');
    if (mount.source !== '' && mount.id !== '')
      throw new BuildError("both source and id can't be set");
  }
  if (mount.sharing !== '' && mount.type !== 'cache')
    throw new BuildError(`invalid cache sharing set for ${mount.type} mount`);
}

/** Reads one `--mount`. Without an environment only what does not depend on it is checked. */
export function mountOf(text: string, env?: Env): Mount {
  const mount: Draft = {
    type: 'bind',
    from: '',
    source: '',
    target: '',
    readOnly: false,
    size: 0,
    id: '',
    sharing: '',
    required: false,
    env: undefined,
    mode: undefined,
    uid: undefined,
    gid: undefined,
  };
  let automatic = true;
  for (const field of text.split(',')) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? 'true' : field.slice(equals + 1);
    if (!env) {
      if (key === 'from' && equals >= 0 && /\$./.test(value))
        throw new BuildError(
          `'${key}' doesn't support variable expansion, define alias stage instead`,
        );
      if (key === 'from') mount.from = value;
      continue;
    }
    const alone = ['readonly', 'ro', 'readwrite', 'rw', 'required'];
    if (equals < 0 && !alone.includes(key))
      throw new BuildError(`invalid field '${field}' must be a key=value pair`);
    setField(mount, key, expand(value, env).text, field);
    if (['readonly', 'readwrite'].includes(SAME[key] ?? key)) automatic = false;
  }
  if (!env) return mount;
  if (automatic) mount.readOnly = mount.type !== 'cache' && mount.type !== 'tmpfs';
  check(mount);
  return mount;
}
