// The state of a world out of its data folder, beside the world that writes there: what its journal says up to one record, and its files.
// It is restored from the journal as an opening would, so that what is sealed was restored once.
import { join } from "node:path";
import type { StateKey } from "@sojourn/passport/node";
import { type ContentId, encodePlain, ok, type Result } from "@sojourn/protocol";
import { foldJournal, type JournalPlace } from "@sojourn/runtime/node";
import { type BlockStore, walkVersion } from "@sojourn/substrate";
import { replayFolder } from "../audit.ts";
import { MAP_FACT } from "../authority/ground-truth.ts";
import { readIdentity } from "../authority/identity.ts";
import { type Replay, replay } from "../kernel/checkpoints.ts";
import { JOURNAL_FOLDER } from "../kernel/ledger.ts";
import { readStateFiles } from "./files.ts";
import { type SealedState, type StateFacts, sealState } from "./sealed-state.ts";
import { type RowList, rowsOf, stateHash } from "./state-rows.ts";

/** The lists of a state that are not custody. */
export const FILES = "files";
export const BLOCKS = "blocks";

/** Custody at one place of a journal. */
export interface CustodyAt {
  readonly replay: Replay;
  readonly place: JournalPlace;
}

/** What the journal in a data folder says up to `seq`, which ended a commit. Throws a JournalFailure. */
export function custodyAt(dataFolder: string, seq: number): CustodyAt {
  const { value, place } = foldJournal(join(dataFolder, JOURNAL_FOLDER), seq, (checkpoint, entries) =>
    replay({ checkpoint, read: () => entries }),
  );
  return { replay: value, place };
}

export interface ExportOptions {
  readonly seq: number;
  readonly stateKey: StateKey;
  readonly isAtRest: boolean;
  /** A version that no public replica holds, and where its blocks lie: they become part of the state. */
  readonly hidden?: { readonly root: ContentId; readonly store: BlockStore };
}

export interface ExportedState extends SealedState {
  readonly facts: StateFacts;
  /** The version that is served after the last record. */
  readonly substrate: ContentId | undefined;
  /** The version that the map alone makes, which the one that is served grew from. */
  readonly map: ContentId | undefined;
}

/** Faults: `oversized`, and the store's of a hidden version. Throws a JournalFailure, and what the disk throws. */
export async function exportState(dataFolder: string, { seq, stateKey, isAtRest, hidden }: ExportOptions): Promise<Result<ExportedState>> {
  const at = custodyAt(dataFolder, seq);
  const custody = rowsOf(at.replay);
  const files = (await readStateFiles(dataFolder)).map(({ name, bytes }) => encodePlain([name, bytes]));
  const blocks: Uint8Array[] = [];
  if (hidden !== undefined) {
    for await (const block of walkVersion(hidden.root, hidden.store)) {
      if (!block.ok) return block;
      blocks.push(encodePlain([block.value.cid, block.value.bytes]));
    }
  }
  const { world, substrate, facts: said } = at.replay.custody;
  const map = said.get(MAP_FACT);
  const facts: StateFacts = {
    world,
    seq,
    chain: at.place.hash,
    epoch: at.place.epoch,
    hash: stateHash(custody),
    isAtRest,
    isIdentityNear: (await readIdentity(dataFolder)) !== undefined,
  };
  const lists: RowList[] = [...custody, { name: FILES, rows: files }, { name: BLOCKS, rows: blocks }];
  const sealed = await sealState(facts, lists, stateKey);
  return sealed.ok ? ok({ ...sealed.value, facts, substrate, map: typeof map === "string" ? map : undefined }) : sealed;
}

/** What a closed data folder's journal comes to. */
export interface StateOf {
  readonly seq: number;
  /** {@link stateHash} of its custody. */
  readonly hash: string;
  readonly substrate: ContentId | undefined;
}

/** Reads a data folder that no world writes to. Throws a JournalFailure. */
export function readState(dataFolder: string): StateOf {
  const { custody, ...counts } = replayFolder(dataFolder);
  return { seq: custody.seq, substrate: custody.substrate, hash: stateHash(rowsOf({ custody, ...counts })) };
}
