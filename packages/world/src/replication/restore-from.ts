// A restore as an operator asks for it: a place, a file with the identity key, a folder that is not there yet.
import { resolve } from "node:path";
import { nodeNotary, openEnvelope, recoveryKeys } from "@sojourn/passport/node";
import { FaultError, fault } from "@sojourn/protocol";
import { copyWorld, type Replica } from "@sojourn/substrate";
import { readSecret } from "../authority/identity.ts";
import { inheritedReplica, readResumed } from "../heirs/inherited.ts";
import { MESH_LIMITS } from "../limits.ts";
import { judge } from "./newest-head.ts";
import { openReplica, type ReplicaPlace } from "./replica-place.ts";
import { type Restored, type RestoreProgress, restoreWorld } from "./restore.ts";

export interface RestoreFrom {
  readonly from: ReplicaPlace;
  /** The world's identity key, as world.key holds it. */
  readonly keyFile: string;
  readonly dataFolder: string;
  readonly onProgress?: (progress: RestoreProgress) => void;
}

/** Throws a FaultError: those of {@link restoreWorld}; `malformed` when the replica is named wrong; `no-such-target` when there is no such key file. */
export async function restoreFrom({ from, keyFile, dataFolder, onProgress }: RestoreFrom): Promise<Restored> {
  const identity = await readSecret(resolve(keyFile));
  if (identity === undefined) throw new FaultError(fault("no-such-target", "client", `there is no file ${keyFile} with an identity key`));
  const replica = await openReplica(from, false);
  if (!replica.ok) throw new FaultError(replica.fault);
  const recovery = recoveryKeys(identity);
  try {
    const restored = await restoreWorld({
      ...{ replica: replica.value, world: nodeNotary(identity).world, identity, dataFolder },
      open: (envelope) => openEnvelope(envelope, recovery),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    if (!restored.ok) throw new FaultError(restored.fault);
    await restoreInherited(dataFolder, replica.value);
    return restored.value;
  } finally {
    await replica.value.close();
  }
}

/** Of an heir's world: what it goes on with lies at the same place, and is brought here again. */
async function restoreInherited(dataFolder: string, from: Replica): Promise<void> {
  const resumed = await readResumed(resolve(dataFolder));
  if (resumed === undefined) return;
  const to = inheritedReplica(resolve(dataFolder));
  const copied = await copyWorld({
    world: resumed.world,
    from,
    to,
    judge,
    nowMs: Date.now(),
    admit: async () => true,
    ahead: MESH_LIMITS.blocksAhead,
  });
  if (!copied.ok) throw new FaultError(copied.fault);
}
