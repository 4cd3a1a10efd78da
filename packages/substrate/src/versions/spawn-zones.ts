// Where travellers without a place of their own begin, as authors mark it: by class or else by name. World and client read it alike. Pure.
import type { Zone } from "./types.ts";

const SPAWN_WORDS = ["spawn", "player-start", "playerstart", "player_start", "start"];

export function isSpawnWord(word: string | undefined): boolean {
  return word !== undefined && SPAWN_WORDS.includes(word.toLowerCase());
}

export function spawnZones(zones: readonly Zone[]): { readonly byClass: readonly Zone[]; readonly byName: readonly Zone[] } {
  return { byClass: zones.filter((zone) => isSpawnWord(zone.class)), byName: zones.filter((zone) => isSpawnWord(zone.name)) };
}
