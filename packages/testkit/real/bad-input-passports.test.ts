// Passports that must not let anybody in, at the door of a real Dungeon: each is refused by its name. The good one is a real one, out of
// a real Tavern; the bad ones are made from it, or signed with the key of a world that the Dungeon has pinned.
import { pureEd25519, worldNotary } from "@sojourn/passport";
import { encodeBase64url, encodePlain, LIMITS, type Passport, TIMES } from "@sojourn/protocol";
import { randomBytes } from "@sojourn/runtime";
import { pinPeer } from "@sojourn/world";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKeys, RawTraveller, tokenOf } from "./mission/raw-traveller.ts";
import { until } from "./mission/until.ts";
import { ALL_WELL, auditOf, introduce, Realm, type WorldProcess } from "./mission/world-process.ts";

const utf8 = new TextEncoder();
/** A world of which there is only a key. The Dungeon's operator pinned it. */
const harbour = worldNotary(randomBytes(32));
/** One that nobody pinned. */
const stranger = worldNotary(randomBytes(32));
const ada = newKeys();
const eve = newKeys();

let realm: Realm;
let tavern: WorldProcess;
let dungeon: WorldProcess;
let transfers = 0;

beforeAll(async () => {
  realm = await Realm.open();
  [tavern, dungeon] = await Promise.all([
    realm.world("tavern", "tavern", "--no-web", "--heartbeat", "0"),
    realm.world("dungeon", "dungeon", "--no-web", "--heartbeat", "0"),
  ]);
  await introduce(tavern, dungeon);
  await pinPeer(dungeon.dataFolder, { world: harbour.world, name: "harbour", url: "http://127.0.0.1:9" });
  await until("the Dungeon notices the Harbour", async () => (await atDungeon(issued())) !== "unknown-origin");
});
afterAll(async () => {
  await realm?.end();
});

/** A passport of the Harbour's for Eve, for one more transfer. */
function claims(changes: Partial<Passport> = {}): Passport {
  const iat = Date.now();
  transfers += 1;
  return {
    typ: "passport",
    iss: harbour.world,
    aud: dungeon.ready.id,
    iat,
    exp: iat + TIMES.passportLifeMs,
    transfer: `${transfers}@${changes.iss ?? harbour.world}`,
    epoch: 1,
    traveller: eve.id,
    name: "Eve",
    home: changes.iss ?? harbour.world,
    hop: 1,
    body: { health: 100, props: {} },
    items: [],
    offer: "none",
    ...changes,
  };
}
const issued = (changes: Partial<Passport> = {}): string => harbour.sign(claims(changes));

/** What the Dungeon says to a passport that Eve holds up. */
const atDungeon = (passport: string, keys = eve): Promise<string> => RawTraveller.answerTo(dungeon.ready.play, keys, passport);

function withPart(token: string, part: number, change: (text: string) => string): string {
  return token
    .split(".")
    .map((text, i) => (i === part ? change(text) : text))
    .join(".");
}
const decoded = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, "base64url").toString());
const encoded = (value: unknown): string => encodeBase64url(utf8.encode(JSON.stringify(value)));

test("what is no passport, or is not signed by the world it names", async () => {
  const token = issued();
  const [header = "", payload = ""] = token.split(".");
  const byAnother = encodeBase64url(pureEd25519.sign(utf8.encode(`${header}.${payload}`), randomBytes(32)));
  const richer = (text: string): string => encoded({ ...decoded(text), name: "Rich" });
  const cases: [string, string, string][] = [
    ["no token", "nonsense", "malformed"],
    ["two parts", `${header}.${payload}`, "malformed"],
    ["a payload that is no JSON", withPart(token, 1, () => encodeBase64url(utf8.encode("{"))), "malformed"],
    [
      "a payload in another order",
      withPart(token, 1, (text) => encoded(Object.fromEntries(Object.entries(decoded(text)).reverse()))),
      "malformed",
    ],
    ["a field too many", withPart(token, 1, (text) => encoded({ ...decoded(text), zeal: 1 })), "malformed"],
    ["no algorithm", withPart(token, 0, (text) => encoded({ ...decoded(text), alg: "none" })), "forged"],
    ["another algorithm", withPart(token, 0, (text) => encoded({ ...decoded(text), alg: "HS256" })), "forged"],
    ["another key named", withPart(token, 0, (text) => encoded({ ...decoded(text), kid: stranger.world })), "unknown-key"],
    ["a signature of zeros", withPart(token, 2, () => encodeBase64url(new Uint8Array(64))), "forged"],
    ["another's signature", `${header}.${payload}.${byAnother}`, "forged"],
    ["an altered name", withPart(token, 1, richer), "forged"],
    ["another world's transfer", issued({ transfer: `1@${tavern.ready.id}` }), "forged"],
    [
      "a signed message that is no passport",
      harbour.sign({ typ: "status", iss: harbour.world, aud: dungeon.ready.id, iat: Date.now(), transfer: `1@${harbour.world}` }),
      "forged",
    ],
  ];
  for (const [name, passport, code] of cases) expect([name, await atDungeon(passport)]).toEqual([name, code]);
});

test("a passport longer than any may be", async () => {
  const long = await RawTraveller.knock(dungeon.ready.play, eve);
  long.link.send(Uint8Array.of(1, ...encodePlain({ ...long.hello(), passport: "x".repeat(LIMITS.passportBytes + 1) })));
  expect(await long.ended("too long a passport")).toBe("malformed");
});

test("well signed, and still not good: for another world, holder, time, from nobody known, without an offer", async () => {
  const nowMs = Date.now();
  const signedBy = (notary: typeof stranger): string => notary.sign(claims({ iss: notary.world }));
  const cases: [string, string, string][] = [
    ["for another world", issued({ aud: tavern.ready.id }), "foreign"],
    ["from a world nobody pinned", signedBy(stranger), "unknown-origin"],
    ["for another traveller", issued({ traveller: ada.id }), "not-holder"],
    ["past its time", issued({ iat: nowMs - 300_000, exp: nowMs - 180_000 }), "expired"],
    ["not yet in its time", issued({ iat: nowMs + 3_600_000, exp: nowMs + 3_660_000 }), "expired"],
    ["with too long a life", issued({ exp: nowMs + 10 * TIMES.passportLifeMs }), "refused"],
    ["without this world's offer", issued(), "refused"],
    [
      "with things made here that never were",
      issued({ items: [{ id: `77777@${dungeon.ready.id}`, kind: "gem", props: {}, hop: 1, contents: [] }] }),
      "refused",
    ],
  ];
  for (const [name, passport, code] of cases) expect([name, await atDungeon(passport)]).toEqual([name, code]);
});

test("a transfer that was refused stays refused, whatever is shown for it later", async () => {
  const spoilt = claims({ iat: Date.now() - 300_000, exp: Date.now() - 180_000 });
  expect(await atDungeon(harbour.sign(spoilt))).toBe("expired");
  const mended = harbour.sign({ ...spoilt, iat: Date.now(), exp: Date.now() + TIMES.passportLifeMs });
  expect(await atDungeon(mended)).toBe("expired");
  expect(await atDungeon(mended, newKeys())).toBe("not-holder");
});

test("a real passport: good once, for one holder, in one world", async () => {
  const home = await RawTraveller.enter(tavern.ready.play, ada);
  const transfer = await home.walkInto(127);
  const token = tokenOf(transfer);
  const kit = home.kinds;
  expect(await atDungeon(token)).toBe("not-holder");
  expect(await RawTraveller.answerTo(tavern.ready.play, ada, token)).toBe("foreign");
  const altered = withPart(token, 2, (text) => `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`);
  expect(await atDungeon(altered, ada)).toBe("forged");

  const there = await RawTraveller.enter(dungeon.ready.play, ada, token);
  expect(there.kinds).toEqual(["bread", "crate", "sign", "sword", "torch"]);
  // Shown again by its holder it is the same visit by another link; by anybody else it is nothing.
  expect(await atDungeon(token)).toBe("not-holder");
  const again = await RawTraveller.enter(dungeon.ready.play, ada, token);
  expect(again.last("welcome")?.resumed).toBe(true);
  expect(await there.ended("the first link")).toBe("replaced");
  const health = (await (await fetch(`${dungeon.url}/healthz`)).json()) as { travellers: number };
  expect(health.travellers).toBe(1);

  const portal = again.last("manifest")?.portals[0];
  await again.walk("off the portal's stones", 127, () => (again.own?.x ?? 0) > (portal?.x ?? 0) + (portal?.w ?? 0) + 1);
  const back = await again.walkInto(-127);
  const returned = await RawTraveller.enter(tavern.ready.play, ada, tokenOf(back));
  expect(returned.kinds).toEqual(kit);
  // Replayed now, the first passport opens nothing any more, and the second one only to herself.
  expect(await atDungeon(token, ada)).toBe("away");
  expect(await RawTraveller.answerTo(tavern.ready.play, eve, tokenOf(back))).toBe("not-holder");
  expect(returned.rejection()).toBeUndefined();
  await returned.leave();
});

test("both worlds are the same processes, open to whoever comes rightly, and nothing is lost or doubled", async () => {
  expect([tavern.isRunning, dungeon.isRunning]).toEqual([true, true]);
  expect(await atDungeon(issued())).toBe("refused");
  const visitor = await RawTraveller.enter(tavern.ready.play);
  await visitor.leave();
  await until("every crossing is settled", async () => (await auditOf(tavern, dungeon)).unresolved === 0);
  expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
});
