// Heirs as a person reads of them.
import type { Succession } from "@sojourn/substrate";
import { spanWords } from "./ago.ts";

/** One line an heir, in the order in which they count. */
export function heirRows({ heirs }: Succession): string[] {
  if (heirs.length === 0) return ["  nobody: whoever was named is withdrawn"];
  return heirs.map(({ world, afterMs, at }, i) => {
    const where = at === undefined ? "" : `, asked at ${at}`;
    return `  ${i + 1}. ${world} after ${spanWords(afterMs)} of silence${where}`;
  });
}
