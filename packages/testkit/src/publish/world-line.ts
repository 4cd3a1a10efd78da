// A world that goes on: heartbeat after heartbeat, each with something changed, sealed state that is only bytes here, and ends of the
// journal in between. Made from a seed; small, and with an index of two levels.
import { valueOf, type WorldId } from "@sojourn/protocol";
import {
  amendVersion,
  type Block,
  type BlockStore,
  buildVersion,
  encodeNode,
  type Heartbeat,
  heartbeatBlock,
  Link,
  makeBlock,
  memoryStore,
  openVersion,
  tailBlock,
} from "@sojourn/substrate";
import type { Random } from "../federation/random.ts";

const SIDE = 9;
const LOOK = { visible: true, opacity: 1, offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 } } as const;

export class WorldLine {
  readonly world: WorldId;
  readonly store: BlockStore = memoryStore("the world's own");
  readonly #random: Random;
  #heartbeat: Heartbeat | undefined;
  #last: Block | undefined;
  #objects = 0;

  constructor(world: WorldId, random: Random) {
    this.world = world;
    this.#random = random;
  }

  get heartbeat(): Heartbeat | undefined {
    return this.#heartbeat;
  }

  get newest(): Block | undefined {
    return this.#last;
  }

  /** A new state: one object more in the public version, other sealed bytes. */
  async beat(epoch: number): Promise<Block> {
    const version = this.#heartbeat?.version ?? (await this.#build());
    const placed = this.#heartbeat === undefined ? version : await this.#place(version);
    const sealed = await this.#sealed(3);
    const index = await this.#put(await makeBlock("dag-cbor", valueOf(encodeNode({ parts: sealed.map((one) => new Link(one)) }))));
    const journalSeq = (this.#heartbeat?.journalSeq ?? 0) + 10;
    return await this.#keep({
      ...this.#plain(epoch),
      ...{ stateSeq: journalSeq, journalSeq, version: placed, state: index, tail: null, before: this.#last?.cid ?? null },
    });
  }

  /** The same state and one end of the journal more. */
  async append(epoch: number): Promise<Block> {
    const now = this.#heartbeat;
    if (now === undefined) throw new Error("there is a state before anything is appended to it");
    const [sealed] = await this.#sealed(1);
    const fromSeq = now.journalSeq + 1;
    const toSeq = fromSeq + this.#random.below(5);
    const tail = await this.#put(await tailBlock({ before: now.tail, fromSeq, toSeq, sealed: sealed as string }));
    return await this.#keep({ ...now, ...this.#plain(epoch), journalSeq: toSeq, tail });
  }

  #plain(epoch: number): Pick<Heartbeat, "world" | "epoch" | "tick" | "timeMs" | "archive"> {
    const tick = (this.#heartbeat?.tick ?? 0) + 20;
    return { world: this.world, epoch, tick, timeMs: 1_800_000_000_000 + tick * 50, archive: { policy: "all", delayMs: 0 } };
  }

  async #keep(heartbeat: Heartbeat): Promise<Block> {
    this.#last = await heartbeatBlock(heartbeat);
    this.#heartbeat = heartbeat;
    await this.#put(this.#last);
    return this.#last;
  }

  async #put(block: Block): Promise<string> {
    valueOf(await this.store.put(block));
    return block.cid;
  }

  async #sealed(count: number): Promise<string[]> {
    const cids: string[] = [];
    for (let i = 0; i < count; i++) {
      const bytes = Uint8Array.from({ length: 40 }, () => this.#random.below(256));
      cids.push(await this.#put(await makeBlock("raw", bytes)));
    }
    return cids;
  }

  async #build(): Promise<string> {
    const chunks = Array.from({ length: SIDE * SIDE }, (_, i) => ({
      ...{ cx: i % SIDE, cy: Math.floor(i / SIDE), boxes: [], objects: [], solid: new Uint8Array(32) },
      layers: [{ layer: 0, gids: Uint32Array.from({ length: 256 }, (__, at) => 1 + ((at + i) % 7)) }],
    }));
    const scene = {
      bounds: { x0: 0, y0: 0, x1: SIDE * 16, y1: SIDE * 16 },
      ...{
        tileSize: { w: 16, h: 16 },
        parallaxOrigin: { x: 0, y: 0 },
        placedLayer: 1,
        tilesets: [],
        assets: [],
        zones: [],
        properties: {},
      },
      layers: [
        { order: 0, name: "ground", kind: "tile", ...LOOK } as const,
        { order: 1, name: "placed", kind: "object", drawOrder: "topdown", ...LOOK } as const,
      ],
    };
    const built = valueOf(await buildVersion({ name: "a world that goes on", scene, chunks, assetBlocks: [] }));
    for (const block of built.blocks) await this.#put(block);
    return built.root;
  }

  async #place(version: string): Promise<string> {
    const view = valueOf(await openVersion(version, this.store));
    const at = (): number => this.#random.below(SIDE * 16 * 4) / 4;
    const object = { id: `o${++this.#objects}`, kind: "stone", x: at(), y: at(), layer: 1 };
    const { tick, timeMs } = this.#plain(0);
    const amended = valueOf(await amendVersion(view, { add: [object], remove: [], tick, timeMs }, this.store));
    for (const block of amended.newBlocks) await this.#put(block);
    return amended.root;
  }
}
