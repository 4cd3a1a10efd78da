// The runtime's door in Node: serving links and HTTP on one port, the journal on disk, files for keys.

export { isLoopback } from "./node/address-limits.ts";
export { type Disk, type DiskFile, nodeDisk } from "./node/disk.ts";
export { fileStore, keptValue } from "./node/file-store.ts";
export { type BegunAgain, beginAgain, finishBeginning } from "./node/journal/begin-again.ts";
export { type FileJournalOptions, fileJournal, type JournalMoment, type JournalSizes } from "./node/journal/file-journal.ts";
export { type CheckpointOptions, type Condense, foldJournal, type JournalPlace, makeCheckpoint } from "./node/journal/make-checkpoint.ts";
export { type Planting, plantJournal } from "./node/journal/plant-journal.ts";
export { readJournal } from "./node/journal/read-journal.ts";
export { type LinkEntrance, type LinkServer, type ListenOptions, listen } from "./node/link-server.ts";
export { loopLoad } from "./node/loop-load.ts";
export { type HeldLock, holdLock } from "./node/process-lock.ts";
