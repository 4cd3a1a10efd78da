// Custody as a plain value and back. A checkpoint is a checkpoint of the journal at `seq`: restored and followed by the records after it,
// it gives the same custody as the whole journal does.
import type { ContentId, ItemRef, WorldId } from "../ids.ts";
import { addDeparture } from "./apply-transfer.ts";
import type { Arrival, Build, Custody, Departure, ItemRow, KnownKeys, Overridden, Registered, Resident, WaitingClaim } from "./custody.ts";
import { emptyCustody } from "./custody.ts";
import { type CountedImports, listImports, restoreImports } from "./import-counts.ts";
import { addRow } from "./ledger.ts";
import { memoryFrom, type PlainMemory, plainMemory } from "./memory.ts";
import type { EvidenceTier } from "./papers.ts";
import { type DoubleSpend, type SeenLink, seenKey, spendKey } from "./seen-links.ts";

/** Everything that is not derived, in the order it came to be. Plain: it can be written as CBOR or JSON. */
export interface Checkpoint {
  readonly world: WorldId;
  readonly seq: number;
  readonly clockHighWaterMs: number;
  readonly epoch: number;
  readonly nextDeparture: number;
  readonly nextSerial: number;
  readonly minted: number;
  readonly memory: PlainMemory;
  readonly burned: readonly (readonly [WorldId, number])[];
  readonly residents: readonly Resident[];
  /** In the order of their holders' lists, so that what somebody carries keeps its order. */
  readonly items: readonly ItemRow[];
  readonly seenHops: readonly (readonly [string, number])[];
  readonly out: readonly Departure[];
  readonly overridden: readonly Overridden[];
  readonly arrivals: readonly Arrival[];
  readonly closedBelow: readonly (readonly [WorldId, number])[];
  readonly keys: readonly (readonly [WorldId, KnownKeys])[];
  readonly builds: readonly Build[];
  readonly facts: readonly (readonly [string, string])[];
  readonly substrate?: ContentId;
  readonly imports: readonly CountedImports[];
  readonly evidenced: readonly (readonly [ItemRef, EvidenceTier])[];
  readonly register: readonly (readonly [ItemRef, Registered])[];
  readonly claims: readonly (readonly [ItemRef, WaitingClaim])[];
  readonly links: readonly SeenLink[];
  readonly doubleSpends: readonly DoubleSpend[];
}

export function checkpointOf(custody: Custody): Checkpoint {
  const { world, seq, clockHighWaterMs, epoch, nextDeparture, nextSerial, minted, substrate } = custody;
  const indexed = [...custody.held.values()].flatMap((refs) => [...refs]);
  return {
    ...{ world, seq, clockHighWaterMs, epoch, nextDeparture, nextSerial, minted },
    memory: plainMemory(custody.memory),
    burned: [...custody.burned],
    residents: [...custody.residents.values()].map((resident) => ({ ...resident })),
    items: indexed.map((ref) => ({ ...(custody.items.get(ref) as ItemRow) })),
    seenHops: [...custody.seenHops],
    out: [...custody.out.values()],
    overridden: [...custody.overridden.values()].map((one) => ({ ...one })),
    arrivals: [...custody.arrivals.values()],
    closedBelow: [...custody.closedBelow],
    keys: [...custody.keys],
    builds: [...custody.builds.values()].map((build) => ({ ...build })),
    facts: [...custody.facts],
    imports: listImports(custody.imports),
    evidenced: [...custody.evidenced],
    register: [...custody.register],
    claims: [...custody.claims],
    links: [...custody.links.values()],
    doubleSpends: [...custody.doubleSpends.values()],
    ...(substrate === undefined ? {} : { substrate }),
  };
}

/** The custody a checkpoint was made of. The caller vouches for the checkpoint (it is one's own, and verified). */
export function restoreCustody(checkpoint: Checkpoint): Custody {
  const custody = emptyCustody(checkpoint.world);
  const { seq, clockHighWaterMs, epoch, nextDeparture, nextSerial, minted, substrate } = checkpoint;
  Object.assign(custody, {
    seq,
    clockHighWaterMs,
    epoch,
    nextDeparture,
    nextSerial,
    minted,
    substrate,
    memory: memoryFrom(checkpoint.memory),
  });
  for (const [issuer, count] of checkpoint.burned) custody.burned.set(issuer, count);
  for (const resident of checkpoint.residents) custody.residents.set(resident.traveller, { ...resident });
  for (const row of checkpoint.items) addRow(custody, { ...row });
  for (const [ref, hop] of checkpoint.seenHops) custody.seenHops.set(ref, hop);
  for (const departure of checkpoint.out) addDeparture(custody, departure);
  for (const one of checkpoint.overridden) custody.overridden.set(one.transfer, { ...one });
  for (const arrival of checkpoint.arrivals) {
    custody.arrivals.set(arrival.transfer, arrival);
    custody.openFrom.set(arrival.origin, (custody.openFrom.get(arrival.origin) ?? 0) + 1);
  }
  for (const [origin, below] of checkpoint.closedBelow) custody.closedBelow.set(origin, below);
  for (const [world, known] of checkpoint.keys) custody.keys.set(world, known);
  for (const build of checkpoint.builds) custody.builds.set(build.id, { ...build });
  for (const [key, value] of checkpoint.facts) custody.facts.set(key, value);
  restoreImports(custody.imports, checkpoint.imports);
  for (const [item, tier] of checkpoint.evidenced) custody.evidenced.set(item, tier);
  for (const [item, at] of checkpoint.register) custody.register.set(item, at);
  for (const [item, open] of checkpoint.claims) custody.claims.set(item, open);
  for (const seen of checkpoint.links) custody.links.set(seenKey(seen), seen);
  for (const spend of checkpoint.doubleSpends) custody.doubleSpends.set(spendKey(spend), spend);
  return custody;
}
