// `sojourn heirs`: who may go on with a world when it has been silent for long. A running world notices within a second, and its next heads say so.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { generateKeys } from "@sojourn/passport";
import { FaultError, fault } from "@sojourn/protocol";
import { type HeirsChange, nameHeir, readHeirs, readWorldId, type StatedHeirs, withdrawHeir } from "@sojourn/world";
import type { Command } from "commander";
import { heirRows } from "../heir-words.ts";
import { httpUrl, span, wholeNumber } from "../options.ts";
import { result, run } from "../output.ts";

interface Options {
  readonly data: string;
  readonly identity?: string;
  readonly after: number;
  readonly above?: number;
  readonly at?: string;
  readonly first?: boolean;
  readonly all?: boolean;
  readonly out?: string;
  readonly to: string;
  readonly json?: boolean;
}

export function heirsCommand(program: Command): void {
  const heirs = program
    .command("heirs")
    .description("name who may go on with a world when it has been silent for long")
    .addHelpText(
      "after",
      `
If you disappear, your world need not. Name others who may go on with it, in their order, each after a silence of your
choice. What you name is a key that the heir makes for this alone:

  sojourn heirs key --to tavern-heir.key                 the heir does this, keeps the file, and tells you the id
  sojourn heirs name did:key:z6Mk… --after 14d --data .sojourn/tavern [--at https://heir.example]
  sojourn heirs list --data .sojourn/tavern
  sojourn heirs withdraw did:key:z6Mk… --data .sojourn/tavern

The statement is signed by your identity key (--identity FILE when it lies in a drawer: sojourn key --help) and goes
wherever your world's heads go: every replica, every neighbour, every visitor. So keep a replica that your heir can read.

What an heir gets is the land and what was built on it. Who is in your world and what they have stays sealed for your
identity key; the heir carries it along and cannot open it, so nobody and nothing is ever there twice. Whom you want to
go on with everything, give the identity key: that is sojourn restore.

A silence is counted from your last head, so let heirs wait for longer than your longest pause. When you come back after
one, your world tells you who goes on with it, and sojourn serve --take-back makes it yours again. Naming an heir is
trust: withdraw in time whom you do not trust any more.`,
    );
  const folder = ["--data <folder>", "the data folder of your world"] as const;
  const identity = ["--identity <file>", "the identity key, where it is not in the data folder"] as const;
  const above = ["--above <version>", "the statement's version must be above this one", wholeNumber(0, 0xffff_fffe)] as const;
  const out = ["--out <file>", "write the signed statement there, too, for an heir whose replica lacks it"] as const;
  const json = ["--json", "print one JSON object"] as const;
  heirs
    .command("name")
    .argument("<heir>", "the id of the heir's key: did:key:z6Mk…")
    .requiredOption(...folder)
    .requiredOption("--after <time>", "how long the world must have been silent: 14d, 36h, 90m, 30s", span)
    .option("--at <url>", "where one may ask whether this heir goes on with the world", httpUrl)
    .option("--first", "before all others who are named (default: after them, or where it was)")
    .option(...identity)
    .option(...above)
    .option(...out)
    .option(...json)
    .description("name an heir, or change what is said of one")
    .action((heir: string, options: Options) => run(options.json === true, () => name(heir, options)));
  heirs
    .command("withdraw")
    .argument("[heir]", "the id of the heir")
    .requiredOption(...folder)
    .option("--all", "withdraw everybody")
    .option(...identity)
    .option(...above)
    .option(...out)
    .option(...json)
    .description("take an heir out of the statement")
    .action((heir: string | undefined, options: Options) => run(options.json === true, () => withdraw(heir, options)));
  heirs
    .command("list")
    .requiredOption(...folder)
    .option(...out)
    .option(...json)
    .description("show who may go on with the world, and after how long a silence")
    .action((options: Options) => run(options.json === true, () => list(options)));
  heirs
    .command("key")
    .requiredOption("--to <file>", "where the key goes: a file that is not there yet")
    .option(...json)
    .description("make the key that a world can name as its heir")
    .action((options: Options) => run(options.json === true, () => makeKey(options)));
}

async function name(heir: string, options: Options): Promise<void> {
  const { after: afterMs, at, first } = options;
  const named = { world: heir, afterMs, ...(at === undefined ? {} : { at }) };
  await tell(await nameHeir(folderOf(options), named, first === true, changeOf(options)), options, "stated");
}

async function withdraw(heir: string | undefined, options: Options): Promise<void> {
  const who = options.all === true ? "all" : heir;
  if (who === undefined) throw new FaultError(fault("malformed", "client", "say whom to withdraw, or --all"));
  await tell(await withdrawHeir(folderOf(options), who, changeOf(options)), options, "stated");
}

async function list(options: Options): Promise<void> {
  const folder = folderOf(options);
  const world = await readWorldId(folder);
  if (world === undefined) throw new FaultError(fault("no-such-target", "client", `no world has opened in ${folder} yet`));
  const heirs = await readHeirs(folder, world);
  if (heirs !== undefined) return await tell(heirs, options, "");
  result(
    options.json === true,
    { world, version: 0, heirs: [] },
    `${world} names nobody: when it falls silent it can be visited, and nobody may go on with it`,
  );
}

async function makeKey({ to, json }: Options): Promise<void> {
  const keys = await generateKeys();
  const file = resolve(to);
  await writeFile(file, `${Buffer.from(keys.secret).toString("hex")}\n`, { mode: 0o600, flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new FaultError(
        fault("refused", "client", error.code === "EEXIST" ? `there is a file ${to} already` : `${to}: ${error.message}`),
      );
    },
  );
  const words = `${keys.id}\n  is the key in ${file}. Tell the world's operator this id, and keep the file: with it you go on with the world\n  (sojourn resume). Open no other world with it.`;
  result(json === true, { id: keys.id, file }, words);
}

async function tell({ bytes, succession }: StatedHeirs, { out, json }: Options, done: string): Promise<void> {
  if (out !== undefined) await writeFile(resolve(out), bytes);
  const { world, version, heirs, timeMs } = succession;
  const rows = [`${world}, statement ${version} of ${new Date(timeMs).toISOString()}`, ...heirRows(succession)];
  const next = done === "" ? [] : ["", "An open world takes it over within a second, and every replica has it with the next heartbeat."];
  result(json === true, { world, version, heirs }, [...rows, ...next].join("\n"));
}

function folderOf({ data }: Options): string {
  const folder = resolve(data);
  if (existsSync(folder)) return folder;
  throw new FaultError(
    fault("malformed", "client", `there is no data folder ${folder}; sojourn serve makes it when the world first opens`),
  );
}

function changeOf({ identity, above }: Options): HeirsChange {
  return { ...(identity === undefined ? {} : { identityFile: resolve(identity) }), ...(above === undefined ? {} : { after: above }) };
}

/** A signed statement that `--out` wrote. */
export async function readStatementFile(file: string): Promise<Uint8Array> {
  return new Uint8Array(
    await readFile(resolve(file)).catch((error: Error) => {
      throw new FaultError(fault("no-such-target", "client", `the statement cannot be read: ${error.message}`));
    }),
  );
}
