// Whether a neighbour would bring this world back: what it gives to anybody is restored in a folder that is thrown away, and must come to the
// world's own state. A copy on the machine that may be lost proves nothing; this one lies elsewhere.
import { setTimeout as sleep } from "node:timers/promises";
import type { StateKey } from "@sojourn/passport/node";
import type { WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import { httpReplica } from "@sojourn/substrate";
import { MESH_LIMITS } from "../limits.ts";
import type { KeptNeighbour } from "../mesh/mesh.ts";
import { newestHead } from "./newest-head.ts";
import { proveReplica, ReadBlocks } from "./proof.ts";

/** How this world's own copy stands at a neighbour. */
export interface OwnCopy {
  /** The last journal record in the newest head there, and the world's time of that head; 0: none lies there. */
  readonly seq: number;
  readonly headMs: number;
  /** As a replica's: when a restore from there alone last came to the world's own state, and to which record. 0: never. */
  readonly provenMs: number;
  readonly provenSeq: number;
  readonly problem?: string;
}

/** A neighbour: what is kept of it here, and what of this world is kept there. */
export interface NeighbourStatus extends KeptNeighbour {
  readonly own: OwnCopy;
}

export interface NeighbourProofsParts {
  readonly world: WorldId;
  readonly dataFolder: string;
  readonly stateKey: StateKey;
  readonly log: Log;
  readonly onStatus: () => void;
}

interface Watched {
  kept: KeptNeighbour;
  own: OwnCopy;
  readonly reads: ReadBlocks;
  lookAtMs: number;
  proveAtMs: number;
}

const NOTHING: OwnCopy = { seq: 0, headMs: 0, provenMs: 0, provenSeq: 0 };

export class NeighbourProofs {
  readonly #parts: NeighbourProofsParts;
  readonly #watched = new Map<WorldId, Watched>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: NeighbourProofsParts) {
    this.#parts = parts;
  }

  get status(): readonly NeighbourStatus[] {
    return [...this.#watched.values()].map(({ kept, own }) => ({ ...kept, own }));
  }

  /** Who the neighbours are now, and what is kept of them. */
  hear(neighbours: readonly KeptNeighbour[]): void {
    const named = new Set(neighbours.map(({ world }) => world));
    for (const world of this.#watched.keys()) if (!named.has(world)) this.#watched.delete(world);
    for (const kept of neighbours) {
      const known = this.#watched.get(kept.world);
      if (known !== undefined) known.kept = kept;
      else this.#watched.set(kept.world, { kept, own: NOTHING, reads: new ReadBlocks(), lookAtMs: 0, proveAtMs: 0 });
    }
    this.#running ??= this.#work();
    this.#parts.onStatus();
  }

  /** A trial that is under way is not waited for long: what it leaves goes when the world opens again. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.race([this.#running, sleep(MESH_LIMITS.closeMs)]);
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const watched of [...this.#watched.values()]) {
        if (signal.aborted) return;
        if (watched.lookAtMs <= Date.now()) await this.#look(watched);
      }
      await sleep(MESH_LIMITS.lookMs / 4, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(watched: Watched): Promise<void> {
    const { world, onStatus } = this.#parts;
    const replica = httpReplica(watched.kept.url, { name: watched.kept.name, timeoutMs: MESH_LIMITS.requestMs });
    const found = await newestHead(replica, world);
    watched.lookAtMs = Date.now() + MESH_LIMITS.lookMs;
    if (!found.ok) {
      watched.own = { ...watched.own, problem: found.fault.detail };
      return onStatus();
    }
    const { problem: _, ...fine } = watched.own;
    watched.own = { ...fine, seq: found.value.heartbeat.journalSeq, headMs: found.value.heartbeat.timeMs };
    if (watched.own.provenSeq < watched.own.seq && watched.proveAtMs <= Date.now()) await this.#prove(watched);
    onStatus();
  }

  async #prove(watched: Watched): Promise<void> {
    const { world, dataFolder, stateKey, log } = this.#parts;
    const { name, url } = watched.kept;
    const replica = httpReplica(url, { name, timeoutMs: MESH_LIMITS.requestMs });
    watched.proveAtMs = Date.now() + MESH_LIMITS.proofEveryMs;
    const proven = await proveReplica({ replica, world, dataFolder, stateKey, reads: watched.reads }).catch((error: unknown) => ({
      ok: false as const,
      fault: { detail: error instanceof Error ? error.message : String(error) },
    }));
    if (!proven.ok) {
      log.warn("a neighbour would not bring this world back", { name, detail: proven.fault.detail });
      watched.own = { ...watched.own, problem: `a restore from there fails: ${proven.fault.detail}` };
      return;
    }
    const { seq, tookMs } = proven.value;
    watched.own = { ...watched.own, provenMs: Date.now(), provenSeq: seq };
    log.info("a neighbour would bring this world back", { name, seq, ms: Math.round(tookMs) });
  }
}
