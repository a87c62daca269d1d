// consul: one server in development mode with its HTTP API for status, catalog and keys, and the client's commands on
// them. Left out: clusters of several agents, ACLs, service mesh, health checks, DNS.

import { base64 } from '../../core/base64.ts';
import { Content } from '../../core/content.ts';
import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';

interface Agent {
  readonly node: string;
  readonly version: string;
  readonly keys: Map<string, { value: string; create: number; modify: number }>;
  readonly services: Map<string, { name: string; port: number; tags: readonly string[] }>;
  index: number;
}

function json(value: unknown, status = 200): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: Content.ofText(`${JSON.stringify(value)}`) };
}

function keyReply(agent: Agent, request: HttpRequest, key: string): HttpResponse {
  const recurse = request.query.has('recurse');
  const { keys } = agent;
  if (request.method === 'PUT') {
    const old = keys.get(key);
    agent.index++;
    const value = request.body.text();
    keys.set(key, { value, create: old?.create ?? agent.index, modify: agent.index });
    return json(true);
  }
  if (request.method === 'DELETE') {
    for (const name of [...keys.keys()])
      if (name === key || (recurse && name.startsWith(key))) keys.delete(name);
    return json(true);
  }
  const found = [...keys].filter(([name]) => name === key || (recurse && name.startsWith(key)));
  if (request.query.has('keys'))
    return json([...keys.keys()].filter((name) => name.startsWith(key)).sort());
  if (found.length === 0) return { status: 404, headers: {}, body: Content.empty };
  if (request.query.has('raw'))
    return { status: 200, headers: {}, body: Content.ofText(found[0]?.[1].value ?? '') };
  return json(
    found.map(([name, { value, create, modify }]) => ({
      LockIndex: 0,
      Key: name,
      Flags: 0,
      Value: base64(Content.ofText(value).bytes()),
      CreateIndex: create,
      ModifyIndex: modify,
    })),
  );
}

const ADDRESS = '127.0.0.1';

function reply(agent: Agent, request: HttpRequest): HttpResponse {
  const { path } = request;
  const node = { Node: agent.node, Address: ADDRESS, Datacenter: 'dc1' };
  if (path.startsWith('/v1/kv/')) return keyReply(agent, request, path.slice(7));
  switch (path) {
    case '/v1/status/leader':
      return json(`${ADDRESS}:8300`);
    case '/v1/status/peers':
      return json([`${ADDRESS}:8300`]);
    case '/v1/catalog/datacenters':
      return json(['dc1']);
    case '/v1/catalog/nodes':
      return json([node]);
    case '/v1/catalog/services':
      return json(
        Object.fromEntries([
          ['consul', []],
          ...[...agent.services.values()].map(({ name, tags }) => [name, tags]),
        ]),
      );
    case '/v1/agent/members':
      return json([{ Name: agent.node, Addr: ADDRESS, Port: 8301, Status: 1 }]);
    case '/v1/agent/self':
      return json({
        Config: { Datacenter: 'dc1', NodeName: agent.node, Server: true, Version: agent.version },
      });
    case '/v1/agent/services':
      return json(Object.fromEntries(agent.services));
    case '/v1/agent/service/register': {
      const asked = request.body.json() as {
        Name?: string;
        ID?: string;
        Port?: number;
        Tags?: string[];
      };
      const name = asked.Name ?? '';
      agent.services.set(asked.ID ?? name, { name, port: asked.Port ?? 0, tags: asked.Tags ?? [] });
      return { status: 200, headers: {}, body: Content.empty };
    }
    default:
      return { status: 404, headers: {}, body: Content.ofText('404 page not found\n') };
  }
}

function* runAgent(main: Main, version: string): Routine<number> {
  const { process: p, args } = main;
  if (!args.includes('-dev')) return yield* notSimulated(main, `consul ${args.join(' ')}`);
  const node = p.hostname;
  const id = p.simulation.random.fork('consul').uuid();
  const at = args.findIndex((word) => word.replace(/^--?/, '').startsWith('client'));
  const word = args[at] ?? '';
  const client = word.includes('=') ? word.slice(word.indexOf('=') + 1) : (args[at + 1] ?? ADDRESS);
  const address = at < 0 ? ADDRESS : client;
  main.out.put(`==> Starting Consul agent...
               Version: '${version}'
            Build Date: '2026-01-23 16:50:00 +0000 UTC'
               Node ID: '${id}'
             Node name: '${node}'
            Datacenter: 'dc1' (Segment: '<all>')
                Server: true (Bootstrap: false)
           Client Addr: [${address}] (HTTP: 8500, HTTPS: -1, gRPC: 8502, gRPC-TLS: 8503, DNS: 8600)
          Cluster Addr: ${ADDRESS} (LAN: 8301, WAN: 8302)

==> Log data will now stream in as it occurs:

`);
  const log = function* (text: string): Routine<void> {
    main.out.put(`${rfc3339Fraction(p.now, 3)} [INFO]  ${text}\n`);
    yield* main.out.flush();
  };
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused = p.bind(fd, { address, port: 8500 }) ?? p.listen(fd);
  if (refused) {
    main.err.put(
      `==> Failed to start: listen tcp ${address}:8500: ${refused.message.toLowerCase()}\n`,
    );
    return 1;
  }
  yield* log(`agent: Starting server: address=${address}:8500 network=tcp protocol=http`);
  yield* log('agent.server.raft: entering leader state: leader="Node at 127.0.0.1:8300 [Leader]"');
  yield* log('agent.server: cluster leadership acquired');
  yield* log('agent: Consul agent running!');
  const agent: Agent = { node, version, keys: new Map(), services: new Map(), index: 10 };
  const server = p.fork(function* (child) {
    child.sigaction(SIGTERM, 'default');
    yield* serveHttp(child, fd, function* (request) {
      return reply(agent, request);
    });
    return 0;
  });
  let told: string | undefined;
  for (const [signal, name] of [
    [SIGTERM, 'terminated'],
    [SIGINT, 'interrupt'],
  ] as const) {
    p.sigaction(signal, () => {
      told = name;
    });
  }
  while (told === undefined) yield* p.pause();
  yield* log(`agent: Caught: signal=${told}`);
  yield* log('agent: Exit code: code=1');
  if (!isErrno(server)) p.kill(server, SIGTERM);
  return 1;
}

/** Asks the agent of this machine; undefined where none answers (which was said). */
function* askAgent(
  main: Main,
  method: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
  body = '',
): Routine<{ status: number; text: string } | undefined> {
  const answer = yield* httpRequest(
    main.process,
    { host: ADDRESS, port: 8500 },
    {
      method,
      path,
      query: new Map(Object.entries(query).map(([key, value]) => [key, [value]])),
      headers: { host: `${ADDRESS}:8500` },
      body: Content.ofText(body),
    },
  );
  if (!isHttpFailure(answer))
    return { status: answer.status, text: (yield* wholeBody(answer)).text() };
  main.err.put(
    `Error: Get "http://127.0.0.1:8500${path}": dial tcp 127.0.0.1:8500: connect: connection refused\n`,
  );
  return undefined;
}

function* keyCommand(main: Main, words: readonly string[]): Routine<number> {
  const [verb, key = '', value = ''] = words;
  if (verb === 'put') {
    const reply = yield* askAgent(main, 'PUT', `/v1/kv/${key}`, {}, value);
    if (!reply) return 1;
    main.out.put(`Success! Data written to: ${key}\n`);
    return 0;
  }
  if (verb === 'delete') {
    if (!(yield* askAgent(main, 'DELETE', `/v1/kv/${key}`))) return 1;
    main.out.put(`Success! Deleted key: ${key}\n`);
    return 0;
  }
  if (verb !== 'get' || key.startsWith('-'))
    return yield* notSimulated(main, `consul kv ${words.join(' ')}`);
  const reply = yield* askAgent(main, 'GET', `/v1/kv/${key}`, { raw: '' });
  if (!reply) return 1;
  if (reply.status === 404) {
    main.err.put(`Error! No key exists at: ${key}\n`);
    return 1;
  }
  main.out.put(`${reply.text}\n`);
  return 0;
}

export const consul = program('consul', function* (main) {
  const { process: p, args } = main;
  const version = p.environment.get('VERSION') ?? '1.22.3';
  switch (args[0]) {
    case 'agent':
      return yield* runAgent(main, version);
    case 'version':
    case '--version':
      main.out.put(`Consul v${version}\n`);
      return 0;
    case 'members': {
      const reply = yield* askAgent(main, 'GET', '/v1/agent/self');
      if (!reply) return 1;
      const self = JSON.parse(reply.text) as { Config: { NodeName: string } };
      const name = self.Config.NodeName;
      const width = Math.max(4, name.length);
      main.out.put(
        `${'Node'.padEnd(width)}  Address         Status  Type    Build   Protocol  DC   Partition  Segment\n`,
      );
      main.out.put(
        `${name.padEnd(width)}  127.0.0.1:8301  alive   server  ${version.padEnd(6)}  2         dc1  default    <all>\n`,
      );
      return 0;
    }
    case 'kv':
      return yield* keyCommand(main, args.slice(1));
    default:
      return yield* notSimulated(main, ['consul', ...args].join(' '));
  }
});
