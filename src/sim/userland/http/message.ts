// HTTP messages as programs exchange them. Method, path and headers are HTTP/1.1's; content stays an object
// until somebody reads the connection as bytes.

import type { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string>>;

export interface HttpRequest {
  readonly method: string;
  /** The path, percent-decoded, without the query. */
  readonly path: string;
  /** The query's values by name, decoded, in order. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: Headers;
  readonly body: Content;
  /** Who asks, as far as the connection tells: TLS client certificate, peer address. */
  readonly peer?: Peer;
}

/** What a server learns from the connection itself. */
export interface Peer {
  readonly address: string;
  /** The verified client certificate's subject. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
  /** It showed a certificate that none of the server's authorities has signed, or that has expired. */
  readonly unverified?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The whole content … */
  readonly body?: Content;
  /** … or pieces that come with time (chunked transfer): watches, logs, progress. */
  readonly stream?: ChunkSource;
  /** Status 101: the connection becomes a two-way stream and this routine owns it until it returns. */
  readonly upgrade?: (connection: Duplex) => Routine<void>;
}

/** Pieces of content over time. */
export interface ChunkSource {
  /** Blocks until the next piece; undefined at the end. */
  next(): Routine<Content | undefined>;
  /** The reader has gone: let go of what feeds the source. */
  close(): void;
}

/** A two-way stream of bytes: what an upgraded connection becomes. */
export interface Duplex {
  /** Blocks until bytes are there; undefined at the end. */
  read(): Routine<Uint8Array | undefined>;
  /** Blocks until the bytes are taken; false when the other side has gone. */
  write(bytes: Uint8Array): Routine<boolean>;
  /** Nothing more is written: the other side reads the end, and may go on writing. */
  closeWrite?(): void;
  close(): void;
}
