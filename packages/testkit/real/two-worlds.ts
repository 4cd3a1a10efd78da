// Two small real worlds, each a process of its own that can be killed and started again: a field with a portal, `near` and `far`.
// Run directly it is one of them: node two-worlds.ts <near|far> <data folder> <port> <peers as JSON>. One JSON line says it is open.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defineWorld, openWorld, type PeerEntry } from "@sojourn/world";

export type Side = "near" | "far";

const WIDTH = 24;
const HEIGHT = 12;

/** A field with a wall across most of it, a place to begin and, to the right, a portal to a peer of this name. */
export function fieldMap(other: string): unknown {
  const zone = (id: number, name: string, kind: string, x: number, y: number, w: number, h: number): unknown => ({
    id,
    name,
    type: kind,
    x: x * 16,
    y: y * 16,
    width: w * 16,
    height: h * 16,
    rotation: 0,
    visible: true,
  });
  const objects = [
    zone(1, "start", "spawn", 4.5, 6.5, 0, 0),
    { ...(zone(2, "gate", "portal", 18, 5, 2, 3) as object), properties: [{ name: "to", type: "string", value: other }] },
    zone(3, "wall", "solid", 10, 0, 1, 5),
  ];
  return {
    type: "map",
    version: "1.10",
    tiledversion: "1.11.0",
    orientation: "orthogonal",
    renderorder: "right-down",
    infinite: false,
    width: WIDTH,
    height: HEIGHT,
    tilewidth: 16,
    tileheight: 16,
    nextlayerid: 2,
    nextobjectid: 9,
    tilesets: [],
    layers: [{ id: 1, name: "places", type: "objectgroup", draworder: "topdown", opacity: 1, visible: true, x: 0, y: 0, objects }],
  };
}

async function serve(side: Side, folder: string, port: number, peers: readonly PeerEntry[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const map = join(folder, "field.tmj");
  await writeFile(map, JSON.stringify(fieldMap(side === "near" ? "far" : "near")));
  const definition = defineWorld({
    name: side === "near" ? "Near Field" : "Far Field",
    map,
    items: {
      torch: { title: "Torch", sprite: "torch" },
      ale: { title: "Ale", sprite: "ale" },
      crate: { title: "Crate", sprite: "crate", place: true },
    },
    kit: side === "near" ? ["torch", "ale", "crate"] : [],
    customs: { near: { allow: ["torch", "crate"] }, far: { allow: ["*"] } },
  });
  const world = await openWorld(definition, { dataFolder: folder, port, peers, heartbeatMinutes: 0.05 });
  process.stdout.write(`${JSON.stringify({ id: world.id, url: world.url, port: world.port })}\n`);
  process.on("message", (peer: PeerEntry) => void world.addPeer(peer).then(() => process.send?.("added")));
  process.once("SIGTERM", () => void world.close().then(() => process.exit(0)));
}

export interface WorldProcess {
  readonly side: Side;
  readonly id: string;
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** kill -9, and gone when it resolves. */
  kill(): Promise<void>;
  /** The same world again, on the same port. */
  restart(): Promise<WorldProcess>;
}

/** A world as its own process, ready when it resolves. */
export async function startWorld(side: Side, folder: string, port = 0): Promise<WorldProcess> {
  const args = [fileURLToPath(import.meta.url), side, join(folder, side), String(port)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const opened = await firstLine(child);
  const { id, url, port: open } = JSON.parse(opened) as { readonly id: string; readonly url: string; readonly port: number };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  return { side, id, url, port: open, child, kill, restart: () => startWorld(side, folder, open) };
}

/** Both worlds, each pinned by the other, in a folder of their own that goes with them. */
export async function startBoth(): Promise<{ near: WorldProcess; far: WorldProcess; folder: string; end(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-client-"));
  const both = { near: await startWorld("near", folder), far: await startWorld("far", folder), folder };
  await pin(both.near, both.far);
  await pin(both.far, both.near);
  const end = async (): Promise<void> => {
    await both.near.kill();
    await both.far.kill();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...both, end };
}

async function pin(world: WorldProcess, { id, url, side }: WorldProcess): Promise<void> {
  const added = new Promise((resolve) => world.child.once("message", resolve));
  const peer: PeerEntry = { world: id, name: side, url };
  world.child.send(peer);
  await added;
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (data: Buffer) => {
      text += data.toString();
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.once("exit", (code) => reject(new Error(`the world ended with ${code} before it was open`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , side, folder, port] = process.argv;
  await serve(side as Side, folder as string, Number(port), []);
}
