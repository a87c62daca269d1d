// TLS between the docker command and a daemon at tcp:// (cli/flags/options.go): DOCKER_TLS_VERIFY asks for it, and the files
// ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or beside config.json say whom to trust and who one is.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ClientTls } from '../../userland/http/client.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { certificatesOf } from '../../userland/tls/certificate.ts';
import { configFile } from './config-file.ts';

const VERIFY = 'DOCKER_TLS_VERIFY';

/** Where the client's certificates are. */
export function certificateDirectory(p: Process): string {
  const config = configFile(p);
  return p.environment.get('DOCKER_CERT_PATH') || config.slice(0, config.lastIndexOf('/'));
}

/** True where the environment asks for TLS. */
export function asksForTls(p: Process): boolean {
  return (p.environment.get(VERIFY) ?? '') !== '';
}

/** What TLS is spoken with; undefined where none is; a text says what is missing. */
export function* clientTls(p: Process, host: string): Routine<ClientTls | undefined | string> {
  if (!asksForTls(p) || !host.startsWith('tcp:')) return undefined;
  const directory = certificateDirectory(p);
  const authority = yield* readFile(p, `${directory}/ca.pem`);
  if (isErrno(authority)) return `open ${directory}/ca.pem: ${authority.message.toLowerCase()}`;
  const own = yield* readFile(p, `${directory}/cert.pem`);
  const [certificate] = isErrno(own) ? [] : certificatesOf(decode(own));
  return {
    authorities: certificatesOf(decode(authority)),
    ...(certificate ? { certificate } : {}),
  };
}
