// A world with room for one: the Dungeon's halls under another name, open to whoever comes first. For `sojourn serve`.
import type { Openable } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";

export const closet: Openable = { ...(worlds.dungeon as object), name: "The Closet", entry: "open", capacity: 1 } as unknown as Openable;
