// A world that is open: what its operator can ask of it, and how it ends in good order.

import { join } from "node:path";
import { type Fault, FaultError, type WorldId } from "@sojourn/protocol";
import { type Clock, type Log, lookAgain } from "@sojourn/runtime";
import { type LinkServer, loopLoad } from "@sojourn/runtime/node";
import type { BlockStore } from "@sojourn/substrate";
import { type Authority, shuttingDown } from "./authority/authority.ts";
import { type Ban, useBans } from "./authority/bans.ts";
import { Checkpointer } from "./authority/checkpointer.ts";
import { Clockwork } from "./authority/clockwork.ts";
import type { Core } from "./authority/core.ts";
import { BLOCKS_FOLDER } from "./authority/ground-truth.ts";
import { Heartbeat } from "./authority/heartbeat.ts";
import { readKeys, type WorldKeys } from "./authority/identity.ts";
import type { MeetingPlace } from "./authority/meeting-place.ts";
import { useMap } from "./authority/new-map.ts";
import { useKeys } from "./authority/own-keys.ts";
import { keepPeers, withPeer } from "./authority/peers.ts";
import { statsOf } from "./authority/stats.ts";
import type { Lineage } from "./heirs/lineage.ts";
import { readHeirs } from "./heirs/stated-heirs.ts";
import { findHeir, supersededFault, takenBack } from "./heirs/superseded.ts";
import type { Ledger } from "./kernel/ledger.ts";
import { JOURNAL_FOLDER } from "./kernel/ledger.ts";
import { CHECKPOINT_LIMITS, HEARTBEAT_LIMITS, HEIR_LIMITS } from "./limits.ts";
import type { Mesh } from "./mesh/mesh.ts";
import type { AnyDefinition, OpenOptions, PeerEntry, RunningWorld } from "./options.ts";
import { obey } from "./orders/obey.ts";
import type { Order, OrderAnswer } from "./orders/orders.ts";
import { signingKeyOf } from "./replication/open-replication.ts";
import type { Replication } from "./replication/replication.ts";

/** What a world is opened with, before it has any door. */
export interface Opening {
  readonly definition: AnyDefinition;
  readonly options: OpenOptions;
  readonly keys: WorldKeys;
  readonly ledger: Ledger;
  readonly lineage: Lineage;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Doors {
  readonly server: LinkServer;
  readonly meeting: MeetingPlace;
  readonly authority: Authority;
  readonly url: string;
}

export interface Parts extends Doors {
  readonly name: string;
  readonly core: Core;
  readonly store: BlockStore;
  readonly kept: readonly PeerEntry[];
  readonly replicas: Replication | undefined;
  readonly mesh: Mesh | undefined;
}

export class Running implements RunningWorld {
  readonly id: WorldId;
  readonly name: string;
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  readonly closed: Promise<void>;
  readonly #opening: Opening;
  readonly #parts: Parts;
  #peers: readonly PeerEntry[];
  #peersKept: Promise<void> = Promise.resolve();
  #clockwork: Clockwork | undefined;
  #heartbeat: Heartbeat | undefined;
  #checkpointer: Checkpointer | undefined;
  #closing: Promise<void> | undefined;
  #superseded: Fault | undefined;
  #stopAsking: () => void = () => {};
  #settleClosed: () => void = () => {};

  constructor(opening: Opening, parts: Parts) {
    this.#opening = opening;
    this.#parts = parts;
    this.#peers = parts.kept;
    this.id = parts.core.keys.world;
    this.name = parts.name;
    this.url = parts.url;
    this.wsUrl = `${parts.url.replace(/^http/, "ws")}/play`;
    this.port = parts.server.port;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  /** Sets the clockwork going. */
  start(): this {
    const { authority, core, store } = this.#parts;
    const { options, clock, log } = this.#opening;
    const minutes = options.heartbeatMinutes ?? HEARTBEAT_LIMITS.minutes;
    const everyMs = minutes === 0 ? 0 : Math.max(HEARTBEAT_LIMITS.minMinutes, minutes) * 60_000;
    const { replicas } = this.#parts;
    this.#heartbeat = new Heartbeat({
      ...{ authority, store, clock, log, everyMs, replicas },
      blocksFolder: join(options.dataFolder, BLOCKS_FOLDER),
    });
    // From now on the newest head says that the world is open.
    void replicas?.beat();
    const { mesh } = this.#parts;
    if (options.mesh !== undefined && mesh !== undefined) {
      mesh.onStatus = () => replicas?.hear(mesh.status, mesh.budget);
      mesh.start();
    }
    this.#stopAsking = lookAgain(
      HEIR_LIMITS.askEveryMs,
      () => this.#lookForHeirs(),
      (problem) => log.warn("heirs not asked", { problem }),
    );
    const every = options.checkpointRecords ?? CHECKPOINT_LIMITS.records;
    const checkpointer = new Checkpointer(join(options.dataFolder, JOURNAL_FOLDER), core.stage.options.ledger, log, every);
    this.#checkpointer = checkpointer;
    this.#clockwork = new Clockwork({
      clock,
      log,
      tickHz: core.stage.options.physics.tickHz,
      tick: () => {
        authority.tick();
        checkpointer.consider();
      },
      load: loopLoad(),
      onWindow: (strain) => authority.feel(strain),
    });
    log.info("world open", { name: this.name, world: this.id, url: this.url, substrate: this.substrate });
    return this;
  }

  get substrate(): string {
    return this.#parts.core.manifest.substrate;
  }
  peers(): readonly PeerEntry[] {
    return this.#peers;
  }
  async addPeer(peer: PeerEntry): Promise<void> {
    await this.#keepPeers((peers) => withPeer(peers, peer));
    if (peer.world !== this.id) await this.#onPeers((peers) => peers.set(peer.world, peer));
  }
  async removePeer(world: WorldId): Promise<void> {
    await this.#keepPeers((peers) => peers.filter((peer) => peer.world !== world));
    await this.#onPeers((peers) => {
      const peer = peers.get(world);
      if (peer !== undefined) peers.set(world, { ...peer, isClosed: true });
    });
  }
  async usePeers(peers: readonly PeerEntry[]): Promise<void> {
    const adopted = this.#peersKept.then(() => {
      this.#peers = peers;
    });
    this.#peersKept = adopted;
    await adopted;
    const pinned = new Map(peers.filter(({ world }) => world !== this.id).map((peer) => [peer.world, peer]));
    await this.#onPeers((known) => {
      for (const [world, peer] of pinned) known.set(world, peer);
      for (const [world, peer] of known) if (!pinned.has(world)) known.set(world, { ...peer, isClosed: true });
    });
  }
  /** One change after the other: each is written with those before it. */
  #keepPeers(change: (peers: readonly PeerEntry[]) => readonly PeerEntry[]): Promise<void> {
    const kept = this.#peersKept.then(async () => {
      const next = change(this.#peers);
      await keepPeers(this.#opening.options.dataFolder, next);
      this.#peers = next;
    });
    this.#peersKept = kept.catch(() => {});
    return kept;
  }
  /** Peers change between ticks, and the manifest with them. */
  #onPeers(change: (peers: Core["peers"]) => void): Promise<void> {
    return new Promise((resolve) =>
      this.#parts.authority.inTurn(() => {
        change(this.#parts.core.peers);
        this.#parts.core.remakeManifest();
        resolve();
      }),
    );
  }
  stats(): ReturnType<RunningWorld["stats"]> {
    const { core, authority, server, replicas } = this.#parts;
    const neighbours = (this.#parts.mesh?.status ?? []).map((one) => {
      const own = replicas?.ownCopyAt(one.world);
      return own === undefined ? one : { ...one, own };
    });
    return statsOf(core, authority, server, this.#clockwork, replicas?.statuses ?? [], neighbours);
  }
  heartbeat(): ReturnType<RunningWorld["heartbeat"]> {
    if (this.#heartbeat === undefined || this.#closing !== undefined) throw new Error("the world is closed");
    return this.#heartbeat.now();
  }
  useMap(): ReturnType<RunningWorld["useMap"]> {
    if (this.#opening.lineage.inherited !== undefined) throw new Error("the land of this world was inherited, and follows no map");
    if (this.#heartbeat === undefined || this.#closing !== undefined) throw new Error("the world is closed");
    const { authority, store } = this.#parts;
    return this.#heartbeat.inLine(() => useMap({ authority, store, log: this.#opening.log }));
  }
  useBans(bans: readonly Ban[]): Promise<void> {
    const { authority, core } = this.#parts;
    return new Promise((resolve) => authority.inTurn(() => resolve(useBans(core, bans))));
  }
  async renewKeys(): Promise<boolean> {
    const { authority, core } = this.#parts;
    const keys = await readKeys(this.#opening.options.dataFolder);
    const before = core.keys.stated?.token;
    if (keys === undefined || keys.stated?.token === before) return false;
    if (keys.world !== this.id) throw new Error(`the keys in ${this.#opening.options.dataFolder} are those of ${keys.world}`);
    const why = await new Promise<Fault | undefined>((resolve) => authority.inTurn(() => resolve(useKeys(core, keys))));
    if (why !== undefined) throw new FaultError(why);
    this.#parts.replicas?.useKey(signingKeyOf(core.keys, this.#opening.lineage.heirs));
    const { statement } = core.keys.stated ?? {};
    this.#opening.log.info("keys changed", { version: statement?.version ?? 0, signs: core.keys.notary.kid });
    return true;
  }
  async renewHeirs(): Promise<boolean> {
    const { lineage, options, log } = this.#opening;
    const heirs = await readHeirs(options.dataFolder, this.id);
    const before = lineage.heirs?.succession.version ?? 0;
    if (heirs === undefined || heirs.succession.version === before) return false;
    if (heirs.succession.version < before) throw new Error(`the heirs in ${options.dataFolder} are those of an older statement`);
    lineage.heirs = heirs;
    await this.#onPeers(() => {});
    this.#parts.replicas?.useKey(signingKeyOf(this.#parts.core.keys, heirs));
    // The statement is where it is needed when the replicas have it.
    void this.#parts.replicas?.beat();
    log.info("heirs stated", { version: heirs.succession.version, heirs: heirs.succession.heirs.length });
    return true;
  }
  get superseded(): Fault | undefined {
    return this.#superseded;
  }
  /** An heir goes on with this world by right: it closes in good order, with all who are here. */
  yield(why: Fault): void {
    if (this.#superseded !== undefined || this.#closing !== undefined) return;
    this.#superseded = why;
    this.#opening.log.error("superseded: this world closes", { detail: why.detail });
    void this.close();
  }
  async #lookForHeirs(): Promise<void> {
    const { lineage, options, ledger } = this.#opening;
    const above = ledger.epoch + (await takenBack(options.dataFolder));
    const heardMs = Math.max(0, ...(this.#parts.replicas?.statuses ?? []).map(({ headMs }) => headMs));
    if (heardMs === 0) return;
    const heir = await findHeir({ world: this.id, heirs: lineage.heirs, places: [], neighbours: [], above, heardMs });
    if (heir !== undefined) this.yield(supersededFault(heir).fault);
  }
  async carryOut(order: Order): Promise<OrderAnswer> {
    const { authority, core } = this.#parts;
    if (order.do === "heartbeat") {
      const { root, builds, replicas, fault: why } = await this.heartbeat();
      return { ...(why === undefined ? {} : { fault: why }), beat: { root, builds, replicas } };
    }
    return new Promise((resolve) => authority.inTurn(() => obey(core, order, resolve)));
  }
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { authority, core, meeting, server, replicas } = this.#parts;
    this.#stopAsking();
    await this.#heartbeat?.stop();
    meeting.close();
    this.#clockwork?.stop();
    authority.close(shuttingDown());
    await server.close();
    await this.#checkpointer?.close();
    core.stage.options.ledger.close();
    await this.#parts.mesh?.close();
    await replicas?.close();
    this.#opening.log.info("world closed", { name: this.name });
    this.#settleClosed();
  }
}
