// `npm run serve -- LAB [PORT]`: puts a lab's API on 127.0.0.1, so that real clients work against it: the Kubernetes API
// of a cluster lab (prints a kubeconfig's path), the Docker Engine API of a docker lab (prints DOCKER_HOST).

import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Content } from '../sim/core/content.ts';
import { MILLISECOND } from '../sim/core/time.ts';
import type { Routine } from '../sim/core/wait.ts';
import type { Process } from '../sim/kernel/calls/process.ts';
import { type Lab, openLab } from '../sim/labs/index.ts';
import { spawn } from '../sim/labs/machine.ts';
import { type HttpTarget, httpRequest, isHttpFailure } from '../sim/userland/http/client.ts';
import type { HttpRequest } from '../sim/userland/http/message.ts';
import { jsonOfProtobuf } from './protobuf/decode.ts';
import { upgrade } from './serve-upgrade.ts';
import { targetOf } from '../sim/kubernetes/component/connect.ts';
import { loadKubeconfig } from '../sim/kubernetes/component/kubeconfig.ts';

/** Where a lab's API is, seen from the machine that its shell is on. */
type TargetFinder = (process: Process) => Routine<HttpTarget | string>;

function* dockerSocket(): Routine<HttpTarget> {
  return { host: 'docker', port: 0, unixPath: '/var/run/docker.sock' };
}

function* clusterServer(process: Process): Routine<HttpTarget | string> {
  const config = yield* loadKubeconfig(process, '/root/.kube/config');
  return typeof config === 'string' ? config : targetOf(config);
}

/** Labs with an API, and how real clients are told of it. */
const SERVED: Readonly<Record<string, { find: TargetFinder; tell(port: number): string }>> = {
  docker: { find: dockerSocket, tell: (port) => `DOCKER_HOST=tcp://127.0.0.1:${port}` },
  minikube: { find: clusterServer, tell: kubeconfig },
  kubeadm: { find: clusterServer, tell: kubeconfig },
};

function kubeconfig(port: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'drydock-')), 'kubeconfig');
  const file = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'drydock',
    clusters: [{ name: 'drydock', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'drydock', user: {} }],
    contexts: [{ name: 'drydock', context: { cluster: 'drydock', user: 'drydock' } }],
  };
  writeFileSync(path, JSON.stringify(file, null, 2));
  return `KUBECONFIG=${path}`;
}

const [name = 'minikube', wanted = '0'] = process.argv.slice(2);
const served = SERVED[name];
if (!served) {
  console.error(
    `The lab ${name} has no API to serve. Labs that have one: ${Object.keys(SERVED).join(', ')}`,
  );
  process.exit(2);
}
const lab = openLab(name, 'serve');
const pace = follow(lab);
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => pass(request, Buffer.concat(parts), response));
});
server.on('upgrade', (request, socket, head) => {
  const [machine] = lab.machines;
  if (!machine) return;
  const run = upgrade(request, socket, head, pace, simulated);
  spawn(machine, function* (p): Routine<number> {
    const target = yield* served.find(p);
    if (typeof target !== 'string') return yield* run(p, target);
    socket.end();
    return 1;
  });
  pace();
});
server.listen(Number(wanted), '127.0.0.1', () => {
  console.log(served.tell((server.address() as AddressInfo).port));
});

/** Lets virtual time follow the clock on the wall; what it returns lets the lab react at once. */
function follow(lab: Lab): () => void {
  const started = performance.now();
  const begin = lab.simulation.now;
  const advance = (): void => {
    lab.simulation.advance({ until: begin + (performance.now() - started) * MILLISECOND });
  };
  setInterval(advance, 5);
  return advance;
}

/** Hands a real request to the lab, as a process of the machine that its shell is on would send it. */
function pass(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const [machine] = lab.machines;
  if (!machine || !served) return;
  const { find } = served;
  let closed = false;
  response.on('close', () => {
    closed = true;
  });
  spawn(machine, function* (p): Routine<number> {
    const target = yield* find(p);
    if (typeof target === 'string') return refuse(response, target);
    const answer = yield* httpRequest(p, target, simulated(request, body), { alone: true });
    if (isHttpFailure(answer))
      return refuse(response, `the lab's server does not answer: ${answer.kind}`);
    if (answer.status === 101)
      return refuse(response, 'drydock: upgraded connections are not simulated here');
    response.writeHead(answer.status, answer.headers);
    if (answer.stream) response.flushHeaders();
    if (answer.body) response.write(answer.body.bytes());
    while (answer.stream && !closed) {
      const chunk = yield* answer.stream.next();
      if (!chunk) break;
      response.write(chunk.bytes());
    }
    answer.stream?.close();
    response.end();
    return 0;
  });
  pace();
}

function refuse(response: ServerResponse, text: string): number {
  response.writeHead(502, { 'content-type': 'text/plain' });
  response.end(`${text}\n`);
  return 1;
}

/** How real clients write built-in kinds; the lab's server reads JSON. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Headers that belong to the real connection, not to the request. */
const HOP_BY_HOP = new Set([
  'connection',
  'transfer-encoding',
  'content-length',
  'keep-alive',
  'accept-encoding',
]);

function simulated(request: IncomingMessage, body: Buffer): HttpRequest {
  const url = new URL(request.url ?? '/', 'http://lab');
  const query = new Map<string, string[]>();
  for (const [key, value] of url.searchParams) query.set(key, [...(query.get(key) ?? []), value]);
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && !HOP_BY_HOP.has(key)) headers[key] = value;
  }
  const accept = headers.accept;
  if (accept) headers.accept = withoutProtobuf(accept);
  const json = headers['content-type'] === PROTOBUF ? jsonOfProtobuf(body) : undefined;
  if (json) headers['content-type'] = 'application/json';
  return {
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query,
    headers,
    body: json ? Content.ofText(JSON.stringify(json)) : Content.ofBytes(new Uint8Array(body)),
  };
}

/** Values are JSON here: clients that prefer protobuf are answered in their second choice. */
function withoutProtobuf(accept: string): string {
  const kept = accept.split(',').filter((type) => !type.includes('protobuf'));
  return kept.length > 0 ? kept.join(',') : 'application/json';
}
