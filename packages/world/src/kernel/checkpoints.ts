// Custody as the parts of a journal's checkpoint, and custody as a journal tells it: the checkpoint it begins from, if any, and the records
// after that. Law: whichever checkpoint that is, the custody is the same.
import {
  type Checkpoint,
  type Custody,
  type CustodyRecord,
  checkpointOf,
  decodePlain,
  decodeRecord,
  emptyCustody,
  encodePlain,
  OWN_PLAIN_LIMITS,
  type Plain,
  replayRecord,
  restoreCustody,
  type WorldId,
} from "@sojourn/protocol";
import { type JournalCheckpoint, type JournalEntry, JournalFailure } from "@sojourn/runtime";
import { CHECKPOINT_LIMITS } from "../limits.ts";

const FORMAT = 1;
/** The journal's fact that says whose it is. */
export const WORLD_FACT = "world.id";

/** What a journal comes to: who and what is where, and how much happened since it began. */
export interface Replay {
  readonly custody: Custody;
  /** Admissions, and departures that were given back, since the world began. */
  crossings: number;
  returned: number;
}

interface Source {
  readonly checkpoint: JournalCheckpoint | undefined;
  read(): Iterable<JournalEntry>;
}

/** Each part has a few scalars, or rows of one list, so that none grows past what is decoded at once. */
export function partsOf({ custody, crossings, returned }: Replay): Uint8Array[] {
  const lists: [string, readonly unknown[]][] = [];
  const scalars: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(checkpointOf(custody))) {
    if (Array.isArray(value)) lists.push([key, value]);
    else scalars[key] = value;
  }
  const parts = [encodePlain({ format: FORMAT, crossings, returned, scalars } as Plain)];
  for (const [list, rows] of lists) {
    for (let at = 0; at === 0 || at < rows.length; at += CHECKPOINT_LIMITS.rowsPerPart) {
      parts.push(encodePlain({ list, rows: rows.slice(at, at + CHECKPOINT_LIMITS.rowsPerPart) } as Plain));
    }
  }
  return parts;
}

export function restored({ seq, parts }: JournalCheckpoint): Replay {
  const limits = { ...OWN_PLAIN_LIMITS, maxBytes: CHECKPOINT_LIMITS.partBytes, maxValues: CHECKPOINT_LIMITS.partValues };
  const [head, ...lists] = parts.map((part) => {
    const plain = decodePlain(part, limits);
    if (!plain.ok) throw new JournalFailure(`checkpoint ${seq} cannot be read: ${plain.fault.detail}`);
    return plain.value as { [key: string]: unknown };
  });
  if (head?.format !== FORMAT)
    throw new JournalFailure(`checkpoint ${seq} has format ${String(head?.format)}, which this version does not read`);
  const checkpoint: { [key: string]: unknown } = { ...(head.scalars as object) };
  for (const { list, rows } of lists) {
    const before = checkpoint[list as string] as unknown[] | undefined;
    checkpoint[list as string] = before === undefined ? rows : [...before, ...(rows as unknown[])];
  }
  const custody = restoreCustody(checkpoint as unknown as Checkpoint);
  if (custody.seq !== seq) throw new JournalFailure(`checkpoint ${seq} holds ${custody.seq} records`);
  return { custody, crossings: Number(head.crossings), returned: Number(head.returned) };
}

/**
 * Throws {@link JournalFailure} on a record that cannot be read or cannot have happened, or when the journal is not that of `world` (when
 * that is known). `heard` is told of each record.
 */
export function replay(source: Source, world?: WorldId, heard: (record: CustodyRecord) => void = () => {}): Replay {
  let replay: Replay | undefined = source.checkpoint === undefined ? undefined : restored(source.checkpoint);
  if (replay !== undefined) mustBeOf(world, replay.custody.world);
  else if (world !== undefined) replay = { custody: emptyCustody(world), crossings: 0, returned: 0 };
  for (const { seq, bytes } of source.read()) {
    const record = decodeRecord(bytes);
    if (!record.ok) throw new JournalFailure(`journal record ${seq} cannot be read: ${record.fault.detail}`);
    const { value } = record;
    const isName = value.r === "world" && value.key === WORLD_FACT;
    if (isName) mustBeOf(world, value.value);
    replay ??= isName ? { custody: emptyCustody(value.value), crossings: 0, returned: 0 } : undefined;
    if (replay === undefined) throw new JournalFailure("the journal does not begin with whose it is");
    try {
      replayRecord(replay.custody, seq, value);
    } catch (error) {
      throw new JournalFailure(
        `journal record ${seq} cannot have happened: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
    }
    if (value.r === "admit") replay.crossings += 1;
    if (value.r === "refund") replay.returned += 1;
    heard(value);
  }
  if (replay === undefined) throw new JournalFailure("the journal does not say whose it is");
  return replay;
}

function mustBeOf(world: WorldId | undefined, found: string): void {
  if (world === undefined || world === found) return;
  throw new JournalFailure(`this journal is that of ${found}, and world.key is the key of ${world}; put back the one that is missing`);
}
