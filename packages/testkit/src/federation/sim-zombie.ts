// The old process of a world that was taken over: it still hears, decides and appends. The journal is fenced by the incarnation, so its
// next append fails and it ends, before anything it decided has left (persist, then act).
import type { BorderInput, Custody, Desk } from "@sojourn/protocol";
import type { SimWorld, Unsynced, WorldSurroundings } from "./sim-world.ts";

const SYNC_MS = 150;

export class SimZombie {
  readonly #world: SimWorld;
  readonly #custody: Custody;
  readonly #desk: Desk;
  readonly #around: WorldSurroundings;
  #unsynced: Unsynced[];

  /** `write` is what the journal would do for whom it lets in. */
  constructor(
    world: SimWorld,
    old: { readonly custody: Custody; readonly desk: Desk; readonly unsynced: Unsynced[] },
    around: WorldSurroundings,
    write: (done: readonly Unsynced[]) => void,
  ) {
    this.#world = world;
    this.#custody = old.custody;
    this.#desk = old.desk;
    this.#unsynced = [...old.unsynced];
    this.#around = around;
    around.schedule.after(SYNC_MS, () => {
      if (around.machines.isUnfenced) write(this.#unsynced);
      this.#unsynced = [];
      world.layToRest();
    });
  }

  take(input: BorderInput): void {
    const { records, effects } = this.#around.machines.stepBorder(this.#custody, this.#desk, input, this.#world.now(), this.#world.context);
    for (const record of records) this.#around.machines.applyRecord(this.#custody, record);
    this.#unsynced.push({ records, effects });
  }
}
