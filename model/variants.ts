// What is run: the correct rules in several settings, and mutants, each with one rule removed or inverted.
// Law: a mutant counts as caught only if one of the properties that it should break was broken.

/** A property by the name that judge.pml gives to its violation; "endless" is a run that goes on for ever. */
export type Violation =
  | "duplicated"
  | "lost"
  | "uncommitted"
  | "admittedAndRefused"
  | "releasedAndRefunded"
  | "refundedAndAdmitted"
  | "releasedNotAdmitted"
  | "hopNotHigher"
  | "admittedTwice"
  | "unresolved"
  | "endless";

export const VIOLATIONS: Readonly<Record<Violation, string>> = {
  duplicated: "I1 in two places at once",
  lost: "I3 in no place",
  uncommitted: "I6 a message without its durable record",
  admittedAndRefused: "I5 admitted and refused",
  releasedAndRefunded: "I5 released and refunded",
  refundedAndAdmitted: "I5 refunded and admitted",
  releasedNotAdmitted: "I5 released and never admitted",
  hopNotHigher: "I8 a hop spent twice",
  admittedTwice: "I1 admitted while here",
  unresolved: "I12 a departure stays open",
  endless: "I12 a departure stays open, and its world asks for ever",
};

export interface Variant {
  readonly name: string;
  readonly says: string;
  /** What spin's preprocessor defines. */
  readonly defines: readonly string[];
  /** Also look for runs without an end: in the settings where parties ask again. */
  readonly mustEnd: boolean;
  /** What a mutant should break, one of these; absent for the correct rules. */
  readonly breaks?: readonly Violation[];
}

interface Setting {
  readonly defines: readonly string[];
  readonly mustEnd: boolean;
}

function setting(words: string, mustEnd = false): Setting {
  return { defines: words.split(" "), mustEnd };
}

const MANY = setting("TRANSFERS=5 CRASHES=3 TAIL=2");
const LOSSES = setting("CHANNEL TRANSFERS=3 CRASHES=3 LOSSES=2 REPLAYS=0 TAIL=1", true);
const REPLAYS = setting("CHANNEL TRANSFERS=2 CRASHES=1 LOSSES=1 REPLAYS=2 TAIL=2", true);
const FAILOVER = setting("FAILOVER=3 TRANSFERS=3 CRASHES=2 TAIL=1");
const LIAR = setting("LIAR HOPS=5 TRANSFERS=3 CRASHES=1 TAIL=1");

// A mutant needs no more room than its error.
const FEW = setting("TRANSFERS=3 CRASHES=3 TAIL=2");
const FEW_LOSSES = setting("CHANNEL TRANSFERS=2 CRASHES=1 LOSSES=1 REPLAYS=0 TAIL=1", true);
const FEW_NODES = setting("FAILOVER=2 TRANSFERS=2 CRASHES=1 TAIL=1");
const FEW_LIES = setting("LIAR HOPS=4 TRANSFERS=2 CRASHES=1 TAIL=1");

function correct(name: string, says: string, { defines, mustEnd }: Setting): Variant {
  return { name, says, defines, mustEnd };
}

/** Judged by the harm alone (I1, I3, I8, I12): that two records should not both exist (I5, I6) would be seen at once and say little. */
function mutant(name: string, says: string, { defines, mustEnd }: Setting, ...breaks: readonly Violation[]): Variant {
  return { name, says, defines: [flagOf(name), "HARM_ALONE", ...defines], mustEnd, breaks };
}

/** The same mutant judged by its records too: shows that I5 and I6 are not idle. */
function recorded(name: string, { defines, mustEnd }: Setting, breaks: Violation): Variant {
  const says = `${VIOLATIONS[breaks].slice(0, 2)}: ${name} again, judged by its records`;
  return { name: `${name}-recorded`, says, defines: [flagOf(name), ...defines], mustEnd, breaks: [breaks] };
}

/** What spin's preprocessor defines for a mutant. */
export function flagOf(name: string): string {
  return `M_${name.toUpperCase().replaceAll("-", "_")}`;
}

export const VARIANTS: readonly Variant[] = [
  correct("losses", "3 transfers, 3 crashes, 2 losses: every run ends, resolved", LOSSES),
  correct("lying-origin", "A signs anything at any time: what B can know, it keeps", LIAR),
  correct("failover", "3 take-overs of A by a second node, old primaries live on as zombies, 2 crashes", FAILOVER),
  correct("replays", "2 replays, 1 loss, 1 crash: every run ends, resolved", REPLAYS),
  correct("any-network", "5 transfers, 3 crashes, any loss, order, duplication and replay", MANY),

  mutant("passport-early", "R1: the passport leaves before DEPART is durable", FEW, "duplicated"),
  mutant("receipt-early", "R1: the receipt leaves before ADMIT is durable", FEW, "lost"),
  mutant("refusal-early", "R1: the refusal leaves before REFUSE is durable", FEW, "duplicated"),
  mutant("close-early", "R1: the close leaves before RELEASE or REFUND is durable", FEW_LOSSES, "unresolved", "endless"),
  mutant("failed-fsync", "R12: a failed fsync is taken for a good one", FEW, "duplicated", "lost"),
  mutant("depart-in-two", "R2: removal and escrow are two records", FEW, "lost"),
  mutant("no-tombstone", "R3: a refusal leaves no record", FEW, "duplicated"),
  mutant("tombstone-ignored", "R3: what was refused may still be admitted", FEW, "duplicated"),
  mutant("no-deduplication", "R3: a presentation is judged anew each time", FEW, "duplicated"),
  mutant("refund-by-time", "R4: the origin takes back when it has waited long enough", FEW, "duplicated"),
  mutant("release-unproven", "R4: the origin lets go without a receipt", FEW, "lost"),
  mutant("refusal-of-another", "R4: another transfer's refusal is accepted", FEW, "duplicated"),
  mutant("receipt-of-another", "R4: another transfer's receipt is accepted", FEW, "lost"),
  mutant("refuses-the-admitted", "R5: a cancel after ADMIT is answered with a refusal", FEW, "duplicated"),
  mutant("cancel-unanswered", "R5: a cancel of the undecided is answered with silence", FEW_LOSSES, "unresolved", "endless"),
  mutant("never-asks", "R5: the origin waits and does not ask again", FEW_LOSSES, "unresolved"),
  mutant("forget-before-close", "R6: a decision is forgotten before the origin closed it", FEW, "duplicated"),
  mutant("forget-unclosed", "R6: the same, and the watermark stays: no answer any more", FEW_LOSSES, "unresolved", "endless"),
  mutant("forget-before-expiry", "R6, R7: forgotten while its passport is still in time", FEW, "duplicated"),
  mutant("restore-without-suffix", "R8: a checkpoint is restored without the journal after it", FEW, "duplicated", "lost"),
  mutant("readmit-departed", "R10: who departed and reconnects is let in", FEW, "duplicated"),
  mutant("stale-hop", "R14: a passport with an old hop is admitted", FEW_LIES, "hopNotHigher"),
  mutant("admit-who-is-here", "R14: somebody who is here or in escrow here is admitted", FEW_LIES, "admittedTwice"),
  mutant("unfenced", "I9: a zombie primary's appends succeed", FEW_NODES, "duplicated", "lost"),
  mutant("read-before-seal", "I9: the new primary reads the journal before it seals the old epoch", FEW_NODES, "duplicated", "lost"),

  recorded("passport-early", FEW, "uncommitted"),
  recorded("forget-before-expiry", FEW, "admittedAndRefused"),
];
