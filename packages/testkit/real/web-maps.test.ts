// The picture the browser draws of real Tiled maps, pixel by pixel, against the plainest drawing of the same files.
// The maps are not part of the project: where ../shared/maps is missing, the test says so and passes over them.
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { valueOf } from "@sojourn/protocol";
import { packTiled } from "@sojourn/substrate/node";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";
import { drawFlat } from "./web/flat-map.ts";
import { type Picture, readPng } from "./web/png.ts";

const MAPS = new URL("../../../../shared/maps/", import.meta.url);
const present = existsSync(MAPS);
const TILES = fileURLToPath(new URL("../../substrate/fixtures/tiles.png", import.meta.url));
/** Blending rounds once a layer; a channel may be off by this much. */
const CHANNEL_SLACK = 2;

function fileOf(map: string): string {
  return fileURLToPath(new URL(map, MAPS));
}

const blocks = new Map<string, Uint8Array>();
let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (CHROMIUM === "") return;
  const entry = fileURLToPath(new URL("./web/stage-page.ts", import.meta.url));
  const bundle = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm", platform: "browser" });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    const body =
      path === "/"
        ? "<!doctype html><script type=module src=/page.js></script>"
        : path === "/page.js"
          ? bundle.outputFiles[0]?.contents
          : blocks.get(path);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": path === "/" ? "text/html" : path === "/page.js" ? "text/javascript" : "application/octet-stream",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await startChromium();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => "drawWhole" in window);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function drawnBy(map: string, zoom: number): Promise<Picture> {
  const packed = valueOf(await packTiled(map));
  for (const { cid, bytes } of packed.blocks) blocks.set(`/ipfs/${cid}`, bytes);
  const url = await page.evaluate(([root, z]) => window.drawWhole(root, z), [packed.root, zoom] as const);
  return readPng(Buffer.from(url.slice(url.indexOf(",") + 1), "base64"));
}

/** How many pixels differ visibly, and the first of them. */
function differences(drawn: Picture, flat: Picture, zoom: number): { count: number; first: string } {
  let count = 0;
  let first = "";
  for (let y = 0; y < drawn.height; y++) {
    for (let x = 0; x < drawn.width; x++) {
      const at = (y * drawn.width + x) * 4;
      const from = (Math.floor(y / zoom) * flat.width + Math.floor(x / zoom)) * 4;
      const off = [0, 1, 2].some((c) => Math.abs((drawn.pixels[at + c] as number) - (flat.pixels[from + c] as number)) > CHANNEL_SLACK);
      if (!off) continue;
      count++;
      if (first === "") first = `(${x}, ${y}): ${drawn.pixels.subarray(at, at + 3)} instead of ${flat.pixels.subarray(from, from + 3)}`;
    }
  }
  return { count, first };
}

describe.skipIf(CHROMIUM === "")("a map of our own in a real browser", () => {
  it("lies on its background colour as it was written, unchanged by any colour management", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sojourn-map-"));
    const layer = {
      id: 1,
      name: "empty",
      type: "tilelayer",
      width: 4,
      height: 4,
      x: 0,
      y: 0,
      opacity: 1,
      visible: true,
      data: new Array(16).fill(0),
    };
    const map = {
      type: "map",
      version: "1.10",
      orientation: "orthogonal",
      infinite: false,
      width: 4,
      height: 4,
      tilewidth: 8,
      tileheight: 8,
    };
    await writeFile(join(folder, "plain.tmj"), JSON.stringify({ ...map, backgroundcolor: "#20406a", tilesets: [], layers: [layer] }));
    const drawn = await drawnBy(join(folder, "plain.tmj"), 2);
    await rm(folder, { recursive: true });
    expect([drawn.width, drawn.height]).toEqual([64, 64]);
    expect(new Set(Array.from({ length: 64 * 64 }, (_, i) => drawn.pixels.subarray(i * 4, i * 4 + 3).join()))).toEqual(
      new Set(["32,64,106"]),
    );
  });
});

describe.skipIf(CHROMIUM === "")("tiles that are cut, scaled and faded", () => {
  it("are drawn as the plainest drawing of them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sojourn-map-"));
    await copyFile(TILES, join(folder, "tiles.png"));
    // The lower half of the picture's left side, kept in shape within cells of 16 pixels: 32×16 becomes 16×8.
    const tile = '<tile id="0" x="0" y="16" width="32" height="16"><image source="tiles.png"/></tile>';
    const sets =
      `<tileset firstgid="1" name="cut" tilewidth="32" tileheight="16" tilerendersize="grid" fillmode="preserve-aspect-fit">${tile}</tileset>` +
      '<tileset firstgid="2" name="all" tilewidth="16" tileheight="16"><image source="tiles.png"/></tileset>';
    const layer = '<layer name="l" width="4" height="4"><data encoding="csv">0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0</data></layer>';
    const objects = '<objectgroup name="o"><object id="1" gid="2" x="16" y="48" width="16" height="16" opacity="0.4"/></objectgroup>';
    const size = 'width="4" height="4" tilewidth="16" tileheight="16" backgroundcolor="#20406a"';
    await writeFile(join(folder, "m.tmx"), `<map orientation="orthogonal" ${size}>${sets}${layer}${objects}</map>`);
    const drawn = await drawnBy(join(folder, "m.tmx"), 1);
    await rm(folder, { recursive: true });
    const art = readPng(readFileSync(TILES));
    const flat = { width: 64, height: 64, pixels: new Uint8Array(64 * 64 * 4).map((_, i) => [0x20, 0x40, 0x6a, 255][i % 4] as number) };
    const paint = (x: number, y: number, u: number, v: number, opacity: number): void => {
      const from = (v * art.width + u) * 4;
      const alpha = ((art.pixels[from + 3] as number) / 255) * opacity;
      for (let c = 0; c < 3; c++) {
        const at = (y * 64 + x) * 4 + c;
        flat.pixels[at] = Math.round((art.pixels[from + c] as number) * alpha + (flat.pixels[at] as number) * (1 - alpha));
      }
    };
    for (let y = 0; y < 8; y++) for (let x = 0; x < 16; x++) paint(16 + x, 4 + y, 2 * x + 1, 16 + 2 * y + 1, 1);
    for (let y = 0; y < 16; y++) for (let x = 0; x < 16; x++) paint(16 + x, 32 + y, x, y, 0.4);
    expect(differences(drawn, flat, 1)).toEqual({ count: 0, first: "" });
  });
});

describe.skipIf(!present || CHROMIUM === "")("real Tiled maps in a real browser (needs ../shared/maps)", () => {
  it.each(["desert.tmx", "sewers.tmx", "orthogonal-outside.tmx"])("%s is drawn as the plain drawing of it", async (map) => {
    const drawn = await drawnBy(fileOf(map), 1);
    const flat = drawFlat(fileOf(map));
    expect([drawn.width, drawn.height]).toEqual([flat.width, flat.height]);
    expect(new Set(Array.from({ length: 4_096 }, (_, i) => flat.pixels.subarray(i * 400, i * 400 + 3).join())).size).toBeGreaterThan(8);
    expect(differences(drawn, flat, 1)).toEqual({ count: 0, first: "" });
  });

  it("desert.tmx is as crisp at three device pixels to the texel: no tile bleeds into the next", async () => {
    const drawn = await drawnBy(fileOf("desert.tmx"), 3);
    const flat = drawFlat(fileOf("desert.tmx"));
    expect(differences(drawn, flat, 3)).toEqual({ count: 0, first: "" });
  });
});
