// The rules of a world that has lost the end of its journal, and of its peers (chapter 12.9), in the form of those of a transfer: rules.ts.
import type { Rule } from "./rule.ts";

function memory(from: string, on: string, to: string, says: string): Rule {
  return { machine: "memory", from, to, on, says };
}

export const MEMORY_RULES = {
  X45: memory(
    "PEER",
    "recall",
    "FENCED",
    "A peer that is asked by a world of a higher epoch first writes durably that this world's older words count no more; only then it answers, in pages: the world's passports that it admitted, its own that the world admitted, and those of its own that are open, with whether it still knows them all from the number that was asked for.",
  ),
  X46: memory(
    "AMNESIAC",
    "anything else",
    "AMNESIAC",
    "Until it has remembered, an amnesiac world admits nobody, lets nobody leave, offers nothing, decides no transfer, hears no close and answers no recall. What it has decided it goes on answering, and it goes on asking about what is open.",
  ),
  X47: memory(
    "AMNESIAC",
    "recalled",
    "AMNESIAC",
    "Each page is written and applied once: of every traveller and of every item the highest hop tells where it is. What left is removed by id from wherever it lies, what came and did not leave is restored, what a traveller left behind lies in their locker. An open departure of the old time that a whole answer does not name has not been admitted and is refunded. A passport to here that its peer has sent before it told everything, and that is not open there, is over: it admits nobody.",
  ),
  X48: memory(
    "FENCED",
    "old word",
    "FENCED",
    "A receipt or refusal of an older epoch than the fence changes nothing of an open transfer, and an undecided passport of an older epoch is refused for ever.",
  ),
  X49: memory(
    "AMNESIAC",
    "all peers told, or given up",
    "REMEMBERS",
    "When every peer has told all it knows, or the operator has given it up after `giveUpMs`, what peers hold in escrow for here is admitted where anybody or anything of it is known to have gone on from here; the loss is written down, and the world opens. Things that a peer who did not tell might have do not leave any more.",
  ),
} as const satisfies { readonly [id: string]: Rule };
