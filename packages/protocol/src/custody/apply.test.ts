// The only writer of custody, alone: what records do, what they cannot do, and that a checkpoint and its suffix are the whole journal.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Item } from "../items.ts";
import { CUSTODY, LIMITS } from "../limits.ts";
import { applyRecord, replayRecord } from "./apply.ts";
import { auditFederation } from "./audit.ts";
import { checkpointOf, restoreCustody } from "./checkpoint.ts";
import { type Custody, emptyCustody, itemsOf, itemsOnGround, lockerOf, nextItemRef, outermostPlace, type Place } from "./custody.ts";
import { type CustodyRecord, decodeRecord, encodeRecord } from "./records.ts";
import { entryOf } from "./step.ts";

const did = (letter: string): string => `did:key:z6Mk${letter.repeat(44)}`;
const HERE = did("h");
const THERE = did("t");
const ADA = did("a");
const BOB = did("b");
const BODY = { health: 100, props: {} };
const HASH = "h".repeat(43);

function born(traveller: string, t = 1): CustodyRecord {
  return { r: "born", t, traveller, name: "Somebody", body: BODY };
}

function mint(custody: Custody, kind: string, place: Place, inner: string[] = []): CustodyRecord {
  const contents: Item[] = inner.map((one, i) => ({ id: nextItemRef(custody, i + 1), kind: one, props: {}, contents: [] }));
  return { r: "mint", t: 2, item: { id: nextItemRef(custody), kind, props: { worth: 1 }, contents }, place };
}

function world(...records: CustodyRecord[]): Custody {
  const custody = emptyCustody(HERE);
  for (const record of [born(ADA), born(BOB), ...records]) applyRecord(custody, record);
  return custody;
}

function withBag(): Custody {
  const custody = world();
  applyRecord(custody, mint(custody, "bag", { in: "inventory", of: ADA }, ["coin", "gem"]));
  return custody;
}

const ref = (n: number): string => `${n}@${HERE}`;

function depart(items: string[], kept: string[] = [], n = 1): CustodyRecord {
  return { r: "depart", t: 5, n, to: THERE, traveller: ADA, passport: "p", hash: HASH, items, kept, body: BODY, x: 1, y: 2, exp: 9 };
}

const IMPOSSIBLE: [string, (custody: Custody) => CustodyRecord[]][] = [
  ["one who lives here being born", () => [born(ADA)]],
  [
    "an item with a used number",
    () => [{ r: "mint", t: 1, item: { id: ref(1), kind: "x", props: {}, contents: [] }, place: { in: "inventory", of: ADA } }],
  ],
  [
    "an item of another world minted",
    () => [{ r: "mint", t: 1, item: { id: `4@${THERE}`, kind: "x", props: {}, contents: [] }, place: { in: "inventory", of: ADA } }],
  ],
  ["an unknown item moved", () => [{ r: "own", t: 1, item: ref(77), place: { in: "inventory", of: ADA } }]],
  ["an item given to nobody", () => [{ r: "own", t: 1, item: ref(1), place: { in: "inventory", of: did("z") } }]],
  ["a bag put into itself", () => [{ r: "own", t: 1, item: ref(1), place: { in: "item", item: ref(1) } }]],
  ["an item put into escrow by hand", () => [{ r: "own", t: 1, item: ref(1), place: { in: "escrow", of: ref(1) } }]],
  [
    "[X8] an item in escrow moved",
    () => [depart([ref(1), ref(2), ref(3)]), { r: "own", t: 6, item: ref(2), place: { in: "inventory", of: BOB } }],
  ],
  ["[X8] an item in escrow burned", () => [depart([ref(1), ref(2), ref(3)]), { r: "burn", t: 6, item: ref(1), why: "" }]],
  ["[X8] an item in escrow altered", () => [depart([ref(1), ref(2), ref(3)]), { r: "alter", t: 6, item: ref(1), props: {} }]],
  [
    "[X8] something put into a bag in escrow",
    (c) => [
      mint(c, "coin", { in: "inventory", of: BOB }),
      depart([ref(1), ref(2), ref(3)]),
      { r: "own", t: 6, item: ref(4), place: { in: "item", item: ref(1) } },
    ],
  ],
  [
    "[X8] a departure that leaves something unsaid",
    (c) => [mint(c, "coin", { in: "inventory", of: ADA }), depart([ref(1), ref(2), ref(3)])],
  ],
  [
    "a departure with somebody else's things",
    (c) => [mint(c, "coin", { in: "inventory", of: BOB }), depart([ref(1), ref(2), ref(3), ref(4)])],
  ],
  ["contents that leave without their bag", () => [depart([ref(2)], [ref(1)])]],
  ["two departures at once", () => [depart([ref(1), ref(2), ref(3)]), depart([], [], 2)]],
  [
    "a departure number used twice",
    () => [depart([ref(1), ref(2), ref(3)]), { r: "refund", t: 6, transfer: ref(1), proof: "" }, depart([ref(1), ref(2), ref(3)])],
  ],
  ["a release of what never left", () => [{ r: "release", t: 6, transfer: ref(1), proof: "" }]],
  [
    "a release after a refund",
    () => [
      depart([ref(1), ref(2), ref(3)]),
      { r: "refund", t: 6, transfer: ref(1), proof: "" },
      { r: "release", t: 6, transfer: ref(1), proof: "" },
    ],
  ],
  ["a rest of one in escrow", () => [depart([ref(1), ref(2), ref(3)]), { r: "rest", t: 6, traveller: ADA, body: BODY, x: 0, y: 0 }]],
  [
    "an epoch that falls",
    () => [
      { r: "epoch", t: 1, n: 2 },
      { r: "epoch", t: 1, n: 2 },
    ],
  ],
  [
    "a close that falls",
    () => [
      { r: "closed", t: 1, origin: THERE, below: 2 },
      { r: "closed", t: 1, origin: THERE, below: 2 },
    ],
  ],
  [
    "a decision below the close",
    () => [
      { r: "closed", t: 1, origin: THERE, below: 2 },
      { r: "refuse", t: 1, transfer: `1@${THERE}`, hash: "", exp: 1, code: "busy", reason: "" },
    ],
  ],
  [
    "two decisions on one transfer",
    () => [1, 2].map(() => ({ r: "refuse", t: 1, transfer: `1@${THERE}`, hash: "", exp: 1, code: "busy", reason: "" }) as const),
  ],
  ["a build twice", () => [1, 2].map(() => ({ r: "build", t: 1, id: "b", object: {} }) as const)],
  ["a version of what was never built", () => [{ r: "version", t: 1, root: "x", builds: ["b"] }]],
];

describe("records", () => {
  it("keep an item in one place, with what lies in it", () => {
    const custody = withBag();
    expect(itemsOf(custody, ADA)).toMatchObject([{ kind: "bag", contents: [{ kind: "coin" }, { kind: "gem" }] }]);
    applyRecord(custody, { r: "own", t: 3, item: ref(2), place: { in: "ground", x: 4, y: 5 } });
    expect(itemsOnGround(custody).map(({ id }) => id)).toEqual([ref(2)]);
    applyRecord(custody, { r: "own", t: 3, item: ref(1), place: { in: "inventory", of: BOB } });
    expect(itemsOf(custody, ADA)).toEqual([]);
    expect(itemsOf(custody, BOB)).toMatchObject([{ contents: [{ kind: "gem" }] }]);
    expect(outermostPlace(custody, ref(3))).toEqual({ in: "inventory", of: BOB });
    applyRecord(custody, { r: "burn", t: 4, item: ref(1), why: "fire" });
    expect([custody.items.size, custody.burned.get(HERE)]).toEqual([1, 2]);
    // Nothing of it comes in again by an older crossing.
    expect(custody.seenHops.get(ref(1))).toBe(0);
  });

  it("[X8] [X13] a departure and its refund leave everything where it was, hops higher", () => {
    const custody = withBag();
    applyRecord(custody, mint(custody, "wine", { in: "inventory", of: ADA }));
    const before = [itemsOf(custody, ADA), lockerOf(custody, ADA)];
    applyRecord(custody, depart([ref(1), ref(3)], [ref(2), ref(4)]));
    expect(custody.residents.get(ADA)).toMatchObject({ status: "escrow", hop: 1, awayTo: THERE });
    expect(outermostPlace(custody, ref(3))).toEqual({ in: "escrow", of: ref(1) });
    expect(lockerOf(custody, ADA).map(({ id }) => id)).toEqual([ref(2), ref(4)]);
    expect(entryOf(custody, ADA, "open").as).toBe("in-transit");
    applyRecord(custody, { r: "refund", t: 6, transfer: ref(1), proof: "r" });
    const ids = (list: readonly Item[]): unknown => list.map((one) => [one.id, one.contents.map(({ id }) => id).sort()]).sort();
    expect([itemsOf(custody, ADA), lockerOf(custody, ADA)].map(ids)).toEqual(before.map((list) => ids(list ?? [])));
    expect(custody.residents.get(ADA)).toMatchObject({ status: "here", hop: 2, x: 1, y: 2 });
    expect([1, 2, 3].map((n) => custody.items.get(ref(n))?.hop)).toEqual([2, 0, 2]);
  });

  it("[X12] a release lets go of the items and remembers their hops, the newest ones", () => {
    const custody = withBag();
    applyRecord(custody, depart([ref(1), ref(2), ref(3)]));
    applyRecord(custody, { r: "release", t: 6, transfer: ref(1), proof: "r" });
    expect(custody.items.size).toBe(0);
    expect([...custody.seenHops.values()]).toEqual([1, 1, 1]);
    expect(entryOf(custody, ADA, "open")).toEqual({ as: "away", to: THERE });
    expect(CUSTODY.rememberedHops).toBeGreaterThan(LIMITS.itemsCarried);
  });

  it("build, version, remember facts and epochs", () => {
    const root = `bafyrei${"a".repeat(52)}`;
    const custody = withBag();
    applyRecord(custody, { r: "build", t: 3, id: "sign-1", object: { kind: "sign", text: "hi" }, item: ref(2) });
    expect(custody.items.has(ref(2))).toBe(false);
    applyRecord(custody, { r: "version", t: 4, root, builds: ["sign-1"] });
    expect([custody.substrate, custody.builds.get("sign-1")?.version]).toEqual([root, root]);
    applyRecord(custody, { r: "world", t: 5, key: "door", value: "open" });
    applyRecord(custody, { r: "world", t: 5, key: "lamp", value: "lit" });
    applyRecord(custody, { r: "world", t: 6, key: "door", value: "" });
    expect([...custody.facts]).toEqual([["lamp", "lit"]]);
    applyRecord(custody, { r: "epoch", t: 7, n: 3 });
    expect([custody.epoch, custody.clockHighWaterMs]).toEqual([3, 7]);
  });

  it.each(IMPOSSIBLE)("throws at the impossible: %s", (_name, records) => {
    const custody = withBag();
    expect(() => {
      for (const record of records(custody)) applyRecord(custody, record);
    }).toThrow(/custody/);
  });
});

/** A journal of a lively world: possible records only, as a world's own decisions would write them. */
function journal(choices: readonly number[]): CustodyRecord[] {
  const custody = world();
  const records: CustodyRecord[] = [born(ADA), born(BOB)];
  for (const [i, choice] of choices.entries()) {
    const record = nextRecord(custody, choice, i + 10);
    applyRecord(custody, record);
    records.push(record);
  }
  return records;
}

function nextRecord(custody: Custody, choice: number, t: number): CustodyRecord {
  const pick = <T>(list: readonly T[]): T => list[choice % list.length] as T;
  const isHere = custody.residents.get(ADA)?.status === "here";
  const free = [...custody.items.keys()].filter((id) => outermostPlace(custody, id).in !== "escrow");
  const owner: Place = { in: "inventory", of: isHere && choice % 2 === 0 ? ADA : BOB };
  if (choice % 7 < 2 || free.length === 0) return { ...mint(custody, pick(["coin", "bag"]), owner, choice % 3 === 0 ? ["gem"] : []), t };
  if (choice % 7 === 2)
    return {
      r: "own",
      t,
      item: pick(free),
      place: choice % 4 === 0 ? { in: "ground", x: choice, y: 1 } : { in: "fixture", name: "chest" },
    };
  if (choice % 7 === 3) return { r: "alter", t, item: pick(free), props: { worth: choice } };
  if (choice % 7 === 4) return { r: "burn", t, item: pick(free), why: "used" };
  if (!isHere)
    return { r: choice % 2 === 0 ? "refund" : "refund", t, transfer: custody.residents.get(ADA)?.transfer as string, proof: "x" };
  const flat = (list: readonly Item[]): string[] => list.flatMap((one) => [one.id, ...flat(one.contents)]);
  const [first, ...rest] = itemsOf(custody, ADA);
  return { ...depart(flat(rest), first === undefined ? [] : [first.id], custody.nextDeparture), t } as CustodyRecord;
}

const journals = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 60 }).map(journal);

describe("the journal", () => {
  it("[X51] any checkpoint and the records after it are the whole journal; records that are there already change nothing", () => {
    fc.assert(
      fc.property(journals, fc.nat(), fc.nat(), (records, a, b) => {
        const whole = emptyCustody(HERE);
        const checkpoints = [checkpointOf(whole)];
        for (const [i, record] of records.entries()) {
          replayRecord(whole, i + 1, record);
          checkpoints.push(checkpointOf(whole));
        }
        for (const k of [a, b].map((n) => n % checkpoints.length)) {
          const restored = restoreCustody(checkpoints[k]!);
          for (const [i, record] of records.entries()) expect(replayRecord(restored, i + 1, record)).toBe(i + 1 > k);
          expect(checkpointOf(restored)).toEqual(checkpointOf(whole));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("[X51] a gap in the numbers throws", () => {
    expect(() => replayRecord(emptyCustody(HERE), 2, born(ADA))).toThrow("gap");
  });

  it("records are written and read as canonical CBOR; anything else is a fault", () => {
    fc.assert(
      fc.property(journals, (records) => {
        for (const record of records) expect(decodeRecord(encodeRecord(record))).toEqual({ ok: true, value: record });
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(decodeRecord(bytes).ok).toBe(false);
      }),
    );
    expect(decodeRecord(encodeRecord({ ...born(ADA), extra: 1 } as never))).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });
});

describe("the audit", () => {
  const other = (): Custody => emptyCustody(THERE);
  const admit: CustodyRecord = {
    ...{ r: "admit", t: 6, transfer: ref(1), passport: "p", hash: HASH, exp: 9, traveller: ADA, name: "A", home: HERE, hop: 1, body: BODY },
    items: [{ id: ref(1), kind: "bag", props: {}, hop: 1, contents: [] }],
    clamps: [],
    unlocked: [],
  };

  it("[X50] counts a traveller and an item once while they are between two worlds", () => {
    const [here, there] = [world(), other()];
    applyRecord(here, mint(here, "bag", { in: "inventory", of: ADA }));
    const good = { travellersLost: [], travellersDuplicated: [], itemsLost: 0, itemsDuplicated: [] };
    expect(auditFederation([here, there])).toMatchObject({ ...good, travellers: 2, items: 1, unresolved: 0 });
    applyRecord(here, depart([ref(1)]));
    expect(auditFederation([here, there])).toMatchObject({ ...good, unresolved: 1 });
    applyRecord(there, admit);
    expect(auditFederation([here, there])).toMatchObject({ ...good, unresolved: 1 });
    applyRecord(here, { r: "release", t: 7, transfer: ref(1), proof: "" });
    expect(auditFederation([here, there])).toMatchObject({ ...good, unresolved: 0 });
    applyRecord(there, { r: "burn", t: 8, item: ref(1), why: "" });
    expect(auditFederation([here, there])).toMatchObject({ ...good, items: 0 });
  });

  it("[X50] sees what is lost and what is doubled", () => {
    const [here, there] = [world(), other()];
    applyRecord(here, mint(here, "bag", { in: "inventory", of: ADA }));
    applyRecord(there, admit);
    const person = `${ADA} of ${HERE}`;
    expect(auditFederation([here, there])).toMatchObject({ travellersDuplicated: [person], itemsDuplicated: [ref(1)] });
    applyRecord(here, depart([ref(1)]));
    applyRecord(here, { r: "release", t: 7, transfer: ref(1), proof: "" });
    expect(auditFederation([here, other()])).toMatchObject({ travellersLost: [person], itemsLost: 1, itemsMissing: [ref(1)] });
  });
});
