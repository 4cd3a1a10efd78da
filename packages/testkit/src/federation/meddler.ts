// An author's callback that does what it likes in the middle of a decision: it asks the border again, handles what just left or came,
// closes the world, lets somebody else speak, tells people. By then the decision stands (R13), and what is in escrow is out of reach (R2).
import { type CustodyRecord, outermostPlace, type TravellerId, type WorldId } from "@sojourn/protocol";
import type { Attacker } from "./attacker.ts";
import type { FaultMenu } from "./fault-kinds.ts";
import type { Invariants } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { SimWorld } from "./sim-world.ts";
import { mustHold } from "./violation.ts";
import type { Weather } from "./weather.ts";

/** Of the records of a crossing, so many have a callback that meddles. */
const MEDDLING = 0.02;

interface Surroundings {
  readonly random: Random;
  readonly faults: FaultMenu;
  readonly invariants: Invariants;
  readonly weather: Weather;
  readonly worlds: ReadonlyMap<WorldId, SimWorld>;
  tinker(world: SimWorld, traveller: TravellerId): void;
}

export class Meddler {
  readonly #around: Surroundings;
  readonly #attacker: Attacker;
  /** A callback is not called back by what it does itself. */
  #isBusy = false;

  constructor(around: Surroundings, attacker: Attacker) {
    this.#around = around;
    this.#attacker = attacker;
  }

  onRecord(world: SimWorld, record: CustodyRecord): void {
    if (this.#isBusy || !isOfCrossing(record)) return;
    const { random, faults } = this.#around;
    if (!random.chance(MEDDLING) || !faults.strikes("hooks")) return;
    this.#isBusy = true;
    this.#tell(world, record);
    for (let i = random.between(1, 3); i > 0 && world.isUp; i--) this.#meddle(world, record);
    this.#isBusy = false;
  }

  /** What people hear waits for the record. */
  #tell(world: SimWorld, record: CustodyRecord): void {
    const { output } = this.#around.invariants;
    if (world.isBlurting) output.announced(world.id, record);
    else world.afterSync(() => output.announced(world.id, record));
  }

  #meddle(world: SimWorld, record: CustodyRecord): void {
    const { random, weather } = this.#around;
    const traveller = "traveller" in record ? record.traveller : undefined;
    switch (random.below(7)) {
      case 0:
        if (traveller !== undefined) this.#askAgain(world, record, traveller);
        return;
      case 1:
        if (record.r === "depart") this.#handle(world, record);
        return;
      case 2:
        this.#tinkerWithOthers(world);
        return;
      case 3:
        weather.shut(world);
        return;
      case 4:
        this.#attacker.strikeAt(world);
        return;
      case 5:
        if (record.r === "depart") world.take({ in: "stay", traveller: record.traveller, transfer: `${record.n}@${world.id}` });
        else if (traveller !== undefined) world.take({ in: "left", traveller });
        return;
      default:
        world.take({ in: "wake" });
    }
  }

  /** The same traveller again, elsewhere: whoever has left cannot ask. */
  #askAgain(world: SimWorld, record: CustodyRecord, traveller: TravellerId): void {
    const to = this.#around.random.pick([...this.#around.worlds.keys()]);
    const decision = world.take({ in: "ask", traveller, to });
    if (record.r !== "depart" || decision === undefined) return;
    mustHold(decision.records.length === 0 && !decision.rules.includes("X1"), "R13", `${traveller} asks while leaving`);
  }

  /** Drops what has just left and kills who did, as an author may with whatever is here: nothing of it is. */
  #handle(world: SimWorld, { items, traveller }: Extract<CustodyRecord, { r: "depart" }>): void {
    const { custody } = world;
    const t = timeOf(world);
    for (const item of items) {
      if (outermostPlace(custody, item).in !== "escrow") world.append([{ r: "own", t, item, place: { in: "ground", x: 1, y: 1 } }]);
      if (!world.isUp) return;
    }
    if (custody.residents.get(traveller)?.status !== "here") return;
    world.append([{ r: "rest", t, traveller, body: { health: 0, props: {} }, x: 0, y: 0 }]);
  }

  #tinkerWithOthers(world: SimWorld): void {
    for (const { traveller, status } of [...world.custody.residents.values()]) {
      if (status === "here" && this.#around.random.chance(0.3)) this.#around.tinker(world, traveller);
      if (!world.isUp) return;
    }
  }
}

function timeOf(world: SimWorld): number {
  return Math.max(world.now().wallMs, world.custody.clockHighWaterMs);
}

function isOfCrossing({ r }: CustodyRecord): boolean {
  return r === "depart" || r === "admit" || r === "release" || r === "refund" || r === "refuse";
}
