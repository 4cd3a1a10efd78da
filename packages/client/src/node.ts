// The Node door of the client room: everything a traveller keeps, in one folder.
import { join } from "node:path";
import { fileStore } from "@sojourn/runtime/node";
import { directoryStore } from "@sojourn/substrate/node";
import type { EnterOptions } from "./visitor.ts";

/**
 * Keeps a traveller in `folder`: key, passport in hand and worlds seen in `kept` (for its owner's eyes only), blocks in `blocks`.
 * `enter(url, { name, ...nodeTraveller(folder) })` is the same traveller every time.
 */
export function nodeTraveller(folder: string): Required<Pick<EnterOptions, "storage" | "cache">> {
  return { storage: fileStore(join(folder, "kept")), cache: directoryStore(join(folder, "blocks")) };
}
