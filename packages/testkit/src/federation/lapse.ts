// What is excused when a world loses the end of its journal: what was only there after its checkpoint may be gone (and nothing may be
// doubled), and of transfers of the lost time nobody can say any more in which order their ends were written.
import {
  type BorderInput,
  type Custody,
  type CustodyRecord,
  formatNumbered,
  type Notary,
  parseNumbered,
  type TransferId,
  type WorldId,
} from "@sojourn/protocol";
import { mustHold } from "./violation.ts";

export class Lapse {
  /** Open when it happened, to or from the world that forgot. */
  readonly exempt: Set<TransferId> = new Set();
  readonly #lost = new Set<string>();
  #world: WorldId | undefined;
  #before: Custody | undefined;
  isAsking = false;

  get hasBegun(): boolean {
    return this.#world !== undefined;
  }

  begin(before: Custody, left: Custody): void {
    this.#world = left.world;
    this.#before = before;
    this.isAsking = true;
    for (const { traveller, home } of before.residents.values())
      if (home === left.world && !left.residents.has(traveller)) this.#lost.add(traveller);
    for (let n = left.nextSerial; n < before.nextSerial; n++) this.#lost.add(formatNumbered(n, left.world));
  }

  /** No word of an incarnation that is over counts where it is known that it is. Judged from what the record rests on. */
  judgeEpoch({ memory }: Custody, record: CustodyRecord, read: Notary["read"]): void {
    const token = record.r === "release" || record.r === "refund" ? record.proof : record.r === "admit" ? record.passport : undefined;
    const said = token === undefined || token === "" ? undefined : read(token);
    if (said?.ok !== true || !("epoch" in said.value.claims)) return;
    const { epoch, iss } = said.value.claims;
    mustHold(epoch >= (memory.fences.get(iss) ?? 0), "R11", `a ${record.r} on a word of ${iss} from before it forgot`);
  }

  /** What the world that forgot had said, and what is still on its way to `world`. */
  oldWords(world: Custody, notary: Notary): BorderInput[] {
    const before = this.#before;
    if (before === undefined) return [];
    const words: BorderInput[] = [];
    for (const { transfer, hash } of world.out.values()) {
      const decided = before.arrivals.get(transfer);
      const signed = { iss: before.world, aud: world.world, iat: decided?.decidedMs ?? 0, transfer, epoch: before.epoch };
      if (decided?.decision === "admitted")
        words.push({ in: "token", token: notary.sign({ typ: "receipt", ...signed, passport: hash, seq: decided.seq }) });
    }
    for (const { to, traveller, passport } of before.out.values())
      if (to === world.world) words.push({ in: "present", session: "clone", traveller, passport });
    return words;
  }

  isOf(world: WorldId): boolean {
    return this.#world === world;
  }

  /** Who or what began in the world that forgot, after its checkpoint. */
  mayBeLost(key: string): boolean {
    return this.#lost.has(key);
  }

  /** Whether this record is about the lost time. */
  excuses(world: WorldId, record: CustodyRecord, followed: ReadonlyMap<TransferId, unknown>): boolean {
    if (this.#world === undefined || !("transfer" in record) || followed.has(record.transfer)) return false;
    return this.exempt.has(record.transfer) || world === this.#world || parseNumbered(record.transfer)?.world === this.#world;
  }
}
