// Writes vectors/substrate/heads.json: heads, heartbeats and statements of heirs, good and bad, and how a reader shows them, to try another
// implementation against. Run: node tools/heads/vectors.ts. The test beside the publisher reads the file only.
import { writeFileSync } from "node:fs";
import { keysFromSecret, worldNotary } from "@sojourn/passport";
import {
  type Block,
  firstSequence,
  type Head,
  type Heartbeat,
  headName,
  heartbeatBlock,
  heirEpoch,
  tailBlock,
  writeHead,
  writeSuccession,
} from "@sojourn/substrate";

const FILE = new URL("../../vectors/substrate/heads.json", import.meta.url);
const T = 1_800_000_000_000;
const HOUR = 3_600_000;
const SOME = "bafyreigy762b7f4fzqlgxjwzeposbfacswog3tpxs6sp2utkjt3xv3bitu";
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const secret = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const keyOf = (n: number): ReturnType<typeof keysFromSecret> => keysFromSecret(secret(n));
const world = keyOf(41);
const signing = keyOf(42);
const first = keyOf(43);
const second = keyOf(44);
const stranger = keyOf(45);
type Keys = typeof world;

const keys = worldNotary(world.secret).sign({ typ: "keys", iss: world.id, iat: T, version: 1, keys: [{ key: signing.id }] });
const HEIRS = [
  { world: first.id, afterMs: HOUR, at: "https://heir.example" },
  { world: second.id, afterMs: HOUR },
];
const will = (
  version = 1,
  heirs: readonly { world: string; afterMs: number; at?: string }[] = HEIRS,
  by: Keys = world,
): Promise<Uint8Array> => writeSuccession({ world: world.id, version, timeMs: T, heirs }, by.sign);

/** Every block that a case may read, by its id. */
const blocks = new Map<string, string>();
async function heartbeat(change: Partial<Heartbeat> = {}): Promise<Block> {
  const block = await heartbeatBlock({
    ...{ world: world.id, epoch: 3, stateSeq: 0, journalSeq: 0, tick: 60, timeMs: T, archive: { policy: "builds", delayMs: 0 } },
    ...{ version: null, state: null, tail: null, before: null },
    ...change,
  } as Heartbeat);
  blocks.set(block.cid, hex(block.bytes));
  return block;
}
const head = (heartbeatId: string, change: Partial<Head> = {}, by: Keys = world): Promise<Uint8Array> =>
  writeHead({ heartbeat: heartbeatId, sequence: firstSequence(3) + 7, untilMs: T + 10 * HOUR, ttlMs: 60_000, ...change }, by.sign);

async function statements(): Promise<object> {
  const good = [
    { name: "two, one with an address", bytes: await will(), value: { version: 1, timeMs: T, heirs: HEIRS } },
    { name: "nobody", bytes: await will(2, []), value: { version: 2, timeMs: T, heirs: [] } },
  ];
  const one = await will();
  const at = (find: string, put: string): Uint8Array =>
    new Uint8Array(Buffer.from(hex(one).replace(hex(Buffer.from(find)), hex(Buffer.from(put))), "hex"));
  const bad = [
    { why: "signed by somebody else", bytes: await will(1, HEIRS, stranger), fault: "forged" },
    { why: "by the key that signs for the world, and not its identity key", bytes: await will(1, HEIRS, signing), fault: "forged" },
    { why: "another address than was signed", bytes: at("heir.example", "h3ir.example"), fault: "forged" },
    { why: "an address that is none", bytes: at("https://heir.example", "httpz://heir.example"), fault: "malformed" },
    { why: "another format", bytes: at("sojourn-succession", "sojourn-successiom"), fault: "malformed" },
    { why: "cut short", bytes: one.slice(0, -1), fault: "malformed" },
    { why: "lengthened", bytes: Uint8Array.of(...one, 0), fault: "malformed" },
    { why: "too long", bytes: new Uint8Array(3_073), fault: "oversized" },
  ];
  return {
    valid: good.map(({ bytes, ...rest }) => ({ ...rest, hex: hex(bytes) })),
    invalid: bad.map(({ bytes, ...rest }) => ({ ...rest, hex: hex(bytes) })),
  };
}

async function heads(): Promise<object> {
  const statement = await will();
  const changes: readonly (readonly [string, Partial<Head>, Keys])[] = [
    ["by the identity key", {}, world],
    ["by a key that it states", { kid: signing.id, keys }, signing],
    ["with heirs", { succession: statement }, world],
    ["while its writer sweeps", { isSweeping: true }, world],
    ["an heir's", { succession: statement, heir: first.id, kid: first.id, at: "https://heir.example" }, first],
  ];
  const valid = [];
  for (const [name, change, by] of changes) {
    const bytes = await head(SOME, change, by);
    const { succession, ...plain } = change;
    const shown = { heartbeat: SOME, sequence: firstSequence(3) + 7, untilMs: T + 10 * HOUR, ttlMs: 60_000, ...plain };
    valid.push({ name, hex: hex(bytes), head: { ...shown, ...(succession === undefined ? {} : { succession: hex(succession) }) } });
  }
  const good = await head(SOME);
  const heir = { succession: statement, heir: first.id, kid: first.id };
  const invalid = [
    { why: "signed by somebody else", bytes: await head(SOME, {}, stranger), fault: "forged" },
    { why: "by a key that no statement lists", bytes: await head(SOME, { kid: signing.id }, signing), fault: "forged" },
    {
      why: "an heir that is not named",
      bytes: await head(SOME, { ...heir, heir: stranger.id, kid: stranger.id }, stranger),
      fault: "forged",
    },
    {
      why: "an heir under a statement of its own",
      bytes: await head(SOME, { ...heir, succession: await will(9, HEIRS, first) }, first),
      fault: "forged",
    },
    {
      why: "an heir's name on the world's own key",
      bytes: await head(SOME, { succession: statement, heir: first.id }),
      fault: "forged",
    },
    { why: "a bit of the signature", bytes: good.map((byte, i) => (i === 20 ? byte ^ 1 : byte)), fault: "forged" },
    { why: "cut short", bytes: good.slice(0, -1), fault: "malformed" },
    { why: "lengthened", bytes: Uint8Array.of(...good, 0), fault: "malformed" },
    { why: "too long", bytes: new Uint8Array(10_241), fault: "oversized" },
  ];
  return { valid, invalid: invalid.map(({ bytes, ...rest }) => ({ ...rest, hex: hex(bytes) })) };
}

async function heartbeats(): Promise<object> {
  const own = await head(SOME);
  const tail = await tailBlock({ before: null, fromSeq: 11, toSeq: 12, sealed: SOME });
  const values: readonly (readonly [string, Partial<Heartbeat>])[] = [
    ["nothing but that it is", {}],
    [
      "a version, a state and an end of the journal",
      { version: SOME, state: SOME, stateSeq: 10, journalSeq: 12, tail: tail.cid, before: SOME },
    ],
    ["an heir's", { epoch: heirEpoch(3, 0), timeMs: T + HOUR, resumed: { head: own, heartbeat: SOME, sinceMs: T + HOUR } }],
  ];
  const valid = [];
  for (const [name, change] of values) {
    const block = await heartbeat(change);
    const { resumed, ...plain } = change;
    const shown = { ...plain, ...(resumed === undefined ? {} : { resumed: { ...resumed, head: hex(resumed.head) } }) };
    valid.push({ name, cid: block.cid, hex: hex(block.bytes), value: shown });
  }
  const bytes = (await heartbeat()).bytes;
  const wrong = (find: string, put: string): string => hex(bytes).replace(hex(Buffer.from(find)), hex(Buffer.from(put)));
  return {
    valid,
    invalid: [
      { why: "another format", hex: wrong("sojourn-heartbeat", "sojourn-heartbeit") },
      { why: "a policy that is none", hex: wrong("builds", "builts") },
      { why: "an end of the journal", hex: hex(tail.bytes) },
      { why: "cut short", hex: hex(bytes.slice(0, -1)) },
      { why: "nothing", hex: "" },
    ],
  };
}

interface Case {
  readonly name: string;
  readonly head: Uint8Array;
  readonly nowMs: number;
  readonly seen?: {
    readonly sequence: number;
    readonly heartbeat: string;
    readonly heardMs?: number;
    readonly succession?: Uint8Array;
    readonly resumed?: object;
  };
  /** `world`, `heir`, `copy`, or the fault's code. */
  readonly shown: string;
}

/** One line of heads: the world's last, its heirs', and what it says itself later. */
async function line() {
  const statement = await will();
  const last = await heartbeat();
  const own = await head(last.cid, { succession: statement });
  const lastSequence = firstSequence(3) + 7;
  const heirs = async (
    by: Keys,
    rank: number,
    sinceMs: number,
    change: { from?: Uint8Array; fromBlock?: string; fromEpoch?: number; epoch?: number; timeMs?: number; succession?: Uint8Array } = {},
  ) => {
    const epoch = change.epoch ?? heirEpoch(change.fromEpoch ?? 3, rank);
    const resumed = { head: change.from ?? own, heartbeat: change.fromBlock ?? last.cid, sinceMs };
    const block = await heartbeat({ epoch, timeMs: change.timeMs ?? sinceMs, resumed });
    const shown = { succession: change.succession ?? statement, heir: by.id, kid: by.id, sequence: firstSequence(epoch) };
    return { bytes: await head(block.cid, shown, by), cid: block.cid, epoch };
  };
  const good = await heirs(first, 0, T + HOUR);
  const later = await heirs(second, 1, T + HOUR);
  const next = await heirs(second, 1, T + 3 * HOUR, { from: good.bytes, fromBlock: good.cid, fromEpoch: good.epoch });
  const within = await heartbeat({ timeMs: T + HOUR / 2 });
  const after = await heartbeat({ timeMs: T + 2 * HOUR });
  const word = (block: Block, sequence = lastSequence + 1): Promise<Uint8Array> => head(block.cid, { sequence });
  const seenOwn = { sequence: lastSequence, heartbeat: last.cid, heardMs: T };
  const resumed = { fromSequence: lastSequence, sinceMs: T + HOUR, afterMs: HOUR };
  const seenHeir = { sequence: firstSequence(good.epoch), heartbeat: good.cid, heardMs: T, succession: statement, resumed };
  const back = await heartbeat({ epoch: good.epoch + 64, timeMs: T + 9 * HOUR });
  return { own, good, later, next, within, after, word, back, lastSequence, seenOwn, seenHeir, heirs };
}

type Line = Awaited<ReturnType<typeof line>>;

/** How the world's own heads and one heir's are shown, and to whom. */
async function firstCases({ own, good, lastSequence, seenOwn, heirs }: Line): Promise<Case[]> {
  return [
    { name: "the world's own", head: own, nowMs: T, shown: "world" },
    { name: "an older one than was seen", head: own, nowMs: T, seen: { sequence: lastSequence + 1, heartbeat: SOME }, shown: "stale-head" },
    { name: "another one of the same number", head: own, nowMs: T, seen: { sequence: lastSequence, heartbeat: SOME }, shown: "forked" },
    { name: "an heir after the silence", head: good.bytes, nowMs: T + HOUR, shown: "heir" },
    { name: "an heir, after the world's own was seen", head: good.bytes, nowMs: T + HOUR, seen: seenOwn, shown: "heir" },
    { name: "too early by the reader's clock", head: good.bytes, nowMs: T + HOUR - 1, shown: "copy" },
    { name: "too early by the heir's word", head: (await heirs(first, 0, T + HOUR - 1)).bytes, nowMs: T + 9 * HOUR, shown: "copy" },
    {
      name: "too early for who heard the world since",
      head: good.bytes,
      nowMs: T + 2 * HOUR,
      seen: { ...seenOwn, heardMs: T + HOUR + 1 },
      shown: "copy",
    },
    {
      name: "under numbers of its own",
      head: (await heirs(first, 0, T + HOUR, { epoch: 2_000 })).bytes,
      nowMs: T + 9 * HOUR,
      shown: "copy",
    },
  ];
}

/** How those are that come in the wrong order, or against a later word. */
async function laterCases({ own, good, later, next, within, after, word, back, seenOwn, seenHeir, heirs }: Line): Promise<Case[]> {
  return [
    { name: "under the numbers of who is named first", head: (await heirs(second, 0, T + HOUR)).bytes, nowMs: T + 9 * HOUR, shown: "copy" },
    {
      name: "from before it began",
      head: (await heirs(first, 0, T + 2 * HOUR, { timeMs: T + HOUR })).bytes,
      nowMs: T + 9 * HOUR,
      shown: "copy",
    },
    {
      name: "withdrawn, for who knows it",
      head: good.bytes,
      nowMs: T + 9 * HOUR,
      seen: { ...seenOwn, succession: await will(2, []) },
      shown: "copy",
    },
    {
      name: "another statement of one version was seen",
      head: good.bytes,
      nowMs: T + 9 * HOUR,
      seen: { ...seenOwn, succession: await will(1, HEIRS.slice(0, 1)) },
      shown: "copy",
    },
    {
      name: "who is named first is above who is named later",
      head: good.bytes,
      nowMs: T + 9 * HOUR,
      seen: { ...seenHeir, sequence: firstSequence(later.epoch), heartbeat: later.cid },
      shown: "heir",
    },
    { name: "who is named later is below", head: later.bytes, nowMs: T + 9 * HOUR, seen: seenHeir, shown: "stale-head" },
    { name: "an heir after an heir who fell silent", head: next.bytes, nowMs: T + 9 * HOUR, seen: seenHeir, shown: "heir" },
    { name: "the world's word from within the silence", head: await word(within), nowMs: T + 9 * HOUR, seen: seenHeir, shown: "world" },
    {
      name: "the world's word from after it was resumed",
      head: await word(after),
      nowMs: T + 9 * HOUR,
      seen: seenHeir,
      shown: "stale-head",
    },
    { name: "the world's last one again", head: own, nowMs: T + 9 * HOUR, seen: seenHeir, shown: "stale-head" },
    {
      name: "the world, taken back",
      head: await head(back.cid, { sequence: firstSequence(good.epoch + 64) }),
      nowMs: T + 9 * HOUR,
      seen: seenHeir,
      shown: "world",
    },
  ];
}

async function cases(): Promise<object[]> {
  const made = await line();
  const all = [...(await firstCases(made)), ...(await laterCases(made))];
  return all.map(({ seen, ...one }) => ({
    ...{ ...one, world: world.id, head: hex(one.head) },
    ...(seen === undefined ? {} : { seen: { ...seen, ...(seen.succession === undefined ? {} : { succession: hex(seen.succession) }) } }),
  }));
}

const content = {
  about:
    "Heads of worlds (SPEC, section 16): statements of heirs, records and heartbeats as bytes (hex), and how a reader who has seen `seen` shows a head at `nowMs`: as the world's, an heir's, somebody's copy, or not at all (a fault). Blocks by their ids are what such a reader finds beside the heads.",
  world: { secret: hex(world.secret), id: world.id, name: headName(world.id) },
  statements: await statements(),
  heads: await heads(),
  heartbeats: await heartbeats(),
  cases: await cases(),
  blocks: Object.fromEntries(blocks),
};
writeFileSync(FILE, `${JSON.stringify(content, undefined, 1)}\n`);
