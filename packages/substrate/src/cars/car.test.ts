import { CarReader, CarWriter } from "@ipld/car";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { describe, expect, test } from "vitest";
import { walkVersion } from "../history/walk.ts";
import { CAR, LIMITS } from "../limits.ts";
import { memoryStore } from "../stores/memory.ts";
import type { Block } from "../stores/port.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { carHeader, carSection, openCar } from "./car.ts";

async function sample(): Promise<{ root: string; blocks: Block[]; car: Uint8Array }> {
  const { root, blocks } = await plainWorld(plainScene(9, 2));
  const ordered: Block[] = [];
  for await (const block of walkVersion(root, memoryStore("memory", blocks))) if (block.ok) ordered.push(block.value);
  return { root, blocks: ordered, car: new Uint8Array(Buffer.concat([carHeader([root]), ...ordered.map(carSection)])) };
}

function inPieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** Ids of the blocks read, and the code of the fault that ended the reading. */
async function readAll(pieces: Iterable<Uint8Array>): Promise<{ roots: readonly string[]; cids: string[]; fault: string | undefined }> {
  const car = await openCar(pieces);
  if (!car.ok) return { roots: [], cids: [], fault: car.fault.code };
  const cids: string[] = [];
  for await (const block of car.value.blocks()) {
    if (!block.ok) return { roots: car.value.roots, cids, fault: block.fault.code };
    cids.push(block.value.cid);
  }
  return { roots: car.value.roots, cids, fault: undefined };
}

describe("blocks as one stream", () => {
  test("are read by the reference implementation", async () => {
    const { root, blocks, car } = await sample();
    const reader = await CarReader.fromBytes(car);
    expect((await reader.getRoots()).map(String)).toEqual([root]);
    const read: Block[] = [];
    for await (const { cid, bytes } of reader.blocks()) read.push({ cid: cid.toString(), bytes });
    expect(read.map(({ cid }) => cid)).toEqual(blocks.map(({ cid }) => cid));
    expect(read.every(({ bytes }, i) => Buffer.compare(bytes, blocks[i]!.bytes) === 0)).toBe(true);
  });

  test("are read here as the reference implementation writes them", async () => {
    const { root, blocks, car } = await sample();
    const { writer, out } = CarWriter.create([CID.parse(root)]);
    const pieces: Uint8Array[] = [];
    const collected = (async () => {
      for await (const piece of out) pieces.push(piece);
    })();
    for (const { cid, bytes } of blocks) await writer.put({ cid: CID.parse(cid), bytes });
    await writer.close();
    await collected;
    expect(Buffer.compare(Buffer.concat(pieces), car)).toBe(0);
    expect(await readAll(pieces)).toEqual({ roots: [root], cids: blocks.map(({ cid }) => cid), fault: undefined });
  });

  test("come in pieces of any size", async () => {
    const { root, blocks, car } = await sample();
    for (const size of [1, 7, 37, 4_096, car.length])
      expect(await readAll(inPieces(car, size))).toEqual({ roots: [root], cids: blocks.map(({ cid }) => cid), fault: undefined });
  });

  test("cut anywhere, give what was whole and say so", async () => {
    const { car } = await sample();
    const whole = await readAll([car]);
    const ends: number[] = [];
    for (let at = 0; at < car.length; at += 1 + (at % 13)) {
      const read = await readAll([car.subarray(0, at)]);
      expect(read.cids).toEqual(whole.cids.slice(0, read.cids.length));
      if (read.fault === undefined) ends.push(at);
      else expect(read.fault).toBe("malformed");
    }
    // Between two sections nobody can tell that more was to come; the walk of the version does.
    expect(ends.length).toBeLessThan(whole.cids.length + 1);
  });

  test("with any byte changed, give no wrong block", async () => {
    const { blocks, car } = await sample();
    const known = new Set(blocks.map(({ cid }) => cid));
    await fc.assert(
      fc.asyncProperty(fc.nat(car.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = car.slice();
        changed[at]! ^= flip;
        const read = await readAll([changed]);
        expect(read.cids.every((cid) => known.has(cid))).toBe(true);
        expect(read.fault !== undefined || read.roots[0] !== blocks[0]!.cid).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("that claim too much, or are of another kind, are refused by name", async () => {
    const { root, car } = await sample();
    const long = (n: number): number[] => (n < 128 ? [n] : [(n & 0x7f) | 0x80, ...long(n >> 7)]);
    const cases: [string, Uint8Array, string][] = [
      ["nothing", new Uint8Array(), "malformed"],
      ["a header that is zero bytes long", Uint8Array.of(0), "malformed"],
      ["a length in a longer spelling", Uint8Array.of(0x80, 0), "malformed"],
      ["a header past its bound", Uint8Array.from(long(CAR.headerBytes + 1)), "oversized"],
      ["a length without end", new Uint8Array(64).fill(0xff), "oversized"],
      ["a section past its bound", Uint8Array.from([...carHeader([root]), ...long(LIMITS.blockBytes + 37)]), "oversized"],
      ["a CAR of version 2", Uint8Array.from(Buffer.from("0aa16776657273696f6e02", "hex")), "malformed"],
      ["an identity content id", Uint8Array.from([...carHeader([root]), 38, 1, 0x55, 0, 0x22, ...new Array(34).fill(1)]), "bad-content-id"],
      ["a block cut short", car.subarray(0, car.length - 1), "malformed"],
    ];
    for (const [name, bytes, fault] of cases) expect((await readAll([bytes])).fault, name).toBe(fault);
  });
});
