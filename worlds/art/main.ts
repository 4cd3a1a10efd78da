// Draws everything that ships: `node worlds/art/main.ts` writes tilesets, maps and avatars where they belong.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { artFiles } from "./files.ts";

const ROOT = new URL("../../", import.meta.url);

for (const [path, bytes] of artFiles()) {
  const url = new URL(path, ROOT);
  mkdirSync(dirname(url.pathname), { recursive: true });
  writeFileSync(url, bytes);
  console.log(`${path}  ${bytes.length} bytes`);
}
