// The journal on disk: one SQLite file, write-ahead log, every commit flushed (`synchronous=FULL`).
// Each row carries the hash of itself and the row before, and the newest hash is kept apart: a row changed, added or taken away is noticed.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { checkRecords, type Journal, type JournalEntry, JournalFailure, type JournalReader } from "../journal.ts";
import { holdLock } from "./process-lock.ts";

const FORMAT = 1;
const GENESIS: Uint8Array = createHash("sha256").update("sojourn journal 1").digest();

const TABLES = `
  CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
`;

interface Head {
  seq: number;
  hash: Uint8Array;
}

/** hash(n) = SHA-256(hash(n-1) ‖ n as u64 big-endian ‖ bytes). */
function chained(previous: Uint8Array, seq: number, bytes: Uint8Array): Uint8Array {
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(seq));
  return createHash("sha256").update(previous).update(place).update(bytes).digest();
}

/**
 * Opens (or makes) the journal in `file` for this process alone and checks every row.
 * Throws {@link JournalFailure} when another process holds it, or a row is altered, torn or missing.
 */
export function sqliteJournal(file: string): Journal {
  const lock = holdLock(`${file}.lock`);
  try {
    const database = openForWriting(file);
    const head = verified(database, file);
    return writingJournal(database, head, () => lock.release());
  } catch (error) {
    lock.release();
    throw failure(`the journal ${file} cannot be opened`, error);
  }
}

/** Opens a journal for reading alone, also while a world writes it. It is checked row by row while it is read. */
export function readSqliteJournal(file: string): JournalReader {
  if (!existsSync(file)) throw new JournalFailure(`there is no journal at ${file}`);
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    database.exec("PRAGMA busy_timeout=5000");
    const end = readHead(database);
    return {
      read: (fromSeq) => checkedEntries(database, file, end, fromSeq),
      lastSeq: end.seq,
      close: () => database.close(),
    };
  } catch (error) {
    throw failure(`the journal ${file} cannot be read`, error);
  }
}

function openForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF");
  database.exec(TABLES);
  database.prepare("INSERT OR IGNORE INTO head (id, format, seq, hash) VALUES (1, ?, 0, ?)").run(FORMAT, GENESIS);
  return database;
}

function readHead(database: DatabaseSync): Head {
  const row = database.prepare("SELECT format, seq, hash FROM head WHERE id = 1").get();
  if (row === undefined || !(row.hash instanceof Uint8Array)) throw new JournalFailure("the journal has no head");
  if (row.format !== FORMAT) throw new JournalFailure(`the journal has format ${String(row.format)}; this version reads ${FORMAT}`);
  return { seq: Number(row.seq), hash: row.hash };
}

function verified(database: DatabaseSync, file: string): Head {
  const head = readHead(database);
  // Walking the entries checks them.
  for (const _entry of checkedEntries(database, file, head, head.seq + 1)) throw new JournalFailure("unreachable");
  return head;
}

/** Walks all rows up to `end`, checks the chain, and yields those from `fromSeq`. */
function* checkedEntries(database: DatabaseSync, file: string, end: Head, fromSeq = 1): Generator<JournalEntry> {
  let seq = 0;
  let hash = GENESIS;
  for (const row of database.prepare("SELECT seq, bytes, hash FROM entry WHERE seq <= ? ORDER BY seq").iterate(end.seq)) {
    const bytes = row.bytes;
    seq += 1;
    if (row.seq !== seq) throw new JournalFailure(`journal ${file}: record ${seq} is missing`);
    if (!(bytes instanceof Uint8Array)) throw new JournalFailure(`journal ${file}: record ${seq} is not bytes`);
    hash = chained(hash, seq, bytes);
    if (!sameBytes(hash, row.hash)) throw new JournalFailure(`journal ${file}: record ${seq} has been altered`);
    if (seq >= fromSeq) yield { seq, bytes };
  }
  if (seq !== end.seq) throw new JournalFailure(`journal ${file}: records ${seq + 1} to ${end.seq} are missing`);
  if (!sameBytes(hash, end.hash)) throw new JournalFailure(`journal ${file}: the head does not name record ${seq}`);
  const beyond = database.prepare("SELECT count(*) AS n FROM entry WHERE seq < 1").get();
  if (Number(beyond?.n) !== 0) throw new JournalFailure(`journal ${file}: records before the first`);
}

function writingJournal(database: DatabaseSync, start: Head, released: () => void): Journal {
  const insert: StatementSync = database.prepare("INSERT INTO entry (seq, bytes, hash) VALUES (?, ?, ?)");
  const move: StatementSync = database.prepare("UPDATE head SET seq = ?, hash = ? WHERE id = 1");
  let head = start;
  let broken: JournalFailure | undefined;
  return {
    append(records) {
      if (broken !== undefined) throw broken;
      checkRecords(records);
      if (records.length === 0) return;
      try {
        let { seq, hash } = head;
        database.exec("BEGIN IMMEDIATE");
        for (const bytes of records) {
          seq += 1;
          hash = chained(hash, seq, bytes);
          insert.run(seq, bytes, hash);
        }
        move.run(seq, hash);
        database.exec("COMMIT");
        head = { seq, hash };
      } catch (error) {
        // Whether the commit reached the disk is unknown now, so nothing may be appended or said any more.
        broken = failure("the journal could not be written", error);
        letGo(database);
        throw broken;
      }
    },
    read: (fromSeq) => checkedEntries(database, database.location() ?? "journal", head, fromSeq),
    get lastSeq() {
      return head.seq;
    },
    close() {
      broken ??= new JournalFailure("the journal is closed");
      if (database.isOpen) database.close();
      released();
    },
  };
}

/** Gives up what was begun, so that readers are not held up by a world that is about to end. */
function letGo(database: DatabaseSync): void {
  try {
    if (database.isTransaction) database.exec("ROLLBACK");
  } catch {
    // The journal is broken already, and that is what is reported.
  }
}

function sameBytes(a: Uint8Array, b: unknown): boolean {
  return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

function failure(what: string, error: unknown): JournalFailure {
  if (error instanceof JournalFailure) return error;
  return new JournalFailure(`${what}: ${error instanceof Error ? error.message : String(error)}`, error);
}
