// `sojourn peer`: the worlds that a world lets travellers come from and sends them to. Closed by default; the operator names each one.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import { keepPeers, pinPeer, readPeers, readWorldId } from "@sojourn/world";
import type { Command } from "commander";
import { askCard } from "../card.ts";
import { result, run } from "../output.ts";
import { peerName } from "../pins.ts";

interface PeerOptions {
  readonly data: string;
  readonly as?: string;
  readonly json?: boolean;
}

export function peerCommand(program: Command): void {
  const peer = program
    .command("peer")
    .description("name the worlds that travellers may come from and go to")
    .addHelpText(
      "after",
      `
A world admits nobody from a world that its operator has not named. Naming asks the other world for its signed card
and pins its key: whoever runs that address later with another key is a stranger. Both operators have to do it.
A running world notices within a second.

  sojourn peer add https://dungeon.example --data .sojourn/tavern
  sojourn peer list --data .sojourn/tavern`,
    );
  const folder = ["--data <folder>", "the data folder of your world"] as const;
  peer
    .command("add")
    .argument("<url>", "the other world's address")
    .requiredOption(...folder)
    .option("--as <name>", "what portals and customs of your world call it (default: from its name)")
    .option("--json", "print one JSON object")
    .description("pin a world by its address")
    .action((url: string, options: PeerOptions) => run(options.json === true, () => add(url, options)));
  peer
    .command("list")
    .requiredOption(...folder)
    .option("--json", "print one JSON object")
    .description("show the pinned worlds")
    .action((options: PeerOptions) => run(options.json === true, () => list(options)));
  peer
    .command("remove")
    .argument("<name>", "its name here, or its world id")
    .requiredOption(...folder)
    .option("--json", "print one JSON object")
    .description("unpin a world: no new crossings; those under way are still resolved")
    .action((name: string, options: PeerOptions) => run(options.json === true, () => remove(name, options)));
}

/** The folder must be there: pins in a mistyped one would be read by no world, and nobody would be told. */
function dataFolder(options: PeerOptions): string {
  const folder = resolve(options.data);
  if (existsSync(folder)) return folder;
  throw new FaultError(
    fault("malformed", "client", `there is no data folder ${folder}; sojourn serve makes it when the world first opens`),
  );
}

async function add(url: string, options: PeerOptions): Promise<void> {
  const folder = dataFolder(options);
  const card = valueOf(await askCard(url));
  const entry = { world: card.id, name: options.as ?? peerName(card.name), url: card.url };
  if (card.id === (await readWorldId(folder))) {
    throw new FaultError(fault("malformed", "client", `${card.url} is the world of this very folder; pin another world's address`));
  }
  const taken = (await readPeers(folder)).find((peer) => peer.name === entry.name && peer.world !== entry.world);
  if (taken !== undefined) {
    throw new FaultError(
      fault("refused", "client", `"${entry.name}" is already the name of ${taken.world} at ${taken.url}; choose another with --as`),
    );
  }
  await pinPeer(folder, entry);
  result(options.json === true, entry, `${entry.name} is pinned: ${card.name} at ${entry.url}\n  ${entry.world}`);
}

async function list(options: PeerOptions): Promise<void> {
  const peers = await readPeers(dataFolder(options));
  const text =
    peers.length === 0
      ? "no worlds are pinned: nobody arrives from elsewhere"
      : peers.map((p) => `${p.name.padEnd(16)}${p.url}\n  ${p.world}`).join("\n");
  result(options.json === true, { peers }, text);
}

async function remove(name: string, options: PeerOptions): Promise<void> {
  const folder = dataFolder(options);
  const peers = await readPeers(folder);
  const gone = peers.find((peer) => peer.name === name || peer.world === name);
  if (gone === undefined)
    throw new FaultError(fault("no-such-target", "client", `no pinned world is called "${name}" (sojourn peer list shows them)`));
  await keepPeers(
    folder,
    peers.filter((peer) => peer !== gone),
  );
  result(options.json === true, gone, `${gone.name} is no longer pinned`);
}
