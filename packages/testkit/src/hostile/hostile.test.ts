// Short forms of `npm run hostile`: the same three proofs with fewer of everything.
import { describe, expect, test } from "vitest";
import { DECODER_HEAP_BYTES, DECODER_MS, measureDecoders } from "./decoders.ts";
import { fetchAmongLiars } from "./liars.ts";
import { attackStores } from "./wrong-blocks.ts";

describe("hostile input", () => {
  test("of 1,000 wrong, short, long, slow and doubled blocks no store takes or gives out one", async () => {
    const reports = await attackStores(1_000, 1);
    expect(Object.keys(reports).sort()).toEqual(["cached", "directory", "http", "memory", "s3", "tiered"]);
    for (const [name, { accepted, unnamed, unhealed, refused, kinds }] of Object.entries(reports)) {
      expect({ name, accepted, unnamed, unhealed, refused }).toEqual({ name, accepted: 0, unnamed: 0, unhealed: 0, refused: 0 });
      expect(Object.keys(kinds).length).toBeGreaterThanOrEqual(7);
    }
    expect(reports.http?.kinds.slow).toBeGreaterThan(0);
  });

  test("finds a store that takes what it should not", async () => {
    const held = new Map<string, Uint8Array>();
    const gullible = {
      name: "gullible",
      has: async (cid: string) => held.has(cid),
      get: async (cid: string) => ({ ok: true, value: held.get(cid) ?? new Uint8Array() }) as const,
      put: async ({ cid, bytes }: { cid: string; bytes: Uint8Array }) => {
        held.set(cid, bytes);
        return { ok: true, value: undefined } as const;
      },
    };
    const lay = ({ cid }: { cid: string }, bytes: Uint8Array): void => void held.set(cid, bytes);
    const reports = await attackStores(50, 1, { gullible: { share: 100, store: gullible, isReadOnly: false, lay } });
    expect(reports.gullible?.accepted).toBeGreaterThan(0);
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
