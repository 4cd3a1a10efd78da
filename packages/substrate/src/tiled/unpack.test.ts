// A version written back as a map is, packed again, the same root: the yard, real maps of others, and maps made up at random. After
// something was built, it is the same scene and the same chunks.
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { isSameContent, readVersionRoot } from "../history/version-root.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { amendVersion } from "../versions/amend.ts";
import type { StaticObject, SubstrateView } from "../versions/types.ts";
import { openVersion } from "../versions/view.ts";
import { type PackedMap, packTiled } from "./pack.ts";
import { unpackTiled } from "./unpack.ts";
import { dataXml, FRINGE, GROUND, layerXml, mapFolder, mapXml, TILESET_XML, yardTmx } from "./yard.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function packed(map: string): Promise<PackedMap> {
  const folder = await mapFolder({ "m.tmx": map });
  folders.push(folder);
  return valueIn(await packTiled(join(folder, "m.tmx")));
}

function valueIn<T>(result: { ok: true; value: T } | { ok: false; fault: { detail: string } }): T {
  if (!result.ok) throw new Error(result.fault.detail);
  return result.value;
}

async function opened(root: string, store: BlockStore): Promise<SubstrateView> {
  return valueIn(await openVersion(root, store));
}

/** Written as a map into a folder, and packed again. */
async function again(view: SubstrateView): Promise<PackedMap & { readonly files: string[]; readonly map: string }> {
  const unpacked = valueIn(await unpackTiled(view));
  const folder = await mkdtemp(join(tmpdir(), "sojourn-unpacked-"));
  folders.push(folder);
  const files: string[] = [];
  let map = "";
  for await (const file of unpacked.files()) {
    const { name, bytes } = valueIn(file);
    files.push(name);
    if (name === unpacked.map) map = new TextDecoder().decode(bytes);
    await writeFile(join(folder, name), bytes);
  }
  return { ...valueIn(await packTiled(join(folder, unpacked.map), { name: view.version.name })), files, map };
}

async function expectSameRoot(first: PackedMap): Promise<void> {
  const second = await again(await opened(first.root, memoryStore("first", first.blocks)));
  expect(second.root).toBe(first.root);
}

const cells = layerXml("ground", dataXml(GROUND));
const withObjects = (objects: string, attributes = ""): string =>
  mapXml(`${TILESET_XML}${cells}<objectgroup name="things" ${attributes}>${objects}</objectgroup>`);

describe("a first version written back as a map", () => {
  test("is the same root, with its tileset and picture beside it", async () => {
    const first = await packed(yardTmx("csv"));
    const { root, files, map } = await again(await opened(first.root, memoryStore("first", first.blocks)));
    expect(root).toBe(first.root);
    expect(files).toEqual(["tiles.png", "tiles.tsj", "m.tmj"]);
    // Tiles lie in rows, as in the world.
    expect(map.split("\n")).toContain(`${GROUND.slice(40, 80).join(",")},`);
  });

  const MAPS = fileURLToPath(new URL("../../../../../shared/maps/", import.meta.url));
  test.runIf(existsSync(MAPS)).each(["desert", "sewers", "orthogonal-outside"])("is the same root for Tiled's own %s", async (name) => {
    await expectSameRoot(valueIn(await packTiled(`${MAPS}${name}.tmx`)));
  });

  test.each(["tavern/tavern", "dungeon/dungeon"])("is the same root for our own %s", async (name) => {
    await expectSameRoot(valueIn(await packTiled(fileURLToPath(new URL(`../../../../worlds/${name}.tmj`, import.meta.url)))));
  });

  test("keeps the order of drawing where zones, solids and pictures are mixed, in several layers", async () => {
    const thing = (id: number, x: number): string => `<object id="${id}" gid="1" x="${x}" y="64" width="16" height="16"/>`;
    const zone = (id: number): string => `<object id="${id}" name="z${id}" x="${id}" y="9" width="3.5" height="7.25" rotation="${id}"/>`;
    const solid = (id: number): string => `<object id="${id}" type="solid" x="${id * 16}" y="100" width="40" height="9"/>`;
    const layer = (name: string, inside: string): string => `<objectgroup name="${name}" draworder="index">${inside}</objectgroup>`;
    const first = await packed(
      mapXml(
        TILESET_XML +
          cells +
          layer("a", zone(1) + thing(2, 16) + solid(3) + solid(4) + thing(5, 18) + zone(6)) +
          layer("collision", thing(7, 40) + solid(8) + thing(9, 44)) +
          layer("b", thing(10, 20) + thing(11, 22) + zone(12)),
      ),
    );
    await expectSameRoot(first);
  });

  test("keeps collections, parts, animations over gaps, offsets, tints, classes and image layers", async () => {
    const tile = (id: number, more = "", attributes = ""): string =>
      `<tile id="${id}" ${attributes}><image source="tiles.png" trans="ff00ff"/>${more}</tile>`;
    const frames = '<animation><frame tileid="1" duration="80"/><frame tileid="7" duration="40"/></animation>';
    const set =
      '<tileset firstgid="20" name="bits" class="K" tilerendersize="grid" fillmode="preserve-aspect-fit"><tileoffset x="1.5" y="-2"/>' +
      `<properties><property name="a" type="float" value="0.25"/></properties>${tile(3, "", 'x="4" y="8" width="9" height="7"')}${tile(7, frames)}</tileset>`;
    const group =
      '<group opacity="0.3" tintcolor="#80ff8040" offsetx="3"><imagelayer name="sky" parallaxx="0.5" repeatx="1"><image source="tiles.png"/></imagelayer>' +
      `<layer name="Ä/ö" class="x" width="40" height="20" opacity="0.7">${dataXml(FRINGE.map((gid) => (gid === 0 ? 27 : gid)))}</layer></group>`;
    const first = await packed(
      mapXml(`${TILESET_XML}${set}${group}${cells}`, 'class="W" backgroundcolor="#80102030" parallaxoriginx="7.5"'),
    );
    await expectSameRoot(first);
  });

  test("keeps where an infinite map lies, and shapes that tiles and authors drew", async () => {
    const data = Array.from({ length: 256 }, (_, i) => (i % 5 === 0 ? 6 : i % 31 === 0 ? 8 : 0));
    const chunk = (x: number, y: number): string => `<chunk x="${x}" y="${y}" width="16" height="16">${data.join(",")}</chunk>`;
    const solids = '<object id="1" type="solid" x="-90" y="-33" width="300" height="50"><ellipse/></object>';
    const layer = `<layer name="g" width="0" height="0" offsetx="8"><data encoding="csv">${chunk(-32, -16)}${chunk(0, 0)}</data></layer>`;
    const first = await packed(mapXml(`${TILESET_XML}${layer}<objectgroup name="s">${solids}</objectgroup>`, 'infinite="1"'));
    expect(first.version.bounds.x0).toBeLessThan(0);
    await expectSameRoot(first);
  });

  test("is the same root whatever objects a map has", async () => {
    const side = fc.integer({ min: 1, max: 640 }).map((n) => n / 8);
    const object = fc.record({
      ...{ gid: fc.option(fc.constantFrom(1, 5, 6, 8, 0x80000005, 0x40000006)), x: side, y: side, width: side, height: side },
      rotation: fc.constantFrom(0, 0, 90, 180, 33.3, 359.9995),
      opacity: fc.constantFrom(1, 1, 0.5, 0.1234),
      type: fc.constantFrom("", "sign", "solid", "region"),
      shape: fc.constantFrom("", "ellipse", "capsule", "point"),
      visible: fc.constantFrom(1, 1, 0),
      text: fc.option(fc.string({ maxLength: 9 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 12 }), fc.constantFrom("topdown", "index"), async (objects, order) => {
        const written = objects.map(({ gid, shape, text, ...rest }, id) => {
          const isSolidPoint = gid === null && shape === "point" && rest.type === "solid";
          const inside = gid === null && shape !== "" && !isSolidPoint ? `<${shape}/>` : "";
          const properties = text === null ? "" : `<properties><property name="text" value=${JSON.stringify(escaped(text))}/></properties>`;
          const attributes = Object.entries(rest).map(([name, value]) => `${name}="${value}"`);
          return `<object id="${3 * id}" ${gid === null ? "" : `gid="${gid}"`} ${attributes.join(" ")}>${properties}${inside}</object>`;
        });
        await expectSameRoot(await packed(withObjects(written.join(""), `draworder="${order}"`)));
      }),
      { numRuns: 25 },
    );
  });

  function escaped(text: string): string {
    return text.replace(/[^A-Za-z0-9 ]/g, "_");
  }
});

describe("a later version written back as a map", () => {
  const by = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
  const build = (id: string, x: number, more: Partial<StaticObject> = {}): StaticObject => ({
    ...{ id, kind: "crate", x, y: 3.5, layer: 3, width: 1, height: 1, by },
    ...more,
  });

  test("is the same scene and the same chunks, builds and who built them included", async () => {
    const first = await packed(yardTmx("csv"));
    const store = memoryStore("first", first.blocks);
    const builds = [
      build("bitem-1", 3.25, { gid: 8, solid: true, text: "Mind." }),
      build("bitem-2", 21.5, { kind: "cairn", width: 2.5, rotation: 30 }),
      build("bitem-3", 5.5, { gid: 6 }),
    ];
    const view = await opened(first.root, store);
    const amended = valueIn(await amendVersion(view, { add: builds, remove: ["m5"], tick: 9, timeMs: 77 }, store));
    for (const block of amended.newBlocks) await store.put(block);
    const later = await opened(amended.root, store);
    const second = await again(later);
    const placed = JSON.parse(second.map).layers.find(({ name }: { name: string }) => name === "placed");
    expect(placed.objects.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(["crate", "cairn", "crate"]));
    const [a, b] = [
      valueIn(await readVersionRoot(amended.root, store)),
      valueIn(await readVersionRoot(second.root, memoryStore("second", second.blocks))),
    ];
    expect(isSameContent(a.root, b.root)).toBe(true);
    expect(second.root).not.toBe(amended.root);
    expect([b.root.parent, b.root.tick]).toEqual([null, 0]);
  });

  test("does not take facts for a version's that no version would say", async () => {
    const object = (fact: string): string =>
      `<object id="1" gid="1" x="9" y="16"><properties><property name="sojourn" type="class"><properties>${fact}</properties></property></properties></object>`;
    for (const fact of [
      '<property name="by" value="Ada"/>',
      '<property name="solid" value="yes"/>',
      '<property name="order" type="int" value="-1"/>',
      '<property name="owner" value="x"/>',
    ]) {
      const folder = await mapFolder({ "m.tmx": withObjects(object(fact)) });
      folders.push(folder);
      const result = await packTiled(join(folder, "m.tmx"));
      expect(result).toMatchObject({ ok: false, fault: { code: "bad-map", detail: expect.stringMatching(/in its property "sojourn"/) } });
    }
  });

  test("that no map can hold is said to be", async () => {
    const { plainScene, plainWorld } = await import("../versions/plain-world.ts");
    const built = await plainWorld({ ...plainScene(2, 2), bounds: { x0: 0, y0: 0, x1: 100_000, y1: 100_000 } }, []);
    const view = await opened(built.root, memoryStore("wide", built.blocks));
    expect(await unpackTiled(view)).toMatchObject({ ok: false, fault: { code: "oversized" } });
  });
});
