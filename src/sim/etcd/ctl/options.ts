// etcdctl's global flags, each of which may also come from the environment (ETCDCTL_*), as what a connection
// needs.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ClientTls } from '../../userland/http/client.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { type Certificate, certificatesOf } from '../../userland/tls/certificate.ts';
import type { Invocation } from '../cobra/command.ts';
import { type Flag, type FlagValues, whyInvalid } from '../cobra/flags.ts';
import { Log } from '../server/log.ts';
import type { DialOptions } from '../remote/connection.ts';
import { EXIT, fail } from './ctl.ts';

/** The flags that every command takes. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'endpoints', kind: 'strings', value: '127.0.0.1:2379', usage: 'gRPC endpoints' },
  { name: 'debug', kind: 'bool', value: 'false', usage: 'enable client-side debug logging' },
  {
    name: 'write-out',
    short: 'w',
    kind: 'string',
    value: 'simple',
    usage: 'set the output format (fields, json, protobuf, simple, table)',
  },
  {
    name: 'hex',
    kind: 'bool',
    value: 'false',
    usage: 'print byte strings as hex encoded strings',
  },
  {
    name: 'dial-timeout',
    kind: 'duration',
    value: '2s',
    usage: 'dial timeout for client connections',
  },
  {
    name: 'command-timeout',
    kind: 'duration',
    value: '5s',
    usage: 'timeout for short running command (excluding dial timeout)',
  },
  {
    name: 'keepalive-time',
    kind: 'duration',
    value: '2s',
    usage: 'keepalive time for client connections',
  },
  {
    name: 'keepalive-timeout',
    kind: 'duration',
    value: '6s',
    usage: 'keepalive timeout for client connections',
  },
  {
    name: 'max-request-bytes',
    kind: 'int',
    value: '0',
    usage:
      'client-side request send limit in bytes (if 0, it defaults to 2.0 MiB (2 * 1024 * 1024).)',
  },
  {
    name: 'max-recv-bytes',
    kind: 'int',
    value: '0',
    usage: 'client-side response receive limit in bytes (if 0, it defaults to "math.MaxInt32")',
  },
  {
    name: 'insecure-transport',
    kind: 'bool',
    value: 'true',
    usage: 'disable transport security for client connections',
  },
  {
    name: 'insecure-discovery',
    kind: 'bool',
    value: 'true',
    usage: 'accept insecure SRV records describing cluster endpoints',
  },
  {
    name: 'insecure-skip-tls-verify',
    kind: 'bool',
    value: 'false',
    usage:
      'skip server certificate verification (CAUTION: this option should be enabled only for testing purposes)',
  },
  {
    name: 'cert',
    kind: 'string',
    value: '',
    usage: 'identify secure client using this TLS certificate file',
  },
  {
    name: 'key',
    kind: 'string',
    value: '',
    usage: 'identify secure client using this TLS key file',
  },
  {
    name: 'cacert',
    kind: 'string',
    value: '',
    usage: 'verify certificates of TLS-enabled secure servers using this CA bundle',
  },
  {
    name: 'user',
    kind: 'string',
    value: '',
    usage: 'username[:password] for authentication (prompt if password is not supplied)',
  },
  {
    name: 'password',
    kind: 'string',
    value: '',
    usage:
      "password for authentication (if this option is used, --user option shouldn't include password)",
  },
  {
    name: 'discovery-srv',
    short: 'd',
    kind: 'string',
    value: '',
    usage: 'domain name to query for SRV records describing cluster endpoints',
  },
  {
    name: 'discovery-srv-name',
    kind: 'string',
    value: '',
    usage: 'service name to query when using DNS discovery',
  },
];

/** Takes flags that were not given from ETCDCTL_* of the environment; a flag and a variable may not both be there. */
function* readEnvironment({ main, command, values }: Invocation): Routine<void> {
  const own = command.name === 'watch' ? ['ETCDCTL_WATCH_KEY', 'ETCDCTL_WATCH_RANGE_END'] : [];
  const known = new Set(own);
  for (const { name, kind } of GLOBAL_FLAGS) {
    const variable = variableOf(name);
    known.add(variable);
    const value = main.process.environment.get(variable);
    if (!value) continue;
    if (values.changed(name)) {
      const text =
        'conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))';
      yield* new Log(main, 'info').write('fatal', 'flags/flag.go:86', text, {
        'environment-variable': variable,
      });
      main.process.exit(EXIT.error);
    }
    if (whyInvalid(kind, value) === undefined) values.set(name, value);
  }
  for (const [variable, value] of main.process.environment) {
    if (!variable.startsWith('ETCDCTL_') || known.has(variable)) continue;
    yield* new Log(main, 'info').write(
      'warn',
      'flags/flag.go:94',
      'unrecognized environment variable',
      {
        'environment-variable': `${variable}=${value}`,
      },
    );
  }
}

/** --debug: every global flag as the variable of the environment that would set it (and grpc's own log, left out). */
function* tellFlags(main: Main, values: FlagValues): Routine<void> {
  const lines = GLOBAL_FLAGS.map(({ name, kind }) => {
    const value = kind === 'strings' ? `[${values.list(name).join(',')}]` : values.text(name);
    return `${variableOf(name)}=${value}\n`;
  });
  main.err.put(lines.sort().join(''));
  yield* main.err.flush();
}

/** The variable of the environment that sets a global flag. */
function variableOf(flag: string): string {
  return `ETCDCTL_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** What the global flags say of the connection; ends the command where they contradict themselves. */
export function* dialOptions(invocation: Invocation): Routine<DialOptions> {
  const { main, values } = invocation;
  yield* readEnvironment(invocation);
  if (values.is('debug')) yield* tellFlags(main, values);
  for (const name of ['cert', 'key', 'cacert']) {
    if (values.changed(name) && values.text(name) === '') {
      yield* fail(main, EXIT.badArguments, `empty string is passed to --${name} option`);
    }
  }
  const files: TlsFiles = {
    certificate: values.text('cert'),
    key: values.text('key'),
    authority: values.text('cacert'),
    skipVerify: values.is('insecure-skip-tls-verify'),
  };
  return {
    endpoints: values.list('endpoints'),
    dialTimeout: values.duration('dial-timeout'),
    user: yield* userOf(main, values),
    tls: yield* tlsOf(main, files),
    secure: wantsTls(files, values.is('insecure-transport')),
    logger: 'etcd-client',
  };
}

/** Files and choices that a TLS connection is made with. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly skipVerify: boolean;
}

/** Whether endpoints without a scheme are spoken to with TLS: any file, or the wish not to verify, asks for it. */
export function wantsTls(files: TlsFiles, insecureTransport: boolean): boolean {
  const { certificate, key, authority, skipVerify } = files;
  return !insecureTransport || skipVerify || certificate + key + authority !== '';
}

/** Reads certificates; ends the command where a file is missing, or a certificate comes without its key. */
export function* tlsOf(main: Main, files: TlsFiles): Routine<ClientTls> {
  if ((files.certificate === '') !== (files.key === '')) {
    const given = `[key: ${files.key}, cert: ${files.certificate}]`;
    yield* fail(main, EXIT.badArguments, `KeyFile and CertFile must both be present${given}`);
  }
  const authorities = yield* certificatesIn(main, files.authority);
  const [certificate] = yield* certificatesIn(main, files.certificate);
  if (files.key !== '') yield* readOrFail(main, files.key);
  return { authorities, certificate, insecure: files.skipVerify };
}

function* certificatesIn(main: Main, path: string): Routine<Certificate[]> {
  if (path === '') return [];
  const text = yield* readOrFail(main, path);
  const found = certificatesOf(text);
  if (found.length > 0 || !text.includes('-----BEGIN ')) return found;
  return yield* fail(main, EXIT.badArguments, 'x509: malformed tbs certificate');
}

function* readOrFail(main: Main, path: string): Routine<string> {
  const bytes = yield* readFile(main.process, path);
  if (!isErrno(bytes)) return decode(bytes);
  const text = bytes.message.charAt(0).toLowerCase() + bytes.message.slice(1);
  return yield* fail(main, EXIT.badArguments, `open ${path}: ${text}`);
}

function* userOf(main: Main, values: FlagValues): Routine<DialOptions['user']> {
  const user = values.text('user');
  const password = values.text('password');
  if (user === '') return undefined;
  if (password !== '') return { name: user, password };
  const colon = user.indexOf(':');
  if (colon >= 0) return { name: user.slice(0, colon), password: user.slice(colon + 1) };
  return { name: user, password: yield* askPassword(main, 'Password: ') };
}

/** Asks for a password on the terminal; without one stty complains, and the password is what stdin holds. */
export function* askPassword(main: Main, prompt: string): Routine<string> {
  yield* main.out.print(prompt);
  yield* main.out.flush();
  const isTerminal = main.process.isTerminal(0);
  const complaint = "stty: 'standard input': Inappropriate ioctl for device\n";
  if (!isTerminal) main.err.put(complaint + complaint);
  yield* main.err.flush();
  const line = yield* main.input.line();
  yield* main.out.print('\n');
  yield* main.out.flush();
  return (line ?? '').replace(/\r?\n$/, '');
}
