// redis-server: keys in memory, requests over TCP, a snapshot in dump.rdb that is read again at the next start.

import { decode, encode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/files/open-file.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { DATA_COMMANDS, RedisData } from './redis-data.ts';
import { array, bulk, error, integer, OK, type Reply, RespReader, writeReply } from './resp.ts';

const MAGIC = 'REDIS0012';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Server {
  readonly main: Main;
  readonly data: RedisData;
  readonly settings: Map<string, string>;
  readonly version: string;
}

/** `1:M 02 Mar 2026 09:00:00.000 * text`. */
function* log(server: Server, text: string, role = 'M', mark = '*'): Routine<void> {
  const { process, out } = server.main;
  const iso = new Date(epochMilliseconds(process.now)).toISOString();
  const date = `${iso.slice(8, 10)} ${MONTHS[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)} ${iso.slice(11, 23)}`;
  out.put(`${process.pid}:${role} ${date} ${mark} ${text}\n`);
  yield* out.flush();
}

function* save(server: Server, p: Process): Routine<boolean> {
  const file = server.settings.get('dbfilename') ?? 'dump.rdb';
  const fd = p.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
  if (isErrno(fd)) return false;
  yield* p.write(fd, encode(MAGIC + server.data.snapshot()));
  p.close(fd);
  server.data.dirty = 0;
  return true;
}

function* load(server: Server): Routine<void> {
  const { process: p } = server.main;
  const fd = p.open(server.settings.get('dbfilename') ?? 'dump.rdb');
  if (isErrno(fd)) return;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  const text = isErrno(bytes) ? '' : decode(bytes);
  if (!text.startsWith(MAGIC)) return;
  server.data.restore(text.slice(MAGIC.length));
  yield* log(server, `Done loading RDB, keys loaded: ${server.data.keys.size}, keys expired: 0.`);
}

function info(server: Server): string {
  const { data, main, version } = server;
  const lines = [
    '# Server',
    `redis_version:${version}`,
    'redis_mode:standalone',
    'os:Linux 6.1.0-51-amd64 x86_64',
    `process_id:${main.process.pid}`,
    `tcp_port:${server.settings.get('port')}`,
    '',
    '# Clients',
    'connected_clients:1',
    '',
    '# Memory',
    'used_memory_human:1.00M',
    '',
    '# Persistence',
    `rdb_changes_since_last_save:${data.dirty}`,
    '',
    '# Replication',
    'role:master',
    'connected_slaves:0',
    '',
    '# Keyspace',
    ...(data.keys.size > 0 ? [`db0:keys=${data.keys.size},expires=0,avg_ttl=0`] : []),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

type Special = (
  server: Server,
  p: Process,
  args: readonly string[],
) => Routine<Reply | 'quit' | 'shutdown'>;

const SPECIAL: Readonly<Record<string, Special>> = {
  *ping(_server, _p, [text]) {
    return text === undefined ? { kind: 'status', text: 'PONG' } : bulk(text);
  },
  *echo(_server, _p, [text = '']) {
    return bulk(text);
  },
  *select() {
    return OK;
  },
  *auth() {
    return error(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    );
  },
  *info(server) {
    return bulk(info(server));
  },
  *time(_server, p) {
    const micro = Math.floor(epochMilliseconds(p.now) * 1000);
    return array([bulk(String(Math.floor(micro / 1e6))), bulk(String(micro % 1e6))]);
  },
  *save(server, p) {
    return (yield* save(server, p)) ? OK : error('ERR');
  },
  *bgsave(server, p) {
    yield* save(server, p);
    return { kind: 'status', text: 'Background saving started' };
  },
  *lastsave(_server, p) {
    return integer(Math.floor(epochMilliseconds(p.now) / 1000));
  },
  *config(server, _p, [verb = '', name = '', value = '']) {
    if (verb.toLowerCase() === 'get')
      return array(
        [...server.settings]
          .filter(([key]) => name === '*' || key === name)
          .flatMap(([k, v]) => [bulk(k), bulk(v)]),
      );
    if (verb.toLowerCase() === 'set') server.settings.set(name, value);
    return OK;
  },
  *command() {
    return array([]);
  },
  *client() {
    return OK;
  },
  *quit() {
    return 'quit';
  },
  *shutdown() {
    return 'shutdown';
  },
};

function* perform(
  server: Server,
  p: Process,
  words: readonly string[],
): Routine<Reply | 'quit' | 'shutdown'> {
  const [given = '', ...args] = words;
  const name = given.toLowerCase();
  const special = Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : undefined;
  if (special) return yield* special(server, p, args);
  const command = Object.hasOwn(DATA_COMMANDS, name) ? DATA_COMMANDS[name] : undefined;
  if (!command) {
    const shown = args.map((arg) => `'${arg}' `).join('');
    return error(`ERR unknown command '${given}', with args beginning with: ${shown}`);
  }
  const fits = command.arity >= 0 ? words.length === command.arity : words.length >= -command.arity;
  if (!fits) return error(`ERR wrong number of arguments for '${name}' command`);
  server.data.now = p.now;
  return command.run(server.data, args);
}

function* serveClient(server: Server, p: Process, fd: number): Routine<number> {
  const reader = new RespReader();
  for (;;) {
    const bytes = yield* p.read(fd, 16_384);
    if (isErrno(bytes) || bytes.length === 0) break;
    reader.push(bytes);
    for (let words = reader.request(); words; words = reader.request()) {
      if (words.length === 0) continue;
      const reply = yield* perform(server, p, words);
      if (reply === 'shutdown') p.kill(p.pid, SIGTERM);
      if (reply === 'quit') yield* p.write(fd, encode('+OK\r\n'));
      if (typeof reply === 'string') {
        p.close(fd);
        return 0;
      }
      yield* p.write(fd, encode(writeReply(reply)));
    }
  }
  p.close(fd);
  return 0;
}

function readArguments(args: readonly string[]): Map<string, string> {
  const settings = new Map([
    ['port', '6379'],
    ['bind', '* -::*'],
    ['dbfilename', 'dump.rdb'],
    ['appendonly', 'no'],
    ['save', '3600 1 300 100 60 10000'],
  ]);
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (!word.startsWith('--')) continue;
    const values: string[] = [];
    while (i + 1 < args.length && !(args[i + 1] ?? '').startsWith('--'))
      values.push(args[++i] ?? '');
    settings.set(word.slice(2), values.join(' '));
  }
  return settings;
}

export const redisServer = program('redis-server', function* (main) {
  const { process: p, args } = main;
  const version = p.environment.get('REDIS_VERSION') ?? '7.4.7';
  if (args.includes('--version') || args.includes('-v')) {
    main.out.put(
      `Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=7e1a2b3c4d5e6f70\n`,
    );
    return 0;
  }
  const server: Server = { main, data: new RedisData(), settings: readArguments(args), version };
  const port = Number(server.settings.get('port'));
  p.task.leader.process.argv = [`redis-server *:${port}`];
  yield* log(server, 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo', 'C');
  yield* log(
    server,
    `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${p.pid}, just started`,
    'C',
  );
  yield* log(server, 'Configuration loaded', 'C');
  yield* log(server, `Running mode=standalone, port=${port}.`);
  const fd = p.socket('inet', 'stream');
  if (!isErrno(fd)) p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused = isErrno(fd)
    ? fd
    : (p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd, 511));
  if (refused || isErrno(fd)) {
    yield* log(
      server,
      `Warning: Could not create server TCP listening socket *:${port}: bind: ${refused?.message}`,
      'M',
      '#',
    );
    return 1;
  }
  yield* log(server, 'Server initialized');
  yield* load(server);
  yield* log(server, 'Ready to accept connections tcp');
  return yield* accept(server, fd);
});

function* accept(server: Server, listening: number): Routine<number> {
  const { process: p } = server.main;
  let ending = 0;
  for (const signal of [SIGTERM, SIGINT]) {
    p.sigaction(signal, () => {
      ending = signal;
    });
  }
  while (ending === 0) {
    const fd = yield* p.accept(listening);
    if (isErrno(fd)) continue;
    p.thread((thread) => serveClient(server, thread, fd));
  }
  yield* log(
    server,
    `Received ${ending === SIGTERM ? 'SIGTERM' : 'SIGINT'} scheduling shutdown...`,
    'signal-handler (0)',
  );
  yield* log(server, 'User requested shutdown...');
  if (server.settings.get('save') !== '' && server.data.dirty > 0) {
    yield* log(server, 'Saving the final RDB snapshot before exiting.');
    if (yield* save(server, p)) yield* log(server, 'DB saved on disk');
  }
  yield* log(server, 'Redis is now ready to exit, bye bye...', 'M', '#');
  return p.exit(0);
}
