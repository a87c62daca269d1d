// Content: bytes, or an object that is JSON on the wire. An object travels through sockets, HTTP and etcd as
// it is, frozen and shared; it becomes bytes only for a reader who looks at bytes (curl, tcpdump, etcdctl).

import { decode, encode, encodedLength } from './text.ts';

export class Content {
  private object: unknown;
  private encoded: Uint8Array | undefined;
  private written: string | undefined;
  private readonly write: ((object: unknown) => string) | undefined;
  private readonly render: ((object: unknown) => Uint8Array) | undefined;

  private constructor(
    object: unknown,
    encoded: Uint8Array | undefined,
    text: string | undefined,
    write?: (object: unknown) => string,
    render?: (object: unknown) => Uint8Array,
  ) {
    this.object = object;
    this.encoded = encoded;
    this.written = text;
    this.write = write;
    this.render = render;
  }

  /**
   * Content that is an object. The caller gives it away: it must not be changed from here on.
   * `write` makes its text where that is not JSON.stringify's (order of fields, indentation).
   */
  static ofJson(object: unknown, write?: (object: unknown) => string): Content {
    return new Content(object, undefined, undefined, write);
  }

  /** A message of a protocol: its receiver takes the object, whoever looks at bytes has `render` make them. */
  static ofMessage(object: unknown, render: (object: unknown) => Uint8Array): Content {
    return new Content(object, undefined, undefined, undefined, render);
  }

  /** The object of a protocol's message, by reference; undefined for all other content. */
  get message(): unknown {
    return this.render ? this.object : undefined;
  }

  static ofBytes(bytes: Uint8Array): Content {
    return new Content(undefined, bytes, undefined);
  }

  static ofText(text: string): Content {
    return new Content(undefined, undefined, text);
  }

  static readonly empty: Content = Content.ofText('');

  /** As text: the bytes read as UTF-8, or the object as compact JSON. */
  text(): string {
    if (this.written === undefined) {
      if (this.render) this.bytes();
      this.written = this.encoded
        ? decode(this.encoded)
        : (this.write ?? JSON.stringify)(this.object);
    }
    return this.written;
  }

  bytes(): Uint8Array {
    if (this.encoded === undefined) {
      this.encoded = this.render ? this.render(this.object) : encode(this.text());
    }
    return this.encoded;
  }

  /** As an object: what was given, or the text parsed. Undefined where the text is no JSON. */
  json(): unknown {
    if (this.object === undefined) {
      try {
        this.object = JSON.parse(this.text());
      } catch {
        return undefined;
      }
    }
    return this.object;
  }

  /** True where it was made from an object and has no bytes of its own. */
  get isObject(): boolean {
    return this.encoded === undefined && this.written === undefined && this.object !== undefined;
  }

  /** Length in bytes. */
  get size(): number {
    if (this.encoded === undefined && this.written !== undefined)
      return encodedLength(this.written);
    return this.bytes().length;
  }
}
