// A replica in memory: what a perfect store would do, for runs that are about the publisher.
import { fail, ok, type WorldId } from "@sojourn/protocol";
import { type BlockStore, type HeadStore, headName, memoryStore, type Replica } from "@sojourn/substrate";

/** `blocks`: those of another place, when that is what it is about. */
export function memoryReplica(name = "memory", blocks: BlockStore = memoryStore(name)): Replica {
  return { name, kind: "folder", blocks, heads: memoryHeads(name), close: async () => undefined };
}

export function memoryHeads(name = "memory"): HeadStore {
  const heads = new Map<WorldId, Uint8Array>();
  const noWorld = (): ReturnType<typeof fail> => fail("malformed", "client", "this is no world id");
  return {
    name,
    read: async (world) => (headName(world) === undefined ? noWorld() : ok(heads.get(world)?.slice())),
    swap: async (world, next, over) => {
      if (headName(world) === undefined) return noWorld();
      const found = heads.get(world);
      const isSame = found === undefined || over === undefined ? found === over : Buffer.from(found).equals(over);
      if (!isSame) return fail("stale-head", "world", `${name}: another head of ${world} lies there`);
      heads.set(world, next.slice());
      return ok(undefined);
    },
    list: async () => ok([...heads.keys()]),
  };
}
