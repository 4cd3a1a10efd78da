// What an operator decides when opening a world, and what they get back.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ContentId, Fault, WorldId } from "@sojourn/protocol";
import type { Journal, Log } from "@sojourn/runtime";
import type { FileJournalOptions } from "@sojourn/runtime/node";
import type { ComponentTypes, WorldDefinition } from "./author/definition.ts";
import type { Ban } from "./authority/bans.ts";
import type { KeptNeighbour, MeshOptions } from "./mesh/mesh.ts";
import type { Order, OrderAnswer } from "./orders/orders.ts";
import type { Beaten } from "./replication/keeper.ts";
import type { OwnCopy } from "./replication/neighbour-proofs.ts";
import type { ReplicaPlace } from "./replication/replica-place.ts";
import type { ReplicaStatus } from "./replication/replica-status.ts";

/** A world another operator runs, named and pinned by this one. */
export interface PeerEntry {
  readonly world: WorldId;
  /** The operator's own name for it: what portals lead `to` and what customs are written for. */
  readonly name: string;
  /** http or https base address. */
  readonly url: string;
}

export interface OpenOptions {
  /** Everything the world keeps: its key, journal, blocks, peers. Made when missing. One process at a time. */
  readonly dataFolder: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 (the default): any free port. */
  readonly port?: number;
  /** The http or https base address others reach this world at. Default: host and port. */
  readonly publicUrl?: string;
  /** Overrides the definition's name. */
  readonly name?: string;
  /** Minutes between heartbeats; 0: only on demand. Default 2. */
  readonly heartbeatMinutes?: number;
  /** Where copies of the world are kept, in addition to those that the data folder's replicas.json names. */
  readonly replicas?: readonly ReplicaPlace[];
  /**
   * Takes part in the mesh: gives its newest head and blocks to neighbours, and keeps copies of the pinned peers' worlds, which anybody
   * can read here when they are gone. With what the operator gives for it; `{}`: the defaults of MESH_LIMITS.
   */
  readonly mesh?: MeshOptions;
  /** Seconds between two shipments of the journal's end to the replicas; 0: only heartbeats go there. Default 3. */
  readonly shipSeconds?: number;
  /** Pinned in addition to those in the data folder, and kept there. */
  readonly peers?: readonly PeerEntry[];
  /** Answers requests that are not the world's own (the web client's files); false: not mine either. */
  readonly web?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Pages that may open links, as `https://host[:port]`. Default: any; nothing here is granted by cookies. */
  readonly allowedOrigins?: readonly string[];
  /** Links and sockets from one network address; raise it behind a proxy. */
  readonly linksPerAddress?: number;
  /**
   * Servers by which pages learn their own address, as `stun:host:port`, told to those that share blocks. Default: none; then pages of one
   * network find each other and pages of different networks as a rule do not.
   */
  readonly ice?: readonly string[];
  readonly log?: Log;
  /** Opens the journal kept in this folder. Default: files on disk, held by this process alone. What it returns must be durable as a journal is. */
  readonly openJournal?: (folder: string, options: FileJournalOptions) => Journal;
  /**
   * The journal ends too early: parts of it are gone or damaged, or it is an old backup. The world opens with what is left, asks every peer
   * what it has lost, and lets nobody and nothing in or out until all have answered. Only for the one opening: leave it out afterwards.
   */
  readonly amnesia?: boolean;
  /** An heir goes on with this world: from now on the world itself does again, and its heads are above the heir's. Only for the one opening. */
  readonly takeBack?: boolean;
  /** Records after which a checkpoint is made, so that opening again reads no more. Default 20,000. */
  readonly checkpointRecords?: number;
  /** Called when the journal can no longer be trusted. Default: the process ends at once, before anything more is said. */
  readonly onFatal?: (error: Error) => void;
}

/** What has no author's rules: any Tiled map, or, by its name, the land that an heir goes on with. */
export type BareLand = { readonly mapFile: string; readonly name?: string } | { readonly inherited: string };

/** What `openWorld` opens. */
// biome-ignore lint/suspicious/noExplicitAny: a definition of any kinds can be opened; inside, kinds are plain text.
export type Openable = WorldDefinition<any, any, any> | BareLand;

export interface WorldStats {
  readonly tick: number;
  readonly tickHz: number;
  /** Over the last seconds. */
  readonly tickMsMean: number;
  readonly tickMsMax: number;
  readonly lateTicks: number;
  /** Ticks a second as a share of tickHz: below 1 while ticks cost more than there is time for, and everybody is told. */
  readonly pace: number;
  /** Share of the last second in which the process was busy. */
  readonly load: number;
  /** False while there is no time for one more: newcomers are asked to wait. */
  readonly takesNewcomers: boolean;
  readonly links: number;
  readonly sessions: number;
  readonly travellers: number;
  readonly entities: number;
  readonly journalSeq: number;
  /** The disk is full: nobody leaves, is born, or comes in by a passport until there is room again. */
  readonly isDiskFull: boolean;
  readonly departures: number;
  readonly arrivals: number;
  readonly returned: number;
  /** Faults sent to clients, by code. */
  readonly faults: { readonly [code: string]: number };
  readonly hookFailures: number;
  readonly bytesOut: number;
  /** The most that ever waited in the process for one reader who did not read. */
  readonly mostWaitingBytes: number;
  /** How each replica stands. */
  readonly replicas: readonly ReplicaStatus[];
  /** Neighbours whose worlds are kept here, and, as soon as it was looked for, how this world's own copy stands there. */
  readonly neighbours: readonly (KeptNeighbour & { readonly own?: OwnCopy })[];
}

export interface HeartbeatReport {
  /** The version now served; the same as before when nothing was built. */
  readonly root: ContentId;
  readonly builds: number;
  readonly fault?: Fault;
  /** How each replica took it. One that did not is tried again by itself. */
  readonly replicas: readonly Beaten[];
}

/** What became of a map that was packed again. */
export interface MapReport {
  /** The version now served. */
  readonly root: ContentId;
  /** False: the map is as it was. */
  readonly isNew: boolean;
  /** What travellers built that stands in the new version. */
  readonly builds: number;
  /** Travellers who would have stood in something solid, and were put beside it. */
  readonly moved: number;
  /** The files that were read, whether or not it succeeded: the map, its tilesets, templates and pictures. */
  readonly files: readonly string[];
  /** Why the map cannot be served; the version before it still is. */
  readonly fault?: Fault;
}

export interface RunningWorld {
  readonly id: WorldId;
  readonly name: string;
  /** http base address. */
  readonly url: string;
  /** ws address of the links. */
  readonly wsUrl: string;
  /** Root of the version served now. */
  readonly substrate: ContentId;
  readonly port: number;
  /** Pins a peer and keeps it in the data folder. */
  addPeer(peer: PeerEntry): Promise<void>;
  /** Unpins a peer: no new crossings with it; those under way are still resolved. */
  removePeer(world: WorldId): Promise<void>;
  peers(): readonly PeerEntry[];
  stats(): WorldStats;
  /** Writes a new substrate version now, if anything was built, and gives version and sealed state to every replica. */
  heartbeat(): Promise<HeartbeatReport>;
  /** Packs the map again and serves it, with what was built, when it changed. Nobody is disconnected. Never rejects. */
  useMap(): Promise<MapReport>;
  /** From now on exactly these are pinned. The data folder is the caller's: nothing is written, so that whoever pins meanwhile loses nothing. */
  usePeers(peers: readonly PeerEntry[]): Promise<void>;
  /** From now on these are not let in; whoever of them is here is put to rest. The data folder is the caller's. */
  useBans(bans: readonly Ban[]): Promise<void>;
  /** Takes over what the data folder says about the world's keys now; true when that was news. Rejects when the folder is older or damaged. */
  renewKeys(): Promise<boolean>;
  /** Takes over what the data folder says about the world's heirs now; true when that was news. Rejects when the folder is older or damaged. */
  renewHeirs(): Promise<boolean>;
  /** Why this world closed by itself: an heir goes on with it by right. */
  readonly superseded: Fault | undefined;
  /** Carries out an operator's order in its turn; the answer comes when it is durable. */
  carryOut(order: Order): Promise<OrderAnswer>;
  /** Tells everybody, puts them to rest, closes the journal. */
  close(): Promise<void>;
  /** Settles when the world is closed or has failed. */
  readonly closed: Promise<void>;
}

export type AnyDefinition = WorldDefinition<ComponentTypes, string, string>;
