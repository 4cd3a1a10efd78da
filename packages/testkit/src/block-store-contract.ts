// What every store of blocks promises, as one suite of rules: `for (const rule of blockStoreRules) test(rule.title, () => rule.check(place))`.
// The rules need no test framework, so that they can also be checked inside a page.
import { type Block, type BlockStore, makeBlock } from "@sojourn/substrate";

/** Where a store of one kind can be had, empty or with some blocks in it already. */
export interface BlockStorePlace {
  open(seed: readonly Block[]): Promise<BlockStore> | BlockStore;
  /** True for stores that only read. */
  readonly isReadOnly?: boolean;
  /** Replaces what is kept as this block, behind the store's back. Left out where there is no such way. */
  damage?(store: BlockStore, block: Block, bytes: Uint8Array): Promise<void>;
  /** From now on nothing answers for this block, or, with false, everything does again. Left out where nobody is asked. */
  silence?(store: BlockStore, block: Block, isSilent: boolean): Promise<void> | void;
}

export interface BlockStoreRule {
  readonly title: string;
  check(place: BlockStorePlace): Promise<void>;
}

export const blockStoreRules: readonly BlockStoreRule[] = [
  { title: "gives back exactly what it holds, from the empty block to the largest", check: givesBack },
  { title: "says missing-block for what it does not hold", check: saysMissing },
  { title: "answers a name that is no content id with a fault", check: refusesNames },
  { title: "takes nothing that does not hash to its id, or is not canonical", check: refusesWrongPuts },
  { title: "keeps its own copy", check: keepsCopies },
  { title: "takes the same block twice and many at once", check: takesMany },
  { title: "lists and deletes, where it can", check: listsAndDeletes },
  { title: "never gives out a damaged block: finds it, names it, and can be healed", check: findsDamage },
  { title: "finds one flipped byte wherever it is, and gives the right bytes once they are there again", check: findsFlips },
  { title: "is healed for good by one right block while many read the damaged one", check: healsAmongReaders },
  { title: "waits for nobody who is wanted no more, and asks anew afterwards", check: outlastsSilence },
];

async function someBlocks(): Promise<Block[]> {
  const large = Uint8Array.from({ length: 1_048_576 }, (_, i) => (i * 31 + (i >> 8)) & 255);
  const sizes = [new Uint8Array(), new Uint8Array([7]), large.slice(0, 1_023), large.slice(0, 1_024), large];
  const raw = await Promise.all(sizes.map((bytes) => makeBlock("raw", bytes)));
  // The map {"a": [1, null]} in dag-cbor.
  return [...raw, await makeBlock("dag-cbor", new Uint8Array([0xa1, 0x61, 0x61, 0x82, 0x01, 0xf6]))];
}

function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`the store breaks its contract: ${what}`);
}

async function holdsBlock(store: BlockStore, { cid, bytes }: Block): Promise<void> {
  const got = await store.get(cid);
  holds(got.ok, `${cid} is in it, but get says ${got.ok ? "" : got.fault.detail}`);
  holds(got.value instanceof Uint8Array && got.value.length === bytes.length, `${cid} came back with another length`);
  holds(
    got.value.every((byte, i) => byte === bytes[i]),
    `${cid} came back with other bytes`,
  );
  holds(await store.has(cid), `${cid} is in it, but has says no`);
}

/** An open store with the blocks in it, by put where it can. */
async function filled(place: BlockStorePlace, blocks: readonly Block[]): Promise<BlockStore> {
  const store = await place.open(place.isReadOnly === true ? blocks : []);
  if (place.isReadOnly === true) return store;
  for (const block of blocks) {
    const put = await store.put(block);
    holds(put.ok, `it does not take ${block.cid}: ${put.ok ? "" : put.fault.detail}`);
  }
  return store;
}

async function givesBack(place: BlockStorePlace): Promise<void> {
  const blocks = await someBlocks();
  const store = await filled(place, blocks);
  for (const block of blocks) await holdsBlock(store, block);
  const seeded = await place.open(blocks);
  for (const block of blocks) await holdsBlock(seeded, block);
}

async function saysMissing(place: BlockStorePlace): Promise<void> {
  const [block] = await someBlocks();
  holds(block !== undefined, "there is a block to ask for");
  const store = await place.open([]);
  const got = await store.get(block.cid);
  holds(!got.ok && got.fault.code === "missing-block", "an empty store does not say missing-block");
  holds(got.fault.detail.includes(block.cid), "the fault does not name the block");
  holds(!(await store.has(block.cid)), "an empty store says it has a block");
}

async function refusesNames(place: BlockStorePlace): Promise<void> {
  const store = await place.open([]);
  for (const name of ["", "..", "../../etc/passwd", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "bafk", `b${"a".repeat(58)}`]) {
    const got = await store.get(name);
    holds(!got.ok, `it gives something for the name ${JSON.stringify(name)}`);
    holds(!(await store.has(name)), `it says it has ${JSON.stringify(name)}`);
    await store.delete?.(name);
  }
}

async function refusesWrongPuts(place: BlockStorePlace): Promise<void> {
  const store = await place.open([]);
  const good = await makeBlock("raw", new Uint8Array([1, 2, 3]));
  const wrong = await store.put({ cid: good.cid, bytes: new Uint8Array([1, 2, 2]) });
  holds(!wrong.ok && (place.isReadOnly === true || wrong.fault.code === "bad-block"), "it takes bytes that do not hash to their id");
  holds(!(await store.get(good.cid)).ok, "it holds what it refused");
  // The hash is right, but 1 in two bytes is not canonical dag-cbor.
  const cid = "bafyreigy762b7f4fzqlgxjwzeposbfacswog3tpxs6sp2utkjt3xv3bitu";
  const loose = await store.put({ cid, bytes: new Uint8Array([0x18, 0x01]) });
  holds(!loose.ok, "it takes dag-cbor that is not canonical");
}

async function keepsCopies(place: BlockStorePlace): Promise<void> {
  const mine = new Uint8Array([9, 8, 7, 6]);
  const block = await makeBlock("raw", mine.slice());
  const store = await filled(place, [{ cid: block.cid, bytes: mine }]);
  if (place.isReadOnly !== true) mine[0] = 0;
  await holdsBlock(store, block);
  const got = await store.get(block.cid);
  if (got.ok) got.value[1] = 0;
  await holdsBlock(store, block);
}

async function takesMany(place: BlockStorePlace): Promise<void> {
  const blocks = await Promise.all(Array.from({ length: 40 }, (_, i) => makeBlock("raw", new Uint8Array([i, 1]))));
  const store = await filled(place, blocks);
  if (place.isReadOnly !== true) {
    const puts = await Promise.all([...blocks, ...blocks].map((block) => store.put(block)));
    holds(
      puts.every(({ ok }) => ok),
      "it does not take many blocks at once",
    );
  }
  await Promise.all(blocks.map((block) => holdsBlock(store, block)));
}

async function listsAndDeletes(place: BlockStorePlace): Promise<void> {
  const blocks = await someBlocks();
  const store = await filled(place, blocks);
  const listed: string[] = [];
  for await (const cid of store.list?.() ?? blocks.map((block) => block.cid)) listed.push(cid);
  holds(
    listed.sort().join() ===
      blocks
        .map(({ cid }) => cid)
        .sort()
        .join(),
    "its list is not what it holds",
  );
  const [gone, ...kept] = blocks;
  holds(gone !== undefined, "there is a block to delete");
  if (store.delete === undefined || place.isReadOnly === true) return;
  await store.delete(gone.cid);
  holds(!(await store.has(gone.cid)) && !(await store.get(gone.cid)).ok, "it still has what was deleted");
  await store.delete(gone.cid);
  for (const block of kept) await holdsBlock(store, block);
}

async function findsDamage(place: BlockStorePlace): Promise<void> {
  if (place.damage === undefined) return;
  for (const block of (await someBlocks()).slice(1)) {
    const store = await filled(place, [block]);
    const flipped = block.bytes.slice();
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 0x10;
    const longer = new Uint8Array(block.bytes.length + 1);
    longer.set(block.bytes);
    for (const wrong of [flipped, block.bytes.slice(1), longer]) {
      await place.damage(store, block, wrong);
      const got = await store.get(block.cid);
      holds(!got.ok, `it gives out a damaged block of ${wrong.length} bytes`);
      holds(["bad-block", "oversized"].includes(got.fault.code), `it calls a damaged block ${got.fault.code}`);
      holds(got.fault.detail.includes(block.cid), "the fault does not name the damaged block");
      if (place.isReadOnly === true) continue;
      holds(!(await store.has(block.cid)), "it keeps a damaged block");
      holds((await store.put(block)).ok, "it cannot be healed");
      await holdsBlock(store, block);
    }
  }
}

async function findsFlips(place: BlockStorePlace): Promise<void> {
  if (place.damage === undefined) return;
  for (const block of (await someBlocks()).slice(1, 4)) {
    const { length } = block.bytes;
    const store = await filled(place, [block]);
    for (const at of new Set([0, length >> 1, length - 1])) {
      const flipped = block.bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await place.damage(store, block, flipped);
      const got = await store.get(block.cid);
      holds(
        !got.ok && got.fault.detail.includes(block.cid),
        `it gives out, or does not name, a block with byte ${at} of ${length} flipped`,
      );
      if (place.isReadOnly === true) await place.damage(store, block, block.bytes);
      else holds((await store.put(block)).ok, "it cannot be healed");
      await holdsBlock(store, block);
    }
  }
}

/** A reader that finds damage and takes it out must not take out what a writer has mended meanwhile. */
async function healsAmongReaders(place: BlockStorePlace): Promise<void> {
  if (place.damage === undefined || place.isReadOnly === true) return;
  const [, , , block] = await someBlocks();
  holds(block !== undefined, "there is a block to damage");
  const store = await filled(place, [block]);
  const wrong = block.bytes.map((byte) => byte ^ 0x55);
  for (let round = 0; round < 12; round++) {
    await place.damage(store, block, wrong);
    const before = Array.from({ length: round % 4 }, () => store.get(block.cid));
    const put = store.put(block);
    const after = Array.from({ length: 4 }, () => store.get(block.cid));
    holds((await put).ok, "it cannot be healed while it is read");
    for (const got of await Promise.all([...before, ...after])) {
      holds(!got.ok || got.value.every((byte, i) => byte === block.bytes[i]), "it gives out a damaged block while it is being healed");
    }
    await holdsBlock(store, block);
  }
}

const ASKS = 20;

async function outlastsSilence(place: BlockStorePlace): Promise<void> {
  const [, , block] = await someBlocks();
  holds(block !== undefined, "there is a block to ask for");
  if (place.silence === undefined) return;
  const store = await place.open([block]);
  await place.silence(store, block, true);
  const stop = new AbortController();
  const asking = store.get(block.cid, { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  const got = await asking;
  holds(!got.ok && got.fault.detail.includes(block.cid), "it does not say which block was not waited for");
  await place.silence(store, block, false);
  // One who waits a set time for each ask may need more than one.
  for (let asks = 0; asks < ASKS && !(await store.get(block.cid)).ok; asks++);
  await holdsBlock(store, block);
}
