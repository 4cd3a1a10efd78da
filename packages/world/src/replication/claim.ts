// What an heir says at a replica of the world that it goes on with: after each heartbeat of its own the same land, under that world's name, on
// the head that it goes on from. Law: of the silent world's custody it says nothing; what of that was sealed it carries along, unopened.
import { fail, type Result, type WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import {
  firstSequence,
  type HeadSigner,
  heartbeatBlock,
  openPublisher,
  type Publisher,
  type Replica,
  tieredStore,
} from "@sojourn/substrate";
import type { Inherited } from "../heirs/inherited.ts";
import { inheritedReplica } from "../heirs/inherited.ts";
import { HEIR_LIMITS } from "../limits.ts";
import type { Exported, JournalSource } from "./journal-source.ts";
import { judge } from "./newest-head.ts";
import type { ClaimStatus } from "./replica-status.ts";

export interface ClaimParts {
  readonly replica: Replica;
  readonly source: JournalSource;
  readonly inherited: Inherited;
  /** Where this heir is entered. */
  readonly at: string | undefined;
  readonly signer: () => HeadSigner;
  readonly self: WorldId;
  readonly log: Log;
}

export class Claim {
  status: ClaimStatus;
  readonly #parts: ClaimParts;
  readonly #publisher: Publisher;

  constructor(parts: ClaimParts) {
    const { replica, inherited } = parts;
    this.#parts = parts;
    this.status = { world: inherited.world, headMs: 0, isOver: false };
    const { world, epoch, resumed } = inherited;
    // Numbers rise with time, so that a replica that was emptied is not begun again below what readers have seen.
    const seconds = Math.max(0, Math.floor((Date.now() - resumed.sinceMs) / 1_000));
    const after = firstSequence(epoch) + Math.min(seconds, HEIR_LIMITS.heads);
    this.#publisher = openPublisher({ replica, world, epoch, judge, resumed, after });
  }

  /** Never rejects; what failed is tried again with the next heartbeat, unless somebody else goes on with that world. */
  async state({ version, moment }: Exported): Promise<void> {
    if (this.status.isOver) return;
    const { log, replica, inherited } = this.#parts;
    const published = await this.#publish(version, moment).catch((error: unknown): Result<never> => {
      return fail("store-failed", "world", error instanceof Error ? error.message : String(error));
    });
    const { fault: before, ...rest } = this.status;
    if (published.ok) {
      this.status = { ...rest, headMs: Date.now() };
      return;
    }
    const { fault } = published;
    const isOver = (fault.code === "superseded" || fault.code === "stale-head") && fault.retryAfterMs === 0;
    this.status = { ...rest, fault, isOver };
    const fields = { replica: replica.name, world: inherited.world, code: fault.code, detail: fault.detail };
    if (isOver) log.error("somebody else goes on with the world that this one resumed: this one is on its own now", fields);
    else if (before?.detail !== fault.detail) log.error("resumed world not published", fields);
  }

  async #publish(version: Exported["version"], { tick, timeMs }: Exported["moment"]): Promise<Result<unknown>> {
    const { source, inherited, at, signer, self } = this.#parts;
    const { world, epoch, statement: succession, head, heartbeat, archive } = inherited;
    const { sinceMs } = inherited.resumed;
    const node = await heartbeatBlock({
      ...{ world, epoch, stateSeq: 0, journalSeq: 0, tick, timeMs: Math.max(timeMs, sinceMs), version },
      ...{ state: null, tail: null, before: null, archive: version === null ? { ...archive, policy: "none" } : archive },
      resumed: { head, heartbeat, sinceMs },
    });
    const local = tieredStore([source.with([node]), inheritedReplica(source.dataFolder).blocks], "this world and what it inherited");
    const own = signer();
    return await this.#publisher.publish({
      ...{ heartbeat: node.cid, local, nowMs: Date.now() },
      signer: { ...own, kid: own.kid ?? self, succession, heir: self, ...(at === undefined ? {} : { at }) },
    });
  }
}
