// The runtime: the only place where time passes and bytes move. This door works in the browser and in Node;
// what needs Node (server, files, journal on disk) is behind `@sojourn/runtime/node`.
export { type Clock, systemClock } from "./clock.ts";
export { LINK_PRESETS, type LinkConditions, type LinkPreset, linkConditions } from "./conditions.ts";
export { type Driver, drive, type Machine } from "./drive.ts";
export {
  type Journal,
  type JournalCheckpoint,
  JournalDamage,
  type JournalEntry,
  JournalFailure,
  type JournalReader,
  memoryJournal,
} from "./journal.ts";
export { checkKey, checkValue, type KeyValue, memoryKeyValue } from "./key-value.ts";
export { CONDITION_LIMITS, DRIVE_LIMITS, HTTP_LIMITS, JOURNAL_LIMITS, LINK_LIMITS, SERVER_LIMITS, STORE_LIMITS } from "./limits.ts";
export { Inbox, type Link, type LinkEnd, type LinkState } from "./link.ts";
export { type ConditionerOptions, LinkConditioner } from "./link-conditioner.ts";
export { jsonLog, type Log, type LogFields, type LogLevel, prettyLog, silentLog } from "./log.ts";
export { lookAgain } from "./look-again.ts";
export { type Answer, type AskOptions, ask } from "./post.ts";
export { randomBytes, randomUnit, type SeededRandom, seededRandom } from "./random.ts";
export { connect } from "./websocket-link.ts";
