// I11 and I12 towards worlds that are not judged: what one of them makes a border write stays within the rates (R15), what it makes it
// remember within the table's limits, and no place that is kept for it keeps an honest peer out.
import { CUSTODY, type Decision, type Notary, parseNumbered, type WorldId } from "@sojourn/protocol";
import { mustHold } from "./violation.ts";

const SECOND_MS = 1_000;

interface Cost {
  readonly atMs: number;
  readonly what: "tombstones" | "closes";
}

export class FloodInvariant {
  readonly #read: Notary["read"];
  readonly #isJudged: (world: WorldId) => boolean;
  /** Records within the last second, by world. */
  readonly #costs = new Map<WorldId, Cost[]>();

  constructor(read: Notary["read"], isJudged: (world: WorldId) => boolean) {
    this.#read = read;
    this.#isJudged = isJudged;
  }

  /** A process that starts again has forgotten what it counted. */
  restarted(world: WorldId): void {
    this.#costs.delete(world);
  }

  /** `isFull` when the operator's own room is used up. */
  afterDecision(world: WorldId, { records, rules, effects }: Decision, nowMs: number, isFull: boolean): void {
    for (const record of records) {
      if (record.r === "refuse" && !this.#isJudged(parseNumbered(record.transfer)?.world ?? "")) this.#cost(world, "tombstones", nowMs);
      else if (record.r === "closed" && !this.#isJudged(record.origin)) this.#cost(world, "closes", nowMs);
    }
    if (rules[0] !== "X21" || rules.length > 1 || isFull) return;
    for (const effect of effects) {
      if (effect.e !== "post" || !this.#isJudged(effect.to)) continue;
      const read = this.#read(effect.token);
      if (read.ok && read.value.claims.typ === "decline")
        mustHold(read.value.claims.code !== "busy", "I12", `${world} has no place for an honest peer's traveller`);
    }
  }

  #cost(world: WorldId, what: Cost["what"], nowMs: number): void {
    const lately = (this.#costs.get(world) ?? []).filter(({ atMs }) => atMs > nowMs - SECOND_MS);
    lately.push({ atMs: nowMs, what });
    this.#costs.set(world, lately);
    const { perSecond, burst } = CUSTODY[what];
    const count = lately.reduce((sum, cost) => (cost.what === what ? sum + 1 : sum), 0);
    mustHold(count <= perSecond + burst, "I11", `a peer cost ${world} ${count} ${what} within a second`);
  }
}
