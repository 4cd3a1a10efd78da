// Asks a world who it is: its signed card, verified against the key it names.
import { worldAddress } from "@sojourn/client";
import { readCard, type WorldCard } from "@sojourn/passport";
import { fail, ok, type Result } from "@sojourn/protocol";
import { ask } from "@sojourn/runtime";

/** Bytes of a card at most; it is a few lines. */
const CARD_BYTES = 8_192;

export interface CardFacts {
  readonly id: string;
  readonly name: string;
  /** http base address, as it was asked. */
  readonly url: string;
  readonly substrate: string;
  /** What of it others may keep. */
  readonly archive: WorldCard["archive"];
}

/** Fetches and verifies the card of the world at an address. */
export async function askCard(url: string): Promise<Result<CardFacts>> {
  const address = worldAddress(url);
  if (!address.ok) return address;
  const { base } = address.value;
  const answer = await ask(`${base}/.well-known/sojourn`, { maxBytes: CARD_BYTES });
  if (!answer.ok) return fail(answer.fault.code, answer.fault.blame, `${base}: ${answer.fault.detail}`);
  if (answer.value.status !== 200) return fail("malformed", "peer", `${base} answers, but is no world (HTTP ${answer.value.status})`);
  const card = readCard(answer.value.text);
  if (!card.ok) return fail(card.fault.code, card.fault.blame, `${base}: ${card.fault.detail}`);
  return ok({ id: card.value.world, name: card.value.name, url: base, substrate: card.value.substrate, archive: card.value.archive });
}
