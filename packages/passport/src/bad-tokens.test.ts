// What a stranger, a thief, a forger or a careless peer may bring to a border. Each ends in its named fault, and nothing is decided.
import {
  type Claims,
  CUSTODY,
  canonicalJson,
  claimSchemas,
  type Decision,
  decodeBase64url,
  encodeBase64url,
  type Json,
  LIMITS,
  type Passport,
  TIMES,
} from "@sojourn/protocol";
import { CompactSign, compactVerify, importJWK } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { keyOfDid } from "./did.ts";
import { depart, effectOf, post, present, reissue, TestWorld, type TwoWorlds, twoWorlds } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";
import { nodeNotary } from "./node.ts";
import { openToken, worldNotary } from "./notary.ts";
import { readToken, signingInput } from "./token.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const MALLORY = keysFromSecret(new Uint8Array(32).fill(66)).id;
const utf8 = new TextEncoder();

let worlds: TwoWorlds;
let passport: string;
beforeEach(() => {
  worlds = twoWorlds();
  worlds.tavern.bear(ADA);
  worlds.tavern.mint(ADA, "torch", { charge: 3 });
  passport = depart(worlds, ADA);
});

const part = (json: string): string => encodeBase64url(utf8.encode(json));
const parts = (token: string): [string, string, string] => token.split(".") as [string, string, string];
const payloadOf = (token: string): string => Buffer.from(parts(token)[1], "base64url").toString();
const withHeader = (token: string, header: string): string => [part(header), ...parts(token).slice(1)].join(".");
const withPayload = (token: string, payload: string): string => [parts(token)[0], part(payload), parts(token)[2]].join(".");

function unchanged(decision: Decision): string | undefined {
  expect(decision.records).toEqual([]);
  expect(effectOf(decision, "admitted")).toBeUndefined();
  expect(effectOf(decision, "turned-away")?.refusal).toBeUndefined();
  expect(worlds.dungeon.custody.arrivals.size).toBe(0);
  return decision.fault?.code;
}

const header = (more: object): string =>
  canonicalJson({ alg: "EdDSA", kid: worlds.tavern.id, typ: "sojourn-passport+jws", ...more } as Json);

/** What is done to a good passport, and the fault it ends in. */
const MISSPELT: readonly (readonly [string, string, () => string])[] = [
  ["nothing", "malformed", () => ""],
  ["two parts", "malformed", () => parts(passport).slice(0, 2).join(".")],
  ["four parts", "malformed", () => `${passport}.`],
  ["padding", "malformed", () => `${passport}==`],
  ["the other alphabet", "malformed", () => [parts(passport)[0], "+/+/", parts(passport)[2]].join(".")],
  ["white space", "malformed", () => `${passport}\n`],
  [
    "stray bits in the last character",
    "malformed",
    () => `${passport.slice(0, -1)}${String.fromCharCode(passport.charCodeAt(passport.length - 1) + 1)}`,
  ],
  ["a short signature", "malformed", () => passport.slice(0, -4)],
  ["no signature", "malformed", () => `${parts(passport)[0]}.${parts(passport)[1]}.`],
  ["alg none", "forged", () => withHeader(passport, header({ alg: "none" }))],
  ["alg none without a signature", "malformed", () => `${part(header({ alg: "none" }))}.${parts(passport)[1]}.`],
  ["alg HS256", "forged", () => withHeader(passport, header({ alg: "HS256" }))],
  ["alg ES256", "forged", () => withHeader(passport, header({ alg: "ES256" }))],
  ["alg Ed25519", "forged", () => withHeader(passport, header({ alg: "Ed25519" }))],
  ["alg in other letters", "forged", () => withHeader(passport, header({ alg: "eddsa" }))],
  ["jwk in the header", "forged", () => withHeader(passport, header({ jwk: { kty: "OKP" } }))],
  ["jku in the header", "forged", () => withHeader(passport, header({ jku: "https://evil.test/keys" }))],
  ["x5u in the header", "forged", () => withHeader(passport, header({ x5u: "https://evil.test/c" }))],
  ["x5c in the header", "forged", () => withHeader(passport, header({ x5c: ["MII"] }))],
  ["crit in the header", "forged", () => withHeader(passport, header({ crit: ["b64"], b64: false }))],
  ["zip in the header", "forged", () => withHeader(passport, header({ zip: "DEF" }))],
  ["cty in the header", "forged", () => withHeader(passport, header({ cty: "JWT" }))],
  ["another kid", "unknown-key", () => withHeader(passport, header({ kid: worlds.dungeon.id }))],
  ["a path as kid", "forged", () => withHeader(passport, header({ kid: "../../etc/passwd" }))],
  ["typ JWT", "forged", () => withHeader(passport, header({ typ: "JWT" }))],
  ["typ of another message", "malformed", () => withHeader(passport, header({ typ: "sojourn-receipt+jws" }))],
  ["typ that does not exist", "forged", () => withHeader(passport, header({ typ: "sojourn-pass+jws" }))],
  ["no typ", "forged", () => withHeader(passport, canonicalJson({ alg: "EdDSA", kid: worlds.tavern.id }))],
  [
    "header keys out of order",
    "forged",
    () => withHeader(passport, `{"kid":"${worlds.tavern.id}","alg":"EdDSA","typ":"sojourn-passport+jws"}`),
  ],
  ["header with a space", "forged", () => withHeader(passport, header({}).replace(":", ": "))],
  ["a header that is a list", "forged", () => withHeader(passport, "[]")],
  ["a header that is no JSON", "malformed", () => withHeader(passport, "{")],
  ["a huge header", "forged", () => withHeader(passport, header({ pad: "x".repeat(10_000) }))],
  ["a payload that is no JSON", "malformed", () => withPayload(passport, "{")],
  ["a payload that is null", "malformed", () => withPayload(passport, "null")],
  [
    "a payload that is not UTF-8",
    "malformed",
    () => [parts(passport)[0], encodeBase64url(Uint8Array.of(0xff, 0xfe)), parts(passport)[2]].join("."),
  ],
  ["a byte order mark", "malformed", () => withPayload(passport, `\ufeff${payloadOf(passport)}`)],
  ["a space in the payload", "malformed", () => withPayload(passport, payloadOf(passport).replace(",", ", "))],
  [
    "payload keys out of order",
    "malformed",
    () => withPayload(passport, payloadOf(passport).replace(/^\{("aud":"[^"]+"),(.*)\}$/, "{$2,$1}")),
  ],
  ["a key twice", "malformed", () => withPayload(passport, payloadOf(passport).replace("{", `{"aud":"${worlds.dungeon.id}",`))],
  ["a member too many", "malformed", () => withPayload(passport, payloadOf(passport).replace(/\}$/, ',"zzz":1}'))],
  ["typ in the payload", "malformed", () => withPayload(passport, payloadOf(passport).replace(/\}$/, ',"typ":"passport"}'))],
  ["the key __proto__", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge"', '"__proto__"'))],
  ["a number in another spelling", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge":3', '"charge":3.0'))],
  ["an exponent", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge":3', '"charge":3e0'))],
  ["negative zero", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge":3', '"charge":-0'))],
  ["a number past 2^53", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge":3', '"charge":9007199254740993'))],
  ["infinity", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge":3', '"charge":1e999'))],
  ["an escaped letter", "malformed", () => withPayload(passport, payloadOf(passport).replace('"charge"', '"c\\u0068arge"'))],
  ["aud as a list", "malformed", () => withPayload(passport, payloadOf(passport).replace(/"aud":("[^"]+")/, '"aud":[$1]'))],
  ["two audiences", "malformed", () => withPayload(passport, payloadOf(passport).replace(/"aud":("[^"]+")/, '"aud":[$1,$1]'))],
  ["no aud", "malformed", () => withPayload(passport, payloadOf(passport).replace(/"aud":"[^"]+",/, ""))],
  ["iss that is no DID", "malformed", () => withPayload(passport, payloadOf(passport).replace(/"iss":"[^"]+"/, '"iss":"tavern"'))],
  ["a negative time", "malformed", () => withPayload(passport, payloadOf(passport).replace(/"iat":/, '"iat":-'))],
  ["a time that is text", "malformed", () => withPayload(passport, payloadOf(passport).replace(/"iat":(\d+)/, '"iat":"$1"'))],
  [
    "things nested too deep",
    "malformed",
    () =>
      withPayload(
        passport,
        payloadOf(passport).replace(/"items":.*?\}\],"name"/, `"items":${"[".repeat(9_000)}${"]".repeat(9_000)},"name"`),
      ),
  ],
  ["too long", "oversized", () => "a".repeat(LIMITS.tokenBytes + 1)],
];

describe("[P1] a token has one spelling", () => {
  it.each(MISSPELT)("[P1] %s: %s", (_name, code, make) => {
    expect(make()).not.toBe(passport);
    expect(unchanged(present(worlds.dungeon, ADA, make()))).toBe(code);
    const posted = worlds.dungeon.take({ in: "token", token: make() });
    expect(posted).toMatchObject({ records: [], effects: [] });
    expect(posted.fault).toBeDefined();
  });

  it("[P1] [P2] every byte of a passport counts: flipped, it is refused", () => {
    const codes = new Set<string | undefined>();
    for (let i = 0; i < passport.length; i++) {
      for (const bit of [1, 2, 32]) {
        const flipped = passport.slice(0, i) + String.fromCharCode(passport.charCodeAt(i) ^ bit) + passport.slice(i + 1);
        codes.add(unchanged(present(worlds.dungeon, ADA, flipped)));
      }
    }
    const expected: readonly (string | undefined)[] = ["expired", "unknown-key", "foreign", "forged", "malformed", "unknown-origin"];
    expect([...codes].filter((code) => !expected.includes(code))).toEqual([]);
    expect(["forged", "malformed"].filter((code) => !codes.has(code))).toEqual([]);
    expect(present(worlds.dungeon, ADA, passport).rules).toEqual(["X22"]);
  });
});

describe("signatures and keys", () => {
  it("[P2] a token verifies with another library of JOSE, and its twin there verifies here", async () => {
    const key = keyOfDid(worlds.tavern.id);
    if (!key.ok) throw new Error("the world's key is sound");
    const jwk = await importJWK({ kty: "OKP", crv: "Ed25519", x: encodeBase64url(key.value) }, "EdDSA");
    const { payload, protectedHeader } = await compactVerify(passport, jwk, { algorithms: ["EdDSA"] });
    expect(protectedHeader).toEqual({ alg: "EdDSA", kid: worlds.tavern.id, typ: "sojourn-passport+jws" });
    expect(new TextDecoder().decode(payload)).toBe(payloadOf(passport));
    const x = encodeBase64url(key.value);
    const signer = await importJWK({ kty: "OKP", crv: "Ed25519", x, d: encodeBase64url(new Uint8Array(32).fill(1)) }, "EdDSA");
    const header = { alg: "EdDSA", kid: worlds.tavern.id, typ: "sojourn-passport+jws" };
    expect(await new CompactSign(utf8.encode(payloadOf(passport))).setProtectedHeader(header).sign(signer)).toBe(passport);
  });

  it("[P2] a signature with S not below L is refused", () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = decodeBase64url(parts(passport)[2])!;
    let s = 0n;
    for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i]!);
    s += L;
    for (let i = 32; i < 64; i++) {
      signature[i] = Number(s & 0xffn);
      s >>= 8n;
    }
    const malleated = `${parts(passport)[0]}.${parts(passport)[1]}.${encodeBase64url(signature)}`;
    expect(unchanged(present(worlds.dungeon, ADA, malleated))).toBe("forged");
    expect(openToken(malleated)).toMatchObject({ ok: false, fault: { code: "forged" } });
  });

  it("[P2] a passport signed by another world's key is forged", () => {
    const read = readToken(passport);
    if (!read.ok) throw new Error("it reads");
    const other = nodeNotary(new Uint8Array(32).fill(9));
    const signed = signingInput(read.value.claims);
    const elsewhere = other.sign({ ...(read.value.claims as Passport), iss: other.world });
    expect(unchanged(present(worlds.dungeon, ADA, `${signed}.${parts(elsewhere)[2]}`))).toBe("forged");
  });

  it("a world signs nothing in another's name, and the same claims alike with both kinds of keys", () => {
    const read = readToken(passport);
    if (!read.ok) throw new Error("it reads");
    expect(() => worlds.dungeon.notary.sign(read.value.claims)).toThrow("for itself only");
    expect(worldNotary(new Uint8Array(32).fill(1)).sign(read.value.claims)).toBe(passport);
  });
});

describe("the right message in the right place", () => {
  it("[P3] no other message passes for a passport, nor a passport for a message", () => {
    const signed = { iss: worlds.tavern.id, aud: worlds.dungeon.id, iat: worlds.clock.nowMs };
    const person = { traveller: ADA, name: "Ada", home: worlds.tavern.id, hop: 1, body: { health: 1, props: {} }, items: [] };
    const transfer = `1@${worlds.tavern.id}`;
    const hash = "a".repeat(43);
    const all: { readonly [T in Claims["typ"]]: Claims } = {
      "offer-request": { typ: "offer-request", ...signed, ...person },
      offer: { typ: "offer", ...signed, exp: worlds.clock.nowMs, request: hash, traveller: ADA, rulings: [], clamps: [] },
      decline: { typ: "decline", ...signed, request: hash, code: "busy", reason: "", retryAfterMs: 0 },
      passport: { typ: "passport", ...signed, exp: worlds.clock.nowMs, transfer, epoch: 0, ...person, offer: "x" },
      receipt: { typ: "receipt", ...signed, transfer, passport: hash, seq: 1, epoch: 1 },
      refusal: { typ: "refusal", ...signed, transfer, code: "busy", reason: "", epoch: 1 },
      status: { typ: "status", ...signed, transfer },
      cancel: { typ: "cancel", ...signed, transfer },
      close: { typ: "close", ...signed, transfer, outcome: "released", below: 1 },
      keys: { typ: "keys", iss: worlds.tavern.id, iat: worlds.clock.nowMs, version: 1, keys: [] },
      noted: { typ: "noted", ...signed, version: 1 },
      birth: { typ: "birth", iss: signed.iss, item: transfer, kind: "crown", tier: "registered", hop: 0, fixed: {}, iat: 1 },
      link: { typ: "link", iss: signed.iss, item: transfer, hop: 1, to: signed.aud, transfer, iat: 1 },
      witness: { typ: "witness", ...signed, links: [] },
      proof: { typ: "proof", ...signed, first: "x", second: "y" },
      claim: { typ: "claim", ...signed, item: transfer, kind: "crown", hop: 1, transfer },
      grant: { typ: "grant", ...signed, item: transfer, hop: 1, transfer },
      denied: { typ: "denied", ...signed, item: transfer, hop: 1, transfer, reason: "No." },
      recall: { typ: "recall", ...signed, epoch: 1, of: "came", since: 1, from: 0 },
      recalled: {
        ...{ typ: "recalled", ...signed, epoch: 1, fence: 1, of: "went", from: 0, next: 0, upto: 1, whole: true },
        passports: [],
        open: [],
      },
    };
    expect(Object.keys(all).sort()).toEqual(Object.keys(claimSchemas).sort());
    for (const claims of Object.values(all)) {
      const token = worlds.tavern.notary.sign(claims);
      expect(openToken(token)).toMatchObject({ ok: true, value: { claims } });
      if (claims.typ !== "passport") expect(unchanged(present(worlds.dungeon, ADA, token))).toBe("forged");
      for (const typ of Object.keys(all)) {
        if (typ === claims.typ) continue;
        const disguised = withHeader(token, canonicalJson({ alg: "EdDSA", kid: worlds.tavern.id, typ: `sojourn-${typ}+jws` }));
        expect(openToken(disguised).ok).toBe(false);
      }
    }
    expect(worlds.dungeon.take({ in: "token", token: passport })).toMatchObject({
      records: [],
      effects: [],
      fault: { code: "out-of-order" },
    });
  });

  it("[P4] made out to another world: foreign", () => {
    const other = new TestWorld(7, worlds.clock);
    const elsewhere = reissue(worlds.tavern, passport, { aud: other.id });
    expect(unchanged(present(worlds.dungeon, ADA, elsewhere))).toBe("foreign");
    const status = worlds.tavern.notary.sign({
      typ: "status",
      iss: worlds.tavern.id,
      aud: other.id,
      iat: 1,
      transfer: `1@${worlds.tavern.id}`,
    });
    expect(worlds.dungeon.take({ in: "token", token: status })).toMatchObject({ records: [], effects: [], fault: { code: "foreign" } });
  });

  it("[P5] not yet in its time: nothing is decided; past it, or too long-lived: refused for ever", () => {
    const early = reissue(worlds.tavern, passport, { iat: worlds.clock.nowMs + TIMES.clockSkewMs + 1, exp: worlds.clock.nowMs + 200_000 });
    expect(unchanged(present(worlds.dungeon, ADA, early))).toBe("expired");
    const long = reissue(worlds.tavern, passport, { exp: worlds.clock.nowMs + TIMES.passportLifeMs + 1 });
    expect(present(worlds.dungeon, ADA, long)).toMatchObject({ rules: ["X23"], records: [{ r: "refuse" }] });
  });

  it("[P6] in other hands: not-holder, and the holder may still come in", () => {
    expect(unchanged(present(worlds.dungeon, MALLORY, passport))).toBe("not-holder");
    expect(present(worlds.dungeon, ADA, passport).rules).toEqual(["X22"]);
    expect(present(worlds.dungeon, MALLORY, passport)).toMatchObject({ records: [], fault: { code: "not-holder" } });
  });

  it("[P7] from a world that is not pinned: unknown-origin", () => {
    worlds.dungeon.peers.clear();
    expect(unchanged(present(worlds.dungeon, ADA, passport))).toBe("unknown-origin");
    const stray = new TestWorld(8, worlds.clock);
    const cancel = stray.notary.sign({ typ: "cancel", iss: stray.id, aud: worlds.dungeon.id, iat: 1, transfer: `1@${stray.id}` });
    expect(worlds.dungeon.take({ in: "token", token: cancel })).toMatchObject({
      records: [],
      effects: [],
      fault: { code: "unknown-origin" },
    });
  });

  it("[P8] carried by anybody, a message means the same", () => {
    const receipt = effectOf(present(worlds.dungeon, ADA, passport), "admitted")!.receipt;
    expect(worlds.tavern.take({ in: "token", token: receipt }).rules).toEqual(["X12"]);
  });

  it("[X15] a receipt for another passport, of another world, or about another's transfer changes nothing", () => {
    const { hash } = [...worlds.tavern.custody.out.values()][0]!;
    const transfer = `1@${worlds.tavern.id}`;
    const say = (world: TestWorld, changes: object): Decision =>
      worlds.tavern.take({
        in: "token",
        token: world.notary.sign({
          typ: "receipt",
          iss: world.id,
          aud: worlds.tavern.id,
          epoch: 1,
          iat: 1,
          transfer,
          passport: hash,
          seq: 1,
          ...changes,
        }),
      });
    const stranger = new TestWorld(9, worlds.clock);
    for (const decision of [
      say(worlds.dungeon, { passport: "b".repeat(43) }),
      say(stranger, {}),
      say(worlds.dungeon, { aud: stranger.id }),
      say(worlds.dungeon, { transfer: `1@${stranger.id}` }),
      say(worlds.dungeon, { transfer: `99@${worlds.tavern.id}` }),
    ]) {
      expect(decision).toMatchObject({ records: [], effects: [], rules: ["X15"] });
      expect(decision.fault).toBeDefined();
    }
    expect(worlds.tavern.status(ADA)).toBe("escrow");
  });

  it("[X24] a transfer that names another world's number, or asks about it, decides nothing", () => {
    const named = reissue(worlds.tavern, passport, { transfer: `1@${worlds.dungeon.id}` });
    expect(unchanged(present(worlds.dungeon, ADA, named))).toBe("forged");
    const cancel = worlds.tavern.notary.sign({
      typ: "cancel",
      iss: worlds.tavern.id,
      aud: worlds.dungeon.id,
      iat: 1,
      transfer: `1@${MALLORY}`,
    });
    expect(worlds.dungeon.take({ in: "token", token: cancel })).toMatchObject({ records: [], fault: { code: "foreign" } });
  });
});

describe("a peer that cheats is refused for ever", () => {
  const claimsOf = (token: string): Passport => {
    const read = readToken(token);
    if (!read.ok || read.value.claims.typ !== "passport") throw new Error("it is a passport");
    return read.value.claims;
  };
  const item = (id: string, hop = 1) => ({ id, kind: "torch", props: {}, hop, contents: [] });

  it.each([
    ["an item the offer does not name", () => ({ items: [...claimsOf(passport).items, item(`7@${worlds.tavern.id}`)] })],
    ["an item under another kind", () => ({ items: claimsOf(passport).items.map((one) => ({ ...one, kind: "cannon" })) })],
    ["an item twice", () => ({ items: [...claimsOf(passport).items, ...claimsOf(passport).items] })],
    ["no offer", () => ({ offer: "none" })],
    ["an offer of its own making", () => ({ offer: worlds.tavern.notary.sign({ ...offerOf(passport), iss: worlds.tavern.id }) })],
    ["an offer for somebody else", () => ({ offer: worlds.dungeon.notary.sign({ ...offerOf(passport), traveller: MALLORY }) })],
    ["an offer to another world", () => ({ offer: worlds.dungeon.notary.sign({ ...offerOf(passport), aud: MALLORY }) })],
    ["an offer long past", () => ({ offer: worlds.dungeon.notary.sign({ ...offerOf(passport), exp: 1 }) })],
    ["a home that never bore them", () => ({ home: worlds.dungeon.id })],
  ])("[X23] %s", (_name, changes) => {
    const refused = present(worlds.dungeon, ADA, reissue(worlds.tavern, passport, changes()));
    expect(refused).toMatchObject({ rules: ["X23"], records: [{ r: "refuse" }] });
    expect(worlds.tavern.take({ in: "token", token: post(refused) }).rules).toEqual(["X13"]);
  });

  function offerOf(token: string): Extract<Claims, { typ: "offer" }> {
    const read = readToken(claimsOf(token).offer);
    if (!read.ok || read.value.claims.typ !== "offer") throw new Error("it is an offer");
    return read.value.claims;
  }

  it("[X23] an older crossing than one already seen", () => {
    present(worlds.dungeon, ADA, passport);
    const transfer = `9@${worlds.tavern.id}`;
    const stale = reissue(worlds.tavern, passport, { transfer, hop: 1 });
    expect(present(worlds.dungeon, ADA, stale)).toMatchObject({ rules: ["X23"], records: [{ r: "refuse", code: "stale-hop" }] });
  });

  it("[X23] an item that is here already, or that this world never made", () => {
    const kept = worlds.dungeon;
    kept.bear(MALLORY);
    const mine = kept.mint(MALLORY, "torch");
    for (const [n, id] of [mine, `99@${kept.id}`].entries()) {
      const forgedItems = [{ ...claimsOf(passport).items[0]!, id }];
      const offer = kept.notary.sign({ ...offerOf(passport), rulings: [{ kind: "torch", verdict: "admit", reason: "", items: [id] }] });
      const cheat = reissue(worlds.tavern, passport, { transfer: `${20 + n}@${worlds.tavern.id}`, items: forgedItems, offer });
      expect(present(kept, ADA, cheat)).toMatchObject({ rules: ["X23"], records: [{ r: "refuse" }] });
    }
    expect(kept.custody.items.get(mine)?.place).toEqual({ in: "inventory", of: MALLORY });
  });

  it("[X23] somebody or something that has moved so often that they could not leave again", () => {
    const { farthestHop } = CUSTODY;
    const far = reissue(worlds.tavern, passport, { hop: farthestHop });
    expect(present(worlds.dungeon, ADA, far)).toMatchObject({ rules: ["X23"], records: [{ r: "refuse", code: "refused" }] });
    const items = claimsOf(passport).items.map((one) => ({ ...one, hop: farthestHop }));
    const laden = reissue(worlds.tavern, passport, { transfer: `9@${worlds.tavern.id}`, items });
    expect(items.length).toBeGreaterThan(0);
    expect(present(worlds.dungeon, ADA, laden)).toMatchObject({ rules: ["X23"], records: [{ r: "refuse", code: "refused" }] });
  });

  it("[X27] [X54] only so many tombstones a second for what was never presented", () => {
    const rules: string[] = [];
    for (let n = 100; n < 500; n++) {
      const token = worlds.tavern.notary.sign({
        typ: "cancel",
        iss: worlds.tavern.id,
        aud: worlds.dungeon.id,
        iat: 1,
        transfer: `${n}@${worlds.tavern.id}`,
      });
      rules.push(...worlds.dungeon.take({ in: "token", token }).rules);
    }
    expect(rules.filter((id) => id === "X27")).toHaveLength(200);
    expect(rules.filter((id) => id === "X24")).toHaveLength(200);
  });
});
