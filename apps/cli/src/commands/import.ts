// `sojourn import`: the blocks of a CAR file into a folder, each verified; then the version is walked, so that "imported" means whole.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import { openCar, openVersion, walkVersion } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import type { Command } from "commander";
import { result, run } from "../output.ts";
import { byteWords, progress } from "../progress.ts";

export function importCommand(program: Command): void {
  program
    .command("import")
    .argument("<file>", "a CAR file, from sojourn export or any IPFS tool")
    .requiredOption("--out <folder>", "the folder of blocks to put them into")
    .option("--json", "print one JSON object")
    .description("put the blocks of a file (CAR) into a folder, each verified")
    .addHelpText(
      "after",
      `
A block that does not hash to its name is refused, and a file from which one is missing is no version.
What was put into the folder before a fault stays there: every block in it is right.

  sojourn import tavern.car --out ./blocks
  sojourn inspect ./blocks --root bafy…`,
    )
    .action((path: string, options: { out: string; json?: boolean }) =>
      run(options.json === true, async () => {
        const size = (await stat(path)).size;
        const car = valueOf(await openCar(createReadStream(path)));
        const store = directoryStore(options.out);
        const shown = progress(options.json === true);
        let blocks = 0;
        let bytes = 0;
        for await (const block of car.blocks()) {
          const { cid, bytes: own } = valueOf(block);
          valueOf(await store.put({ cid, bytes: own }));
          blocks += 1;
          bytes += own.length;
          shown.at(bytes / size, `${blocks} blocks, ${byteWords(bytes)}`);
        }
        shown.done();
        const versions: string[] = [];
        for (const root of car.roots) {
          const view = await openVersion(root, store);
          if (!view.ok) throw new FaultError(fault(view.fault.code, "client", `${path} is no whole version: ${view.fault.detail}`));
          for await (const block of walkVersion(root, store)) valueOf(block);
          versions.push(root);
        }
        const text = versions.map((root) => `${root}\n  is whole in ${options.out}`).join("\n");
        result(options.json === true, { roots: versions, blocks, bytes }, `${text}\n  ${blocks} blocks, ${byteWords(bytes)}`);
      }),
    );
}
