// A world that lost the end of its journal, and its peers, with real keys: what is asked, answered, fenced, restored and reported.
import {
  amnesiaRecord,
  auditFederation,
  CUSTODY,
  emptyCustody,
  itemsOf,
  lockerOf,
  nextItemRef,
  openDesk,
  type WorldId,
} from "@sojourn/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, pin, post, posts, present, TestWorld, type TwoWorlds, twoWorlds } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const BOB = keysFromSecret(new Uint8Array(32).fill(51)).id;

let worlds: TwoWorlds;
beforeEach(() => {
  worlds = twoWorlds();
  for (const traveller of [ADA, BOB]) worlds.tavern.bear(traveller);
});

/** Ada, or whoever, goes from one to the other and is settled there. */
function cross(from: TestWorld, to: TestWorld, traveller: string): void {
  const receipt = post(present(to, traveller, depart({ ...worlds, tavern: from, dungeon: to }, traveller)));
  to.take({ in: "token", token: post(from.take({ in: "token", token: receipt })) });
}

/** All but the first so many records are gone. */
function forget(world: TestWorld, kept: number, peers: readonly WorldId[]): void {
  world.records.length = kept;
  world.custody = emptyCustody(world.id);
  const records = world.records.splice(0);
  for (const record of records) world.write(record);
  world.write(amnesiaRecord(world.custody, peers, world.now().wallMs));
  world.desk = openDesk(world.custody, world.now());
}

/** Asks and answers until the world has its memory again. */
function remember(world: TestWorld, ...peers: TestWorld[]): string[] {
  const rules: string[] = [];
  for (let i = 0; i < 20 && world.custody.memory.amnesia !== undefined; i++) {
    worlds.clock.pass(CUSTODY.recallMs[0]);
    const woken = world.take({ in: "wake" });
    rules.push(...woken.rules);
    for (const token of posts(woken))
      for (const peer of peers) {
        const answered = peer.take({ in: "token", token });
        rules.push(...answered.rules);
        for (const answer of posts(answered)) rules.push(...world.take({ in: "token", token: answer }).rules);
      }
  }
  return rules;
}

const sound = { travellersLost: [], travellersDuplicated: [], itemsLost: 0, itemsDuplicated: [] };

describe("a world that has forgotten", () => {
  it("[X45] [X47] [X49] learns who has left and with what, and that what they left behind is theirs", () => {
    const torch = worlds.tavern.mint(ADA, "torch");
    const { length } = worlds.tavern.records;
    worlds.tavern.mint(ADA, "wine");
    cross(worlds.tavern, worlds.dungeon, ADA);
    forget(worlds.tavern, length, [worlds.dungeon.id]);
    expect(worlds.tavern.status(ADA)).toBe("here");
    const rules = remember(worlds.tavern, worlds.dungeon);
    expect(rules).toEqual(expect.arrayContaining(["X45", "X47", "X49"]));
    expect(worlds.dungeon.records.map(({ r }) => r)).toContain("fenced");
    expect(worlds.tavern.custody.residents.get(ADA)).toMatchObject({ status: "away", awayTo: worlds.dungeon.id });
    expect(worlds.tavern.custody.items.has(torch)).toBe(false);
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody])).toMatchObject({ ...sound, travellers: 2, items: 2 });
    expect(worlds.tavern.custody.memory.report).toMatchObject({ travellersLeft: 1, itemsLeft: 2, itemsLost: 0, itemsDoubted: 0 });
  });

  it("[X47] gives back who and what had come, and names what is known to be gone", () => {
    const { length } = worlds.dungeon.records;
    const torch = worlds.tavern.mint(ADA, "torch");
    cross(worlds.tavern, worlds.dungeon, ADA);
    worlds.dungeon.mint(ADA, "gem");
    worlds.dungeon.mint(ADA, "gem");
    cross(worlds.dungeon, worlds.tavern, ADA);
    cross(worlds.tavern, worlds.dungeon, ADA);
    forget(worlds.dungeon, length, [worlds.tavern.id]);
    remember(worlds.dungeon, worlds.tavern);
    expect(worlds.dungeon.status(ADA)).toBe("here");
    expect(itemsOf(worlds.dungeon.custody, ADA).map(({ id }) => id)).toContain(torch);
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody])).toMatchObject(sound);
    expect(lockerOf(worlds.dungeon.custody, ADA)).toEqual([]);
  });

  it("[X47] refunds what left before and was never admitted, by a whole answer", () => {
    depart(worlds, ADA);
    forget(worlds.tavern, worlds.tavern.records.length, [worlds.dungeon.id]);
    remember(worlds.tavern, worlds.dungeon);
    expect(worlds.tavern.status(ADA)).toBe("here");
    expect(worlds.tavern.custody.out.size).toBe(0);
  });

  it("[X49] counts a passport as admitted whose receipt never came, when its traveller has gone on", () => {
    const cellar = new TestWorld(3, worlds.clock);
    pin(cellar, worlds.dungeon, "Dungeon");
    pin(worlds.dungeon, cellar, "Cellar");
    const { length } = worlds.dungeon.records;
    present(worlds.dungeon, ADA, depart(worlds, ADA));
    cross(worlds.dungeon, cellar, ADA);
    forget(worlds.dungeon, length, [worlds.tavern.id, cellar.id]);
    remember(worlds.dungeon, worlds.tavern, cellar);
    worlds.clock.pass(CUSTODY.statusMs[0]);
    const receipt = post(worlds.dungeon.take({ in: "token", token: post(worlds.tavern.take({ in: "wake" })) }));
    expect(worlds.tavern.take({ in: "token", token: receipt }).rules).toEqual(["X12"]);
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody, cellar.custody])).toMatchObject({ ...sound, unresolved: 0 });
  });

  it("[X46] decides nothing until everybody has told", () => {
    const passport = depart(worlds, ADA);
    forget(worlds.dungeon, worlds.dungeon.records.length, [worlds.tavern.id]);
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ records: [], rules: ["X46"], fault: { code: "busy" } });
    worlds.clock.pass(CUSTODY.giveUpMs - 1);
    expect(worlds.dungeon.take({ in: "give-up", world: worlds.tavern.id, by: "Olga" })).toMatchObject({ records: [], rules: ["X46"] });
    worlds.clock.pass(1);
    expect(worlds.dungeon.take({ in: "give-up", world: worlds.tavern.id, by: "Olga" }).records).toMatchObject([{ r: "gaveup" }]);
    expect(worlds.dungeon.take({ in: "wake" }).rules).toContain("X49");
  });

  it("[X48] is not held to its old word by a peer that knows", () => {
    const receipt = post(present(worlds.dungeon, ADA, depart(worlds, ADA)));

    forget(worlds.dungeon, 0, [worlds.tavern.id]);
    remember(worlds.dungeon, worlds.tavern);
    expect(worlds.tavern.take({ in: "token", token: receipt })).toMatchObject({ records: [], rules: ["X48"] });
  });

  it("[X47] admits nobody by a passport that is over for its origin, though it has forgotten that it refused it", () => {
    const { length } = worlds.dungeon.records;
    const passport = depart(worlds, ADA);
    const transfer = worlds.tavern.custody.residents.get(ADA)?.transfer ?? "";
    const cancel = post(worlds.tavern.take({ in: "stay", traveller: ADA, transfer }));
    worlds.tavern.take({ in: "token", token: post(worlds.dungeon.take({ in: "token", token: cancel })) });
    expect(worlds.tavern.status(ADA)).toBe("here");
    forget(worlds.dungeon, length, [worlds.tavern.id]);
    remember(worlds.dungeon, worlds.tavern);
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ records: [], rules: ["X32"], fault: { code: "expired" } });
    // What had left and was open goes on as before.
    const other = depart(worlds, BOB);
    expect(present(worlds.dungeon, BOB, other).rules).toContain("X22");
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody])).toMatchObject(sound);
  });

  it("[X47] lets a refund and a late verdict touch nothing that has moved on otherwise", () => {
    const cellar = new TestWorld(3, worlds.clock);
    pin(cellar, worlds.tavern, "Tavern");
    pin(worlds.tavern, cellar, "Cellar");
    const torch = worlds.tavern.mint(ADA, "torch");
    depart(worlds, ADA);
    const { length } = worlds.tavern.records;
    const transfer = worlds.tavern.custody.residents.get(ADA)?.transfer ?? "";
    const cancel = post(worlds.tavern.take({ in: "stay", traveller: ADA, transfer }));
    worlds.tavern.take({ in: "token", token: post(worlds.dungeon.take({ in: "token", token: cancel })) });
    worlds.tavern.write({ r: "own", t: worlds.tavern.now().wallMs, item: torch, place: { in: "inventory", of: BOB } });
    cross(worlds.tavern, cellar, BOB);
    cross(cellar, worlds.tavern, BOB);
    cross(worlds.tavern, cellar, BOB);
    forget(worlds.tavern, length, [cellar.id, worlds.dungeon.id]);
    remember(worlds.tavern, cellar, worlds.dungeon);
    expect([worlds.tavern.status(ADA), worlds.tavern.status(BOB)]).toEqual(["here", "away"]);
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody, cellar.custody])).toMatchObject(sound);
  });

  it("[X47] knows that what lay in something that has moved on may have left with it", () => {
    const cellar = new TestWorld(3, worlds.clock);
    pin(cellar, worlds.tavern, "Tavern");
    pin(worlds.tavern, cellar, "Cellar");
    const bag = nextItemRef(worlds.tavern.custody);
    const coin = nextItemRef(worlds.tavern.custody, 1);
    const item = { id: bag, kind: "bag", props: {}, contents: [{ id: coin, kind: "coin", props: {}, contents: [] }] };
    worlds.tavern.write({ r: "mint", t: worlds.tavern.now().wallMs, item, place: { in: "inventory", of: ADA } });
    const passport = depart(worlds, ADA);
    const { length } = worlds.tavern.records;
    worlds.tavern.take({ in: "token", token: post(present(worlds.dungeon, ADA, passport)) });
    worlds.dungeon.write({ r: "own", t: worlds.dungeon.now().wallMs, item: coin, place: { in: "ground", x: 0, y: 0 } });
    cross(worlds.dungeon, worlds.tavern, ADA);
    worlds.tavern.write({ r: "own", t: worlds.tavern.now().wallMs, item: bag, place: { in: "inventory", of: BOB } });
    cross(worlds.tavern, cellar, BOB);
    forget(worlds.tavern, length, [cellar.id, worlds.dungeon.id]);
    remember(worlds.tavern, cellar, worlds.dungeon);
    expect(worlds.tavern.custody.items.has(coin)).toBe(false);
    expect(auditFederation([worlds.tavern.custody, worlds.dungeon.custody, cellar.custody])).toMatchObject(sound);
  });

  it("[X47] goes on when another process takes over while it asks: what it had decided before still counts", () => {
    const passport = depart(worlds, ADA);
    present(worlds.dungeon, ADA, passport);
    forget(worlds.dungeon, worlds.dungeon.records.length, [worlds.tavern.id]);
    const { epoch } = worlds.dungeon.custody;
    worlds.dungeon.write({ r: "epoch", t: worlds.dungeon.now().wallMs, n: epoch + 1 });
    remember(worlds.dungeon, worlds.tavern);
    expect(worlds.tavern.custody.memory.fences.get(worlds.dungeon.id)).toBe(epoch);
    worlds.clock.pass(CUSTODY.statusMs[0]);
    const receipt = post(worlds.dungeon.take({ in: "token", token: post(worlds.tavern.take({ in: "wake" })) }));
    expect(worlds.tavern.take({ in: "token", token: receipt }).rules).toEqual(["X12"]);
  });
});
