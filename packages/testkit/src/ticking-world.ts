// A world that keeps its beat under a hand-moved clock: it walks who comes in by the real move queue, and others along scripted ways,
// and remembers where everything was at every tick. For measuring what a client shows against what was.
import {
  type ClientMessage,
  ENTITY_FLAGS,
  type EntityId,
  encodeOwn,
  FIELD,
  type Move,
  MoveQueue,
  type Point,
  type Solids,
  snap,
  stepBody,
  viewingCell,
} from "@sojourn/protocol";
import { ME, ScriptedWorld } from "./scripted-world.ts";

/** Where a scripted walker heads at a tick: -127 to 127 each; 0, 0 stands. */
export type Way = (tick: number) => { readonly dx: number; readonly dy: number };

interface Walker {
  readonly id: EntityId;
  readonly way: Way;
  /** Its place is told in one of so many ticks, as that of one who is far away. */
  readonly everyTicks: number;
  body: Point;
  readonly path: Map<number, Point>;
}

export interface Wall {
  readonly x: number;
  readonly y: number;
}

const FIELD_EDGE = 512;
/** An entity that stands in the way: one unit square. */
const WALL_LOOK = 1;

export class TickingWorld {
  readonly scripted: ScriptedWorld;
  /** Where one was after each tick. */
  readonly path: Map<number, Point> = new Map();
  /** How fast its time goes, as it tells its travellers; who moves it on keeps to that. */
  pace = 1;
  private readonly queue: MoveQueue;
  private readonly walkers: Walker[] = [];
  private readonly walls: Wall[] = [];
  private readonly everything: Solids;
  private from: number | undefined;
  private isIn = false;
  private nextId = 100;

  private constructor(scripted: ScriptedWorld) {
    this.scripted = scripted;
    this.queue = new MoveQueue(scripted.manifest.physics.tickHz);
    this.everything = { visit: (x0, y0, x1, y1, see) => this.visit(x0, y0, x1, y1, see) };
    scripted.soon = (run) => run();
    scripted.answer = (message) => this.answer(message);
    scripted.body = { x: FIELD_EDGE / 2, y: FIELD_EDGE / 2 };
  }

  static async open(url: string): Promise<TickingWorld> {
    const scripted = await ScriptedWorld.open(url, 1, "Field", FIELD_EDGE);
    const wall = { kind: "wall", title: "Wall", sprite: "wall", solid: true, width: 1, height: 1 };
    scripted.manifest = { ...scripted.manifest, entityKinds: [...scripted.manifest.entityKinds, wall] };
    return new TickingWorld(scripted);
  }

  get dropped(): number {
    return this.queue.dropped;
  }

  /** Puts a walker at x, y. */
  walker(x: number, y: number, way: Way, everyTicks = 1): void {
    this.walkers.push({ id: this.spawn(x, y, 0), way, everyTicks, body: { x: snap(x), y: snap(y) }, path: new Map() });
  }

  /** Puts a wall, one unit square, around x, y. */
  wall(x: number, y: number): void {
    this.spawn(x, y, WALL_LOOK);
    this.walls.push({ x, y });
  }

  /** Where the walkers were, by entity. */
  paths(): ReadonlyMap<EntityId, ReadonlyMap<number, Point>> {
    return new Map(this.walkers.map(({ id, path }) => [id, path]));
  }

  /** One tick: everybody walks, and who is in is told. */
  tick(): void {
    const { scripted } = this;
    const { physics } = scripted.manifest;
    scripted.tick += 1;
    const isWalking = this.walkIn();
    const me = scripted.columns.slotOf(ME);
    scripted.columns.moveTo(me, scripted.body.x, scripted.body.y);
    scripted.columns.write(FIELD.flags, me, ENTITY_FLAGS.traveller | (isWalking ? ENTITY_FLAGS.walking : 0));
    this.path.set(scripted.tick, scripted.body);
    for (const walker of this.walkers) {
      const { dx, dy } = walker.way(scripted.tick);
      walker.body = stepBody(walker.body, dx, dy, physics, this.everything);
      walker.path.set(scripted.tick, walker.body);
      const slot = scripted.columns.slotOf(walker.id);
      if (scripted.tick % walker.everyTicks === 0) scripted.columns.moveTo(slot, walker.body.x, walker.body.y);
      scripted.columns.write(FIELD.flags, slot, dx === 0 && dy === 0 ? 0 : ENTITY_FLAGS.walking);
    }
    if (this.isIn) this.tell();
  }

  private walkIn(): boolean {
    const { scripted, queue } = this;
    queue.earn();
    let isWalking = false;
    for (let move = queue.next(); move !== undefined; move = queue.next()) {
      scripted.body = stepBody(scripted.body, move.dx, move.dy, scripted.manifest.physics, this.everything);
      isWalking = move.dx !== 0 || move.dy !== 0;
    }
    return isWalking;
  }

  private tell(): void {
    const { scripted, queue } = this;
    const { x, y } = scripted.body;
    scripted.frames.closeTick(scripted.tick);
    const from = viewingCell(this.from, x, y);
    for (const frame of scripted.frames.frames(this.from, from)) scripted.sayFrame(frame);
    this.from = from;
    scripted.sayFrame(encodeOwn({ tick: scripted.tick, ackSeq: queue.ackSeq, ackIntent: 0, x, y, frozen: false, pace: this.pace }));
  }

  private answer(message: ClientMessage | Move): boolean {
    if (message.t === "move") this.queue.put(message);
    else if (message.t === "ready") {
      const { scripted } = this;
      const nothing = { items: [], locker: [], rulings: [] };
      scripted.say({ t: "welcome", session: "s", entity: ME, tick: scripted.tick, resumed: false, ...nothing });
      this.isIn = true;
      this.from = undefined;
    } else return false;
    return true;
  }

  private spawn(x: number, y: number, look: number): EntityId {
    const { columns } = this.scripted;
    const id = this.nextId++;
    const slot = columns.spawn(id);
    columns.write(FIELD.look, slot, look);
    columns.moveTo(slot, snap(x), snap(y));
    return id;
  }

  private visit(x0: number, y0: number, x1: number, y1: number, see: (x0: number, y0: number, x1: number, y1: number) => void): void {
    this.scripted.solids.visit(x0, y0, x1, y1, see);
    for (const { x, y } of this.walls)
      if (x + 0.5 > x0 && x - 0.5 < x1 && y + 0.5 > y0 && y - 0.5 < y1) see(x - 0.5, y - 0.5, x + 0.5, y + 0.5);
  }
}
