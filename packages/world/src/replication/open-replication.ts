// What a world needs so that its replicas are kept: where they are, what seals, what signs.
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Fault, FaultError, fault } from "@sojourn/protocol";
import type { Clock, Log } from "@sojourn/runtime";
import type { Archive } from "@sojourn/substrate";
import { readIdentity, type WorldKeys } from "../authority/identity.ts";
import type { Inherited } from "../heirs/inherited.ts";
import type { StatedHeirs } from "../heirs/stated-heirs.ts";
import { lastPublishedMs, takenBack } from "../heirs/superseded.ts";
import type { Ledger } from "../kernel/ledger.ts";
import { REPLICATION_LIMITS } from "../limits.ts";
import { meshFolders } from "../mesh/mesh.ts";
import type { OpenOptions } from "../options.ts";
import type { SigningKey } from "./keeper.ts";
import { PROOFS_FOLDER } from "./proof.ts";
import { stateKeyOf } from "./recovery-file.ts";
import { replicaPlaces } from "./replica-place.ts";
import { Replication } from "./replication.ts";

export interface ReplicationNeeds {
  readonly options: OpenOptions;
  readonly keys: WorldKeys;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly tick: () => number;
  /** What others may keep of the world, as its manifest says. */
  readonly archive: Archive;
  readonly heirs: StatedHeirs | undefined;
  readonly inherited: Inherited | undefined;
  /** Where the world is entered. */
  readonly at: string | undefined;
  readonly onSuperseded: (why: Fault) => void;
}

/** Undefined when the operator names no replica. Throws a FaultError that says what is wrong with how they are named or sealed. */
export async function openReplication({
  options,
  keys,
  ledger,
  clock,
  log,
  tick,
  archive,
  heirs,
  inherited,
  at,
  onSuperseded,
}: ReplicationNeeds): Promise<Replication | undefined> {
  const { dataFolder, replicas = [], shipSeconds = REPLICATION_LIMITS.shipSeconds } = options;
  const stateKey = await stateKeyOf(dataFolder, await readIdentity(dataFolder));
  // An heir gives what it goes on with to whoever asks.
  const own =
    options.mesh === undefined && inherited === undefined
      ? []
      : [{ replica: `mesh:${resolve(meshFolders(dataFolder).own)}`, keepVersions: 1 }];
  const places = await replicaPlaces(dataFolder, [...replicas, ...own]);
  await rm(join(dataFolder, PROOFS_FOLDER), { recursive: true, force: true });
  if (places.length === 0) return undefined;
  if (stateKey === undefined) {
    const detail = `replicas are sealed to the identity key, which is not in ${dataFolder}, and recovery.json is not there either: put the identity key back for one opening, then detach it again`;
    throw new FaultError(fault("store-failed", "world", detail));
  }
  const shipEveryMs = Math.min(REPLICATION_LIMITS.shipMostSeconds, Math.max(0, shipSeconds)) * 1_000;
  const moment = (): { seq: number; tick: number; timeMs: number } => ({
    seq: ledger.durableSeq,
    tick: tick(),
    timeMs: ledger.timeMs,
  });
  return await Replication.open(
    {
      ...{ dataFolder, world: keys.world, places, stateKey, shipEveryMs, archive, inherited, at },
      epoch: ledger.epoch + (await takenBack(dataFolder)),
      heardMs: await lastPublishedMs(dataFolder),
      signing: signingKeyOf(keys, heirs),
    },
    { clock, log, moment, onSuperseded },
  );
}

export function signingKeyOf({ secret, notary, stated }: WorldKeys, heirs: StatedHeirs | undefined): SigningKey {
  const shown = stated === undefined ? {} : { kid: notary.kid, keys: stated.token };
  return { secret, ...shown, ...(heirs === undefined ? {} : { succession: heirs.bytes }) };
}
