// Where a substrate may be looked at from: a map file, a world's address, or a folder of blocks with a root.
import { stat } from "node:fs/promises";
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import { type BlockStore, cachedStore, httpStore, memoryStore, openVersion, type SubstrateView } from "@sojourn/substrate";
import { directoryStore, packTiled } from "@sojourn/substrate/node";
import { askCard, type CardFacts } from "./card.ts";

/** What is read of a world that is looked at whole, in memory. */
const INSPECT_BYTES = 268_435_456;

export interface Looked {
  readonly view: SubstrateView;
  /** What the world says about itself, when a world was asked. */
  readonly card: CardFacts | undefined;
  /** For people: where this came from. */
  readonly from: string;
}

/** Opens what `inspect` was pointed at. */
export async function lookAt(where: string, root: ContentId | undefined): Promise<Result<Looked>> {
  if (/^(https?|wss?):\/\//.test(where)) return lookAtWorld(where, root);
  if ((await stat(where)).isDirectory()) {
    if (root === undefined) return fail("bad-content-id", "client", "a folder of blocks needs --root, the content id to open in it");
    return opened(await openVersion(root, directoryStore(where)), undefined, where);
  }
  const packed = await packTiled(where);
  if (!packed.ok) return packed;
  const store = memoryStore();
  for (const block of packed.value.blocks) await store.put(block);
  return opened(await openVersion(packed.value.root, store), undefined, where);
}

async function lookAtWorld(url: string, root: ContentId | undefined): Promise<Result<Looked>> {
  const card = await askCard(url);
  if (!card.ok) return card;
  const store = cachedStore(memoryStore(), metered(httpStore(card.value.url)));
  return opened(await openVersion(root ?? card.value.substrate, store), card.value, card.value.url);
}

/** Gives no more than `maxBytes` in all: what a stranger's root says of its size is a claim. */
export function metered(store: BlockStore, maxBytes: number = INSPECT_BYTES): BlockStore {
  let bytes = 0;
  return {
    ...store,
    async get(cid, options) {
      if (bytes >= maxBytes)
        return fail("oversized", "peer", `${store.name} has more than ${maxBytes} bytes to look at, which is the most`);
      const block = await store.get(cid, options);
      if (block.ok) bytes += block.value.length;
      return block;
    },
  };
}

function opened(view: Result<SubstrateView>, card: CardFacts | undefined, from: string): Result<Looked> {
  return view.ok ? { ok: true, value: { view: view.value, card, from } } : view;
}
