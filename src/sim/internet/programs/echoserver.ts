// The echo servers of Kubernetes' examples: echoserver 1.4 and 1.10 (nginx with a script) and echo-server of minikube.

import { Content } from '../../core/content.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { HttpRequest } from '../../userland/http/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import type { ProgramFile } from '../../kernel/program.ts';
import type { Routine } from '../../core/wait.ts';
import { targetOf } from './nginx-files.ts';

type Answer = (main: Main, request: HttpRequest) => string;

function sorted(request: HttpRequest): [string, string][] {
  return Object.entries(request.headers).sort(([a], [b]) => (a < b ? -1 : 1));
}

function common(request: HttpRequest): { client: string; query: string; uri: string } {
  const target = targetOf(request);
  const query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
  const host = request.headers.host ?? '';
  const name = /:\d+$/.test(host) ? host : `${host}:8080`;
  const client = (request.peer?.address ?? '').replace(/:\d+$/, '');
  return { client, query, uri: `http://${name}${target}` };
}

const four: Answer = (_main, request) => {
  const { client, query, uri } = common(request);
  const headers = sorted(request).map(([key, value]) => `${key}=${value}\n`);
  const body = request.body.text() || '-no body in request-';
  return `CLIENT VALUES:\nclient_address=${client}\ncommand=${request.method}\nreal path=${targetOf(request)}\nquery=${query || 'nil'}\nrequest_version=1.1\nrequest_uri=${uri}\n\nSERVER VALUES:\nserver_version=nginx: 1.10.0 - lua: 10001\n\nHEADERS RECEIVED:\n${headers.join('')}BODY:\n${body}`;
};

const ten: Answer = (main, request) => {
  const { process: p } = main;
  const { client, query, uri } = common(request);
  const named: readonly (readonly [string, string])[] = [
    ['node name', 'NODE_NAME'],
    ['pod name', 'POD_NAME'],
    ['pod namespace', 'POD_NAMESPACE'],
    ['pod IP', 'POD_IP'],
  ];
  const pod = named.flatMap(([name, variable]) => {
    const value = p.environment.get(variable);
    return value === undefined ? [] : [`\t${name}:\t${value}\n`];
  });
  const headers = sorted(request).map(([key, value]) => `\t${key}=${value}\n`);
  const body = request.body.text() || '-no body in request-';
  return `\n\nHostname: ${p.hostname}\n\nPod Information:\n${pod.join('') || '\t-no pod information available-\n'}\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address=${client}\n\tmethod=${request.method}\n\treal path=${targetOf(request)}\n\tquery=${query}\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=${uri}\n\nRequest Headers:\n${headers.join('')}\nRequest Body:\n\t${body}\n\n`;
};

const plain: Answer = (main, request) => {
  const headers = sorted(request)
    .filter(([name]) => name !== 'host')
    .map(([name, value]) => `${name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())}: ${value}\n`);
  return `Request served by ${main.process.hostname}\n\n${request.method} ${targetOf(request)} HTTP/1.1\n\nHost: ${request.headers.host ?? ''}\n${headers.join('')}${request.body.size > 0 ? `\n${request.body.text()}` : ''}`;
};

function* run(main: Main, answer: Answer, first: string): Routine<number> {
  const { process: p } = main;
  const port = Number(p.environment.get('PORT') ?? 8080);
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (p.bind(fd, { address: '0.0.0.0', port }) || p.listen(fd)) return 1;
  main.out.put(first.replace('PORT', String(port)));
  yield* main.out.flush();
  yield* serveHttp(p, fd, function* (request) {
    const body = Content.ofText(answer(main, request));
    return { status: 200, headers: { 'content-type': 'text/plain' }, body };
  });
  return 0;
}

function server(name: string, answer: Answer, first = ''): ProgramFile {
  return program(name, (main) => run(main, answer, first));
}

export const echoServers: readonly ProgramFile[] = [
  server('echoserver-1.4', four),
  server('echoserver', ten, 'Generating self-signed cert\n'),
  server('echo-server', plain, 'Echo server listening on port PORT.\n'),
];
