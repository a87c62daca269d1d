// nginx: a master process and its workers, which serve files and pass requests on as nginx.conf says. Compression,
// caches, rewriting by variables and TLS are left out.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_CREAT, O_WRONLY } from '../../kernel/files/open-file.ts';
import { SIGHUP, SIGINT, SIGQUIT, SIGTERM } from '../../kernel/signals.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { readAccountFile } from './accounts.ts';
import { type Server, setting } from './nginx-config.ts';
import { answer, errorPage, Logs, logTime } from './nginx-files.ts';
import { type Loaded, loadAll, readText } from './nginx-load.ts';

const CONFIG = '/etc/nginx/nginx.conf';

/** The version of the image that this runs in. */
export function versionOf(p: Process): string {
  return p.environment.get('NGINX_VERSION') ?? '1.29.5';
}

/** One worker: accepts on all sockets of the master. */
function* worker(
  p: Process,
  config: Loaded,
  logs: Logs,
  sockets: readonly { fd: number; port: number }[],
): Routine<number> {
  p.task.leader.process.argv = ['nginx: worker process'];
  for (const { fd, port } of sockets) {
    p.thread(function* (thread) {
      yield* serveHttp(thread, fd, function* (request, process) {
        const server = chooseServer(config, port, request.headers.host ?? '');
        const response = server
          ? yield* answer(process, config, logs, server, request)
          : errorPage(process, 404);
        yield* logs.accessed(process, request, response.status, response.body?.size ?? 0);
        return response;
      });
      return 0;
    });
  }
  for (;;) yield* p.pause();
}

function chooseServer(config: Loaded, port: number, host: string): Server | undefined {
  const here = config.servers.filter((server) => server.ports.includes(port));
  const name = host.replace(/:\d+$/, '');
  return here.find((server) => server.names.includes(name)) ?? here[0];
}

function* master(main: Main, config: Loaded, argv: string): Routine<number> {
  const { process: p } = main;
  p.task.leader.process.argv = [`nginx: master process ${argv}`];
  const logs = new Logs(p, config);
  const sockets: { fd: number; port: number }[] = [];
  for (const port of new Set(config.servers.flatMap((server) => server.ports))) {
    const fd = p.socket('inet', 'stream');
    if (isErrno(fd)) return 1;
    p.setsockopt(fd, 'SO_REUSEADDR', 1);
    const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd, 511);
    if (refused) {
      yield* emergency(
        main,
        `bind() to 0.0.0.0:${port} failed (${refused.number}: ${refused.message})`,
      );
      return 1;
    }
    sockets.push({ fd, port });
  }
  yield* logs.say(p, 'notice', 'using the "epoll" event method');
  yield* logs.say(p, 'notice', `nginx/${versionOf(p)}`);
  yield* logs.say(p, 'notice', 'built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ');
  yield* logs.say(p, 'notice', `OS: Linux 6.1.0-51-amd64`);
  yield* logs.say(p, 'notice', 'getrlimit(RLIMIT_NOFILE): 1024:524288');
  yield* logs.say(p, 'notice', 'start worker processes');
  const user = setting('user', config.main)?.[0] ?? 'nginx';
  const accounts = yield* readAccountFile(p, '/etc/passwd');
  const entry = accounts.find((fields) => fields[0] === user);
  const wanted = setting('worker_processes', config.main)?.[0] ?? '1';
  const count = wanted === 'auto' ? p.task.kernel.processors.count : Number(wanted) || 1;
  const workers: number[] = [];
  for (let i = 0; i < count; i++) {
    const pid = p.fork(function* (child) {
      if (p.uid === 0 && entry) {
        child.setgid(Number(entry[3]));
        child.setuid(Number(entry[2]));
      }
      for (const signal of [SIGTERM, SIGQUIT, SIGINT, SIGHUP]) child.sigaction(signal, 'default');
      return yield* worker(child, config, logs, sockets);
    });
    if (isErrno(pid)) break;
    workers.push(pid);
    yield* logs.say(p, 'notice', `start worker process ${pid}`);
  }
  return yield* attend(p, logs, workers);
}

/** The master's loop: signals end it, gracefully or at once. */
function* attend(p: Process, logs: Logs, workers: readonly number[]): Routine<number> {
  let ending: string | undefined;
  const names: Readonly<Record<number, string>> = {
    [SIGTERM]: 'SIGTERM',
    [SIGINT]: 'SIGINT',
    [SIGQUIT]: 'SIGQUIT',
  };
  for (const signal of [SIGTERM, SIGINT, SIGQUIT]) {
    p.sigaction(signal, () => {
      ending = names[signal];
    });
  }
  p.sigaction(SIGHUP, () => {});
  while (ending === undefined) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended) && ended.name === 'ECHILD') yield* p.pause();
  }
  const number = ending === 'SIGQUIT' ? SIGQUIT : SIGTERM;
  yield* logs.say(
    p,
    'notice',
    `signal ${number} (${ending}) received, ${ending === 'SIGQUIT' ? 'shutting down' : 'exiting'}`,
  );
  for (const pid of workers) p.kill(pid, SIGTERM);
  for (const pid of workers) yield* p.wait(pid);
  yield* logs.say(p, 'notice', 'exit');
  return 0;
}

function* emergency(main: Main, text: string): Routine<void> {
  main.err.put(
    `${logTime(main.process)} [emerg] ${main.process.pid}#${main.process.pid}: ${text}\nnginx: [emerg] ${text}\n`,
  );
  yield* main.err.flush();
}

export const nginx = program('nginx', function* (main) {
  const { process: p, args } = main;
  if (args.includes('-v') || args.includes('-V')) {
    main.err.put(`nginx version: nginx/${versionOf(p)}\n`);
    return 0;
  }
  const at = args.indexOf('-c');
  const path = at >= 0 ? (args[at + 1] ?? CONFIG) : CONFIG;
  const config = yield* loadAll(p, path);
  const test = args.includes('-t') || args.includes('-T');
  if (typeof config === 'string') {
    yield* emergency(main, config);
    if (test) main.err.put(`nginx: configuration file ${path} test failed\n`);
    return 1;
  }
  if (test) {
    main.err.put(
      `nginx: the configuration file ${path} syntax is ok\nnginx: configuration file ${path} test is successful\n`,
    );
    return 0;
  }
  const signal = args.indexOf('-s');
  if (signal >= 0) return yield* sendToMaster(main, args[signal + 1] ?? '');
  const global = args.indexOf('-g') >= 0 ? (args[args.indexOf('-g') + 1] ?? '') : '';
  const argv = ['nginx', ...args].join(' ');
  if (/daemon\s+off/.test(global) || setting('daemon', config.main)?.[0] === 'off') {
    yield* writePid(p, p.pid);
    return yield* master(main, config, argv);
  }
  const pid = p.fork(function* (child) {
    child.setsid();
    yield* writePid(child, child.pid);
    return yield* master({ ...main, process: child }, config, argv);
  });
  return isErrno(pid) ? 1 : 0;
});

function* writePid(p: Process, pid: number): Routine<void> {
  const fd = p.open('/run/nginx.pid', O_WRONLY | O_CREAT, 0o644);
  if (isErrno(fd)) return;
  yield* p.write(fd, Content.ofText(`${pid}\n`).bytes());
  p.close(fd);
}

function* sendToMaster(main: Main, name: string): Routine<number> {
  const signals: Readonly<Record<string, number>> = {
    stop: SIGTERM,
    quit: SIGQUIT,
    reload: SIGHUP,
    reopen: 10,
  };
  const signal = signals[name];
  if (signal === undefined) {
    main.err.put(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  const text = yield* readText(main.process, '/run/nginx.pid');
  const failure = text === undefined ? undefined : main.process.kill(Number(text), signal);
  if (text === undefined || failure) {
    yield* emergency(main, 'open() "/run/nginx.pid" failed (2: No such file or directory)');
    return 1;
  }
  return 0;
}
