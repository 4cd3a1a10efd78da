import { generateKeys, headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { valueOf, type WorldId } from "@sojourn/protocol";
import {
  type BlockStore,
  compareHeads,
  epochOf,
  type FoundHead,
  firstSequence,
  followHead,
  type GenuineHead,
  type Head,
  type Heartbeat,
  heartbeatBlock,
  heirEpoch,
  memoryStore,
  openHead,
  openPublisher,
  readFoundHead,
  readHead,
  readSuccession,
  rememberHead,
  type SeenHead,
  whyNoSuccession,
  writeHead,
  writeSuccession,
} from "@sojourn/substrate";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryReplica } from "./memory-replica.ts";

const T = 1_800_000_000_000;
const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
const LATE = T + 60 * WEEK;
const [identity, first, second, stranger] = await Promise.all([generateKeys(), generateKeys(), generateKeys(), generateKeys()]);
const world = identity.id;
const judge = headJudge(() => undefined, nodeEd25519);
const HEIRS = [
  { world: first.id, afterMs: WEEK },
  { world: second.id, afterMs: WEEK },
];
const QUIET: Heartbeat = {
  ...{ world, epoch: 1, stateSeq: 0, journalSeq: 0, tick: 1, timeMs: T, archive: { policy: "all", delayMs: 0 } },
  ...{ version: null, state: null, tail: null, before: null },
};

type Keys = typeof identity;

const will = (version = 1, heirs: readonly { world: WorldId; afterMs: number; at?: string }[] = HEIRS, by: Keys = identity) =>
  writeSuccession({ world, version, timeMs: T, heirs }, by.sign);

async function published(store: BlockStore, heartbeat: Partial<Heartbeat>, head: Partial<Head>, by: Keys): Promise<GenuineHead> {
  const block = await heartbeatBlock({ ...QUIET, ...heartbeat });
  valueOf(await store.put(block));
  const plain: Head = { heartbeat: block.cid, sequence: firstSequence(1), untilMs: T + HOUR, ttlMs: 60_000 };
  return valueOf(openHead(world, await writeHead({ ...plain, ...head }, by.sign), judge));
}

interface OwnHead {
  readonly n?: number;
  readonly epoch?: number;
  readonly timeMs?: number;
  readonly succession?: Uint8Array | undefined;
}

const own = (store: BlockStore, { n = 0, epoch = 1, timeMs = T, succession }: OwnHead = {}): Promise<GenuineHead> =>
  published(
    store,
    { epoch, timeMs, journalSeq: 0 },
    { sequence: firstSequence(epoch) + n, ...(succession === undefined ? {} : { succession }) },
    identity,
  );

interface HeirHead {
  readonly by?: Keys;
  readonly from: GenuineHead;
  readonly sinceMs?: number;
  readonly timeMs?: number;
  readonly n?: number;
  readonly epoch?: number;
  readonly succession: Uint8Array;
  readonly at?: string;
}

function heirs(store: BlockStore, options: HeirHead): Promise<GenuineHead> {
  const { by = first, from, n = 0, succession, at } = options;
  const sinceMs = options.sinceMs ?? T + WEEK;
  const epoch = options.epoch ?? heirEpoch(epochOf(from.head), by === first ? 0 : 1);
  const resumed = { head: from.bytes, heartbeat: from.head.heartbeat, sinceMs };
  const head = { sequence: firstSequence(epoch) + n, heir: by.id, kid: by.id, succession, ...(at === undefined ? {} : { at }) };
  return published(store, { epoch, timeMs: options.timeMs ?? sinceMs, resumed }, head, by);
}

const found = async (genuine: GenuineHead, store: BlockStore, nowMs = T + WEEK, seen?: SeenHead): Promise<FoundHead> =>
  valueOf(await readFoundHead(genuine, store, judge, nowMs, seen));

describe("a statement of heirs", () => {
  test("[N8] names each once, never the world itself, after a silence that is one, at an address in one spelling", async () => {
    const wrong = [
      [{ world, afterMs: WEEK }],
      [{ world: first.id, afterMs: 1 }],
      [{ world: "did:key:z6Mk", afterMs: WEEK }],
      [first.id, first.id].map((one) => ({ world: one, afterMs: WEEK })),
      [{ world: first.id, afterMs: WEEK, at: "ftp://heir.example" }],
      [{ world: first.id, afterMs: WEEK, at: "https://heir.example/" }],
      [{ world: first.id, afterMs: WEEK, at: "https://a:b@heir.example" }],
      Array.from({ length: 9 }, () => ({ world: first.id, afterMs: WEEK })),
    ];
    for (const list of wrong) {
      expect(whyNoSuccession({ world, heirs: list })).toMatch(/^\S.*\S$/);
      await expect(will(1, list)).rejects.toThrow(TypeError);
    }
    const good = await will(1, [{ world: first.id, afterMs: WEEK, at: "https://heir.example/world" }]);
    expect(readSuccession(good)).toMatchObject({ ok: true, value: { succession: { heirs: [{ at: "https://heir.example/world" }] } } });
    for (let at = 0; at < good.length; at++) expect(readSuccession(good.slice(0, at)).ok).toBe(false);
  });

  test("fits with eight heirs and their addresses into a head, beside a statement of keys", async () => {
    const many = await Promise.all(Array.from({ length: 8 }, () => generateKeys()));
    const at = `https://${"heir.".repeat(22)}example`;
    const succession = await will(
      4_294_967_295,
      many.map(({ id }) => ({ world: id, afterMs: 315_360_000_000, at })),
    );
    const store = memoryStore();
    const head = { succession, heir: (many[0] as Keys).id, kid: (many[0] as Keys).id, at, keys: "k".repeat(4_096) };
    const block = await heartbeatBlock(QUIET);
    valueOf(await store.put(block));
    const bytes = await writeHead({ heartbeat: block.cid, sequence: 1, untilMs: T, ttlMs: 0, ...head }, (many[0] as Keys).sign);
    expect(readHead(bytes)).toMatchObject({ ok: true, value: { head: { at, heir: (many[0] as Keys).id } } });
  });
});

describe("an heir", () => {
  test("[N8] goes on with a world that named it, after the silence, under the numbers that are its own", async () => {
    const store = memoryStore();
    const succession = await will();
    const last = await own(store, { succession });
    const resumed = await found(await heirs(store, { from: last, succession, at: "http://heir.example:1" }), store);
    expect(resumed).toMatchObject({ head: { at: "http://heir.example:1" }, resumption: { sinceMs: T + WEEK, fromMs: T, rank: 0 } });
    expect(resumed.fork).toBeUndefined();
    expect(compareHeads(last.head, resumed.head)).toBe("newer");
    // The statement may be newer than the last head: the identity key can sign when the world is gone.
    const later = await will(2);
    expect((await found(await heirs(store, { from: last, succession: later }), store)).fork).toBeUndefined();
    expect((await found(await heirs(store, { from: await own(store), succession }), store)).fork).toBeUndefined();
  });

  test("[N8] that the world never named, or that somebody else did, is forged", async () => {
    const store = memoryStore();
    const last = await own(store);
    const head = { sequence: firstSequence(1_033), heir: first.id, kid: first.id, heartbeat: last.head.heartbeat, untilMs: T, ttlMs: 0 };
    const opened = async (succession: Uint8Array, by = first, more: Partial<Head> = {}) =>
      openHead(world, await writeHead({ ...head, succession, ...more }, by.sign), judge);
    for (const wrong of [
      await opened(await will(1, [{ world: stranger.id, afterMs: WEEK }])),
      await opened(await will(1, HEIRS, stranger)),
      await opened(await will(1, [])),
      await opened(await will(), stranger),
      await opened(await will(), stranger, { kid: stranger.id }),
      await opened(new Uint8Array([1])),
    ]) {
      expect(wrong).toMatchObject({ ok: false, fault: { code: "forged" } });
    }
    expect((await opened(await will())).ok).toBe(true);
  });

  test("[N9] is a copy of its own too early, from nothing, under other numbers, or against a later statement", async () => {
    const store = memoryStore();
    const succession = await will();
    const last = await own(store, { succession });
    const fork = async (change: Partial<HeirHead>, nowMs = LATE, seen?: SeenHead): Promise<string | undefined> =>
      (await found(await heirs(store, { from: last, succession, ...change }), store, nowMs, seen)).fork;
    expect(await fork({})).toBeUndefined();
    expect(await fork({}, T + WEEK - 1)).toMatch(/not been silent .* from 2027-01-22T08:00:00.000Z/);
    expect(await fork({ sinceMs: T + WEEK - 1 })).toMatch(/not been silent/);
    expect(await fork({ timeMs: T + 1 })).toMatch(/before it began/);
    expect(await fork({ epoch: 5 })).toMatch(/numbers/);
    expect(await fork({ epoch: heirEpoch(1, 0) + 1 })).toMatch(/numbers/);
    expect(await fork({ by: second, epoch: heirEpoch(1, 0) })).toMatch(/numbers/);
    const withdrawn = await own(store, { n: 9, succession: await will(3, []) });
    expect(await fork({ from: withdrawn })).toMatch(/other heirs since/);
    expect(await fork({}, LATE, { ...last.head, succession: await will(3, []) } as SeenHead)).toMatch(/other heirs since/);
    const twin = await will(1, [{ world: first.id, afterMs: WEEK }]);
    expect(await fork({ from: await own(store, { n: 2, succession: twin }) })).toMatch(/two statements/);
    const lost = memoryStore();
    const elsewhere = await own(lost, { n: 3, timeMs: T + 1 });
    expect(await fork({ from: elsewhere })).toMatch(/not there to be looked at/);
    const { sequence, heartbeat } = last.head;
    const block = await heartbeatBlock({ ...QUIET, epoch: heirEpoch(1, 0), timeMs: LATE });
    valueOf(await store.put(block));
    const bare = await heirs(store, { from: last, succession });
    const nothing = await writeHead({ ...bare.head, heartbeat: block.cid }, first.sign);
    expect((await found(valueOf(openHead(world, nothing, judge)), store, LATE)).fork).toMatch(/does not show/);
    expect(sequence).toBe(firstSequence(1));
    expect(heartbeat).not.toBe(block.cid);
  });

  test("[N17] of two who go on from one head the one that is named first counts, in whatever order they are met", async () => {
    const store = memoryStore();
    const succession = await will();
    const last = await own(store, { succession });
    const heads = [
      last,
      await heirs(store, { from: last, succession, n: 3 }),
      await heirs(store, { from: last, succession, by: second, n: 900, sinceMs: T + WEEK + 1, timeMs: LATE - 1 }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6, maxLength: 6 }), async (order) => {
        let seen: SeenHead | undefined;
        for (const at of order) seen = await shown(heads[at] as GenuineHead, store, LATE, seen);
        expect(seen?.sequence).toBe(heads[1]?.head.sequence);
      }),
      { numRuns: 12 },
    );
  });

  test("[N17] one that is named later goes on from an heir who fell silent in its turn, and the one before is old then", async () => {
    const store = memoryStore();
    const succession = await will();
    const last = await own(store, { succession });
    const a = await heirs(store, { from: last, succession, timeMs: T + 9 * WEEK });
    const early = await heirs(store, { from: a, succession, by: second, sinceMs: T + 9 * WEEK + 1 });
    expect((await found(early, store, LATE)).fork).toMatch(/not been silent/);
    const b = await heirs(store, { from: a, succession, by: second, sinceMs: T + 10 * WEEK });
    const next = await found(b, store, LATE);
    expect(next).toMatchObject({ resumption: { rank: 1, fromMs: T, fromSequence: last.head.sequence } });
    const seen = rememberHead(undefined, next, judge) as SeenHead;
    expect(followHead(seen, a)).toMatchObject({ fault: { code: "stale-head" } });
  });

  test("[N17] of an heir is none: only whom the world itself names goes on with it, and not for ever in a circle", async () => {
    const store = memoryStore();
    const succession = await will();
    const theirs = await writeSuccession(
      { world: first.id, version: 1, timeMs: T, heirs: [{ world: stranger.id, afterMs: WEEK }] },
      first.sign,
    );
    const last = await own(store, { succession });
    const a = await heirs(store, { from: last, succession });
    const head = { ...a.head, heir: stranger.id, kid: stranger.id, sequence: firstSequence(heirEpoch(epochOf(a.head), 0)) };
    for (const shown of [succession, theirs]) {
      const bytes = await writeHead({ ...head, succession: shown }, stranger.sign);
      expect(openHead(world, bytes, judge)).toMatchObject({ fault: { code: "forged" } });
    }
    let tip = last;
    for (let i = 1; i <= 17; i++)
      tip = await heirs(store, { from: tip, succession, by: i % 2 === 0 ? first : second, sinceMs: T + i * WEEK });
    expect((await found(tip, store, LATE)).fork).toMatch(/more than 16/);
  });

  test("[N18] is too early for a reader that has heard the world since, and the world's word from within the silence undoes it", async () => {
    const store = memoryStore();
    const succession = await will();
    const old = await own(store, { succession });
    const heir = await heirs(store, { from: old, succession, sinceMs: T + 10 * WEEK });
    const spoke = await own(store, { n: 1, timeMs: T + 9.5 * WEEK });
    const nowMs = T + 10 * WEEK + HOUR;
    // Heard first: the heir goes on from an older head than the world's last, and the silence is over too soon.
    const heard = await shown(spoke, store, nowMs, undefined);
    expect((await found(heir, store, nowMs, heard)).fork).toMatch(/not been silent/);
    // Seen first: the heir is given up for the world.
    const followed = await shown(heir, store, nowMs, undefined);
    expect(followed?.resumed).toMatchObject({ fromSequence: old.head.sequence });
    expect((await shown(spoke, store, nowMs, followed))?.sequence).toBe(spoke.head.sequence);
    // What the world says after it was resumed, or said long before, does not go back.
    for (const timeMs of [T + 10 * WEEK, T + 11 * WEEK, T + WEEK]) {
      const zombie = await own(store, { n: 2, timeMs });
      expect(await readFoundHead(zombie, store, judge, LATE, followed)).toMatchObject({ fault: { code: "stale-head" } });
    }
    // A link to the world itself, an hour ago, counts like its head.
    const linked: SeenHead = { ...old.head, heardMs: nowMs - HOUR } as SeenHead;
    expect((await found(heir, store, nowMs, linked)).fork).toMatch(/not been silent/);
    expect((await found(heir, store, nowMs + WEEK, linked)).fork).toBeUndefined();
  });

  test("[N8] gives the world back to the world itself when that begins above it", async () => {
    const store = memoryStore();
    const succession = await will();
    const heir = await heirs(store, { from: await own(store, { succession }), succession });
    const back = await own(store, { epoch: heirEpoch(1, 0) + 64, timeMs: LATE });
    const seen = await shown(heir, store, LATE, undefined);
    expect(await shown(back, store, LATE, seen)).toMatchObject({ sequence: back.head.sequence });
    expect(followHead(await shown(back, store, LATE, seen), heir)).toMatchObject({ fault: { code: "stale-head" } });
  });
});

describe("a writer", () => {
  const signerOf = (keys: Keys, more: { succession?: Uint8Array; heir?: WorldId } = {}) => ({ ...more, sign: keys.sign });
  const plan = async (store: BlockStore, epoch: number, timeMs: number, signer: ReturnType<typeof signerOf>) => {
    const block = await heartbeatBlock({ ...QUIET, epoch, timeMs });
    valueOf(await store.put(block));
    return { heartbeat: block.cid, local: store, signer, nowMs: timeMs, grace: async () => {} };
  };

  test("[N19] that is the world itself stops for good where an heir goes on by right, and goes over one that does not", async () => {
    const replica = memoryReplica("there");
    const succession = await will();
    const last = await own(replica.blocks, { succession });
    const heir = await heirs(replica.blocks, { from: last, succession, n: 7, timeMs: LATE });
    for (const [heardMs, nowMs, code] of [
      [T, LATE, "superseded"],
      [LATE - 1, LATE, undefined],
      [T, T + HOUR, undefined],
    ] as const) {
      const there = memoryReplica("there", replica.blocks);
      valueOf(await there.heads.swap(world, heir.bytes, undefined));
      const writer = openPublisher({ replica: there, world, epoch: 2, judge, heardMs: () => heardMs });
      const done = await writer.publish(await plan(there.blocks, 2, nowMs, signerOf(identity)));
      expect(done.ok ? undefined : done.fault.code).toBe(code);
      if (!done.ok) expect(done.fault).toMatchObject({ retryAfterMs: 0, detail: expect.stringMatching(/goes on with .* since/) });
      expect((await writer.publish(await plan(there.blocks, 2, nowMs, signerOf(identity)))).ok).toBe(code === undefined);
    }
  });

  test("[N19] that is an heir stops when the world spoke during the silence", async () => {
    const succession = await will();
    const resumed = { fromSequence: firstSequence(1), sinceMs: T + 2 * WEEK, afterMs: WEEK, heir: first.id };
    for (const [timeMs, isOver] of [
      [T + 1.5 * WEEK, true],
      [T + 0.5 * WEEK, false],
      [T + 3 * WEEK, false],
    ] as const) {
      const replica = memoryReplica("there");
      const spoke = await own(replica.blocks, { n: 1, timeMs });
      valueOf(await replica.heads.swap(world, spoke.bytes, undefined));
      const writer = openPublisher({ replica, world, epoch: heirEpoch(1, 0), judge, resumed });
      const done = await writer.publish(await plan(replica.blocks, heirEpoch(1, 0), LATE, signerOf(first, { succession, heir: first.id })));
      expect(done.ok ? undefined : done.fault.code).toBe(isOver ? "superseded" : undefined);
    }
  });
});

/** What a reader shows next when it meets this head: the new one, or what it showed before. */
async function shown(genuine: GenuineHead, store: BlockStore, nowMs: number, seen: SeenHead | undefined): Promise<SeenHead | undefined> {
  const followed = followHead(seen, genuine);
  const read = followed.ok ? await readFoundHead(genuine, store, judge, nowMs, seen) : followed;
  return read.ok ? rememberHead(seen, read.value, judge) : seen;
}
