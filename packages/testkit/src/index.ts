// The testkit: what tests of several rooms share. Nothing that ships imports it.
export { type JournalPlace, journalContract } from "./journal-contract.ts";
export { ScriptedWorld } from "./scripted-world.ts";
