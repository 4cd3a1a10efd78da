// What an operator's override asks for: whether it may be, and what the desk knows of a destination that does not answer. No transitions.
import { type Fault, fault } from "../fault.ts";
import type { WorldId } from "../ids.ts";
import { CUSTODY, LIMITS, TIMES } from "../limits.ts";
import { clipText } from "../text.ts";
import type { Departure } from "./custody.ts";
import type { Border } from "./desk.ts";

/** Never while the passport could still be presented, and not before the destination was silent long enough unless the operator says so. */
export function whyNotOverride({ departedMs, exp }: Departure, nowMs: number, isEarly: boolean): Fault | undefined {
  const freeMs = exp + 2 * TIMES.clockSkewMs;
  if (nowMs <= freeMs) {
    const detail = "The passport is still in its time, and the other world may admit them by it at any moment.";
    return fault("not-allowed", "client", detail, freeMs + 1 - nowMs);
  }
  const silentUntilMs = departedMs + CUSTODY.overrideAfterMs;
  if (isEarly || nowMs >= silentUntilMs) return undefined;
  const detail = "The other world has not been silent for seven days yet; it may have admitted them.";
  return fault("not-allowed", "client", detail, Math.min(silentUntilMs - nowMs, 86_400_000));
}

/** Remembers what came instead of an answer: of one transfer when the peer spoke of it, else of the peer. */
export function noteSilence(border: Border, world: WorldId, token: string | undefined, said: Fault | undefined): void {
  const { desk, context } = border;
  const heard = said === undefined ? "It could not be reached." : clipText(`${said.code}: ${said.detail}`, LIMITS.detailBytes);
  const read = token === undefined ? undefined : context.notary.read(token);
  if (read === undefined) {
    if (context.peers.has(world)) desk.silent.set(world, heard);
    return;
  }
  const asked = read.ok && (read.value.claims.typ === "status" || read.value.claims.typ === "cancel") ? read.value.claims : undefined;
  const chased = asked?.aud === world ? desk.chases.get(asked.transfer) : undefined;
  if (chased !== undefined) chased.heard = heard;
}
