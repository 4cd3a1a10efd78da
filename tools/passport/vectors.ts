// Writes vectors/passport/*.json: keys, tokens, proofs and rulings, good and bad, to try another implementation against.
// Run: node tools/passport/vectors.ts. The test beside the passport's sources reads the files only, so a change of bytes shows as a failure.
import { mkdirSync, writeFileSync } from "node:fs";
import { challengeBytes, hashToken, keysFromSecret, proofBytes, pureEd25519, rule, worldNotary } from "@sojourn/passport";
import { type Claims, canonicalJson, decodeBase64url, encodeBase64url, type Item, type Json, type Papers } from "@sojourn/protocol";
import { keyCases } from "./key-vectors.ts";
import { sealingCases } from "./sealing-vectors.ts";

const FOLDER = new URL("../../vectors/passport/", import.meta.url);
const secret = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const tavern = worldNotary(secret(1));
const dungeon = worldNotary(secret(2));
const ada = keysFromSecret(secret(3));
const NOW = 1_790_000_000_000;

function file(name: string, about: string, content: object): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify({ about, ...content }, undefined, 2)}\n`);
}

const torch = { id: `7@${tavern.world}`, kind: "torch", props: { charge: 0.25, label: "Zoë ☂", lit: true }, hop: 3, contents: [] };
const crown = { id: `9@${tavern.world}`, kind: "crown", props: { weight: 7 }, tier: "provenance" } as const;
const DAY = Math.floor(NOW / 86_400_000);
const born = {
  typ: "birth",
  iss: tavern.world,
  item: crown.id,
  kind: "crown",
  tier: "provenance",
  hop: 4,
  fixed: { weight: 7 },
  iat: DAY * 86_400_000,
} as const;
const wentTo = (n: number, hop: number): Claims => ({
  ...{ typ: "link", iss: tavern.world, item: crown.id, hop, to: dungeon.world, transfer: `${n}@${tavern.world}`, iat: DAY * 86_400_000 },
});
const bag = { id: `8@${dungeon.world}`, kind: "bag", props: {}, hop: 1, tier: "provenance", contents: [torch] } as const;
const person = { traveller: ada.id, name: "Ada", home: tavern.world, hop: 1, body: { health: 80, props: { mana: -1.5 } } };
const there = { iss: tavern.world, aud: dungeon.world, iat: NOW };
const back = { iss: dungeon.world, aud: tavern.world, iat: NOW + 20 };
const transfer = `12@${tavern.world}`;

const request: Claims = { typ: "offer-request", ...there, ...person, items: [bag] };
const rulings = [
  { kind: "bag", verdict: "admit", reason: "Comes in as it is.", items: [bag.id] },
  { kind: "torch", verdict: "clamp", reason: "Comes in, but here its charge counts as at most 0.1.", items: [torch.id] },
] as const;
const offer: Claims = {
  ...{ typ: "offer", ...back, exp: NOW + 60_020, request: hashToken(tavern.sign(request)), traveller: ada.id, rulings },
  clamps: [{ kind: "torch", prop: "charge", max: 0.1 }],
};
const passport: Claims = {
  ...{ typ: "passport", ...there, exp: NOW + 120_000, transfer, epoch: 0, ...person, items: [bag], offer: dungeon.sign(offer) },
};
const good: readonly Claims[] = [
  request,
  offer,
  {
    typ: "decline",
    ...back,
    request: hashToken(tavern.sign(request)),
    code: "busy",
    reason: "This world is full now.",
    retryAfterMs: 10_000,
  },
  passport,
  { typ: "receipt", ...back, transfer, passport: hashToken(tavern.sign(passport)), seq: 41, epoch: 1 },
  { typ: "refusal", ...back, transfer, code: "cancelled", reason: "The crossing was called off before the other world decided.", epoch: 1 },
  { typ: "status", ...there, transfer },
  { typ: "cancel", ...there, transfer },
  { typ: "close", ...there, transfer, outcome: "released", below: 13 },
  {
    typ: "keys",
    iss: tavern.world,
    iat: NOW,
    version: 2,
    keys: [
      { key: tavern.world, until: NOW + 150_000 },
      { key: ada.id, revoked: true },
    ],
  },
  { typ: "noted", ...back, version: 2 },
  born,
  wentTo(12, 5),
  { typ: "witness", ...back, links: [tavern.sign(wentTo(12, 5))] },
  { typ: "proof", ...there, first: tavern.sign(wentTo(12, 5)), second: tavern.sign(wentTo(13, 5)) },
  { typ: "claim", ...back, item: crown.id, kind: crown.kind, hop: 5, transfer },
  { typ: "grant", ...there, item: crown.id, hop: 5, transfer },
  { typ: "denied", ...there, item: crown.id, hop: 5, transfer, reason: "It has gone on since." },
];

const token = tavern.sign(passport);
const [head, body, signature] = token.split(".") as [string, string, string];
const part = (text: string): string => encodeBase64url(new TextEncoder().encode(text));
const payload = Buffer.from(body, "base64url").toString();
const header = (more: { readonly [name: string]: Json }): string =>
  part(canonicalJson({ alg: "EdDSA", kid: tavern.world, typ: "sojourn-passport+jws", ...more }));
/** As an attacker with the key of the Tavern would do it: the bad text is signed. */
const signed = (headPart: string, bodyPart: string): string =>
  `${headPart}.${bodyPart}.${encodeBase64url(pureEd25519.sign(new TextEncoder().encode(`${headPart}.${bodyPart}`), secret(1)))}`;

function flippedSignature(): string {
  const bytes = decodeBase64url(signature) as Uint8Array;
  bytes[0] = (bytes[0] as number) ^ 1;
  return `${head}.${body}.${encodeBase64url(bytes)}`;
}

const bad: readonly (readonly [string, string, string])[] = [
  ["a flipped bit in the signature", "forged", flippedSignature()],
  ["the signature of another message", "forged", `${head}.${body}.${dungeon.sign(offer).split(".")[2]}`],
  ["a changed payload", "forged", `${head}.${part(payload.replace('"hop":3', '"hop":4'))}.${signature}`],
  ["padding", "malformed", `${token}==`],
  ["three dots", "malformed", `${token}.`],
  ["alg none", "forged", signed(header({ alg: "none" }), body)],
  ["alg HS256", "forged", signed(header({ alg: "HS256" }), body)],
  ["a header member too many", "forged", signed(header({ jku: "https://evil.example/" }), body)],
  ["crit", "forged", signed(header({ crit: ["exp"] }), body)],
  ["the typ of another message", "malformed", signed(header({ typ: "sojourn-receipt+jws" }), body)],
  ["typ JWT", "forged", signed(header({ typ: "JWT" }), body)],
  ["another world as kid", "forged", signed(header({ kid: dungeon.world }), body)],
  ["a space in the payload", "malformed", signed(head, part(payload.replace(",", ", ")))],
  ["a key twice", "malformed", signed(head, part(payload.replace("{", `{"aud":"${dungeon.world}",`)))],
  ["a member too many", "malformed", signed(head, part(payload.replace(/\}$/, ',"zzz":1}')))],
  ["a number in another spelling", "malformed", signed(head, part(payload.replace('"hop":3', '"hop":3.0')))],
  ["negative zero", "malformed", signed(head, part(payload.replace('"charge":0.25', '"charge":-0')))],
  ["two audiences", "malformed", signed(head, part(payload.replace(/"aud":("[^"]+")/, '"aud":[$1]')))],
];

file(
  "tokens",
  "Signed messages. `secret` is the issuer's Ed25519 seed, hex; `hash` the SHA-256 of the token, base64url. `fault` is what a reader answers.",
  {
    valid: good.map((claims) => {
      const notary = claims.iss === tavern.world ? tavern : dungeon;
      return {
        secret: hex(secret(claims.iss === tavern.world ? 1 : 2)),
        claims,
        token: notary.sign(claims),
        hash: hashToken(notary.sign(claims)),
      };
    }),
    invalid: bad.map(([name, fault, text]) => ({ name, fault, token: text })),
  },
);

const terms = { world: dungeon.world, worldNonce: secret(5), clientNonce: secret(6) };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const challenge = challengeBytes({ ...terms, traveller: ada.id });
const proofs = [undefined, token].map((presented) => {
  const bytes = proofBytes({ ...terms, passport: presented });
  const shown = presented === undefined ? {} : { passport: presented };
  return { ...shown, text: text(bytes), signature: hex(pureEd25519.sign(bytes, secret(3))) };
});
file("proofs", "What is signed in the handshake. Nonces, secrets and signatures are hex.", {
  world: dungeon.world,
  worldSecret: hex(secret(2)),
  traveller: ada.id,
  travellerSecret: hex(secret(3)),
  worldNonce: hex(terms.worldNonce),
  clientNonce: hex(terms.clientNonce),
  challenge: { text: text(challenge), signature: hex(pureEd25519.sign(challenge, secret(2))) },
  proofs,
});

const refusal: Claims = { typ: "refusal", ...back, transfer, code: "busy", reason: "Full.", epoch: 1 };
const signatureOf = (claims: Claims): string => (claims.iss === tavern.world ? tavern : dungeon).sign(claims).split(".")[2] as string;
const link = { to: dungeon.world, hop: 5, n: 12, day: DAY, signature: signatureOf(wentTo(12, 5)) };
const refused = { iat: NOW + 20, code: "busy", reason: "Full.", epoch: 1, signature: signatureOf(refusal) } as const;
const next = { ...link, hop: 7, n: 13, signature: signatureOf(wentTo(13, 7)) };
const birth = { hop: 4, fixed: { weight: 7 }, day: DAY, signature: signatureOf(born) };
const papers = (...links: Papers["links"]): Papers => ({ birth, links });
const led = (name: string, item: object, holder?: string, hop?: number): object => ({
  name,
  item: { ...crown, ...item },
  ...(holder === undefined ? {} : { holder, hop }),
});
const double = (a: Claims, b: Claims): object => ({ first: tavern.sign(a), second: tavern.sign(b) });
file(
  "papers",
  "Papers of one item: `holder` and `hop` are where they lead; without these they are not in order. Proofs of double spends: `isProof` says whether they are.",
  {
    papers: [
      led("only born", { papers: papers() }, tavern.world, 4),
      led("gone once", { papers: papers(link) }, dungeon.world, 5),
      led("refused and gone again", { papers: papers({ ...link, refused }, next) }, dungeon.world, 7),
      led("came back", { papers: papers({ ...link, refused }) }, tavern.world, 6),
      led("a hop skipped without a refusal", { papers: papers(next) }),
      led("in another order", { papers: papers(next, { ...link, refused }) }),
      led("a link twice", { papers: papers(link, link) }),
      led("the refusal's signature under a link", { papers: papers({ ...link, signature: refused.signature }) }),
      led("a link's signature under a refusal", { papers: papers({ ...link, refused: { ...refused, signature: link.signature } }) }),
      led("the birth's signature under a link", { papers: papers({ ...link, signature: birth.signature }) }),
      led("a fact that was changed", { props: { weight: 8 }, papers: papers(link) }),
      led("another tier", { tier: "registered", papers: papers(link) }),
      led("another item", { id: `10@${tavern.world}`, papers: papers(link) }),
      led("no papers", {}),
    ],
    proofs: [
      { ...double(wentTo(12, 5), wentTo(13, 5)), isProof: true },
      { ...double(wentTo(12, 5), wentTo(12, 5)), isProof: false },
      { ...double(wentTo(12, 5), wentTo(13, 7)), isProof: false },
      { ...double(wentTo(12, 5), born), isProof: false },
      { first: tavern.sign(wentTo(12, 5)), second: `${tavern.sign(wentTo(13, 5)).slice(0, -4)}AAAA`, isProof: false },
    ],
  },
);

const SMALL = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
file("dids", "did:key names of Ed25519 keys: `key` is the key, hex. What is invalid is answered with `forged`.", {
  valid: [1, 2, 3].map((n) => ({ did: keysFromSecret(secret(n)).id, key: hex(keysFromSecret(secret(n)).publicKey) })),
  invalid: [
    { name: "a point of small order", did: "did:key:z6Mkh59EgPEuBMugWwYWVMbZFQmHm8V1tcgLejJJTx6d8KB2" },
    { name: "in capitals", did: ada.id.toUpperCase() },
    { name: "cut short", did: ada.id.slice(0, -1) },
    { name: "another method", did: ada.id.replace("did:key", "did:web") },
  ],
  smallOrderKeys: [SMALL],
});

file(
  "keys",
  "Keys of worlds. Each case is one hearer that knows no statement yet and hears `steps` in order, by its own clock at `nowMs`; `verdict` is `kept` (durably), `true` (it counts), or the fault. `shown`: what a world shows at its door beside a signature by `kid`, to one who keeps `known` of it.",
  keyCases(),
);

file(
  "sealing",
  "What only an operator opens: `identity` (a world's secret) yields `recovery`; `envelope` is `stateKey` sealed to it with the secret `once`; `parts` are `plain` sealed with `stateKey` under `name`. Opening one of `invalid` is the fault.",
  sealingCases(),
);

const item = (n: number, kind: string, props: Item["props"] = {}, contents: readonly Item[] = []): Item => ({
  id: `${n}@${tavern.world}`,
  kind,
  props,
  contents,
});
const carried = [item(1, "bag", {}, [item(2, "wine"), item(3, "coin")]), item(4, "torch", { charge: 90 }), item(5, "torch", { charge: 5 })];
const policies = {
  closed: { origins: {} },
  open: { origins: { "*": { allow: ["*"] } } },
  dry: { origins: { [tavern.world]: { allow: ["*"], deny: ["wine"] }, "*": { allow: [] } } },
  "few and dim": { origins: { "*": { allow: ["torch"], limit: { torch: 1 }, clamp: [{ kind: "torch", prop: "charge", max: 10 }] } } },
  "empty bags, tired bodies": { origins: { "*": { allow: ["*"], depth: 0, clamp: [{ kind: "body", prop: "health", max: 50 }] } } },
};
file("customs", "Import policies and their rulings on the same things from the same origin.", {
  origin: tavern.world,
  items: carried,
  body: { health: 80, props: {} },
  cases: Object.entries(policies).map(([name, policy]) => ({
    name,
    policy,
    import: rule(policy, tavern.world, carried, { health: 80, props: {} }),
  })),
});
