// Every file this folder draws, by its path from the root of the repository. Each world's folder is whole by itself, so an
// operator may copy one and serve it.
import { Buffer } from "node:buffer";
import { atlasSource, avatarImage } from "./atlas.ts";
import { dungeonMap } from "./dungeon-map.ts";
import { gardenMap } from "./garden-map.ts";
import { encodePng } from "./png.ts";
import type { Sheet } from "./sheet.ts";
import { dungeonSheet, itemSheet, tavernSheet } from "./sheets.ts";
import { tavernMap } from "./tavern-map.ts";
import { packUi } from "./ui.ts";

function sheetFiles(folder: string, sheet: Sheet): [string, Uint8Array][] {
  return [
    [`${folder}/${sheet.name}.png`, encodePng(sheet.image())],
    [`${folder}/${sheet.name}.tsj`, Buffer.from(sheet.tsj())],
  ];
}

export function artFiles(): Map<string, Uint8Array> {
  const tavern = tavernSheet();
  const dungeon = dungeonSheet();
  const items = itemSheet();
  return new Map<string, Uint8Array>([
    ...sheetFiles("worlds/tavern", tavern),
    ...sheetFiles("worlds/tavern", items),
    ["worlds/tavern/tavern.tmj", Buffer.from(tavernMap(tavern, items).tmj())],
    ...sheetFiles("worlds/dungeon", dungeon),
    ...sheetFiles("worlds/dungeon", items),
    ["worlds/dungeon/dungeon.tmj", Buffer.from(dungeonMap(dungeon, items).tmj())],
    ...sheetFiles("examples/my-world", tavern),
    ...sheetFiles("examples/my-world", items),
    ["examples/my-world/garden.tmj", Buffer.from(gardenMap(tavern, items).tmj())],
    ["apps/web/src/art/avatars.png", encodePng(avatarImage())],
    ["apps/web/src/art/ui.png", encodePng(packUi().image)],
    ["apps/web/src/art/atlas.ts", Buffer.from(atlasSource())],
  ]);
}
