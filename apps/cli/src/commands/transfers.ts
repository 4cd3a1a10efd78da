// `sojourn transfers`: every crossing from and to a world that is not over, and the operator's last resort for one that never ends.
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { clipText, FaultError, fault, LIMITS } from "@sojourn/protocol";
import { placeOrder, readTransfers, returnTransfer, type Transfers } from "@sojourn/world";
import type { Command } from "commander";
import { result, run, say } from "../output.ts";
import { transferSheet } from "../transfer-sheet.ts";

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

interface ReturnOptions extends Options {
  readonly now?: boolean;
  readonly yes?: boolean;
  readonly by?: string;
  readonly why?: string;
}

export function transfersCommand(program: Command): void {
  const transfers = program
    .command("transfers")
    .description("show who is between worlds, and what happens next")
    .option("--data <folder>", "the data folder of your world")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `
Reads the world's journal, whether the world runs or not. A crossing ends by the other world's signed answer and by nothing
else; your world asks for it by itself. When the other world is gone for good, you can take a traveller back:

  sojourn transfers --data .sojourn/tavern
  sojourn transfers return 12@did:key:z6Mk… --data .sojourn/tavern`,
    )
    .action((options: Options) => run(options.json === true, () => show(options)));
  transfers
    .command("give-up")
    .argument("<world>", "its id, as sojourn transfers shows it")
    .option("--data <folder>", "the data folder of your world, which must be running")
    .option("--by <name>", "who decides this (default: your name on this machine)")
    .option("--json", "print one JSON object")
    .description("wait no longer for a peer that does not tell your world what it has lost; a day after it was asked")
    .action((world: string, _own: ReturnOptions, command: Command) => {
      const options = command.optsWithGlobals<ReturnOptions>();
      return run(options.json === true, () => giveUp(world, options));
    });
  transfers
    .command("return")
    .argument("<transfer>", "its id, as sojourn transfers shows it")
    .option("--data <folder>", "the data folder of your world")
    .option("--now", "before the other world was silent for seven days: you know that it will not come back")
    .option("--yes", "do not ask")
    .option("--by <name>", "who decides this (default: your name on this machine)")
    .option("--why <reason>", "why, for the record")
    .option("--json", "print one JSON object")
    .description("take back who left for a world that never answers")
    .action((transfer: string, _own: ReturnOptions, command: Command) => {
      const options = command.optsWithGlobals<ReturnOptions>();
      return run(options.json === true, () => takeBack(transfer, options));
    });
}

function folderOf(options: Options): string {
  if (options.data === undefined) throw new FaultError(fault("malformed", "client", "say which world: --data FOLDER"));
  const folder = resolve(options.data);
  if (existsSync(folder)) return folder;
  throw new FaultError(fault("malformed", "client", `there is no data folder ${folder}`));
}

async function show(options: Options): Promise<void> {
  const transfers = await readTransfers(folderOf(options));
  result(options.json === true, transfers, transferSheet(transfers));
}

function warning({ name, to, things }: Transfers["open"][number]): string {
  const what = things.length === 0 ? "nothing" : things.join(", ");
  return `
  ${name} left for ${to} with ${what}, and ${to} has not said whether they arrived.
  If you take them back and ${to} had admitted them, they will be in two places, and so will their things. Nobody can undo that.
  If ${to} ever answers, its signed receipt is kept here and shown: it proves that it held them while it was silent.
  What you do now is written into the journal with your name, the reason, and all that was asked and heard.
`;
}

async function takeBack(transfer: string, options: ReturnOptions): Promise<void> {
  const dataFolder = folderOf(options);
  const { open } = await readTransfers(dataFolder);
  const going = open.find((one) => one.transfer === transfer);
  if (going === undefined)
    throw new FaultError(fault("no-such-target", "client", `no open crossing is called ${transfer}: sojourn transfers`));
  if (options.yes !== true) {
    say(warning(going));
    await confirm(transfer);
  }
  const by = clipText(options.by ?? userInfo().username, 64);
  const why = clipText(options.why ?? "", LIMITS.detailBytes);
  const done = await returnTransfer(dataFolder, { do: "return", transfer, by, why, early: options.now === true });
  if (!done.ok) throw new FaultError(explained(done.fault));
  const value = { transfer, traveller: going.traveller, name: going.name, by, why, carriedOutBy: done.value };
  const how = done.value === "running" ? "the running world has written it down" : "it is written down; the world knows when it opens";
  result(options.json === true, value, `${going.name} is taken back: ${how}`);
}

async function giveUp(world: string, options: ReturnOptions): Promise<void> {
  const by = clipText(options.by ?? userInfo().username, 64);
  const answer = await placeOrder(folderOf(options), { do: "give-up", world, by });
  if (answer === undefined) throw new FaultError(fault("too-slow", "world", "No running world took the order. Start it, and try again."));
  if (answer.fault !== undefined) throw new FaultError(answer.fault);
  result(options.json === true, { world, by }, `${world} is not waited for; things that it may have do not leave this world any more`);
}

function explained(why: FaultError["fault"]): FaultError["fault"] {
  if (why.code !== "not-allowed" || !why.detail.includes("seven days")) return why;
  return { ...why, detail: `${why.detail} If you know that it will never come back, say so with --now.` };
}

async function confirm(transfer: string): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw new FaultError(fault("not-allowed", "client", "this cannot be undone: say --yes, or answer at a terminal"));
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await asking.question(`Type ${transfer} to go on: `);
  asking.close();
  if (typed.trim() !== transfer) throw new FaultError(fault("cancelled", "client", "nothing was done"));
}
