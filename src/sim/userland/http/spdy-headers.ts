// The header blocks of SPDY/3.1: names and values, compressed by zlib with a dictionary that both sides know. What we
// write are stored blocks; what others write is inflated.

import { concatBytes, decode, encode } from '../../core/text.ts';
import { inflateBlocks } from '../libc/gzip.ts';

/** The words of the dictionary that have their length before them … */
const WORDS =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
  'keep-alive origin';

/** … and what follows them as it is. */
const REST =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative ' +
  'Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 ' +
  'Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec ' +
  '00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,' +
  'application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=' +
  'iso-8859-1,utf-,*,enq=0.';

/** zlib's header: deflate, a preset dictionary, and the dictionary's Adler-32. */
const ZLIB_HEADER = Uint8Array.of(0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2);

/** An empty stored block, which ends what is flushed (Z_SYNC_FLUSH): readers wait for it. */
const FLUSHED = Uint8Array.of(0, 0, 0, 255, 255);

/** How far back deflate refers. */
const WINDOW = 32_768;

/** Headers of a stream, names in lower case. */
export type StreamHeaders = Readonly<Record<string, string>>;

function counted(bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, bytes.length);
  return concatBytes([head, bytes]);
}

function dictionary(): Uint8Array {
  const words = WORDS.split(' ').map((word) => counted(encode(word.replace('_', ' '))));
  return concatBytes([...words, encode(REST)]);
}

/** Writes the header blocks of one connection and direction. */
export class HeaderWriter {
  private begun = false;

  write(headers: StreamHeaders): Uint8Array {
    const entries = Object.entries(headers);
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, entries.length);
    const block = concatBytes([
      count,
      ...entries.flatMap((pair) => pair.map((text) => counted(encode(text)))),
    ]);
    const { length } = block;
    const stored = Uint8Array.of(0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255);
    const start = this.begun ? new Uint8Array(0) : ZLIB_HEADER;
    this.begun = true;
    return concatBytes([start, stored, block, FLUSHED]);
  }
}

/** Reads the header blocks of one connection and direction. */
export class HeaderReader {
  private history: Uint8Array | undefined;

  /** The headers of a block; undefined where it cannot be inflated. */
  read(compressed: Uint8Array): StreamHeaders | undefined {
    const first = this.history === undefined;
    const before = this.history ?? dictionary();
    const body = first ? compressed.subarray(ZLIB_HEADER.length) : compressed;
    const block = inflateBlocks(body, before);
    if (!block) return undefined;
    this.history = concatBytes([before, block]).slice(-WINDOW);
    return headersIn(block);
  }
}

function headersIn(block: Uint8Array): StreamHeaders {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const headers: Record<string, string> = {};
  let at = 4;
  const text = (): string => {
    const length = view.getUint32(at);
    at += 4 + length;
    return decode(block.subarray(at - length, at));
  };
  for (let left = view.getUint32(0); left > 0; left--) {
    const name = text();
    headers[name.toLowerCase()] = text();
  }
  return headers;
}
