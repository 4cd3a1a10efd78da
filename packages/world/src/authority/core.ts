// What the parts of an authority share: the stage, the guests, the border's desk, and what waits for the end of the tick.
import type { Ed25519 } from "@sojourn/passport";
import type { BorderContext, Desk, Fault, Manifest, Peer, TravellerId, WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import type { SubstrateVersion } from "@sojourn/substrate";
import type { Portal } from "../kernel/portals.ts";
import type { Stage } from "../kernel/stage.ts";
import type { Ban } from "./bans.ts";
import type { Births } from "./births.ts";
import type { Guest } from "./guest.ts";
import type { Headroom } from "./headroom.ts";
import type { WorldKeys } from "./identity.ts";

/** A token for a peer, to leave once the tick is durable. */
export interface Posting {
  readonly to: WorldId;
  readonly token: string;
}

/** A token that came in, and where its answer may go back on the same way. */
export interface Arriving {
  readonly token: string;
  readonly answer?: (replies: readonly string[], fault: Fault | undefined) => void;
}

export interface Counts {
  departures: number;
  arrivals: number;
  returned: number;
  readonly faults: Map<string, number>;
}

export interface Core {
  readonly stage: Stage;
  readonly guests: Set<Guest>;
  /** The guest whose session a traveller's is. */
  readonly byTraveller: Map<TravellerId, Guest>;
  readonly bySession: Map<string, Guest>;
  /** What the world signs with now. */
  keys: WorldKeys;
  readonly ed25519: Ed25519;
  readonly peers: Map<WorldId, Peer>;
  readonly border: BorderContext;
  readonly desk: Desk;
  readonly log: Log;
  readonly capacity: number;
  readonly headroom: Headroom;
  manifest: Manifest;
  /** How often travellers are born here, by network address. */
  readonly births: Births;
  /** What the world would say of itself with this version and these portals. Throws when they make no manifest. */
  manifestFor(version: SubstrateVersion, portals: readonly Portal[]): Manifest;
  /** After peers changed: portals and customs speak of them. */
  remakeManifest(): void;
  isOpen: boolean;
  /** Whom the operator does not let in. */
  bans: readonly Ban[];
  /** Filled while a tick runs; leaves when it is durable. */
  postings: Posting[];
  readonly answers: (() => void)[];
  /** Came by the network and waits for the tick. */
  arriving: Arriving[];
  readonly counts: Counts;
  /** What the operator was warned of; each thing once. */
  readonly warned: Set<string>;
}

export function count(core: Core, code: string): void {
  core.counts.faults.set(code, (core.counts.faults.get(code) ?? 0) + 1);
}
