// Writes vectors/protocol/*.json. Valid frames are written by the encoders, once; the invalid ones are thought out by hand below.
// Run: node tools/protocol/vectors.ts. The test beside the protocol's sources reads the files only, so a change of bytes shows as a failure.
import { mkdirSync, writeFileSync } from "node:fs";
import {
  CellEncoder,
  type ClientMessage,
  cellAt,
  composeSnapshot,
  EntityColumns,
  encodeControl,
  encodeMove,
  encodeOwn,
  eventsPart,
  fieldTable,
  type WorldMessage,
} from "@sojourn/protocol";
import { BAD_CLIENT, BAD_MOVE, BAD_OWN, BAD_SNAPSHOT, BAD_WORLD } from "./bad-frames.ts";
import { swarmVectors } from "./swarm-vectors.ts";

const FOLDER = new URL("../../vectors/protocol/", import.meta.url);
const did = (letter: string): string => `did:key:z6Mk${letter.repeat(44)}`;
const bytes = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (from + i) % 256);
const root = `bafkrei${"a".repeat(52)}`;
const item = `7@${did("a")}`;

const CLIENT: readonly [string, ClientMessage][] = [
  ["hello without a passport", { t: "hello", versions: [1], traveller: did("t"), name: "Ada", nonce: bytes(32, 0) }],
  ["hello with a passport", { t: "hello", versions: [1, 2], traveller: did("t"), name: "Zoë ☂", nonce: bytes(32, 9), passport: "a.b.c" }],
  ["prove", { t: "prove", signature: bytes(64, 100) }],
  ["ready", { t: "ready", substrate: root }],
  ["interact", { t: "intent", seq: 1, intent: { kind: "interact", target: 4_294_967_295 } }],
  ["use on nothing", { t: "intent", seq: 24, intent: { kind: "use", item } }],
  ["use on somebody", { t: "intent", seq: 256, intent: { kind: "use", item, target: 12 } }],
  ["chat", { t: "intent", seq: 65_536, intent: { kind: "chat", text: "Anybody here? 🔥" } }],
  ["pick up", { t: "intent", seq: 2, intent: { kind: "pick-up", target: 3 } }],
  ["drop", { t: "intent", seq: 3, intent: { kind: "drop", item } }],
  ["place with fractions", { t: "intent", seq: 4, intent: { kind: "place", item, x: -3.5, y: 0.00390625, text: "was here" } }],
  ["place on whole numbers", { t: "intent", seq: 5, intent: { kind: "place", item, x: 3, y: -4 } }],
  ["cross", { t: "intent", seq: 6, intent: { kind: "cross", portal: "cellar door" } }],
  ["ack of the largest tick", { t: "ack", tick: Number.MAX_SAFE_INTEGER }],
  ["held", { t: "held", transfer: item }],
  ["stay", { t: "stay", transfer: item }],
  ["relay", { t: "relay", message: "a.b.c" }],
  ["ping", { t: "ping", n: 0 }],
  ["bye", { t: "bye" }],
];

const torch = { id: item, kind: "torch", props: { charge: 0.25, lit: true, label: "mine" }, contents: [] };
const bag = { id: `8@${did("a")}`, kind: "bag", props: {}, contents: [torch] };
const fault = { code: "refused", blame: "peer", detail: "no torches here", retryAfterMs: 0 } as const;
const destination = { world: did("b"), name: "Dungeon", url: "wss://dungeon.example/play" };
const ruling = { item, kind: "torch", verdict: "clamp", reason: "charge at most 0.1" } as const;

const WORLD: readonly [string, WorldMessage][] = [
  ["challenge", { t: "challenge", version: 1, world: did("a"), nonce: bytes(32, 5), timeMs: 1_790_000_000_000, signature: bytes(64, 1) }],
  [
    "manifest",
    {
      ...{
        t: "manifest",
        world: did("a"),
        name: "Tavern",
        about: "A warm place.",
        substrate: root,
        allowedItems: ["*"],
        archive: "builds",
        archiveDelayMs: 3_600_000,
      },
      physics: { tickHz: 20, speed: 4.5, bodyWidth: 0.6, bodyHeight: 0.4, reach: 2, chatRange: 16, viewRadius: 24 },
      assets: [{ cid: root, mime: "image/png", bytes: 4_096 }],
      customs: ["Torches are clamped."],
      components: [{ name: "charge", type: "i16" }],
      entityKinds: [{ kind: "traveller", title: "Traveller", sprite: "traveller", solid: false, width: 0.6, height: 0.4 }],
      itemKinds: [{ kind: "torch", title: "Torch", sprite: "torch", about: "Gives light.", use: "Light", place: "Plant" }],
      portals: [
        { name: "cellar", label: "To the Dungeon", world: did("b"), worldName: "Dungeon", url: destination.url, x: 1.5, y: 2, w: 1, h: 1 },
      ],
      gateways: ["/ipfs"],
    },
  ],
  [
    "welcome",
    {
      t: "welcome",
      session: "s1",
      entity: 7,
      tick: 9,
      resumed: false,
      items: [bag],
      locker: [],
      rulings: [ruling],
      from: "Tavern",
      receipt: "a.b.c",
    },
  ],
  ["items", { t: "items", items: [torch], locker: [bag] }],
  ["a refused intent", { t: "reject", seq: 3, fault, final: false }],
  ["away, with the destination", { t: "reject", fault: { ...fault, code: "away" }, final: true, destination }],
  ["refused, with the signed refusal", { t: "reject", fault, final: true, refusal: "a.b.c" }],
  ["notice", { t: "notice", text: "The fire burns low.", tone: "warn" }],
  ["crossing", { t: "crossing", stage: "refused", destination: "Dungeon", rulings: [ruling], fault }],
  ["transfer", { t: "transfer", id: item, destination, passport: "head.body", signature: bytes(64, 7), expiresMs: 1_790_000_120_000 }],
  ["substrate", { t: "substrate", root, tick: 400 }],
  ["pong", { t: "pong", n: 0xffff_ffff, timeMs: 1_790_000_000_001 }],
];

/** JSON cannot say bytes: they are `{ "$hex": … }`. */
function jsonable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $hex: hex(value) };
  if (Array.isArray(value)) return value.map(jsonable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonable(member)]));
}

function hex(frame: Uint8Array): string {
  return Buffer.from(frame).toString("hex");
}

function file(name: string, about: string, content: object): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify({ about, ...content }, undefined, 2)}\n`);
}

const sent = (list: readonly [string, ClientMessage | WorldMessage][]): object[] =>
  list.map(([name, message]) => ({ name, hex: hex(encodeControl(message)), value: jsonable(message) }));

file(
  "swarm",
  "What members of a swarm say at a rendezvous and on a channel, and descriptions that are used or not. Bytes in values are { $hex }.",
  jsonable(swarmVectors()) as object,
);
file("control", "Control frames. `from` says who sends them; `fault` is what the reader answers. Bytes in values are { $hex }.", {
  client: { valid: sent(CLIENT), invalid: BAD_CLIENT },
  world: { valid: sent(WORLD), invalid: BAD_WORLD },
});

const moves = [
  { t: "move", seq: 1, dx: 127, dy: 0 },
  { t: "move", seq: 4_294_967_295, dx: -127, dy: 127 },
  { t: "move", seq: 0, dx: 0, dy: -1 },
] as const;
file("move", "Move frames: 7 bytes.", { valid: moves.map((value) => ({ hex: hex(encodeMove(value)), value })), invalid: BAD_MOVE });

const owns = [
  { tick: 1, ackSeq: 0, ackIntent: 0, x: 0, y: 0, frozen: false, pace: 1 },
  { tick: Number.MAX_SAFE_INTEGER, ackSeq: 4_294_967_295, ackIntent: 7, x: -1_048_576, y: 1_048_576, frozen: true, pace: 1 },
  { tick: 4_294_967_296, ackSeq: 12, ackIntent: 3, x: 10.5, y: -0.00390625, frozen: false, pace: 0.5 },
  { tick: 127, ackSeq: 128, ackIntent: 16_384, x: 1, y: -1, frozen: true, pace: 1 / 256 },
];
file("own", "Own frames. Positions in units; pace is a share of the manifest's tickHz.", {
  valid: owns.map((value) => ({ hex: hex(encodeOwn(value)), value })),
  invalid: BAD_OWN,
});

file(
  "snapshot",
  "A story: frames applied in order to one reader with these components, and what it holds after each. Then frames that change nothing.",
  {
    components: COMPONENTS(),
    story: story(),
    invalid: BAD_SNAPSHOT,
  },
);

function COMPONENTS(): { name: string; type: "i16" | "f32" | "bool" | "text" | "u32" }[] {
  return [
    { name: "charge", type: "i16" },
    { name: "glow", type: "f32" },
    { name: "open", type: "bool" },
    { name: "sign", type: "text" },
    { name: "coins", type: "u32" },
  ];
}

/** Two cells side by side: entities come, change, cross from one to the other and go; a cell is left; a fresh frame starts anew. */
function story(): object[] {
  const table = fieldTable(COMPONENTS());
  const world = new EntityColumns(table);
  const encoder = new CellEncoder(world);
  const west = cellAt(-1, 0);
  const east = cellAt(1, 0);
  const steps: object[] = [];
  const shown = new Set<number>([west, east]);
  const tell = (name: string, tick: number, parts: (Uint8Array | undefined)[], more: object, fresh = false): void => {
    const frame = composeSnapshot(
      tick,
      parts.filter((part) => part !== undefined),
      fresh,
    );
    const ids = [...world.ids()].filter((id) => shown.has(cellAt(world.get("x", id) as number, world.get("y", id) as number)));
    const entities = ids
      .sort((a, b) => a - b)
      .map((id) => ({ id, ...Object.fromEntries(table.fields.map(({ name: field }) => [field, world.get(field, id)])) }));
    steps.push({ name, hex: hex(frame), tick, ...more, entities });
  };
  const put = (id: number, x: number, y: number): void => world.moveTo(world.spawn(id), x, y);
  put(1, -2, 3.5);
  world.set("name", 1, "Ada ☂");
  world.set("flags", 1, 1);
  put(300, 5, 0.00390625);
  world.set("charge", 300, -32_768);
  world.set("glow", 300, 0.5);
  world.set("open", 300, true);
  world.set("coins", 300, 4_294_967_295);
  encoder.closeTick();
  tell("two cells, fresh", 1, [encoder.keyframe(west), encoder.keyframe(east)], { added: [1, 300], removed: [], events: [] }, true);
  world.moveTo(world.slotOf(1), -1.5, 3.5);
  world.set("facing", 1, 64);
  world.set("sign", 300, "Keep out");
  const say = { kind: "say", entity: 1, text: "héllo" } as const;
  encoder.addEvent(-1, 1, say);
  encoder.closeTick();
  tell("one walks and speaks, a sign is written", 2, [encoder.delta(west), encoder.delta(east)], { added: [], removed: [], events: [say] });
  world.moveTo(world.slotOf(1), -1, 3.5);
  encoder.closeTick();
  tell("one goes on as before: time passes, and nothing is said", 3, [encoder.delta(west), encoder.delta(east)], {
    added: [],
    removed: [],
    events: [],
  });
  for (const [tick, name, x, y] of [
    [4, "a longer step", -3, 3.5],
    [5, "a jump", -15, 12],
    [6, "steps again", -14.75, 11.75],
  ] as const) {
    world.moveTo(world.slotOf(1), x, y);
    encoder.closeTick();
    tell(name, tick, [encoder.delta(west), encoder.delta(east)], { added: [], removed: [], events: [] });
  }
  for (const by of [0.25, 0.5]) {
    world.moveTo(world.slotOf(1), -14.75 + by, 11.75 - by);
    encoder.closeTick();
  }
  tell("two ticks in one frame", 8, [], { added: [], removed: [], events: [] });
  world.moveTo(world.slotOf(1), 0.5, 3.5);
  encoder.closeTick();
  tell("one crosses the border: the same entity", 9, [encoder.delta(west), encoder.delta(east)], { added: [], removed: [], events: [] });
  world.moveTo(world.slotOf(1), 1, 3.5);
  put(2, -10, 10);
  encoder.closeTick();
  tell("the order of parts has no meaning", 10, [encoder.delta(east), encoder.delta(west)], { added: [2], removed: [], events: [] });
  world.remove(300);
  encoder.closeTick();
  tell("one is gone", 11, [encoder.delta(west), encoder.delta(east)], { added: [], removed: [300], events: [] });
  shown.delete(west);
  encoder.closeTick();
  tell("a cell is left", 12, [encoder.leavePart(west)], { added: [], removed: [2], events: [] });
  const effect = { kind: "effect", entity: 0, text: "thunder" } as const;
  tell("nothing changed; one event for this reader alone", 12, [eventsPart(west, [effect])], { added: [], removed: [], events: [effect] });
  shown.add(west).delete(east);
  encoder.closeTick();
  tell("fresh again, from another place and an earlier tick", 2, [encoder.keyframe(west)], { added: [2], removed: [1], events: [] }, true);
  return steps;
}
