// Who is hurt. Worlds tell health as a number from 0 to 255 and not what is full; full is the most that was seen in this world. Pure.
import type { ViewEntity, ViewFrame } from "@sojourn/client";
import { HUD } from "../limits.ts";

/** What is full until more was seen. */
const USUAL_FULL = 100;

export class Health {
  private full = USUAL_FULL;
  private readonly last = new Map<number, number>();
  private readonly hurtAtMs = new Map<number, number>();
  private readonly hurt = new Map<number, number>();

  clear(): void {
    this.full = USUAL_FULL;
    this.last.clear();
    this.hurtAtMs.clear();
  }

  /** 0 to 1. */
  partOf(entity: ViewEntity): number {
    return Math.min(1, entity.health / this.full);
  }

  /** Travellers whose health fell a short while ago, and what is left to them. The same map every time. */
  update(frame: ViewFrame, nowMs: number): ReadonlyMap<number, number> {
    this.hurt.clear();
    for (const entity of frame.entities) {
      if (entity.kind.sprite !== "traveller") continue;
      this.full = Math.max(this.full, entity.health);
      const before = this.last.get(entity.id);
      if (before !== undefined && entity.health < before) this.hurtAtMs.set(entity.id, nowMs);
      this.last.set(entity.id, entity.health);
      const at = this.hurtAtMs.get(entity.id);
      if (at !== undefined && nowMs - at < HUD.hurtMs && entity.health < this.full) this.hurt.set(entity.id, this.partOf(entity));
    }
    if (this.last.size > frame.entities.length * 2 + 64) this.forget(frame);
    return this.hurt;
  }

  private forget(frame: ViewFrame): void {
    const here = new Set(frame.entities.map(({ id }) => id));
    for (const id of this.last.keys()) {
      if (here.has(id)) continue;
      this.last.delete(id);
      this.hurtAtMs.delete(id);
    }
  }
}
