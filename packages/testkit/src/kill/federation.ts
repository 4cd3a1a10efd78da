// Real worlds and real travellers, each world a process with a folder, a key and a port of its own that it keeps over every death.
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PeerEntry } from "@sojourn/world";
import { Child } from "./child.ts";
import { WORLD_NAMES, type WorldName } from "./field.ts";

export const FEDERATION = {
  travellers: 8,
  /** Much longer than any takes: one that is only slow, on a machine with other work, has done nothing wrong. */
  openMs: 120_000,
  /** Below the ports that systems give out by themselves: nobody's outgoing link may take a dead world's port. */
  firstPort: 17_000,
  ports: 12_000,
  openTries: 5,
} as const;

export interface CrossingNews {
  readonly stage: string;
  readonly from: string;
  readonly to: string;
}

export interface FederationOptions {
  readonly seed: number;
  /** What one process compiled, the next one finds here. */
  readonly cacheFolder: string;
  /** How late the worlds' journals are durable; 0 as it must be. */
  readonly lateMs: number;
}

export class Federation {
  readonly folder: string;
  readonly worlds: Map<WorldName, Child> = new Map();
  travellers: Child | undefined;
  /** What no process may do: end by itself, or not open again. */
  readonly complaints: string[] = [];
  /** Visits that ended, by fault code: the program entered anew. */
  readonly endedVisits: { [code: string]: number } = {};
  /** Who was not live, or still crossing, when last asked. */
  restless = "nobody";
  onCrossing: ((news: CrossingNews) => void) | undefined;
  onFired: ((child: Child, point: string) => void) | undefined;
  readonly #ports = new Map<WorldName, number>();
  readonly #entries = new Map<WorldName, PeerEntry>();
  readonly #options: FederationOptions;
  #incarnation = 0;

  constructor(folder: string, options: FederationOptions) {
    this.folder = folder;
    this.#options = options;
  }

  get dataFolders(): string[] {
    return WORLD_NAMES.map((name) => join(this.folder, name, "data"));
  }

  get toldFile(): string {
    return join(this.folder, "travellers", "told.jsonl");
  }

  async start(): Promise<void> {
    await Promise.all(WORLD_NAMES.map((name) => this.startWorld(name)));
    for (const name of WORLD_NAMES) {
      const world = this.worlds.get(name);
      const pinned = world?.said("pinned", FEDERATION.openMs);
      world?.order({ do: "pin", peers: [...this.#entries.values()].filter((peer) => peer.name !== name) });
      if ((await pinned) === undefined) throw new Error(`${name} did not pin its peers`);
    }
    await this.startTravellers();
  }

  /** The world on its port and folder, open when it resolves; undefined when it was killed before that. */
  async startWorld(name: WorldName, killAfterMs?: number): Promise<Child | undefined> {
    for (let tries = 1; ; tries++) {
      const port = this.#ports.get(name) ?? (await freePort());
      const child = this.#watched(
        new Child(
          "./world-process.ts",
          name,
          [name, join(this.folder, name), String(port), String(this.#options.lateMs)],
          this.#options.cacheFolder,
        ),
      );
      this.worlds.set(name, child);
      const opened = child.said("open", FEDERATION.openMs);
      if (killAfterMs !== undefined) {
        await sleep(killAfterMs);
        await child.kill();
        return undefined;
      }
      const line = (await opened) as { readonly open: { readonly id: string; readonly url: string } } | undefined;
      if (line !== undefined) {
        this.#ports.set(name, port);
        this.#entries.set(name, { world: line.open.id, url: line.open.url, name });
        return child;
      }
      await child.kill();
      // Only the very first time another program may have been quicker to the port.
      if (this.#ports.has(name) || tries === FEDERATION.openTries) throw new Error(child.complaint ?? `${name} did not open again`);
      this.complaints.splice(0);
    }
  }

  /** Starts the world, which kills itself at this point of its opening. */
  async dieOpening(name: WorldName, point: string): Promise<void> {
    const args = [name, join(this.folder, name), String(this.#ports.get(name)), "0", point];
    const child = this.#watched(new Child("./world-process.ts", name, args, this.#options.cacheFolder));
    this.worlds.set(name, child);
    const fired = await child.said("fired", FEDERATION.openMs);
    if (fired === undefined) this.complaints.push(`${name} did not come to ${point} while it opened`);
    await child.kill();
  }

  async startTravellers(): Promise<void> {
    this.#incarnation += 1;
    const urls = WORLD_NAMES.map((name) => this.#entries.get(name)?.url ?? "");
    const args = [
      join(this.folder, "travellers"),
      String(FEDERATION.travellers),
      String(this.#options.seed + this.#incarnation),
      JSON.stringify(urls),
    ];
    this.travellers = this.#watched(new Child("./traveller-process.ts", "travellers", args, this.#options.cacheFolder));
    if ((await this.travellers.said("open", FEDERATION.openMs)) === undefined && this.travellers.complaint !== undefined)
      throw new Error(this.travellers.complaint);
  }

  get children(): Child[] {
    return [...this.worlds.values(), ...(this.travellers === undefined ? [] : [this.travellers])];
  }

  async killAll(): Promise<void> {
    await Promise.all(this.children.map((child) => child.kill()));
  }

  #watched(child: Child): Child {
    child.on((line) => {
      if (typeof line.fired === "string") this.onFired?.(child, line.fired);
      if (typeof line.amid === "string") this.onFired?.(child, line.amid);
      if (typeof line.crossing === "string") this.onCrossing?.({ stage: line.crossing, from: String(line.from), to: String(line.to) });
      if (Array.isArray(line.restless)) this.restless = line.restless.join("; ");
      if (typeof line.ended === "string") this.endedVisits[line.ended] = (this.endedVisits[line.ended] ?? 0) + 1;
    });
    void child.gone.then(() => {
      if (child.complaint !== undefined) this.complaints.push(child.complaint);
    });
    return child;
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = FEDERATION.firstPort + Math.floor(Math.random() * FEDERATION.ports);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
