// The state of a world, sealed and opened again: any admissible custody comes back equal, little of it is new when little changed, and
// whatever is wrong with a part is a fault that says so. WORLDS=1000 tries so many generated worlds.
import { newStateKey, openEnvelope, recoveryKeys } from "@sojourn/passport/node";
import { type Custody, checkpointOf, encodePlain, type Result } from "@sojourn/protocol";
import { type Block, type BlockStore, decodeNode, type Link, memoryStore, type NodeMap, nodeBlock } from "@sojourn/substrate";
import { describe, expect, it } from "vitest";
import { worstCustody } from "../fixtures/worst-state.ts";
import { type OpenEnvelope, type OpenedState, openState, type SealedState, type StateFacts, sealState } from "./sealed-state.ts";
import { replayOf, rowsOf, stateHash } from "./state-rows.ts";

const recovery = recoveryKeys(new Uint8Array(32).fill(7));
const stateKey = newStateKey(recovery.publicKey);
const open: OpenEnvelope = (envelope) => openEnvelope(envelope, recovery);
const WORLDS = Number(process.env.WORLDS ?? 6);

function factsOf(custody: Custody): StateFacts {
  const hash = stateHash(rowsOf({ custody, crossings: 3, returned: 1 }));
  return { world: custody.world, seq: custody.seq, chain: new Uint8Array(32), epoch: 2, hash, isAtRest: false, isIdentityNear: true };
}

async function sealed(custody: Custody): Promise<SealedState> {
  const state = await sealState(factsOf(custody), rowsOf({ custody, crossings: 3, returned: 1 }), stateKey);
  if (!state.ok) throw new Error(state.fault.detail);
  return state.value;
}

const storeOf = (blocks: readonly Block[]): BlockStore => memoryStore("replica", blocks);
const codeOf = (result: Result<OpenedState>): string => (result.ok ? "opened" : result.fault.code);

it(`comes back equal, whatever a world holds (${WORLDS} generated worlds)`, { timeout: 120_000 + WORLDS * 500 }, async () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    const custody = worstCustody(seed);
    const state = await sealed(custody);
    const opened = await openState(state.cid, storeOf(state.blocks), open);
    if (!opened.ok) throw new Error(`seed ${seed}: ${opened.fault.detail}`);
    const back = replayOf(opened.value.lists);
    if (!back.ok) throw new Error(`seed ${seed}: ${back.fault.detail}`);
    // Told apart by the seed, and without printing megabytes when they differ.
    expect([seed, sameBytes(checkpointOf(back.value.custody), checkpointOf(custody))]).toEqual([seed, true]);
    expect([back.value.crossings, back.value.returned]).toEqual([3, 1]);
    expect(stateHash(rowsOf(back.value))).toBe(opened.value.facts.hash);
    expect(opened.value.facts).toEqual(factsOf(custody));
    expect(Math.max(...state.blocks.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(1_048_576);
  }
});

function sameBytes(a: unknown, b: unknown): boolean {
  return Buffer.compare(encodePlain(a), encodePlain(b)) === 0;
}

/** A world of many people and things, whose sealed state takes some hundred parts. */
function livelyWorld(): Custody {
  const custody = worstCustody(5);
  for (let i = 0; i < 10_000; i++) {
    const traveller = `did:key:z6Mk${String(i).padStart(44, "x")}`;
    custody.residents.set(traveller, {
      ...{ traveller, name: `Traveller ${i}`, home: custody.world, status: "here", hop: 0 },
      body: { health: 100, props: { gold: i * 7 } },
    });
  }
  return custody;
}

describe("what did not change", () => {
  it("costs nothing again: one row changes its part, the one beside it at most, and the index", async () => {
    const custody = livelyWorld();
    const before = await sealed(custody);
    const known = new Set(before.blocks.map(({ cid }) => cid));
    expect(before.blocks.length).toBeGreaterThan(80);
    const news = async (): Promise<number> => (await sealed(custody)).blocks.filter(({ cid }) => !known.has(cid)).length;
    expect(await news()).toBe(0);
    const [first, , third] = [...custody.residents.values()];
    if (first === undefined || third === undefined) throw new Error("nobody is here");
    first.name = "Somebody else";
    expect(await news()).toBeLessThanOrEqual(3);
    // Somebody who came first goes for good: all rows behind them move up, and their parts stay.
    custody.residents.delete(third.traveller);
    expect(await news()).toBeLessThanOrEqual(4);
  });
});

describe("what is wrong with it is said", () => {
  const changedIndex = async (state: SealedState, change: (node: NodeMap) => NodeMap): Promise<Result<OpenedState>> => {
    const index = state.blocks.at(-1) as Block;
    const node = decodeNode(index.bytes);
    if (!node.ok) throw new Error(node.fault.detail);
    const block = await nodeBlock(change(node.value as NodeMap), "changed");
    if (!block.ok) throw new Error(block.fault.detail);
    return openState(block.value.cid, storeOf([...state.blocks, block.value]), open);
  };
  const linksOf = (node: NodeMap): Link[] => [...(node.parts as Link[])];

  it("another world's key, and no key", async () => {
    const state = await sealed(worstCustody(1));
    const other = recoveryKeys(new Uint8Array(32).fill(8));
    expect(codeOf(await openState(state.cid, storeOf(state.blocks), (envelope) => openEnvelope(envelope, other)))).toBe("not-holder");
  });

  it("a part that is not there", async () => {
    const state = await sealed(worstCustody(1));
    for (const missing of state.blocks.slice(0, 5)) {
      const rest = state.blocks.filter((block) => block !== missing);
      expect(codeOf(await openState(state.cid, storeOf(rest), open))).toBe("missing-block");
    }
  });

  it("parts in another order, doubled, left out, or of an older state", async () => {
    const state = await sealed(worstCustody(1));
    const swap = (node: NodeMap): NodeMap => ({ ...node, parts: linksOf(node).reverse() });
    const double = (node: NodeMap): NodeMap => ({ ...node, parts: [linksOf(node)[0] as Link, ...linksOf(node)] });
    const leave = (node: NodeMap): NodeMap => ({ ...node, parts: linksOf(node).slice(1) });
    const older = (node: NodeMap): NodeMap => ({ ...node, parts: linksOf(node).with(0, linksOf(node)[1] as Link) });
    for (const change of [swap, double, leave, older]) expect(codeOf(await changedIndex(state, change))).toBe("out-of-order");
  });

  it("altered or foreign contents, another format, no index at all", async () => {
    const state = await sealed(worstCustody(1));
    const other = await sealed(worstCustody(2));
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 60 ? byte ^ 1 : byte));
    expect(codeOf(await changedIndex(state, (node) => ({ ...node, contents: flip(node.contents as Uint8Array) })))).toBe("forged");
    expect(codeOf(await changedIndex(state, (node) => ({ ...node, contents: (node.contents as Uint8Array).slice(0, -1) })))).toBe(
      "malformed",
    );
    const foreign = decodeNode((other.blocks.at(-1) as Block).bytes);
    const contents = foreign.ok ? (foreign.value as NodeMap).contents : undefined;
    expect(codeOf(await changedIndex(state, (node) => ({ ...node, contents: contents as Uint8Array })))).toBe("out-of-order");
    expect(codeOf(await changedIndex(state, (node) => ({ ...node, formatVersion: 2 })))).toBe("unsupported-version");
    expect(codeOf(await openState((state.blocks[0] as Block).cid, storeOf(state.blocks), open))).toBe("malformed");
  });
});
