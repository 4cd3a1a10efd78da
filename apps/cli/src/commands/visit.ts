// `sojourn visit`: a world as any of its copies has it, without its server: whose it is, how old, what is there; and walked in, in a browser.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { headJudge } from "@sojourn/passport";
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import {
  type FoundHead,
  type Heir,
  headName,
  openSuccession,
  openVersion,
  parseContentId,
  type Replica,
  worldOfHeadName,
} from "@sojourn/substrate";
import { buildWeb } from "@sojourn/web/build";
import { newestHead, openReplica } from "@sojourn/world";
import type { Command } from "commander";
import { spanWords } from "../ago.ts";
import { replicaSource, wholeNumber } from "../options.ts";
import { result, run, say } from "../output.ts";
import { webClient } from "../web.ts";

interface Options {
  readonly from: string;
  readonly serve?: number;
  readonly page?: string;
  readonly json?: boolean;
}

export function visitCommand(program: Command): void {
  program
    .command("visit")
    .argument("<world>", "the world's id: did:key:z6Mk…")
    .requiredOption(
      "--from <place>",
      "folder:/backup/tavern, s3:https://s3.example/bucket/prefix, ipfs:/ip4/192.0.2.7/tcp/4001/p2p/12D3…, or an http address",
      replicaSource,
    )
    .option("--serve <port>", "walk in it in a browser on this machine; 0 takes any free port", wholeNumber(0, 65_535))
    .option("--page <folder>", "put the browser client there: with a folder replica, any web server of files then shows the world")
    .option("--json", "print one JSON object")
    .description("look at a world from one of its copies, when its server is gone")
    .addHelpText(
      "after",
      `
The copy is believed for the world's own signature and for nothing else, and every block is checked against its name.
One looks and walks as a ghost: nothing can be done there, and how old it is is said all the while.

  sojourn visit did:key:z6Mk… --from folder:/backup/tavern
  sojourn visit did:key:z6Mk… --from https://neighbour.example --serve 8080
  sojourn visit did:key:z6Mk… --from folder:/srv/tavern --page /srv/tavern
                                           then http://…/?visit=did:key:z6Mk… from any web server on /srv/tavern`,
    )
    .action((world: string, options: Options) => run(options.json === true, () => visit(world, options)));
}

async function visit(world: string, options: Options): Promise<void> {
  if (headName(world) === undefined)
    throw new FaultError(fault("malformed", "client", `"${world}" is no world's id: it begins with did:key:z6Mk`));
  const replica = valueOf(await openReplica({ replica: options.from }, false));
  try {
    const found = valueOf(await newestHead(replica, world));
    const facts = await factsOf(found, replica);
    if (options.page !== undefined) await writePage(options.page);
    if (options.serve === undefined) return result(options.json === true, facts, sheetOf(facts));
    await serve(world, replica, options.serve, (url) =>
      result(options.json === true, { ...facts, url }, `${sheetOf(facts)}\n\nwalk in it: ${url}`),
    );
  } finally {
    await replica.close();
  }
}

interface Facts {
  readonly world: string;
  readonly name: string | null;
  readonly root: string | null;
  readonly ageMs: number;
  readonly worldMs: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly journalSeq: number;
  readonly isPastTime: boolean;
  readonly fork: string | null;
  /** Who goes on with it by right, under which statement, since when and where; null: the world itself. */
  readonly resumed: { readonly by: string; readonly statement: number; readonly sinceMs: number; readonly at: string | null } | null;
  /** Whom the newest statement that lies there names. */
  readonly heirs: readonly Heir[];
  readonly ipns: string;
  readonly chunks: number;
  readonly objects: number;
}

/** Reads the version whole: that it is all there and right is what was asked. */
async function factsOf({ world, head, heartbeat, ageMs, isPastTime, fork, resumption }: FoundHead, { blocks }: Replica): Promise<Facts> {
  const { version: root, timeMs: worldMs, epoch, journalSeq } = heartbeat;
  const view = root === null ? undefined : valueOf(await openVersion(root, blocks));
  if (view !== undefined) valueOf(await view.loadAll());
  const chunks = [...(view?.loadedChunks() ?? [])];
  return {
    ...{ world, name: view?.version.name ?? null, root, ageMs, worldMs, epoch, sequence: head.sequence, journalSeq, isPastTime },
    resumed:
      resumption === undefined
        ? null
        : {
            ...{ by: resumption.heir.world, statement: resumption.statement.version, sinceMs: resumption.sinceMs },
            at: head.at ?? null,
          },
    heirs: statedIn(world, head.succession),
    ...{ fork: fork ?? null, ipns: `ipns://${headName(world)}`, chunks: chunks.length },
    objects: chunks.reduce((sum, chunk) => sum + chunk.objects.length, 0),
  };
}

function statedIn(world: string, statement: Uint8Array | undefined): readonly Heir[] {
  const opened = statement === undefined ? undefined : openSuccession(world, statement, headJudge());
  return opened?.ok === true ? opened.value.heirs : [];
}

function signedBy({ name, fork, resumed }: Facts): string {
  if (fork !== null) return `NOT THE WORLD, a copy: ${fork}`;
  const called = name ?? "a world without a public part";
  if (resumed === null) return `${called}: signed by the world itself`;
  const where = resumed.at === null ? "" : `\n  entered at     ${resumed.at}`;
  return `${called}: resumed by ${resumed.by}\n  under          statement ${resumed.statement} of the world's own key, since ${new Date(resumed.sinceMs).toISOString()}${where}`;
}

function sheetOf(facts: Facts): string {
  const lines = [
    signedBy(facts),
    `  as it was      ${spanWords(facts.ageMs)} ago (${new Date(facts.worldMs).toISOString()})${facts.isPastTime ? ", past the time its head is good for" : ""}`,
    `  version        ${facts.root ?? "none: its archive policy keeps it to itself"}`,
    `  what is there  ${facts.chunks} chunks, ${facts.objects} objects, all read and checked`,
    `  head           number ${facts.sequence % 2 ** 32} of epoch ${facts.epoch}, journal up to record ${facts.journalSeq}`,
    `  in IPFS        ${facts.ipns}`,
    `  heirs          ${facts.heirs.length === 0 ? "none named" : facts.heirs.map(({ world, afterMs }) => `${world} after ${spanWords(afterMs)}`).join(", ")}`,
  ];
  return lines.join("\n");
}

/** The browser client as files, beside `ipfs/` and `ipns/`. */
async function writePage(folder: string): Promise<void> {
  await mkdir(resolve(folder), { recursive: true });
  for (const [name, bytes] of await buildWeb({ minify: true })) await writeFile(join(resolve(folder), name), bytes);
}

/** A door on loopback to the copy: its blocks, its head and the page; until Ctrl-C. */
async function serve(world: string, replica: Replica, port: number, opened: (url: string) => void): Promise<void> {
  const web = await webClient(() => []);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://here").pathname;
    const give = async (): Promise<void> => {
      const bytes = await bytesAt(path, replica);
      if (bytes !== undefined)
        response.writeHead(200, { "content-type": "application/octet-stream", "x-content-type-options": "nosniff" }).end(bytes);
      else if (!web(request, response)) response.writeHead(404).end();
    };
    give().catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  opened(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?visit=${world}`);
  say("Ctrl-C ends it.");
  await Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
  server.closeAllConnections();
  server.close();
}

async function bytesAt(path: string, { blocks, heads }: Replica): Promise<Uint8Array | undefined> {
  const [, kind, name = ""] = path.split("/");
  if (kind === "ipfs" && parseContentId(name).ok) {
    const block = await blocks.get(name);
    return block.ok ? block.value : undefined;
  }
  const world = kind === "ipns" ? worldOfHeadName(name) : undefined;
  const head = world === undefined ? undefined : await heads.read(world);
  return head?.ok === true ? head.value : undefined;
}
