// A world's versions, newest first: each root names the version before it. Only roots are read.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { HISTORY } from "../limits.ts";
import type { BlockStore } from "../stores/port.ts";
import { readVersionRoot } from "./version-root.ts";

export interface LoggedVersion {
  readonly root: ContentId;
  readonly parent: ContentId | null;
  readonly name: string;
  /** The world's tick and time, milliseconds since 1970, that the version stands for; 0 for one made from a map. */
  readonly tick: number;
  readonly timeMs: number;
  /** Of the whole version, shared blocks included. */
  readonly blocks: number;
  readonly bytes: number;
}

export interface VersionLog {
  readonly versions: readonly LoggedVersion[];
  /** An older version that the store does not hold, or that is past `most`: the log goes no further back. */
  readonly more: ContentId | null;
}

/** Faults: those of reading `root` itself; further back a missing version ends the log, a wrong one is `bad-block`. */
export async function readLog(root: ContentId, store: BlockStore, most: number = HISTORY.versions): Promise<Result<VersionLog>> {
  const versions: LoggedVersion[] = [];
  const seen = new Set<ContentId>();
  let next: ContentId | null = root;
  while (next !== null && versions.length < Math.min(most, HISTORY.versions)) {
    if (seen.has(next)) return fail("bad-block", "world", `version ${next} is its own ancestor`);
    seen.add(next);
    const version: Result<LoggedVersion> = await loggedVersion(next, store);
    if (!version.ok && version.fault.code === "missing-block" && versions.length > 0) break;
    if (!version.ok) return version;
    versions.push(version.value);
    next = version.value.parent;
  }
  return ok({ versions, more: next });
}

async function loggedVersion(cid: ContentId, store: BlockStore): Promise<Result<LoggedVersion>> {
  const read = await readVersionRoot(cid, store);
  if (!read.ok) return read;
  const { root, bytes } = read.value;
  const { parent, name, tick, timeMs, below } = root;
  return ok({ root: cid, parent, name, tick, timeMs, blocks: below.blocks + 1, bytes: below.bytes + bytes.length });
}
