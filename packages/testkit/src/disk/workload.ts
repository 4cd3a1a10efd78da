// What a journal goes through in its life, drawn from a seed: commits of many sizes, segments that fill, checkpoints, openings. It knows
// at every moment what was reported, so that whatever is recovered can be judged.
import { createHash } from "node:crypto";
import { type Journal, type JournalCheckpoint, type JournalEntry, type Log, type SeededRandom, silentLog } from "@sojourn/runtime";
import { type Disk, fileJournal, makeCheckpoint } from "@sojourn/runtime/node";

export const FOLDER = "/journal";
const SIZES = { segmentBytes: 6_144, pieceBytes: 2_048, reserveBytes: 2_048 };
/** Segments that no checkpoint needs go early. */
const KEPT_BYTES = 24_576;

/** The nth record of every such journal; its length is part of it. */
export function recordOf(n: number): Uint8Array {
  return new TextEncoder().encode(`${n} ${"x".repeat((n * 7_919) % 613)}`);
}

const digests: Buffer[] = [createHash("sha256").digest()];
/** What the first `n` records come to. */
function digestOf(n: number): Buffer {
  for (let i = digests.length; i <= n; i++) digests.push(next(digests[i - 1] as Buffer, recordOf(i)));
  return digests[n] as Buffer;
}
function next(digest: Uint8Array, bytes: Uint8Array): Buffer {
  return createHash("sha256").update(digest).update(bytes).digest();
}

/** A checkpoint of these journals: how many records, and what they come to. */
export function condense(base: JournalCheckpoint | undefined, entries: Iterable<JournalEntry>): Uint8Array[] {
  let digest: Uint8Array = base?.parts[0] ?? digestOf(0);
  for (const { bytes } of entries) digest = next(digest, bytes);
  return [digest];
}

export function open(disk: Disk, log: Log = silentLog, beginning: "first" | "newest" = "newest"): Journal {
  return fileJournal(FOLDER, { disk, log, beginning, sizes: SIZES, lock: () => ({ release: () => {} }) });
}

/** What is wrong with what a journal recovered, when so many records were reported and so many more were on their way. */
export function wrongWith(journal: Journal, reported: number, underWay: number): string | undefined {
  const { lastSeq } = journal;
  if (lastSeq < reported) return `${reported} records were reported and ${lastSeq} are there`;
  if (lastSeq !== reported && lastSeq !== reported + underWay)
    return `${lastSeq} records are there, of ${reported} and ${underWay} on their way`;
  const [digest] = condense(journal.checkpoint, journal.read());
  return Buffer.compare(digest as Uint8Array, digestOf(lastSeq)) === 0
    ? undefined
    : `the ${lastSeq} records are not those that were appended`;
}

export class Workload {
  readonly #disk: Disk;
  readonly #random: SeededRandom;
  #journal: Journal | undefined;
  /** Records whose commit was reported, and those of the commit that is on its way. */
  reported: number;
  underWay = 0;

  constructor(disk: Disk, random: SeededRandom, reported = 0) {
    this.#disk = disk;
    this.#random = random;
    this.reported = reported;
  }

  /** Lives on for so many steps; throws what the journal throws. */
  live(steps: number): void {
    this.#journal ??= open(this.#disk);
    for (let step = 0; step < steps; step++) {
      const dice = this.#random.next();
      if (dice < 0.08) this.reopen();
      else if (dice < 0.2) makeCheckpoint(FOLDER, this.reported, condense, { disk: this.#disk, keptBytes: KEPT_BYTES });
      else this.append(1 + Math.floor(this.#random.next() * 4));
    }
  }

  append(count: number): void {
    this.#journal ??= open(this.#disk);
    const records = Array.from({ length: count }, (_, i) => recordOf(this.reported + 1 + i));
    this.underWay = count;
    this.#journal.append(records);
    this.reported += count;
    this.underWay = 0;
  }

  /** Sometimes in good order, sometimes as if the process had been killed. */
  reopen(): void {
    if (this.#random.next() < 0.5) this.close();
    this.#journal = undefined;
    this.#journal = open(this.#disk);
  }

  close(): void {
    this.#journal?.close();
  }

  /** Whether there is a journal that has said that it takes nothing more. */
  get isBroken(): boolean {
    return this.#journal?.hasRoom() === false;
  }
}
