// The mesh: a world keeps copies of its neighbours, and theirs keep it. Law: a neighbour is asked, never told; what it gives is believed for
// its world's signature alone; and it costs no more than the operator said. Nothing here touches the tick.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import {
  type BlockStore,
  copyWorld,
  httpReplica,
  missingBlocks,
  openHead,
  openSuccession,
  type Replica,
  readHead,
  rememberHead,
  type SeenHead,
} from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { MESH_LIMITS } from "../limits.ts";
import type { PeerEntry } from "../options.ts";
import { judge } from "../replication/newest-head.ts";

/** What an operator gives to neighbours. */
export interface MeshOptions {
  /** Bytes of one neighbour's newest version. */
  readonly bytesPerNeighbour?: number;
  readonly bytesInAll?: number;
  readonly bytesPerSecond?: number;
  readonly askEveryMs?: number;
}

/** How a neighbour's copy stands. */
export interface KeptNeighbour {
  readonly world: WorldId;
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  /** When its copy became what it is, and what the world's time was then; 0: there is none. */
  readonly copiedMs: number;
  readonly worldMs: number;
  /** Why it is not kept, or not kept up to date. */
  readonly problem?: string;
}

export interface MeshBudget {
  readonly bytesPerNeighbour: number;
  readonly bytesInAll: number;
}

/** Where a data folder keeps its own published heads, and its neighbours' worlds. */
export function meshFolders(dataFolder: string): { readonly own: string; readonly kept: string } {
  return { own: join(dataFolder, "mesh", "own"), kept: join(dataFolder, "mesh", "kept") };
}

interface Neighbour {
  readonly peer: PeerEntry;
  status: KeptNeighbour;
  seen?: SeenHead;
  failures: number;
  dueMs: number;
}

export class Mesh {
  readonly own: Replica;
  readonly kept: Replica;
  readonly #options: Required<MeshOptions>;
  readonly #log: Log;
  /** Worlds that this one speaks for: itself, and the one that it goes on with. */
  readonly #own: readonly WorldId[];
  readonly #neighbours = new Map<WorldId, Neighbour>();
  readonly #stop = new AbortController();
  readonly #peers: () => readonly PeerEntry[];
  /** Called when something of {@link status} changed, or was looked at again. */
  onStatus: (() => void) | undefined;
  #copies = 0;
  #paidUntilMs = 0;
  #running: Promise<void> | undefined;

  /** `peers`: whom the operator pinned, now. */
  constructor(dataFolder: string, own: readonly WorldId[], peers: () => readonly PeerEntry[], options: MeshOptions, log: Log) {
    const folders = meshFolders(dataFolder);
    this.own = folderReplica(folders.own, { name: "the mesh" });
    this.kept = folderReplica(folders.kept, { name: "neighbours" });
    const { bytesPerNeighbour, bytesInAll, bytesPerSecond, askEveryMs } = MESH_LIMITS;
    this.#options = { bytesPerNeighbour, bytesInAll, bytesPerSecond, askEveryMs, ...options };
    this.#own = own;
    this.#peers = peers;
    this.#log = log;
  }

  /** What neighbours may take here. */
  get budget(): MeshBudget {
    const { bytesPerNeighbour, bytesInAll } = this.#options;
    return { bytesPerNeighbour, bytesInAll };
  }

  get status(): readonly KeptNeighbour[] {
    return [...this.#neighbours.values()].map(({ status }) => status);
  }

  /** The head that this world can give of any world, its own included; undefined: none. */
  async headOf(world: WorldId): Promise<Uint8Array | undefined> {
    const found = await (this.#own.includes(world) ? this.own : this.kept).heads.read(world);
    return found.ok ? found.value : undefined;
  }

  /** Blocks of all that is kept here. */
  get blocks(): readonly BlockStore[] {
    return [this.own.blocks, this.kept.blocks];
  }

  start(): void {
    this.#running ??= this.#work();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const neighbour of this.#named()) {
        if (signal.aborted) return;
        if (neighbour.dueMs > Date.now()) continue;
        await this.#ask(neighbour);
        this.onStatus?.();
      }
      await sleep(Math.min(500, this.#options.askEveryMs), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Who is pinned now; what is kept of others stays until there is no room for it. */
  #named(): Neighbour[] {
    const peers = this.#peers().filter(({ world }) => !this.#own.includes(world));
    for (const peer of peers.slice(0, MESH_LIMITS.neighbours)) {
      const known = this.#neighbours.get(peer.world);
      if (known?.peer.url === peer.url) continue;
      const status = known?.status ?? { world: peer.world, name: peer.name, url: peer.url, bytes: 0, copiedMs: 0, worldMs: 0 };
      this.#neighbours.set(peer.world, {
        peer,
        status: { ...status, name: peer.name, url: peer.url },
        failures: 0,
        dueMs: 0,
        ...(known?.seen && { seen: known.seen }),
      });
    }
    return peers.flatMap(({ world }) => this.#neighbours.get(world) ?? []);
  }

  async #ask(neighbour: Neighbour): Promise<void> {
    const { peer, seen } = neighbour;
    let taken = 0;
    const inAll = this.status.reduce((sum, { bytes }) => sum + bytes, 0);
    const limit = Math.min(this.#options.bytesPerNeighbour - neighbour.status.bytes, this.#options.bytesInAll - inAll);
    const admit = async (bytes: number): Promise<boolean> => {
      taken += bytes;
      if (taken > limit || this.#stop.signal.aborted) return false;
      await this.#pay(bytes);
      return true;
    };
    const copied = await this.#copy(neighbour, admit);
    if (!copied.ok) {
      const isFull = copied.fault.code === "no-room";
      // Half of a copy, and what older ones left behind, may be all that was in the way.
      if (isFull) await this.#sweep();
      return this.#failed(neighbour, copied.fault.detail, isFull);
    }
    neighbour.failures = 0;
    neighbour.dueMs = Date.now() + this.#options.askEveryMs;
    const { problem: _, ...fine } = neighbour.status;
    neighbour.status = fine;
    if (!copied.value.isNews || copied.value.found === undefined) return await this.#weigh(neighbour);
    const { heartbeat, resumption } = copied.value.found;
    const remembered = rememberHead(seen, copied.value.found, judge);
    if (remembered !== undefined) neighbour.seen = remembered;
    neighbour.status = { ...fine, copiedMs: Date.now(), worldMs: heartbeat.timeMs };
    if (resumption !== undefined)
      this.#log.info("a neighbour's world is kept by its heir", { world: peer.world, heir: resumption.heir.world });
    this.#log.debug("a neighbour's world was copied", { world: peer.world, name: peer.name, bytes: copied.value.bytes });
    if (fine.bytes === 0 || ++this.#copies % MESH_LIMITS.copiesPerSweep === 0) await this.#sweep();
    else neighbour.status = { ...neighbour.status, bytes: fine.bytes + copied.value.bytes };
  }

  /** From the neighbour itself; when it is gone, from whoever it named to go on with it, by the same rules as any reader's. */
  async #copy({ peer, seen }: Neighbour, admit: (bytes: number) => Promise<boolean>): ReturnType<typeof copyWorld> {
    const { world } = peer;
    const heirs = await this.#heirsOf(world);
    const places = seen?.resumed === undefined ? [peer.url, ...heirs] : [...heirs, peer.url];
    let first: Awaited<ReturnType<typeof copyWorld>> | undefined;
    for (const url of new Set(places)) {
      const from = httpReplica(url, { name: url === peer.url ? peer.name : url, timeoutMs: MESH_LIMITS.requestMs });
      const plan = { world, from, to: this.kept, judge, nowMs: Date.now(), seen, admit, ahead: MESH_LIMITS.blocksAhead };
      const copied = await copyWorld(plan);
      if (copied.ok && copied.value.found !== undefined) return copied;
      first ??= copied;
      if (this.#stop.signal.aborted) break;
    }
    return first as Awaited<ReturnType<typeof copyWorld>>;
  }

  /** Addresses that the statement in the kept head gives. */
  async #heirsOf(world: WorldId): Promise<readonly string[]> {
    const head = await this.headOf(world);
    const read = head === undefined ? undefined : openHead(world, head, judge);
    if (read?.ok !== true) return [];
    const { at, succession } = read.value.head;
    const stated = succession === undefined ? undefined : openSuccession(world, succession, judge);
    const named = stated?.ok === true ? stated.value.heirs.flatMap((heir) => heir.at ?? []) : [];
    return at === undefined ? named : [at, ...named];
  }

  #failed(neighbour: Neighbour, problem: string, isFull: boolean): void {
    const { askEveryMs } = this.#options;
    neighbour.failures++;
    const most = Math.max(askEveryMs, MESH_LIMITS.askMostMs);
    neighbour.dueMs = Date.now() + (isFull ? most : Math.min(most, askEveryMs * 2 ** Math.min(10, neighbour.failures - 1)));
    if (neighbour.status.problem !== problem)
      this.#log.info("a neighbour's world is not copied", { name: neighbour.peer.name, detail: problem });
    neighbour.status = { ...neighbour.status, problem };
  }

  /** After a restart: what was kept before counts. */
  async #weigh(neighbour: Neighbour): Promise<void> {
    if (neighbour.status.bytes === 0 && (await this.headOf(neighbour.peer.world)) !== undefined) await this.#sweep();
  }

  /** Waits until so many bytes may be taken by the operator's rate. */
  async #pay(bytes: number): Promise<void> {
    const nowMs = performance.now();
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs - 1_000) + (bytes * 1_000) / this.#options.bytesPerSecond;
    if (this.#paidUntilMs > nowMs) await sleep(this.#paidUntilMs - nowMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** Takes out what no kept head names, and weighs what stays. One thing happens here at a time, and nobody else writes this folder. */
  async #sweep(): Promise<void> {
    const worlds = await this.kept.heads.list?.();
    if (worlds?.ok !== true) return;
    const needed = new Set<string>();
    for (const world of worlds.value) {
      const head = await this.headOf(world);
      const read = head === undefined ? undefined : readHead(head);
      if (read?.ok !== true) continue;
      let bytes = 0;
      for await (const block of missingBlocks(read.value.head.heartbeat, undefined, this.kept.blocks)) {
        // What cannot be walked is not judged: then nothing is taken out.
        if (!block.ok) return;
        needed.add(block.value.cid);
        bytes += block.value.bytes.length;
      }
      const neighbour = this.#neighbours.get(world);
      if (neighbour !== undefined) neighbour.status = { ...neighbour.status, bytes };
    }
    for await (const cid of this.kept.blocks.list?.() ?? []) if (!needed.has(cid)) await this.kept.blocks.delete?.(cid);
  }
}
