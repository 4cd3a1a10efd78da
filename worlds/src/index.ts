// The worlds that ship, as `sojourn serve NAME` knows them.
import type { Openable } from "@sojourn/world";
import { dungeon } from "./dungeon.ts";
import { tavern } from "./tavern.ts";

export const worlds: { readonly [name: string]: Openable } = { tavern, dungeon };
