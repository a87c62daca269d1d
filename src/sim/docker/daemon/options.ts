// dockerd's flags: where it listens, TLS there, what containers get that ask for nothing. Of daemon.json nothing is read.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ServerTls } from '../../userland/http/server.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { certificatesOf } from '../../userland/tls/certificate.ts';
import type { HostConfig } from './types.ts';

type Ulimit = NonNullable<HostConfig['Ulimits']>[number];

/** What the command line says. */
export interface DaemonOptions {
  /** -H: unix://, fd://, tcp://. */
  readonly hosts: readonly string[];
  readonly tlsVerify: boolean;
  readonly tlsAuthority: string;
  readonly tlsCertificate: string;
  /** --default-ulimit. */
  readonly ulimits: readonly Ulimit[];
  readonly labels: readonly string[];
}

/** The options of a daemon that is given none. */
export const NO_OPTIONS: DaemonOptions = {
  hosts: ['fd://'],
  tlsVerify: false,
  tlsAuthority: '/etc/docker/ca.pem',
  tlsCertificate: '/etc/docker/cert.pem',
  ulimits: [],
  labels: [],
};

/** A flag that is not modelled. */
export interface UnknownOption {
  readonly unknown: string;
}

export function isUnknownOption(value: DaemonOptions | UnknownOption): value is UnknownOption {
  return 'unknown' in value;
}

const SHORT: Readonly<Record<string, string>> = { '-H': '--host' };
/** Flags by name; of those that take a word, `true`. */
const TAKES: Readonly<Record<string, boolean>> = {
  '--host': true,
  '--containerd': true,
  '--tlsverify': false,
  '--tlscacert': true,
  '--tlscert': true,
  '--tlskey': true,
  '--default-ulimit': true,
  '--label': true,
};

/** `nofile=1024:2048` */
function ulimitOf(text: string): Ulimit[] {
  const [, Name = '', soft = '', hard = soft] = /^(\w+)=(\d+)(?::(\d+))?$/.exec(text) ?? [];
  return Name === '' ? [] : [{ Name, Soft: Number(soft), Hard: Number(hard) }];
}

/** Reads a command line. */
export function readOptions(args: readonly string[]): DaemonOptions | UnknownOption {
  const given: Record<string, string[]> = {};
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    const [, called = word, own] = /^(--?[\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const name = SHORT[called] ?? called;
    const takes = TAKES[name];
    if (takes === undefined) return { unknown: word };
    const value = own ?? (takes ? (args[++i] ?? '') : 'true');
    (given[name] ??= []).push(value);
  }
  const last = (name: string, usual: string): string => given[name]?.at(-1) ?? usual;
  const hosts = [...new Set((given['--host'] ?? NO_OPTIONS.hosts).map(canonicalHost))];
  return {
    hosts,
    tlsVerify: last('--tlsverify', 'false') === 'true',
    tlsAuthority: last('--tlscacert', NO_OPTIONS.tlsAuthority),
    tlsCertificate: last('--tlscert', NO_OPTIONS.tlsCertificate),
    ulimits: (given['--default-ulimit'] ?? []).flatMap(ulimitOf),
    labels: given['--label'] ?? [],
  };
}

/** What systemd hands over is docker.socket's. */
function canonicalHost(host: string): string {
  return host === 'fd://' || host === '' ? 'unix:///var/run/docker.sock' : host;
}

/** What is shown and asked for at tcp:// with --tlsverify; a text says what is missing. */
export function* daemonTls(
  p: Process,
  { tlsVerify, tlsAuthority, tlsCertificate }: DaemonOptions,
): Routine<ServerTls | undefined | string> {
  if (!tlsVerify) return undefined;
  const own = yield* readFile(p, tlsCertificate);
  const [certificate] = isErrno(own) ? [] : certificatesOf(decode(own));
  if (!certificate)
    return `failed to load listeners: could not load X509 key pair (cert: "${tlsCertificate}"): open ${tlsCertificate}: no such file or directory`;
  const authority = yield* readFile(p, tlsAuthority);
  if (isErrno(authority))
    return `failed to load listeners: invalid TLS configuration: could not read CA certificate "${tlsAuthority}": open ${tlsAuthority}: ${authority.message.toLowerCase()}`;
  return {
    certificate,
    clientAuthorities: certificatesOf(decode(authority)),
    requireClient: true,
  };
}
