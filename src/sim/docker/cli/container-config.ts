// The flags of run and create as the request that POST /containers/create takes.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { parseIp } from '../../kernel/network/address.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { CreateRequest, HostConfig, PortBinding } from '../daemon/types.ts';
import { type Call, type FlagValues, pairsOf } from './command.ts';
import { type FlagError, isFlagError, wrongFlag as wrong } from './flag-error.ts';
import { hostConfig } from './host-config.ts';
import { type Networking, networking } from './network-flag.ts';

/**
 * Lines of a file of `KEY=VALUE` (kvfile.Parse); keys alone take their value from `own` where it is given and are left
 * out where there is none.
 */
function* fileLines(
  call: Call,
  path: string,
  own?: ReadonlyMap<string, string>,
): Routine<string[] | FlagError> {
  const bytes = yield* readFile(call.main.process, path);
  if (isErrno(bytes)) return wrong(`open ${path}: ${bytes.message.toLowerCase()}`);
  const lines: string[] = [];
  for (const raw of decode(bytes)
    .replace(/^\uFEFF/, '')
    .split('\n')) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const [key = ''] = line.split('=', 1);
    if (key === '') return wrong(`invalid env file (${path}): no variable name on line '${line}'`);
    if (/[ \t]/.test(key))
      return wrong(`invalid env file (${path}): variable '${key}' contains whitespaces`);
    const value = own?.get(key);
    if (line.includes('=')) lines.push(line);
    else if (value !== undefined) lines.push(`${key}=${value}`);
  }
  return lines;
}

/** The environment of -e and --env-file. */
export function* environmentOf(call: Call): Routine<string[] | FlagError> {
  const lines: string[] = [];
  const own = call.main.process.environment;
  for (const path of call.flags.list('env-file')) {
    const found = yield* fileLines(call, path, own);
    if (isFlagError(found)) return found;
    lines.push(...found);
  }
  const given = call.flags.list('env').map((line) => {
    const value = line.includes('=') ? undefined : own.get(line);
    return value === undefined ? line : `${line}=${value}`;
  });
  return [...lines, ...given];
}

function* labelsOf(call: Call): Routine<Record<string, string> | FlagError> {
  const lines: string[] = [];
  for (const path of call.flags.list('label-file')) {
    const found = yield* fileLines(call, path);
    if (isFlagError(found)) return found;
    lines.push(...found);
  }
  return pairsOf([...lines, ...call.flags.list('label')]);
}

function portRange(text: string): [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  return low > 65_535 || high > 65_535 || high < low ? undefined : [low, high];
}

/** `published=8080,target=80,protocol=tcp` in the short form. */
function standardNotation(spec: string): string | FlagError {
  if (!spec.includes('=')) return spec;
  const fields: Record<string, string> = { protocol: 'tcp' };
  for (const field of spec.split(',')) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(field) ?? [];
    if (name === '')
      return wrong(`invalid publish opts format (should be name=value but got '${field}')`);
    fields[name] = value;
  }
  return `${fields.published ?? ''}:${fields.target ?? ''}/${fields.protocol}`;
}

/** `[IP:][HOST:]PORT[/PROTOCOL]`, with ranges. */
function publish(given: string, bindings: Record<string, PortBinding[]>): string | undefined {
  const spec = standardNotation(given);
  if (isFlagError(spec)) return spec.wrong;
  const [address = '', protocol = 'tcp'] = spec.split('/');
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return `invalid proto: ${protocol}`;
  const ipv6 = /^\[(.*)\]:(.*)$/.exec(address);
  const parts = ipv6 ? [ipv6[1] ?? '', ...(ipv6[2] ?? '').split(':')] : address.split(':');
  const inner = parts.pop() ?? '';
  const outer = parts.pop() ?? '';
  const ip = parts.join(':');
  if (inner === '') return `no port specified: ${spec}<empty>`;
  if (ip !== '' && parseIp(ip) === undefined && !ipv6) return `invalid IP address: ${ip}`;
  const container = portRange(inner);
  if (!container) return `invalid containerPort: ${inner}`;
  const host = outer === '' ? undefined : portRange(outer);
  if (outer !== '' && !host) return `invalid hostPort: ${outer}`;
  if (host && container[1] - container[0] !== host[1] - host[0] && container[0] !== container[1])
    return `invalid ranges specified for container and host Ports: ${inner} and ${outer}`;
  for (let port = container[0]; port <= container[1]; port++) {
    const HostPort = !host
      ? ''
      : container[0] === container[1] && host[0] !== host[1]
        ? outer
        : String(host[0] + port - container[0]);
    const key = `${port}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: ip, HostPort }];
  }
  return undefined;
}

function exposed(
  flags: FlagValues,
  bindings: Record<string, PortBinding[]>,
): Record<string, Record<string, never>> | FlagError {
  const ports: Record<string, Record<string, never>> = {};
  for (const key of Object.keys(bindings)) ports[key] = {};
  for (const spec of flags.list('expose')) {
    if (spec.includes(':')) return wrong(`invalid port format for --expose: ${spec}`);
    const [text = '', protocol = 'tcp'] = spec.split('/');
    const range = portRange(text);
    if (!range)
      return wrong(
        `invalid range format for --expose: ${spec}, error: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
      );
    for (let port = range[0]; port <= range[1]; port++) ports[`${port}/${protocol}`] = {};
  }
  return ports;
}

function healthcheck(flags: FlagValues): CreateRequest['Healthcheck'] | FlagError | undefined {
  const names = [
    'health-cmd',
    'health-interval',
    'health-timeout',
    'health-retries',
    'health-start-period',
    'health-start-interval',
  ];
  const any = names.some((name) => flags.given(name));
  if (flags.on('no-healthcheck'))
    return any ? wrong('--no-healthcheck conflicts with --health-* options') : { Test: ['NONE'] };
  if (!any) return undefined;
  if (flags.number('health-retries') < 0) return wrong('--health-retries cannot be negative');
  for (const name of names.filter((n) => /interval|timeout|period/.test(n)))
    if (flags.duration(name) < 0) return wrong(`--${name} cannot be negative`);
  const time = (key: string, name: string): object =>
    flags.duration(name) > 0 ? { [key]: flags.duration(name) } : {};
  return {
    ...(flags.text('health-cmd') === '' ? {} : { Test: ['CMD-SHELL', flags.text('health-cmd')] }),
    ...time('Interval', 'health-interval'),
    ...time('Timeout', 'health-timeout'),
    ...time('StartPeriod', 'health-start-period'),
    ...time('StartInterval', 'health-start-interval'),
    ...(flags.number('health-retries') > 0 ? { Retries: flags.number('health-retries') } : {}),
  };
}

/** The request that the flags describe, for an image and its command. */
export function* createRequest(
  call: Call,
  image: string,
  command: readonly string[],
): Routine<CreateRequest | FlagError> {
  const { flags } = call;
  const env = yield* environmentOf(call);
  const labels = yield* labelsOf(call);
  if (isFlagError(env)) return env;
  if (isFlagError(labels)) return labels;
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of flags.list('publish')) {
    const refused = publish(spec, bindings);
    if (refused !== undefined) return wrong(refused);
  }
  const ports = exposed(flags, bindings);
  const network = networking(flags);
  const host = yield* hostConfig(call, 'mode' in network ? network.mode : '');
  const health = healthcheck(flags);
  const failed = [ports, network, host, health].find(isFlagError);
  if (failed) return failed;
  const attached = flags.list('attach').map((name) => name.toLowerCase());
  const streams =
    attached.length > 0
      ? attached
      : flags.on('detach')
        ? []
        : ['stdout', 'stderr', ...(flags.on('interactive') ? ['stdin'] : [])];
  const entry = flags.given('entrypoint') ? [flags.text('entrypoint')] : null;
  const stop = flags.text('stop-signal');
  const volumes = flags.list('volume').filter((spec) => !spec.includes(':'));
  return {
    Hostname: flags.text('hostname'),
    Domainname: flags.text('domainname'),
    User: flags.text('user'),
    AttachStdin: streams.includes('stdin'),
    AttachStdout: streams.includes('stdout'),
    AttachStderr: streams.includes('stderr'),
    ...(Object.keys(ports as object).length > 0
      ? { ExposedPorts: ports as CreateRequest['ExposedPorts'] & object }
      : {}),
    Tty: flags.on('tty'),
    OpenStdin: flags.on('interactive'),
    StdinOnce: flags.on('interactive') && !flags.on('detach'),
    Env: env,
    Cmd: command.length > 0 ? command : null,
    ...(health ? { Healthcheck: health as NonNullable<CreateRequest['Healthcheck']> } : {}),
    Image: image,
    Volumes: Object.fromEntries(volumes.map((path) => [path, {}])),
    WorkingDir: flags.text('workdir'),
    Entrypoint: entry,
    Labels: labels,
    ...(stop === '' || !flags.given('stop-signal') ? {} : { StopSignal: stop }),
    ...(flags.given('stop-timeout') ? { StopTimeout: flags.number('stop-timeout') } : {}),
    HostConfig: { ...(host as HostConfig), PortBindings: bindings },
    NetworkingConfig: { EndpointsConfig: (network as Networking).endpoints },
  };
}
