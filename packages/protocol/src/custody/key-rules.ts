// The rules of worlds' keys (chapter 12.8), in the same form as those of the two sides of a transfer: see rules.ts.
import type { Rule } from "./rule.ts";

function keys(from: string, on: string, to: string, says: string): Rule {
  return { machine: "keys", from, to, on, says };
}

export const KEY_RULES = {
  P10: keys(
    "KNOWN",
    "newer statement",
    "NEWER",
    "A statement of a pinned world, signed by its identity key and of a higher version than the one that is known (none is version 0, and gaps mean nothing), is kept by one record; once durable, it is acknowledged. The version that is known never falls.",
  ),
  P11: keys(
    "KNOWN",
    "any other statement",
    "KNOWN",
    "The statement that is known is acknowledged again. An older one, or another one of the same version, is `stale-keys`: the one that is known stands and is sent back. One that is not signed by the identity key is `forged`, one of a world that is not pinned `unknown-origin`.",
  ),
  P12: keys(
    "KNOWN",
    "message by a key that is not listed",
    "KNOWN",
    "It is `unknown-key`: the hearer may not know the newest statement yet. Nothing is decided or written, and the same message is heard anew when it comes again. Whoever gets `unknown-key` for what it posted posts its statement.",
  ),
  P13: keys(
    "KNOWN",
    "message by a key that is over",
    "KNOWN",
    "By a revoked key, or by a retired one when its date or the hearer's time is more than `clockSkewMs` after `until`, it is `forged`: nothing is decided or written. What was heard durably before stays as it was decided.",
  ),
  P14: keys(
    "OWN",
    "rotation",
    "OWN, newer",
    "A world's own new statement is a record before anything is signed by a key that only it lists. The world posts it to every peer, when it is new and when the world opens, again and again until that peer has answered with a signed `noted`.",
  ),
} as const satisfies { readonly [id: string]: Rule };
