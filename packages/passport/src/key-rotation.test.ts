// Worlds whose keys change: what each hears of the other's, and what becomes of a crossing in the middle of it.
import { readFileSync } from "node:fs";
import { CUSTODY, type Decision, type ListedKey, TIMES } from "@sojourn/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import {
  depart,
  effectOf,
  pin,
  post,
  posts,
  present,
  TestClock,
  TestWorld,
  type TwoWorlds,
  told,
  twoWorlds,
} from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";
import { nodeNotary } from "./node.ts";
import { openToken } from "./notary.ts";
import { speakerOf } from "./speaker.ts";

interface Case {
  readonly name: string;
  readonly steps: readonly { readonly nowMs: number; readonly token: string; readonly verdict: string }[];
}
interface Shown {
  readonly name: string;
  readonly known?: string;
  readonly kid?: string;
  readonly keys?: string;
  readonly verdict: string;
}
const vectors = JSON.parse(readFileSync(new URL("../../../vectors/passport/keys.json", import.meta.url), "utf8")) as {
  readonly hearer: string;
  readonly world: string;
  readonly pinned: readonly string[];
  readonly messages: readonly Case[];
  readonly statements: readonly Case[];
  readonly shown: readonly Shown[];
};

function verdictsOn({ steps }: Case): string[] {
  const clock = new TestClock();
  clock.nowMs = steps[0]?.nowMs ?? 0;
  const hearer = new TestWorld(2, clock);
  expect(hearer.id).toBe(vectors.hearer);
  for (const world of vectors.pinned) hearer.peers.set(world, { world, name: world, url: "http://a.test" });
  return steps.map(({ nowMs, token }) => {
    clock.nowMs = nowMs;
    const before = hearer.records.length;
    const { records, fault } = hearer.take({ in: "token", token });
    expect(hearer.records.length - before).toBe(records.length);
    expect(records.every(({ r }) => r === "keys")).toBe(true);
    if (fault !== undefined) expect(records).toEqual([]);
    return fault?.code ?? (records.length > 0 ? "kept" : "true");
  });
}

describe("vectors/passport/keys", () => {
  it.each(vectors.messages)("[P9] [P12] [P13] $name", (one) => {
    expect(verdictsOn(one)).toEqual(one.steps.map(({ verdict }) => verdict));
  });

  it.each(vectors.statements)("[P10] [P11] $name", (one) => {
    expect(verdictsOn(one)).toEqual(one.steps.map(({ verdict }) => verdict));
  });

  it.each(vectors.shown)("[C1] at the door: $name", ({ known, kid, keys, verdict }) => {
    const read = known === undefined ? undefined : openToken(known);
    const claims = read?.ok === true && read.value.claims.typ === "keys" ? read.value.claims : undefined;
    const kept = claims === undefined || known === undefined ? undefined : { version: claims.version, token: known, keys: claims.keys };
    const speaker = speakerOf(vectors.world, { kid, keys }, kept);
    expect(speaker.ok ? "true" : speaker.fault.code).toBe(verdict);
    if (speaker.ok) expect(speaker.value.known?.token).toBe(keys);
  });

  it("are more than forty", () => expect(vectors.messages.length + vectors.statements.length + vectors.shown.length).toBeGreaterThan(60));
});

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const K1 = keysFromSecret(new Uint8Array(32).fill(11)).id;
const K2 = keysFromSecret(new Uint8Array(32).fill(12)).id;

let worlds: TwoWorlds;
beforeEach(() => {
  worlds = twoWorlds();
  worlds.tavern.bear(ADA);
  worlds.tavern.mint(ADA, "torch");
});

const retired = (world: TestWorld): ListedKey => ({ key: world.id, until: worlds.clock.nowMs + CUSTODY.retireMs });

/** Everything each posts to the other is heard, until nobody has anything to say. */
function exchange(...begun: readonly (readonly [TestWorld, Decision])[]): void {
  const { tavern, dungeon } = worlds;
  const queue = begun.flatMap(([from, decision]) => posts(decision).map((token) => ({ from, token })));
  for (let i = 0; i < queue.length && i < 100; i++) {
    const { from, token } = queue[i] as (typeof queue)[number];
    const to = from === tavern ? dungeon : tavern;
    const decision = to.take({ in: "token", token });
    if (decision.fault !== undefined)
      queue.push(
        ...posts(from.take({ in: "unreachable", world: to.id, token, fault: decision.fault })).map((next) => ({ from, token: next })),
      );
    queue.push(...posts(decision).map((next) => ({ from: to, token: next })));
  }
}

describe("a crossing while keys change", () => {
  it("[P13] [X22] [X12] arrives by a passport of the key that was retired meanwhile, and is released by a receipt of a newer one", () => {
    const { tavern, dungeon } = worlds;
    const passport = depart(worlds, ADA);
    tavern.rotate(1, [retired(tavern), { key: K1 }], 11);
    exchange([tavern, tavern.take({ in: "wake" })]);
    expect(dungeon.custody.keys.get(tavern.id)?.version).toBe(1);
    dungeon.rotate(1, [retired(dungeon), { key: K2 }], 12);
    exchange([dungeon, dungeon.take({ in: "wake" })]);
    worlds.clock.pass(TIMES.passportLifeMs - 1);
    const arrived = present(dungeon, ADA, passport);
    expect(arrived.rules).toEqual(["X22"]);
    exchange([dungeon, arrived]);
    expect([tavern.status(ADA), dungeon.status(ADA)]).toEqual(["away", "here"]);
  });

  it("[P12] decides nothing for a passport of a key it has not heard of, and lets the traveller in when it has", () => {
    const { tavern, dungeon } = worlds;
    const statement = tavern.rotate(1, [retired(tavern), { key: K1 }], 11);
    const request = post(tavern.take({ in: "ask", traveller: ADA, to: dungeon.id }));
    const puzzled = dungeon.take({ in: "token", token: request });
    expect(puzzled).toMatchObject({ records: [], effects: [], rules: ["X24", "P12"], fault: { code: "unknown-key", retryAfterMs: 1_000 } });
    const retold = tavern.take({ in: "unreachable", world: dungeon.id, token: request, fault: puzzled.fault! });
    expect(posts(retold)).toEqual([statement]);
    expect(tavern.desk.asks.has(ADA)).toBe(true);
    exchange([tavern, retold]);
    const offer = post(dungeon.take({ in: "token", token: request }));
    tavern.take({ in: "token", token: offer });
    const { passport } = [...tavern.custody.out.values()][0]!;
    dungeon.custody.keys.clear();
    const early = present(dungeon, ADA, passport);
    expect(early).toMatchObject({ records: [], rules: ["X24", "P12"], fault: { code: "unknown-key" } });
    dungeon.take({ in: "token", token: statement });
    expect(present(dungeon, ADA, passport).rules).toEqual(["X22"]);
  });

  it("[P13] [X27] [X13] turns back by the new key whom a revoked key let go: nothing is lost", () => {
    const { tavern, dungeon } = worlds;
    const passport = depart(worlds, ADA);
    const [departure] = [...tavern.custody.out.values()];
    tavern.rotate(1, [{ key: tavern.id, revoked: true }, { key: K1 }], 11);
    exchange([tavern, tavern.take({ in: "wake" })]);
    const turned = present(dungeon, ADA, passport);
    expect(turned).toMatchObject({ records: [], rules: ["X24", "P13"], fault: { code: "forged" } });
    expect(effectOf(turned, "turned-away")?.refusal).toBeUndefined();
    exchange([tavern, tavern.take({ in: "stay", traveller: ADA, transfer: departure!.transfer })]);
    expect([tavern.status(ADA), dungeon.status(ADA)]).toEqual(["here", undefined]);
    expect(dungeon.custody.arrivals.get(departure!.transfer)?.decision).toBe("refused");
  });

  it("[P13] takes no offer of its own that a revoked key of its own has signed", () => {
    const { dungeon } = worlds;
    const passport = depart(worlds, ADA);
    dungeon.rotate(1, [{ key: dungeon.id, revoked: true }, { key: K2 }], 12);
    const refused = present(dungeon, ADA, passport);
    expect(refused.rules).toEqual(["X23"]);
    expect(refused.records).toMatchObject([{ r: "refuse", code: "refused" }]);
  });

  it("[X53] [P13] says a decision again by its new key with the same payload, also when the old key was revoked", () => {
    const { tavern, dungeon } = worlds;
    const arrived = present(dungeon, ADA, depart(worlds, ADA));
    const receipt = posts(arrived)[0]!;
    const asking = tavern.take({ in: "wake" });
    worlds.clock.pass(CUSTODY.statusMs[0]);
    dungeon.rotate(1, [{ key: dungeon.id, revoked: true }, { key: K2 }], 12);
    exchange([dungeon, dungeon.take({ in: "wake" })]);
    expect(tavern.take({ in: "token", token: receipt })).toMatchObject({ records: [], rules: ["X15", "P13"] });
    expect(posts(asking)).toEqual([]);
    const question = post(tavern.take({ in: "wake" }));
    const again = post(dungeon.take({ in: "token", token: question }));
    expect(again).not.toBe(receipt);
    expect(again.split(".")[1]).toBe(receipt.split(".")[1]);
    expect(tavern.take({ in: "token", token: again }).rules).toEqual(["X12"]);
    expect(posts(dungeon.take({ in: "token", token: question }))).toEqual([again]);
  });

  it("[P13] lets stand what a key decided before it was revoked", () => {
    const { tavern, dungeon } = worlds;
    const passport = depart(worlds, ADA);
    exchange([dungeon, present(dungeon, ADA, passport)]);
    tavern.rotate(1, [{ key: tavern.id, revoked: true }, { key: K1 }], 11);
    exchange([tavern, tavern.take({ in: "wake" })]);
    expect(dungeon.status(ADA)).toBe("here");
    expect(present(dungeon, ADA, passport).rules).toEqual(["X25"]);
  });
});

describe("telling and keeping", () => {
  it("[P14] tells every peer until each has said that it knows, and again when it opens", () => {
    const { tavern, dungeon, clock } = worlds;
    const harbour = new TestWorld(3, clock);
    pin(tavern, harbour, "Harbour");
    const statement = tavern.rotate(1, [{ key: K1 }], 11);
    expect(posts(tavern.take({ in: "wake" }))).toEqual([statement, statement]);
    exchange([dungeon, dungeon.take({ in: "token", token: statement })]);
    expect([...tavern.desk.noted]).toEqual([[dungeon.id, 1]]);
    expect(posts(tavern.take({ in: "wake" }))).toEqual([]);
    clock.pass(CUSTODY.statementMs[0]);
    const again = tavern.take({ in: "wake" });
    expect(again.effects).toEqual([{ e: "post", to: harbour.id, token: statement, reply: false }]);
    expect(again.rules).toContain("P14");
    tavern.restart();
    expect(posts(tavern.take({ in: "wake" }))).toEqual([statement, statement]);
  });

  it("[P14] is not driven by a peer that never understands: it is told at the pace of any other", () => {
    const { tavern, dungeon, clock } = worlds;
    const statement = tavern.rotate(1, [{ key: K1 }], 11);
    const why = { code: "unknown-key", blame: "peer", detail: "", retryAfterMs: 0 } as const;
    let told = 0;
    const startMs = clock.nowMs;
    for (; clock.nowMs < startMs + 60_000; clock.pass(20)) {
      told += posts(tavern.take({ in: "unreachable", world: dungeon.id, token: statement, fault: why })).length;
      told += posts(tavern.take({ in: "wake" })).length;
    }
    expect(told).toBeLessThan(10);
    expect(told).toBeGreaterThan(4);
  });

  it("[P14] takes nobody else's word that a peer knows", () => {
    const { tavern, dungeon, clock } = worlds;
    tavern.rotate(1, [{ key: K1 }], 11);
    const claims = { typ: "noted", iss: dungeon.id, aud: tavern.id, iat: clock.nowMs, version: 1 } as const;
    const forged = nodeNotary(new Uint8Array(32).fill(99), dungeon.id).sign(claims);
    expect(tavern.take({ in: "token", token: forged })).toMatchObject({ rules: ["P14", "P12"], fault: { code: "unknown-key" } });
    const early = dungeon.notary.sign({ ...claims, version: 2 });
    tavern.take({ in: "token", token: early });
    expect(tavern.desk.noted.size).toBe(0);
    const elsewhere = dungeon.notary.sign({ ...claims, aud: dungeon.id });
    expect(tavern.take({ in: "token", token: elsewhere }).fault?.code).toBe("foreign");
    tavern.take({ in: "token", token: dungeon.notary.sign(claims) });
    expect(tavern.desk.noted.get(dungeon.id)).toBe(1);
  });

  it("[P10] keeps a statement over a restart and a checkpoint, so that an older one is stale after it", () => {
    const { tavern, dungeon } = worlds;
    const first = tavern.rotate(1, [{ key: K1 }], 11);
    const second = tavern.rotate(2, [{ key: K1, revoked: true }, { key: K2 }], 12);
    dungeon.take({ in: "token", token: second });
    dungeon.restart();
    const stale = dungeon.take({ in: "token", token: first });
    expect(stale).toMatchObject({ records: [], fault: { code: "stale-keys" } });
    expect(posts(stale)).toEqual([second]);
  });

  it("[P11] tells a world whose folder was rolled back that others know more of its keys", () => {
    const { tavern, dungeon } = worlds;
    const first = tavern.rotate(1, [{ key: K1 }], 11);
    const before = [...tavern.records];
    dungeon.take({ in: "token", token: tavern.rotate(2, [{ key: K2 }], 12) });
    tavern.records.splice(0, tavern.records.length, ...before);
    tavern.restart();
    const newer = post(dungeon.take({ in: "token", token: first }));
    expect(tavern.take({ in: "token", token: newer })).toMatchObject({ records: [], fault: { code: "stale-keys", blame: "world" } });
  });

  it("[P14] takes only a newer statement of its own as its operator's", () => {
    const { tavern, dungeon } = worlds;
    const first = tavern.rotate(1, [{ key: K1 }], 11);
    expect(tavern.take({ in: "keys", token: first })).toMatchObject({ records: [], rules: ["P14"] });
    tavern.rotate(2, [{ key: K2 }], 12);
    expect(tavern.take({ in: "keys", token: first }).fault?.code).toBe("stale-keys");
    const foreign = dungeon.rotate(5, [{ key: K1 }], 11);
    expect(tavern.take({ in: "keys", token: foreign }).fault?.code).toBe("foreign");
    expect(tavern.take({ in: "keys", token: "x" }).fault?.code).toBe("malformed");
    expect(told(tavern.take({ in: "wake" }))).toEqual([]);
  });

  it("[P9] signs for nobody else, and states no keys but by the identity key", () => {
    const { tavern, clock } = worlds;
    const signer = nodeNotary(new Uint8Array(32).fill(11), tavern.id);
    expect(signer.kid).toBe(K1);
    expect(() => signer.sign({ typ: "keys", iss: tavern.id, iat: clock.nowMs, version: 1, keys: [] })).toThrow("identity key");
    expect(() => signer.sign({ typ: "status", iss: K1, aud: K2, iat: 0, transfer: `1@${K1}` })).toThrow("for itself only");
  });
});
