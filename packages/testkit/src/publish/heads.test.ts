import { generateKeys, headJudge, worldNotary } from "@sojourn/passport";
import { type KnownKeys, valueOf } from "@sojourn/protocol";
import {
  type BlockStore,
  compareHeads,
  firstSequence,
  followHead,
  type GenuineHead,
  type Head,
  type Heartbeat,
  heartbeatBlock,
  memoryStore,
  openHead,
  readFoundHead,
  readHeartbeatNode,
  readTail,
  type TailLink,
  tailBlock,
  writeHead,
} from "@sojourn/substrate";
import { describe, expect, test } from "vitest";

const T = 1_800_000_000_000;
const HOUR = 3_600_000;
const [identity, signing, heir, stranger] = await Promise.all([generateKeys(), generateKeys(), generateKeys(), generateKeys()]);
const world = identity.id;
const judge = headJudge();
const statement = worldNotary(identity.secret).sign({ typ: "keys", iss: world, iat: T, version: 2, keys: [{ key: signing.id }] });
const SOME = "bafyreigy762b7f4fzqlgxjwzeposbfacswog3tpxs6sp2utkjt3xv3bitu";
const PLAIN: Head = { heartbeat: SOME, sequence: firstSequence(1), untilMs: T + HOUR, ttlMs: 60_000 };
const QUIET: Heartbeat = {
  ...{ world, epoch: 1, stateSeq: 0, journalSeq: 0, tick: 1, timeMs: T, archive: { policy: "all", delayMs: 0 } },
  ...{ version: null, state: null, tail: null, before: null },
};

const headOf = (more: Partial<Head> = {}, by = identity): Promise<Uint8Array> => writeHead({ ...PLAIN, ...more }, by.sign);

describe("whose head it is", () => {
  test("[N1] bytes that are no record are no head, and open as nothing", async () => {
    const bytes = await headOf();
    expect(openHead(world, bytes, judge)).toMatchObject({ ok: true, value: { head: PLAIN } });
    expect(openHead(world, bytes.slice(1), judge)).toMatchObject({ fault: { code: "malformed" } });
  });

  test("[N2] the identity key's, or one that its statement lists; nobody else's", async () => {
    expect(openHead(world, await headOf({ kid: signing.id, keys: statement }, signing), judge).ok).toBe(true);
    const wrong = [
      await headOf({}, stranger),
      await headOf({ kid: signing.id }, signing),
      await headOf({ kid: stranger.id, keys: statement }, stranger),
      await headOf({ kid: signing.id, keys: statement }, stranger),
      await headOf({ keys: statement }),
    ];
    for (const bytes of wrong) expect(openHead(world, bytes, judge)).toMatchObject({ ok: false, fault: { code: "forged" } });
    expect(openHead(heir.id, await headOf(), judge)).toMatchObject({ fault: { code: "forged" } });
  });

  test("[N2] a reader that knows a newer statement judges by it: a revoked key publishes nothing", async () => {
    const keys = [{ key: signing.id, revoked: true as const }, { key: stranger.id }];
    const token = worldNotary(identity.secret).sign({ typ: "keys", iss: world, iat: T, version: 3, keys });
    const known: KnownKeys = { version: 3, token, keys };
    const warned = headJudge(() => known);
    expect(openHead(world, await headOf({ kid: signing.id, keys: statement }, signing), warned)).toMatchObject({
      fault: { code: "forged" },
    });
    expect(openHead(world, await headOf({ kid: signing.id, keys: token }, signing), warned)).toMatchObject({ fault: { code: "forged" } });
  });
});

test("[N3] a head of a higher epoch is above every head of a lower one, whatever their counts", () => {
  const late = { sequence: firstSequence(2) - 1, heartbeat: SOME };
  expect(compareHeads(late, { sequence: firstSequence(2), heartbeat: SOME })).toBe("newer");
});

test("[N4] [N5] a reader never goes back, and keeps the first of two heads with one number", async () => {
  const genuine = valueOf(openHead(world, await headOf({ sequence: firstSequence(1) + 5 }), judge));
  const seen = (n: number, heartbeat = SOME): { sequence: number; heartbeat: string } => ({ sequence: firstSequence(1) + n, heartbeat });
  expect(followHead(undefined, genuine).ok).toBe(true);
  expect(followHead(seen(4), genuine).ok).toBe(true);
  expect(followHead(seen(5), genuine).ok).toBe(true);
  expect(followHead(seen(6), genuine)).toMatchObject({ fault: { code: "stale-head" } });
  expect(followHead(seen(5, `${SOME.slice(0, -1)}a`), genuine)).toMatchObject({ fault: { code: "forked" } });
});

describe("what a head names", () => {
  async function found(
    heartbeat: Partial<Heartbeat>,
    head: Partial<Head> = {},
    nowMs = T + HOUR / 2,
  ): Promise<ReturnType<typeof readFoundHead>> {
    const store = memoryStore();
    return readFoundHead(await published(store, heartbeat, head), store, judge, nowMs);
  }

  test("[N6] is a heartbeat of its world and epoch, or shows nothing", async () => {
    expect(await found({})).toMatchObject({ ok: true, value: { heartbeat: { timeMs: T } } });
    expect(await found({ world: heir.id })).toMatchObject({ fault: { code: "bad-block" } });
    expect(await found({ epoch: 2 })).toMatchObject({ fault: { code: "bad-block" } });
  });

  test("[N7] is shown with its age, and as past its time when it is", async () => {
    expect(await found({})).toMatchObject({ value: { ageMs: HOUR / 2, isPastTime: false } });
    expect(await found({}, {}, T + 2 * HOUR)).toMatchObject({ value: { ageMs: 2 * HOUR, isPastTime: true } });
    expect(await found({}, {}, T - HOUR)).toMatchObject({ value: { ageMs: 0 } });
  });

  test.each([
    ["a state that the journal is behind", { stateSeq: 5 }],
    ["a tail without a state", { tail: SOME, journalSeq: 5 }],
    ["a version that its policy keeps to itself", { version: SOME, archive: { policy: "none", delayMs: 0 } as const }],
    ["no world", { world: "did:key:z6Mk" }],
    ["an epoch that no head can have", { epoch: 2 ** 31 }],
  ])("is never written or read with %s", async (_, change) => {
    await expect(heartbeatBlock({ ...QUIET, ...change })).rejects.toThrow(TypeError);
  });

  test("is refused when it is no heartbeat at all", async () => {
    const tail = await tailBlock({ before: null, fromSeq: 1, toSeq: 2, sealed: SOME });
    for (const bytes of [tail.bytes, new Uint8Array(), new Uint8Array([0xa0])]) {
      expect(readHeartbeatNode(bytes)).toMatchObject({ ok: false, fault: { code: "bad-block" } });
    }
  });

  test("has a tail that follows on its state without a gap, or is refused", async () => {
    const store = memoryStore();
    const keep = async (link: TailLink): Promise<string> => {
      const block = await tailBlock(link);
      valueOf(await store.put(block));
      return block.cid;
    };
    const first = await keep({ before: null, fromSeq: 11, toSeq: 12, sealed: SOME });
    const second = await keep({ before: first, fromSeq: 13, toSeq: 13, sealed: SOME });
    const gap = await keep({ before: first, fromSeq: 14, toSeq: 14, sealed: SOME });
    const at = { ...QUIET, state: SOME, stateSeq: 10 };
    expect(valueOf(await readTail({ ...at, tail: second, journalSeq: 13 }, store)).map(({ fromSeq }) => fromSeq)).toEqual([11, 13]);
    expect(valueOf(await readTail({ ...at, journalSeq: 10 }, store))).toEqual([]);
    for (const wrong of [
      { tail: second, journalSeq: 14 },
      { tail: gap, journalSeq: 14 },
      { tail: second, journalSeq: 13, stateSeq: 9 },
    ]) {
      expect(await readTail({ ...at, ...wrong }, store)).toMatchObject({ fault: { code: "bad-block" } });
    }
  });
});

/** A heartbeat in a store, and a head that names it. */
async function published(store: BlockStore, heartbeat: Partial<Heartbeat>, head: Partial<Head>, by = identity): Promise<GenuineHead> {
  const block = await heartbeatBlock({ ...QUIET, ...heartbeat });
  valueOf(await store.put(block));
  return valueOf(openHead(world, await headOf({ heartbeat: block.cid, ...head }, by), judge));
}
