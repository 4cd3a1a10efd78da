// The disk as the journal needs it: synchronous, few calls, each of which may fail, write less than asked, or be forgotten by a power
// cut until it is synced. The real one is Node's; the testkit has one that forgets and fails on demand.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";

export interface DiskFile {
  readonly size: number;
  /** Bytes read into all of `into` from `position`; fewer at the end of the file. */
  read(into: Uint8Array, position: number): number;
  /** Bytes written, which may be fewer than asked for. */
  write(bytes: Uint8Array, position: number): number;
  truncate(length: number): void;
  /** Data and length are on the disk when it returns (fdatasync). */
  sync(): void;
  close(): void;
}

/** Paths are absolute. Errors are those of the system, with their `code`. */
export interface Disk {
  /** Names in a folder, in any order; none when there is no such folder. */
  list(folder: string): string[];
  exists(path: string): boolean;
  makeFolder(folder: string): void;
  open(path: string, how: "read" | "write" | "create"): DiskFile;
  rename(from: string, to: string): void;
  /** A second name for a file; EEXIST when the name is taken: of two who try, one succeeds. */
  link(from: string, to: string): void;
  remove(path: string): void;
  /** Names made, changed and removed in a folder are on the disk when it returns. */
  syncFolder(folder: string): void;
}

export const nodeDisk: Disk = {
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  exists: existsSync,
  makeFolder: (folder) => void mkdirSync(folder, { recursive: true, mode: 0o700 }),
  open(path, how) {
    // "create" begins with nothing, whatever was there under this name.
    const fd = openSync(path, { read: "r", write: "r+", create: "w+" }[how], 0o600);
    return {
      get size() {
        return fstatSync(fd).size;
      },
      read: (into, position) => readSync(fd, into, 0, into.length, position),
      write: (bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
      truncate: (length) => ftruncateSync(fd, length),
      sync: () => fdatasyncSync(fd),
      close: () => closeSync(fd),
    };
  },
  rename: renameSync,
  link: linkSync,
  remove: (path) => rmSync(path),
  syncFolder(folder) {
    const fd = openSync(folder, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
};

/** Writes all of it, however little the disk takes at a time. */
export function writeAll(file: DiskFile, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const wrote = file.write(bytes.subarray(done), position + done);
    if (wrote <= 0) throw new Error("the disk takes no more bytes and does not say why");
    done += wrote;
  }
}

export function readWhole(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path, "read");
  try {
    return readFrom(file, 0, file.size);
  } finally {
    file.close();
  }
}

/** Up to `length` bytes from `position`. */
export function readFrom(file: DiskFile, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = file.read(bytes.subarray(done), position + done);
    if (got <= 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

/** After a sync that failed nobody knows what the disk holds, whatever the reason: not even a full disk is only full then. */
export function sync(file: DiskFile): void {
  insistOn("a sync", () => file.sync());
}

export function syncFolder(disk: Disk, folder: string): void {
  insistOn(`the sync of ${folder}`, () => disk.syncFolder(folder));
}

function insistOn(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new Error(`${what} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Whether a system's error says that there is no room (left on the disk, or allowed to this user). */
export function isNoSpace(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}
