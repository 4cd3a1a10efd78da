// Who may go on with this world when it has been silent for long: the statement in the data folder, signed by the identity key. A running
// world notices the folder; heads and manifest carry the statement from then on.
import { join, resolve } from "node:path";
import { headJudge } from "@sojourn/passport";
import { nodeEd25519, nodeNotary } from "@sojourn/passport/node";
import { check, decodeBase64url, encodeBase64url, FaultError, fault, struct, text, type WorldId } from "@sojourn/protocol";
import { fileStore } from "@sojourn/runtime/node";
import { type Heir, openSuccession, type Succession, whyNoSuccession, writeSuccession } from "@sojourn/substrate";
import { readKeys } from "../authority/identity.ts";
import { identityOf } from "../authority/key-change.ts";
import { HEIR_LIMITS } from "../limits.ts";
import { readFileText } from "../replication/files.ts";

export const HEIRS_FILE = "heirs.json";

/** A world's statement as it was signed, and what it says. */
export interface StatedHeirs {
  readonly bytes: Uint8Array;
  readonly succession: Succession;
}

export interface HeirsChange {
  /** A file with the identity key, where it does not lie in the data folder. */
  readonly identityFile?: string;
  /** The version that the statement must be above, when others know one that this folder has lost. */
  readonly after?: number;
  readonly nowMs?: number;
}

const schema = struct({ about: text(256), statement: text(HEIR_LIMITS.statementChars) });

/** Undefined when the world in this folder never named anybody. Throws a FaultError that says which file is damaged. */
export async function readHeirs(dataFolder: string, world: WorldId): Promise<StatedHeirs | undefined> {
  const path = join(dataFolder, HEIRS_FILE);
  const source = await readFileText(path);
  if (source === undefined) return undefined;
  const kept = check(schema, parsed(source), HEIRS_FILE);
  const bytes = kept.ok ? decodeBase64url(kept.value.statement) : undefined;
  const opened = bytes === undefined ? undefined : openSuccession(world, bytes, headJudge());
  if (bytes !== undefined && opened?.ok === true) return { bytes, succession: opened.value };
  const why = opened?.ok === false ? opened.fault.detail : "it holds no statement";
  throw new FaultError(
    fault("store-failed", "world", `${path} is damaged (${why}); put it back from a backup, or move it away and name the heirs again`),
  );
}

/** Names an heir, or says something else of one that is named; in the order in which they count. `first`: before all others. */
export function nameHeir(dataFolder: string, heir: Heir, isFirst: boolean, change: HeirsChange = {}): Promise<StatedHeirs> {
  return restate(dataFolder, change, (heirs) => {
    const at = heirs.findIndex((one) => one.world === heir.world);
    const others = heirs.filter((one) => one.world !== heir.world);
    return others.toSpliced(isFirst ? 0 : at < 0 ? others.length : at, 0, heir);
  });
}

/** Takes one heir, or all, out of the statement. */
export function withdrawHeir(dataFolder: string, who: WorldId | "all", change: HeirsChange = {}): Promise<StatedHeirs> {
  return restate(dataFolder, change, (heirs) => {
    const left = who === "all" ? [] : heirs.filter((one) => one.world !== who);
    if (left.length < heirs.length) return left;
    throw new FaultError(fault("no-such-target", "client", `this world names ${who === "all" ? "nobody" : `no heir ${who}`}`));
  });
}

async function restate(
  dataFolder: string,
  { identityFile, after = 0, nowMs = Date.now() }: HeirsChange,
  change: (heirs: readonly Heir[]) => readonly Heir[],
): Promise<StatedHeirs> {
  const keys = await readKeys(dataFolder);
  if (keys === undefined) throw new FaultError(fault("no-such-target", "client", `no world has opened in ${dataFolder} yet`));
  const { world } = keys;
  const secret = await identityOf(dataFolder, identityFile === undefined ? undefined : resolve(identityFile));
  const identity = nodeNotary(secret).world;
  if (identity !== world)
    throw new FaultError(fault("refused", "client", `that is the identity key of ${identity}, and this world is ${world}`));
  const before = await readHeirs(dataFolder, world);
  const heirs = change(before?.succession.heirs ?? []);
  const wrong = whyNoSuccession({ world, heirs });
  if (wrong !== undefined) throw new FaultError(fault("malformed", "client", wrong));
  const version = Math.max(before?.succession.version ?? 0, after) + 1;
  const succession: Succession = { world, version, timeMs: nowMs, heirs };
  const bytes = await writeSuccession(succession, async (signed) => nodeEd25519.sign(signed, secret));
  const about = "who may go on with this world when it has been silent for long, signed by its identity key (sojourn heirs)";
  const kept = `${JSON.stringify({ about, statement: encodeBase64url(bytes) }, undefined, 2)}\n`;
  await fileStore(dataFolder).set(HEIRS_FILE, new TextEncoder().encode(kept));
  return { bytes, succession };
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
