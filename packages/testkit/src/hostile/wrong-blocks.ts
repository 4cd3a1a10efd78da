// Wrong blocks by the hundred thousand, at every store there is: each gets its share of them, one store after another.
import { attack, type StoreReport, type Victim } from "./attack.ts";
import type { PageVictim } from "./browser-victim.ts";

/** A victim in this process, or one in a page that is attacked there. */
export type Attacked = Victim | PageVictim;

/** Attacks each with its share of the blocks. `told`: after each one. */
export async function attackStores(
  victims: Readonly<Record<string, Attacked>>,
  blocks: number,
  seed: number,
  told: (name: string, report: StoreReport, seconds: number) => void = () => undefined,
): Promise<Record<string, StoreReport>> {
  const shares = Object.values(victims).reduce((sum, { share }) => sum + share, 0);
  const reports: Record<string, StoreReport> = {};
  for (const [index, [name, victim]] of Object.entries(victims).entries()) {
    const startedMs = performance.now();
    const count = Math.ceil((blocks * victim.share) / shares);
    reports[name] = "attacked" in victim ? await victim.attacked(count, seed + index) : await attack(victim, count, seed + index);
    told(name, reports[name], Math.round((performance.now() - startedMs) / 100) / 10);
  }
  return reports;
}

export async function closeVictims(victims: Readonly<Record<string, Attacked>>): Promise<void> {
  for (const victim of Object.values(victims)) await victim.close?.();
}
