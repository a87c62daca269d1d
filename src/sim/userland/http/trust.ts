// Certificates in files: the system's authorities, and those that a command names.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Certificate, certificatesOf } from '../tls/certificate.ts';

/** Where Debian keeps all authorities in one file. */
export const SYSTEM_TRUST = '/etc/ssl/certs/ca-certificates.crt';

/** The certificates of a PEM file; undefined where it cannot be read. */
export function* certificatesIn(
  process: Process,
  path: string,
): Routine<Certificate[] | undefined> {
  const fd = process.open(path);
  if (isErrno(fd)) return undefined;
  const bytes = yield* process.readAll(fd);
  process.close(fd);
  return isErrno(bytes) ? undefined : certificatesOf(decode(bytes));
}
