// Bytes made wrong, from bytes that are right: what a stranger sends who knows the format well. Drawn from a seed alone.
import type { Random } from "../federation/random.ts";

/** `bytes` changed in one of many ways, `atMost` bytes long at most. `others`: right ones to splice with. */
export function mutated(bytes: Uint8Array, others: readonly Uint8Array[], random: Random, atMost: number): Uint8Array {
  let made: Uint8Array = Uint8Array.from(bytes);
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) made = once(made, others, random);
  return made.subarray(0, atMost);
}

/** CBOR heads and lengths, XML and JSON marks, and numbers at the edges: what makes readers believe in a lot. */
const TEETH: readonly number[] = [
  0x00, 0x1b, 0x3b, 0x5b, 0x7b, 0x80, 0x98, 0x9a, 0x9b, 0x9f, 0xa0, 0xbb, 0xbf, 0xd8, 0xf6, 0xf9, 0xfb, 0xff,
];
const WORDS = ["[", "{", "<a>", "&amp;", "]]>", '"', "9", "4096", "16777216", "-1", "1e308", '"data":', "<![CDATA["].map((word) =>
  new TextEncoder().encode(word),
);

function once(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.below(random.pick([4, 64, 4_096]));
  switch (random.below(7)) {
    case 0: {
      const flipped = Uint8Array.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] as number) ^ (1 << random.below(8));
      return flipped;
    }
    case 1: {
      const bitten = Uint8Array.from(bytes);
      if (at < bitten.length) bitten[at] = random.pick(TEETH);
      return bitten;
    }
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + length)));
    case 3: {
      // The same piece again and again: depth, counts and duplicates.
      const piece = bytes.subarray(at, at + length);
      return joined(bytes.subarray(0, at), ...Array.from({ length: 1 + random.below(32) }, () => piece), bytes.subarray(at));
    }
    case 4: {
      const other = random.pick(others);
      const from = random.below(other.length + 1);
      return joined(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at));
    }
    case 5:
      return joined(bytes.subarray(0, at), random.pick(WORDS), bytes.subarray(at));
    default: {
      const noise = Uint8Array.from({ length: Math.min(length, 512) }, () => random.below(256));
      return joined(bytes.subarray(0, at), noise, bytes.subarray(Math.min(bytes.length, at + noise.length)));
    }
  }
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
