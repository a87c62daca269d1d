// Probes on one line, as kubectl describe has them.

import type { Probe } from '../../api/types/container.ts';

/** `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3`. */
export function probeText(probe: Probe): string {
  const fields = probe as unknown as Readonly<Record<string, unknown>>;
  const attributes = `delay=${String(fields.initialDelaySeconds ?? 0)}s timeout=${String(fields.timeoutSeconds ?? 0)}s period=${String(fields.periodSeconds ?? 0)}s #success=${String(fields.successThreshold ?? 0)} #failure=${String(fields.failureThreshold ?? 0)}`;
  const http = fields.httpGet as
    | { scheme?: string; host?: string; port: unknown; path?: string }
    | undefined;
  const exec = fields.exec as { command?: readonly string[] } | undefined;
  const tcp = fields.tcpSocket as { host?: string; port: unknown } | undefined;
  const grpc = fields.grpc as { port: number; service?: string } | undefined;
  if (exec) return `exec [${(exec.command ?? []).join(' ')}] ${attributes}`;
  if (http) {
    const path = http.path ?? '';
    return `http-get ${(http.scheme ?? 'HTTP').toLowerCase()}://${http.host ?? ''}:${String(http.port)}${path.startsWith('/') || path === '' ? path : `/${path}`} ${attributes}`;
  }
  if (tcp) return `tcp-socket ${tcp.host ?? ''}:${String(tcp.port)} ${attributes}`;
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${attributes}`;
  return `unknown ${attributes}`;
}
