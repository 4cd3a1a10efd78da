// Everything a traveller keeps, in the browser's own storage.
import { browserStore, memoryStore, tieredStore } from "@sojourn/substrate";
import { browserStorage } from "./storage/browser.ts";
import type { EnterOptions } from "./visitor.ts";

/**
 * Keeps a traveller in this browser under `profile`; works on pages that are no secure context. Blocks are shared by all profiles,
 * and where the browser has no room for them memory takes them.
 */
export function browserTraveller(profile: string = "default"): Required<Pick<EnterOptions, "storage" | "cache">> {
  return { storage: browserStorage(profile), cache: tieredStore([browserStore(), memoryStore()], "browser storage") };
}
