// Wrong blocks at one store: put into it, laid under it, sent to it. None may come out again or be taken, each is named, and what was
// damaged is healed by the right block. Drawn from a seed. It needs nothing of Node, so that a page can be attacked as well.
import { type Block, type BlockStore, makeBlock } from "@sojourn/substrate";
import { type Random, seededRandom } from "../federation/random.ts";

export interface StoreReport {
  blocks: number;
  /** Wrong bytes given out or taken. Must be 0, as the three below. */
  accepted: number;
  /** Refused without saying which block. */
  unnamed: number;
  /** Damaged, and still wrong after the right block was put. */
  unhealed: number;
  /** Right bytes refused. */
  refused: number;
  readonly kinds: Record<string, number>;
}

/** A store and the way to lay bytes under it. */
export interface Victim {
  /** Of all blocks, beside the shares of the other victims. */
  readonly share: number;
  readonly store: BlockStore;
  readonly isReadOnly: boolean;
  /** Cases that run side by side, each with blocks of its own. */
  readonly lanes: number;
  lay?(block: Block, bytes: Uint8Array): Promise<void> | void;
  /** Another store over the same place, for what will not come in time; `lie` in it too where a lie is only found by waiting. */
  readonly impatient?: BlockStore;
  readonly isLieSlow?: boolean;
  /** No block is attacked twice, because those around the store remember what they gave. */
  readonly isOnce?: boolean;
  /** The answer to the next request for this block never comes; only where something is asked at all. */
  stall?(block: Block): void;
  close?(): Promise<void>;
}

/** How blocks can be wrong. Each is told from the right bytes, and `another's` from another right block. */
const KINDS: readonly (readonly [string, (right: Uint8Array, other: Uint8Array, random: Random) => Uint8Array])[] = [
  [
    "one bit",
    (right, _, random) => {
      const bytes = right.slice();
      const at = random.below(bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    },
  ],
  ["wrong", (right, _, random) => right.map((byte) => byte ^ (1 + random.below(255)))],
  ["short", (right, _, random) => right.slice(0, random.below(right.length))],
  ["long", (right, _, random) => joined(right, new Uint8Array(1 + random.below(16)).fill(random.below(256)))],
  ["duplicated", (right) => joined(right, right)],
  ["another's", (_, other) => other],
];
/** One in so many cases is far too long; it costs a hundred times as much as the others. */
const OVERSIZED_EVERY = 41;
const OVERSIZED = new Uint8Array(1_048_577);
const FAR_TOO_LONG = ["far too long", (): Uint8Array => OVERSIZED] as const;
const SIZES = [1, 2, 63, 64, 1_000, 1_100];
const BLOCKS_OF_A_LANE = 8;
/** One in so many is never answered. The first ones are not among them: a lane may have few. */
const STALL_EVERY = 97;
const STALL_AT = 13;

/** `blocks` cases in all. The outcome depends on the seed alone, however the lanes run. */
export async function attack(victim: Victim, blocks: number, seed: number): Promise<StoreReport> {
  const report: StoreReport = { blocks: 0, accepted: 0, unnamed: 0, unhealed: 0, refused: 0, kinds: {} };
  const lanes = Math.min(victim.lanes, blocks);
  await Promise.all(Array.from({ length: lanes }, (_, lane) => attackLane(victim, lane, Math.ceil(blocks / lanes), seed, report)));
  return report;
}

async function attackLane(victim: Victim, lane: number, blocks: number, seed: number, report: StoreReport): Promise<void> {
  const random = seededRandom(seed * 1_009 + lane);
  const rights: Block[] = [];
  let made = 0;
  const next = (): Promise<Block> => rightBlock(lane, made++, random);
  while (made < BLOCKS_OF_A_LANE) rights.push(await next());
  const slow: Promise<void>[] = [];
  for (let i = 0; i < blocks; i++) {
    report.blocks++;
    // A few never answer: each takes its whole time, so they wait beside the others.
    if (victim.stall !== undefined && i % STALL_EVERY === STALL_AT) {
      const bytes = Uint8Array.of(lane, i & 255, (i >> 8) & 255, (i >> 16) & 255, 9);
      slow.push(stallOnce(victim, await makeBlock("raw", bytes), report));
      continue;
    }
    if (victim.isOnce === true) rights[i % BLOCKS_OF_A_LANE] = await next();
    const right = victim.isOnce === true ? (rights[i % BLOCKS_OF_A_LANE] as Block) : random.pick(rights);
    const [kind, make] = i % OVERSIZED_EVERY === 7 ? FAR_TOO_LONG : random.pick(KINDS);
    let wrong = make(right.bytes, random.pick(rights).bytes, random);
    if (isSame(wrong, right.bytes)) wrong = joined(wrong, Uint8Array.of(0));
    count(report, kind);
    await attackOnce(victim, right, wrong, report);
  }
  await Promise.all(slow);
}

/** Every block is another's: a store that mixed two of them up would be found. */
async function rightBlock(lane: number, number: number, random: Random): Promise<Block> {
  const bytes = new Uint8Array(random.pick(SIZES)).map((_, at) => (at * 31 + random.below(256)) & 255);
  return await makeBlock("raw", joined(Uint8Array.of(lane, number & 255, number >> 8), bytes));
}

async function attackOnce(victim: Victim, right: Block, wrong: Uint8Array, report: StoreReport): Promise<void> {
  const { store, isReadOnly, lay } = victim;
  const put = await store.put({ cid: right.cid, bytes: wrong });
  if (put.ok) report.accepted++;
  else if (!put.fault.detail.includes(right.cid)) report.unnamed++;
  if (lay === undefined) return;
  await lay(right, wrong);
  const got = await (victim.isLieSlow === true ? (victim.impatient ?? store) : store).get(right.cid);
  if (got.ok) report.accepted++;
  else if (!got.fault.detail.includes(right.cid)) report.unnamed++;
  if (isReadOnly) await lay(right, right.bytes);
  else if (!(await store.put(right)).ok) report.refused++;
  const healed = await store.get(right.cid);
  if (!healed.ok || !isSame(healed.value, right.bytes)) report.unhealed++;
}

async function stallOnce(victim: Victim, block: Block, report: StoreReport): Promise<void> {
  count(report, "slow");
  victim.stall?.(block);
  const got = await (victim.impatient ?? victim.store).get(block.cid);
  if (got.ok) report.accepted++;
  else if (!got.fault.detail.includes(block.cid)) report.unnamed++;
}

function count(report: StoreReport, kind: string): void {
  report.kinds[kind] = (report.kinds[kind] ?? 0) + 1;
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
