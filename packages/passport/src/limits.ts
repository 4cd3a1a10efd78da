// Every limit of this room.

export const PASSPORT_LIMITS = {
  /** DIDs whose keys were checked and are remembered; the oldest is forgotten first. */
  rememberedKeys: 4_096,
  /** Item kinds one import rule names; worlds one import policy names. */
  ruleKinds: 256,
  ruleOrigins: 1_024,
  /** Clamps of one rule; a passport carries those that matter (CUSTODY.clamps). */
  ruleClamps: 64,
} as const;

/** What is sealed for the operator: a part and its frame fit one block of 1 MiB. */
export const SEALING_LIMITS = {
  plainBytes: 1_048_508,
  overheadBytes: 68,
} as const;
