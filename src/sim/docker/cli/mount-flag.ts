// --mount type=bind,source=…,target=… (opts.MountOpt): fields of comma-separated values as a mount of the API.

import type { MountRequest } from '../daemon/types.ts';
import { memoryBytes } from '../units.ts';
import { type FlagError, isFlagError, wrongFlag } from './flag-error.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<MountRequest> & {
  BindOptions?: Mutable<NonNullable<MountRequest['BindOptions']>>;
  VolumeOptions?: Mutable<NonNullable<MountRequest['VolumeOptions']>>;
  TmpfsOptions?: Mutable<NonNullable<MountRequest['TmpfsOptions']>>;
};

/** Fields of one line of comma-separated values (RFC 4180). */
export function csvFields(text: string): string[] {
  const fields = text.match(/(?<=^|,)("(?:[^"]|"")*"|[^,]*)(?=,|$)/g) ?? [];
  return fields.map((field) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
}

const FLAGS: Readonly<Record<string, (mount: Draft, on: boolean) => void>> = {
  readonly: (mount, on) => {
    mount.ReadOnly = on;
  },
  ro: (mount, on) => {
    mount.ReadOnly = on;
  },
  'volume-nocopy': (mount, on) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: on };
  },
  'bind-nonrecursive': (mount, on) => {
    mount.BindOptions = { ...mount.BindOptions, NonRecursive: on };
  },
};

const RECURSION: Readonly<Record<string, Draft['BindOptions']>> = {
  enabled: {},
  disabled: { NonRecursive: true },
  writable: { ReadOnlyNonRecursive: true },
  readonly: { ReadOnlyForceRecursive: true },
};

function pair(value: string): Record<string, string> {
  const equals = value.indexOf('=');
  if (value === '' || equals === 0) return {};
  return equals < 0 ? { [value]: '' } : { [value.slice(0, equals)]: value.slice(equals + 1) };
}

/** Takes a field with a value; what is wrong with it. */
type Setter = (mount: Draft, value: string, key: string) => string | undefined;

const source =
  (directory: string): Setter =>
  (mount, value) => {
    mount.Source = value.startsWith('.') ? absolute(directory, value) : value;
    return undefined;
  };
const target: Setter = (mount, value) => {
  mount.Target = value;
  return undefined;
};

function setters(directory: string): Readonly<Record<string, Setter>> {
  return {
    type(mount, value) {
      mount.Type = value.toLowerCase() as MountRequest['Type'];
      return undefined;
    },
    source: source(directory),
    src: source(directory),
    target,
    dst: target,
    destination: target,
    consistency(mount, value) {
      mount.Consistency = value.toLowerCase();
      return undefined;
    },
    'bind-propagation'(mount, value) {
      mount.BindOptions = { ...mount.BindOptions, Propagation: value.toLowerCase() };
      return undefined;
    },
    'bind-recursive'(mount, value, key) {
      const options = RECURSION[value];
      if (!options)
        return `invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`;
      if (value !== 'enabled') mount.BindOptions = { ...mount.BindOptions, ...options };
      return undefined;
    },
    'volume-subpath'(mount, value) {
      mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value };
      return undefined;
    },
    'volume-label'(mount, value) {
      const { VolumeOptions: before } = mount;
      mount.VolumeOptions = { ...before, Labels: { ...before?.Labels, ...pair(value) } };
      return undefined;
    },
    'volume-driver'(mount, value) {
      const { VolumeOptions: before } = mount;
      mount.VolumeOptions = { ...before, DriverConfig: { ...before?.DriverConfig, Name: value } };
      return undefined;
    },
    'volume-opt'(mount, value) {
      const { VolumeOptions: before } = mount;
      const Options = { ...before?.DriverConfig?.Options, ...pair(value) };
      mount.VolumeOptions = { ...before, DriverConfig: { ...before?.DriverConfig, Options } };
      return undefined;
    },
    'image-subpath'(mount, value) {
      mount.ImageOptions = { Subpath: value };
      return undefined;
    },
    'tmpfs-size'(mount, value, key) {
      const SizeBytes = memoryBytes(value);
      if (SizeBytes === undefined) return `invalid value for ${key}: ${value}`;
      mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes };
      return undefined;
    },
    'tmpfs-mode'(mount, value, key) {
      if (!/^[0-7]+$/.test(value)) return `invalid value for ${key}: ${value}`;
      mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) };
      return undefined;
    },
  };
}

/** A path below a directory, without `.` and `..`. */
export function absolute(directory: string, path: string): string {
  const parts = `${directory}/${path}`
    .split('/')
    .reduce<string[]>(
      (at, part) =>
        part === '..' ? at.slice(0, -1) : part === '.' || part === '' ? at : [...at, part],
      [],
    );
  return `/${parts.join('/')}`;
}

function draftOf(text: string, directory: string): Draft | FlagError {
  const mount: Draft = { Type: 'volume', Source: '', Target: '' };
  const known = setters(directory);
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const value = field.slice(equals + 1);
    const flag = FLAGS[key];
    if (equals < 0) {
      if (!flag) return wrongFlag(`invalid field '${field}' must be a key=value pair`);
      flag(mount, true);
    } else if (flag) {
      if (!/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value))
        return wrongFlag(`invalid value for ${key}: ${value}`);
      flag(mount, /^(1|t|T|true|TRUE|True)$/.test(value));
    } else {
      const set = known[key];
      if (!set) return wrongFlag(`unexpected key '${key}' in '${field}'`);
      const wrong = set(mount, value, key);
      if (wrong !== undefined) return wrongFlag(wrong);
    }
  }
  return mount;
}

const KINDS = [
  ['VolumeOptions', 'volume'],
  ['ImageOptions', 'image'],
  ['BindOptions', 'bind'],
  ['TmpfsOptions', 'tmpfs'],
] as const;

function checked(mount: Draft): string | undefined {
  if (mount.Type === ('' as string)) return 'type is required';
  if (mount.Target === '') return 'target is required';
  for (const [field, type] of KINDS)
    if (mount[field] && mount.Type !== type)
      return `cannot mix '${type}-*' options with mount type '${mount.Type}'`;
  const { ReadOnlyNonRecursive, ReadOnlyForceRecursive, Propagation } = mount.BindOptions ?? {};
  const alone = "' requires 'readonly' to be specified in conjunction";
  if (ReadOnlyNonRecursive && !mount.ReadOnly) return `option 'bind-recursive=writable${alone}`;
  if (ReadOnlyForceRecursive && !mount.ReadOnly) return `option 'bind-recursive=readonly${alone}`;
  return ReadOnlyForceRecursive && Propagation !== 'rprivate'
    ? "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction"
    : undefined;
}

/** One --mount; paths that begin with a dot are below the client's directory. */
export function mountFlag(text: string, directory: string): MountRequest | FlagError {
  const mount = draftOf(text, directory);
  const wrong = isFlagError(mount) ? mount.wrong : checked(mount);
  if (wrong !== undefined) return wrongFlag(wrong);
  return mount as MountRequest;
}
