// From hands to feet: keys and stick lead, a clicked spot is walked to while neither is used.
import type { Visitor } from "@sojourn/client";
import { type Solids, type SubstrateView, solidsOf } from "@sojourn/substrate";
import { findPath, Stroll } from "./stroll.ts";

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Half of the free room a path keeps around a tile's middle, units. */
const ROOM = 0.3;

export class Walking {
  private readonly visitor: Visitor;
  private stroll: Stroll | undefined;
  private near: { spot: Spot; within: number; then: () => void } | undefined;
  private solids: { view: SubstrateView; solids: Solids } | undefined;
  private last: Spot = { x: 0, y: 0 };

  constructor(visitor: Visitor) {
    this.visitor = visitor;
  }

  clear(): void {
    this.stroll = undefined;
    this.near = undefined;
  }

  /** Walks to a spot; `then` happens there, or as soon as one is within `within` units of it. */
  walkTo(spot: Spot, nowMs: number, then?: () => void, within = 0): void {
    const { me } = this.visitor;
    if (me === undefined) return;
    const path = findPath(me, spot, (x, y) => this.isFree(x, y), within) ?? [spot];
    this.near = then === undefined ? undefined : { spot, within, then };
    this.stroll = new Stroll(path, nowMs, () => this.arrive());
  }

  /** @param hand what keys or stick say now */
  steer(hand: Spot, nowMs: number): void {
    if (hand.x !== 0 || hand.y !== 0) this.clear();
    const { me } = this.visitor;
    const { near } = this;
    if (me !== undefined && near !== undefined && Math.hypot(near.spot.x - me.x, near.spot.y - me.y) <= near.within) this.arrive();
    const way = this.stroll === undefined || me === undefined ? hand : (this.stroll.heading(me, nowMs) ?? hand);
    if (way.x !== this.last.x || way.y !== this.last.y) this.visitor.walk(way.x, way.y);
    this.last = { x: way.x, y: way.y };
  }

  private arrive(): void {
    const { near } = this;
    this.clear();
    near?.then();
  }

  private isFree(x: number, y: number): boolean {
    const view = this.visitor.substrate;
    if (view === undefined) return false;
    if (this.solids?.view !== view) this.solids = { view, solids: solidsOf(view) };
    let free = true;
    this.solids.solids.visit(x + 0.5 - ROOM, y + 0.5 - ROOM, x + 0.5 + ROOM, y + 0.5 + ROOM, () => {
      free = false;
    });
    return free;
  }
}
