// Whom this world's operator does not let in: travellers by their key, or everybody who was born in some world. Kept in the data folder
// as text; a running world follows it. Nobody loses anything by a ban: what they have here stays theirs, and what is under way is resolved.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  check,
  type Fault,
  fault,
  LIMITS,
  list,
  type Schema,
  struct,
  type TravellerId,
  text,
  uint,
  type WorldId,
  worldIdSchema,
} from "@sojourn/protocol";
import { fileStore } from "@sojourn/runtime/node";
import { BORDER_LIMITS } from "../limits.ts";
import type { Core } from "./core.ts";
import { feed } from "./sessions.ts";

export interface Ban {
  /** A traveller, or the home world of travellers. */
  readonly who: TravellerId | WorldId;
  /** What the banned are told. */
  readonly why: string;
  readonly sinceMs: number;
}

const FILE = "bans.json";
const NO_REASON = "This world's operator does not let you in.";
const bansSchema: Schema<readonly Ban[]> = list(
  struct({ who: worldIdSchema, why: text(LIMITS.detailBytes), sinceMs: uint() }),
  BORDER_LIMITS.bans,
);

/** Throws an Error that names the mistake. */
export async function readBans(dataFolder: string): Promise<readonly Ban[]> {
  const path = join(dataFolder, FILE);
  const source = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw new Error(`${path} is not JSON; it holds a list of { "who", "why", "sinceMs" }`);
  }
  const checked = check(bansSchema, parsed, FILE);
  if (!checked.ok) throw new Error(`${path}: ${checked.fault.detail}`);
  return checked.value;
}

export async function keepBans(dataFolder: string, bans: readonly Ban[]): Promise<void> {
  const checked = check(bansSchema, bans, FILE);
  if (!checked.ok) throw new Error(`this is no ban: ${checked.fault.detail}`);
  await fileStore(dataFolder).set(FILE, new TextEncoder().encode(`${JSON.stringify(bans, undefined, 2)}\n`));
}

/** What a banned traveller is told; undefined for everybody else. */
export function banOf(bans: readonly Ban[], traveller: TravellerId, home: WorldId): string | undefined {
  const ban = bans.find(({ who }) => who === traveller || who === home);
  return ban === undefined ? undefined : ban.why || NO_REASON;
}

export function banned(why: string): Fault {
  return fault("banned", "client", why);
}

/** From now on these; whoever of them is in the world is told and put to rest. */
export function useBans(core: Core, bans: readonly Ban[]): void {
  core.bans = bans;
  for (const [traveller, guest] of [...core.byTraveller]) {
    const resident = core.stage.custody.residents.get(traveller);
    const why = resident?.status === "here" ? banOf(bans, traveller, resident.home) : undefined;
    if (why !== undefined) feed(core, guest, { i: "end", fault: banned(why) });
  }
}
