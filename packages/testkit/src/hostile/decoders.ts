// What decoding costs: each decoder is fed right bytes, wrong bytes and dear bytes of at most 64 KiB, and the worst of each is told. Time
// is the thread's own, for a busy machine is slow at anything; what is over a limit is measured again, and the least counts.
import { DECODERS } from "@sojourn/substrate/decoders";
import { seededRandom } from "../federation/random.ts";
import { corpus, INPUT_BYTES } from "./corpus.ts";
import { mutated } from "./mutations.ts";

export const DECODER_MS = 50;
export const DECODER_HEAP_BYTES: number = 16 * 1_048_576;

export interface DecoderCost {
  readonly cases: number;
  /** Of processor time. */
  readonly worstMs: number;
  /** Allocated while it decoded, whether kept or not: its heap at any moment is less. */
  readonly worstHeapBytes: number;
  /** Inputs of which it threw: always a bug. */
  readonly threw: number;
  /** The input that took longest and the one that took most, as base64 of their first bytes, to find them again. */
  readonly slowest: string;
  readonly heaviest: string;
}

const AGAIN = 4;

/** `cases` mutations a decoder, beside the corpus itself. `only`: one decoder's name. */
export async function measureDecoders(cases: number, seed: number, only?: string): Promise<Record<string, DecoderCost>> {
  const inputs = await corpus();
  const costs: Record<string, DecoderCost> = {};
  for (const [name, decode] of Object.entries(DECODERS)) {
    if (only !== undefined && only !== name) continue;
    const own = (inputs[name] ?? []).map((bytes) => bytes.subarray(0, INPUT_BYTES));
    if (own.length === 0) throw new Error(`the decoder "${name}" has no inputs: add some to the corpus`);
    costs[name] = await measureOne(decode, own, cases, seed);
  }
  return costs;
}

async function measureOne(
  decode: (bytes: Uint8Array) => unknown,
  own: readonly Uint8Array[],
  cases: number,
  seed: number,
): Promise<DecoderCost> {
  const random = seededRandom(seed);
  const cost = { cases: 0, worstMs: 0, worstHeapBytes: 0, threw: 0, slowest: "", heaviest: "" };
  for (let warm = 0; warm < 20; warm++) await attempt(decode, own[warm % own.length] as Uint8Array);
  for (let i = 0; i < own.length + cases; i++) {
    const bytes = i < own.length ? (own[i] as Uint8Array) : mutated(random.pick(own), own, random, INPUT_BYTES);
    let tried = await attempt(decode, bytes);
    for (let again = 0; again < AGAIN && (tried.ms > DECODER_MS || tried.heapBytes > DECODER_HEAP_BYTES); again++) {
      (globalThis as { gc?: () => void }).gc?.();
      const next = await attempt(decode, bytes);
      tried = { ms: Math.min(tried.ms, next.ms), heapBytes: Math.min(tried.heapBytes, Math.max(0, next.heapBytes)), threw: tried.threw };
    }
    cost.cases++;
    if (tried.threw) cost.threw++;
    if (tried.ms > cost.worstMs) [cost.worstMs, cost.slowest] = [tried.ms, shown(bytes, i < own.length ? i : undefined)];
    if (tried.heapBytes > cost.worstHeapBytes)
      [cost.worstHeapBytes, cost.heaviest] = [tried.heapBytes, shown(bytes, i < own.length ? i : undefined)];
  }
  return { ...cost, worstMs: Math.round(cost.worstMs * 100) / 100 };
}

async function attempt(
  decode: (bytes: Uint8Array) => unknown,
  bytes: Uint8Array,
): Promise<{ ms: number; heapBytes: number; threw: boolean }> {
  const before = process.memoryUsage();
  const started = process.threadCpuUsage();
  let threw = false;
  try {
    await decode(bytes);
  } catch {
    threw = true;
  }
  const used = process.threadCpuUsage(started);
  const ms = (used.user + used.system) / 1_000;
  const after = process.memoryUsage();
  return { ms, heapBytes: after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers, threw };
}

function shown(bytes: Uint8Array, inCorpus: number | undefined): string {
  const where = inCorpus === undefined ? "mutation" : `corpus ${inCorpus}`;
  return `${where}, ${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 48)).toString("base64")}`;
}
