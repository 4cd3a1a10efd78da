// The rules of item tiers (chapter 12.7), in the same form as those of the two sides of a transfer: see rules.ts.
import type { Rule } from "./rules.ts";

function tiers(from: string, on: string, to: string, says: string): Rule {
  return { machine: "tiers", from, to, on, says };
}

export const TIER_RULES = {
  E1: tiers(
    "OFFERED",
    "a quota that is used up",
    "REFUSED",
    "A thing over a quota is refused by the offer, with everything in it, by a sentence that names the quota. What other offers let in counts as if it were here, until they end.",
  ),
  E2: tiers(
    "OFFERED",
    "arrival after its place was given up",
    "REFUSED",
    "A passport whose offer holds no place any more (it ended, or the destination was restarted) is counted anew; over a quota, the transfer is refused.",
  ),
} as const satisfies { readonly [id: string]: Rule };
