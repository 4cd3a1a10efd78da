// Many tokens: every message in every place where another is wanted, and a thousand passports with something changed in each.
import { type Claims, encodeBase64url, LIMITS } from "@sojourn/protocol";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { depart, effectOf, present, type TwoWorlds, twoWorlds } from "./fixtures/two-worlds.ts";
import { keysFromSecret } from "./keys.ts";
import { nodeEd25519, nodeNotary } from "./node.ts";
import { openToken } from "./notary.ts";
import { speakerOf } from "./speaker.ts";

const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;

let worlds: TwoWorlds;
let passport: string;
beforeEach(() => {
  worlds = twoWorlds();
  worlds.tavern.bear(ADA);
  worlds.tavern.mint(ADA, "torch");
  passport = depart(worlds, ADA);
});

type Says = { readonly [T in Claims["typ"]]: Claims };

/** One of each that is genuine, as the Tavern or the Dungeon says it to the other. */
function oneOfEach(from: "tavern" | "dungeon"): Says {
  const [iss, aud] = from === "tavern" ? [worlds.tavern.id, worlds.dungeon.id] : [worlds.dungeon.id, worlds.tavern.id];
  const iat = worlds.clock.nowMs;
  const signed = { iss, aud, iat };
  const person = { traveller: ADA, name: "Ada", home: worlds.tavern.id, hop: 1, body: { health: 1, props: {} }, items: [] };
  const transfer = `1@${worlds.tavern.id}`;
  const hash = "a".repeat(43);
  return {
    "offer-request": { typ: "offer-request", ...signed, ...person },
    offer: { typ: "offer", ...signed, exp: iat + 60_000, request: hash, traveller: ADA, rulings: [], clamps: [] },
    decline: { typ: "decline", ...signed, request: hash, code: "busy", reason: "", retryAfterMs: 0 },
    passport: { typ: "passport", ...signed, exp: iat + 1, transfer, epoch: 0, ...person, offer: "x" },
    receipt: { typ: "receipt", ...signed, transfer, passport: hash, seq: 1, epoch: 1 },
    refusal: { typ: "refusal", ...signed, transfer, code: "busy", reason: "", epoch: 1 },
    status: { typ: "status", ...signed, transfer },
    cancel: { typ: "cancel", ...signed, transfer },
    close: { typ: "close", ...signed, transfer, outcome: "released", below: 1 },
    keys: { typ: "keys", iss, iat, version: 1, keys: [{ key: iss }] },
    noted: { typ: "noted", ...signed, version: 1 },
    birth: { typ: "birth", iss, iat, item: transfer, kind: "crown", tier: "registered", hop: 0, fixed: {} },
    link: { typ: "link", iss, iat, item: transfer, hop: 1, to: aud, transfer },
    witness: { typ: "witness", ...signed, links: [] },
    recall: { typ: "recall", ...signed, epoch: 1, of: "came", since: 1, from: 0 },
    recalled: {
      typ: "recalled",
      ...signed,
      epoch: 1,
      fence: 1,
      of: "went",
      from: 0,
      next: 0,
      upto: 1,
      whole: true,
      passports: [],
      open: [],
    },
    proof: { typ: "proof", ...signed, first: "x", second: "y" },
    claim: { typ: "claim", ...signed, item: transfer, kind: "crown", hop: 1, transfer },
    grant: { typ: "grant", ...signed, item: transfer, hop: 1, transfer },
    denied: { typ: "denied", ...signed, item: transfer, hop: 1, transfer, reason: "No." },
  };
}

const tokensBut = (from: "tavern" | "dungeon", typ: Claims["typ"]): string[] =>
  Object.values(oneOfEach(from))
    .filter((claims) => claims.typ !== typ)
    .map((claims) => worlds[from].notary.sign(claims));

describe("[P3] every message in every place", () => {
  it("[P3] as a passport: nobody comes in, nothing is decided", () => {
    for (const token of [...tokensBut("tavern", "passport"), ...tokensBut("dungeon", "passport")]) {
      const decision = present(worlds.dungeon, ADA, token);
      expect(decision).toMatchObject({ records: [], fault: { code: "forged" } });
      expect(effectOf(decision, "turned-away")?.refusal).toBeUndefined();
    }
  });

  it("[P3] as the offer in a passport: no offer covers it", () => {
    const claims = worlds.tavern.notary.read(passport);
    if (!claims.ok || claims.value.claims.typ !== "passport") throw new Error("no passport");
    let n = 100;
    for (const offer of [...tokensBut("dungeon", "offer"), passport]) {
      n += 1;
      const transfer = `${n}@${worlds.tavern.id}`;
      const token = worlds.tavern.notary.sign({ ...claims.value.claims, transfer, offer });
      expect(present(worlds.dungeon, ADA, token).records).toMatchObject([{ r: "refuse", code: "refused" }]);
    }
  });

  it("[P3] [P9] as this world's own statement, or as one that a world shows at its door", () => {
    for (const token of tokensBut("tavern", "keys")) {
      expect(worlds.tavern.take({ in: "keys", token })).toMatchObject({ records: [], fault: { code: "foreign" } });
      expect(speakerOf(worlds.tavern.id, { keys: token })).toMatchObject({ ok: false, fault: { code: "bad-proof" } });
    }
  });

  it("[P3] [X15] [X24] to a world that is not told such a thing: no record, no word", () => {
    for (const typ of ["offer", "decline", "receipt", "refusal"] as const) {
      const claims = oneOfEach("tavern")[typ];
      expect(worlds.dungeon.take({ in: "token", token: worlds.tavern.notary.sign(claims) })).toMatchObject({ records: [], effects: [] });
    }
    expect(worlds.tavern.take({ in: "token", token: passport })).toMatchObject({ records: [], fault: { code: "foreign" } });
  });
});

describe("[P1] [P2] a thousand passports", () => {
  it("[P1] [P2] none opens with a bit, a byte or an end of it changed", { timeout: 60_000 }, () => {
    const notary = nodeNotary(new Uint8Array(32).fill(1));
    const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((one) => Buffer.byteLength(one) <= LIMITS.nameBytes);
    const person = fc.record({ name: text, hop: fc.nat(1_000), health: fc.nat(255), label: text });
    const change = fc.oneof(
      fc.record({ how: fc.constant("bit" as const), at: fc.nat(), bit: fc.nat(6) }),
      fc.record({ how: fc.constant("cut" as const), at: fc.nat(), bit: fc.nat(6) }),
      fc.record({ how: fc.constant("add" as const), at: fc.nat(), bit: fc.nat(6) }),
      fc.record({ how: fc.constant("signature" as const), at: fc.nat(), bit: fc.nat(6) }),
    );
    fc.assert(
      fc.property(person, fc.array(change, { minLength: 4, maxLength: 4 }), ({ name, hop, health, label }, changes) => {
        const about = { iss: notary.world, aud: worlds.dungeon.id, iat: 1, exp: 2, transfer: `7@${notary.world}`, epoch: 0 };
        const who = { traveller: ADA, name, home: notary.world, hop, body: { health, props: { label } }, items: [], offer: "x" };
        const token = notary.sign({ typ: "passport", ...about, ...who });
        expect(openToken(token, nodeEd25519).ok).toBe(true);
        for (const one of changes) {
          const changed = changedBy(token, one);
          if (changed !== token) expect(openToken(changed, nodeEd25519).ok).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

interface Change {
  readonly how: "bit" | "cut" | "add" | "signature";
  readonly at: number;
  readonly bit: number;
}

function changedBy(token: string, { how, at, bit }: Change): string {
  const i = at % token.length;
  switch (how) {
    case "bit":
      return token.slice(0, i) + String.fromCharCode(token.charCodeAt(i) ^ (1 << bit)) + token.slice(i + 1);
    case "cut":
      return token.slice(0, i) + token.slice(i + 1 + bit);
    case "add":
      return `${token.slice(0, i)}${"A".repeat(bit + 1)}${token.slice(i)}`;
    case "signature": {
      const cut = token.lastIndexOf(".");
      const bytes = Buffer.from(token.slice(cut + 1), "base64url");
      bytes[at % bytes.length]! ^= 1 << bit;
      return `${token.slice(0, cut)}.${encodeBase64url(bytes)}`;
    }
  }
}
