// The control messages between a client and a world: one CBOR map a frame, told apart by `t`. Read top to bottom it is the sequence of a visit.
import { FAULT_CODES, type Fault } from "./fault.ts";
import {
  contentIdSchema,
  itemKindSchema,
  itemRefSchema,
  itemSchema,
  rulingSchema,
  transferIdSchema,
  travellerIdSchema,
  worldIdSchema,
} from "./items.ts";
import { LIMITS } from "./limits.ts";
import { bool, bytes, choice, int, list, optional, real, type Schema, struct, type TypeOf, text, uint, word } from "./schema.ts";

export const faultSchema: Schema<Fault> = struct({
  code: word(...FAULT_CODES),
  blame: word("client", "world", "peer", "link"),
  detail: text(LIMITS.detailBytes),
  retryAfterMs: uint(86_400_000),
});

const entityId = int(1, 0xffff_ffff);
const seq = uint(0xffff_ffff);
const tick = uint();
const position = real(-1_048_576, 1_048_576);
const url = text(LIMITS.urlBytes, /^(wss?|https?):\/\//);

/** What a client may ask to do, besides moving (which has a flat frame of its own, see snapshot/move.ts). The seed's `Intent`. */
export const intentSchema = choice("kind", {
  interact: struct({ target: entityId }),
  use: struct({ item: itemRefSchema, target: optional(entityId) }),
  chat: struct({ text: text(LIMITS.chatBytes) }),
  "pick-up": struct({ target: entityId }),
  drop: struct({ item: itemRefSchema }),
  place: struct({ item: itemRefSchema, x: position, y: position, text: optional(text(LIMITS.placedTextBytes)) }),
  /** Ask to cross by a portal within reach; walking into it does the same. `portal` is its name in the manifest. */
  cross: struct({ portal: text(64) }),
});
export type Intent = TypeOf<typeof intentSchema>;

export const clientMessageSchema = choice("t", {
  /** First frame of every link. `passport` is a compact JWS; without it the world looks for a resident with this key. */
  hello: struct({
    versions: list(uint(65_535), LIMITS.versionsOffered),
    traveller: travellerIdSchema,
    name: text(LIMITS.nameBytes),
    nonce: bytes(LIMITS.nonceBytes),
    passport: optional(text(LIMITS.passportBytes)),
  }),
  /** The challenge signed by the traveller's key (passport/proof.ts says which bytes). */
  prove: struct({ signature: bytes(64) }),
  /** Of the substrate named by the manifest enough is loaded and verified to be in it: start the snapshots. */
  ready: struct({ substrate: contentIdSchema }),
  intent: struct({ seq, intent: intentSchema }),
  /** The newest tick applied; lets the world measure delay and see a reader that falls behind. */
  ack: struct({ tick }),
  /** The passport of this transfer is stored: the crossing may go on. */
  held: struct({ transfer: transferIdSchema }),
  /** The traveller would rather stay: ask the destination to decide against this transfer. */
  stay: struct({ transfer: transferIdSchema }),
  /** A signed message between worlds, carried by the traveller. The carrier is not trusted; the signature is. */
  relay: struct({ message: text(LIMITS.passportBytes) }),
  ping: struct({ n: uint(0xffff_ffff) }),
  bye: struct({}),
});
export type ClientMessage = TypeOf<typeof clientMessageSchema>;

/** Numbers the client needs to move exactly as the world moves it. Units, seconds; a body is a box around its centre. */
export const physicsSchema = struct({
  tickHz: int(1, 60),
  speed: real(0, 64),
  bodyWidth: real(0.05, 8),
  bodyHeight: real(0.05, 8),
  reach: real(0, 64),
  chatRange: real(0, 1_024),
  /** At most so far that the cells in view fit into one snapshot. */
  viewRadius: real(1, 160),
});
export type PhysicsConfig = TypeOf<typeof physicsSchema>;

/** A declared component: one more field of every entity's row, after the core fields. */
export const componentSchema = struct({
  name: text(32, /^[a-z][a-zA-Z0-9]{0,31}$/),
  type: word("bool", "u8", "u16", "u32", "i16", "f32", "text"),
});
export type ComponentDeclaration = TypeOf<typeof componentSchema>;

/** What an entity of this kind looks like and whether one walks through it. `sprite` is a tile class of the substrate's tilesets, or `traveller`. */
export const entityKindSchema = struct({
  kind: text(32),
  title: text(64),
  sprite: text(64),
  solid: bool,
  width: real(0, 64),
  height: real(0, 64),
  interact: optional(text(64)),
});
export type EntityKindInfo = TypeOf<typeof entityKindSchema>;

export const itemKindInfoSchema = struct({
  kind: itemKindSchema,
  title: text(64),
  sprite: text(64),
  about: text(256),
  use: optional(text(64)),
  place: optional(text(64)),
});
export type ItemKindInfo = TypeOf<typeof itemKindInfoSchema>;

export const portalSchema = struct({
  name: text(64),
  label: text(64),
  world: optional(worldIdSchema),
  worldName: text(64),
  url: optional(url),
  x: position,
  y: position,
  w: real(0, 1_024),
  h: real(0, 1_024),
});
export type PortalInfo = TypeOf<typeof portalSchema>;

const manifestFields = {
  world: worldIdSchema,
  name: text(64),
  about: text(1_024),
  /** Content address of the static world: the seed's `substrate_hash`. */
  substrate: contentIdSchema,
  /** Item kinds this world lets in, `*` for any: the seed's `allowed_items`. */
  allowedItems: list(text(32, /^(\*|[a-z][a-z0-9-]{0,31})$/), LIMITS.itemKinds),
  physics: physicsSchema,
  /** What the client must have to show the world: the seed's `asset_requirements`. All are blocks of the substrate. */
  assets: list(struct({ cid: contentIdSchema, mime: text(64), bytes: uint() }), LIMITS.assets),
  /** What of this world others may keep and serve. */
  archive: word("none", "terrain", "builds", "all"),
  /** How much older than the world what others keep of it must be, milliseconds. */
  archiveDelayMs: uint(LIMITS.archiveDelayMs),
  /** The import policy in sentences, for people. */
  customs: list(text(256), 64),
  components: list(componentSchema, LIMITS.components),
  entityKinds: list(entityKindSchema, LIMITS.entityKinds),
  itemKinds: list(itemKindInfoSchema, LIMITS.itemKinds),
  portals: list(portalSchema, LIMITS.portals),
  /** Where blocks may be fetched: base addresses of trustless gateways, the world's own first. Relative to the link's host when it starts with `/`. */
  gateways: list(text(LIMITS.urlBytes), 16),
  /** Who may go on with this world when it has been silent for long: the statement of its identity key (section 16). */
  succession: optional(bytes(1, LIMITS.successionBytes)),
  /** The world that this one says it goes on with, as its heir. Whether it may, its head under that world's name shows (section 16). */
  resumes: optional(worldIdSchema),
};
/** What this world is made of, allows and asks. The seed's `Manifest`. */
export const manifestSchema = struct(manifestFields);
export type Manifest = TypeOf<typeof manifestSchema>;

const items = list(itemSchema, LIMITS.itemsCarried);
const locker = list(itemSchema, LIMITS.lockerItems);
const rulings = list(rulingSchema, LIMITS.rulings);
const destinationSchema = struct({ world: worldIdSchema, name: text(64), url });

export const worldMessageSchema = choice("t", {
  /** The chosen version, the world's identity proven over the client's nonce, and the nonce the traveller must sign. */
  challenge: struct({
    version: uint(65_535),
    world: worldIdSchema,
    nonce: bytes(LIMITS.nonceBytes),
    timeMs: uint(),
    signature: bytes(64),
    /** Of a world that has stated its keys: the key of the signature, and the statement. */
    kid: optional(worldIdSchema),
    keys: optional(text(LIMITS.statementBytes)),
  }),
  manifest: struct(manifestFields),
  /** The session lives: who the traveller is here and what they have. Sent again when a crossing gave them back. */
  welcome: struct({
    session: text(64),
    entity: entityId,
    tick,
    resumed: bool,
    items,
    locker,
    rulings,
    from: optional(text(64)),
    /** The destination's signed receipt for an arrival, for the traveller to relay to the origin. */
    receipt: optional(text(LIMITS.passportBytes)),
  }),
  /** The traveller's things after a change. */
  items: struct({ items, locker }),
  /**
   * No. With `seq` an intent was refused and the session goes on; with `final` the link closes after this frame.
   * `destination`: where the traveller is instead (fault `away`). `refusal`: the signed word of a destination that refused a passport,
   * for the traveller to relay to the origin.
   */
  reject: struct({
    seq: optional(seq),
    fault: faultSchema,
    final: bool,
    destination: optional(destinationSchema),
    refusal: optional(text(LIMITS.passportBytes)),
  }),
  notice: struct({ text: text(LIMITS.noticeBytes), tone: word("info", "good", "warn") }),
  /** How a crossing stands: asking the destination · in transit (escrow) · gave back. `rulings` is customs' word before anything leaves. */
  crossing: struct({
    stage: word("asking", "refused", "in-transit", "returned", "arrived"),
    destination: text(64),
    transfer: optional(transferIdSchema),
    rulings,
    fault: optional(faultSchema),
  }),
  /** The seed's `Transfer`: the traveller has left this world durably. `passport` + "." + base64url(signature) is a compact JWS. */
  transfer: struct({
    id: transferIdSchema,
    destination: destinationSchema,
    passport: text(LIMITS.passportBytes),
    signature: bytes(64),
    expiresMs: uint(),
  }),
  /** The world has a newer substrate version; what changed can be fetched while one plays on. */
  substrate: struct({ root: contentIdSchema, tick }),
  pong: struct({ n: uint(0xffff_ffff), timeMs: uint() }),
});
export type WorldMessage = TypeOf<typeof worldMessageSchema>;

/** First byte of every binary frame. */
export const FRAME = { control: 1, snapshot: 2, own: 3, move: 4 } as const;
