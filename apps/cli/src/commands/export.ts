// `sojourn export`: one version with all its blocks as a CAR file, which every IPFS tool can read.
import { open, rename, rm } from "node:fs/promises";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import { carHeader, carSection, openVersion, walkVersion } from "@sojourn/substrate";
import type { Command } from "commander";
import type { CardFacts } from "../card.ts";
import { result, run } from "../output.ts";
import { byteWords, progress } from "../progress.ts";
import { SOURCES, sourceAt, versionMeant } from "../source.ts";

/** Of a world that is asked by its address the policy is obeyed; whoever has the data folder is its operator. */
function mayBeKept({ name, archive }: CardFacts): void {
  if (archive === "builds" || archive === "all") return;
  const what = archive === "none" ? "lets nobody keep any of it" : "lets others keep its map alone, and not what was built in it";
  throw new FaultError(fault("not-allowed", "client", `${name} ${what}; its operator can export it from its data folder`));
}

export function exportCommand(program: Command): void {
  program
    .command("export")
    .argument("<where>", SOURCES)
    .requiredOption("--out <file>", "the file to write, such as castle.car")
    .option("--root <cid>", "the version to export (default: the present one)")
    .option("--json", "print one JSON object")
    .description("write one version of a world into a file (CAR) that outlives it")
    .addHelpText(
      "after",
      `
What a running world lets nobody keep (its manifest's archive policy is none or terrain) its operator alone exports, from the data folder.
The file holds every block of the version, each checked, and nothing of older versions or of travellers.
sojourn import, sojourn inspect and any IPFS tool (ipfs dag import) read it.

  sojourn export .sojourn/tavern --out tavern.car
  sojourn export http://127.0.0.1:7801 --out tavern.car`,
    )
    .action((where: string, options: { out: string; root?: string; json?: boolean }) =>
      run(options.json === true, async () => {
        const source = valueOf(await sourceAt(where));
        if (source.card !== undefined) mayBeKept(source.card);
        const root = valueOf(versionMeant(source, options.root));
        const { version } = valueOf(await openVersion(root, source.store));
        const shown = progress(options.json === true);
        const aside = `${options.out}.part`;
        const file = await open(aside, "w");
        let blocks = 0;
        let bytes = 0;
        try {
          await file.write(carHeader([root]));
          for await (const block of walkVersion(root, source.store)) {
            if (!block.ok) throw new FaultError(block.fault);
            await file.write(carSection(block.value));
            blocks += 1;
            bytes += block.value.bytes.length;
            shown.at(bytes / version.bytes, `${blocks} of ${version.blocks} blocks, ${byteWords(bytes)}`);
          }
          await file.sync();
          await file.close();
          await rename(aside, options.out);
        } catch (problem) {
          await file.close().catch(() => {});
          await rm(aside, { force: true });
          throw problem;
        } finally {
          shown.done();
        }
        result(
          options.json === true,
          { root, file: options.out, blocks, bytes },
          `${root}\n  ${blocks} blocks, ${byteWords(bytes)}, in ${options.out}`,
        );
      }),
    );
}
