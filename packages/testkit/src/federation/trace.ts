// What happened, as one hash over every step (same seed, same hash), the last steps in words, and how often each rule was followed.
import { createHash, type Hash } from "node:crypto";
import { type CustodyRecord, RULES, type RuleId } from "@sojourn/protocol";

/** Steps told when a run fails. */
const LAST_STEPS = 80;
/** Numbers gathered before they are hashed. */
const GATHERED = 16_384;
/** Most numbers that one step adds. */
const STEP_NUMBERS = 256;

export interface Step {
  readonly n: number;
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly records: readonly CustodyRecord[];
  readonly fault: string;
  readonly rules: readonly RuleId[];
}

const NONE: readonly never[] = [];
/** Rules and records of one step that are hashed one by one. */
const LISTED = 64;

export class Trace {
  steps = 0;
  /** Told of every step, when somebody looks on. */
  onStep: ((step: Step) => void) | undefined;
  readonly #hash: Hash = createHash("sha256");
  readonly #numbers = new Int32Array(GATHERED);
  #gathered = 0;
  readonly #words = new Map<string, number>();
  readonly #reached = new Map<RuleId, number>();
  readonly #last: Step[] = [];

  get reached(): ReadonlyMap<RuleId, number> {
    return this.#reached;
  }

  /** `who` did `what`: these records were written, these rules were followed. */
  note(
    atMs: number,
    who: string,
    what: string,
    records: readonly CustodyRecord[] = NONE,
    fault = "",
    rules: readonly RuleId[] = NONE,
  ): void {
    this.steps += 1;
    const step: Step = { n: this.steps, atMs, who, what, records, fault, rules };
    this.#last[this.steps % LAST_STEPS] = step;
    this.onStep?.(step);
    if (this.#gathered + STEP_NUMBERS > GATHERED) this.#mix();
    this.#add(atMs | 0);
    this.#add(this.#word(who));
    this.#add(this.#word(what));
    this.#add(this.#word(fault));
    for (let i = 0; i < records.length && i < LISTED; i++) this.#addRecord(records[i] as CustodyRecord);
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as RuleId;
      if (i < LISTED) this.#add(this.#word(rule));
      this.#reached.set(rule, (this.#reached.get(rule) ?? 0) + 1);
    }
  }

  #addRecord(record: CustodyRecord): void {
    this.#add(this.#word(record.r));
    if (record.r !== "depart" && record.r !== "admit") return;
    // The hash of the passport stands for all of its bytes.
    this.#add(record.hash.charCodeAt(0) | (record.hash.charCodeAt(1) << 8) | (record.hash.charCodeAt(2) << 16));
    this.#add(record.hash.charCodeAt(3) | (record.hash.charCodeAt(4) << 8) | (record.hash.charCodeAt(5) << 16));
  }

  #add(number: number): void {
    this.#numbers[this.#gathered++] = number;
  }

  /** Words are numbered in the order of their first use, and hashed once themselves. */
  #word(word: string): number {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const number = this.#words.size;
    this.#words.set(word, number);
    this.#hash.update(`${number} ${word}\n`);
    return number;
  }

  #mix(): void {
    this.#hash.update(this.#numbers.subarray(0, this.#gathered));
    this.#gathered = 0;
  }

  digest(): string {
    this.#mix();
    return this.#hash.copy().digest("hex");
  }

  /** The last steps, oldest first. */
  lastSteps(): string[] {
    const start = this.steps + 1;
    const steps = Array.from({ length: LAST_STEPS }, (_, i) => this.#last[(start + i) % LAST_STEPS]);
    return steps.filter((step) => step !== undefined).map(tellStep);
  }

  unreached(): RuleId[] {
    return (Object.keys(RULES) as RuleId[]).filter((rule) => !this.#reached.has(rule));
  }
}

/** `7 1234ms w1 token depart #9 !expired X8` */
export function tellStep({ n, atMs, who, what, records, fault, rules }: Step): string {
  const wrote = records.map((record) => ` ${record.r}${aboutWhat(record)}`).join("");
  return `${n} ${atMs}ms ${who} ${what}${wrote}${fault === "" ? "" : ` !${fault}`}${rules.length === 0 ? "" : ` ${rules.join(" ")}`}`;
}

function aboutWhat(record: CustodyRecord): string {
  if ("transfer" in record) return `(${short(record.transfer)})`;
  return record.r === "depart" ? `(${record.n})` : "";
}

/** A number and the part of an id that differs in made-up ones. */
function short(ref: string): string {
  return ref.replace(/@did:key:z6Mk(.{3}).*$/, "@$1");
}
