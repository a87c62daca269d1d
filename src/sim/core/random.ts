// Seeded chance. One generator is handed down from the lab; parts fork named streams from it, so that a
// draw added in one part does not change another. sfc32, seeded through a string hash (cyrb128).

/** A stream of draws. Two streams of the same seed and name give the same draws on every machine. */
export interface Random {
  /** A whole number in [0, below). */
  int(below: number): number;
  /** A number in [0, 1). */
  fraction(): number;
  /** `count` lower-case hexadecimal digits. */
  hex(count: number): string;
  /** `count` characters drawn from `alphabet`. */
  letters(count: number, alphabet: string): string;
  /** A version 4 UUID. */
  uuid(): string;
  /** One item of a list that is not empty. */
  pick<T>(items: readonly T[]): T;
  /** A stream of its own, which depends on this stream's seed and `name` only, not on earlier draws. */
  fork(name: string): Random;
}

const HEX = '0123456789abcdef';

function hashOf(text: string): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

function sfc32(seed: string): () => number {
  let [a, b, c, d] = hashOf(seed);
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** The stream named by `seed`. */
export function randomStream(seed: string): Random {
  const next = sfc32(seed);
  const fraction = (): number => next() / 4294967296;
  const int = (below: number): number => Math.floor(fraction() * below);
  const letters = (count: number, alphabet: string): string => {
    let out = '';
    for (let i = 0; i < count; i++) out += alphabet.charAt(int(alphabet.length));
    return out;
  };
  const hex = (count: number): string => letters(count, HEX);
  return {
    int,
    fraction,
    hex,
    letters,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${letters(1, '89ab')}${hex(3)}-${hex(12)}`,
    pick: <T>(items: readonly T[]): T => {
      const item = items[int(items.length)];
      if (item === undefined) throw new RangeError('pick from an empty list');
      return item;
    },
    fork: (name) => randomStream(`${seed}/${name}`),
  };
}
