// I13 for declared things: what came in within an hour, what is here, and what it is worth, never passes a quota. Counted here from the
// durable admissions and the custody states alone.
import {
  type Custody,
  type CustodyRecord,
  effectiveProps,
  flattenCarried,
  issuerOf,
  parseNumbered,
  type Quota,
  type WorldId,
} from "@sojourn/protocol";
import { mustHold } from "./violation.ts";

const HOUR_MS = 3_600_000;

interface CameIn {
  readonly t: number;
  readonly accounts: readonly WorldId[];
  readonly kind: string;
}

/** Whether a quota counts what comes in of this kind. */
function isCounted({ kind, perHour }: Quota, of: string): boolean {
  return perHour !== undefined && (kind === "*" || kind === of);
}

type Admit = Extract<CustodyRecord, { r: "admit" }>;

export class QuotaInvariant {
  readonly #quotas: readonly Quota[];
  readonly #cameIn = new Map<WorldId, CameIn[]>();

  /** The same quotas everywhere, for every other world's things. */
  constructor(quotas: readonly Quota[]) {
    this.#quotas = quotas;
  }

  /** Declared things count for their maker and for whoever handed them over; others for their maker. */
  #imports(world: WorldId, { items, transfer, t }: Admit): CameIn[] {
    const from = parseNumbered(transfer)?.world ?? "";
    return flattenCarried(items)
      .filter(({ id }) => issuerOf(id) !== world)
      .map(({ id, kind, tier }) => ({ t, kind, accounts: tier === undefined ? [...new Set([issuerOf(id), from])] : [issuerOf(id)] }));
  }

  afterDurable(world: WorldId, admit: Admit): void {
    const coming = this.#imports(world, admit).filter((one) => this.#quotas.some((quota) => isCounted(quota, one.kind)));
    if (coming.length === 0) return;
    const lately = (this.#cameIn.get(world) ?? []).filter(({ t }) => t > admit.t - HOUR_MS).concat(coming);
    this.#cameIn.set(world, lately);
    for (const { kind, perHour } of this.#quotas) {
      if (perHour === undefined || !coming.some((one) => kind === "*" || one.kind === kind)) continue;
      for (const account of new Set(coming.flatMap(({ accounts }) => accounts))) {
        const count = lately.filter((one) => (kind === "*" || one.kind === kind) && one.accounts.includes(account)).length;
        mustHold(count <= perHour, "I13", `${count} of ${kind} by ${account} came into ${world} within an hour`);
      }
    }
  }

  afterApplied(custody: Custody, admit: Admit): void {
    const coming = this.#imports(custody.world, admit);
    if (coming.length === 0) return;
    for (const { kind, inAll, sum } of this.#quotas) {
      if (inAll === undefined && sum === undefined) continue;
      const accounts = new Set(coming.flatMap((one) => (kind === "*" || one.kind === kind ? one.accounts : [])));
      for (const account of accounts) {
        const here = [...custody.items.values()].filter(
          (row) =>
            (kind === "*" || row.kind === kind) &&
            row.from !== undefined &&
            issuerOf(row.id) !== custody.world &&
            (issuerOf(row.id) === account || (row.tier === "declared" && row.from === account)),
        );
        mustHold(inAll === undefined || here.length <= inAll, "I13", `${here.length} of ${kind} by ${account} are in ${custody.world}`);
        if (sum === undefined) continue;
        const worth = here.reduce((total, row) => total + Math.max(0, Number(effectiveProps(row, row.clamps)[sum.prop] ?? 0)), 0);
        mustHold(worth <= sum.max, "I13", `${kind} of ${account} in ${custody.world} have a ${sum.prop} of ${worth}`);
      }
    }
  }
}
