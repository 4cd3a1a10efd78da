// The `sojourn` command: run a world, join worlds together, look into a substrate, send bots. One file a subcommand in commands/.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { auditCommand } from "./commands/audit.ts";
import { banCommand } from "./commands/ban.ts";
import { botCommand } from "./commands/bot.ts";
import { checkoutCommand } from "./commands/checkout.ts";
import { demoCommand } from "./commands/demo.ts";
import { devCommand } from "./commands/dev.ts";
import { diffCommand } from "./commands/diff.ts";
import { exportCommand } from "./commands/export.ts";
import { heartbeatCommand } from "./commands/heartbeat.ts";
import { heirsCommand } from "./commands/heirs.ts";
import { importCommand } from "./commands/import.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { keyCommand } from "./commands/key.ts";
import { logCommand } from "./commands/log.ts";
import { packCommand } from "./commands/pack.ts";
import { peerCommand } from "./commands/peer.ts";
import { proofsCommand } from "./commands/proofs.ts";
import { restoreCommand } from "./commands/restore.ts";
import { resumeCommand } from "./commands/resume.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { serveCommand } from "./commands/serve.ts";
import { statusCommand } from "./commands/status.ts";
import { transfersCommand } from "./commands/transfers.ts";
import { visitCommand } from "./commands/visit.ts";
import { reportMisuse } from "./output.ts";

// npm runs a script in the repository's folder; a path that somebody types is meant from where they stand.
const { npm_lifecycle_event: script, INIT_CWD: standing } = process.env;
if (script === "sojourn" && standing !== undefined) process.chdir(standing);

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

const program = new Command("sojourn")
  .description("Persistent game worlds run by independent operators, and travellers who walk from one into another.")
  .version(version)
  .configureOutput({ outputError: reportMisuse })
  .showHelpAfterError("(sojourn --help teaches the commands, sojourn COMMAND --help one of them)")
  .addHelpText(
    "after",
    `
Begin here:
  sojourn demo                                 two worlds and a browser client: walk from the Tavern into the Dungeon
  sojourn serve --map my-map.tmx               play in your own Tiled map
  sojourn serve my-world.ts                    run a world written with defineWorld()
  sojourn dev my-map.tmx                       the same, while you draw: it follows every change of the map

Join with others (each operator names the worlds they let travellers come from):
  sojourn peer add https://their.world --data .sojourn/my-world

Look back, and keep a world beyond its server:
  sojourn log .sojourn/my-world                its versions; sojourn diff tells what changed
  sojourn export .sojourn/my-world --out my-world.car
  sojourn checkout .sojourn/my-world --to my-map   the same as a Tiled map, with what was built
  sojourn serve my-world.ts --replica folder:/backup/my-world
  sojourn restore --from folder:/backup/my-world --key world.key --data .sojourn/my-world
  sojourn visit did:key:z6Mk… --from folder:/backup/my-world   look at it without a server
  sojourn heirs --help                         who may go on with it when you are gone, and after how long a silence

Every command takes --json: the last line on stdout is then one JSON object. Faults end with exit code 1.`,
  );

const WORLDS = [demoCommand, serveCommand, devCommand, packCommand, inspectCommand];
const HISTORY = [logCommand, diffCommand, checkoutCommand, exportCommand, importCommand, rollbackCommand];
const BEYOND = [heartbeatCommand, statusCommand, restoreCommand, visitCommand, heirsCommand, resumeCommand];
const NEIGHBOURS = [peerCommand, keyCommand, banCommand, transfersCommand, proofsCommand, botCommand, auditCommand];
for (const add of [...WORLDS, ...HISTORY, ...BEYOND, ...NEIGHBOURS]) add(program);

await program.parseAsync();
