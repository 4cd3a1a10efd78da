// Quotas on what one world's word may bring in, through both machines: by hour, in all, by worth; together, after a restart, replayed.
import { CUSTODY, checkpointOf, importsLately, itemsOf, restoreCustody, TIMES } from "@sojourn/protocol";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, effectOf, post, present, type TwoWorlds, told, twoWorlds } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const BOB = keysFromSecret(new Uint8Array(32).fill(51)).id;
const HOUR_MS = 3_600_000;

let worlds: TwoWorlds;
beforeEach(() => {
  worlds = twoWorlds();
  worlds.tavern.bear(ADA);
  worlds.tavern.bear(BOB);
});

function lay(...quotas: NonNullable<TwoWorlds["dungeon"]["imports"]["quotas"]>[string]): void {
  worlds.dungeon.imports = { origins: { "*": { allow: ["*"] } }, quotas: { [worlds.tavern.id]: quotas } };
}

/** There, and what came along. */
function cross(traveller: string): string[] {
  const admitted = present(worlds.dungeon, traveller, depart(worlds, traveller));
  worlds.tavern.take({ in: "token", token: post(admitted) });
  return itemsOf(worlds.dungeon.custody, traveller).map(({ id }) => id);
}

function home(traveller: string): void {
  const back = present(worlds.tavern, traveller, depart({ tavern: worlds.dungeon, dungeon: worlds.tavern }, traveller));
  worlds.dungeon.take({ in: "token", token: post(back) });
}

describe("a quota on another world's things", () => {
  it("[E1] refuses what is over it, with everything in it, by a sentence one can act on", () => {
    lay({ kind: "torch", inAll: 1 });
    const [first, second] = [worlds.tavern.mint(ADA, "torch"), worlds.tavern.mint(ADA, "torch")];
    const coin = worlds.tavern.mint(ADA, "coin");
    worlds.tavern.write({ r: "own", t: worlds.clock.nowMs, item: coin, place: { in: "item", item: second } });
    const asked = post(worlds.tavern.take({ in: "ask", traveller: ADA, to: worlds.dungeon.id }));
    const offered = worlds.dungeon.take({ in: "token", token: asked });
    expect(offered.rules).toEqual(["X20", "E1"]);
    const left = worlds.tavern.take({ in: "token", token: post(offered) });
    const crossing = told(left).find((message) => message.t === "crossing");
    expect(crossing?.t === "crossing" && crossing.rulings).toMatchObject([
      { item: first, verdict: "admit" },
      {
        item: second,
        verdict: "refuse",
        reason: "At most 1 of torch of Tavern may be in this world at once, and they are. Leave it behind.",
      },
      { item: coin, verdict: "refuse", reason: "It stays in the torch, of which too many are here." },
      { item: "body" },
    ]);
  });

  it("[E1] counts an hour, whoever carries them and however often they come, and not longer", () => {
    lay({ kind: "*", perHour: 2 });
    worlds.tavern.mint(ADA, "torch");
    worlds.tavern.mint(BOB, "coin");
    expect(cross(ADA)).toHaveLength(1);
    home(ADA);
    expect(cross(ADA)).toHaveLength(1);
    worlds.dungeon.restart();
    expect(cross(BOB)).toHaveLength(0);
    home(BOB);
    worlds.clock.pass(HOUR_MS + CUSTODY.importSlotMs);
    expect(cross(BOB)).toHaveLength(1);
  });

  it("[E1] bounds a sum as this world reads it, and a debt makes no room", () => {
    lay({ kind: "coin", sum: { prop: "worth", max: 100 } });
    const coins = [-1_000, 60, 50, 40].map((worth) => worlds.tavern.mint(ADA, "coin", { worth }));
    expect(cross(ADA)).toEqual([coins[0], coins[1], coins[3]]);
    home(ADA);
    worlds.dungeon.imports = {
      ...worlds.dungeon.imports,
      origins: { "*": { allow: ["*"], clamp: [{ kind: "coin", prop: "worth", max: 30 }] } },
    };
    expect(cross(ADA)).toHaveLength(4);
  });

  it("[E1] asks who hands a declared thing over as well as whose name it bears, and never counts one's own", () => {
    lay({ kind: "*", inAll: 0 });
    const forged = `9@${keysFromSecret(new Uint8Array(32).fill(77)).id}`;
    worlds.tavern.mint(ADA, "torch");
    const row = [...worlds.tavern.custody.items.values()][0]!;
    worlds.tavern.custody.items.delete(row.id);
    worlds.tavern.custody.items.set(forged, { ...row, id: forged });
    worlds.tavern.custody.held.set(`inventory ${ADA}`, new Set([forged]));
    expect(cross(ADA)).toEqual([]);
    const mine = worlds.dungeon.mint(ADA, "lamp");
    home(ADA);
    expect(cross(ADA)).toEqual([mine]);
  });

  it("[E1] holds the place of every offer that is out: two together pass no quota", () => {
    lay({ kind: "torch", inAll: 1 });
    for (const traveller of [ADA, BOB]) worlds.tavern.mint(traveller, "torch");
    const requests = [ADA, BOB].map((traveller) => post(worlds.tavern.take({ in: "ask", traveller, to: worlds.dungeon.id })));
    const rules = requests.map((token) => worlds.dungeon.take({ in: "token", token }).rules);
    expect(rules).toEqual([["X20"], ["X20", "E1"]]);
  });

  it.each([
    ["was restarted", () => worlds.dungeon.restart()],
    ["ended the offer", () => worlds.clock.pass(TIMES.offerLifeMs)],
  ])("[E2] counts anew when the destination %s meanwhile, and brings them home rather than pass the quota", (_, meanwhile) => {
    lay({ kind: "torch", inAll: 1 });
    for (const traveller of [ADA, BOB]) worlds.tavern.mint(traveller, "torch");
    const passport = depart(worlds, ADA);
    meanwhile();
    worlds.dungeon.take({ in: "wake" });
    expect(cross(BOB)).toHaveLength(1);
    const refused = present(worlds.dungeon, ADA, passport);
    expect(refused).toMatchObject({ rules: ["X23", "E2"], records: [{ r: "refuse", code: "refused" }] });
    expect(worlds.tavern.take({ in: "token", token: effectOf(refused, "turned-away")!.refusal! }).rules).toEqual(["X13"]);
    expect(itemsOf(worlds.tavern.custody, ADA)).toHaveLength(1);
  });

  it("[E2] holds the place of its last answer alone when one question was answered before and after a restart", () => {
    lay({ kind: "torch", inAll: 2 });
    for (const traveller of [ADA, ADA, BOB]) worlds.tavern.mint(traveller, "torch");
    const request = post(worlds.tavern.take({ in: "ask", traveller: ADA, to: worlds.dungeon.id }));
    const first = post(worlds.dungeon.take({ in: "token", token: request }));
    worlds.dungeon.restart();
    expect(cross(BOB)).toHaveLength(1);
    expect(worlds.dungeon.take({ in: "token", token: request }).rules).toEqual(["X20", "E1"]);
    worlds.tavern.take({ in: "token", token: first });
    const passport = [...worlds.tavern.custody.out.values()].find(({ traveller }) => traveller === ADA)!.passport;
    expect(present(worlds.dungeon, ADA, passport)).toMatchObject({ rules: ["X23", "E2"], records: [{ r: "refuse" }] });
  });

  it("[E2] admits what it offered when nothing came between", () => {
    lay({ kind: "torch", inAll: 1 });
    worlds.tavern.mint(ADA, "torch");
    const passport = depart(worlds, ADA);
    worlds.dungeon.restart();
    expect(present(worlds.dungeon, ADA, passport).rules).toEqual(["X22"]);
  });

  it("[E1] [E2] is never passed, whatever comes and goes in whatever order", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("there", "back", "restart", "later"), fc.constantFrom(ADA, BOB)), { maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.nat(4), fc.nat(6), (todo, inAll, perHour) => {
        worlds = twoWorlds();
        const came: number[] = [];
        lay({ kind: "*", inAll, perHour });
        for (const traveller of [ADA, BOB]) {
          worlds.tavern.bear(traveller);
          for (let i = 0; i < 3; i++) worlds.tavern.mint(traveller, "torch");
        }
        for (const [step, traveller] of todo) {
          if (step === "there" && worlds.tavern.status(traveller) === "here") came.push(...cross(traveller).map(() => worlds.clock.nowMs));
          else if (step === "back" && worlds.dungeon.status(traveller) === "here") home(traveller);
          else if (step === "restart") worlds.dungeon.restart();
          else worlds.clock.pass(HOUR_MS / 3);
          expect(worlds.dungeon.custody.items.size).toBeLessThanOrEqual(inAll);
          expect(came.filter((atMs) => atMs > worlds.clock.nowMs - HOUR_MS).length).toBeLessThanOrEqual(perHour);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the count of what came in", () => {
  it("[X54] is bounded, and what is not counted by itself weighs on every quota", () => {
    const { custody } = worlds.dungeon;
    worlds.tavern.mint(ADA, "torch");
    for (let i = 0; i < CUSTODY.importCounts; i++) custody.imports.set(`w${i}`, new Map([["torch", [{ slot: 1e9, n: 1 }]]]));
    cross(ADA);
    expect(custody.imports.size).toBe(CUSTODY.importCounts + 1);
    expect(importsLately(custody.imports, worlds.tavern.id, "torch", worlds.clock.nowMs)).toBe(1);
    expect(importsLately(custody.imports, "anybody", "sword", worlds.clock.nowMs)).toBe(1);
  });

  it("[X51] is the same from a checkpoint", () => {
    worlds.tavern.mint(ADA, "torch");
    cross(ADA);
    const restored = restoreCustody(structuredClone(checkpointOf(worlds.dungeon.custody)));
    expect(restored.imports).toEqual(worlds.dungeon.custody.imports);
    expect(restored.items).toEqual(worlds.dungeon.custody.items);
  });
});
