// What one rule of custody says. The rules themselves are in rules.ts and the files beside it.

/** `from` → `to` on `on`: one arrow of a machine's diagram. */
export interface Rule {
  readonly machine: "origin" | "destination" | "tiers" | "keys" | "memory";
  readonly from: string;
  readonly to: string;
  readonly on: string;
  readonly says: string;
}
