// A second reader of journals, written from JOURNAL.md alone: it shares no line with the one that worlds use.
// Law: it never writes, and it takes nothing for a record that does not follow from the first one by its hashes.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CustodyRecord, decodeRecord } from "@sojourn/protocol";

const SEGMENT = /^(\d{10})-(\d{16})\.segment$/;
const BATCH = "sojourn batch  \n";

interface Chain {
  hash: Buffer;
  readonly records: Buffer[];
}

/** All custody records in a world's data folder, from the first. Throws when it cannot be read at all. */
export function readStore(dataFolder: string): CustodyRecord[] {
  const folder = join(dataFolder, "journal");
  const names = readdirSync(folder).filter((name) => SEGMENT.test(name));
  if (names.length === 0) throw new Error(`${folder}: no journal`);
  const segments = names.sort().map((name) => readFileSync(join(folder, name)));
  const chain: Chain = { hash: createHash("sha256").update("sojourn journal 2").digest(), records: [] };
  segments.forEach((bytes, i) => {
    const [seq, hash] = begins(bytes);
    if (seq !== chain.records.length || !hash.equals(chain.hash))
      throw new Error(`${folder}/${names[i]}: does not follow record ${chain.records.length}`);
    const next = segments[i + 1];
    follow(bytes, chain, next === undefined ? undefined : begins(next)[0]);
  });
  return chain.records.map((bytes, i) => {
    const record = decodeRecord(bytes);
    if (!record.ok) throw new Error(`${folder}: record ${i + 1}: ${record.fault.detail}`);
    return record.value;
  });
}

/** The record a segment follows, and the hash of the batch that ends with it. */
function begins(bytes: Buffer): [number, Buffer] {
  if (bytes.toString("latin1", 0, 16) !== "sojourn journal\n") throw new Error("no segment");
  return [Number(bytes.readBigUInt64BE(32)), bytes.subarray(40, 72)];
}

function follow(bytes: Buffer, chain: Chain, untilSeq: number | undefined): void {
  for (let at = 4_096; at + 112 <= bytes.length && chain.records.length !== untilSeq; ) {
    if (bytes.toString("latin1", at, at + 16) !== BATCH) return;
    const length = Number(bytes.readBigUInt64BE(at + 16));
    const end = at + length - 32;
    const isWhole =
      end <= bytes.length - 32 &&
      createHash("sha256")
        .update(bytes.subarray(at, end))
        .digest()
        .equals(bytes.subarray(end, end + 32));
    const isNext = isWhole && Number(bytes.readBigUInt64BE(at + 32)) === chain.records.length + 1;
    if (!isNext || !bytes.subarray(at + 48, at + 80).equals(chain.hash)) return;
    for (let place = at + 80; place < end; ) {
      const size = bytes.readUInt32BE(place);
      chain.records.push(bytes.subarray(place + 4, place + 4 + size));
      place += 4 + size;
    }
    chain.hash = bytes.subarray(end, end + 32);
    at += Math.ceil(length / 512) * 512;
  }
}
