// Blocks in one file, one behind the other, for worlds of a million blocks that are made, read for a while and thrown away: a file each
// would measure the file system. What is read is verified like everywhere; a block is where the table in memory says.
import { type FileHandle, open } from "node:fs/promises";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { type BlockStore, verifyBlock } from "@sojourn/substrate";

const BUFFER_BYTES = 4_194_304;

export class PackFile {
  readonly store: BlockStore;
  bytes = 0;
  readonly #file: FileHandle;
  readonly #places = new Map<ContentId, number>();
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
    this.store = {
      name: "pack file",
      has: async (cid) => this.#places.has(cid),
      get: (cid) => this.#get(cid),
      put: async ({ cid, bytes }) => await this.#put(cid, bytes),
    };
  }

  static async open(path: string): Promise<PackFile> {
    return new PackFile(await open(path, "w+"));
  }

  get blocks(): number {
    return this.#places.size;
  }

  /** Everything put is in the file. */
  async flush(): Promise<void> {
    const at = this.bytes - this.#bufferedBytes;
    const whole = Buffer.concat(this.#buffered);
    this.#buffered = [];
    this.#bufferedBytes = 0;
    if (whole.length > 0) await this.#file.write(whole, 0, whole.length, at);
  }

  /** The bytes as they lie there, without a look at them. */
  async read(cid: ContentId): Promise<Uint8Array | undefined> {
    const place = this.#places.get(cid);
    if (place === undefined) return undefined;
    if (place % LENGTHS === 0) return new Uint8Array();
    const bytes = new Uint8Array(place % LENGTHS);
    await this.#file.read(bytes, 0, bytes.length, Math.floor(place / LENGTHS));
    return bytes;
  }

  ids(): IterableIterator<ContentId> {
    return this.#places.keys();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #put(cid: ContentId, bytes: Uint8Array): Promise<Result<void>> {
    if (this.#places.has(cid)) return ok(undefined);
    this.#places.set(cid, this.bytes * LENGTHS + bytes.length);
    this.bytes += bytes.length;
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes >= BUFFER_BYTES) await this.flush();
    return ok(undefined);
  }

  async #get(cid: ContentId): Promise<Result<Uint8Array>> {
    if (this.#bufferedBytes > 0) await this.flush();
    const bytes = await this.read(cid);
    if (bytes === undefined) return fail("missing-block", "peer", `the pack file does not hold block ${cid}`);
    const block = await verifyBlock(cid, bytes);
    return block.ok ? ok(block.value.bytes) : block;
  }
}

/** Place and length in one number: offset times this, plus the length. */
const LENGTHS = 2_097_152;
