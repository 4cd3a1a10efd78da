// A world's card: who it is and where its doors are, signed by its key, so that an operator who pins a peer by address learns a key and
// nobody on the way can put in another, and a traveller learns what lies behind a portal.
import {
  canonicalJson,
  check,
  contentIdSchema,
  decodeBase64url,
  encodeBase64url,
  fail,
  type Json,
  type Manifest,
  ok,
  PROTOCOL_VERSION,
  parseJson,
  type Result,
  type Schema,
  struct,
  text,
  uint,
  word,
  worldIdSchema,
} from "@sojourn/protocol";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { type Shown, speakerOf } from "./speaker.ts";

export interface WorldCard {
  readonly world: string;
  readonly name: string;
  readonly about: string;
  /** Newest wire version spoken. */
  readonly version: number;
  /** Paths on the same host. */
  readonly play: string;
  readonly border: string;
  readonly gateway: string;
  readonly substrate: string;
  /** What of this world others may keep and serve. */
  readonly archive: Manifest["archive"];
  readonly timeMs: number;
}

const path = text(64, /^\//);
const cardSchema: Schema<WorldCard> = struct({
  world: worldIdSchema,
  name: text(64),
  about: text(1_024),
  version: uint(65_535),
  play: path,
  border: path,
  gateway: path,
  substrate: contentIdSchema,
  archive: word("none", "terrain", "builds", "all"),
  timeMs: uint(),
});

const utf8 = new TextEncoder();

function signedBytes(card: WorldCard): Uint8Array {
  return utf8.encode(canonicalJson({ for: "sojourn card 1", ...card } as unknown as Json));
}

/** `{"card":{…},"signature":"…"}` and a line break; of a world that has stated its keys with `kid` and `keys`, as in its challenge. */
export function signCard(
  card: Omit<WorldCard, "version" | "play" | "border" | "gateway">,
  secret: Uint8Array,
  ed25519: Ed25519,
  shown: Shown = {},
): string {
  const whole: WorldCard = { ...card, version: PROTOCOL_VERSION, play: "/play", border: "/border", gateway: "/ipfs/" };
  return `${JSON.stringify({ card: whole, signature: encodeBase64url(ed25519.sign(signedBytes(whole), secret)), ...shown })}\n`;
}

/** Reads a card that came over the network; faults `malformed` and `forged`. It is signed by the key that the world id names, or that this one states. */
export function readCard(source: string, ed25519: Ed25519 = pureEd25519): Result<WorldCard> {
  const parsed = parseJson(source.trim());
  const outer = parsed.ok ? (parsed.value as { readonly [name in "card" | "signature" | "kid" | "keys"]?: unknown } | null) : undefined;
  if (outer === undefined || outer === null || typeof outer !== "object" || typeof outer.signature !== "string")
    return fail("malformed", "peer", "This is no card of a world.");
  const card = check(cardSchema, outer.card, "card");
  if (!card.ok) return card;
  const signature = decodeBase64url(outer.signature);
  const speaker = speakerOf(card.value.world, { kid: textIn(outer.kid), keys: textIn(outer.keys) }, undefined, ed25519);
  const isSigned = signature !== undefined && speaker.ok && ed25519.verify(signature, signedBytes(card.value), speaker.value.publicKey);
  return isSigned ? ok(card.value) : fail("forged", "peer", "The card is not signed by the world it names.");
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
