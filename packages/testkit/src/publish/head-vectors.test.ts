// The vectors of heads are for any language: what a reader must take, what it must refuse, and how it shows the rest.
import { readFileSync } from "node:fs";
import { headJudge } from "@sojourn/passport";
import { fail, ok } from "@sojourn/protocol";
import {
  type BlockStore,
  followHead,
  headName,
  memoryStore,
  openHead,
  openSuccession,
  readFoundHead,
  readHeartbeatNode,
  type SeenHead,
  verifyBlock,
  worldOfHeadName,
} from "@sojourn/substrate";
import { describe, expect, test } from "vitest";

interface Good {
  readonly name: string;
  readonly hex: string;
}
interface Bad {
  readonly why: string;
  readonly hex: string;
  readonly fault: string;
}
interface Both<G, B = Bad> {
  readonly valid: readonly (Good & G)[];
  readonly invalid: readonly B[];
}
interface Vectors {
  readonly world: { readonly id: string; readonly name: string };
  readonly statements: Both<{ value: object }>;
  readonly heads: Both<{ head: { succession?: string } }>;
  readonly heartbeats: Both<{ cid: string; value: { resumed?: { head: string } } }>;
  readonly cases: readonly {
    name: string;
    world: string;
    head: string;
    nowMs: number;
    shown: string;
    seen?: SeenHead & { succession?: unknown };
  }[];
  readonly blocks: { readonly [cid: string]: string };
}

const vectors = JSON.parse(readFileSync(new URL("../../../../vectors/substrate/heads.json", import.meta.url), "utf8")) as Vectors;
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const judge = headJudge();
const { id: world, name } = vectors.world;

test("[N1] a world's name in IPFS is its key", () => {
  expect([headName(world), worldOfHeadName(name)]).toEqual([name, world]);
});

describe("statements of heirs", () => {
  test.each(vectors.statements.valid)("[N8] $name", ({ hex, value }) => {
    expect(openSuccession(world, bytesOf(hex), judge)).toEqual({ ok: true, value: { world, ...value } });
  });
  test.each(vectors.statements.invalid)("[N8] refused: $why", ({ hex, fault }) => {
    expect(openSuccession(world, bytesOf(hex), judge)).toMatchObject({ fault: { code: fault } });
  });
});

describe("heads", () => {
  test.each(vectors.heads.valid)("[N1] [N2] $name", ({ hex, head }) => {
    const shown = { ...head, ...(head.succession === undefined ? {} : { succession: bytesOf(head.succession) }) };
    expect(openHead(world, bytesOf(hex), judge)).toMatchObject({ ok: true, value: { head: shown } });
  });
  test.each(vectors.heads.invalid)("[N1] [N2] refused: $why", ({ hex, fault }) => {
    expect(openHead(world, bytesOf(hex), judge)).toMatchObject({ fault: { code: fault } });
  });
});

describe("heartbeats", () => {
  test.each(vectors.heartbeats.valid)("[N6] $name", async ({ hex, cid, value }) => {
    const { resumed } = value;
    const shown = { ...value, ...(resumed === undefined ? {} : { resumed: { ...resumed, head: bytesOf(resumed.head) } }) };
    expect(readHeartbeatNode(bytesOf(hex))).toMatchObject({ ok: true, value: shown });
    expect((await verifyBlock(cid, bytesOf(hex))).ok).toBe(true);
  });
  test.each(vectors.heartbeats.invalid)("[N6] refused: $why", ({ hex }) => {
    expect(readHeartbeatNode(bytesOf(hex)).ok).toBe(false);
  });
});

describe("how a reader shows a head", () => {
  const store: BlockStore = {
    ...memoryStore("the vectors"),
    get: async (cid) => {
      const hex = vectors.blocks[cid];
      return hex === undefined ? fail("missing-block", "client", cid) : ok(bytesOf(hex));
    },
  };

  test.each(vectors.cases)("[N4] [N5] [N8] [N9] [N17] [N18] $name: $shown", async ({ world: of, head, nowMs, shown, seen: given }) => {
    const seen =
      given === undefined
        ? undefined
        : ({ ...given, ...("succession" in given ? { succession: bytesOf(String(given.succession)) } : {}) } as SeenHead);
    const genuine = openHead(of, bytesOf(head), judge);
    const followed = genuine.ok ? followHead(seen, genuine.value) : genuine;
    const found = followed.ok ? await readFoundHead(followed.value, store, judge, nowMs, seen) : followed;
    const as = found.ok
      ? found.value.fork !== undefined
        ? "copy"
        : found.value.resumption !== undefined
          ? "heir"
          : "world"
      : found.fault.code;
    expect(as).toBe(shown);
  });
});
