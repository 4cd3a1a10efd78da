// Registered things, through both machines and with real keys: nothing is in use away from home but by its maker's register.
import { type Decision, itemsOf, lockerOf } from "@sojourn/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, pin, post, posts, present, TestClock, TestWorld } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const NAMES = ["Forge", "Tavern", "Dungeon", "Harbour"];

let clock: TestClock;
let worlds: TestWorld[];
let [forge, tavern, dungeon, harbour] = [] as unknown as [TestWorld, TestWorld, TestWorld, TestWorld];
let crown: string;
beforeEach(() => {
  clock = new TestClock();
  worlds = NAMES.map((_, i) => new TestWorld(i + 1, clock));
  for (const world of worlds) for (const [i, peer] of worlds.entries()) if (peer !== world) pin(world, peer, NAMES[i]!);
  [forge, tavern, dungeon, harbour] = worlds as [TestWorld, TestWorld, TestWorld, TestWorld];
  forge.bear(ADA);
  crown = forge.mint(ADA, "crown", { weight: 7 }, "registered");
});

function leave(from: TestWorld, to: TestWorld, traveller = ADA): string {
  return depart({ tavern: from, dungeon: to }, traveller);
}

/** Over, and what is posted then arrives; but no claim goes out. */
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

function wake(world: TestWorld): Decision {
  return world.take({ in: "wake" });
}

/** The rules that its claims lead to, at the register and back. */
function claimed(world: TestWorld): string[] {
  const said = wake(world);
  return [...said.rules, ...carry(said).flatMap(({ rules }) => rules)].filter((rule) => rule.startsWith("E"));
}

const sealOf = (world: TestWorld): string | undefined => world.custody.items.get(crown)?.seal;

function comeBack(from: TestWorld, to: TestWorld): Decision {
  leave(from, to);
  const departure = [...from.custody.out.values()][0]!;
  const asked = from.take({ in: "stay", traveller: ADA, transfer: departure.transfer });
  return from.take({ in: "token", token: post(to.take({ in: "token", token: post(asked) })) });
}

describe("registered things", () => {
  it("[E14] [E17] [E11] [E15] come in sealed, are claimed at once, and are in use by a grant", () => {
    expect(cross(forge, tavern).rules).toEqual(["X22", "E14"]);
    expect(itemsOf(tavern.custody, ADA)).toMatchObject([{ id: crown, sealed: "unregistered" }]);
    expect(claimed(tavern)).toEqual(["E17", "E11", "E15"]);
    expect(itemsOf(tavern.custody, ADA)[0]).not.toHaveProperty("sealed");
    expect(forge.custody.register.get(crown)).toMatchObject({ holder: tavern.id, hop: 1, transfer: `1@${forge.id}` });
    expect(claimed(tavern)).toEqual([]);
    for (const world of [forge, tavern]) {
      const { register, items, claims } = world.custody;
      world.restart();
      expect(world.custody).toMatchObject({ register, items, claims });
    }
  });

  it("[E12] the same claim is granted in the same words, after a restart too; nothing is written", () => {
    cross(forge, tavern);
    const claim = post(wake(tavern));
    const first = forge.take({ in: "token", token: claim });
    forge.restart();
    const again = forge.take({ in: "token", token: claim });
    expect(again).toMatchObject({ records: [], rules: ["E12"] });
    expect(posts(again)).toEqual(posts(first));
  });

  it("[E14] [E11] go on sealed while the register is silent, and the last holder alone claims by the whole chain", () => {
    cross(forge, tavern);
    cross(tavern, dungeon);
    expect(cross(dungeon, harbour).rules).toEqual(["X22", "E14"]);
    expect([tavern.custody.claims.size, dungeon.custody.claims.size]).toEqual([0, 0]);
    expect(claimed(harbour)).toEqual(["E17", "E11", "E15"]);
    expect(forge.custody.register.get(crown)).toMatchObject({ holder: harbour.id, hop: 3 });
  });

  it("[E18] come home without a message, and the register with them", () => {
    cross(forge, tavern);
    claimed(tavern);
    cross(tavern, dungeon);
    expect(cross(dungeon, forge).rules).toEqual(["X22", "E18"]);
    expect(sealOf(forge)).toBeUndefined();
    expect(forge.custody.register.get(crown)).toMatchObject({ holder: forge.id, hop: 3 });
    cross(forge, harbour);
    expect(claimed(harbour)).toEqual(["E17", "E11", "E15"]);
  });

  it("[E17] are claimed again and again, ever more slowly", () => {
    cross(forge, tavern);
    expect(posts(wake(tavern))).toHaveLength(1);
    expect(posts(wake(tavern))).toEqual([]);
    clock.pass(2_001);
    expect(posts(wake(tavern))).toHaveLength(1);
    clock.pass(2_001);
    expect(posts(wake(tavern))).toEqual([]);
    tavern.restart();
    expect(posts(wake(tavern))).toHaveLength(1);
  });
});

describe("what the register denies", () => {
  it("[E13] [E16] a second spend: one holder uses it, the other keeps it sealed and knows why", () => {
    cross(forge, tavern);
    claimed(tavern);
    const twice = tavern.records.length;
    cross(tavern, dungeon);
    expect(claimed(dungeon)).toEqual(["E17", "E11", "E15"]);
    // The Tavern begins anew from before it let go, and lets go once more, to somebody else's pocket.
    tavern.records.splice(twice);
    tavern.restart();
    tavern.custody.nextDeparture += 1;
    // The issuer hears the claim before the witness, which would prove the double spend and seal the later copy for good.
    present(harbour, ADA, leave(tavern, harbour));
    expect(claimed(harbour)).toEqual(["E17", "E13", "E16"]);
    expect(wake(harbour).effects).toEqual([]);
    expect([sealOf(dungeon), sealOf(harbour)]).toEqual([undefined, "unregistered"]);
    expect(harbour.custody.claims.get(crown)?.denied).toBe("It has gone on since.");
  });

  it("[E13] who has no papers, whose papers lead elsewhere, and whose are of another item or forged", () => {
    cross(forge, tavern);
    const read = tavern.notary.read(post(wake(tavern)));
    if (!read.ok || read.value.claims.typ !== "claim") throw new Error("a claim");
    const said = read.value.claims;
    const { papers: _, ...bare } = said;
    const link = said.papers!.links[0]!;
    const forged = { ...said.papers!, links: [{ ...link, signature: `${link.signature.slice(0, -2)}AA` }] };
    const claims = [bare, { ...said, iss: dungeon.id }, { ...said, kind: "ring" }, { ...said, hop: 2 }, { ...said, papers: forged }];
    for (const claim of claims) {
      const by = claim.iss === dungeon.id ? dungeon : tavern;
      expect(forge.take({ in: "token", token: by.notary.sign(claim) })).toMatchObject({ records: [], rules: ["E13"] });
    }
    expect(tavern.take({ in: "token", token: forge.notary.sign({ ...said, iss: forge.id, aud: tavern.id }) }).rules).toEqual(["E13"]);
    expect(forge.custody.register.size).toBe(0);
  });

  it("[E13] whose papers show the holder's refusal, but of another transfer than it holds it by", () => {
    cross(forge, tavern);
    claimed(tavern);
    const before = tavern.records.length;
    const first = tavern.notary.read(leave(tavern, harbour));
    if (!first.ok || first.value.claims.typ !== "passport") throw new Error("a passport");
    const { transfer, items } = first.value.claims;
    tavern.records.splice(before);
    tavern.restart();
    tavern.custody.nextDeparture += 1;
    present(harbour, ADA, leave(tavern, harbour));
    expect(claimed(harbour)).toEqual(["E17", "E11", "E15"]);
    const cancel = tavern.notary.sign({ typ: "cancel", iss: tavern.id, aud: harbour.id, iat: clock.nowMs, transfer });
    const token = post(harbour.take({ in: "token", token: cancel }));
    const refusal = harbour.notary.read(token);
    if (!refusal.ok || refusal.value.claims.typ !== "refusal") throw new Error("a refusal");
    const { iat, code, reason, epoch } = refusal.value.claims;
    const refused = { iat, code, reason, epoch, signature: token.slice(token.lastIndexOf(".") + 1) };
    const { papers } = items[0]!;
    const links = papers!.links.map((link, i) => (i === papers!.links.length - 1 ? { ...link, refused } : link));
    const said = { typ: "claim", iss: tavern.id, aud: forge.id, iat: clock.nowMs, item: crown, kind: "crown", hop: 3, transfer } as const;
    const back = forge.take({ in: "token", token: tavern.notary.sign({ ...said, papers: { ...papers!, links } }) });
    expect(back).toMatchObject({ records: [], rules: ["E13"] });
    const denied = forge.notary.read(post(back));
    expect(denied).toMatchObject({ value: { claims: { reason: "Its papers do not lead through who holds it by the register." } } });
  });

  it("[E15] [E16] an answer for another hop, by another world, or about nothing, opens nothing", () => {
    cross(forge, tavern);
    const grant = {
      typ: "grant",
      iss: forge.id,
      aud: tavern.id,
      iat: clock.nowMs,
      item: crown,
      hop: 1,
      transfer: `1@${forge.id}`,
    } as const;
    const wrong = [
      forge.notary.sign({ ...grant, hop: 2 }),
      forge.notary.sign({ ...grant, transfer: `2@${forge.id}` }),
      dungeon.notary.sign({ ...grant, iss: dungeon.id }),
      `${forge.notary.sign(grant).slice(0, -4)}AAAA`,
      forge.notary.sign({ ...grant, typ: "denied", hop: 3, reason: "No." }),
    ];
    for (const token of wrong) expect(tavern.take({ in: "token", token })).toMatchObject({ records: [], effects: [] });
    expect(sealOf(tavern)).toBe("unregistered");
    expect(tavern.take({ in: "token", token: forge.notary.sign(grant) }).rules).toEqual(["E15"]);
    expect(tavern.take({ in: "token", token: forge.notary.sign(grant) })).toMatchObject({ records: [] });
  });
});

describe("what comes back", () => {
  it("[E19] to a holder is sealed until the register has followed", () => {
    cross(forge, tavern);
    claimed(tavern);
    expect(comeBack(tavern, dungeon).rules).toEqual(["X13", "E19", "E4"]);
    expect(sealOf(tavern)).toBe("unregistered");
    expect(claimed(tavern)).toEqual(["E17", "E11", "E15"]);
    expect(forge.custody.register.get(crown)).toMatchObject({ holder: tavern.id, hop: 3 });
  });

  it("[E19] from who had claimed it and then refused: the refusal gives it back", () => {
    cross(forge, tavern);
    claimed(tavern);
    const passport = tavern.notary.read(leave(tavern, dungeon));
    if (!passport.ok || passport.value.claims.typ !== "passport") throw new Error("a passport");
    const { papers, transfer } = { ...passport.value.claims.items[0]!, transfer: passport.value.claims.transfer };
    const claim = { typ: "claim", iss: dungeon.id, aud: forge.id, iat: clock.nowMs, item: crown, kind: "crown", hop: 2, transfer } as const;
    const early = dungeon.notary.sign(papers === undefined ? claim : { ...claim, papers });
    expect(forge.take({ in: "token", token: early }).rules).toEqual(["E11"]);
    const asked = tavern.take({ in: "stay", traveller: ADA, transfer });
    tavern.take({ in: "token", token: post(dungeon.take({ in: "token", token: post(asked) })) });
    expect(sealOf(tavern)).toBe("unregistered");
    expect(claimed(tavern)).toEqual(["E17", "E11", "E15"]);
    expect(forge.take({ in: "token", token: early }).rules).toEqual(["E13"]);
  });

  it("[E19] home is free at once, and no old link claims it any more", () => {
    const passport = forge.notary.read(leave(forge, tavern));
    if (!passport.ok || passport.value.claims.typ !== "passport") throw new Error("a passport");
    const { papers } = passport.value.claims.items[0]!;
    const { transfer } = passport.value.claims;
    const asked = forge.take({ in: "stay", traveller: ADA, transfer });
    forge.take({ in: "token", token: post(tavern.take({ in: "token", token: post(asked) })) });
    expect([sealOf(forge), forge.custody.register.get(crown)?.hop]).toEqual([undefined, 2]);
    const late = { typ: "claim", iss: tavern.id, aud: forge.id, iat: clock.nowMs, item: crown, kind: "crown", hop: 1, transfer } as const;
    const token = tavern.notary.sign(papers === undefined ? late : { ...late, papers });
    expect(forge.take({ in: "token", token }).rules).toEqual(["E13"]);
  });

  it("[E19] by an operator's word is sealed in the locker until the register says that it never left", () => {
    cross(forge, tavern);
    claimed(tavern);
    leave(tavern, dungeon);
    const { transfer } = [...tavern.custody.out.values()][0]!;
    clock.pass(8 * 86_400_000);
    const override = { in: "override", transfer, by: "me", why: "gone", isEarly: false } as const;
    expect(tavern.take(override).rules.slice(0, 2)).toEqual(["X40", "E19"]);
    expect(lockerOf(tavern.custody, ADA)).toMatchObject([{ id: crown, sealed: "unregistered" }]);
    clock.pass(1);
    expect(claimed(tavern)).toEqual(["E17", "E11", "E15"]);
    expect(lockerOf(tavern.custody, ADA)[0]).not.toHaveProperty("sealed");
  });

  it("[E19] by an operator's word, and the other world had claimed it: it stays sealed, at home too", () => {
    const admitted = present(dungeon, ADA, leave(forge, dungeon));
    expect(admitted.rules).toContain("E14");
    expect(claimed(dungeon)).toEqual(["E17", "E11", "E15"]);
    const { transfer } = [...forge.custody.out.values()][0]!;
    clock.pass(8 * 86_400_000);
    forge.take({ in: "override", transfer, by: "me", why: "gone", isEarly: false });
    expect([sealOf(forge), sealOf(dungeon)]).toEqual(["unregistered", undefined]);
  });
});
