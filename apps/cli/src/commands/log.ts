// `sojourn log`: the versions of a world, newest first.
import { valueOf } from "@sojourn/protocol";
import { readLog } from "@sojourn/substrate";
import type { Command } from "commander";
import { wholeNumber } from "../options.ts";
import { result, run } from "../output.ts";
import { byteWords } from "../progress.ts";
import { SOURCES, sourceAt, versionMeant } from "../source.ts";

export function logCommand(program: Command): void {
  program
    .command("log")
    .argument("<where>", SOURCES)
    .option("--root <cid>", "begin with this version (default: the present one)")
    .option("-n, --count <n>", "at most so many versions", wholeNumber(1, 65_536), 100)
    .option("--json", "print one JSON object")
    .description("list the versions of a world, newest first")
    .addHelpText(
      "after",
      `
Every heartbeat that found something built, and every rollback, made a version; each names the one before it.

  sojourn log .sojourn/tavern
  sojourn log http://127.0.0.1:7801 -n 5`,
    )
    .action((where: string, options: { root?: string; count: number; json?: boolean }) =>
      run(options.json === true, async () => {
        const source = valueOf(await sourceAt(where));
        const { versions, more } = valueOf(await readLog(valueOf(versionMeant(source, options.root)), source.store, options.count));
        const lines = versions.map(
          ({ root, tick, timeMs, blocks, bytes, name }) =>
            `${root}\n  ${timeMs === 0 ? `${name}, from its map` : `${new Date(timeMs).toISOString()}  tick ${tick}`}  ${blocks} blocks, ${byteWords(bytes)}`,
        );
        if (more !== null) lines.push(`… ${more} and older ${versions.length === options.count ? "(-n shows more)" : "are not here"}`);
        result(options.json === true, { versions, more }, lines.join("\n"));
      }),
    );
}
