// `sojourn audit`: reads worlds' stores from outside and counts whether anybody or anything is lost or in two places.
import { audit } from "@sojourn/world";
import type { Command } from "commander";
import { result, run } from "../output.ts";

export function auditCommand(program: Command): void {
  program
    .command("audit")
    .argument("<folders...>", "the data folders of worlds that travellers went between")
    .option("--json", "print one JSON object")
    .description("count travellers and items over several worlds' stores")
    .addHelpText(
      "after",
      `
Reads the journals only; the worlds may be running. A traveller or an item is right when exactly one world holds it:
live there, or in escrow for a crossing that is not decided yet. Exit code 1 when anything is lost or doubled.

  sojourn audit .sojourn/tavern .sojourn/dungeon`,
    )
    .action((folders: string[], options: { json?: boolean }) =>
      run(options.json === true, async () => {
        const counts = await audit(folders);
        result(
          options.json === true,
          counts,
          Object.entries(counts)
            .map(([name, value]) => `${name.padEnd(22)}${JSON.stringify(value)}`)
            .join("\n"),
        );
        if (counts.travellersLost + counts.travellersDuplicated + counts.itemsLost + counts.itemsDuplicated > 0) process.exitCode = 1;
      }),
    );
}
