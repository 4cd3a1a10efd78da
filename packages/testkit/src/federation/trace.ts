// What happened, as one hash over every step (same seed, same hash), the last steps in words, and how often each rule was followed.
import { createHash, type Hash } from "node:crypto";
import { RULES, type RuleId } from "@sojourn/protocol";

/** Steps told when a run fails. */
const LAST_STEPS = 80;

export class Trace {
  steps = 0;
  readonly reached: Map<RuleId, number> = new Map();
  readonly #hash: Hash = createHash("sha256");
  readonly #last: string[] = [];

  /** `who` did `what`, and these rules were followed. */
  note(atMs: number, who: string, what: string, rules: readonly RuleId[] = []): void {
    this.steps += 1;
    const line = `${atMs} ${who} ${what} ${rules.join(" ")}`;
    this.#hash.update(line);
    this.#last[this.steps % LAST_STEPS] = line;
    for (const rule of rules) this.reached.set(rule, (this.reached.get(rule) ?? 0) + 1);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** The last steps, oldest first. */
  lastSteps(): string[] {
    const start = this.steps + 1;
    return Array.from({ length: LAST_STEPS }, (_, i) => this.#last[(start + i) % LAST_STEPS]).filter((line) => line !== undefined);
  }

  unreached(): RuleId[] {
    return (Object.keys(RULES) as RuleId[]).filter((rule) => !this.reached.has(rule));
  }
}
