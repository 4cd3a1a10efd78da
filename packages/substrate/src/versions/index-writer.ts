// The chunk index of a world that is too large to be held: chunks come row by row, and a node is written as soon as the row that is
// there shows that nothing more belongs to it. Held at a time are the nodes of one row of each level. The index is the same one that
// changeIndex makes of the same chunks.
import { fail, ok, type Result } from "@sojourn/protocol";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { type IndexEntry, slotAt, writeNode } from "./index-tree.ts";

/** Takes a block that was made; what it refuses ends the writing. */
export type PutBlock = (block: Block) => Promise<Result<void>>;

/** Nodes of one level that more may belong to. */
interface OpenRow {
  row: number;
  /** Column of the node → its slots. */
  readonly nodes: Map<number, Map<number, IndexEntry>>;
}

export class IndexWriter {
  readonly #levels: number;
  readonly #put: PutBlock;
  readonly #open: OpenRow[];
  #y = 0;
  #top: IndexEntry | null = null;

  constructor(levels: number, put: PutBlock) {
    this.#levels = levels;
    this.#put = put;
    this.#open = Array.from({ length: levels }, () => ({ row: 0, nodes: new Map() }));
  }

  /** A chunk at (x, y) from the world's upper left one. Rows may only rise. Fault `malformed` when one falls, and those of putting. */
  async add(x: number, y: number, entry: IndexEntry): Promise<Result<void>> {
    if (y < this.#y) return fail("malformed", "client", `chunks must come row by row, and row ${y} came after row ${this.#y}`);
    this.#y = y;
    for (let level = 1; level <= this.#levels && rowOf(y, level) !== this.#row(level).row; level++) {
      const closed = await this.#close(level);
      if (!closed.ok) return closed;
    }
    this.#file(x, y, 1, entry);
    return ok(undefined);
  }

  /** Writes what is still open, and gives the top; null when no chunk came. */
  async end(): Promise<Result<IndexEntry | null>> {
    for (let level = 1; level <= this.#levels; level++) {
      const closed = await this.#close(level);
      if (!closed.ok) return closed;
    }
    return ok(this.#top);
  }

  #row(level: number): OpenRow {
    return this.#open[level - 1] as OpenRow;
  }

  /** Puts an entry into the node of `level` that covers chunk (x, y). */
  #file(x: number, y: number, level: number, entry: IndexEntry): void {
    const open = this.#row(level);
    open.row = rowOf(y, level);
    const column = rowOf(x, level);
    const slots = open.nodes.get(column) ?? new Map<number, IndexEntry>();
    open.nodes.set(column, slots);
    slots.set(slotAt(x, y, level), entry);
  }

  async #close(level: number): Promise<Result<void>> {
    const open = this.#row(level);
    const side = LIMITS.indexFanout ** level;
    for (const [column, slots] of open.nodes) {
      const made: Block[] = [];
      const entry = await writeNode(level, slots, made);
      if (!entry.ok) return entry;
      for (const block of made) {
        const put = await this.#put(block);
        if (!put.ok) return put;
      }
      if (level === this.#levels) this.#top = entry.value;
      else this.#file(column * side, open.row * side, level + 1, entry.value);
    }
    open.nodes.clear();
    return ok(undefined);
  }
}

/** Row, or column, of the node of `level` that covers this row, or column, of chunks. */
function rowOf(at: number, level: number): number {
  return Math.floor(at / LIMITS.indexFanout ** level);
}
