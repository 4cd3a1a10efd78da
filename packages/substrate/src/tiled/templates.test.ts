// Templates: an object and its template are the object that the author sees, in both of Tiled's formats.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type PackedMap, packTiled } from "./pack.ts";
import { dataXml, GROUND, layerXml, mapFolder, mapXml, TILESET_FILES } from "./yard.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const SET = '<tileset firstgid="1" source="tiles.tsx"/>';
const ground = layerXml("ground", dataXml(GROUND));
const mapWith = (objects: string, sets: string = SET): string =>
  mapXml(`${sets}${ground}<objectgroup name="things">${objects}</objectgroup>`);

async function pack(map: string, templates: Record<string, string>): Promise<ReturnType<typeof packTiled>> {
  const folder = await mapFolder({ ...TILESET_FILES, "m.tmx": map, ...templates });
  folders.push(folder);
  return packTiled(join(folder, "m.tmx"));
}

async function packed(map: string, templates: Record<string, string>): Promise<PackedMap> {
  const result = await pack(map, templates);
  if (!result.ok) throw new Error(result.fault.detail);
  return result.value;
}

const SIGN = `<template><tileset firstgid="1" source="tiles.tsx"/>
  <object name="notice" type="sign" gid="8" width="16" height="16" rotation="90">
   <properties><property name="text" value="Mind."/><property name="depth" type="int" value="3"/></properties></object></template>`;
const SIGN_JSON = JSON.stringify({
  type: "template",
  tileset: { firstgid: 1, source: "tiles.tsx" },
  object: {
    ...{ id: 4, name: "notice", type: "sign", gid: 8, width: 16, height: 16, rotation: 90, x: 77, y: 77, visible: true },
    properties: [
      { name: "text", type: "string", value: "Mind." },
      { name: "depth", type: "int", value: 3 },
    ],
  },
});

describe("an object of a template", () => {
  const written = `<object id="5" name="notice" type="sign" gid="8" x="64" y="96" width="16" height="16" rotation="90">
    <properties><property name="depth" type="int" value="4"/><property name="text" value="Mind."/></properties></object>`;
  const instance = (file: string): string =>
    `<object id="5" template="${file}" x="64" y="96"><properties><property name="depth" type="int" value="4"/></properties></object>`;

  test.each([
    ["sign.tx", SIGN],
    ["sign.tj", SIGN_JSON],
  ])("is the object it would be without one (%s)", async (file, template) => {
    const { root } = await packed(mapWith(instance(file)), { [file]: template });
    expect(root).toBe((await packed(mapWith(written), {})).root);
  });

  test("has its own name, class, size, turn and shape where it says so", async () => {
    const template = '<template><object name="a" class="Old" width="32" height="32"><ellipse/></object></template>';
    const objects =
      '<object id="1" template="a.tx" x="0" y="0"/><object id="2" template="a.tx" name="b" type="New" x="64" y="0" width="16"/>' +
      '<object id="3" template="a.tx" x="0" y="64"><polygon points="0,0 16,0 0,16"/></object>';
    const { version } = await packed(mapWith(objects), { "a.tx": template });
    expect(version.zones).toMatchObject([
      { id: "m1", name: "a", class: "Old", shape: "ellipse", x: 0, w: 2, h: 2 },
      { id: "m2", name: "b", class: "New", shape: "ellipse", x: 4, w: 1, h: 2 },
      { id: "m3", name: "a", class: "Old", shape: "polygon", x: 0, y: 4, w: 1, h: 1 },
    ]);
  });

  test("shows the map's own tile, whatever the template calls it, and brings a tileset the map does not have", async () => {
    const template = SIGN.replace('firstgid="1"', 'firstgid="100"').replace('gid="8"', `gid="${0x80000000 + 107}"`);
    const moved = mapWith('<object id="5" template="sign.tx" x="64" y="96"/>', `<tileset firstgid="41" source="tiles.tsx"/>`).replace(
      /<layer[\s\S]*<\/layer>/,
      "",
    );
    const joined = await packed(moved, { "sign.tx": template });
    expect(joined.version.tilesets.map(({ firstGid }) => firstGid)).toEqual([41]);
    const bare = moved.replace(/<tileset[^>]*>/, "");
    const alone = await packed(bare, { "sign.tx": template });
    expect(alone.version.tilesets).toMatchObject([{ name: "tiles", firstGid: 1 }]);
    expect(alone.root).toBe((await packed(bare.replace("<objectgroup", `${SET}<objectgroup`), { "sign.tx": template })).root);
  });
});

describe("templates that cannot be read", () => {
  const one = '<object id="5" template="t.tx" x="0" y="0"/>';
  test.each<[string, string, RegExp]>([
    ["that are tilesets", '<tileset name="x"/>', /object 5: template "t\.tx": the file holds no template/],
    ["without an object", "<template/>", /template "t\.tx": it holds no object/],
    ["made of templates", '<template><object template="u.tx"/></template>', /a template made from a template is not supported/],
    ["with a tile and no tileset", '<template><object gid="1"/></template>', /shows a tile, and it names no tileset/],
    ["with a text", "<template><object><text>hi</text></object></template>", /object 5: a text object is not supported/],
    ["that are something else", "<svg/>", /holds a <svg>, and not a map, a tileset or a template/],
  ])("%s", async (_, template, detail) => {
    const result = await pack(mapWith(one), { "t.tx": template });
    expect(result.ok ? "" : result.fault.detail).toMatch(detail);
  });

  test("that are not there", async () => {
    const result = await pack(mapWith(one), {});
    expect(result.ok ? "" : result.fault.detail).toMatch(/template "t\.tx": there is no such file/);
  });
});
