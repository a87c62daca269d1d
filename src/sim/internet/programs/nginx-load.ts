// Reading nginx.conf with what it includes.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Directive, parseNginxConfig, type Server, serverOf } from './nginx-config.ts';

export interface Loaded {
  readonly main: readonly Directive[];
  readonly http: readonly Directive[];
  readonly servers: readonly Server[];
}

export function* readText(p: Process, path: string): Routine<string | undefined> {
  const fd = p.open(path);
  if (isErrno(fd)) return undefined;
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? undefined : decode(bytes);
}

/** Files that an include names, in order. */
export function included(p: Process, pattern: string): string[] {
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  if (!path.includes('*')) return [path];
  const slash = path.lastIndexOf('/');
  const expression = new RegExp(
    `^${path
      .slice(slash + 1)
      .replaceAll('.', '\\.')
      .replaceAll('*', '.*')}$`,
  );
  const entries = p.readdir(path.slice(0, slash));
  const names = isErrno(entries)
    ? []
    : entries
        .map(({ name }) => name)
        .filter((name) => expression.test(name))
        .sort();
  return names.map((name) => `${path.slice(0, slash)}/${name}`);
}

/** Reads a configuration with what it includes; a text is the complaint. */
export function* load(p: Process, path: string): Routine<readonly Directive[] | string> {
  const text = yield* readText(p, path);
  if (text === undefined) return `open() "${path}" failed (2: No such file or directory)`;
  const parsed = parseNginxConfig(text);
  if ('message' in parsed) return `${parsed.message} in ${path}:${parsed.line}`;
  return yield* expand(p, parsed, path);
}

export function* expand(
  p: Process,
  list: readonly Directive[],
  path: string,
): Routine<Directive[] | string> {
  const out: Directive[] = [];
  for (const directive of list) {
    const [name = '', first = ''] = directive.words;
    if (
      !KNOWN.has(name) &&
      !directive.words[0]?.match(/^(text|image|application|video|audio|font)\//) &&
      !path.endsWith('mime.types')
    ) {
      return `unknown directive "${name}" in ${path}:${directive.line}`;
    }
    if (name === 'include') {
      for (const file of included(p, first)) {
        const inner = yield* load(p, file);
        if (typeof inner === 'string') return inner;
        out.push(...inner);
      }
    } else if (directive.block) {
      const block = yield* expand(p, directive.block, path);
      if (typeof block === 'string') return block;
      out.push({ ...directive, block });
    } else out.push(directive);
  }
  return out;
}

/** Directives that nginx knows; others are refused as it refuses them. */
export const KNOWN = new Set(
  (
    'user worker_processes error_log pid events worker_connections http include default_type log_format access_log sendfile ' +
    'tcp_nopush tcp_nodelay keepalive_timeout gzip server listen server_name location root index error_page return proxy_pass ' +
    'proxy_set_header proxy_http_version proxy_read_timeout proxy_connect_timeout upstream try_files autoindex alias types add_header ' +
    'rewrite client_max_body_size daemon charset expires deny allow auth_basic auth_basic_user_file stub_status resolver set if ' +
    'proxy_buffering proxy_redirect server_tokens ssl_certificate ssl_certificate_key ssl_protocols load_module worker_rlimit_nofile ' +
    'keepalive least_conn ip_hash weight map default stream types_hash_max_size multi_accept use gzip_types internal'
  ).split(' '),
);

export function* loadAll(p: Process, path: string): Routine<Loaded | string> {
  const main = yield* load(p, path);
  if (typeof main === 'string') return main;
  const http = main.find(({ words }) => words[0] === 'http')?.block ?? [];
  const servers = http
    .filter(({ words }) => words[0] === 'server')
    .map(({ block }) => serverOf(block ?? []));
  return { main, http, servers };
}
