// What maps may do beyond plain layers: groups, infinite maps, collections, alignments, odd sizes, image layers, properties.
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { memoryStore } from "../stores/memory.ts";
import { fitted, tileDraw } from "../versions/tile-draw.ts";
import type { StaticObject, SubstrateView, TilesetInfo, Zone } from "../versions/types.ts";
import { openVersion } from "../versions/view.ts";
import { zoneHolds } from "../versions/zone-area.ts";
import { packTiled } from "./pack.ts";
import { dataXml, GROUND, layerXml, mapFolder, mapXml, TILES_PNG, TILESET_XML, yardTmj } from "./yard.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function packed(map: string, copies: readonly string[] = []): Promise<SubstrateView> {
  const folder = await mapFolder({ "m.tmx": map });
  folders.push(folder);
  for (const copy of copies) await copyFile(TILES_PNG, join(folder, copy));
  const result = await packTiled(join(folder, "m.tmx"));
  if (!result.ok) throw new Error(result.fault.detail);
  const view = await openVersion(result.value.root, memoryStore("memory", result.value.blocks));
  if (!view.ok) throw new Error(view.fault.detail);
  expect(await view.value.loadAll()).toMatchObject({ ok: true });
  return view.value;
}

const ground = layerXml("ground", dataXml(GROUND));

function objectsOf(view: SubstrateView): StaticObject[] {
  return [...view.loadedChunks()].flatMap((chunk) => chunk.objects);
}

describe("groups", () => {
  test("fold into their layers: opacity and tint multiply, offsets add, hidden hides", async () => {
    const inner = layerXml("inner", dataXml(GROUND), 'opacity="0.5" offsetx="3" tintcolor="#ff8000" parallaxx="0.5"');
    const group = `<group opacity="0.5" offsetx="10" offsety="-4" tintcolor="#80ffffff" parallaxx="0.5" visible="0">${inner}</group>`;
    const view = await packed(mapXml(`${TILESET_XML}${ground}${group}${layerXml("top", dataXml(GROUND))}`));
    expect(view.version.layers.map(({ name, order }) => [order, name])).toEqual([
      [0, "ground"],
      [1, "inner"],
      [2, "top"],
      [3, "placed"],
    ]);
    expect(view.version.layers[1]).toMatchObject({
      ...{ opacity: 0.25, tint: "#ff800080", visible: false, offset: { x: 13, y: -4 }, parallax: { x: 0.25, y: 1 } },
    });
  });

  test("move the objects in them, which then stand where they say", async () => {
    const object = '<object id="1" gid="5" x="16" y="32" width="16" height="16"/><object id="2" x="0" y="0" width="16" height="16"/>';
    const things = `<group offsetx="16"><objectgroup name="things" offsety="8">${object}</objectgroup></group>`;
    const view = await packed(mapXml(`${TILESET_XML}${ground}${things}`));
    expect(objectsOf(view)).toMatchObject([{ id: "m1", x: 2.5, y: 2 }]);
    expect(view.version.zones).toMatchObject([{ id: "m2", x: 1, y: 0.5, w: 1, h: 1 }]);
    expect(view.version.layers[1]).toMatchObject({ name: "things", offset: { x: 0, y: 0 } });
  });
});

describe("infinite maps", () => {
  const chunk = (x: number, y: number, gids: number[]): string =>
    `<chunk x="${x}" y="${y}" width="16" height="16">${gids.join(",")}</chunk>`;
  const cells = (...set: [number, number][]): number[] => {
    const gids = new Array<number>(256).fill(0);
    for (const [at, gid] of set) gids[at] = gid;
    return gids;
  };
  const map = (chunks: string): string =>
    mapXml(`${TILESET_XML}<layer name="ground" width="0" height="0"><data encoding="csv">${chunks}</data></layer>`, 'infinite="1"');

  test("are as large as what is in them, at negative places too", async () => {
    const view = await packed(map(chunk(-16, -16, cells([255, 2], [16 * 15, 3])) + chunk(16, 0, cells([0, 4])) + chunk(32, 32, cells())));
    expect(view.version.bounds).toEqual({ x0: -16, y0: -1, x1: 17, y1: 1 });
    expect(view.loaded(-1, -1)?.layers[0]?.gids[255]).toBe(2);
    expect(view.loaded(-1, -1)?.layers[0]?.gids[240]).toBe(3);
    expect(view.loaded(1, 0)?.layers[0]?.gids[0]).toBe(4);
    expect(await view.chunks()).toEqual({
      ok: true,
      value: [
        { cx: -1, cy: -1 },
        { cx: 1, cy: 0 },
      ],
    });
  });

  test("are the same world whatever pieces the editor cut them into", async () => {
    const whole = await packed(map(chunk(0, 0, cells([0, 1], [17, 2], [255, 3]))));
    const rows = Array.from({ length: 16 }, (_, y) => {
      const row = cells([0, 1], [17, 2], [255, 3]).slice(y * 16, y * 16 + 16);
      return `<chunk x="0" y="${y}" width="16" height="1">${row.join(",")}</chunk>`;
    });
    expect((await packed(map(rows.reverse().join("")))).version.root).toBe(whole.version.root);
  });
});

describe("tilesets", () => {
  test("of single images become one set per image", async () => {
    const tile = (id: number, more = ""): string => `<tile id="${id}"><image source="p${id}.png" width="64" height="32"/>${more}</tile>`;
    const animation = '<animation><frame tileid="4" duration="100"/><frame tileid="0" duration="50"/></animation>';
    const set = `<tileset firstgid="9" name="pictures" tilewidth="64" tileheight="32" tilecount="2" columns="0">${tile(4)}${tile(0, animation)}</tileset>`;
    const cells = [13, 9, ...GROUND.slice(2)];
    const view = await packed(mapXml(`${TILESET_XML}${set}${layerXml("ground", dataXml(cells))}`), ["p0.png", "p4.png"]);
    const draw = tileDraw(view.version, 13);
    expect(draw).toMatchObject({
      source: { x: 0, y: 0, w: 64, h: 32 },
      place: { x: 0, y: -16, w: 64, h: 32 },
      tileset: { name: "pictures", firstGid: 13 },
    });
    expect(tileDraw(view.version, 9)?.tile?.animation).toEqual([
      { gid: 13, durationMs: 100 },
      { gid: 9, durationMs: 50 },
    ]);
    expect(tileDraw(view.version, 10)).toBeUndefined();
    // The same bytes under three names are one asset.
    expect(view.version.assets).toHaveLength(1);
  });

  test("with margin, spacing, offset and a size of their own are cut and placed like in Tiled", async () => {
    const set = `<tileset firstgid="1" name="odd" tilewidth="14" tileheight="30" margin="1" spacing="2">
      <tileoffset x="3" y="-5"/><image source="tiles.png"/></tileset>`;
    const view = await packed(mapXml(`${set}${layerXml("ground", dataXml(GROUND.map(() => 2)))}`));
    expect(view.version.tilesets[0]).toMatchObject({ columns: 4, tileCount: 4 });
    expect(tileDraw(view.version, 2)).toMatchObject({ source: { x: 17, y: 1, w: 14, h: 30 }, place: { x: 3, y: -19, w: 14, h: 30 } });
    expect(tileDraw(view.version, 0x20000002)).toMatchObject({ flipDiagonal: true, place: { x: 3, y: -3, w: 30, h: 14 } });
  });

  test("scaled into the grid fill their cell", async () => {
    const set =
      '<tileset firstgid="1" name="big" tilewidth="32" tileheight="32" tilerendersize="grid"><image source="tiles.png"/></tileset>';
    const view = await packed(mapXml(`${set}${layerXml("ground", dataXml(GROUND.map(() => 2)))}`));
    expect(tileDraw(view.version, 2)).toMatchObject({ source: { x: 32, y: 0, w: 32, h: 32 }, place: { x: 0, y: 0, w: 16, h: 16 } });
  });

  test.each([
    ["unspecified", 1.5, 0.5],
    ["topleft", 1.5, 1.5],
    ["center", 1, 1],
    ["bottomright", 0.5, 0.5],
    ["right", 0.5, 1],
  ])("aligned %s put their objects there", async (alignment, x, y) => {
    const set = TILESET_XML.replace('name="tiles"', `name="tiles" objectalignment="${alignment}"`);
    const object = '<objectgroup name="things"><object id="1" gid="1" x="16" y="16" width="16" height="16"/></objectgroup>';
    expect(objectsOf(await packed(mapXml(`${set}${ground}${object}`)))).toMatchObject([{ x, y }]);
  });
});

describe("tilesets whose tiles are drawn otherwise", () => {
  test("kept in shape where they are not drawn at their own size lie in the middle", async () => {
    const set = (more: string): string =>
      `<tileset firstgid="1" name="wide" tilewidth="64" tileheight="16" ${more}><image source="tiles.png"/></tileset>`;
    const object = '<objectgroup name="things"><object id="1" gid="2" x="16" y="64" width="32" height="32"/></objectgroup>';
    const cells = layerXml("ground", dataXml(GROUND.map(() => 2)));
    const view = await packed(mapXml(`${set('tilerendersize="grid" fillmode="preserve-aspect-fit"')}${cells}${object}`));
    expect(tileDraw(view.version, 2)?.place).toEqual({ x: 0, y: 6, w: 16, h: 4 });
    expect(tileDraw(view.version, 0x20000002)?.place).toEqual({ x: 6, y: 0, w: 4, h: 16 });
    expect(fitted(view.version.tilesets[0] as TilesetInfo, 32, 32)).toEqual({ x: 0, y: 12, w: 32, h: 8 });
    expect(objectsOf(view)).toMatchObject([{ x: 2, y: 3, width: 2, height: 2 }]);
    const stretched = await packed(mapXml(`${set('tilerendersize="grid"')}${cells}${object}`));
    expect(stretched.version.tilesets[0]).not.toHaveProperty("fillMode");
    expect(tileDraw(stretched.version, 2)?.place).toEqual({ x: 0, y: 0, w: 16, h: 16 });
  });

  test("of collected pictures may show a part of each", async () => {
    const tile = '<tile id="0" x="16" y="16" width="32" height="8"><image source="tiles.png"/></tile>';
    const whole = '<tile id="1" x="0" y="0" width="64" height="32"><image source="tiles.png"/></tile>';
    const set = `<tileset firstgid="1" name="parts" tilewidth="32" tileheight="8">${tile}${whole}</tileset>`;
    const { version } = await packed(mapXml(`${set}${layerXml("ground", dataXml(GROUND.map(() => 1)))}`));
    expect(tileDraw(version, 1)).toMatchObject({ source: { x: 16, y: 16, w: 32, h: 8 }, place: { x: 0, y: 8, w: 32, h: 8 } });
    expect(version.tilesets[1]).not.toHaveProperty("part");
  });

  test("with a drawing offset move their tile objects by it, more when these are larger", async () => {
    const set = TILESET_XML.replace("<image", '<tileoffset x="4" y="-8"/><image');
    const object = (id: number, side: number): string => `<object id="${id}" gid="1" x="32" y="64" width="${side}" height="${side}"/>`;
    const view = await packed(mapXml(`${set}${ground}<objectgroup name="things">${object(1, 16)}${object(2, 32)}</objectgroup>`));
    expect(objectsOf(view)).toMatchObject([
      { id: "m1", x: (32 + 8 + 4) / 16, y: (64 - 8 - 8) / 16 },
      { id: "m2", x: (32 + 16 + 8) / 16, y: (64 - 16 - 16) / 16 },
    ]);
  });
});

describe("objects", () => {
  test("have an opacity of their own", async () => {
    const things = '<objectgroup name="things"><object id="1" gid="1" x="16" y="16" opacity="0.4"/></objectgroup>';
    expect(objectsOf(await packed(mapXml(`${TILESET_XML}${ground}${things}`)))).toMatchObject([{ id: "m1", opacity: 0.4 }]);
  });

  test("that are capsules are zones with round ends, or solid", async () => {
    const capsule = (id: number, more: string): string =>
      `<object id="${id}" x="160" y="160" width="64" height="32" ${more}><capsule/></object>`;
    const things = `<objectgroup name="things">${capsule(1, 'name="bay"')}${capsule(2, 'type="solid"')}</objectgroup>`;
    const view = await packed(mapXml(`${TILESET_XML}${layerXml("ground", dataXml(GROUND.map(() => 0)))}${things}`));
    const [bay] = view.version.zones;
    expect(bay).toMatchObject({ name: "bay", shape: "polygon", x: 10, y: 10, w: 4, h: 2 });
    const inside = (x: number, y: number): boolean => zoneHolds(bay as Zone, x, y);
    expect([inside(12, 10.1), inside(10.5, 11), inside(10.1, 10.1), inside(13.9, 11.9), inside(13.5, 11.5)]).toEqual([
      ...[true, true, false, false, true],
    ]);
    const area = [...view.loadedChunks()].flatMap(({ boxes }) => boxes).reduce((sum, [a, b, c, d]) => sum + (c - a) * (d - b), 0);
    expect(area).toBeCloseTo(2 * 2 + Math.PI, 1);
  });

  test("are drawn in the order their layer says", async () => {
    const things = (order: string): string =>
      `<objectgroup name="${order}" draworder="${order}"><object id="${order.length}" gid="1" x="0" y="16"/></objectgroup>`;
    const { version } = await packed(mapXml(`${TILESET_XML}${ground}${things("topdown")}${things("index")}`));
    expect(version.layers.slice(1, 3).map(({ drawOrder }) => drawOrder)).toEqual(["topdown", "index"]);
  });
});

describe("collision", () => {
  const boxesAround = (view: SubstrateView): number[][] => [...view.loadedChunks()].flatMap((chunk) => chunk.boxes.map((box) => [...box]));

  test("shapes of tiles turn with their tile", async () => {
    // The lower left quarter of tile 0 is solid.
    const set = TILESET_XML.replace(
      "</tileset>",
      '<tile id="0"><objectgroup><object id="1" x="0" y="8" width="8" height="8"/></objectgroup></tile></tileset>',
    );
    const empty = GROUND.map(() => 0);
    const turned = [0, 0x80000000, 0x40000000, 0x20000000, 0xa0000000].map((flips) => flips + 1);
    const view = await packed(mapXml(`${set}${layerXml("ground", dataXml([...turned, ...empty.slice(5)]))}`));
    expect(boxesAround(view)).toEqual([
      [0, 0.5, 0.5, 1],
      [1.5, 0.5, 2, 1],
      [2, 0, 2.5, 0.5],
      [3.5, 0, 4, 0.5],
      [4, 0, 4.5, 0.5],
    ]);
  });

  test("shapes of a tile turn, and grow, with a tile object, and go when it goes", async () => {
    const set = TILESET_XML.replace(
      "</tileset>",
      '<tile id="0"><objectgroup><object id="1" x="0" y="8" width="8" height="8"/></objectgroup></tile></tileset>',
    );
    const object = '<objectgroup name="things"><object id="1" gid="1" x="32" y="64" width="32" height="32" rotation="90"/></objectgroup>';
    const view = await packed(mapXml(`${set}${layerXml("ground", dataXml(GROUND.map(() => 0)))}${object}`));
    expect(objectsOf(view)).toMatchObject([{ x: 3, y: 5, width: 2, height: 2, boxes: [[-1, -1, 0, 0]] }]);
    expect(boxesAround(view)).toEqual([]);
  });

  test("shapes are kept with their tile, as the author drew them", async () => {
    const { version } = await packed(mapXml(`${TILESET_XML}${ground}`));
    const bush = version.tilesets[0]?.tiles.find(({ id }) => id === 5);
    expect(bush).toEqual({
      ...{ id: 5, class: "bush" },
      shapes: [
        [
          [4, 8],
          [8, 8],
          [8, 16],
          [4, 16],
        ],
      ],
    });
  });

  test("on an infinite map is one world whatever pieces it is cut into", async () => {
    const gids = Array.from({ length: 256 }, (_, i) => (i % 7 === 0 ? 6 : 0));
    const piece = (x: number, width: number): string => {
      const part = gids.filter((_, i) => i % 16 >= x && i % 16 < x + width);
      return `<chunk x="${x}" y="0" width="${width}" height="16">${part.join(",")}</chunk>`;
    };
    const map = (chunks: string): string =>
      mapXml(`${TILESET_XML}<layer name="ground" width="0" height="0"><data encoding="csv">${chunks}</data></layer>`, 'infinite="1"');
    const whole = await packed(map(piece(0, 16)));
    expect(boxesAround(whole).length).toBeGreaterThan(30);
    expect((await packed(map(piece(8, 8) + piece(0, 8)))).version.root).toBe(whole.version.root);
  });

  test("a layer called collision is solid wherever it has a tile, moved by its offset", async () => {
    const cells = GROUND.map((_, i) => (i === 41 ? 1 : 0));
    const plain = await packed(mapXml(`${TILESET_XML}${ground}${layerXml("Collision", dataXml(cells), 'visible="0"')}`));
    expect(plain.loaded(0, 0)?.solid[2]).toBe(0b10);
    const moved = await packed(mapXml(`${TILESET_XML}${ground}${layerXml("walls", dataXml(cells), 'class="collision" offsetx="8"')}`));
    expect(boxesAround(moved)).toEqual([[1.5, 1, 2.5, 2]]);
    expect(moved.loaded(0, 0)?.solid.some((byte) => byte !== 0)).toBe(false);
  });

  test("solid polygons and ellipses become strips that follow them", async () => {
    const shapes = `<objectgroup name="collision">
      <object id="1" x="16" y="16"><polygon points="0,0 32,0 0,32"/></object>
      <object id="2" x="320" y="160" width="64" height="32"><ellipse/></object>
      <object id="3" x="160" y="32" width="32" height="16" rotation="90"/></objectgroup>`;
    const view = await packed(mapXml(`${TILESET_XML}${layerXml("ground", dataXml(GROUND.map(() => 0)))}${shapes}`));
    const boxes = boxesAround(view);
    const area = boxes.reduce((sum, [x0 = 0, y0 = 0, x1 = 0, y1 = 0]) => sum + (x1 - x0) * (y1 - y0), 0);
    expect(area).toBeCloseTo(2 + Math.PI * 2 * 1 + 2, 1);
    // The turned rectangle is upright again, and so exact.
    expect(boxes).toContainEqual([9, 2, 10, 4]);
    const holds = (x: number, y: number): boolean => boxes.some(([x0 = 0, y0 = 0, x1 = 0, y1 = 0]) => x > x0 && x < x1 && y > y0 && y < y1);
    expect([holds(1.1, 2.8), holds(2.9, 1.05), holds(2.5, 2.5), holds(22, 11), holds(20.1, 10.1)]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});

describe("other features", () => {
  test("image layers of old maps say where they lie by x and y", async () => {
    const image = '<imagelayer name="sky" x="-8" y="4"><image source="tiles.png"/></imagelayer>';
    const { version } = await packed(mapXml(`${TILESET_XML}${image}${ground}`));
    expect(version.layers[0]?.offset).toEqual({ x: -8, y: 4 });
  });

  test("classes in classes are the same in both formats", async () => {
    const xml = `<properties><property name="k" type="class" propertytype="Loot"><properties>
      <property name="gold" type="int" value="3"/><property name="of" type="object" value="7"/>
      <property name="in" type="class" propertytype="Box"><properties><property name="open" type="bool" value="true"/></properties></property>
      </properties></property></properties>`;
    const json = [{ name: "k", type: "class", propertytype: "Loot", value: { gold: 3, of: 7, in: { open: true } } }];
    const fromXml = await packed(mapXml(`${xml}${TILESET_XML}${ground}`));
    expect(fromXml.version.properties).toEqual({ k: { gold: 3, of: 7, in: { open: true } } });
    const asJson = { ...JSON.parse(yardTmj("csv")), properties: json };
    expect((await packed(JSON.stringify(asJson))).version.properties).toEqual(fromXml.version.properties);
  });

  test("image layers keep their picture, place and repeats", async () => {
    const image =
      '<imagelayer name="sky" offsetx="-8" offsety="4" repeatx="1" parallaxx="0.2"><image source="tiles.png" trans="ff00ff"/></imagelayer>';
    const { version } = await packed(mapXml(`${TILESET_XML}${image}${ground}`));
    expect(version.layers[0]).toMatchObject({
      ...{ kind: "image", offset: { x: -8, y: 4 }, parallax: { x: 0.2, y: 1 } },
      image: { asset: version.assets[0]?.cid, width: 64, height: 32, transparent: "#ff00ff", repeatX: true, repeatY: false },
    });
  });

  test("properties keep their kinds, in classes too", async () => {
    const properties = `<properties>
      <property name="s" value="text"/><property name="lines">one\ntwo</property><property name="i" type="int" value="-7"/>
      <property name="f" type="float" value="0.25"/><property name="b" type="bool" value="false"/><property name="c" type="color" value="#ff123456"/>
      <property name="o" type="object" value="12"/><property name="file" type="file" value="../a.lua"/>
      <property name="k" type="class" propertytype="Loot"><properties><property name="gold" type="int" value="3"/></properties></property></properties>`;
    const { version } = await packed(mapXml(`${properties}${TILESET_XML}${ground}`, 'class="Garden" backgroundcolor="#80112233"'));
    expect(version.properties).toEqual({
      ...{ s: "text", lines: "one\ntwo", i: -7, f: 0.25, b: false, c: "#ff123456", o: 12, file: "../a.lua", k: { gold: 3 } },
    });
    expect(version).toMatchObject({ class: "Garden", backgroundColor: "#11223380" });
  });

  test("an object layer named placed takes what travellers place", async () => {
    const { version } = await packed(mapXml(`${TILESET_XML}<objectgroup name="placed" draworder="index"/>${ground}`));
    expect(version.layers.map(({ name }) => name)).toEqual(["placed", "ground"]);
    expect([version.placedLayer, version.layers[0]?.drawOrder]).toEqual([0, "index"]);
  });
});
