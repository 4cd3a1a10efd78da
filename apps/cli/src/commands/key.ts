// `sojourn key`: what signs for a world. A running world notices within a second, and its peers are told until each has answered.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FaultError, fault, type ListedKey } from "@sojourn/protocol";
import { detachIdentity, type KeyChange, readIdentity, readKeys, revokeKey, rotateKey, type WorldKeys } from "@sojourn/world";
import type { Command } from "commander";
import { wholeNumber } from "../options.ts";
import { result, run } from "../output.ts";

interface Options {
  readonly data: string;
  readonly identity?: string;
  readonly after?: number;
  readonly to?: string;
  readonly json?: boolean;
}

export function keyCommand(program: Command): void {
  const key = program
    .command("key")
    .description("change what signs for a world, and keep its identity key apart")
    .addHelpText(
      "after",
      `
A world is named by its identity key for ever. At first that key signs everything and lies in the data folder: whoever
copies the folder is the world, and nothing takes that back. So, before you let others in:

  sojourn key detach --data .sojourn/tavern --to /media/stick/tavern.key

Now another key signs, and the identity key lies where you keep it, needed for these commands only. Two copies of it,
none on this machine. If it is lost the world goes on, but its keys can never change again.

rotate   another key signs from now on. For every year or so, or when an operator leaves in peace. The old key counts
         until those who are on their way have arrived, then no more. Nobody notices.
revoke   the key may be in other hands. Nothing it signed counts where the revocation is known, whatever its date. Who
         is on their way comes back to where they left, with everything, and may set out again. Works against a thief
         of the data folder only if the identity key was not in it.
show     which key signs, which are retired or revoked, and where the identity key is.

  sojourn key rotate --data .sojourn/tavern --identity /media/stick/tavern.key
  sojourn key revoke --data .sojourn/tavern --identity /media/stick/tavern.key
  sojourn key revoke did:key:z6Mk… --data …      an older key, from a lost backup`,
    );
  const folder = ["--data <folder>", "the data folder of your world"] as const;
  const identity = ["--identity <file>", "the identity key, where it is not in the data folder"] as const;
  const after = ["--after <version>", "the statement's version must be above this one", wholeNumber(0, 0xffff_fffe)] as const;
  const json = ["--json", "print one JSON object"] as const;
  key
    .command("show")
    .requiredOption(...folder)
    .option(...json)
    .description("show what signs for the world")
    .action((options: Options) => run(options.json === true, () => show(options)));
  key
    .command("rotate")
    .requiredOption(...folder)
    .option(...identity)
    .option(...after)
    .option(...json)
    .description("let another key sign; the old one retires")
    .action((options: Options) => run(options.json === true, () => rotate(options)));
  key
    .command("revoke")
    .argument("[key]", "an older key (default: the one that signs now, which is replaced)")
    .requiredOption(...folder)
    .option(...identity)
    .option(...after)
    .option(...json)
    .description("take all trust from a key that others may have")
    .action((which: string | undefined, options: Options) => run(options.json === true, () => revoke(which, options)));
  key
    .command("detach")
    .requiredOption(...folder)
    .requiredOption("--to <file>", "where the identity key goes: a file that is not there yet, on another disk")
    .option(...json)
    .description("take the identity key out of the data folder")
    .action((options: Options) => run(options.json === true, () => detach(options)));
}

function folderOf(options: Options): string {
  const folder = resolve(options.data);
  if (existsSync(folder)) return folder;
  throw new FaultError(
    fault("malformed", "client", `there is no data folder ${folder}; sojourn serve makes it when the world first opens`),
  );
}

function changeOf({ identity, after }: Options): KeyChange {
  return { ...(identity === undefined ? {} : { identityFile: resolve(identity) }), ...(after === undefined ? {} : { after }) };
}

async function show(options: Options): Promise<void> {
  const folder = folderOf(options);
  const keys = await readKeys(folder);
  if (keys === undefined) throw new FaultError(fault("no-such-target", "client", `no world has opened in ${folder} yet`));
  await tell(folder, keys, options, "");
}

async function rotate(options: Options): Promise<void> {
  const folder = folderOf(options);
  await tell(folder, await rotateKey(folder, changeOf(options)), options, "another key signs from now on");
}

async function revoke(which: string | undefined, options: Options): Promise<void> {
  const folder = folderOf(options);
  const keys = await revokeKey(folder, which, changeOf(options));
  const isNear = (await readIdentity(folder)) !== undefined;
  const warning = isNear
    ? "\nThe identity key lies in the data folder: whoever copied the folder can undo this. Take it out: sojourn key detach"
    : "";
  await tell(folder, keys, options, `the key is revoked; open the world soon, so that its peers hear of it${warning}`);
}

async function detach(options: Options): Promise<void> {
  const folder = folderOf(options);
  const file = resolve(options.to ?? "");
  const keys = await detachIdentity(folder, file);
  await tell(
    folder,
    keys,
    options,
    `the identity key is in ${file}, and no longer in ${folder}; keep two copies of it, apart from this machine`,
  );
}

async function tell(folder: string, { world, notary, stated }: WorldKeys, options: Options, done: string): Promise<void> {
  const identity = (await readIdentity(folder)) === undefined ? "elsewhere" : "in the data folder";
  const version = stated?.statement.version ?? 0;
  const keys = stated?.statement.keys ?? [{ key: world }];
  const rows = [
    ["world", world],
    ["identity", identity],
    ["version", version === 0 ? "0: the identity key signs" : `${version}`],
    ...keys.map((one) => ["key", `${one.key}  ${standingOf(one, notary.kid)}`]),
  ];
  const sheet = rows.map(([name, value]) => `${name?.padEnd(10)}${value}`).join("\n");
  result(options.json === true, { world, identity, version, signs: notary.kid, keys }, done === "" ? sheet : `${done}\n${sheet}`);
}

function standingOf({ key, until, revoked }: ListedKey, signs: string): string {
  if (revoked === true) return "revoked";
  if (until !== undefined) return `retired, counts until ${new Date(until).toISOString()}`;
  return key === signs ? "signs" : "may sign";
}
