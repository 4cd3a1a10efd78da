// `sojourn rollback`: an older version of a world becomes its newest one.
import { resolve } from "node:path";
import { valueOf } from "@sojourn/protocol";
import { rollBackWorld } from "@sojourn/world";
import type { Command } from "commander";
import { result, run } from "../output.ts";

export function rollbackCommand(program: Command): void {
  program
    .command("rollback")
    .argument("<cid>", "the version to go back to, as sojourn log lists it")
    .requiredOption("--data <folder>", "the data folder of your world; the world must be closed")
    .option("--json", "print one JSON object")
    .description("make an older version of a world its newest one")
    .addHelpText(
      "after",
      `
Going back makes a new version with the older one's content: nothing is deleted, and going back to the version of before undoes it.
It concerns what is built. Travellers, and what they carry or dropped, stay as they are; an item that went into something built does not come back.

  sojourn log .sojourn/tavern
  sojourn rollback bafy… --data .sojourn/tavern`,
    )
    .action((cid: string, options: { data: string; json?: boolean }) =>
      run(options.json === true, async () => {
        const done = valueOf(await rollBackWorld(resolve(options.data), cid));
        const { root, parent, gone, back } = done;
        const text = `${root}\n  is the newest version, made from ${cid}\n  ${gone} things that were built are gone, ${back} are back; to undo this: sojourn rollback ${parent} --data ${options.data}`;
        result(options.json === true, done, text);
      }),
    );
}
