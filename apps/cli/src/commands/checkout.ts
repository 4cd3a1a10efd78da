// `sojourn checkout`: a version of a world as a Tiled map again, to look at, to draw on, or to open a world of one's own with.
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import { type BlockStore, isSameContent, memoryStore, openVersion, readVersionRoot } from "@sojourn/substrate";
import { packTiled, unpackTiled } from "@sojourn/substrate/node";
import type { Command } from "commander";
import { result, run } from "../output.ts";
import { byteWords, progress } from "../progress.ts";
import { SOURCES, sourceAt, versionMeant } from "../source.ts";

interface CheckoutOptions {
  readonly to: string;
  readonly root?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** How the map is to the version, once it was packed again: one root, one scene and the same chunks, or less than that. */
type Sameness = "root" | "content" | "less";

export function checkoutCommand(program: Command): void {
  program
    .command("checkout")
    .argument("<where>", `${SOURCES}; which version, --root says`)
    .requiredOption("--to <folder>", "where to write the map; made when missing")
    .option("--root <cid>", "the version to write (default: the present one)")
    .option("--force", "write into a folder that has files in it; those of the same names are replaced")
    .option("--json", "print one JSON object: root, map, files, bytes, same, packed")
    .description("write a version of a world as a Tiled map again")
    .addHelpText(
      "after",
      `
The folder gets a map (.tmj), its tilesets (.tsj) and its pictures. What travellers built is in an object layer of its own, "placed",
with who built it. The map is packed again before the command ends, and you are told what came of it:
  same root      a first version, with the map's name as it was: it is that very version
  same content   a later version: one scene and the same chunks; what was before it and when is not in a map
Gone is what only the editor knew: groups, templates, terrains. Solid shapes are the rectangles that they became.

  sojourn checkout .sojourn/tavern --to my-tavern             as it is now, with everything built in it
  sojourn checkout tavern.car --to tavern                     from a file that outlived its world
  sojourn checkout http://127.0.0.1:7801 --to theirs          from a running world
  sojourn dev my-tavern/The-Tavern.tmj                        draw on, and walk about in it`,
    )
    .action((where: string, options: CheckoutOptions) => run(options.json === true, () => checkout(where, options)));
}

async function checkout(where: string, options: CheckoutOptions): Promise<void> {
  const folder = resolve(options.to);
  await refuseFull(folder, options.force === true);
  const source = valueOf(await sourceAt(where));
  const root = valueOf(versionMeant(source, options.root));
  const view = valueOf(await openVersion(root, source.store));
  const shown = progress(options.json === true);
  try {
    shown.at(undefined, `reading ${view.version.blocks} blocks`);
    const unpacked = valueOf(await unpackTiled(view));
    await mkdir(dirname(folder), { recursive: true });
    // Whole or not at all: written beside, looked at, and only then put in its place.
    const aside = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
    try {
      const files: string[] = [];
      let bytes = 0;
      for await (const file of unpacked.files()) {
        const { name, bytes: content } = valueOf(file);
        await writeFile(join(aside, name), content);
        files.push(name);
        bytes += content.length;
        shown.at(bytes / Math.max(bytes, view.version.bytes), `${files.length} files, ${byteWords(bytes)}`);
      }
      shown.at(undefined, "packing it again");
      const { same, packed, why } = await comparison(join(aside, unpacked.map), view.version.name, root, source.store);
      await mkdir(folder, { recursive: true });
      for (const name of files) await rename(join(aside, name), join(folder, name));
      shown.done();
      const map = join(options.to, unpacked.map);
      result(
        options.json === true,
        { root, map, files, bytes, name: view.version.name, same, packed },
        `${map}\n  ${files.length} files, ${byteWords(bytes)}, from ${root}\n  ${words(same, packed, why)}`,
      );
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } finally {
    shown.done();
  }
}

async function refuseFull(folder: string, isForced: boolean): Promise<void> {
  const there = await readdir(folder).catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === "ENOENT") return [];
    throw problem.code === "ENOTDIR" ? new FaultError(fault("refused", "client", `${folder} is a file`)) : problem;
  });
  if (there.length > 0 && !isForced)
    throw new FaultError(fault("refused", "client", `${folder} has files in it; name another folder, or write into it with --force`));
}

async function comparison(
  map: string,
  name: string,
  root: string,
  store: BlockStore,
): Promise<{ same: Sameness; packed: string | undefined; why: string }> {
  const packed = await packTiled(map, { name });
  if (!packed.ok) return { same: "less", packed: undefined, why: packed.fault.detail };
  const own = packed.value;
  if (own.root === root) return { same: "root", packed: own.root, why: "" };
  const before = valueOf(await readVersionRoot(root, store));
  const after = valueOf(await readVersionRoot(own.root, memoryStore("packed", own.blocks)));
  const isSame = isSameContent(before.root, after.root);
  return { same: isSame ? "content" : "less", packed: own.root, why: isSame ? "" : "the version was not made from a Tiled map" };
}

function words(same: Sameness, packed: string | undefined, why: string): string {
  switch (same) {
    case "root":
      return "packed again it is the same root";
    case "content":
      return `packed again it is the same scene and the same chunks, as a first version: ${packed}`;
    case "less":
      return `packed again it is not the same: ${why}`;
  }
}
