// A world that was away looks whether an heir of its own goes on with it by now, before it lets anybody in; and its operator may take it back:
// the world then writes its heads above the heir's. Law: what cannot be asked says nothing; a claim that does not hold is none.
import { join } from "node:path";
import { check, FaultError, fault, int, struct, text, type WorldId } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import { fileStore } from "@sojourn/runtime/node";
import { epochOf, type FoundHead, httpReplica, openHead, type Replica, readFoundHead } from "@sojourn/substrate";
import { HEIR_LIMITS, REPLICATION_LIMITS } from "../limits.ts";
import { readFileText } from "../replication/files.ts";
import { STATUS_FILE } from "../replication/keeper.ts";
import { judge } from "../replication/newest-head.ts";
import { openReplica, type ReplicaPlace, readPlace } from "../replication/replica-place.ts";
import type { ReplicationStatus } from "../replication/replica-status.ts";
import type { StatedHeirs } from "./stated-heirs.ts";

const TAKEN_BACK_FILE = "taken-back.json";

export interface Whereabouts {
  readonly world: WorldId;
  readonly heirs: StatedHeirs | undefined;
  readonly places: readonly ReplicaPlace[];
  /** Base addresses of neighbours, who may keep copies. */
  readonly neighbours: readonly string[];
  /** Heads of a lower epoch are old: this world is above them. */
  readonly above: number;
  /** When this world's newest head came anywhere, milliseconds since 1970; 0: never, or nobody knows. */
  readonly heardMs: number;
}

/** The head of an heir who goes on with this world by right; undefined when none is found. A world that named nobody asks nobody. */
export async function findHeir({ world, heirs, places, neighbours, above, heardMs }: Whereabouts): Promise<FoundHead | undefined> {
  if (heirs === undefined) return undefined;
  const addresses = new Set([...heirs.succession.heirs.flatMap(({ at }) => at ?? []), ...neighbours]);
  const asked = [...addresses].slice(0, HEIR_LIMITS.asked).map((at) => httpReplica(at, { name: at, timeoutMs: HEIR_LIMITS.askMs }));
  const found = await Promise.all([
    ...asked.map((replica) => heirAt(replica, world, heardMs)),
    ...places.filter(isQuickToRead).map(async (place) => {
      const replica = await openReplica(place, false);
      if (!replica.ok) return undefined;
      return await heirAt(replica.value, world, heardMs).finally(() => replica.value.close());
    }),
  ]);
  const genuine = found.flatMap((one) => (one !== undefined && epochOf(one.head) >= above ? one : []));
  return genuine.toSorted((a, b) => b.head.sequence - a.head.sequence)[0];
}

/** An IPFS node is one process's; what lies there is found when the world publishes. */
function isQuickToRead({ replica }: ReplicaPlace): boolean {
  const place = readPlace(replica);
  return place.ok && place.value.kind !== "ipfs";
}

async function heirAt(replica: Replica, world: WorldId, heardMs: number): Promise<FoundHead | undefined> {
  const bytes = await replica.heads.read(world).catch(() => undefined);
  const genuine = bytes?.ok === true && bytes.value !== undefined ? openHead(world, bytes.value, judge) : undefined;
  if (genuine?.ok !== true || genuine.value.claim === undefined) return undefined;
  const seen = { sequence: 0, heartbeat: "", heardMs };
  const found = await readFoundHead(genuine.value, replica.blocks, judge, Date.now(), seen).catch(() => undefined);
  return found?.ok === true && found.value.resumption !== undefined ? found.value : undefined;
}

/** What the operator of a superseded world reads. */
export function supersededFault({ head, resumption }: FoundHead): FaultError {
  const { heir, statement, sinceMs } = resumption as NonNullable<FoundHead["resumption"]>;
  const where = head.at === undefined ? "" : ` at ${head.at}`;
  const detail =
    `this world was silent, and ${heir.world} goes on with it${where} since ${new Date(sinceMs).toISOString()}, by statement ${statement.version} of its heirs; ` +
    "all who were here and all they have are still here. To take the world back: sojourn serve … --take-back (what was built at the heir's stays there)";
  return new FaultError(fault("superseded", "client", detail));
}

/** When the newest head came to a replica, as the world last wrote it down. */
export async function lastPublishedMs(dataFolder: string): Promise<number> {
  const source = await readFileText(join(dataFolder, STATUS_FILE));
  try {
    const status = JSON.parse(source ?? "{}") as Partial<ReplicationStatus>;
    return Math.max(0, ...(status.replicas ?? []).map(({ headMs }) => headMs));
  } catch {
    return 0;
  }
}

const schema = struct({ about: text(256), epochs: int(0, HEIR_LIMITS.epochs) });

/** How far above the journal's own the epochs of this world's heads are, since it was taken back. */
export async function takenBack(dataFolder: string): Promise<number> {
  const source = await readFileText(join(dataFolder, TAKEN_BACK_FILE));
  if (source === undefined) return 0;
  const kept = check(schema, parsed(source), TAKEN_BACK_FILE);
  if (kept.ok) return kept.value.epochs;
  throw new FaultError(
    fault("store-failed", "world", `${join(dataFolder, TAKEN_BACK_FILE)} is damaged (${kept.fault.detail}); take the world back anew`),
  );
}

/** From now on this world's heads are above that one, for every reader. */
export async function takeBack(dataFolder: string, { head, claim }: FoundHead, log: Log): Promise<void> {
  const epochs = Math.max(await takenBack(dataFolder), epochOf(head) + REPLICATION_LIMITS.epochsAhead);
  const about = "this world was taken back from an heir: its heads are numbered above the heir's";
  await fileStore(dataFolder).set(TAKEN_BACK_FILE, new TextEncoder().encode(`${JSON.stringify({ about, epochs }, undefined, 2)}\n`));
  log.warn("world taken back", { from: claim?.heir.world ?? "", epochs });
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
