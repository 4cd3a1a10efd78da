// Chance enters the system here. Secrets and nonces come from the platform; games of chance come from a seed, so that they can be replayed.

/** `count` unpredictable bytes from the platform. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A number in [0, 1) from the platform, for jitter. */
export function randomUnit(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] as number) / 0x1_0000_0000;
}

/** Numbers in [0, 1) that depend on the seed alone. Never for secrets. */
export interface SeededRandom {
  next(): number;
}

/** A 32-bit counter run through a mixing function whose every step can be undone, so that no state is reached twice in 2^32 calls. */
export function seededRandom(seed: number): SeededRandom {
  let counter = seed | 0;
  return {
    next() {
      counter = (counter + 0x9e37_79b9) | 0;
      let z = counter;
      z = Math.imul(z ^ (z >>> 16), 0x85eb_ca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2_ae35);
      return ((z ^ (z >>> 16)) >>> 0) / 0x1_0000_0000;
    },
  };
}
