// The runtime's door in Node: serving links and HTTP on one port, the journal on disk, files for keys.

export { isLoopback } from "./node/address-limits.ts";
export { fileStore, keptValue } from "./node/file-store.ts";
export { type LinkServer, type ListenOptions, listen } from "./node/link-server.ts";
export { loopLoad } from "./node/loop-load.ts";
export { type HeldLock, holdLock } from "./node/process-lock.ts";
export { readSqliteJournal, sqliteJournal } from "./node/sqlite-journal.ts";
