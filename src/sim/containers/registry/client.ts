// A client of the distribution API (distribution-spec 1.1): manifests and blobs by name, token authentication as Docker
// Hub asks for it, uploads. Errors are the texts that containerd's resolver prints.

import { Content } from '../../core/content.ts';
import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  type HttpTarget,
  httpRequest,
  dialledAddress,
  isHttpFailure,
  wholeBody,
} from '../../userland/http/client.ts';
import type { Headers } from '../../userland/http/message.ts';
import { type Descriptor, type Digest, digestOf, MEDIA_TYPES } from '../images/oci.ts';

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

export interface RegistryOptions {
  readonly plainHttp: boolean;
  /** HTTPS is tried before plain HTTP, as dockerd does with insecure registries. */
  readonly httpsFirst?: boolean;
  readonly credentials?: RegistryCredentials;
}

const MANIFEST_TYPES = [
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.ociIndex,
  '*/*',
].join(', ');

/** The host that answers for a domain. */
export function registryHost(domain: string): string {
  return domain === 'docker.io' ? 'registry-1.docker.io' : domain;
}

/** True for registries that are spoken to without TLS. */
function isLocal(domain: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(domain);
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: ReadonlyMap<string, readonly string[]>;
  readonly headers?: Headers;
  readonly body?: Content;
}

export class RegistryClient {
  private readonly process: Process;
  private readonly domain: string;
  private readonly options: RegistryOptions;
  private token: string | undefined;
  /** The registry answered in plain HTTP where HTTPS was tried. */
  private fellBack = false;

  constructor(process: Process, domain: string, options: RegistryOptions) {
    this.process = process;
    this.domain = domain;
    this.options = options;
  }

  private get insecure(): boolean {
    return this.options.plainHttp || isLocal(this.domain);
  }
  private get plain(): boolean {
    return this.insecure && (this.options.httpsFirst !== true || this.fellBack);
  }

  private target(domain: string): HttpTarget {
    const host = registryHost(domain);
    const colon = host.lastIndexOf(':');
    const port = colon < 0 ? (this.plain ? 80 : 443) : Number(host.slice(colon + 1));
    const name = colon < 0 ? host : host.slice(0, colon);
    return {
      host: name,
      port,
      ...(this.plain ? {} : { tls: { serverName: name, authorities: [], insecure: true } }),
    };
  }

  private url(path: string): string {
    return `${this.plain ? 'http' : 'https'}://${registryHost(this.domain)}${path}`;
  }

  /** One request, with a token fetched where the registry asks for one. */
  private *send(call: Call): Routine<HttpAnswer | string> {
    for (let attempt = 0; ; attempt++) {
      const answer = yield* httpRequest(this.process, this.target(this.domain), {
        method: call.method,
        path: call.path,
        query: call.query ?? new Map(),
        body: call.body ?? Content.empty,
        headers: {
          host: registryHost(this.domain),
          'user-agent': 'containerd/v2.2.9',
          ...call.headers,
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        },
      });
      if (isHttpFailure(answer)) {
        if (answer.kind === 'not TLS' && this.insecure && !this.fellBack) {
          this.fellBack = true;
          continue;
        }
        const verb = call.method.charAt(0) + call.method.slice(1).toLowerCase();
        return `failed to do request: ${verb} "${this.url(call.path)}": ${failureText(answer, this.target(this.domain), this.process)}`;
      }
      if (answer.status !== 401 || attempt > 0) return answer;
      const challenge = answer.headers['www-authenticate'];
      const problem =
        challenge === undefined ? 'no basic auth credentials' : yield* this.authenticate(challenge);
      if (problem !== undefined) return problem;
    }
  }

  private *authenticate(challenge: string): Routine<string | undefined> {
    const fields = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    const realm = /^https?:\/\/([^/]+)(\/.*)$/.exec(fields.get('realm') ?? '');
    if (!realm) return 'no supported auth scheme found: not implemented';
    const query = new Map<string, readonly string[]>();
    for (const name of ['scope', 'service'])
      if (fields.has(name)) query.set(name, [fields.get(name) ?? '']);
    const { credentials } = this.options;
    const basic =
      credentials && `Basic ${base64(`${credentials.username}:${credentials.password}`)}`;
    const answer = yield* httpRequest(this.process, this.target(realm[1] ?? ''), {
      method: 'GET',
      path: realm[2] ?? '/',
      query,
      body: Content.empty,
      headers: { host: realm[1] ?? '', ...(basic ? { authorization: basic } : {}) },
    });
    if (isHttpFailure(answer))
      return `failed to authorize: failed to fetch anonymous token: ${failureText(answer, this.target(realm[1] ?? ''), this.process)}`;
    const reply = (yield* wholeBody(answer)).json() as { token?: string } | undefined;
    if (answer.status !== 200 || reply?.token === undefined) {
      return `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to ${fields.get('realm')}: ${answer.status}`;
    }
    this.token = reply.token;
    return undefined;
  }

  /** A manifest or an index by tag or digest; a text says why not (`%s` stands for the reference). */
  *manifest(
    path: string,
    reference: string,
  ): Routine<{ target: Descriptor; bytes: Uint8Array } | string> {
    const where = `/v2/${path}/manifests/${reference}`;
    const answer = yield* this.send({
      method: 'GET',
      path: where,
      headers: { accept: MANIFEST_TYPES },
    });
    if (typeof answer === 'string') return answer.replace(': Get "', ': Head "');
    if (answer.status === 404) return `%s: not found`;
    if (answer.status === 401 || answer.status === 403) {
      return 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
    }
    if (answer.status === 429) {
      return `unexpected status from HEAD request to ${this.url(where)}: 429 Too Many Requests\ntoomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit`;
    }
    if (answer.status !== 200)
      return `unexpected status from HEAD request to ${this.url(where)}: ${answer.status}`;
    const bytes = (yield* wholeBody(answer)).bytes();
    const mediaType = answer.headers['content-type'] ?? MEDIA_TYPES.ociManifest;
    return { target: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
  }

  /** Tries the account; a text says why it is not taken. */
  *login(): Routine<string | undefined> {
    const answer = yield* this.send({ method: 'GET', path: '/v2/' });
    if (typeof answer === 'string')
      return answer.startsWith('failed to do request: ')
        ? answer.slice('failed to do request: '.length)
        : `Get "${this.url('/v2/')}": unauthorized: incorrect username or password`;
    if (answer.status === 401)
      return `Get "${this.url('/v2/')}": unauthorized: incorrect username or password`;
    return answer.status === 200
      ? undefined
      : `login attempt to ${this.url('/v2/')} failed with status: ${answer.status}`;
  }

  /** A blob's bytes. */
  *blob(path: string, digest: Digest): Routine<Uint8Array | string> {
    const where = `/v2/${path}/blobs/${digest}`;
    const answer = yield* this.send({ method: 'GET', path: where });
    if (typeof answer === 'string') return answer;
    if (answer.status === 404)
      return `httpReadSeeker: failed open: could not fetch content descriptor ${digest} from remote: not found`;
    if (answer.status !== 200)
      return `httpReadSeeker: failed open: unexpected status code ${this.url(where)}: ${answer.status}`;
    return (yield* wholeBody(answer)).bytes();
  }

  /** The tags of a repository. */
  *tags(path: string): Routine<string[] | string> {
    const answer = yield* this.send({ method: 'GET', path: `/v2/${path}/tags/list` });
    if (typeof answer === 'string') return answer;
    if (answer.status !== 200) return `fetching tags list: repository name not known to registry`;
    return ((yield* wholeBody(answer)).json() as { tags: string[] }).tags;
  }

  /** True where the registry has a blob already. */
  *hasBlob(path: string, digest: Digest): Routine<boolean | string> {
    const answer = yield* this.send({ method: 'HEAD', path: `/v2/${path}/blobs/${digest}` });
    return typeof answer === 'string' ? answer : answer.status === 200;
  }

  /** Uploads a blob in one piece. */
  *pushBlob(path: string, digest: Digest, bytes: Uint8Array): Routine<string | undefined> {
    const begun = yield* this.send({ method: 'POST', path: `/v2/${path}/blobs/uploads/` });
    if (typeof begun === 'string') return begun;
    if (begun.status !== 202) return yield* this.pushProblem(begun);
    const location = begun.headers.location ?? '';
    const put = yield* this.send({
      method: 'PUT',
      path: location.replace(/^https?:\/\/[^/]+/, '').split('?')[0] ?? location,
      query: new Map([['digest', [digest]]]),
      headers: { 'content-type': 'application/octet-stream' },
      body: Content.ofBytes(bytes),
    });
    if (typeof put === 'string') return put;
    return put.status === 201 ? undefined : yield* this.pushProblem(put);
  }

  /** Uploads a manifest under a tag or digest. */
  *pushManifest(
    path: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Routine<string | undefined> {
    const put = yield* this.send({
      method: 'PUT',
      path: `/v2/${path}/manifests/${reference}`,
      headers: { 'content-type': mediaType },
      body: Content.ofBytes(bytes),
    });
    if (typeof put === 'string') return put;
    return put.status === 201 ? undefined : yield* this.pushProblem(put);
  }

  private *pushProblem(answer: HttpAnswer): Routine<string> {
    if (answer.status === 401 || answer.status === 403) {
      return 'push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
    }
    const text = decode((yield* wholeBody(answer)).bytes());
    return `unexpected status: ${answer.status}: ${text}`;
  }
}

function base64(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    const n =
      (text.charCodeAt(i) << 16) |
      ((text.charCodeAt(i + 1) || 0) << 8) |
      (text.charCodeAt(i + 2) || 0);
    out += alphabet.charAt(n >> 18) + alphabet.charAt((n >> 12) & 63);
    out += i + 1 < text.length ? alphabet.charAt((n >> 6) & 63) : '=';
    out += i + 2 < text.length ? alphabet.charAt(n & 63) : '=';
  }
  return out;
}

/** Where a process asks for names. */
function nameServer(p: Process): string {
  const file = p.openFile('/etc/resolv.conf', 0);
  if (isErrno(file) || !file.inode) return '127.0.0.1';
  const bytes = file.inode.readAt(0, file.inode.size, p.task);
  const text = isErrno(bytes) ? '' : decode(bytes);
  return /^nameserver\s+(\S+)/m.exec(text)?.[1] ?? '127.0.0.1';
}

/** How Go's client words a failure. */
export function failureText(failure: HttpFailure, target: HttpTarget, p: Process): string {
  const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
  switch (failure.kind) {
    case 'resolve':
      return `dial tcp: lookup ${target.host} on ${nameServer(p)}:53: no such host`;
    case 'connect':
      return `dial tcp ${dialledAddress(failure, target.port)}: connect: ${lower(failure.errno.message)}`;
    case 'not TLS':
      return 'http: server gave HTTP response to HTTPS client';
    case 'timeout':
      return 'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)';
    case 'tls':
    case 'alert':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    default:
      return 'EOF';
  }
}
