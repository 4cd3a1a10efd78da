// The way of a transfer through both machines, with real keys. Each rule of the SPEC's custody chapter that a transfer follows is here.
import { type Carried, CUSTODY, itemsOf, lockerOf, TIMES } from "@sojourn/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, effectOf, pin, post, posts, present, reissue, TestWorld, type TwoWorlds, told, twoWorlds } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const BOB = keysFromSecret(new Uint8Array(32).fill(51)).id;

let worlds: TwoWorlds;
beforeEach(() => {
  worlds = twoWorlds();
  worlds.tavern.bear(ADA);
});

function ask(): ReturnType<TestWorld["take"]> {
  return worlds.tavern.take({ in: "ask", traveller: ADA, to: worlds.dungeon.id });
}

function faultOf(decision: ReturnType<TestWorld["take"]>): string | undefined {
  const refused = told(decision).find((message) => message.t === "crossing" && message.stage === "refused");
  return decision.fault?.code ?? (refused?.t === "crossing" ? refused.fault?.code : undefined);
}

/** A pinned world lies about what it made: it lets Bob into the Dungeon with this thing. */
function smuggle(item: Carried): void {
  const { dungeon } = worlds;
  const liar = new TestWorld(77, worlds.clock);
  pin(dungeon, liar, "Liar");
  pin(liar, dungeon, "Dungeon");
  liar.bear(BOB);
  const asked = post(liar.take({ in: "ask", traveller: BOB, to: dungeon.id }));
  liar.take({ in: "token", token: post(dungeon.take({ in: "token", token: asked })) });
  const [departure] = liar.custody.out.values();
  const request = liar.notary.read(asked);
  if (!request.ok || request.value.claims.typ !== "offer-request") throw new Error("a request");
  const offer = post(dungeon.take({ in: "token", token: liar.notary.sign({ ...request.value.claims, items: [item] }) }));
  expect(present(dungeon, BOB, reissue(liar, departure!.passport, { items: [item], offer })).rules).toEqual(["X22"]);
}

describe("before anything leaves", () => {
  it("[X1] asks the destination and tells the traveller", () => {
    const asked = ask();
    expect(asked.rules).toEqual(["X1"]);
    expect(asked.records).toEqual([]);
    expect(told(asked)).toMatchObject([{ t: "crossing", stage: "asking", destination: "Dungeon" }]);
    expect(worlds.tavern.status(ADA)).toBe("here");
  });

  it.each([
    ["already-crossing", () => ask()],
    ["no-such-portal", () => worlds.tavern.peers.clear()],
    [
      "no-such-portal",
      () => worlds.tavern.peers.set(worlds.dungeon.id, { ...worlds.tavern.peers.get(worlds.dungeon.id)!, isClosed: true }),
    ],
    ["shutting-down", () => (worlds.tavern.shut = "closing")],
    ["busy", () => (worlds.tavern.shut = "disk-full")],
    ["clock-skew", () => (worlds.tavern.skewMs = -TIMES.clockSkewMs - 1)],
  ])("[X2] refuses at once: %s", (code, spoil) => {
    spoil();
    const asked = ask();
    expect(asked.rules).toEqual(["X2"]);
    expect(faultOf(asked)).toBe(code);
    expect(posts(asked)).toEqual([]);
  });

  it("[X2] refuses one who is not here", () => {
    expect(faultOf(worlds.tavern.take({ in: "ask", traveller: BOB, to: worlds.dungeon.id }))).toBe("away");
  });

  it("[X3] sends the same request again while no answer has come", () => {
    const request = post(ask());
    worlds.clock.pass(CUSTODY.askAgainMs);
    const again = worlds.tavern.take({ in: "wake" });
    expect(again.rules).toContain("X3");
    expect(posts(again)).toEqual([request]);
  });

  it("[X20] offers by a ruling for every item, writes nothing, and answers the same request with the same offer", () => {
    worlds.tavern.mint(ADA, "torch");
    const request = post(ask());
    const offered = worlds.dungeon.take({ in: "token", token: request });
    expect(offered.rules).toEqual(["X20"]);
    expect(offered.records).toEqual([]);
    const opened = worlds.tavern.notary.open(post(offered));
    expect(opened).toMatchObject({ ok: true, value: { claims: { typ: "offer", traveller: ADA, aud: worlds.tavern.id } } });
    worlds.clock.pass(1_000);
    expect(post(worlds.dungeon.take({ in: "token", token: request }))).toBe(post(offered));
  });

  it.each([
    ["busy", () => (worlds.dungeon.room = 0)],
    ["shutting-down", () => (worlds.dungeon.shut = "closing")],
    ["busy", () => (worlds.dungeon.shut = "disk-full")],
    ["banned", () => (worlds.dungeon.banned = ADA)],
    ["refused", () => worlds.dungeon.bear(ADA)],
    ["clock-skew", () => (worlds.dungeon.skewMs = TIMES.clockSkewMs + 1)],
    [
      "unknown-origin",
      () => worlds.dungeon.peers.set(worlds.tavern.id, { ...worlds.dungeon.peers.get(worlds.tavern.id)!, isClosed: true }),
    ],
  ])("[X21] [X4] declines with the reason, and nothing leaves: %s", (code, spoil) => {
    spoil();
    const declined = worlds.dungeon.take({ in: "token", token: post(ask()) });
    expect(declined.rules).toEqual(["X21"]);
    const ended = worlds.tavern.take({ in: "token", token: post(declined) });
    expect(ended.rules).toEqual(["X4"]);
    expect(faultOf(ended)).toBe(code);
    expect(worlds.tavern.status(ADA)).toBe("here");
    expect(worlds.tavern.records.map(({ r }) => r)).toEqual(["born"]);
  });

  it("[X20] refuses a thing that is here already by that thing alone: a forged name does not keep its owner out", () => {
    const [torch, tome] = [worlds.tavern.mint(ADA, "torch"), worlds.tavern.mint(ADA, "tome")];
    smuggle({ id: torch, kind: "torch", props: {}, hop: 1, contents: [] });
    const offered = worlds.dungeon.take({ in: "token", token: post(ask()) });
    expect(offered.rules).toEqual(["X20"]);
    worlds.tavern.take({ in: "token", token: post(offered) });
    const [departure] = worlds.tavern.custody.out.values();
    expect(present(worlds.dungeon, ADA, departure!.passport).rules).toEqual(["X22"]);
    expect(itemsOf(worlds.dungeon.custody, ADA).map(({ id }) => id)).toEqual([tome]);
    expect(itemsOf(worlds.dungeon.custody, BOB).map(({ id }) => id)).toEqual([torch]);
    expect(lockerOf(worlds.tavern.custody, ADA).map(({ id }) => id)).toEqual([torch]);
  });

  it("[X20] keeps a place for every open offer", () => {
    worlds.dungeon.room = 1;
    worlds.tavern.bear(BOB);
    expect(worlds.dungeon.take({ in: "token", token: post(ask()) }).rules).toEqual(["X20"]);
    const second = post(worlds.tavern.take({ in: "ask", traveller: BOB, to: worlds.dungeon.id }));
    expect(worlds.dungeon.take({ in: "token", token: second }).rules).toEqual(["X21"]);
    worlds.clock.pass(TIMES.offerLifeMs);
    worlds.tavern.take({ in: "wake" });
    const third = post(worlds.tavern.take({ in: "ask", traveller: BOB, to: worlds.dungeon.id }));
    expect(worlds.dungeon.take({ in: "token", token: third }).rules).toEqual(["X20"]);
  });

  it("[X5] gives up on a silent destination after the deadline, at once on one that cannot be reached", () => {
    ask();
    worlds.clock.pass(TIMES.offerMs);
    const ended = worlds.tavern.take({ in: "wake" });
    expect(ended.rules).toContain("X5");
    expect(faultOf(ended)).toBe("destination-down");
    ask();
    expect(faultOf(worlds.tavern.take({ in: "unreachable", world: worlds.dungeon.id }))).toBe("destination-down");
    expect(worlds.tavern.status(ADA)).toBe("here");
  });

  it("[X6] takes no offer from a clock that is too far away, nor for more than a passport holds", () => {
    const request = post(ask());
    const offer = post(worlds.dungeon.take({ in: "token", token: request }));
    worlds.tavern.skewMs = 2 * TIMES.clockSkewMs;
    const ended = worlds.tavern.take({ in: "token", token: offer });
    expect([ended.rules, faultOf(ended)]).toEqual([["X6"], "clock-skew"]);
    worlds.tavern.skewMs = 0;
    const full = twoWorlds();
    full.tavern.bear(ADA);
    const facts = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`fact${i}`.padEnd(60, "x"), i]));
    for (let i = 0; i < 20; i++) full.tavern.mint(ADA, "tome", facts);
    const heavy = full.dungeon.take({ in: "token", token: post(full.tavern.take({ in: "ask", traveller: ADA, to: full.dungeon.id })) });
    const kept = full.tavern.take({ in: "token", token: post(heavy) });
    expect([kept.rules, faultOf(kept), full.tavern.status(ADA)]).toEqual([["X6"], "oversized", "here"]);
  });

  it("[X7] drops the question of a traveller who left", () => {
    const request = post(ask());
    expect(worlds.tavern.take({ in: "left", traveller: ADA }).rules).toEqual(["X7"]);
    const late = worlds.tavern.take({ in: "token", token: post(worlds.dungeon.take({ in: "token", token: request })) });
    expect(late.rules).toEqual(["X15"]);
    expect(worlds.tavern.status(ADA)).toBe("here");
  });
});

describe("departed", () => {
  it("[X8] takes traveller and admitted items by one record, keeps the refused ones in the locker, and hands out the passport", () => {
    worlds.dungeon.imports = { origins: { "*": { allow: ["*"], deny: ["wine"] } } };
    const torch = worlds.tavern.mint(ADA, "torch");
    const wine = worlds.tavern.mint(ADA, "wine");
    const offer = post(worlds.dungeon.take({ in: "token", token: post(ask()) }));
    const left = worlds.tavern.take({ in: "token", token: offer });
    expect(left.rules).toEqual(["X8"]);
    expect(left.records).toMatchObject([{ r: "depart", items: [torch], kept: [wine] }]);
    expect(told(left)).toMatchObject([
      { t: "crossing", stage: "in-transit" },
      { t: "transfer", destination: { world: worlds.dungeon.id } },
    ]);
    expect(worlds.tavern.status(ADA)).toBe("escrow");
    expect(itemsOf(worlds.tavern.custody, ADA)).toEqual([]);
    expect(lockerOf(worlds.tavern.custody, ADA).map(({ id }) => id)).toEqual([wine]);
  });

  it("[X8] what was picked up after the question stays, with a reason; local things never leave", () => {
    const request = post(ask());
    const late = worlds.tavern.mint(ADA, "torch");
    worlds.tavern.write({
      r: "mint",
      t: worlds.tavern.now().wallMs,
      item: { id: `2@${worlds.tavern.id}`, kind: "key", props: {}, contents: [] },
      place: { in: "inventory", of: ADA },
      tier: "local",
    });
    const left = worlds.tavern.take({ in: "token", token: post(worlds.dungeon.take({ in: "token", token: request })) });
    expect(left.records).toMatchObject([{ r: "depart", items: [], kept: [late, `2@${worlds.tavern.id}`] }]);
    const stage = told(left)[0];
    expect(stage?.t === "crossing" && stage.rulings.filter(({ verdict }) => verdict === "refuse")).toHaveLength(2);
  });

  it("[X9] gives the same passport again, also after a crash", () => {
    const passport = depart(worlds, ADA);
    worlds.tavern.restart();
    const again = worlds.tavern.take({ in: "resume", traveller: ADA });
    expect(again.rules).toEqual(["X9"]);
    const transfer = told(again).find((message) => message.t === "transfer");
    expect(transfer?.t === "transfer" && passport.startsWith(`${transfer.passport}.`)).toBe(true);
    expect(faultOf(ask())).toBe("already-crossing");
  });

  it("[X16] changes nothing when the passport is held", () => {
    depart(worlds, ADA);
    const transfer = `1@${worlds.tavern.id}`;
    expect(worlds.tavern.take({ in: "held", traveller: ADA, transfer })).toMatchObject({ records: [], effects: [], rules: ["X16"] });
  });

  it("[X10] [X28] asks whether it is decided; an undecided destination is silent", () => {
    depart(worlds, ADA);
    worlds.clock.pass(CUSTODY.statusMs[0]);
    const asked = worlds.tavern.take({ in: "wake" });
    expect(asked.rules).toContain("X10");
    expect(worlds.dungeon.take({ in: "token", token: post(asked) })).toMatchObject({ records: [], effects: [], rules: ["X28"] });
  });

  it("[X22] [X12] is admitted: the receipt releases, the close is sent", () => {
    const torch = worlds.tavern.mint(ADA, "torch");
    const admitted = present(worlds.dungeon, ADA, depart(worlds, ADA));
    expect(admitted.rules).toEqual(["X22"]);
    expect(effectOf(admitted, "admitted")).toMatchObject({ session: "s", isResumed: false, from: worlds.tavern.id });
    expect(itemsOf(worlds.dungeon.custody, ADA).map(({ id }) => id)).toEqual([torch]);
    const released = worlds.tavern.take({ in: "token", token: post(admitted) });
    expect(released.rules).toEqual(["X12"]);
    expect(effectOf(released, "gone")).toMatchObject({ traveller: ADA, to: worlds.dungeon.id });
    expect(worlds.tavern.status(ADA)).toBe("away");
    expect(worlds.tavern.custody.items.size).toBe(0);
    const closed = worlds.dungeon.take({ in: "token", token: post(released) });
    expect(closed).toMatchObject({ rules: ["X30"], records: [{ r: "closed", below: 2 }] });
  });

  it("[X22] honours its own offer when its policy has changed since", () => {
    const torch = worlds.tavern.mint(ADA, "torch", { charge: 90 });
    worlds.dungeon.imports = { origins: { "*": { allow: ["torch"], clamp: [{ kind: "torch", prop: "charge", max: 50 }] } } };
    const passport = depart(worlds, ADA);
    worlds.dungeon.imports = { origins: {} };
    worlds.dungeon.room = 0;
    const admitted = present(worlds.dungeon, ADA, passport);
    expect(admitted.rules).toEqual(["X22"]);
    expect(worlds.dungeon.custody.items.get(torch)).toMatchObject({ props: { charge: 90 }, clamps: [{ prop: "charge", max: 50 }] });
    expect(effectOf(admitted, "admitted")?.rulings).toMatchObject([{ item: torch, verdict: "clamp" }, { item: "body" }]);
  });

  it("[X11] [X27] [X13] comes back with everything when they would rather stay", () => {
    worlds.dungeon.imports = { origins: { "*": { allow: ["torch"] } } };
    const items = [worlds.tavern.mint(ADA, "torch"), worlds.tavern.mint(ADA, "wine")];
    const passport = depart(worlds, ADA);
    const transfer = `1@${worlds.tavern.id}`;
    const asked = worlds.tavern.take({ in: "stay", traveller: ADA, transfer });
    expect(asked.rules).toEqual(["X11"]);
    const refused = worlds.dungeon.take({ in: "token", token: post(asked) });
    expect(refused).toMatchObject({ rules: ["X27"], records: [{ r: "refuse", transfer, code: "cancelled" }] });
    const back = worlds.tavern.take({ in: "token", token: post(refused) });
    expect(back.rules).toEqual(["X13"]);
    expect(effectOf(back, "returned")).toMatchObject({ traveller: ADA, fault: { code: "cancelled" } });
    expect(worlds.tavern.status(ADA)).toBe("here");
    expect(
      itemsOf(worlds.tavern.custody, ADA)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(items.sort());
    expect(lockerOf(worlds.tavern.custody, ADA)).toEqual([]);
    expect(present(worlds.dungeon, ADA, passport).rules).toEqual(["X26"]);
  });

  it("[X11] never resolves by time: past the passport's time it tells the destination to decide, again and again", () => {
    depart(worlds, ADA);
    worlds.clock.pass(TIMES.passportLifeMs + TIMES.clockSkewMs + 1);
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const woken = worlds.tavern.take({ in: "wake" });
      for (const id of woken.rules) seen.add(id);
      expect(woken.records).toEqual([]);
      worlds.clock.pass(3_600_000);
    }
    expect(seen).toEqual(new Set(["X11"]));
    expect(worlds.tavern.status(ADA)).toBe("escrow");
  });

  it("[X11] is given back within five seconds of asking when the destination answers", () => {
    depart(worlds, ADA);
    worlds.tavern.take({ in: "stay", traveller: ADA, transfer: `1@${worlds.tavern.id}` });
    const cancels: number[] = [];
    const startMs = worlds.clock.nowMs;
    while (worlds.clock.nowMs - startMs < 5_000) {
      worlds.clock.pass(100);
      if (worlds.tavern.take({ in: "wake" }).rules.includes("X11")) cancels.push(worlds.clock.nowMs - startMs);
    }
    expect(cancels.length).toBeGreaterThanOrEqual(1);
    expect(Math.min(...cancels)).toBeLessThan(2_000);
  });
});

describe("decided once", () => {
  it("[X25] [X53] gives the same passport the same receipt and no second traveller, also after a crash", () => {
    const passport = depart(worlds, ADA);
    const first = present(worlds.dungeon, ADA, passport);
    worlds.dungeon.restart();
    worlds.clock.pass(10_000);
    const second = present(worlds.dungeon, ADA, passport);
    expect(second).toMatchObject({ records: [], rules: ["X25"] });
    expect(effectOf(second, "admitted")).toMatchObject({ isResumed: true, receipt: effectOf(first, "admitted")?.receipt });
  });

  it("[X25] tells one who has left again where they stand", () => {
    const passport = depart(worlds, ADA);
    const receipt = post(present(worlds.dungeon, ADA, passport));
    worlds.tavern.take({ in: "token", token: receipt });
    depart({ tavern: worlds.dungeon, dungeon: worlds.tavern }, ADA);
    expect(effectOf(present(worlds.dungeon, ADA, passport), "turned-away")?.fault.code).toBe("already-decided");
  });

  it("[X23] [X26] refuses for ever what is past its time, with a signed word that brings them home", () => {
    const passport = depart(worlds, ADA);
    worlds.clock.pass(TIMES.passportLifeMs + 1);
    const refused = present(worlds.dungeon, ADA, passport);
    expect(refused).toMatchObject({ rules: ["X23"], records: [{ r: "refuse", code: "expired" }] });
    const { refusal } = effectOf(refused, "turned-away")!;
    expect(effectOf(present(worlds.dungeon, ADA, passport), "turned-away")?.refusal).toBe(refusal);
    expect(worlds.tavern.take({ in: "token", token: refusal! }).rules).toEqual(["X13"]);
  });

  it("[X23] refuses one who was banned on the way", () => {
    const passport = depart(worlds, ADA);
    worlds.dungeon.banned = ADA;
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ rules: ["X23"], records: [{ r: "refuse", code: "banned" }] });
  });

  it("[X29] answers status and cancel with the same bytes", () => {
    const receipt = post(present(worlds.dungeon, ADA, depart(worlds, ADA)));
    worlds.clock.pass(CUSTODY.statusMs[0]);
    const status = worlds.dungeon.take({ in: "token", token: post(worlds.tavern.take({ in: "wake" })) });
    expect([status.rules, posts(status)]).toEqual([["X29"], [receipt]]);
    const cancel = post(worlds.tavern.take({ in: "stay", traveller: ADA, transfer: `1@${worlds.tavern.id}` }));
    expect(posts(worlds.dungeon.take({ in: "token", token: cancel }))).toEqual([receipt]);
  });

  it("[X14] closes again when it hears again of what is resolved", () => {
    const receipt = post(present(worlds.dungeon, ADA, depart(worlds, ADA)));
    worlds.tavern.take({ in: "token", token: receipt });
    const again = worlds.tavern.take({ in: "token", token: receipt });
    expect(again).toMatchObject({ rules: ["X14"], records: [] });
    expect(worlds.dungeon.take({ in: "token", token: post(again) }).rules).toEqual(["X30"]);
  });

  it("[X31] [X32] forgets what is closed and past its time, and then decides nothing about it", () => {
    const passport = depart(worlds, ADA);
    const receipt = post(present(worlds.dungeon, ADA, passport));
    const closing = post(worlds.tavern.take({ in: "token", token: receipt }));
    worlds.dungeon.take({ in: "token", token: closing });
    worlds.clock.pass(TIMES.passportLifeMs + 2 * TIMES.clockSkewMs + 60_000);
    expect(worlds.dungeon.take({ in: "wake" })).toMatchObject({ rules: ["X31"], records: [{ r: "forget" }] });
    expect(worlds.dungeon.custody.arrivals.size).toBe(0);
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ records: [], rules: ["X32"], fault: { code: "expired" } });
  });

  it("[X31] forgets nothing that is not closed, however late it is", () => {
    present(worlds.dungeon, ADA, depart(worlds, ADA));
    worlds.clock.pass(86_400_000);
    expect(worlds.dungeon.take({ in: "wake" }).records).toEqual([]);
    expect(worlds.dungeon.custody.arrivals.size).toBe(1);
  });

  it("[X30] a close covers every transfer below it, so that a lost one does no harm", () => {
    worlds.tavern.bear(BOB);
    const first = post(present(worlds.dungeon, ADA, depart(worlds, ADA)));
    worlds.tavern.take({ in: "token", token: first });
    const second = post(present(worlds.dungeon, BOB, depart(worlds, BOB)));
    const closing = post(worlds.tavern.take({ in: "token", token: second }));
    expect(worlds.dungeon.take({ in: "token", token: closing }).records).toMatchObject([{ r: "closed", below: 3 }]);
  });

  it("[X30] a close never covers a transfer that is open", () => {
    worlds.tavern.bear(BOB);
    depart(worlds, ADA);
    const second = post(present(worlds.dungeon, BOB, depart(worlds, BOB)));
    const closing = post(worlds.tavern.take({ in: "token", token: second }));
    expect(worlds.dungeon.take({ in: "token", token: closing }).records).toMatchObject([{ r: "closed", below: 1 }]);
  });
});

describe("there and back", () => {
  it("[X33] waits for its own receipt when somebody comes back before it", () => {
    const receipt = post(present(worlds.dungeon, ADA, depart(worlds, ADA)));
    const request = post(worlds.dungeon.take({ in: "ask", traveller: ADA, to: worlds.tavern.id }));
    const declined = worlds.tavern.take({ in: "token", token: request });
    expect(declined.rules).toEqual(["X21", "X33"]);
    expect(worlds.dungeon.take({ in: "token", token: posts(declined)[0]! }).rules).toEqual(["X4"]);
    expect(posts(worlds.dungeon.take({ in: "token", token: posts(declined)[1]! }))).toEqual([receipt]);
    worlds.tavern.take({ in: "token", token: receipt });
    const back = { tavern: worlds.dungeon, dungeon: worlds.tavern };
    expect(present(worlds.tavern, ADA, depart(back, ADA)).rules).toEqual(["X22"]);
    expect(worlds.tavern.custody.residents.get(ADA)).toMatchObject({ status: "here", hop: 2, from: worlds.dungeon.id });
  });

  it("[K7] what stayed in the locker is in the inventory again after the way home", () => {
    worlds.dungeon.imports = { origins: { "*": { allow: ["torch"] } } };
    const torch = worlds.tavern.mint(ADA, "torch");
    const wine = worlds.tavern.mint(ADA, "wine");
    worlds.tavern.take({ in: "token", token: post(present(worlds.dungeon, ADA, depart(worlds, ADA))) });
    expect(lockerOf(worlds.tavern.custody, ADA).map(({ id }) => id)).toEqual([wine]);
    const home = present(worlds.tavern, ADA, depart({ tavern: worlds.dungeon, dungeon: worlds.tavern }, ADA));
    expect(home.records).toMatchObject([{ r: "admit", unlocked: [wine] }]);
    expect(
      itemsOf(worlds.tavern.custody, ADA)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([torch, wine].sort());
  });

  it("[X34] decides nothing while it closes, its disk is full, or its clock is behind its journal", () => {
    const passport = depart(worlds, ADA);
    worlds.dungeon.shut = "disk-full";
    const turned = present(worlds.dungeon, ADA, passport);
    expect(turned).toMatchObject({ records: [], rules: ["X34"], fault: { code: "busy", blame: "world", retryAfterMs: 30_000 } });
    expect(turned.fault?.detail).toMatch(/no room on its disk.*operator/);
    worlds.dungeon.shut = "closing";
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ records: [], rules: ["X34"], fault: { code: "shutting-down" } });
    worlds.dungeon.shut = undefined;
    worlds.dungeon.bear(BOB);
    worlds.dungeon.skewMs = -TIMES.clockSkewMs - 1;
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ records: [], rules: ["X34"], fault: { code: "clock-skew" } });
    worlds.dungeon.skewMs = 0;
    expect(present(worlds.dungeon, ADA, passport).rules).toEqual(["X22"]);
  });

  it("[X52] takes the clock never to be earlier than the journal", () => {
    worlds.dungeon.skewMs = 20_000;
    worlds.dungeon.bear(BOB);
    worlds.dungeon.skewMs = 0;
    const passport = depart(worlds, ADA);
    const admitted = present(worlds.dungeon, ADA, passport);
    expect(admitted.records[0]?.t).toBe(worlds.dungeon.records[0]?.t);
  });

  it("resolves what was under way with a world that is no longer welcome", () => {
    const passport = depart(worlds, ADA);
    worlds.dungeon.peers.set(worlds.tavern.id, { ...worlds.dungeon.peers.get(worlds.tavern.id)!, isClosed: true });
    const refused = present(worlds.dungeon, ADA, passport);
    expect(refused.rules).toEqual(["X23"]);
    expect(worlds.tavern.take({ in: "token", token: post(refused) }).rules).toEqual(["X13"]);
  });

  it("goes on from world to world, and each knows where they went", () => {
    const mine = new TestWorld(3, worlds.clock);
    pin(worlds.dungeon, mine, "Mine");
    pin(mine, worlds.dungeon, "Dungeon");
    const torch = worlds.tavern.mint(ADA, "torch");
    worlds.tavern.take({ in: "token", token: post(present(worlds.dungeon, ADA, depart(worlds, ADA))) });
    const onward = { tavern: worlds.dungeon, dungeon: mine };
    worlds.dungeon.take({ in: "token", token: post(present(mine, ADA, depart(onward, ADA))) });
    expect([worlds.tavern, worlds.dungeon, mine].map((world) => world.status(ADA))).toEqual(["away", "away", "here"]);
    expect(worlds.dungeon.custody.residents.get(ADA)?.awayTo).toBe(mine.id);
    expect(mine.custody.items.get(torch)?.hop).toBe(2);
  });
});
