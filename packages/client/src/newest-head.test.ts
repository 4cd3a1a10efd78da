import { headJudge, keysFromSecret } from "@sojourn/passport";
import { fail, ok } from "@sojourn/protocol";
import { firstSequence, type HeadStore, heartbeatBlock, memoryStore, type Replica, writeHead } from "@sojourn/substrate";
import { describe, expect, test } from "vitest";
import { newestAmong, publicVersion } from "./newest-head.ts";

const keys = keysFromSecret(new Uint8Array(32).fill(7));
const other = keysFromSecret(new Uint8Array(32).fill(8));
const ROOT = "bafyreigy762b7f4fzqlgxjwzeposbfacswog3tpxs6sp2utkjt3xv3bitu";
const judge = headJudge(() => undefined);

/** A friend that keeps the head of number `n`, and the heartbeat that it names unless it is `bare`. */
async function friend(
  n: number,
  { by = keys, tick = n, version = ROOT as string | null, bare = false, flip = false } = {},
): Promise<Replica> {
  const archive = { policy: version === null ? "none" : "builds", delayMs: 0 } as const;
  const names = { version, state: null, tail: null, before: null, archive };
  const block = await heartbeatBlock({ world: keys.id, epoch: 0, stateSeq: 0, journalSeq: 0, tick, timeMs: 1_000 * n, ...names });
  const head = { heartbeat: block.cid, sequence: firstSequence(0) + n, untilMs: 1_900_000_000_000, ttlMs: 60_000 };
  const bytes = await writeHead(head, (signed) => by.sign(signed));
  if (flip) bytes[10] = (bytes[10] ?? 0) ^ 1;
  return place(async () => ok(bytes), memoryStore(`friend ${n}`, bare ? [] : [block]));
}

const nobody = place(async () => ok(undefined));
const down = place(async () => fail("store-failed", "link", "nobody answers there"));

function place(read: HeadStore["read"], blocks = memoryStore()): Replica {
  const heads: HeadStore = { name: "a friend", read, swap: async () => fail("store-failed", "client", "read only") };
  return { name: "a friend", kind: "http", blocks, heads, close: async () => undefined };
}

const find = (replicas: readonly Replica[], seen?: number): ReturnType<typeof newestAmong> =>
  newestAmong(keys.id, replicas, judge, seen === undefined ? undefined : { sequence: seen, heartbeat: ROOT }, 5_000);

describe("[N7] the newest head among friends", () => {
  test("is the newest that the world signed, wherever it lies and whoever else is down, behind or has nothing", async () => {
    const friends = await Promise.all([friend(3), friend(9), friend(4)]);
    for (const at of [0, 1, 2]) {
      const turned = [...friends.slice(at), ...friends.slice(0, at), nobody, down];
      expect(await find(turned)).toMatchObject({ ok: true, value: { head: { sequence: 9 }, ageMs: 0, heartbeat: { version: ROOT } } });
    }
  });

  test("is never one that another key signed or that was changed, however new", async () => {
    const liars = await Promise.all([friend(99, { by: other }), friend(98, { flip: true })]);
    expect(await find([...liars, await friend(2)])).toMatchObject({ ok: true, value: { head: { sequence: 2 } } });
    expect(await find([...liars, nobody, down])).toMatchObject({ ok: false, fault: { code: "forged" } });
  });

  test("is none when the world signed two of one number, and never older than one that was seen", async () => {
    const twins = await Promise.all([friend(5, { tick: 1 }), friend(5, { tick: 2 })]);
    expect(await find(twins)).toMatchObject({ ok: false, fault: { code: "forked" } });
    expect(await find([await friend(6), ...twins])).toMatchObject({ ok: true, value: { head: { sequence: 6 } } });
    expect(await find([await friend(3)], 4)).toMatchObject({ ok: false, fault: { code: "stale-head" } });
  });

  test("gives way to an older one when nobody has what it names", async () => {
    expect(await find([await friend(8, { bare: true }), await friend(7)])).toMatchObject({ ok: true, value: { head: { sequence: 7 } } });
    expect(await find([await friend(8, { bare: true })])).toMatchObject({ ok: false, fault: { code: "missing-block" } });
  });

  test("says who said what when there is none, and shows no land that the world keeps to itself", async () => {
    expect(await find([nobody, down])).toMatchObject({
      ok: false,
      fault: { code: "store-failed", detail: expect.stringMatching(/nobody answers.*keeps no head/) },
    });
    expect(await find([])).toMatchObject({ ok: false, fault: { code: "missing-block" } });
    const shy = await find([await friend(1, { version: null })]);
    expect(shy.ok && publicVersion(keys.id, shy.value)).toMatchObject({ ok: false, fault: { code: "missing-block", blame: "world" } });
    const own = await find([await friend(1)]);
    expect(own.ok && publicVersion(keys.id, { ...own.value, fork: "it is a fork" })).toMatchObject({ fault: { code: "forked" } });
  });
});
