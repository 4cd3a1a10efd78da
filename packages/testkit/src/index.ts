// The testkit: what tests of several rooms share. Nothing that ships imports it.
export { type BlockStorePlace, type BlockStoreRule, blockStoreRules } from "./block-store-contract.ts";
export { channelPair, type PairedChannel } from "./channel-pair.ts";
export { type DiskCall, type DiskFault, FaultyDisk } from "./disk/faulty-disk.ts";
export { type HandClock, handClock } from "./hand-clock.ts";
export { type HeadStorePlace, type HeadStoreRule, headStoreRules } from "./head-store-contract.ts";
export { type JournalPlace, journalContract } from "./journal-contract.ts";
export { linkPair, type PairedLink } from "./link-pair.ts";
export { type Entry, type Rehearsal, rehearse, type Seen, share } from "./rehearsal.ts";
export { type S3Trouble, startTestS3, type TestS3, type TestS3Options } from "./s3/server.ts";
export { ScriptedWorld } from "./scripted-world.ts";
export { TickingWorld, type Way } from "./ticking-world.ts";
