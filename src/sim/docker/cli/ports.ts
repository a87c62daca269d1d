// The PORTS column: runs of consecutive ports drawn together.

interface Port {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

interface Run {
  readonly ip: string | undefined;
  readonly type: string;
  first: Port;
  last: Port;
}

function runText({ ip, type, first, last }: Run): string {
  const range = (a: number | undefined, b: number | undefined): string =>
    a === b ? String(a) : `${a}-${b}`;
  const inner = range(first.PrivatePort, last.PrivatePort);
  if (ip === undefined) return `${inner}/${type}`;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return `${host}:${range(first.PublicPort, last.PublicPort)}->${inner}/${type}`;
}

/** `80/tcp, 0.0.0.0:9000-9001->9000-9001/tcp, [::]:9000-9001->9000-9001/tcp` */
export function portsText(ports: readonly Port[]): string {
  const order = (p: Port): [number, string] => [p.PrivatePort, p.Type];
  const sorted = [...ports].sort(
    (a, b) =>
      order(a)[0] - order(b)[0] ||
      (a.Type < b.Type ? -1 : a.Type > b.Type ? 1 : 0) ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0),
  );
  const runs: Run[] = [];
  const single: string[] = [];
  const open = new Map<string, Run>();
  for (const port of sorted) {
    if (port.IP !== undefined && port.PublicPort !== port.PrivatePort) {
      single.push(runText({ ip: port.IP, type: port.Type, first: port, last: port }));
      continue;
    }
    const key = `${port.IP ?? ''}/${port.Type}`;
    const run = open.get(key);
    if (run && run.last.PrivatePort + 1 === port.PrivatePort) run.last = port;
    else {
      const fresh: Run = { ip: port.IP, type: port.Type, first: port, last: port };
      runs.push(fresh);
      open.set(key, fresh);
    }
  }
  return [...runs.map(runText), ...single].join(', ');
}
