// What was kept decides how a visit begins: with which key, in the middle of which crossing, and with what to look at meanwhile.
import type { KeyPair } from "@sojourn/passport";
import { fail, type HeldCrossing, LIMITS, ok, type Result } from "@sojourn/protocol";
import type { SubstrateView } from "@sojourn/substrate";
import { keptCrossing, keptKeys, type SeenWorld, seenWorld, settled } from "./kept.ts";
import { LOADING } from "./limits.ts";
import type { SubstrateLoader } from "./substrate-loader.ts";
import type { TravellerStorage } from "./visitor.ts";

export interface Beginning {
  readonly keys: KeyPair;
  readonly crossing: HeldCrossing | undefined;
  /** The world as it was last seen, when what lies around where one stood is in the cache. */
  readonly seen: { readonly world: SeenWorld; readonly view: SubstrateView } | undefined;
}

/** Faults: `malformed` for a name that is none, `store-failed` when the key cannot be read or kept. */
export async function beginning(
  base: string,
  name: string,
  given: KeyPair | undefined,
  storage: TravellerStorage,
  loader: SubstrateLoader,
): Promise<Result<Beginning>> {
  if (!name.isWellFormed() || new TextEncoder().encode(name).length > LIMITS.nameBytes) {
    return fail("malformed", "client", `a traveller's name has at most ${LIMITS.nameBytes} bytes`);
  }
  const keys = given === undefined ? await settled(keptKeys(storage)) : ok(given);
  if (!keys.ok) return keys;
  const crossing = await settled(keptCrossing(storage));
  if (!crossing.ok) return crossing;
  return ok({ keys: keys.value, crossing: crossing.value, seen: await lastSeen(base, storage, loader) });
}

async function lastSeen(base: string, storage: TravellerStorage, loader: SubstrateLoader): Promise<Beginning["seen"]> {
  const world = await settled(seenWorld(storage, base));
  if (!world.ok || world.value === undefined) return undefined;
  const { x, y, manifest } = world.value;
  const radius = manifest.physics.viewRadius + LOADING.marginUnits;
  const view = await loader.load({ root: manifest.substrate, sources: [], around: { spots: [{ x, y }], radius } });
  return view.ok ? { world: world.value, view: view.value } : undefined;
}
