// What is known of one replica: how far it is, what is wrong with it, and when a restore from it alone was last proven.
import type { Fault, WorldId } from "@sojourn/protocol";
import type { ReplicaKind } from "@sojourn/substrate";
import type { MeshBudget } from "../mesh/mesh.ts";
import type { NeighbourStatus } from "./neighbour-proofs.ts";

export interface ReplicaStatus {
  readonly name: string;
  readonly kind: ReplicaKind;
  /** The last journal record that came there, and the one that its sealed state ends with; 0: none by this process. */
  readonly seq: number;
  readonly stateSeq: number;
  /** Wall time of the last head that was put there, and of the last heartbeat; 0: none by this process. */
  readonly headMs: number;
  readonly heartbeatMs: number;
  /** Wall time at which a restore from this replica alone last came to the world's own state, and the record it came to. 0: never. */
  readonly provenMs: number;
  readonly provenSeq: number;
  readonly provenTookMs: number;
  /** Put there by this process. */
  readonly pushedBlocks: number;
  readonly pushedBytes: number;
  /** Attempts in a row that failed, and why the last did; none when all is well. */
  readonly failures: number;
  readonly fault?: Fault;
  /** A later writer speaks for this world there: nothing is published any more. */
  readonly isFenced: boolean;
  /** Of an heir: how it stands there with the world that it goes on with. */
  readonly claim?: ClaimStatus;
}

export interface ClaimStatus {
  /** The world that is gone on with. */
  readonly world: WorldId;
  /** Wall time of the last head under its name that was put there; 0: none by this process. */
  readonly headMs: number;
  readonly fault?: Fault;
  /** Somebody else goes on with it: this world is on its own. */
  readonly isOver: boolean;
}

/** What a world writes beside its journal for whoever asks how it stands. */
export interface ReplicationStatus {
  readonly atMs: number;
  /** The last durable record that was known then. */
  readonly seq: number;
  readonly epoch: number;
  readonly replicas: readonly ReplicaStatus[];
  /** Of a world in a mesh: its neighbours, and what all they may take here. */
  readonly neighbours?: readonly NeighbourStatus[];
  readonly budget?: MeshBudget;
}

export function newStatus(name: string, kind: ReplicaKind): ReplicaStatus {
  const never = { seq: 0, stateSeq: 0, headMs: 0, heartbeatMs: 0, provenMs: 0, provenSeq: 0, provenTookMs: 0 };
  return { name, kind, ...never, pushedBlocks: 0, pushedBytes: 0, failures: 0, isFenced: false };
}
