// Keeps a world's replicas, in a thread beside it or in a test: one export for all, a feed for each, and word of how they stand. It knows the
// world by its data folder and by moments that the world names; nothing here is waited for by any tick.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StateKey } from "@sojourn/passport/node";
import { nodeEd25519 } from "@sojourn/passport/node";
import { type Fault, FaultError, type Result, type WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import type { Archive, HeadSigner, Replica } from "@sojourn/substrate";
import type { Inherited } from "../heirs/inherited.ts";
import type { KeptNeighbour, MeshBudget } from "../mesh/mesh.ts";
import { Claim } from "./claim.ts";
import { type Exported, JournalSource, type Moment } from "./journal-source.ts";
import { NeighbourProofs } from "./neighbour-proofs.ts";
import { ReplicaFeed } from "./replica-feed.ts";
import { openReplica, type ReplicaPlace, retentionOf } from "./replica-place.ts";
import type { ReplicaStatus, ReplicationStatus } from "./replica-status.ts";

export const STATUS_FILE = "replication.json";

/** What signs heads: plain, so that it can be handed to a thread. */
export interface SigningKey {
  readonly secret: Uint8Array;
  /** When another key than the identity key signs: its name, and the statement that lists it. */
  readonly kid?: WorldId;
  readonly keys?: string;
  /** The world's statement of heirs. */
  readonly succession?: Uint8Array;
}

export interface KeeperOptions {
  readonly dataFolder: string;
  readonly world: WorldId;
  readonly epoch: number;
  readonly places: readonly ReplicaPlace[];
  readonly stateKey: StateKey;
  readonly signing: SigningKey;
  readonly archive: Archive;
  /** When the newest head of the world came to any replica, by a process before this one; wall time. */
  readonly heardMs: number;
  /** Of an heir: what it goes on with, and where it is entered. */
  readonly inherited?: Inherited | undefined;
  readonly at?: string | undefined;
}

export interface KeeperVoice {
  readonly log: Log;
  readonly onStatus: (status: ReplicationStatus) => void;
}

/** How one replica took a heartbeat. */
export interface Beaten {
  readonly replica: string;
  readonly fault?: Fault;
}

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #voice: KeeperVoice;
  readonly #feeds: readonly ReplicaFeed[];
  readonly #neighbours: NeighbourProofs;
  #budget: MeshBudget | undefined;
  #signing: SigningKey;
  #known: Moment = { seq: 0, tick: 0, timeMs: 0 };
  #exporting: { readonly seq: number; readonly isAtRest: boolean; readonly exported: Promise<Result<Exported>> } | undefined;
  #writing: Promise<void> | undefined;

  private constructor(options: KeeperOptions, voice: KeeperVoice, replicas: readonly Replica[]) {
    this.#options = options;
    this.#voice = voice;
    this.#signing = options.signing;
    const { dataFolder, stateKey, archive, world, epoch, inherited, at } = options;
    const heardMs = (): number => Math.max(options.heardMs, ...this.#feeds.map(({ status }) => status.headMs));
    const source = new JournalSource({ dataFolder, stateKey, archive });
    this.#neighbours = new NeighbourProofs({ world, dataFolder, stateKey, log: voice.log, onStatus: () => this.#tell() });
    const exportAt = (moment: Moment, isAtRest: boolean): Promise<Result<Exported>> => this.#exportAt(source, moment, isAtRest);
    this.#feeds = replicas.map(
      (replica, i) =>
        new ReplicaFeed({
          // Beside an heir's own world lies the one that it carries on: nothing there is swept.
          retention: inherited === undefined ? retentionOf(options.places[i] as ReplicaPlace) : undefined,
          ...{ replica, source, world, epoch, exportAt, heardMs, log: voice.log },
          signer: () => signerOf(this.#signing),
          claim:
            inherited === undefined
              ? undefined
              : new Claim({ replica, source, inherited, at, self: world, log: voice.log, signer: () => signerOf(this.#signing) }),
          onStatus: () => this.#tell(),
        }),
    );
  }

  /** Throws a FaultError when a replica cannot be opened; one that is down is opened, and is an alarm later. */
  static async open(options: KeeperOptions, voice: KeeperVoice): Promise<Keeper> {
    const replicas: Replica[] = [];
    for (const place of options.places) {
      const replica = await openReplica(place);
      if (!replica.ok) {
        for (const one of replicas) await one.close();
        throw new FaultError(replica.fault);
      }
      replicas.push(replica.value);
    }
    return new Keeper(options, voice, replicas);
  }

  get status(): ReplicationStatus {
    const replicas: ReplicaStatus[] = this.#feeds.map(({ status }) => status);
    const mesh = this.#budget === undefined ? {} : { neighbours: this.#neighbours.status, budget: this.#budget };
    return { atMs: Date.now(), seq: this.#known.seq, epoch: this.#options.epoch, replicas, ...mesh };
  }

  /** A heartbeat to every replica at once; settles when each took it or failed for the first time. */
  async beat(moment: Moment, isAtRest: boolean): Promise<Beaten[]> {
    this.#known = moment;
    const taken = this.#feeds.map(async (feed): Promise<Beaten> => {
      const fault = await feed.beat(moment, isAtRest);
      return { replica: feed.status.name, ...(fault === undefined ? {} : { fault }) };
    });
    return await Promise.all(taken);
  }

  ship(moment: Moment): void {
    this.#known = moment;
    for (const feed of this.#feeds) feed.ship(moment);
  }

  useKey(signing: SigningKey): void {
    this.#signing = signing;
  }

  /** Who the neighbours in the mesh are now, what is kept of them, and what may be. */
  hear(neighbours: readonly KeptNeighbour[], budget: MeshBudget): void {
    this.#budget = budget;
    this.#neighbours.hear(neighbours);
  }

  async close(): Promise<void> {
    await this.#neighbours.close();
    await Promise.all(this.#feeds.map((feed) => feed.close()));
    this.#tell();
    await this.#writing;
  }

  #exportAt(source: JournalSource, moment: Moment, isAtRest: boolean): Promise<Result<Exported>> {
    const { seq } = moment;
    const before = this.#exporting;
    if (before?.seq === seq && before.isAtRest === isAtRest) return before.exported;
    const exported = source.export(moment, isAtRest).then((result) => {
      // What failed is tried anew by whoever asks again.
      if (!result.ok && this.#exporting?.seq === seq) this.#exporting = undefined;
      return result;
    });
    this.#exporting = { seq, isAtRest, exported };
    return exported;
  }

  #tell(): void {
    this.#voice.onStatus(this.status);
    // One write at a time; the last one tells of everything before it.
    this.#writing ??= Promise.resolve().then(async () => {
      this.#writing = undefined;
      const path = join(this.#options.dataFolder, STATUS_FILE);
      try {
        await writeFile(`${path}~`, `${JSON.stringify(this.status)}\n`, { mode: 0o600 });
        await rename(`${path}~`, path);
      } catch (error) {
        this.#voice.log.warn("status not written", { error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
}

function signerOf({ secret, kid, keys, succession }: SigningKey): HeadSigner {
  return {
    ...(succession === undefined ? {} : { succession }),
    ...(kid === undefined ? {} : { kid }),
    ...(keys === undefined ? {} : { keys }),
    sign: async (bytes) => nodeEd25519.sign(bytes, secret),
  };
}
