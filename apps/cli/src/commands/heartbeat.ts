// `sojourn heartbeat`: a running world writes down what it is, now, and gives it to its replicas.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FaultError, fault } from "@sojourn/protocol";
import { placeOrder } from "@sojourn/world";
import type { Command } from "commander";
import { result, run } from "../output.ts";

export function heartbeatCommand(program: Command): void {
  program
    .command("heartbeat")
    .requiredOption("--data <folder>", "the data folder of your world, which is running")
    .option("--json", "print one JSON object")
    .description("make a heartbeat now, before the next one is due")
    .addHelpText(
      "after",
      `
What was built becomes a version, and every replica gets it with the sealed state; nobody who plays notices. A replica
that does not take it is named, and the command ends with exit code 1.

  sojourn heartbeat --data .sojourn/tavern`,
    )
    .action((options: { data: string; json?: boolean }) => run(options.json === true, () => heartbeat(options)));
}

async function heartbeat({ data, json }: { data: string; json?: boolean }): Promise<void> {
  const folder = resolve(data);
  if (!existsSync(folder)) throw new FaultError(fault("malformed", "client", `there is no data folder ${folder}`));
  const answer = await placeOrder(folder, { do: "heartbeat" });
  if (answer === undefined)
    throw new FaultError(fault("too-slow", "world", "No running world took the order, or it is not done yet. Start it, and try again."));
  if (answer.fault !== undefined) throw new FaultError(answer.fault);
  const { root, builds, replicas } = answer.beat ?? { root: "", builds: 0, replicas: [] };
  const lines = replicas.map(({ replica, fault: why }) => `  ${replica}: ${why === undefined ? "has it" : why.detail}`);
  result(json === true, { root, builds, replicas }, [`${root}\n  ${builds} new builds`, ...lines].join("\n"));
  if (replicas.some((one) => one.fault !== undefined)) process.exitCode = 1;
}
