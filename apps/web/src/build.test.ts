import { gzipSync, inflateSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { UI } from "./art/atlas.ts";
import { buildWeb } from "./build.ts";
import { REPLACED_PARTS, replacedParts } from "./slim-three.ts";
import { cutSprites } from "./sprites.ts";

/** What a visitor downloads before the first picture, gzipped. */
const PAGE_BYTES = 226_304;

let files: Map<string, Uint8Array>;
let text: (name: string) => string;

beforeAll(async () => {
  files = await buildWeb();
  text = (name) => Buffer.from(files.get(name) ?? new Uint8Array()).toString("utf8");
});

/** Files that a script begins with. */
const imported = (script: string): string[] => [...script.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name]) => name as string);

describe("the built page", () => {
  it("is whole, and small enough for a phone on the road", () => {
    expect([...files.keys()]).toEqual(expect.arrayContaining(["index.html", "main.js", "style.css", "icon.svg", "avatars.png", "ui.png"]));
    const parts = [...text("index.html").matchAll(/modulepreload" href="([^"]+)"/g)].map(([, name]) => name as string);
    const names = ["index.html", "main.js", "style.css", ...parts];
    const bytes = names.reduce((sum, name) => sum + gzipSync(files.get(name) ?? "").length, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(PAGE_BYTES);
  });

  it("asks for the swarm only when there is one to join", () => {
    const beginning = ["main.js", ...imported(text("main.js"))];
    for (const name of beginning.slice(1)) expect(text("index.html")).toContain(`<link rel="modulepreload" href="${name}">`);
    const speaksOfSwarms = (name: string): boolean => text(name).includes("its asks do not rise");
    expect(beginning.filter(speaksOfSwarms)).toEqual([]);
    const later = [...text("main.js").matchAll(/import\("\.\/([^"]+)"\)/g)].map(([, name]) => name as string);
    expect(later.filter(speaksOfSwarms)).toHaveLength(1);
    for (const name of later) for (const part of imported(text(name))) expect(files.has(part), part).toBe(true);
  });

  it("leaves out every part of three that it means to", async () => {
    expect(await replacedParts()).toEqual([...REPLACED_PARTS].sort());
  });

  it("names every file it uses and asks nobody else for anything", () => {
    for (const [, name] of text("style.css").matchAll(/url\("?([^")]+)"?\)/g)) expect(files.has(name as string), name).toBe(true);
    for (const [, name] of text("index.html").matchAll(/(?:src|href)="([^"]+)"/g)) expect(files.has(name as string), name).toBe(true);
    expect(text("index.html") + text("style.css")).not.toMatch(/https?:\/\//);
    expect(text("index.html")).not.toMatch(/<style|style=|onclick=|<script(?![^>]*src=)/);
    expect(text("main.js")).not.toMatch(/\.innerHTML\s*=|\beval\(|new Function\(/);
  });

  it("cuts every sprite of the sheet to its size", () => {
    for (const [name, { width, height }] of Object.entries(UI)) {
      const png = Buffer.from(files.get(`ui-${name}.png`) ?? []);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)], name).toEqual([width, height]);
      const at = png.indexOf("IDAT");
      const length = png.readUInt32BE(at - 4);
      expect(inflateSync(png.subarray(at + 4, at + 4 + length)).length, name).toBe((width + 1) * height);
    }
  });

  it("refuses a sheet it would cut wrong", () => {
    expect(() => cutSprites(new Uint8Array(64), {})).toThrow("no indexed PNG");
  });
});
