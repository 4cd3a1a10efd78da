// `sojourn pack FILE`: a Tiled map becomes content-addressed blocks with one root, the same on every run and machine.
import { valueOf } from "@sojourn/protocol";
import { directoryStore, packTiled } from "@sojourn/substrate/node";
import type { Command } from "commander";
import { result, run, say } from "../output.ts";

export function packCommand(program: Command): void {
  program
    .command("pack")
    .argument("<file>", "a Tiled map: .tmx, .tmj or .json, with its tilesets beside it")
    .option("--out <folder>", "write the blocks into this folder, one file a block")
    .option("--name <name>", "the world's name inside the substrate (default: the file's name)")
    .option("--json", "print one JSON object: root, blocks, bytes, name, width, height")
    .description("turn a Tiled map into a content-addressed substrate")
    .addHelpText(
      "after",
      `
The root is the map's content address: whoever has it can fetch the world from anybody and check every byte.
Packing the same map again, here or on another machine, gives the same root.

  sojourn pack castle.tmx                     look at the root and the size
  sojourn pack castle.tmx --out ./blocks      keep the blocks
  sojourn serve --map castle.tmx              pack it and play in it`,
    )
    .action((file: string, options: { out?: string; name?: string; json?: boolean }) =>
      run(options.json === true, async () => {
        const packed = valueOf(await packTiled(file, options.name === undefined ? {} : { name: options.name }));
        if (options.out !== undefined) {
          const store = directoryStore(options.out);
          for (const block of packed.blocks) valueOf(await store.put(block));
          say(`${packed.blocks.length} blocks are in ${options.out}`);
        }
        const { name, width, height } = packed.version;
        result(
          options.json === true,
          { root: packed.root, blocks: packed.blocks.length, bytes: packed.bytes, name, width, height },
          `${packed.root}\n  ${name}: ${width} × ${height} tiles, ${packed.blocks.length} blocks, ${packed.bytes.toLocaleString("en")} bytes`,
        );
      }),
    );
}
