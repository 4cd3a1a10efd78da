// `sojourn ban`: whom a world does not let in. A running world notices within a second.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { check, FaultError, fault, travellerIdSchema } from "@sojourn/protocol";
import { type Ban, keepBans, readBans } from "@sojourn/world";
import type { Command } from "commander";
import { result, run } from "../output.ts";

interface Options {
  readonly data: string;
  readonly why?: string;
  readonly json?: boolean;
}

export function banCommand(program: Command): void {
  const ban = program
    .command("ban")
    .description("name the travellers whom a world does not let in")
    .addHelpText(
      "after",
      `
WHO is a traveller's id, or a world's id for everybody who was born there (did:key:z6Mk…). Whoever is in the world is
told and put to rest; what they have there stays theirs, and crossings that are under way end as they would.

  sojourn ban add did:key:z6Mk… --why "You were warned." --data .sojourn/tavern`,
    );
  const folder = ["--data <folder>", "the data folder of your world"] as const;
  const json = ["--json", "print one JSON object"] as const;
  ban
    .command("add")
    .argument("<who>", "a traveller's id, or a world's")
    .requiredOption(...folder)
    .option("--why <sentence>", "what they are told")
    .option(...json)
    .description("let somebody in no more")
    .action((who: string, options: Options) => run(options.json === true, () => add(who, options)));
  ban
    .command("list")
    .requiredOption(...folder)
    .option(...json)
    .description("show who is banned")
    .action((options: Options) => run(options.json === true, () => list(options)));
  ban
    .command("remove")
    .argument("<who>", "as it was added")
    .requiredOption(...folder)
    .option(...json)
    .description("let them in again")
    .action((who: string, options: Options) => run(options.json === true, () => remove(who, options)));
}

function folderOf(options: Options): string {
  const folder = resolve(options.data);
  if (existsSync(folder)) return folder;
  throw new FaultError(fault("malformed", "client", `there is no data folder ${folder}`));
}

async function add(who: string, options: Options): Promise<void> {
  const folder = folderOf(options);
  if (!check(travellerIdSchema, who, "who").ok)
    throw new FaultError(fault("malformed", "client", `${who} is no id of a traveller or a world: did:key:z6Mk and 44 more characters`));
  const entry: Ban = { who, why: options.why ?? "", sinceMs: Date.now() };
  await keepBans(folder, [...(await readBans(folder)).filter((one) => one.who !== who), entry]);
  result(options.json === true, entry, `${who} is banned`);
}

async function list(options: Options): Promise<void> {
  const bans = await readBans(folderOf(options));
  const line = ({ who, why, sinceMs }: Ban): string => `${who}  since ${new Date(sinceMs).toISOString()}${why === "" ? "" : `: ${why}`}`;
  result(options.json === true, { bans }, bans.length === 0 ? "nobody is banned" : bans.map(line).join("\n"));
}

async function remove(who: string, options: Options): Promise<void> {
  const folder = folderOf(options);
  const bans = await readBans(folder);
  const gone = bans.find((one) => one.who === who);
  if (gone === undefined) throw new FaultError(fault("no-such-target", "client", `${who} is not banned (sojourn ban list shows who is)`));
  await keepBans(
    folder,
    bans.filter((one) => one !== gone),
  );
  result(options.json === true, gone, `${who} is let in again`);
}
