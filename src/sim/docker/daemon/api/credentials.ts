// The account that a request of the Engine API carries for a registry (X-Registry-Auth, and the body of /auth).

import type { RegistryCredentials } from '../../../containers/registry/client.ts';
import { decodeBase64 } from '../../base64.ts';
import type { Context } from './answer.ts';

/** What the header X-Registry-Auth and the body of /auth carry. */
export interface AuthConfig {
  readonly username?: string;
  readonly password?: string;
  readonly serveraddress?: string;
}

/** The account that a request comes with. */
export function credentialsOf(context: Context): RegistryCredentials | undefined {
  const header = context.request.headers['x-registry-auth'];
  if (header === undefined || header === '') return undefined;
  try {
    const { username = '', password = '' } = JSON.parse(decodeBase64(header)) as AuthConfig;
    return username === '' ? undefined : { username, password };
  } catch {
    return undefined;
  }
}
