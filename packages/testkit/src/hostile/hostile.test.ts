// Short forms of `npm run hostile`: the same three proofs with fewer of everything, in this process. IPFS nodes and a browser's storage are
// attacked in `real/hostile.test.ts`.
import { memoryStore } from "@sojourn/substrate";
import { describe, expect, test } from "vitest";
import { attack } from "./attack.ts";
import { DECODER_HEAP_BYTES, DECODER_MS, measureDecoders } from "./decoders.ts";
import { fetchAmongLiars } from "./liars.ts";
import { peersVictim } from "./peers-victim.ts";
import { openVictims } from "./victims.ts";
import { attackStores, closeVictims } from "./wrong-blocks.ts";

describe("hostile input", () => {
  test("of 1,000 wrong, short, long, slow and doubled blocks no store takes or gives out one", async () => {
    const victims = { ...(await openVictims()), peers: peersVictim() };
    const reports = await attackStores(victims, 1_000, 1);
    await closeVictims(victims);
    expect(Object.keys(reports).sort()).toEqual(["cached", "directory", "http", "memory", "peers", "s3", "tiered"]);
    for (const [name, { accepted, unnamed, unhealed, refused, kinds }] of Object.entries(reports)) {
      expect({ name, accepted, unnamed, unhealed, refused }).toEqual({ name, accepted: 0, unnamed: 0, unhealed: 0, refused: 0 });
      expect(Object.keys(kinds).length).toBeGreaterThanOrEqual(6);
    }
    for (const name of ["http", "peers"]) expect(reports[name]?.kinds.slow).toBeGreaterThan(0);
  });

  test("finds a store that takes what it should not, one that names nothing, and one that cannot be healed", async () => {
    const held = new Map<string, Uint8Array>();
    const store = {
      name: "gullible",
      has: async (cid: string) => held.has(cid),
      get: async (cid: string) => ({ ok: true, value: held.get(cid) ?? new Uint8Array() }) as const,
      put: async ({ cid, bytes }: { cid: string; bytes: Uint8Array }) => {
        held.set(cid, bytes);
        return { ok: true, value: undefined } as const;
      },
    };
    const lay = ({ cid }: { cid: string }, bytes: Uint8Array): void => void held.set(cid, bytes);
    const victim = { share: 1, lanes: 2, store, isReadOnly: false, lay };
    expect(await attack(victim, 50, 1)).toMatchObject({ blocks: 50, accepted: 100, unhealed: 0 });
    const fault = { code: "bad-block", blame: "peer", detail: "something is wrong", retryAfterMs: 0 } as const;
    const mute = { ...memoryStore(), get: async () => ({ ok: false, fault }) as const };
    expect(await attack({ ...victim, store: mute }, 50, 1)).toMatchObject({ accepted: 0, unnamed: 50, unhealed: 50 });
  });

  test("lets a version come from one honest source among liars, who are left by name", async () => {
    const report = await fetchAmongLiars(6, 0);
    expect(report).toMatchObject({ wrong: 0, left: 4, others: 4 });
    expect(report.requestsAmong).toBeLessThan(2 * report.requestsAlone);
  });

  test(`costs no decoder over ${DECODER_MS} ms of its thread's time or ${DECODER_HEAP_BYTES} bytes`, async () => {
    for (const [name, cost] of Object.entries(await measureDecoders(10, 1))) {
      expect([name, cost.threw]).toEqual([name, 0]);
      expect([name, cost.worstHeapBytes <= DECODER_HEAP_BYTES, cost.worstMs <= DECODER_MS]).toEqual([name, true, true]);
    }
  }, 60_000);
});
