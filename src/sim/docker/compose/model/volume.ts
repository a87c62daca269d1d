// The short forms of a service's volumes and ports: `./html:/usr/share/nginx/html:ro`, `127.0.0.1:8080-8081:80/tcp`.

import { ComposeProblem, type Mapping } from './tree.ts';

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** A volume's short form as the long one. */
export function parseVolume(spec: string): Mapping {
  if (spec === '') throw new ComposeProblem('invalid empty volume spec');
  if (spec.length <= 2) return { type: 'volume', target: spec };
  const parts = splitSpec(spec);
  const volume: Mapping = {};
  const bind: Mapping = {};
  const inner: Mapping = {};
  const failed = (why: string): never => {
    throw new ComposeProblem(`invalid spec: ${spec}: ${why}`);
  };
  if (parts.includes('')) failed('empty section between colons');
  if (parts.length > 3) failed('too many colons');
  const [first = '', second, options = ''] = parts;
  if (second !== undefined) volume.source = first;
  volume.target = second ?? first;
  for (const option of options.split(',')) {
    if (option === 'ro') volume.read_only = true;
    else if (option === 'rw') delete volume.read_only;
    else if (option === 'nocopy') inner.nocopy = true;
    else if (PROPAGATIONS.includes(option)) bind.propagation = option;
    else if (option === 'z' || option === 'Z') bind.selinux = option;
  }
  const isBind = second !== undefined && /^[./~]|^\\\\|^[A-Za-z]:/.test(first);
  return {
    type: isBind ? 'bind' : 'volume',
    ...(volume.source === undefined ? {} : { source: volume.source }),
    target: volume.target,
    ...(volume.read_only ? { read_only: true } : {}),
    ...(isBind || Object.keys(bind).length > 0
      ? { bind: { ...bind, ...(isBind ? { create_host_path: true } : {}) } }
      : {}),
    ...(isBind && Object.keys(inner).length === 0 ? {} : { volume: inner }),
  };
}

/** Parts between colons; one within `${…}` or after a drive letter does not count. */
function splitSpec(spec: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (let i = 0; i < spec.length; i++) {
    const char = spec[i] ?? '';
    if (char === '$' && spec[i + 1] === '{') depth++;
    else if (char === '}' && depth > 0) depth--;
    if (char === ':' && depth === 0 && !/^[A-Za-z]$/.test(part)) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part];
}

function portRange(text: string): readonly [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first > 65535 || last > 65535 || last < first ? undefined : [first, last];
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** True for what net.ParseIP takes. */
export function isIpAddress(text: string): boolean {
  const four = IPV4.exec(text);
  if (four) return four.slice(1).every((part) => Number(part) <= 255 && !/^0\d/.test(part));
  const groups = text.split(':');
  if (!/^[0-9a-fA-F:.]+$/.test(text) || groups.some((group) => group.length > 4)) return false;
  return text.includes('::') ? groups.length <= 9 : groups.length === 8;
}

/** A port's short form as long ones, one for each port of a range. */
export function parsePorts(spec: string): Mapping[] {
  const parts = spec.split(':');
  const container = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  let hostIp = parts.join(':');
  const [portText = '', rawProtocol = ''] = container.split('/');
  const protocol = portText === '' ? '' : (rawProtocol || 'tcp').toLowerCase();
  if (!['tcp', 'udp', 'sctp'].includes(protocol))
    throw new ComposeProblem(`invalid proto: ${protocol}`);
  if (hostIp.startsWith('[')) hostIp = hostIp.replace(/^\[(.*)\]$/, '$1');
  if (hostIp !== '' && !isIpAddress(hostIp))
    throw new ComposeProblem(`invalid IP address: ${hostIp}`);
  const range = portRange(portText);
  if (!range) throw new ComposeProblem(`invalid containerPort: ${portText}`);
  const host = hostPort === '' ? undefined : portRange(hostPort);
  if (hostPort !== '' && !host) throw new ComposeProblem(`invalid hostPort: ${hostPort}`);
  const count = range[1] - range[0] + 1;
  if (host && host[1] - host[0] + 1 !== count && count > 1)
    throw new ComposeProblem(
      `invalid ranges specified for container and host Ports: ${portText} and ${hostPort}`,
    );
  const ports = Array.from({ length: count }, (_, i) => {
    const dynamic = host && count === 1 && host[0] !== host[1];
    const published = host ? `${host[0] + i}${dynamic ? `-${host[1]}` : ''}` : '';
    return {
      mode: 'ingress',
      ...(hostIp === '' ? {} : { host_ip: hostIp }),
      target: range[0] + i,
      ...(published === '' ? {} : { published }),
      protocol,
    };
  });
  return ports.sort((a, b) => (`${a.target}/` < `${b.target}/` ? -1 : 1));
}
