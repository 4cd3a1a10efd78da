// The rules of item tiers (chapter 12.7), in the same form as those of the two sides of a transfer: see rules.ts.
import type { Rule } from "./rule.ts";

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
  E3: tiers(
    "PAPERED",
    "departure",
    "PAPERED",
    "A thing with papers leaves with one link more, which names where it goes and by which transfer; its issuer begins anew with a birth certificate at the present hop.",
  ),
  E4: tiers(
    "PAPERED",
    "refusal",
    "PAPERED",
    "What comes back keeps the link that was signed and, with it, the refusal that undid it: so the chain goes on one hop higher at the same holder, and nobody can skip a hop without the destination's signature.",
  ),
  E5: tiers(
    "PAPERED",
    "offer request with bad papers",
    "REFUSED",
    "Papers that do not lead from the issuer to the origin without a gap, signature by signature, or that do not fit the thing: the offer refuses it, with everything in it.",
  ),
  E6: tiers(
    "PAPERED",
    "passport with bad papers",
    "REFUSED",
    "Papers in a passport that do not lead here by this very transfer: the transfer is refused.",
  ),
  E7: tiers("PAPERED", "witness", "PAPERED", "The issuer remembers the link that a holder shows it, within bounds."),
  E8: tiers(
    "PAPERED",
    "witness that contradicts an earlier one",
    "PROVEN",
    "Two links of one signer for one item and hop that differ are a proof. The issuer keeps it by record and sends it to both holders, earlier link first.",
  ),
  E9: tiers(
    "PAPERED",
    "proof",
    "PROVEN",
    "A proof that verifies is kept by whom it concerns. When it comes from the item's issuer and the copy here came by the later link, that copy is sealed.",
  ),
  E10: tiers(
    "PAPERED",
    "arrival that contradicts what was seen",
    "PROVEN",
    "An arriving thing whose papers contradict a link that is remembered here comes in sealed for good, by the record that keeps the proof.",
  ),
  E11: tiers(
    "REGISTERED",
    "claim",
    "REGISTERED",
    "A claim of a later hop than the register's, with papers that lead to the claimant through whoever the register names at its hop (or, without papers, by that very holder): the register names the claimant, by record; once durable, the grant leaves.",
  ),
  E12: tiers("REGISTERED", "same claim", "REGISTERED", "The claim that the register followed, again: the same grant, byte for byte."),
  E13: tiers(
    "REGISTERED",
    "claim in vain",
    "REGISTERED",
    "Any other claim is denied with a sentence, and writes nothing: of an earlier hop, by bad papers, by papers that do not pass through the holder.",
  ),
  E14: tiers(
    "PAPERED",
    "arrival of a registered thing",
    "SEALED",
    "A registered thing comes in sealed (`unregistered`) and is claimed from its issuer. The crossing waits for no third world. Sealed, it can go on.",
  ),
  E15: tiers(
    "SEALED",
    "grant",
    "REGISTERED",
    "A grant for the claim that is open (this item, this hop, this transfer) unseals the thing, by the record that keeps the grant.",
  ),
  E16: tiers(
    "SEALED",
    "denial",
    "SEALED",
    "A denied thing stays sealed; one record keeps the reason, for the operator. It is claimed again at the slowest pace.",
  ),
  E17: tiers(
    "SEALED",
    "no grant yet",
    "SEALED",
    "Claims go out at once and then after the delays `claimMs`, at most `claimsAtOnce` together.",
  ),
  E18: tiers(
    "PAPERED",
    "registered thing comes home",
    "REGISTERED",
    "At home the register is asked by the record of the arrival itself: papers that pass through its holder bring it home, others come in sealed.",
  ),
  E19: tiers(
    "PAPERED",
    "registered thing comes back",
    "SEALED",
    "What comes back sealed is claimed at its new hop, with the destination's refusal as evidence that it holds it no more. At home the register says at once whether it is still there, or was claimed by who then refused it.",
  ),
} as const satisfies { readonly [id: string]: Rule };
