// The dashboard of Kubernetes and its metrics scraper: they listen, answer probes and the page's frame. What the page
// shows in a browser is left out.

import { Content } from '../../core/content.ts';
import { epochMilliseconds, rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { serveHttp, type ServeOptions } from '../../userland/http/server.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';

const PAGE = `<!--
Copyright 2017 The Kubernetes Authors.

Licensed under the Apache License, Version 2.0 (the "License");
you may not use this file except in compliance with the License.
--><!DOCTYPE html><html lang="en" dir="ltr"><head>
  <meta charset="utf-8">
  <title>Kubernetes Dashboard</title>
  <link rel="icon" type="image/png" href="assets/images/kubernetes-logo.png">
  <meta name="viewport" content="width=device-width">
</head><body>
  <kd-root></kd-root>
</body></html>
`;

function* log(main: Main, text: string): Routine<void> {
  const time = rfc3339(main.process.now).replace('T', ' ').replace('Z', '').replaceAll('-', '/');
  main.out.put(`${time} ${text}\n`);
  yield* main.out.flush();
}

function* serve(main: Main, port: number, body: string, options: ServeOptions = {}): ProgramRun {
  const { process: p } = main;
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 1;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (p.bind(fd, { address: '0.0.0.0', port }) || p.listen(fd)) return 1;
  yield* serveHttp(
    p,
    fd,
    function* ({ path }) {
      const known = path === '/' || path === '/index.html' || path === '/healthz';
      const text = known ? body : '404 page not found\n';
      const headers = { 'content-type': known ? 'text/html; charset=utf-8' : 'text/plain' };
      return { status: known ? 200 : 404, headers, body: Content.ofText(text) };
    },
    options,
  );
  return 0;
}

export const dashboard = program('dashboard', function* (main) {
  yield* log(main, 'Starting overwatch');
  const namespace = main.args.find((word) => word.startsWith('--namespace='))?.slice(12);
  yield* log(main, `Using namespace: ${namespace ?? 'kube-system'}`);
  yield* log(main, 'Using in-cluster config to connect to apiserver');
  if (!main.args.includes('--auto-generate-certificates')) {
    yield* log(main, 'Serving insecurely on HTTP port: 9090');
    return yield* serve(main, 9090, PAGE);
  }
  yield* log(main, 'Auto-generating certificates');
  yield* log(main, 'Serving securely on HTTPS port: 8443');
  const notBefore = epochMilliseconds(main.process.now);
  const certificate = {
    serial: '1',
    commonName: '',
    organizations: [],
    issuer: 'dashboard',
    signedBy: 'dashboard',
    key: 'dashboard',
    notBefore,
    notAfter: notBefore + 365 * 24 * 3_600_000,
    dnsNames: [],
    ipAddresses: [],
    isAuthority: false,
    usages: ['server auth'],
  } as const;
  return yield* serve(main, 8443, PAGE, { tls: { certificate } });
});

export const metricsSidecar = program('metrics-sidecar', function* (main) {
  const time = rfc3339(main.process.now);
  main.err.put(
    `{"level":"info","msg":"Kubernetes host: https://10.96.0.1:443","time":"${time}"}\n`,
  );
  yield* main.err.flush();
  return yield* serve(main, 8000, `URL: /`);
});
