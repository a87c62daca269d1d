// Protobuf's wire format: fields by number, as variable-length integers, fixed words or runs of bytes (groups are not read).

/** One field of a message as it stands on the wire. */
export interface Wire {
  readonly number: number;
  readonly integer: bigint;
  readonly double: number;
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array();

/** The fields of a message in order; it ends early where the bytes do not make sense. */
export function wireFields(bytes: Uint8Array): Wire[] {
  const out: Wire[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return BigInt.asIntN(64, result);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = { number: tag >> 3, integer: 0n, double: 0, bytes: NONE };
    switch (tag & 7) {
      case 0:
        out.push({ ...field, integer: varint() });
        break;
      case 1:
        if (at + 8 > bytes.length) return out;
        out.push({ ...field, double: view.getFloat64(at, true) });
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        out.push({ ...field, bytes: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return out;
    }
  }
  return out;
}
