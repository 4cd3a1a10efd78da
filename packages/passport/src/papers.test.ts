// Papers of provenance, through both machines and with real keys: how a chain grows, what breaks it, and what a double spend comes to.
import { type Carried, CUSTODY, type Decision, itemsOf, lockerOf, type Papers, verifyDoubleSpend } from "@sojourn/protocol";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, effectOf, pin, post, posts, present, reissue, TestClock, TestWorld, told } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";
import { openToken } from "./notary.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const BOB = keysFromSecret(new Uint8Array(32).fill(51)).id;
const NAMES = ["Forge", "Tavern", "Dungeon", "Harbour"];

let clock: TestClock;
let worlds: TestWorld[];
let [forge, tavern, dungeon, harbour] = [] as unknown as [TestWorld, TestWorld, TestWorld, TestWorld];
beforeEach(() => {
  clock = new TestClock();
  worlds = NAMES.map((_, i) => new TestWorld(i + 1, clock));
  for (const world of worlds) for (const [i, peer] of worlds.entries()) if (peer !== world) pin(world, peer, NAMES[i]!);
  [forge, tavern, dungeon, harbour] = worlds as [TestWorld, TestWorld, TestWorld, TestWorld];
  forge.bear(ADA);
});

function leave(from: TestWorld, to: TestWorld, traveller = ADA): string {
  return depart({ tavern: from, dungeon: to }, traveller);
}

/** Over, and all that is posted afterwards arrives too. */
function cross(from: TestWorld, to: TestWorld, traveller = ADA): Decision {
  const admitted = present(to, traveller, leave(from, to, traveller));
  carry(admitted);
  return admitted;
}

function carry(decision: Decision): Decision[] {
  return decision.effects.flatMap((effect) => {
    const world = effect.e === "post" ? worlds.find(({ id }) => id === effect.to) : undefined;
    if (world === undefined || effect.e !== "post") return [];
    const next = world.take({ in: "token", token: effect.token });
    return [next, ...carry(next)];
  });
}

function papersOf(world: TestWorld, item: string): Papers | undefined {
  return world.custody.items.get(item)?.papers;
}

/** Turned back by the destination after departure. */
function comeBack(from: TestWorld, to: TestWorld, traveller = ADA): Decision {
  leave(from, to, traveller);
  const departure = [...from.custody.out.values()][0]!;
  const asked = from.take({ in: "stay", traveller, transfer: departure.transfer });
  return from.take({ in: "token", token: post(to.take({ in: "token", token: post(asked) })) });
}

describe("papers", () => {
  it("[E3] begin with the maker's certificate and grow by a link at every departure; at home they begin anew", () => {
    const crown = forge.mint(ADA, "crown", { weight: 7 }, "provenance");
    expect(cross(forge, tavern).rules).toEqual(["X22"]);
    expect(papersOf(tavern, crown)).toMatchObject({ birth: { hop: 0, fixed: { weight: 7 } }, links: [{ to: tavern.id, hop: 1, n: 1 }] });
    cross(tavern, dungeon);
    cross(dungeon, harbour);
    expect(papersOf(harbour, crown)?.links.map(({ to, hop }) => [to, hop])).toEqual([
      [tavern.id, 1],
      [dungeon.id, 2],
      [harbour.id, 3],
    ]);
    cross(harbour, forge);
    expect(forge.custody.items.get(crown)).toMatchObject({ hop: 4, tier: "provenance", fixed: ["weight"] });
    expect(papersOf(forge, crown)).toBeUndefined();
    cross(forge, dungeon);
    expect(papersOf(dungeon, crown)).toMatchObject({ birth: { hop: 4 }, links: [{ hop: 5 }] });
    for (const world of worlds) {
      const before = world.custody;
      world.restart();
      expect(world.custody.items).toEqual(before.items);
      expect(world.custody.links).toEqual(before.links);
    }
  });

  it("[E4] go on over a refusal, which stands in them, and nobody skips a hop without one", () => {
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    cross(forge, tavern);
    expect(comeBack(tavern, dungeon).rules).toEqual(["X13", "E4"]);
    const links = papersOf(tavern, crown)?.links;
    expect(links).toMatchObject([{ hop: 1 }, { to: dungeon.id, hop: 2, refused: { code: "cancelled" } }]);
    tavern.restart();
    expect(cross(tavern, harbour).rules).toEqual(["X22"]);
    expect(papersOf(harbour, crown)?.links.map(({ hop }) => hop)).toEqual([1, 2, 4]);
    const unrefused = { ...papersOf(harbour, crown)!, links: [links![0]!, papersOf(harbour, crown)!.links[2]!] };
    harbour.custody.items.get(crown)!.papers = unrefused;
    expect(declinedThing(harbour, dungeon)).toMatch(/a link is missing/);
  });

  it("[E3] of its maker's own need no refusal", () => {
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    comeBack(forge, tavern);
    expect(cross(forge, tavern).rules).toEqual(["X22"]);
    expect(papersOf(tavern, crown)).toMatchObject({ birth: { hop: 2 }, links: [{ hop: 3 }] });
  });

  it("are full after so many links; then only the way home is left", () => {
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    cross(forge, tavern);
    for (let i = 0; i < CUSTODY.paperLinks - 2; i++) cross(i % 2 === 0 ? tavern : dungeon, i % 2 === 0 ? dungeon : tavern);
    const [last, other] = tavern.status(ADA) === "here" ? [tavern, dungeon] : [dungeon, tavern];
    expect(papersOf(last, crown)?.links).toHaveLength(CUSTODY.paperLinks - 1);
    expect(declinedThing(last, other)).toMatch(/papers are full/);
    expect(cross(other, last).rules).toEqual(["X22"]);
    expect(itemsOf(last.custody, ADA)).toHaveLength(1);
    cross(last, forge);
    expect(itemsOf(forge.custody, ADA).map(({ id }) => id)).toEqual([crown]);
  });

  it("stay behind when a passport has no room for them", () => {
    for (let i = 0; i < 40; i++) forge.mint(ADA, "crown", { weight: i }, "provenance");
    const passport = leave(forge, tavern);
    expect(passport.length).toBeLessThan(24_576);
    const stayed = lockerOf(forge.custody, ADA).length;
    expect(stayed).toBeGreaterThan(5);
    expect(present(tavern, ADA, passport).rules).toEqual(["X22"]);
    expect(itemsOf(tavern.custody, ADA)).toHaveLength(40 - stayed);
  });
});

/** Asks to cross with one thing that stays; the sentence why. */
function declinedThing(from: TestWorld, to: TestWorld): string {
  const offered = to.take({ in: "token", token: post(from.take({ in: "ask", traveller: ADA, to: to.id })) });
  const left = from.take({ in: "token", token: post(offered) });
  const crossing = told(left).find((message) => message.t === "crossing");
  carry(present(to, ADA, [...from.custody.out.values()].find(({ traveller }) => traveller === ADA)!.passport));
  return crossing?.t === "crossing" ? (crossing.rulings.find(({ verdict }) => verdict === "refuse")?.reason ?? "") : "";
}

describe("papers that are not in order", () => {
  function spoiled(change: (item: Carried) => Carried): { offer: readonly string[]; passport: readonly string[] } {
    const request = tavern.notary.read(post(tavern.take({ in: "ask", traveller: ADA, to: dungeon.id })));
    if (!request.ok || request.value.claims.typ !== "offer-request") throw new Error("a request");
    const asked = { ...request.value.claims, items: request.value.claims.items.map(change) };
    const offer = dungeon.take({ in: "token", token: tavern.notary.sign(asked) }).rules;
    tavern.take({ in: "left", traveller: ADA });
    dungeon.desk.offers.clear();
    const passport = leave(tavern, dungeon);
    const read = dungeon.notary.read(passport);
    if (!read.ok || read.value.claims.typ !== "passport") throw new Error("a passport");
    return { offer, passport: present(dungeon, ADA, reissue(tavern, passport, { items: read.value.claims.items.map(change) })).rules };
  }
  const withPapers = (change: (papers: Papers) => Papers) => (item: Carried) => ({ ...item, papers: change(item.papers!) });

  it.each<[string, (item: Carried) => Carried]>([
    ["none", ({ papers: _, ...item }) => item],
    ["a forged birth", withPapers((papers) => ({ ...papers, birth: { ...papers.birth, signature: "A".repeat(86) } }))],
    ["another birth", withPapers((papers) => ({ ...papers, birth: { ...papers.birth, hop: 1 } }))],
    ["a fact that was changed", (item) => ({ ...item, props: { ...item.props, weight: 8 } })],
    ["a fact struck from the certificate", withPapers((papers) => ({ ...papers, birth: { ...papers.birth, fixed: {} } }))],
    ["another kind", (item) => ({ ...item, kind: "ring" })],
    ["another tier", (item) => ({ ...item, tier: "registered" })],
    ["the links cut off", withPapers((papers) => ({ ...papers, links: [] }))],
    ["the first link cut off", withPapers((papers) => ({ ...papers, links: papers.links.slice(1) }))],
    ["a link twice", withPapers((papers) => ({ ...papers, links: [papers.links[0]!, ...papers.links] }))],
    ["another hop", (item) => ({ ...item, hop: item.hop + 1 })],
    ["another day", withPapers((papers) => ({ ...papers, links: papers.links.map((link) => ({ ...link, day: 1 })) }))],
    [
      "a made-up refusal",
      withPapers(({ links, ...papers }) => ({
        ...papers,
        links: links.map((link) => ({ ...link, refused: { iat: 1, code: "busy", reason: "", epoch: 1, signature: link.signature } })),
      })),
    ],
  ])("[E5] [E6] %s: the offer keeps the thing back, and a passport is refused", (_, change) => {
    forge.mint(ADA, "crown", { weight: 7 }, "provenance");
    cross(forge, tavern);
    const seen = spoiled(change);
    expect(seen.offer).toEqual(expect.arrayContaining(["X20"]));
    expect(seen.offer).toContain("E5");
    expect(seen.passport).toContain("X23");
  });

  it("[E5] a tier taken off is noticed at home", () => {
    forge.mint(ADA, "crown", {}, "provenance");
    cross(forge, tavern);
    const request = tavern.notary.read(post(tavern.take({ in: "ask", traveller: ADA, to: forge.id })));
    if (!request.ok || request.value.claims.typ !== "offer-request") throw new Error("a request");
    const items = request.value.claims.items.map(({ tier: _, papers: __, ...item }) => item);
    expect(forge.take({ in: "token", token: tavern.notary.sign({ ...request.value.claims, items }) }).rules).toEqual(["X20", "E5"]);
  });

  it("[E5] in any order, with any part left out: only the whole chain leads anywhere", () => {
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    cross(forge, tavern);
    cross(tavern, harbour);
    comeBack(harbour, forge);
    const { links } = papersOf(harbour, crown)!;
    cross(harbour, tavern);
    const whole = papersOf(tavern, crown)!;
    const request = tavern.notary.read(post(tavern.take({ in: "ask", traveller: ADA, to: dungeon.id })));
    if (!request.ok || request.value.claims.typ !== "offer-request") throw new Error("a request");
    const { claims } = request.value;
    expect(links).toHaveLength(3);
    fc.assert(
      fc.property(fc.shuffledSubarray([...whole.links]), (some) => {
        const items = claims.items.map((item) => ({ ...item, papers: { ...whole, links: some } }));
        dungeon.desk.offers.clear();
        const { rules } = dungeon.take({ in: "token", token: tavern.notary.sign({ ...claims, items }) });
        expect(rules.includes("E5")).toBe(JSON.stringify(some) !== JSON.stringify(whole.links));
      }),
      { numRuns: 80 },
    );
  });

  it("[E5] more signatures than one looks at", () => {
    for (let i = 0; i < 20; i++) forge.mint(ADA, "crown", {}, "provenance");
    cross(forge, tavern);
    const request = tavern.notary.read(post(tavern.take({ in: "ask", traveller: ADA, to: dungeon.id })));
    if (!request.ok || request.value.claims.typ !== "offer-request") throw new Error("a request");
    const links = Array.from(
      { length: CUSTODY.paperLinks },
      () => request.value.claims.typ === "offer-request" && request.value.claims.items[0]!.papers!.links[0]!,
    );
    const items = request.value.claims.items.map((item) => ({ ...item, papers: { ...item.papers!, links: links as Papers["links"] } }));
    const before = performance.now();
    expect(dungeon.take({ in: "token", token: tavern.notary.sign({ ...request.value.claims, items }) }).rules).toEqual(["X20", "E5"]);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe("a double spend", () => {
  let crown = "";
  /** The Tavern lets the same crown go twice: with Ada to the Dungeon, with Bob to the Harbour. */
  function spendTwice(): Decision[] {
    crown = forge.mint(ADA, "crown", { weight: 7 }, "provenance");
    cross(forge, tavern);
    tavern.bear(BOB);
    const row = { ...tavern.custody.items.get(crown)! };
    const first = cross(tavern, dungeon);
    tavern.custody.seenHops.delete(crown);
    tavern.custody.items.set(crown, { ...row, place: { in: "inventory", of: BOB } });
    tavern.custody.held.set(`inventory ${BOB}`, new Set([crown]));
    return [first, present(harbour, BOB, leave(tavern, harbour, BOB))];
  }

  it("[E7] [E8] [E9] is proven by the issuer whom both holders tell, and the later copy is sealed", () => {
    const second = spendTwice()[1]!;
    expect(forge.custody.links.size).toBe(2);
    const heard = carry(second);
    expect(heard.flatMap(({ rules }) => rules)).toEqual(expect.arrayContaining(["E7", "E8", "E9"]));
    expect(forge.custody.doubleSpends.size).toBe(1);
    expect(dungeon.custody.items.get(crown)?.seal).toBeUndefined();
    expect(harbour.custody.items.get(crown)?.seal).toBe("double-spend");
    expect(itemsOf(harbour.custody, BOB)).toMatchObject([{ id: crown, sealed: "double-spend" }]);
    for (const world of [forge, dungeon, harbour]) {
      const [proof] = [...world.custody.doubleSpends.values()];
      expect(verifyDoubleSpend(openToken, { first: proof!.first, second: proof!.second })).toMatchObject({
        ok: true,
        value: { signer: tavern.id, item: crown, hop: 2 },
      });
      const before = world.custody;
      world.restart();
      expect([world.custody.doubleSpends, world.custody.items]).toEqual([before.doubleSpends, before.items]);
    }
    expect(
      forge.take({ in: "token", token: posts(second).find((token) => forge.notary.read(token).ok && isTyp(token, "witness"))! }),
    ).toMatchObject({ records: [], rules: ["E7", "E8"] });
  });

  it("[E10] is seen by a world that both copies reach, and what is sealed for good does not go on", () => {
    for (const world of [dungeon, harbour]) world.peers.delete(forge.id);
    carry(spendTwice()[1]!);
    comeBack(harbour, tavern, BOB);
    cross(dungeon, tavern);
    const later = present(dungeon, BOB, leave(harbour, dungeon, BOB));
    expect(later.rules).toEqual(["X22", "E10"]);
    expect(dungeon.custody.items.get(crown)?.seal).toBe("double-spend");
    expect([...dungeon.custody.doubleSpends.values()]).toMatchObject([{ signer: tavern.id, hop: 2 }]);
    carry(later);
    leave(dungeon, harbour, BOB);
    expect(lockerOf(dungeon.custody, BOB)).toMatchObject([{ id: crown, sealed: "double-spend" }]);
  });

  it("[E9] is believed for what it is, whoever shows it, but only the issuer says which copy is the later one", () => {
    carry(spendTwice()[1]!);
    const [proof] = [...forge.custody.doubleSpends.values()];
    const signed = { typ: "proof", iss: harbour.id, aud: dungeon.id, iat: clock.nowMs } as const;
    const turned = harbour.notary.sign({ ...signed, first: proof!.second, second: proof!.first });
    expect(dungeon.take({ in: "token", token: turned })).toMatchObject({ records: [], rules: ["E9"] });
    const nothing = harbour.notary.sign({ ...signed, first: proof!.first, second: proof!.first });
    expect(dungeon.take({ in: "token", token: nothing })).toMatchObject({ records: [], fault: { code: "malformed" } });
    expect(dungeon.custody.items.get(crown)?.seal).toBeUndefined();
  });

  it("[P3] [P4] a link is said to everybody, and is no receipt, no message and no proof by itself", () => {
    const [first] = spendTwice();
    const [seen] = [...forge.custody.links.values()].slice(-1);
    const link = forge.notary.written(
      {
        typ: "link",
        iss: seen!.from,
        item: crown,
        hop: seen!.link.hop,
        to: seen!.link.to,
        transfer: `${seen!.link.n}@${seen!.from}`,
        iat: seen!.link.day * 86_400_000,
      },
      seen!.link.signature,
      seen!.from,
    );
    expect(openToken(link).ok).toBe(true);
    for (const world of worlds)
      expect(world.take({ in: "token", token: link })).toMatchObject({ records: [], effects: [], fault: { code: "out-of-order" } });
    expect(effectOf(present(harbour, ADA, link), "turned-away")?.fault.code).toBe("forged");
    expect(verifyDoubleSpend(openToken, { first: link, second: link }).ok).toBe(false);
    const receipt = posts(first!).find((token) => isTyp(token, "receipt"))!;
    expect(verifyDoubleSpend(openToken, { first: link, second: receipt })).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });
});

function isTyp(token: string, typ: string): boolean {
  const read = openToken(token);
  return read.ok && read.value.claims.typ === typ;
}

describe("papers of worlds that sign with other keys", () => {
  const rotate = (world: TestWorld, version: number, key: number, before: number, how: object = {}): void => {
    const keys = [
      { key: keysFromSecret(new Uint8Array(32).fill(key)).id },
      { key: keysFromSecret(new Uint8Array(32).fill(before)).id, ...how },
    ];
    const statement = world.rotate(version, keys, key);
    for (const other of worlds) if (other.peers.has(world.id) && world.peers.has(other.id)) other.take({ in: "token", token: statement });
  };

  it("[E3] [E4] [P12] carry their statements, so that a world which never heard of the signer can follow them", () => {
    rotate(forge, 1, 101, 1);
    rotate(tavern, 1, 102, 2);
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    cross(forge, tavern);
    comeBack(tavern, dungeon);
    for (const world of [harbour, forge, tavern])
      for (const other of [harbour, forge]) if (world !== other && world !== tavern) world.peers.delete(other.id);
    harbour.custody.keys.delete(forge.id);
    expect(cross(tavern, harbour).rules).toEqual(["X22"]);
    expect(papersOf(harbour, crown)?.keys).toHaveLength(2);
    const before = harbour.custody;
    harbour.restart();
    expect(harbour.custody.items).toEqual(before.items);
  });

  it("[E5] [P13] are not in order by a key that is known to be revoked, unless its link was seen before", () => {
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    rotate(tavern, 1, 102, 2);
    cross(forge, tavern);
    cross(tavern, dungeon);
    rotate(tavern, 2, 103, 102, { revoked: true });
    expect(declinedThing(dungeon, harbour)).toMatch(/not signed by who held it/);
    cross(harbour, dungeon);
    // The issuer was shown that very link when the crown arrived there.
    expect(cross(dungeon, forge).rules).toEqual(["X22"]);
    expect(itemsOf(forge.custody, ADA).map(({ id }) => id)).toEqual([crown]);
  });

  it("[E8] prove a double spend together with the statement that names the key", () => {
    rotate(tavern, 1, 102, 2);
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    const key = tavern.notary;
    const tokens = [1, 2].map((n) =>
      key.sign({ typ: "link", iss: tavern.id, item: crown, hop: 2, to: dungeon.id, transfer: `${n}@${tavern.id}`, iat: 0 }),
    );
    const shown = { first: tokens[0]!, second: tokens[1]! };
    expect(verifyDoubleSpend(openToken, shown)).toMatchObject({ ok: false, fault: { code: "unknown-key" } });
    const statement = tavern.custody.keys.get(tavern.id)!.token;
    expect(verifyDoubleSpend(openToken, { ...shown, keys: [statement] })).toMatchObject({ ok: true, value: { signer: tavern.id } });
  });
});

describe("what anybody can grow", () => {
  it("[X54] links, proofs and witnesses are bounded, and a witness shows only links to itself of the issuer's own things", () => {
    const crown = forge.mint(ADA, "crown", {}, "provenance");
    const link = (hop: number, item = crown, to = tavern.id) =>
      dungeon.notary.sign({ typ: "link", iss: dungeon.id, item, hop, to, transfer: `${hop}@${dungeon.id}`, iat: 86_400_000 });
    const witness = (links: string[]) => tavern.notary.sign({ typ: "witness", iss: tavern.id, aud: forge.id, iat: clock.nowMs, links });
    expect(forge.take({ in: "token", token: witness([link(1, crown, harbour.id), link(2, `9@${dungeon.id}`)]) }).records).toEqual([]);
    const records: number[] = [];
    for (let i = 0; i < 10; i++) {
      const links = Array.from({ length: 50 }, (_, n) => link(1 + i * 50 + n));
      records.push(forge.take({ in: "token", token: witness(links) }).records.length);
    }
    expect(records.reduce((sum, n) => sum + n)).toBeLessThanOrEqual(CUSTODY.tombstones.burst);
    expect(forge.custody.links.size).toBeLessThanOrEqual(CUSTODY.tombstones.burst);
  });
});
