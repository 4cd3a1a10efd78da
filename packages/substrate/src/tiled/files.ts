// The files of one map: the map itself, its tilesets and pictures. A reference is a relative path beside the file that names
// it; absolute paths and addresses are refused, so that a map means the same on every machine and reads nothing odd.
import { open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { LIMITS } from "../limits.ts";
import type { Tree } from "./item.ts";
import { badMap, MapProblem } from "./problem.ts";
import { treeFromXml } from "./xml.ts";

export class MapFiles {
  #opened = 0;
  readonly #onFile: (path: string) => void;

  /** `onFile` hears of every file before it is opened. */
  constructor(onFile: (path: string) => void = () => {}) {
    this.#onFile = onFile;
  }

  /** A map, tileset or template, in either of Tiled's formats. `shown` is its name for people. */
  async tree(path: string, shown: string): Promise<Tree> {
    return treeFromBytes(await this.bytes(path, shown, LIMITS.mapFileBytes), shown);
  }

  async bytes(path: string, shown: string, limit: number): Promise<Uint8Array> {
    this.#onFile(path);
    if (++this.#opened > LIMITS.mapFiles) badMap(shown, `the map names more than ${LIMITS.mapFiles} files`);
    try {
      const file = await open(path, "r");
      try {
        const found = await file.stat();
        if (!found.isFile()) badMap(shown, "it is no regular file");
        if (found.size > limit) badMap(shown, `it has ${found.size} bytes; ${limit} are allowed`);
        return new Uint8Array(await file.readFile());
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof MapProblem) throw error;
      const code = (error as NodeJS.ErrnoException).code;
      return badMap(
        shown,
        code === "ENOENT" ? "there is no such file; put it where the map says, or correct the map" : `it cannot be read (${code})`,
      );
    }
  }
}

/** A map, tileset or template from its bytes, in either of Tiled's formats. Throws a {@link MapProblem} when it is none. */
export function treeFromBytes(bytes: Uint8Array, shown: string): Tree {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return badMap(shown, "it is not text in UTF-8; save it as .tmx, .tmj, .tsx or .tsj in Tiled");
  }
  const start = text.trimStart()[0];
  if (start === "<") return treeFromXml(text, shown);
  if (start === "{") return treeFromJson(text, shown);
  return badMap(shown, "it is neither XML nor JSON of Tiled; save it as .tmx or .tmj");
}

/** The path of a file that `from` names as `reference`. */
export function pathBeside(from: string, reference: string, where: string): string {
  if (reference === "" || reference.includes("\0")) badMap(where, "it names a file without a name");
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference) || /^[/\\]/.test(reference)) {
    badMap(where, `it names "${reference.slice(0, 100)}"; only paths relative to the map are read: put the file beside the map`);
  }
  if (reference.includes("\\")) badMap(where, `it names "${reference.slice(0, 100)}" with backslashes; open it in Tiled and save it again`);
  return resolve(dirname(from), reference);
}

export function shownName(path: string): string {
  return basename(path);
}

function treeFromJson(text: string, shown: string): Tree {
  let tree: unknown;
  try {
    tree = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return badMap(shown, `it is no well-formed JSON (${(error as Error).message}); open it in Tiled and save it again`);
  }
  const type =
    (tree as Tree).type ?? ("layers" in (tree as Tree) ? "map" : "tiles" in (tree as Tree) || "image" in (tree as Tree) ? "tileset" : "");
  const isKnown = type === "map" || type === "tileset" || type === "template";
  return isKnown ? { ...(tree as Tree), type } : badMap(shown, "it is neither a map nor a tileset nor a template of Tiled");
}
