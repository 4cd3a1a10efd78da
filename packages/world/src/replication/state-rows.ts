// A world's custody as lists of rows, so that a change of one row changes little of what is stored: whatever is a list in a checkpoint is
// one here, and passports that are kept are rows of their own. Law: back again it is the same custody, and one custody has one spelling.
import { createHash } from "node:crypto";
import {
  type Checkpoint,
  checkpointOf,
  decodePlain,
  encodePlain,
  fail,
  OWN_PLAIN_LIMITS,
  ok,
  type Result,
  restoreCustody,
} from "@sojourn/protocol";
import type { Replay } from "../kernel/checkpoints.ts";
import { REPLICATION_LIMITS } from "../limits.ts";

/** One list of the state, each row as canonical CBOR. */
export interface RowList {
  readonly name: string;
  readonly rows: readonly Uint8Array[];
}

const FORMAT = 1;
const SCALARS = "scalars";
const SHELVES = ["came", "went"] as const;

type Bag = { [key: string]: unknown };

/** In an order that never changes: the scalars first, then each list as custody names it. */
export function rowsOf({ custody, crossings, returned }: Replay): RowList[] {
  const { memory, ...rest } = checkpointOf(custody);
  const lists = new Map<string, readonly unknown[]>();
  const scalars: Bag = { format: FORMAT, crossings, returned };
  const take = (prefix: string, bag: object, into: Bag): void => {
    for (const [key, value] of Object.entries(bag)) {
      if (Array.isArray(value)) lists.set(prefix + key, value);
      else into[key] = value;
    }
  };
  take("", rest, scalars);
  const { came, went, amnesia, ...remembered } = memory;
  const memoryScalars: Bag = {};
  take("memory.", remembered, memoryScalars);
  for (const [name, shelf] of [
    ["came", came],
    ["went", went],
  ] as const) {
    lists.set(
      `memory.${name}.below`,
      shelf.map(([peer, below]) => [peer, below]),
    );
    lists.set(
      `memory.${name}.kept`,
      shelf.flatMap(([peer, , kept]) => kept.map(([n, one]) => [peer, n, one])),
    );
  }
  if (amnesia !== undefined) {
    const asking: Bag = {};
    take("memory.amnesia.", amnesia, asking);
    memoryScalars.amnesia = asking;
  }
  scalars.memory = memoryScalars;
  return [
    { name: SCALARS, rows: [encodePlain(scalars)] },
    ...[...lists].map(([name, rows]) => ({ name, rows: rows.map((row) => encodePlain(row)) })),
  ];
}

/** Faults: `malformed`, `unsupported-version` (another format). What it gives was sealed by the world itself, and is taken to be sound. */
export function replayOf(lists: readonly RowList[]): Result<Replay> {
  const rows = new Map<string, unknown[]>();
  const limits = { ...OWN_PLAIN_LIMITS, maxBytes: REPLICATION_LIMITS.rowBytes };
  for (const list of lists) {
    const decoded: unknown[] = [];
    for (const row of list.rows) {
      const plain = decodePlain(row, limits);
      if (!plain.ok) return fail("malformed", "world", `the state's list ${list.name}: ${plain.fault.detail}`);
      decoded.push(plain.value);
    }
    rows.set(list.name, decoded);
  }
  const scalars = rows.get(SCALARS)?.[0] as Bag | undefined;
  if (scalars === undefined) return fail("malformed", "world", "the state does not say what it is of");
  if (scalars.format !== FORMAT)
    return fail("unsupported-version", "world", `the state has format ${String(scalars.format)}, which this version does not read`);
  const { format: _, crossings, returned, memory: memoryScalars, ...checkpoint } = scalars;
  const listsUnder = (prefix: string): Bag => {
    const found: Bag = {};
    for (const [name, value] of rows) {
      const key = name.slice(prefix.length);
      if (name.startsWith(prefix) && !key.includes(".") && name !== SCALARS) found[key] = value;
    }
    return found;
  };
  const { amnesia, ...remembered } = memoryScalars as Bag;
  const memory: Bag = { ...remembered, ...listsUnder("memory.") };
  for (const name of SHELVES) memory[name] = shelfOf(rows, name);
  if (amnesia !== undefined) memory.amnesia = { ...(amnesia as Bag), ...listsUnder("memory.amnesia.") };
  try {
    const custody = restoreCustody({ ...checkpoint, ...listsUnder(""), memory } as unknown as Checkpoint);
    return ok({ custody, crossings: Number(crossings), returned: Number(returned) });
  } catch (error) {
    return fail("malformed", "world", `the state cannot be put together: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function shelfOf(rows: ReadonlyMap<string, unknown[]>, name: string): unknown[] {
  const kept = new Map<string, unknown[]>();
  for (const [peer, n, one] of (rows.get(`memory.${name}.kept`) ?? []) as [string, number, unknown][]) {
    const of = kept.get(peer);
    if (of === undefined) kept.set(peer, [[n, one]]);
    else of.push([n, one]);
  }
  return ((rows.get(`memory.${name}.below`) ?? []) as [string, number][]).map(([peer, below]) => [peer, below, kept.get(peer) ?? []]);
}

/** One number for the whole of a custody, hexadecimal: two worlds with the same have everybody and everything in the same place. */
export function stateHash(lists: readonly RowList[]): string {
  const hash = createHash("sha256").update("sojourn state 1\n");
  const count = Buffer.alloc(4);
  const put = (bytes: Uint8Array): void => {
    count.writeUInt32BE(bytes.length);
    hash.update(count).update(bytes);
  };
  for (const { name, rows } of lists) {
    put(new TextEncoder().encode(name));
    count.writeUInt32BE(rows.length);
    hash.update(count);
    for (const row of rows) put(row);
  }
  return hash.digest("hex");
}
