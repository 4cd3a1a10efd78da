// From whom a world comes, and who may come after it: read when it opens, before it has any door. A world that an heir goes on with by right does
// not open, unless its operator takes it back.
import { FaultError, fault } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import type { WorldKeys } from "../authority/identity.ts";
import { readPeers } from "../authority/peers.ts";
import type { OpenOptions } from "../options.ts";
import { replicaPlaces } from "../replication/replica-place.ts";
import { type Inherited, readInherited } from "./inherited.ts";
import { readHeirs, type StatedHeirs } from "./stated-heirs.ts";
import { findHeir, lastPublishedMs, supersededFault, takeBack, takenBack } from "./superseded.ts";

export interface Lineage {
  /** Whom this world names; changes while it is open. */
  heirs: StatedHeirs | undefined;
  /** What this world goes on with, as another one's heir. */
  readonly inherited: Inherited | undefined;
}

/** `epoch`: the journal's, as it opens now. Throws a FaultError: `superseded`, or what is damaged. */
export async function openLineage(options: OpenOptions, { world }: WorldKeys, epoch: number, log: Log): Promise<Lineage> {
  const { dataFolder, replicas = [], peers = [] } = options;
  const heirs = await readHeirs(dataFolder, world);
  const inherited = await readInherited(dataFolder, world);
  const above = epoch + (await takenBack(dataFolder));
  const neighbours = [...(await readPeers(dataFolder)), ...peers].map(({ url }) => url);
  const places = await replicaPlaces(dataFolder, replicas);
  const heir = await findHeir({ world, heirs, places, neighbours, above, heardMs: await lastPublishedMs(dataFolder) });
  if (heir !== undefined && options.takeBack !== true) throw supersededFault(heir);
  if (heir !== undefined) await takeBack(dataFolder, heir, log);
  else if (options.takeBack === true)
    throw new FaultError(fault("refused", "client", "nobody is found to go on with this world: open it without --take-back"));
  const silences = (heirs?.succession.heirs ?? []).map(({ afterMs }) => afterMs);
  warnOfShortSilence(inherited === undefined ? silences : [...silences, inherited.resumed.afterMs], options, log);
  return { heirs, inherited };
}

/** A world that beats more rarely than its heirs wait would be taken for silent. */
function warnOfShortSilence(silences: readonly number[], { heartbeatMinutes }: OpenOptions, log: Log): void {
  const shortestMs = Math.min(...silences);
  if (heartbeatMinutes === undefined || !Number.isFinite(shortestMs)) return;
  if (heartbeatMinutes === 0 || shortestMs < 2 * heartbeatMinutes * 60_000)
    log.warn("heirs may take a pause for the end", { heartbeatMinutes, shortestSilenceMinutes: shortestMs / 60_000 });
}
