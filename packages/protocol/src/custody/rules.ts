// The rules of transfer custody as a table: the machines name the rule they followed, the SPEC and its diagrams are printed from here,
// the tests carry the ids, and the simulator fails when it never reached one.
import { KEY_RULES } from "./key-rules.ts";
import { MEMORY_RULES } from "./memory-rules.ts";
import type { Rule } from "./rule.ts";
import { TIER_RULES } from "./tier-rules.ts";

function origin(from: string, on: string, to: string, says: string): Rule {
  return { machine: "origin", from, to, on, says };
}

function destination(from: string, on: string, to: string, says: string): Rule {
  return { machine: "destination", from, to, on, says };
}

const RULE_TABLE = {
  X1: origin(
    "HERE",
    "ask",
    "ASKING",
    "A traveller asks to cross: the origin sends the destination a signed offer request. Nothing has left.",
  ),
  X2: origin(
    "HERE",
    "ask in vain",
    "HERE",
    "An ask that cannot be (not here, already crossing, unknown or closed peer, closing world, too many open transfers, clock behind its own journal) is refused at once.",
  ),
  X3: origin("ASKING", "no answer yet", "ASKING", "While no answer has come, the same request goes out again, byte for byte."),
  X4: origin("ASKING", "decline", "HERE", "A decline ends the question with the destination's reason. Nothing left."),
  X5: origin(
    "ASKING",
    "no answer in time",
    "HERE",
    "A destination that cannot be reached, or is silent past the deadline, ends the question. Nothing left.",
  ),
  X6: origin(
    "ASKING",
    "unusable offer",
    "HERE",
    "An offer from a clock too far away, past its time, to a world that has closed meanwhile, or whose passport would not fit, ends the question. Nothing left.",
  ),
  X7: origin("ASKING", "left", "HERE", "A traveller whose link is gone asks no longer."),
  X8: origin(
    "ASKING",
    "offer",
    "DEPARTED",
    "With the offer in hand one record takes the traveller and every admitted item out of the world by id into escrow, puts what customs refuses into the locker, and holds the passport's exact bytes. Only when it is durable does the passport leave.",
  ),
  X9: origin(
    "DEPARTED",
    "resume",
    "DEPARTED",
    "A departed traveller who comes back with proven key gets the same passport, byte for byte; they are not let in.",
  ),
  X10: origin("DEPARTED", "timer", "DEPARTED", "An open departure asks the destination whether it has decided."),
  X11: origin(
    "DEPARTED",
    "stay, or passport past its time",
    "DEPARTED",
    "The origin tells the destination to decide now, and again until it answers. It never resolves a departure by time itself.",
  ),
  X12: origin(
    "DEPARTED",
    "receipt",
    "AWAY",
    "A receipt signed by the destination for this transfer and this passport's hash releases the escrow; once durable, a close is sent.",
  ),
  X13: origin(
    "DEPARTED",
    "refusal",
    "HERE",
    "A refusal signed by the destination for this transfer returns traveller and items, hops one higher, and the kept items to where they were; once durable, a close is sent.",
  ),
  X14: origin(
    "AWAY",
    "receipt or refusal again",
    "AWAY",
    "A word about a transfer that is resolved changes nothing; the close is sent again.",
  ),
  X15: origin(
    "DEPARTED",
    "false word",
    "DEPARTED",
    "A word that is not the destination's, not for this world, or about another passport changes nothing.",
  ),
  X16: origin("DEPARTED", "held", "DEPARTED", "The traveller's word that the passport is stored changes nothing of custody."),
  X40: origin(
    "DEPARTED",
    "operator's override",
    "OVERRIDDEN",
    "An operator may take back who left for a world that has been silent for `overrideAfterMs` (earlier, if they say so, but never while the passport is in its time): one record says who did it and why, with the passport's hash and what was asked and heard. Traveller and items return, hops one higher; registered items go to the locker.",
  ),
  X41: origin(
    "DEPARTED",
    "override in vain",
    "DEPARTED",
    "An override of what is not open, before its time, or while the passport is in its time changes nothing. No world overrides by itself.",
  ),
  X42: origin(
    "OVERRIDDEN",
    "receipt",
    "DOUBLED",
    "A receipt for an overridden departure is kept durably: it proves that the destination had admitted them, and that they are in two places. Once durable, a close is sent.",
  ),
  X43: origin(
    "OVERRIDDEN",
    "refusal",
    "HERE",
    "A refusal for an overridden departure is kept durably: it confirms the override. Once durable, a close is sent.",
  ),
  X44: origin(
    "OVERRIDDEN",
    "timer",
    "OVERRIDDEN",
    "The destination of an overridden departure is still told to decide, at first as before and then every `overrideAskMs`, and no close covers the departure until it has answered.",
  ),
  X20: destination(
    "UNKNOWN",
    "offer request",
    "UNKNOWN",
    "To a pinned peer's request the destination answers with a signed, binding offer: a ruling for every item, the clamps, its own clock. A thing that is here already, or was here later than this crossing, is refused by it alone, with everything in it. It writes no record.",
  ),
  X21: destination(
    "UNKNOWN",
    "offer request in vain",
    "UNKNOWN",
    "Full, closed, banned, already here, an older hop, a clock too far away, too many expected from that origin: a signed decline says which.",
  ),
  X22: destination(
    "UNKNOWN",
    "passport",
    "ADMITTED",
    "A passport in time, from a pinned world, signed by it, presented by the key it names, carrying this world's own offer for these items, is admitted by one record; once durable, the receipt and the welcome leave. The offer binds even when the policy has changed since.",
  ),
  X23: destination(
    "UNKNOWN",
    "passport in vain",
    "REFUSED",
    "A genuine passport that is past its time, not covered by an offer, stale, in conflict with what is here, or of someone banned, is refused for ever by one record; once durable, the refusal leaves.",
  ),
  X24: destination(
    "UNKNOWN",
    "not a passport for here",
    "UNKNOWN",
    "A forgery, a passport for another world, from an unknown one, in other hands, or not yet in its time decides nothing and writes nothing.",
  ),
  X25: destination(
    "ADMITTED",
    "same passport",
    "ADMITTED",
    "The same passport from the same hands again: the same receipt, the same traveller, no second one.",
  ),
  X26: destination("REFUSED", "passport", "REFUSED", "A refused transfer stays refused: the same refusal again."),
  X27: destination(
    "UNKNOWN",
    "cancel",
    "REFUSED",
    'A cancel for an undecided transfer refuses it for ever, by record, so that the answer is never "unknown".',
  ),
  X28: destination("UNKNOWN", "status", "UNKNOWN", "Asked about an undecided transfer, the destination is silent."),
  X29: destination(
    "ADMITTED",
    "status or cancel",
    "ADMITTED",
    "Asked about a decided transfer, the destination gives the same answer, byte for byte.",
  ),
  X30: destination(
    "ADMITTED",
    "close",
    "CLOSED",
    "A close says that all transfers of its sender below a number are resolved; the number only rises. One too many at once is dropped: the next covers it.",
  ),
  X31: destination("CLOSED", "time", "FORGOTTEN", "A closed transfer whose passport is past its time by both clocks is forgotten."),
  X32: destination(
    "FORGOTTEN",
    "anything",
    "FORGOTTEN",
    "Below the closed number nothing is decided or signed any more: an unsigned fault says that it is over.",
  ),
  X33: destination(
    "UNKNOWN",
    "passport while in transit",
    "UNKNOWN",
    "A traveller or item still in this world's own escrow waits: the presenter is asked to try again, and the receipt is asked for.",
  ),
  X34: destination(
    "UNKNOWN",
    "passport while closed",
    "UNKNOWN",
    "While the world closes, its disk is full, its clock is behind its own journal, or it remembers or refuses as much from that origin as it may, it decides nothing; the presenter is asked to try again.",
  ),
} as const satisfies { readonly [id: string]: Rule };

export type RuleId = keyof typeof RULE_TABLE | keyof typeof TIER_RULES | keyof typeof KEY_RULES | keyof typeof MEMORY_RULES;
export const RULES: { readonly [id in RuleId]: Rule } = { ...RULE_TABLE, ...TIER_RULES, ...KEY_RULES, ...MEMORY_RULES };
