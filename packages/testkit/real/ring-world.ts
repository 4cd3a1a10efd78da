// A small real world in a ring of them, a process of its own: whoever is born in it is given a crown, whose register it keeps.
// Run directly: node ring-world.ts <name> <next one's name> <data folder> <port>. One JSON line says that it is open; peers come as messages.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defineWorld, openWorld, type PeerEntry } from "@sojourn/world";
import { fieldMap, firstLine } from "./two-worlds.ts";

async function serve(name: string, next: string, folder: string, port: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const map = join(folder, "field.tmj");
  await writeFile(map, JSON.stringify(fieldMap(next)));
  const definition = defineWorld({
    name,
    map,
    items: { crown: { title: "Crown", sprite: "torch" } },
    customs: { "*": { allow: ["*"] } },
    onEnter: (ctx) => {
      if (ctx.how === "born") ctx.traveller.give("crown", { weight: 7 }, { tier: "registered" });
    },
  });
  const world = await openWorld(definition, { dataFolder: folder, port });
  process.stdout.write(`${JSON.stringify({ id: world.id, url: world.url, port: world.port })}\n`);
  process.on("message", (peer: PeerEntry) => void world.addPeer(peer).then(() => process.send?.("added")));
}

export class RingWorld {
  readonly name: string;
  readonly dataFolder: string;
  readonly #next: string;
  #child: ChildProcess | undefined;
  #port = 0;
  id = "";
  url = "";

  constructor(name: string, next: string, dataFolder: string) {
    this.name = name;
    this.#next = next;
    this.dataFolder = dataFolder;
  }

  /** Opens the world, on the same port ever after. */
  async start(): Promise<void> {
    const args = [fileURLToPath(import.meta.url), this.name, this.#next, this.dataFolder, String(this.#port)];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    const opened = JSON.parse(await firstLine(this.#child)) as { readonly id: string; readonly url: string; readonly port: number };
    this.id = opened.id;
    this.url = opened.url;
    this.#port = opened.port;
  }

  /** kill -9, and gone when it resolves. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  async pin({ id: world, name, url }: RingWorld): Promise<void> {
    const added = new Promise((resolve) => this.#child?.once("message", resolve));
    this.#child?.send({ world, name, url } satisfies PeerEntry);
    await added;
  }
}

const [file, name = "", next = "", folder = "", port = "0"] = process.argv.slice(1);
if (file === fileURLToPath(import.meta.url)) await serve(name, next, folder, Number(port));
