// nerdctl run and create: an image is pulled where it is missing, a container is recorded with its snapshot, its spec and
// nerdctl's labels, and its files are laid out in nerdctl's own directory.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../containerd/daemon.ts';
import {
  capabilitySets,
  DEFAULT_CAPABILITIES,
  defaultSpec,
  lookInto,
  mergeEnvironment,
  readAccounts,
  resolveUser,
  withImageConfig,
  withLinux,
  withNamespace,
  withProcess,
} from '../containerd/spec.ts';
import type { ContainerRecord, ImageRecord } from '../containerd/types.ts';
import { withLease } from '../containerd/with-lease.ts';
import { chainIds, type ImageConfig } from '../images/oci.ts';
import { familiarName, isReferenceError, parseReference } from '../images/reference.ts';
import { isRpcError } from '../rpc.ts';
import { configOf } from '../programs/ctr/run.ts';
import type { Spec, SpecMount } from '../runc/spec.ts';
import { type Call, holderOf, LABEL, nameFile, stateDirectory } from './call.ts';
import { ensureImage } from './images.ts';
import { LOG_URI } from './logger.ts';
import { DEFAULT_NETWORK, ensureDefault, networks } from './networks.ts';
import { volumeMount } from './volumes.ts';

const HOOK = '/usr/local/bin/nerdctl';

/** Makes a container from the words of `run` and `create`; a text says why not. */
export function* createContainer(call: Call): Routine<ContainerRecord | string> {
  const image = yield* ensureImage(call, call.args[0] ?? '');
  if (typeof image === 'string') return image;
  return yield* withLease(call.client, (client) => make({ ...call, client }, image));
}

function* make(call: Call, image: ImageRecord): Routine<ContainerRecord | string> {
  const { main, client, namespace, given } = call;
  const { process: p } = main;
  const id = p.task.kernel.entropy.hex(64);
  const config = yield* configOf(client, image.target);
  if (isRpcError(config)) return config.message;
  const ports = portsOf(given.list('publish'));
  if (typeof ports === 'string') return ports;
  const nets = yield* networksOf(call);
  if (typeof nets === 'string') return nets;
  const name = given.text('name') || `${suggested(image.name)}-${id.slice(0, 5)}`;
  const holder = yield* holderOf(call, name);
  if (holder !== undefined)
    return `name-store error\nname "${name}" is already used by ID "${holder}"`;
  const stateDir = stateDirectory(namespace, id);
  makeDirectories(p, stateDir, 0o700);
  const own = nets.includes('host') ? p.task.kernel.first.uts.hostname : id.slice(0, 12);
  const hostname = given.text('hostname') || own;
  const labels: Record<string, string> = {
    ...config.config?.Labels,
    ...Object.fromEntries(given.list('label').map(pair)),
    'io.containerd.image.config.stop-signal':
      given.text('stop-signal') || config.config?.StopSignal || 'SIGTERM',
    [LABEL.name]: name,
    [LABEL.hostname]: hostname,
    [LABEL.namespace]: namespace,
    [LABEL.networks]: JSON.stringify(nets),
    [LABEL.stateDir]: stateDir,
    [LABEL.logUri]: LOG_URI,
    [LABEL.platform]: 'linux/amd64',
    ...(ports.length > 0 && { [LABEL.ports]: JSON.stringify(ports) }),
  };
  const parent = chainIds(config.rootfs.diff_ids).at(-1) ?? '';
  const mounts = yield* client.prepareSnapshot({ key: id, parent });
  if (isRpcError(mounts)) return mounts.message;
  const accounts = yield* lookInto(p, mounts, (root) => readAccounts(p, root));
  const user = given.text('user') || config.config?.User || '';
  const resolved = user === '' ? undefined : resolveUser(user, accounts);
  const files = yield* layOut(call, stateDir, hostname);
  const spec =
    typeof resolved === 'string'
      ? resolved
      : specOf(call, { id, hostname, labels, config, files, nets });
  if (typeof spec === 'string') {
    removeAll(p, stateDir);
    yield* client.removeSnapshot(id);
    return spec;
  }
  const owned = typeof resolved === 'object' ? withProcess(spec, { user: resolved }) : spec;
  makeDirectories(p, nameFile(namespace, '').slice(0, -1), 0o700);
  writeWholeFile(p, nameFile(namespace, name), encode(id), 0o600);
  const created = yield* client.createContainer({
    id,
    labels,
    image: image.name,
    runtime: { name: 'io.containerd.runc.v2' },
    spec: owned,
    snapshotter: 'overlayfs',
    snapshotKey: id,
    extensions: {},
  });
  return isRpcError(created) ? created.message : created;
}

const pair = (text: string): [string, string] => {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
};

/** `busybox` of docker.io/library/busybox:latest. */
function suggested(name: string): string {
  const reference = parseReference(name);
  const familiar = isReferenceError(reference) ? name : familiarName(reference);
  return familiar.split('/').at(-1) ?? familiar;
}

interface PortMapping {
  readonly HostPort: number;
  readonly ContainerPort: number;
  readonly Protocol: string;
  readonly HostIP: string;
}

function portsOf(list: readonly string[]): PortMapping[] | string {
  const found: PortMapping[] = [];
  for (const text of list.flatMap((one) => one.split(','))) {
    const match = /^(?:([\d.]+):)?(\d+):(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text);
    if (match === null) return `drydock: nerdctl run --publish ${text} is not simulated`;
    const [, ip = '0.0.0.0', host, container, protocol = 'tcp'] = match;
    found.push({
      HostPort: Number(host),
      ContainerPort: Number(container),
      Protocol: protocol,
      HostIP: ip,
    });
  }
  return found;
}

/** The networks asked for; `host` and `none` stand alone. */
function* networksOf(call: Call): Routine<string[] | string> {
  const { process: p } = call.main;
  yield* ensureDefault(p);
  const given = [...call.given.list('network'), ...call.given.list('net')];
  const names = given.flatMap((one) => one.split(','));
  if (names.length === 0) return [DEFAULT_NETWORK];
  const all = yield* networks(p);
  for (const name of names) {
    if (name === 'host' || name === 'none') continue;
    if (!all.some((one) => one.name === name)) return `no network found: ${name}`;
  }
  return names;
}

/** hosts, hostname and resolv.conf, which are mounted into the container. */
function* layOut(call: Call, stateDir: string, hostname: string): Routine<SpecMount[]> {
  const { process: p } = call.main;
  const resolv = yield* readFile(p, '/etc/resolv.conf');
  const contents: readonly (readonly [string, string])[] = [
    ['hosts', '127.0.0.1\tlocalhost localhost.localdomain\n'],
    ['hostname', `${hostname}\n`],
    ['resolv.conf', isErrno(resolv) ? '' : decode(resolv)],
  ];
  return contents.map(([name, text]) => {
    writeWholeFile(p, `${stateDir}/${name}`, encode(text), 0o644);
    return {
      destination: `/etc/${name}`,
      type: 'bind',
      source: `${stateDir}/${name}`,
      options: ['bind', 'rprivate'],
    };
  });
}

interface Parts {
  readonly id: string;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly config: ImageConfig;
  readonly files: readonly SpecMount[];
  readonly nets: readonly string[];
}

function specOf(call: Call, parts: Parts): Spec | string {
  const { given, namespace, args } = call;
  const image = parts.config.config ?? {};
  const entrypoint = given.has('entrypoint') ? given.list('entrypoint').filter(Boolean) : undefined;
  const config = entrypoint ? { ...image, Entrypoint: entrypoint, Cmd: [] } : image;
  let spec = withImageConfig(defaultSpec(namespace, parts.id), config, args.slice(1));
  if ((spec.process?.args?.length ?? 0) === 0) {
    return 'no command or entrypoint provided, and no CMD or ENTRYPOINT from image';
  }
  const env = [...given.list('env'), `HOSTNAME=${parts.hostname}`];
  spec = withProcess(spec, {
    terminal: given.is('tty'),
    noNewPrivileges: false,
    cwd: given.text('workdir') || spec.process?.cwd || '/',
    env: mergeEnvironment(spec.process?.env ?? [], given.is('tty') ? ['TERM=xterm', ...env] : env),
  });
  const mounts: SpecMount[] = [];
  for (const text of given.list('volume')) {
    const mount = volumeMount(call, text);
    if (typeof mount === 'string') return mount;
    mounts.push(mount);
  }
  const dropped = given.list('cap-drop').map(capability);
  const kept = dropped.includes('CAP_ALL') ? [] : DEFAULT_CAPABILITIES;
  const names = [
    ...kept.filter((one) => !dropped.includes(one)),
    ...given.list('cap-add').map(capability),
  ];
  spec = withProcess(spec, { capabilities: capabilitySets(names) });
  const hook = (event: string) => ({
    path: HOOK,
    args: ['nerdctl', 'internal', 'oci-hook', event],
  });
  spec = {
    ...withLimits(call, spec),
    hostname: parts.hostname,
    root: { path: 'rootfs', readonly: given.is('read-only') },
    mounts: [...(spec.mounts ?? []), ...parts.files, ...mounts],
    annotations: parts.labels,
    hooks: { createRuntime: [hook('createRuntime')], poststop: [hook('postStop')] },
  };
  spec = withNamespace(spec, 'cgroup', '');
  if (!parts.nets.includes('host')) return spec;
  return { ...withNamespace(spec, 'network', undefined), hooks: {} };
}

const capability = (name: string): string => `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`;

function withLimits(call: Call, spec: Spec): Spec {
  const { given } = call;
  const units: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
  const size = /^(\d+)([bkmg]?)b?$/i.exec(given.text('memory'));
  const limit = Number(size?.[1] ?? 0) * (units[(size?.[2] || 'b').toLowerCase()] ?? 1);
  const cpus = Number(given.text('cpus') || 0);
  const pids = Number(given.text('pids-limit') || -1);
  return withLinux(spec, {
    resources: {
      ...spec.linux?.resources,
      ...(limit > 0 && { memory: { limit } }),
      ...(cpus > 0 && { cpu: { quota: Math.round(cpus * 100_000), period: 100_000 } }),
      ...(pids > 0 && { pids: { limit: pids } }),
    },
  });
}
