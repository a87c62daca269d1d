// What the Engine API's bodies are made of, as far as the daemon reads them into structs, and what it says of a body that
// is no JSON, or in which a value has another type (encoding/json's UnmarshalTypeError). Unknown fields are passed over.

import type { HttpRequest } from '../../../userland/http/message.ts';
import { decodeGoJson, isGoJsonError } from '../../../containers/go-json.ts';
import { ApiError } from '../model.ts';
import { type Handler, refuse } from './answer.ts';

/** A Go type by name, or a struct with its fields. */
type GoType = string | Struct;

interface Struct {
  /** The struct's name with its package. */
  readonly name: string;
  readonly fields: Readonly<Record<string, GoType>>;
  /** A struct inside it whose fields stand beside its own in JSON; encoding/json names it in what it says. */
  readonly embedded?: { readonly name: string; readonly fields: Readonly<Record<string, GoType>> };
}

/** Fields of one type, as words. */
function all(type: string, names: string): [string, GoType][] {
  return names.split(/\s+/).map((name) => [name, type]);
}

const STRINGS = '[]string';
const STRING_MAP = 'map[string]string';

const RESOURCES: Struct['embedded'] = {
  name: 'Resources',
  fields: Object.fromEntries<GoType>([
    ...all('int64', 'CpuShares Memory NanoCpus CpuPeriod CpuQuota CpuRealtimePeriod'),
    ...all('int64', 'CpuRealtimeRuntime MemoryReservation MemorySwap MemorySwappiness PidsLimit'),
    ...all('uint16', 'BlkioWeight'),
    ...all('string', 'CgroupParent CpusetCpus CpusetMems'),
    ...all('bool', 'OomKillDisable'),
    ...all(STRINGS, 'DeviceCgroupRules'),
    ['Devices', '[]container.DeviceMapping'],
    ['Ulimits', '[]*container.Ulimit'],
  ]),
};
const RESTART_POLICY: Struct = {
  name: 'container.RestartPolicy',
  fields: { Name: 'container.RestartPolicyMode', MaximumRetryCount: 'int' },
};
const HOST_CONFIG: Struct = {
  name: 'container.HostConfig',
  embedded: RESOURCES,
  fields: {
    ...Object.fromEntries([
      ...all('string', 'ContainerIDFile VolumeDriver Cgroup Runtime'),
      ...all(STRINGS, 'Binds VolumesFrom CapAdd CapDrop DnsOptions DnsSearch ExtraHosts GroupAdd'),
      ...all(STRINGS, 'Links SecurityOpt MaskedPaths ReadonlyPaths'),
      ...all('bool', 'AutoRemove Privileged PublishAllPorts ReadonlyRootfs Init'),
      ...all(STRING_MAP, 'Annotations StorageOpt Tmpfs Sysctls'),
      ...all('int', 'OomScoreAdj'),
      ...all('int64', 'ShmSize'),
    ]),
    NetworkMode: 'container.NetworkMode',
    CgroupnsMode: 'container.CgroupnsMode',
    IpcMode: 'container.IpcMode',
    PidMode: 'container.PidMode',
    UTSMode: 'container.UTSMode',
    UsernsMode: 'container.UsernsMode',
    Isolation: 'container.Isolation',
    PortBindings: 'network.PortMap',
    Mounts: '[]mount.Mount',
    RestartPolicy: RESTART_POLICY,
    LogConfig: { name: 'container.LogConfig', fields: { Type: 'string', Config: STRING_MAP } },
  },
};

const CONFIG: NonNullable<Struct['embedded']> = {
  name: 'Config',
  fields: {
    ...Object.fromEntries([
      ...all('string', 'Hostname Domainname User Image WorkingDir StopSignal'),
      ...all(
        'bool',
        'AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce NetworkDisabled',
      ),
      ...all(STRINGS, 'Env Cmd Entrypoint OnBuild Shell'),
      ...all(STRING_MAP, 'Labels'),
      ...all('int', 'StopTimeout'),
    ]),
    ExposedPorts: 'network.PortSet',
    Volumes: 'map[string]struct {}',
  },
};
const CREATE: Struct = {
  name: 'container.CreateRequest',
  embedded: CONFIG,
  fields: {
    HostConfig: HOST_CONFIG,
    NetworkingConfig: {
      name: 'network.NetworkingConfig',
      fields: { EndpointsConfig: 'map[string]*network.EndpointSettings' },
    },
  },
};

/** The structs by the name that a route gives. */
const BODIES = {
  containerCreate: CREATE,
  containerUpdate: {
    name: 'container.UpdateConfig',
    embedded: RESOURCES,
    fields: { RestartPolicy: RESTART_POLICY },
  },
  execCreate: {
    name: 'container.ExecCreateRequest',
    fields: Object.fromEntries([
      ...all('string', 'User DetachKeys WorkingDir'),
      ...all('bool', 'Privileged Tty AttachStdin AttachStdout AttachStderr'),
      ...all(STRINGS, 'Env Cmd'),
    ]),
  },
  execStart: {
    name: 'container.ExecStartRequest',
    fields: Object.fromEntries(all('bool', 'Detach Tty')),
  },
  networkCreate: {
    name: 'network.CreateRequest',
    fields: {
      ...Object.fromEntries([
        ...all('string', 'Name Driver Scope'),
        ...all('bool', 'EnableIPv4 EnableIPv6 Internal Attachable Ingress ConfigOnly'),
        ...all(STRING_MAP, 'Options Labels'),
      ]),
      IPAM: {
        name: 'network.IPAM',
        fields: { Driver: 'string', Options: STRING_MAP, Config: '[]network.IPAMConfig' },
      },
    },
  },
  networkConnect: { name: 'network.ConnectRequest', fields: { Container: 'string' } },
  networkDisconnect: {
    name: 'network.DisconnectRequest',
    fields: { Container: 'string', Force: 'bool' },
  },
  volumeCreate: {
    name: 'volume.CreateRequest',
    fields: Object.fromEntries([
      ...all('string', 'Name Driver'),
      ...all(STRING_MAP, 'DriverOpts Labels'),
    ]),
  },
} satisfies Readonly<Record<string, Struct>>;

/** A handler that is only called with a body of its struct; what is wrong with any other is answered with 400. */
export function reading(body: keyof typeof BODIES, handler: Handler): Handler {
  return function* (context) {
    const fault = bodyFault(context.request, BODIES[body]);
    return fault ? refuse(fault) : yield* handler(context);
  };
}

function bodyFault(request: HttpRequest, struct: Struct): ApiError | undefined {
  const sent = request.body.json();
  const text = sent === undefined ? request.body.text() : undefined;
  const type = request.headers['content-type'];
  if (type === undefined && text === '') return emptyBody(struct);
  const media = type?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (media !== 'application/json')
    return new ApiError(
      400,
      media === ''
        ? `malformed Content-Type header (${type ?? ''}): mime: no media type`
        : `unsupported Content-Type header (${type}): must be 'application/json'`,
    );
  if (text === '') return emptyBody(struct);
  const value = text === undefined ? sent : decodeGoJson(text);
  const fault = isGoJsonError(value) ? value.goError : typeFault(value, struct, '', '');
  if (fault !== undefined) return new ApiError(400, `invalid JSON: ${fault}`);
  return struct === CREATE ? emptyConfig(value) : undefined;
}

/** Only a container cannot be made of nothing. */
function emptyBody(struct: Struct): ApiError | undefined {
  return struct === CREATE ? new ApiError(400, 'invalid JSON: EOF') : undefined;
}

function emptyConfig(value: unknown): ApiError | undefined {
  if (Object.keys(value ?? {}).some((name) => Object.hasOwn(CONFIG.fields, name))) return undefined;
  return new ApiError(400, 'config cannot be empty in order to create a container');
}

/** encoding/json's words for the first value that its Go type cannot hold; `null` fits every type. */
function typeFault(value: unknown, type: GoType, struct: string, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  const found = Array.isArray(value) ? 'array' : typeof value;
  const goType = typeof type === 'string' ? type : type.name;
  if (found !== wanted(type))
    return unmarshal(found === 'boolean' ? 'bool' : found, goType, struct, path);
  if (found === 'number' && !Number.isInteger(value))
    return unmarshal(`number ${value}`, goType, struct, path);
  if (typeof type === 'string') return memberFault(value, type, struct, path);
  const name = type.name.slice(type.name.indexOf('.') + 1);
  for (const [field, member] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const { fields, embedded } = type;
    const expected = fields[field] ?? embedded?.fields[field];
    const named = Object.hasOwn(fields, field) ? field : `${embedded?.name}.${field}`;
    const inside = path === '' ? named : `${path}.${named}`;
    const fault = expected && typeFault(member, expected, name, inside);
    if (fault) return fault;
  }
  return undefined;
}

/** The members of a slice or a map of strings. */
function memberFault(
  value: unknown,
  type: string,
  struct: string,
  path: string,
): string | undefined {
  if (type !== STRINGS && type !== STRING_MAP) return undefined;
  for (const member of Object.values(value as Readonly<Record<string, unknown>>)) {
    const fault = typeFault(member, 'string', struct, path);
    if (fault) return fault;
  }
  return undefined;
}

/** What `typeof` gives for a value of a Go type; `array` for slices. */
function wanted(type: GoType): string {
  if (typeof type !== 'string' || /^map\[|\.Port(?:Map|Set)$/.test(type)) return 'object';
  if (type.startsWith('[]')) return 'array';
  if (type === 'bool') return 'boolean';
  return /^u?int/.test(type) ? 'number' : 'string';
}

function unmarshal(found: string, goType: string, struct: string, path: string): string {
  const where = path === '' ? 'value' : `struct field ${struct}.${path}`;
  return `json: cannot unmarshal ${found} into Go ${where} of type ${goType}`;
}
