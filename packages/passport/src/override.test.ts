// The operator's last resort, with real keys: who is taken back, when, on whose word, and what a late word of the destination becomes.
import { auditFederation, CUSTODY, itemsOf, lockerOf, TIMES, type TransferId } from "@sojourn/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, effectOf, post, posts, present, type TestWorld, type TwoWorlds, told, twoWorlds } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const BOB = keysFromSecret(new Uint8Array(32).fill(51)).id;

let worlds: TwoWorlds;
let transfer: TransferId;
beforeEach(() => {
  worlds = twoWorlds();
  worlds.tavern.bear(ADA);
  worlds.tavern.bear(BOB);
  transfer = `1@${worlds.tavern.id}`;
});

const PAST_PASSPORT = TIMES.passportLifeMs + 2 * TIMES.clockSkewMs + 1;

function takeBack(isEarly = false): ReturnType<TestWorld["take"]> {
  return worlds.tavern.take({ in: "override", transfer, by: "Olga", why: "gone for good", isEarly });
}

describe("an operator's override", () => {
  it("[X40] takes back traveller and things after seven days of silence, hops higher, and says in the record who, why and what was heard", () => {
    const torch = worlds.tavern.mint(ADA, "torch");
    depart(worlds, ADA);
    const hash = worlds.tavern.custody.out.get(transfer)?.hash;
    worlds.clock.pass(CUSTODY.statusMs[0]);
    const [status] = posts(worlds.tavern.take({ in: "wake" }));
    worlds.tavern.take({ in: "unreachable", world: worlds.dungeon.id });
    worlds.clock.pass(CUSTODY.overrideAfterMs);
    const done = takeBack();
    expect(done.rules).toEqual(["X40", "X11"]);
    expect(done.records).toMatchObject([
      {
        r: "refund",
        transfer,
        proof: "",
        override: { by: "Olga", why: "gone for good", hash, asked: 1, heard: "It could not be reached." },
      },
    ]);
    expect(told(done)).toMatchObject([{ t: "crossing", stage: "returned", fault: { code: "destination-down" } }]);
    expect(effectOf(done, "returned")).toMatchObject({ traveller: ADA });
    expect(worlds.tavern.custody.residents.get(ADA)).toMatchObject({ status: "here", hop: 2 });
    expect(itemsOf(worlds.tavern.custody, ADA)).toMatchObject([{ id: torch }]);
    expect(worlds.tavern.custody.items.get(torch)?.hop).toBe(2);
    expect(status).toBeDefined();
  });

  it("[X40] leaves registered things in the locker: their register has not said that they are free", () => {
    const item = { id: `1@${worlds.tavern.id}`, kind: "crown", props: {}, contents: [] };
    worlds.tavern.write({ r: "mint", t: 1, item, place: { in: "inventory", of: ADA }, tier: "registered" });
    depart(worlds, ADA);
    worlds.clock.pass(CUSTODY.overrideAfterMs);
    takeBack();
    expect(itemsOf(worlds.tavern.custody, ADA)).toEqual([]);
    expect(lockerOf(worlds.tavern.custody, ADA)).toMatchObject([{ kind: "crown" }]);
  });

  it.each([
    ["no-such-target", 0, true, () => (transfer = `7@${worlds.tavern.id}`)],
    ["not-allowed", PAST_PASSPORT - 2, true, () => undefined],
    ["not-allowed", PAST_PASSPORT, false, () => undefined],
    ["not-allowed", CUSTODY.overrideAfterMs - 1, false, () => undefined],
  ])("[X41] changes nothing: %s after %d ms", (code, passMs, isEarly, spoil) => {
    depart(worlds, ADA);
    worlds.clock.pass(passMs);
    spoil();
    expect(takeBack(isEarly)).toMatchObject({ records: [], effects: [], rules: ["X41"], fault: { code } });
    expect(worlds.tavern.status(ADA)).toBe("escrow");
  });

  it("[X41] comes early only when the operator says so", () => {
    depart(worlds, ADA);
    worlds.clock.pass(PAST_PASSPORT);
    expect(takeBack(true).rules).toContain("X40");
    expect(takeBack(true).rules).toEqual(["X41"]);
  });

  it("[X42] keeps the receipt that comes after all: the evidence outlives a crash, and the count names whom it explains", () => {
    const torch = worlds.tavern.mint(ADA, "torch");
    const receipt = post(present(worlds.dungeon, ADA, depart(worlds, ADA)));
    worlds.clock.pass(CUSTODY.overrideAfterMs);
    takeBack();
    const late = worlds.tavern.take({ in: "token", token: receipt });
    expect(late.rules).toEqual(["X42"]);
    expect(late.records).toMatchObject([{ r: "evidence", says: "receipt", proof: receipt }]);
    worlds.tavern.restart();
    expect(worlds.tavern.custody.overridden.get(transfer)).toMatchObject({ by: "Olga", word: { says: "receipt", proof: receipt } });
    expect(worlds.dungeon.take({ in: "token", token: post(late) }).rules).toEqual(["X30"]);
    expect(worlds.tavern.take({ in: "token", token: receipt }).rules).toEqual(["X14"]);
    const audit = auditFederation([worlds.tavern.custody, worlds.dungeon.custody]);
    expect(audit).toMatchObject({ travellersDuplicated: [], itemsDuplicated: [], travellersLost: [], itemsLost: 0 });
    expect([audit.travellersOverridden, audit.itemsOverridden]).toEqual([[`${ADA} of ${worlds.tavern.id}`], [torch]]);
  });

  it("[X43] is confirmed by a refusal", () => {
    const passport = depart(worlds, ADA);
    worlds.clock.pass(CUSTODY.overrideAfterMs);
    const cancel = post(takeBack());
    const refusal = post(worlds.dungeon.take({ in: "token", token: cancel }));
    const late = worlds.tavern.take({ in: "token", token: refusal });
    expect([late.rules, late.records[0]?.r]).toEqual([["X43"], "evidence"]);
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ records: [], rules: ["X26"] });
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody])).toMatchObject({ travellersOverridden: [] });
  });

  it("[X44] goes on asking, also after a restart, and closes nothing until it has an answer", () => {
    depart(worlds, ADA);
    worlds.clock.pass(CUSTODY.overrideAfterMs);
    takeBack();
    worlds.clock.pass(60_000);
    expect(worlds.tavern.take({ in: "wake" }).rules).toEqual(["X44"]);
    worlds.tavern.restart();
    expect(worlds.tavern.take({ in: "wake" }).rules).toEqual(["X44"]);
    const receipt = post(present(worlds.dungeon, BOB, depart(worlds, BOB)));
    const closing = post(worlds.tavern.take({ in: "token", token: receipt }));
    expect(worlds.dungeon.take({ in: "token", token: closing }).records).toMatchObject([{ r: "closed", below: 1 }]);
  });

  it.each([
    ["of another world", () => worlds.tavern.notary.sign({ ...word(), iss: worlds.tavern.id })],
    ["about another passport", () => worlds.dungeon.notary.sign({ ...word(), passport: "x".repeat(43) })],
  ])("[X15] takes no late word %s", (_what, forge) => {
    depart(worlds, ADA);
    worlds.clock.pass(CUSTODY.overrideAfterMs);
    takeBack();
    expect(worlds.tavern.take({ in: "token", token: forge() }).records).toEqual([]);
    expect(worlds.tavern.custody.overridden.get(transfer)?.word).toBeUndefined();
  });

  function word(): Parameters<TestWorld["notary"]["sign"]>[0] & { typ: "receipt" } {
    const passport = worlds.tavern.custody.overridden.get(transfer)?.hash ?? "";
    return { typ: "receipt", iss: worlds.dungeon.id, aud: worlds.tavern.id, iat: 1, transfer, passport, seq: 1, epoch: 1 };
  }
});
