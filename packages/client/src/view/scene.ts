// One world as this visitor sees it: what the snapshots said, oneself ahead of them, others a little behind.
// Law: snapshots are the truth about others, own frames about oneself; nothing here speaks to anybody or knows what time it is.
import {
  ENTITY_FLAGS,
  type EntityId,
  FIELD,
  fieldTable,
  type Manifest,
  type Move,
  type OwnState,
  type Result,
  SnapshotReader,
  type Solids,
  type WorldEvent,
} from "@sojourn/protocol";
import { Playback } from "../motion/playback.ts";
import { Predictor } from "../motion/prediction.ts";
import { Tracks } from "../motion/tracks.ts";
import type { ViewEntity, ViewFrame } from "../visitor.ts";
import { blankRow, type Row, Rows } from "./rows.ts";

/** 256ths of a full turn for a direction: 0 right, 64 down. */
export function facingOf(dx: number, dy: number): number {
  return (Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * 256) + 256) % 256;
}

export function blankFrame(): ViewFrame {
  return { tick: 0, ghost: false, entities: [], me: undefined };
}

export class Scene {
  readonly manifest: Manifest;
  readonly predictor: Predictor;
  readonly playback: Playback;
  /** Oneself among the entities; 0 before the first welcome. */
  me: EntityId = 0;
  private readonly reader: SnapshotReader;
  private readonly tracks = new Tracks();
  private readonly rows: Rows;
  private readonly ghostRow: Row = blankRow();
  private readonly list: ViewEntity[] = [];
  private readonly shown: { tick: number; ghost: boolean; entities: ViewEntity[]; me: ViewEntity | undefined };
  private readonly solids: Solids;
  private ground: Solids | undefined;
  private facing: number | undefined;
  /** Something in view walks, so that every tick brings a frame. */
  private isAwaiting = false;

  constructor(manifest: Manifest) {
    this.manifest = manifest;
    this.predictor = new Predictor(manifest.physics);
    this.playback = new Playback(manifest.physics.tickHz);
    this.rows = new Rows(manifest);
    this.reader = new SnapshotReader(fieldTable(manifest.components));
    this.shown = { tick: 0, ghost: false, entities: this.list, me: undefined };
    this.solids = { visit: (x0, y0, x1, y1, see) => this.visitSolids(x0, y0, x1, y1, see) };
  }

  get entityCount(): number {
    return this.reader.entities.count;
  }
  get tick(): number {
    return this.playback.latest;
  }
  /** Where the own body is for rules such as reach: the prediction, not its picture. */
  get myFacing(): number {
    return this.facing ?? this.mySlotField(FIELD.facing, 64);
  }
  get myHealth(): number {
    return this.mySlotField(FIELD.health, 255);
  }

  nameOf(entity: EntityId): string {
    const slot = this.reader.entities.slotOf(entity);
    return slot < 0 ? "" : (this.reader.entities.read(FIELD.name, slot) as string);
  }

  /** What stands in the way besides entities: the verified static world. Without it one walks through everything. */
  standOn(ground: Solids | undefined): void {
    this.ground = ground;
  }

  snapshot(frame: Uint8Array, nowMs: number): Result<{ readonly tick: number; readonly events: readonly WorldEvent[] }> {
    const applied = this.reader.apply(frame);
    if (!applied.ok) return applied;
    const { tick } = applied.value;
    this.tracks.noteAll(this.reader.entities, tick);
    this.playback.heard(tick, nowMs);
    return applied;
  }

  own(own: OwnState, nowMs: number): void {
    this.playback.heard(own.tick, nowMs, own.pace);
    this.predictor.pace = own.pace;
    this.predictor.settle(own, this.solids);
  }

  /** Takes back every step that the world was not told of. */
  retract(own: OwnState): void {
    this.predictor.settle({ ...own, ackSeq: Number.MAX_SAFE_INTEGER }, this.solids);
  }

  /** Places oneself without a world's word: where a ghost begins that has never been live. */
  placeGhost(x: number, y: number): void {
    if (!this.predictor.isPlaced) this.predictor.settle({ ackSeq: 0, x, y, frozen: false });
  }

  walk(dx: number, dy: number): void {
    this.predictor.walk(dx, dy);
  }

  /** Walks what is due. Without `say` one walks alone. */
  advance(nowMs: number, say?: (move: Move) => void): void {
    const { predictor } = this;
    predictor.advance(nowMs, say === undefined ? { solids: this.solids } : { solids: this.solids, say });
    if (predictor.isMoving) this.facing = facingOf(predictor.directionX, predictor.directionY);
  }

  frame(nowMs: number, isGhost: boolean): ViewFrame {
    const { entities } = this.reader;
    const tick = isGhost ? this.playback.latest : this.playback.at(nowMs, this.isAwaiting);
    this.isAwaiting = false;
    this.tracks.show(tick, this.playback.latest);
    this.shown.me = undefined;
    // Emptied and filled again the list would grow anew in every frame.
    let count = 0;
    for (let slot = 0; slot < entities.slotCount; slot++) {
      const id = entities.idAt(slot);
      if (id === 0) continue;
      const row = this.rows.fill(entities, slot, this.reader.toldIn(slot));
      row.isMe = id === this.me;
      if ((row.flags & ENTITY_FLAGS.walking) !== 0 && this.tracks.periodOf(slot) === 1) this.isAwaiting = true;
      if (row.isMe) this.drawMe(row, slot, nowMs);
      else this.drawOther(row, slot);
      this.list[count++] = row;
    }
    if (this.shown.me === undefined && this.predictor.isPlaced && isGhost) this.list[count++] = this.drawGhostOfMe(nowMs);
    if (this.list.length !== count) this.list.length = count;
    this.shown.tick = tick;
    this.shown.ghost = isGhost;
    return this.shown;
  }

  private drawMe(row: Row, slot: number, nowMs: number): void {
    this.shown.me = row;
    if (!this.predictor.isPlaced) {
      this.drawOther(row, slot);
      return;
    }
    this.predictor.shown(nowMs, row);
    row.moving = this.predictor.isMoving;
    row.facing = this.facing ?? row.facing;
  }

  private drawOther(row: Row, slot: number): void {
    const { xs, ys } = this.reader.entities;
    const isKnown = this.tracks.draw(slot, row.id, (row.flags & ENTITY_FLAGS.walking) !== 0);
    row.x = isKnown ? this.tracks.x : (xs[slot] as number);
    row.y = isKnown ? this.tracks.y : (ys[slot] as number);
    row.moving = isKnown && this.tracks.moving;
  }

  /** A visitor who finds the world already gone has no entity in it, and is drawn all the same. */
  private drawGhostOfMe(nowMs: number): Row {
    const row = this.ghostRow;
    row.kind = this.manifest.entityKinds.find((kind) => kind.sprite === "traveller") ?? row.kind;
    row.id = this.me;
    row.isMe = true;
    this.drawMe(row, -1, nowMs);
    return row;
  }

  private visitSolids(x0: number, y0: number, x1: number, y1: number, see: (x0: number, y0: number, x1: number, y1: number) => void): void {
    this.ground?.visit(x0, y0, x1, y1, see);
    const { entities } = this.reader;
    for (let slot = 0; slot < entities.slotCount; slot++) {
      const id = entities.idAt(slot);
      if (id === 0 || id === this.me) continue;
      const kind = this.rows.kindOf(entities.read(FIELD.look, slot) as number);
      if (!kind.solid) continue;
      const x = entities.xs[slot] as number;
      const y = entities.ys[slot] as number;
      const [w, h] = [kind.width / 2, kind.height / 2];
      if (x + w > x0 && x - w < x1 && y + h > y0 && y - h < y1) see(x - w, y - h, x + w, y + h);
    }
  }

  private mySlotField(field: number, otherwise: number): number {
    const slot = this.reader.entities.slotOf(this.me);
    return slot < 0 ? otherwise : (this.reader.entities.read(field, slot) as number);
  }
}
