// What a client says and hears at each kind of server: how it enters, how its moves are spelt, where a frame says which move was seen.
import type { RawClient } from "./raw-client.ts";

/** So many clients are looked at for delay: a peer's own client, which decodes everything, is dear. */
const SAMPLED = 8;

/** One client of a running load. */
export interface Player {
  /** One tick's move; `seq` rises from 1. */
  move(seq: number, dx: number, dy: number): void;
  /** Called twice a second. */
  acknowledge(): void;
  /** Reads nothing any more. */
  stall(): void;
  end(): void;
  /** Undefined where nobody counts. */
  readonly bytesIn: number | undefined;
  readonly isEnded: boolean;
}

/** What a load hears from its players. */
export interface Ears {
  /** The server has shown this client that its move `seq` was done. Sampled clients only. */
  seen(index: number, seq: number): void;
  isSampled(index: number): boolean;
  /** One tick's writing to this client, bytes on the wire. */
  tick(index: number, wireBytes: number): void;
}

export interface Dialect {
  enter(index: number, port: number, ears: Ears): Promise<Player>;
  /** Bytes on the wire to all clients so far, by what they were for. */
  readonly kinds?: Kinds;
}

/** own: frames of one's own · quiet: snapshots that say only that time has passed · told: snapshots that say what changed · control: the rest. */
export type Kinds = { [kind in "own" | "quiet" | "told" | "control"]: number };

export function isSampled(index: number, players: number): boolean {
  return index % Math.floor(players / SAMPLED) === 0;
}

/** A player over a bare socket, whatever it says there. */
export function rawPlayer(client: RawClient, moved: (seq: number, dx: number, dy: number) => Uint8Array, acked: () => Uint8Array): Player {
  return {
    move: (seq, dx, dy) => client.send(moved(seq, dx, dy)),
    acknowledge: () => client.send(acked()),
    stall: () => client.stall(),
    end: () => client.end(),
    get bytesIn() {
      return client.bytesIn;
    },
    get isEnded() {
      return client.isEnded;
    },
  };
}
