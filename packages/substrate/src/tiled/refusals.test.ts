// What cannot be shown right, or is no map at all, is refused: by name, with what to do, and with the process alive.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { packTiled } from "./pack.ts";
import { base64, dataXml, GROUND, layerXml, mapFolder, mapXml, TILESET_XML, YARD_HEIGHT, YARD_WIDTH, yardTmj, yardTmx } from "./yard.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

type Files = Record<string, string | Uint8Array>;

async function refused(file: string, files: Files, code: string, detail: RegExp): Promise<void> {
  const folder = await mapFolder(files);
  folders.push(folder);
  const packed = await packTiled(join(folder, file));
  expect(packed).toMatchObject({ ok: false, fault: { code, blame: "client" } });
  expect(packed.ok ? "" : packed.fault.detail).toMatch(detail);
}

const ground = layerXml("ground", dataXml(GROUND));
const withLayers = (layers: string, attributes = ""): string => mapXml(`${TILESET_XML}${layers}`, attributes);
const withObject = (object: string, attributes = ""): string =>
  withLayers(`${ground}<objectgroup name="things" ${attributes}>${object}</objectgroup>`);
const withData = (data: string): string => withLayers(layerXml("ground", data));
const withTileset = (tileset: string): string => mapXml(`${tileset}${ground}`);
const size = YARD_WIDTH * YARD_HEIGHT * 4;
const zlibData = (bytes: Uint8Array): string =>
  `<data encoding="base64" compression="zlib">${Buffer.from(zlib.deflateSync(bytes)).toString("base64")}</data>`;

describe("features that would not be shown right", () => {
  test.each<[string, string, RegExp]>([
    [
      "isometric maps",
      withLayers(ground, 'orientation2="" ').replace('"orthogonal"', '"isometric"'),
      /^m\.tmx: map: orientation "isometric" .*orthogonal/,
    ],
    ["staggered maps", withLayers(ground).replace('"orthogonal"', '"staggered"'), /orientation "staggered"/],
    ["hexagonal maps", withLayers(ground).replace('"orthogonal"', '"hexagonal"'), /orientation "hexagonal"/],
    [
      "turns by 120 degrees",
      withData(dataXml([0x10000001, ...GROUND.slice(1)])),
      /^m\.tmx: layer "ground": tile 0, which is turned by 120 degrees/,
    ],
    ["blend modes", withLayers(`${ground}${layerXml("light", dataXml(GROUND), 'mode="add"')}`), /layer "light": the blend mode "add"/],
    [
      "text objects",
      withObject('<object id="7" x="1" y="1"><text>hi</text></object>'),
      /layer "things", object 7: a text object .*"text" property/,
    ],
    ["oblique maps", withLayers(ground).replace('"orthogonal"', '"oblique"'), /orientation "oblique"/],
    [
      "blend modes of groups",
      withLayers(`${ground}<group name="light" mode="multiply">${ground}</group>`),
      /layer "light": the blend mode "multiply"/,
    ],
    [
      "solid polylines",
      withObject('<object id="4" type="solid" x="1" y="1"><polyline points="0,0 5,5"/></object>'),
      /object 4: a solid polyline/,
    ],
    [
      "solids under parallax",
      withObject('<object id="4" type="solid" x="1" y="1" width="9" height="9"/>', 'parallaxx="0.5"'),
      /object 4: something solid in a layer with parallax/,
    ],
    [
      "solid tiles under parallax",
      withLayers(layerXml("collision", dataXml(GROUND), 'parallaxy="2"')),
      /layer "collision": something solid/,
    ],
    [
      "tile objects flipped along the diagonal",
      withObject('<object id="3" gid="536870917" x="9" y="9"/>'),
      /object 3: a tile object flipped along its diagonal .*rotate/,
    ],
    [
      "pictures inside the map",
      withTileset(TILESET_XML.replace(/<image[^>]*\/>/, '<image format="png"><data encoding="base64">AAAA</data></image>')),
      /picture embedded/,
    ],
    ["elements it does not know", withLayers(`${ground}<weather kind="rain"/>`), /<weather> inside <map>/],
    [
      "layers it does not know, in JSON",
      yardTmj("csv").replace('"tilelayer"', '"voxellayer"'),
      /layer "ground": a layer of the type "voxellayer"/,
    ],
    [
      "properties it does not know",
      withObject('<object id="1" x="1" y="1"><properties><property name="p" type="matrix" value="1"/></properties></object>'),
      /property "p": the type "matrix"/,
    ],
    ["unknown compressions", withData('<data encoding="base64" compression="lzma">AAAA</data>'), /layer "ground": the compression "lzma"/],
  ])("%s", (_, map, detail) => refused(map.startsWith("{") ? "m.tmj" : "m.tmx", { "m.tmx": map, "m.tmj": map }, "unsupported-map", detail));
});

describe("parts of newer maps that would not be shown right", () => {
  test.each<[string, string, RegExp]>([
    [
      "lists in properties",
      withLayers(`<properties><property name="l" type="list"><item value="1"/></property></properties>${ground}`),
      /<item> inside <property>/,
    ],
    [
      "collision shapes without an area",
      withTileset(
        TILESET_XML.replace(
          "</tileset>",
          '<tile id="0"><objectgroup><object id="1" x="0" y="0"><polyline points="0,0 4,4"/></object></objectgroup></tile></tileset>',
        ),
      ),
      /a shape that is no rectangle, ellipse, capsule or polygon/,
    ],
    [
      "other render orders where tiles reach over their neighbours",
      mapXml(
        `<tileset firstgid="1" name="big" tilewidth="32" tileheight="32"><image source="tiles.png"/></tileset>${ground}`,
        'renderorder2=""',
      ).replace("right-down", "left-up"),
      /render order "left-up" with tiles larger than the grid/,
    ],
  ])("%s", (_, map, detail) => refused("m.tmx", { "m.tmx": map }, "unsupported-map", detail));
});

describe("maps that contradict themselves", () => {
  const manyTiles = `[${"1,".repeat(YARD_WIDTH * YARD_HEIGHT)}1]`;
  test.each<[string, string, RegExp]>([
    ["XML that is not closed", yardTmx("csv").slice(0, -20), /^m\.tmx: it is no well-formed XML .*save it again/],
    ["JSON that is not closed", yardTmj("csv").slice(0, -20), /^m\.tmj: it is no well-formed JSON/],
    ["something else", "PNG or so", /^m\.tmx: it is neither XML nor JSON/],
    ["an empty file", "", /^m\.tmx: it is neither/],
    ["another kind of JSON", '{"hello": 1}', /^m\.tmj: it is neither a map nor a tileset nor a template of Tiled/],
    ["a tileset alone", '{"type": "tileset"}', /^m\.tmj: it holds a tileset; pack the map/],
    ["another kind of XML", "<svg xmlns='x'/>", /holds a <svg>/],
    [
      "entities of its own",
      `<!DOCTYPE map [<!ENTITY a "aaaa">]>${withLayers(ground.replace("ground", "&a;")).slice(39)}`,
      /no well-formed XML/,
    ],
    [
      "a layer of another size",
      withLayers(ground.replace('width="40"', 'width="41"')),
      /layer "ground": it has 41×20 tiles, and the map 40×20/,
    ],
    ["too few tiles", withData(dataXml(GROUND.slice(1))), /layer "ground": it has 799 tiles instead of 800/],
    [
      "too many tiles, in JSON",
      yardTmj("csv").replace(/"data":\[[^\]]*\]/, `"data":${manyTiles}`),
      /layer "ground": it has 801 tiles instead of 800/,
    ],
    ["a tile that is no number", withData(dataXml(GROUND).replace("1,", "one,")), /layer "ground": tile 0 is "\\none"/],
    ["a gid beyond 32 bits", withData(dataXml(GROUND).replace("1,", "4294967296,")), /tile 0 is/],
    ["a gid of no tileset", withData(dataXml([9, ...GROUND.slice(1)])), /layer "ground": tile \(0, 0\) has gid 9, which no tileset/],
    ["a tile object of no tileset", withObject('<object id="2" gid="77" x="1" y="1"/>'), /object 2: it shows gid 77/],
    ["base64 that is none", withData('<data encoding="base64">###</data>'), /layer "ground": its data is no base64/],
    ["zlib data that is none", withData('<data encoding="base64" compression="zlib">AAAAAAAA</data>'), /its zlib data cannot be unpacked/],
    [
      "zlib data cut short",
      withData(`<data encoding="base64" compression="zlib">${base64(GROUND, "zlib").slice(0, 24)}</data>`),
      /its zlib data cannot be unpacked/,
    ],
    ["too little data", withData(zlibData(new Uint8Array(size - 4))), /unpacks to 3196 bytes instead of 3200/],
    ["too much data", withData(zlibData(new Uint8Array(size + 4))), /unpacks to more than 3200 bytes/],
    ["a bomb", withData(zlibData(new Uint8Array(64 * 1_048_576))), /unpacks to more than 3200 bytes/],
  ])("%s", (_, map, detail) => refused(map.startsWith("{") ? "m.tmj" : "m.tmx", { "m.tmx": map, "m.tmj": map }, "bad-map", detail));
});

describe("parts of maps that contradict themselves", () => {
  test.each<[string, string, RegExp]>([
    ["a size without end", withLayers(ground, 'width="1048577" height="1" tilewidth="16" tileheight="16"'), /"width" is 1048577/],
    [
      "an area without end",
      withLayers("", 'width="1000000" height="1000000" tilewidth="16" tileheight="16"'),
      /spreads over 1000000000000 tiles/,
    ],
    [
      "an infinite map with an object at the end of the world",
      withObject('<object id="1" x="900000000" y="9"/>', "").replace("<map ", '<map infinite="1" '),
      /m\.tmx: .*(spreads over|too far)/,
    ],
    ["ids that are there twice", withObject('<object id="1" x="1" y="1"/><object id="1" x="2" y="2"/>'), /another object has the id 1 too/],
    ["a tile that is there twice", withTileset(TILESET_XML.replace("</tileset>", '<tile id="7"/></tileset>')), /tile 7: it is there twice/],
    ["a tile beyond its tileset", withTileset(TILESET_XML.replace("</tileset>", '<tile id="8"/></tileset>')), /tile 8: "id" is 8/],
    [
      "more tiles than the picture has",
      withTileset(TILESET_XML.replace('tilecount="8"', 'tilecount="12"')),
      /says it has 12 tiles and its picture has 8/,
    ],
    [
      "other columns than the picture has",
      withTileset(TILESET_XML.replace('columns="4"', 'columns="5"')),
      /says it has 5 columns and its picture has 4/,
    ],
    [
      "tilesets that share gids",
      withTileset(TILESET_XML + TILESET_XML.replace('firstgid="1"', 'firstgid="5"')),
      /its gids begin at 5, inside those of tileset "tiles"/,
    ],
    [
      "a polygon of one point",
      withObject('<object id="1" x="1" y="1"><polygon points="0,0"/></object>'),
      /object 1: its polygon has fewer than two points/,
    ],
    ["points that are no numbers", withObject('<object id="1" x="1" y="1"><polygon points="0,0 1"/></object>'), /has the point "1"/],
    ["a position that is no number", withObject('<object id="1" x="left" y="1"/>'), /object 1: "x" must be a number/],
    ["an opacity over 1", withLayers(layerXml("ground", dataXml(GROUND), 'opacity="2"')), /layer "ground": its opacity is 2/],
    [
      "a colour that is none",
      withLayers(layerXml("ground", dataXml(GROUND), 'tintcolor="reddish"')),
      /layer "ground": its tint is no colour/,
    ],
    [
      "a property with a reserved name",
      withLayers(`<properties><property name="__proto__" value="x"/></properties>${ground}`),
      /property "__proto__": this name is reserved/,
    ],
    ["groups without end", withLayers(`${"<group>".repeat(30)}${ground}${"</group>".repeat(30)}`), /nested more than 16 deep/],
    ["elements without end", withLayers("<group>".repeat(20_000) + "</group>".repeat(20_000)), /m\.tmx: its elements are nested too deep/],
    ["an image layer without a picture", withLayers(`${ground}<imagelayer name="sky"/>`), /layer "sky": it has no picture/],
  ])("%s", (_, map, detail) => refused(map.startsWith("{") ? "m.tmj" : "m.tmx", { "m.tmx": map, "m.tmj": map }, "bad-map", detail));
});

describe("parts of newer maps that contradict themselves", () => {
  test.each<[string, string, RegExp]>([
    ["an object's opacity over 1", withObject('<object id="1" x="1" y="1" opacity="1.5"/>'), /object 1: its opacity is 1.5/],
    [
      "a fill mode nobody knows",
      withTileset(TILESET_XML.replace('name="tiles"', 'name="tiles" fillmode="cover"')),
      /tileset "tiles": its fill mode "cover" is not known/,
    ],
    [
      "a part that its picture does not have",
      withTileset(
        `${TILESET_XML}<tileset firstgid="9" name="p"><tile id="0" x="60" width="8"><image source="tiles.png"/></tile></tileset>`,
      ),
      /tile 0: it shows a part that its picture of 64×32 pixels does not have/,
    ],
    [
      "a reserved name in a class",
      withLayers(
        `<properties><property name="k" type="class"><properties><property name="$link" value="x"/></properties></property></properties>${ground}`,
      ),
      /property "\$link": this name is reserved/,
    ],
  ])("%s", (_, map, detail) => refused("m.tmx", { "m.tmx": map }, "bad-map", detail));
});

describe("files that a map names", () => {
  const named = (source: string): string => withTileset(`<tileset firstgid="1" source="${source}"/>`);
  const pictured = (source: string): string => withTileset(TILESET_XML.replace('"tiles.png"', `"${source}"`));
  test.each<[string, string, RegExp]>([
    ["a tileset that is not there", named("gone.tsx"), /^m\.tmx: tileset "gone\.tsx": there is no such file/],
    ["a picture that is not there", pictured("gone.png"), /tileset "tiles": picture "gone\.png": there is no such file/],
    ["an absolute path", named("/etc/passwd"), /only paths relative to the map/],
    ["an absolute picture", pictured("/etc/passwd"), /only paths relative to the map/],
    ["an address", pictured("https://example.com/tiles.png"), /only paths relative to the map/],
    ["a file address", pictured("file:///etc/passwd"), /only paths relative to the map/],
    ["a drive", pictured("C:/tiles.png"), /only paths relative to the map/],
    ["backslashes", pictured("sets\\tiles.png"), /with backslashes/],
    ["a device", pictured(`${"../".repeat(12)}dev/zero`), /no regular file/],
    ["a folder", pictured("folder"), /no regular file|cannot be read/],
    ["a map as its tileset", named("m.tmx"), /the file holds no tileset/],
    ["a tileset that names a further one", named("again.tsx"), /picture|image|tilewidth/],
    ["a picture in SVG", pictured("tiles.svg"), /picture "tiles\.svg" is no PNG, JPEG or WebP/],
    ["a page that calls itself PNG", pictured("page.png"), /picture "page\.png" is no PNG/],
    ["a picture that is too large", pictured("large.png"), /pixels; a picture may have 4096 each way/],
    ["a tileset that is not UTF-8", named("latin.tsx"), /not text in UTF-8/],
  ])("%s", async (_, map, detail) => {
    const large = new Uint8Array(64);
    large.set(Buffer.from("89504e470d0a1a0a0000000d49484452000013880000138808060000", "hex"));
    const folder = await mapFolder({
      ...{ "m.tmx": map, "again.tsx": '<tileset firstgid="1" source="again.tsx"/>', "large.png": large },
      ...{ "tiles.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>", "page.png": "<!doctype html><script>1</script>" },
      "latin.tsx": new Uint8Array([0x3c, 0xe4, 0x3e]),
    });
    folders.push(folder);
    await mkdir(join(folder, "folder"));
    const packed = await packTiled(join(folder, "m.tmx"));
    expect(packed).toMatchObject({ ok: false, fault: { code: "bad-map" } });
    expect(packed.ok ? "" : packed.fault.detail).toMatch(detail);
  });

  test("a map that is not there, or is a folder", async () => {
    const folder = await mapFolder({});
    folders.push(folder);
    expect(await packTiled(join(folder, "gone.tmx"))).toMatchObject({
      ok: false,
      fault: { code: "bad-map", detail: expect.stringContaining("gone.tmx: there is no such file") },
    });
    expect(await packTiled(folder)).toMatchObject({ ok: false, fault: { code: "bad-map" } });
  });
});
