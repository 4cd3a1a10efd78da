// A world that does what a test says, on an in-memory link: it greets, shows a walled field and walks whoever comes in by the real
// codecs and the real motion, and lets the test say anything else, right or wrong. For what no real world would do on request.
import { challengeBytes, keysFromSecret, type OpenKeys, verifyProof } from "@sojourn/passport";
import {
  CellEncoder,
  type ClientMessage,
  cellAt,
  decodeClientFrame,
  EntityColumns,
  encodeControl,
  encodeOwn,
  FIELD,
  fieldTable,
  type Manifest,
  type Move,
  type Point,
  stepBody,
  ViewFrames,
  valueOf,
  type WorldMessage,
} from "@sojourn/protocol";
import { Inbox, type Link, type LinkEnd, randomBytes } from "@sojourn/runtime";
import { type BlockStore, buildVersion, memoryStore, openVersion, type Solids, solidsOf } from "@sojourn/substrate";

type Hello = Extract<ClientMessage, { t: "hello" }>;
export const ME = 7;
const TRAVELLER_LOOK = 0;

export class ScriptedWorld {
  readonly url: string;
  readonly keys: OpenKeys;
  manifest: Manifest;
  readonly blocks: BlockStore;
  /** Everything heard so far, over all links. */
  readonly heard: (ClientMessage | Move)[] = [];
  /** Called before the usual answer; true when the test has answered itself. */
  answer: (message: ClientMessage | Move) => boolean = () => false;
  /** Nobody answers at this address. */
  isDown = false;
  /** Links are open and nothing is said on them any more. */
  isSilent = false;
  body: Point = { x: 4, y: 4 };
  links = 0;
  tick = 100;
  /** How things that take a moment take it: what is sent arrives, a link opens or breaks. */
  soon: (run: () => void) => void = (run) => void setTimeout(run, 0);
  readonly solids: Solids;
  readonly columns: EntityColumns;
  readonly frames: ViewFrames;
  private link: MemoryLink | undefined;
  private hello: Hello | undefined;
  private nonce: Uint8Array = new Uint8Array();
  ackSeq = 0;

  private constructor(url: string, keys: OpenKeys, manifest: Manifest, blocks: BlockStore, solids: Solids) {
    this.url = url;
    this.keys = keys;
    this.manifest = manifest;
    this.blocks = blocks;
    this.solids = solids;
    this.columns = new EntityColumns(fieldTable(manifest.components));
    const encoder = new CellEncoder(this.columns);
    this.frames = new ViewFrames(encoder, manifest.physics.viewRadius);
    const slot = this.columns.spawn(ME);
    this.columns.write(FIELD.look, slot, TRAVELLER_LOOK);
  }

  /** `seed` makes the world's key: the same seed is the same world. `edge`: the field's side, units. */
  static async open(url: string, seed: number, name: string, edge = 16): Promise<ScriptedWorld> {
    const keys = keysFromSecret(new Uint8Array(32).fill(seed));
    const version = valueOf(
      await buildVersion({ name, scene: { ...FIELD_SCENE, bounds: { x0: 0, y0: 0, x1: edge, y1: edge } }, chunks: [], assetBlocks: [] }),
    );
    const blocks = memoryStore();
    for (const block of version.blocks) valueOf(await blocks.put(block));
    const view = valueOf(await openVersion(version.root, blocks));
    await view.loadAll();
    return new ScriptedWorld(url, keys, manifestOf(keys.id, name, version.root), blocks, solidsOf(view));
  }

  /** The client's end of a new link to this world. */
  connect(): Link {
    this.links += 1;
    const link = new MemoryLink(this.url, this.soon, (frame) => this.take(link, frame));
    if (this.isDown) link.end1006();
    else {
      this.link?.end1006();
      this.link = link;
      link.openSoon();
    }
    return link;
  }

  say(message: WorldMessage): void {
    this.sayFrame(encodeControl(message));
  }
  sayFrame(frame: Uint8Array): void {
    if (!this.isSilent) this.link?.deliver(frame);
  }
  /** The link breaks without a word. */
  breakLink(): void {
    this.link?.end1006();
  }

  private take(link: MemoryLink, frame: Uint8Array): void {
    if (link !== this.link || this.isSilent) return;
    const message = valueOf(decodeClientFrame(frame));
    this.heard.push(message);
    if (!this.answer(message)) this.usualAnswer(message);
  }

  /** What a friendly world says to this. */
  usualAnswer(message: ClientMessage | Move): void {
    switch (message.t) {
      case "hello":
        this.challenge(message, this.keys);
        break;
      case "prove": {
        const { traveller, nonce: clientNonce, passport } = this.hello as Hello;
        const { signature } = message;
        valueOf(verifyProof({ world: this.keys.id, worldNonce: this.nonce, clientNonce, passport, traveller, signature }));
        this.say({ t: "manifest", ...this.manifest });
        break;
      }
      case "ready":
        this.enter();
        break;
      case "move":
        this.body = stepBody(this.body, message.dx, message.dy, this.manifest.physics, this.solids);
        this.ackSeq = message.seq;
        this.sayTick();
        break;
      case "ping":
        this.say({ t: "pong", n: message.n, timeMs: 0 });
        break;
    }
  }

  /** Signs the challenge with any key: only the world's own will do, or one that the statement it shows lists. */
  challenge(hello: Hello, signer: OpenKeys, shown: { readonly kid?: string; readonly keys?: string } = {}): void {
    this.hello = hello;
    const world = this.keys.id;
    const { traveller, nonce: clientNonce } = hello;
    this.nonce = randomBytes(32);
    const nonce = this.nonce;
    void signer.sign(challengeBytes({ world, worldNonce: nonce, clientNonce, traveller })).then((signature) => {
      this.say({ t: "challenge", version: 1, world, nonce, timeMs: 0, signature, ...shown });
    });
  }

  enter(resumed = false): void {
    this.ackSeq = 0;
    const nothing = { items: [], locker: [], rulings: [] };
    this.say({ t: "welcome", session: "s", entity: ME, tick: this.tick, resumed, ...nothing });
    this.sayTick(true);
  }

  /** One tick for the one who is here: a snapshot of what changed, and the own frame. */
  sayTick(isFirst = false): void {
    this.tick += 1;
    this.columns.moveTo(this.columns.slotOf(ME), this.body.x, this.body.y);
    this.frames.closeTick(this.tick);
    const cell = cellAt(4, 4);
    for (const frame of this.frames.frames(isFirst ? undefined : cell, cell)) this.sayFrame(frame);
    const { x, y } = this.body;
    this.sayFrame(encodeOwn({ tick: this.tick, ackSeq: this.ackSeq, ackIntent: 0, x, y, frozen: false, pace: 1 }));
  }
}

/** The client's end of a link without a network. Frames arrive a moment later, as they would. */
class MemoryLink implements Link {
  state: Link["state"] = "connecting";
  readonly remote: string;
  readonly bufferedBytes = 0;
  end: LinkEnd | undefined;
  onWake: (() => void) | undefined;
  private readonly inbox = new Inbox(4_096, 16_777_216);
  private readonly soon: (run: () => void) => void;
  private readonly toWorld: (frame: Uint8Array) => void;

  constructor(remote: string, soon: (run: () => void) => void, toWorld: (frame: Uint8Array) => void) {
    this.remote = remote;
    this.soon = soon;
    this.toWorld = toWorld;
  }
  get fault(): Link["fault"] {
    return this.inbox.fault;
  }
  openSoon(): void {
    this.soon(() => this.become("open"));
  }
  deliver(frame: Uint8Array): void {
    this.soon(() => {
      if (this.state === "open" && this.inbox.put(frame)) this.onWake?.();
    });
  }
  end1006(): void {
    this.soon(() => this.finish({ code: 1006, reason: "" }));
  }
  receive(): Uint8Array[] {
    return this.inbox.take();
  }
  send(frame: Uint8Array): void {
    if (this.state === "open") this.soon(() => this.toWorld(frame));
  }
  sendMany(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.send(frame);
  }
  close(code = 1000, reason = ""): void {
    this.soon(() => this.finish({ code, reason }));
  }
  private finish(end: LinkEnd): void {
    if (this.state === "closed") return;
    this.end = end;
    this.become("closed");
  }
  private become(state: Link["state"]): void {
    if (this.state === "closed") return;
    this.state = state;
    this.onWake?.();
  }
}

const FIELD_SCENE = {
  bounds: { x0: 0, y0: 0, x1: 16, y1: 16 },
  tileSize: { w: 16, h: 16 },
  parallaxOrigin: { x: 0, y: 0 },
  layers: [
    {
      order: 0,
      name: "placed",
      kind: "object" as const,
      visible: true,
      opacity: 1,
      offset: { x: 0, y: 0 },
      parallax: { x: 1, y: 1 },
      drawOrder: "topdown" as const,
    },
  ],
  placedLayer: 0,
  tilesets: [],
  assets: [],
  zones: [],
  properties: {},
};

function manifestOf(world: string, name: string, substrate: string): Manifest {
  return {
    world,
    name,
    about: "",
    substrate,
    allowedItems: ["*"],
    physics: { tickHz: 20, speed: 5, bodyWidth: 0.6, bodyHeight: 0.5, reach: 2, chatRange: 10, viewRadius: 20 },
    assets: [],
    archive: "terrain",
    archiveDelayMs: 0,
    customs: [],
    components: [],
    entityKinds: [{ kind: "traveller", title: "Traveller", sprite: "traveller", solid: false, width: 0.6, height: 0.5 }],
    itemKinds: [],
    portals: [],
    gateways: ["/"],
  };
}
