// What a reader of heads is handed: which key speaks for a world, and whether a signature is its. Law: as at the door ([speaker.ts]), a
// statement of keys that was seen once is the least that is taken.
import type { KnownKeys, Result, WorldId } from "@sojourn/protocol";
import { keyOfDid } from "./did.ts";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { type Shown, speakerOf } from "./speaker.ts";

export interface HeadJudge {
  /** Fault `bad-proof`. */
  speaker(world: WorldId, shown: Shown): Result<Uint8Array>;
  /** Fault `forged` when the id names no sound key. */
  identity(world: WorldId): Result<Uint8Array>;
  verify(signature: Uint8Array, signed: Uint8Array, publicKey: Uint8Array): boolean;
}

/** `known`: the statement of its keys that was kept of a world. */
export function headJudge(known: (world: WorldId) => KnownKeys | undefined = () => undefined, ed25519: Ed25519 = pureEd25519): HeadJudge {
  return {
    speaker: (world, shown) => {
      const speaker = speakerOf(world, shown, known(world), ed25519);
      return speaker.ok ? { ok: true, value: speaker.value.publicKey } : speaker;
    },
    identity: keyOfDid,
    verify: (signature, signed, publicKey) => ed25519.verify(signature, signed, publicKey),
  };
}
