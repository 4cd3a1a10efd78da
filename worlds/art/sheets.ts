// The three tilesets that ship, complete.
import { addDungeonGround } from "./dungeon-ground.ts";
import { addDungeonThings } from "./dungeon-things.ts";
import { addItems } from "./items.ts";
import { AMBER, addPortal, VIOLET } from "./portals.ts";
import { Sheet } from "./sheet.ts";
import { addTavernFurniture, CRATE } from "./tavern-furniture.ts";
import { addTavernGround } from "./tavern-ground.ts";
import { addTavernLight } from "./tavern-light.ts";
import { addTavernWalls } from "./tavern-walls.ts";
import { addTavernYard } from "./tavern-yard.ts";

export function tavernSheet(): Sheet {
  const sheet = new Sheet("tavern");
  addTavernGround(sheet);
  addTavernWalls(sheet);
  addTavernFurniture(sheet);
  addTavernLight(sheet);
  addTavernYard(sheet);
  addPortal(sheet, "portal-dungeon", VIOLET, ["l", "k", "i"]);
  return sheet;
}

export function dungeonSheet(): Sheet {
  const sheet = new Sheet("dungeon");
  addDungeonGround(sheet);
  addDungeonThings(sheet);
  addPortal(sheet, "portal-tavern", AMBER, ["F", "E", "C"]);
  return sheet;
}

export function itemSheet(): Sheet {
  const sheet = new Sheet("items");
  addItems(sheet, CRATE);
  return sheet;
}
