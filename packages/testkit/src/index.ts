// The testkit: what tests of several rooms share. Nothing that ships imports it.
export { type BlockStorePlace, type BlockStoreRule, blockStoreRules } from "./block-store-contract.ts";
export { type JournalPlace, journalContract } from "./journal-contract.ts";
export { ScriptedWorld } from "./scripted-world.ts";
