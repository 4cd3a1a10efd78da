// A lock that one process holds and that dies with it: the operating system drops it however the process ends, so none is ever stale.
// It is SQLite's own exclusive file lock on a small file beside what it guards, since Node has no file locks of its own.
import { DatabaseSync } from "node:sqlite";
import { JournalFailure } from "../journal.ts";

export interface HeldLock {
  release(): void;
}

/** Takes the lock or throws {@link JournalFailure} at once. */
export function holdLock(file: string): HeldLock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode=DELETE; PRAGMA locking_mode=EXCLUSIVE; PRAGMA busy_timeout=0; BEGIN EXCLUSIVE");
  } catch (error) {
    if (database?.isOpen === true) database.close();
    const held = error instanceof Error && /locked|busy/i.test(error.message);
    throw new JournalFailure(
      held ? `another process holds ${file}: is this world running already?` : `${file} cannot be locked: ${String(error)}`,
      error,
    );
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}
