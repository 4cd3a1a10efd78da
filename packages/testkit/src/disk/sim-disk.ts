// A disk in memory that forgets what was not synced when the power goes. Law: until it is synced, each write, length and name is durable
// or not on its own, whatever came before or after; a write may be torn between sectors; a rename is whole or not at all.
import { dirname } from "node:path";
import type { SeededRandom } from "@sojourn/runtime";
import type { Disk, DiskFile } from "@sojourn/runtime/node";

const SECTOR = 512;
/** With more pending, not all subsets are tried but some, drawn at random. */
const ALL_SUBSETS_OF = 8;

class Content {
  bytes = new Uint8Array(0);
  length = 0;

  write(bytes: Uint8Array, at: number): void {
    if (at + bytes.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, at + bytes.length));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(bytes, at);
  }
  resize(length: number): void {
    if (length < this.length) this.bytes.fill(0, length);
    this.length = length;
  }
  copy(): Content {
    const copy = new Content();
    copy.bytes = new Uint8Array(this.length);
    copy.bytes.set(this.bytes.subarray(0, this.length));
    copy.length = this.length;
    return copy;
  }
}

interface Node {
  readonly view: Content;
  readonly durable: Content;
}

type Pending =
  | { readonly does: "write"; readonly node: Node; readonly bytes: Uint8Array; readonly at: number }
  | { readonly does: "length"; readonly node: Node; readonly length: number }
  | { readonly does: "name"; readonly folder: string; readonly set?: readonly [string, Node]; readonly drop?: string };

export class SimDisk implements Disk {
  /** Called after everything that changes something: the power may go here. */
  onChange: () => void = () => {};
  /** A disk that lies: it says that it has synced, and has not. */
  isLying = false;
  readonly #names = new Map<string, Node>();
  readonly #durableNames = new Map<string, Node>();
  #pending: Pending[] = [];

  #do(pending: Pending): void {
    this.#pending.push(pending);
    apply(pending, this.#names, (node) => node.view);
  }

  list(folder: string): string[] {
    const start = `${folder}/`;
    return [...this.#names.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
  }
  exists(path: string): boolean {
    return this.#names.has(path);
  }
  makeFolder(folder: string): void {
    this.#do({ does: "name", folder: dirname(folder), set: [folder, newNode()] });
    this.onChange();
  }
  open(path: string, how: "read" | "write" | "create"): DiskFile {
    if (how === "create") {
      const node = this.#names.get(path);
      if (node === undefined) this.#do({ does: "name", folder: dirname(path), set: [path, newNode()] });
      else this.#do({ does: "length", node, length: 0 });
      this.onChange();
    }
    const node = this.#node(path);
    return {
      get size() {
        return node.view.length;
      },
      read: (into, position) => {
        const bytes = node.view.bytes.subarray(position, Math.min(node.view.length, position + into.length));
        into.set(bytes);
        return bytes.length;
      },
      write: (bytes, position) => {
        this.#do({ does: "write", node, bytes: bytes.slice(), at: position });
        const end = position + bytes.length;
        if (end > node.view.length) this.#do({ does: "length", node, length: end });
        this.onChange();
        return bytes.length;
      },
      truncate: (length) => {
        this.#do({ does: "length", node, length });
        this.onChange();
      },
      sync: () => this.#settle((one) => one.does !== "name" && one.node === node),
      close: () => {},
    };
  }
  rename(from: string, to: string): void {
    this.#do({ does: "name", folder: dirname(to), set: [to, this.#node(from)], drop: from });
    this.onChange();
  }
  link(from: string, to: string): void {
    if (this.#names.has(to)) throw Object.assign(new Error(`EEXIST: '${to}'`), { code: "EEXIST" });
    this.#do({ does: "name", folder: dirname(to), set: [to, this.#node(from)] });
    this.onChange();
  }
  remove(path: string): void {
    this.#node(path);
    this.#do({ does: "name", folder: dirname(path), drop: path });
    this.onChange();
  }
  syncFolder(folder: string): void {
    this.#settle((one) => one.does === "name" && one.folder === folder);
  }

  /** What is on the disk as programs see it, to look at and to change without any of the disk's rules. */
  contents(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([path, { view }]) => [path, view.bytes.subarray(0, view.length)]));
  }
  /** Moves a file without any of the disk's rules. */
  misname(from: string, to: string): void {
    const node = this.#node(from);
    this.#names.delete(from);
    this.#names.set(to, node);
  }

  /** Another disk with the same on it, all of it durable. */
  copy(): SimDisk {
    const copy = new SimDisk();
    for (const [path, { view }] of this.#names) {
      const node = { view: view.copy(), durable: view.copy() };
      copy.#names.set(path, node);
      copy.#durableNames.set(path, node);
    }
    return copy;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Disks as the power may leave them now: every subset of what is pending while that is little, else every prefix and some at random. */
  *afterPowerLoss(random: SeededRandom, most: number): Generator<SimDisk> {
    const count = this.#pending.length;
    const chosen: ((i: number) => boolean)[] = [];
    if (count <= ALL_SUBSETS_OF) for (let mask = 0; mask < 2 ** count; mask++) chosen.push((i) => (mask & (1 << i)) !== 0);
    else for (let prefix = 0; prefix <= count; prefix++) chosen.push((i) => i < prefix);
    for (const isKept of chosen.length > most ? sample(chosen, most, random) : chosen) {
      yield this.#left(isKept, () => true);
      if (this.#pending.some((one, i) => isKept(i) && one.does === "write" && one.bytes.length > SECTOR)) {
        yield this.#left(isKept, () => random.next() < 0.5);
      }
    }
    if (count <= ALL_SUBSETS_OF) return;
    for (let i = 0; i < most; i++) {
      const mask = Array.from({ length: count }, () => random.next() < 0.5);
      yield this.#left(
        (one) => mask[one] === true,
        () => random.next() < 0.7,
      );
    }
  }

  #left(isKept: (i: number) => boolean, isSectorKept: () => boolean): SimDisk {
    const left = new SimDisk();
    const copies = new Map<Node, Node>();
    const copyOf = (node: Node): Node => {
      const known = copies.get(node) ?? { view: node.durable.copy(), durable: new Content() };
      copies.set(node, known);
      return known;
    };
    for (const [path, node] of this.#durableNames) left.#names.set(path, copyOf(node));
    this.#pending.forEach((one, i) => {
      if (!isKept(i)) return;
      if (one.does === "write") for (const part of sectors(one, isSectorKept)) copyOf(one.node).view.write(part.bytes, part.at);
      else if (one.does === "length") copyOf(one.node).view.resize(one.length);
      else
        apply(
          { ...one, ...(one.set === undefined ? {} : { set: [one.set[0], copyOf(one.set[1])] as const }) },
          left.#names,
          (node) => node.view,
        );
    });
    // What stands in a folder that is not there is not there either; bytes behind a file's length are nowhere.
    for (const path of [...left.#names.keys()]) if (path.split("/").length > 2 && !left.#names.has(dirname(path))) left.#names.delete(path);
    for (const [path, node] of [...left.#names]) {
      const view = node.view.copy();
      Object.assign(node.view, { bytes: view.bytes, length: view.length });
      Object.assign(node.durable, { bytes: view.bytes.slice(), length: view.length });
      left.#durableNames.set(path, node);
    }
    return left;
  }

  #settle(isMeant: (one: Pending) => boolean): void {
    if (!this.isLying) {
      for (const one of this.#pending) if (isMeant(one)) apply(one, this.#durableNames, (node) => node.durable);
      this.#pending = this.#pending.filter((one) => !isMeant(one));
    }
    this.onChange();
  }

  #node(path: string): Node {
    const node = this.#names.get(path);
    if (node === undefined) throw Object.assign(new Error(`ENOENT: '${path}'`), { code: "ENOENT" });
    return node;
  }
}

function newNode(): Node {
  return { view: new Content(), durable: new Content() };
}

function apply(one: Pending, names: Map<string, Node>, content: (node: Node) => Content): void {
  if (one.does === "write") content(one.node).write(one.bytes, one.at);
  else if (one.does === "length") content(one.node).resize(one.length);
  else {
    if (one.set !== undefined) names.set(...one.set);
    if (one.drop !== undefined) names.delete(one.drop);
  }
}

function* sectors({ bytes, at }: { bytes: Uint8Array; at: number }, isKept: () => boolean): Generator<{ bytes: Uint8Array; at: number }> {
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + SECTOR - ((at + from) % SECTOR));
    if (isKept()) yield { bytes: bytes.subarray(from, to), at: at + from };
    from = to;
  }
}

function sample<T>(list: readonly T[], count: number, random: SeededRandom): T[] {
  return Array.from({ length: count }, () => list[Math.floor(random.next() * list.length)] as T);
}
