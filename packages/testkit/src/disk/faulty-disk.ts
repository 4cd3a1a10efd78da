// A disk that fails on purpose: each call is numbered, and whoever holds it says which one fails and how.
import type { Disk, DiskFile } from "@sojourn/runtime/node";

export type DiskCall = "list" | "open" | "create" | "read" | "write" | "truncate" | "sync" | "rename" | "link" | "remove" | "syncFolder";

/** An error of the system, or a write that takes only so many bytes. */
export type DiskFault = { readonly code: string } | { readonly atMost: number };

export class FaultyDisk implements Disk {
  /** Asked before each call; `index` counts the calls from 0. */
  judge: (call: DiskCall, index: number, path: string) => DiskFault | undefined = () => undefined;
  calls = 0;
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  #ask(call: DiskCall, path: string): number {
    const fault = this.judge(call, this.calls++, path);
    if (fault === undefined) return Number.POSITIVE_INFINITY;
    if ("atMost" in fault) return fault.atMost;
    throw Object.assign(new Error(`${fault.code}: made to fail, ${call} '${path}'`), { code: fault.code });
  }

  list(folder: string): string[] {
    this.#ask("list", folder);
    return this.#disk.list(folder);
  }
  exists(path: string): boolean {
    return this.#disk.exists(path);
  }
  makeFolder(folder: string): void {
    this.#disk.makeFolder(folder);
  }
  open(path: string, how: "read" | "write" | "create"): DiskFile {
    this.#ask(how === "create" ? "create" : "open", path);
    const file = this.#disk.open(path, how);
    return {
      get size() {
        return file.size;
      },
      read: (into, position) => {
        this.#ask("read", path);
        return file.read(into, position);
      },
      write: (bytes, position) => file.write(bytes.subarray(0, this.#ask("write", path)), position),
      truncate: (length) => {
        this.#ask("truncate", path);
        file.truncate(length);
      },
      sync: () => {
        this.#ask("sync", path);
        file.sync();
      },
      close: () => file.close(),
    };
  }
  rename(from: string, to: string): void {
    this.#ask("rename", to);
    this.#disk.rename(from, to);
  }
  link(from: string, to: string): void {
    this.#ask("link", to);
    this.#disk.link(from, to);
  }
  remove(path: string): void {
    this.#ask("remove", path);
    this.#disk.remove(path);
  }
  syncFolder(folder: string): void {
    this.#ask("syncFolder", folder);
    this.#disk.syncFolder(folder);
  }
}
