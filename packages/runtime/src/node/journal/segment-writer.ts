// The segment that is being written. Space is there before it is needed, as zeros that are synced: a commit changes no length and no
// free block, so that a full disk is met when space is taken and not when a commit must not fail.
import { join } from "node:path";
import { type Disk, type DiskFile, sync, syncFolder, writeAll } from "../disk.ts";
import { BODY_START, encodeHead, encodeHeader, type Head, type SegmentHeader, type Standing, slotPosition } from "./layout.ts";
import { segmentName, unfinished } from "./names.ts";

export class SegmentWriter {
  readonly name: string;
  readonly file: string;
  readonly header: SegmentHeader;
  readonly #disk: DiskFile;
  #end: Head;
  #beforeEnd: Head;
  /** Bytes that are there and synced. */
  #size: number;

  private constructor(name: string, file: string, header: SegmentHeader, open: DiskFile, size: number) {
    this.name = name;
    this.file = file;
    this.header = header;
    this.#disk = open;
    this.#size = size;
    this.#end = { index: 0, seq: header.seq, position: BODY_START, hash: header.hash, state: "open" };
    this.#beforeEnd = this.#end;
  }

  /** A new segment with room for `bodyBytes`, durable under its name when it returns. Throws what the disk throws. */
  static make(disk: Disk, folder: string, epoch: number, before: Standing, bodyBytes: number): SegmentWriter {
    const name = segmentName(epoch, before.seq + 1);
    const path = join(folder, name);
    if (disk.exists(path)) throw new Error(`${path} is there already`);
    const { bytes, header } = encodeHeader(epoch, before);
    const file = disk.open(unfinished(path), "create");
    try {
      const size = BODY_START + bodyBytes;
      const writer = new SegmentWriter(name, path, header, file, size);
      const start = new Uint8Array(size);
      start.set(bytes);
      for (const slot of [0, 1]) start.set(encodeHead(header, writer.#end), slotPosition(slot));
      writeAll(file, start, 0);
      sync(file);
      disk.rename(unfinished(path), path);
      syncFolder(disk, folder);
      return writer;
    } catch (error) {
      file.close();
      // What a full disk took of it is given back; anything else is the caller's to judge.
      if (disk.exists(unfinished(path))) disk.remove(unfinished(path));
      throw error;
    }
  }

  get end(): Head {
    return this.#end;
  }
  get beforeEnd(): Head {
    return this.#beforeEnd;
  }
  /** Bytes a batch may take without any more space. */
  get room(): number {
    return this.#size - this.#end.position;
  }
  /** Bytes taken by what was written. */
  get written(): number {
    return this.#end.position;
  }

  /** Takes more space, so that `room` bytes are there. Throws what the disk throws; what it took until then is not lost. */
  grow(room: number, pieceBytes: number): void {
    const zeros = new Uint8Array(pieceBytes);
    const target = this.#end.position + room;
    const from = this.#size;
    let size = from;
    while (size < target) {
      writeAll(this.#disk, zeros, size);
      size += pieceBytes;
    }
    if (size === from) return;
    sync(this.#disk);
    this.#size = size;
  }

  /** Durable when it returns. The caller has seen to the room, and says with {@link note} that it counts. */
  write(batch: Uint8Array): void {
    writeAll(this.#disk, batch, this.#end.position);
    sync(this.#disk);
  }

  /** The head moves on to the batch that was written; it is on the disk with the next one. */
  note(after: Standing, length: number): void {
    this.#beforeEnd = this.#end;
    this.#end = { ...after, index: this.#end.index + 1, position: this.#end.position + length, state: "open" };
    writeAll(this.#disk, encodeHead(this.header, this.#end), slotPosition(this.#end.index));
  }

  /** Ends it for good, behind its last batch. The next segment must be durable. */
  seal(): void {
    sealSegment(this.#disk, this.header, this.#end, this.#beforeEnd, false);
    this.#disk.close();
  }

  /** Nothing is under way, and the head says so. */
  close(): void {
    writeAll(this.#disk, encodeHead(this.header, { ...this.#end, state: "at rest" }), slotPosition(this.#end.index));
    sync(this.#disk);
    this.#disk.close();
  }

  /** Lets go of a file that cannot be trusted any more. */
  drop(): void {
    try {
      this.#disk.close();
    } catch {
      // It is broken already, and that is what is reported.
    }
  }
}

/**
 * Cuts a segment off behind its last batch and marks it as closed. Each step is synced before the next, so that a crash in between
 * leaves a segment that reads the same. `isHeadBehind`: a crash kept the head from being written.
 */
export function sealSegment(file: DiskFile, header: SegmentHeader, end: Head, beforeEnd: Head, isHeadBehind: boolean): void {
  if (isHeadBehind) {
    for (const head of [beforeEnd, end]) {
      writeAll(file, encodeHead(header, head), slotPosition(head.index));
      sync(file);
    }
  }
  file.truncate(end.position);
  sync(file);
  writeAll(file, encodeHead(header, { ...end, state: "sealed" }), slotPosition(end.index));
  sync(file);
}

/** What was cut short or not allowed behind a segment that is closed goes. */
export function trimSegment(file: DiskFile, position: number): void {
  file.truncate(position);
  sync(file);
}
