// The reference implementation of IPNS reads what we write, under the world's own name, and refuses what we refuse.
import { generateKeys, headJudge } from "@sojourn/passport";
import { headName, openHead, writeHead } from "@sojourn/substrate";
import { unmarshalIPNSRecord } from "ipns";
import { ipnsSelector } from "ipns/selector";
import { ipnsValidator } from "ipns/validator";
import { base36 } from "multiformats/bases/base36";
import { expect, test } from "vitest";

const HEARTBEAT = "bafyreigy762b7f4fzqlgxjwzeposbfacswog3tpxs6sp2utkjt3xv3bitu";
const CID_HEAD_BYTES = 2;

/** `/ipns/` and the multihash in the name, as the DHT and the validator want it. */
function routingKey(world: string): Uint8Array {
  return Uint8Array.of(...new TextEncoder().encode("/ipns/"), ...base36.decode(headName(world) as string).subarray(CID_HEAD_BYTES));
}

test("[N1] [N2] another implementation of IPNS takes a head under the world's name, and no other", async () => {
  const [keys, stranger] = await Promise.all([generateKeys(), generateKeys()]);
  const head = { heartbeat: HEARTBEAT, sequence: 2 ** 32 + 7, untilMs: Date.now() + 3_600_000, ttlMs: 60_000 };
  const plain = await writeHead(head, keys.sign);
  const swept = await writeHead({ ...head, sequence: head.sequence + 1, isSweeping: true, succession: new Uint8Array([1]) }, keys.sign);
  for (const bytes of [plain, swept]) await ipnsValidator(routingKey(keys.id), bytes);
  const read = unmarshalIPNSRecord(plain);
  expect(read).toMatchObject({ value: `/ipfs/${HEARTBEAT}`, sequence: BigInt(head.sequence), ttl: 60_000_000_000n });
  expect(Date.parse(read.validity)).toBe(head.untilMs);
  expect(ipnsSelector(routingKey(keys.id), [plain, swept])).toBe(1);
  const forged = await writeHead(head, stranger.sign);
  await expect(ipnsValidator(routingKey(keys.id), forged)).rejects.toThrow();
  expect(openHead(keys.id, forged, headJudge()).ok).toBe(false);
  const late = await writeHead({ ...head, untilMs: Date.now() - 1_000 }, keys.sign);
  await expect(ipnsValidator(routingKey(keys.id), late)).rejects.toThrow();
});
