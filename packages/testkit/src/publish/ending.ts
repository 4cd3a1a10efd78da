// A process that ends in the middle of what it does at a replica: before a chosen call, or after it was carried out. From then on nothing
// of it reaches the replica any more, not even what was under way.
import type { Replica } from "@sojourn/substrate";

export class Ended extends Error {}

/** Ends at step `at`, counted from 0: two steps for each read and swap of the head and each put of a block, and whatever the store counts. */
export function endingReplica(open: (step: (name: string) => void) => Replica, at: number): Replica {
  let steps = 0;
  let isEnded = false;
  const step = (): void => {
    if (isEnded || steps++ === at) {
      isEnded = true;
      throw new Ended(`the process ended at step ${at}`);
    }
  };
  const around = async <T>(act: () => Promise<T>): Promise<T> => {
    step();
    const done = await act();
    step();
    return done;
  };
  const inner = open(step);
  const { blocks, heads } = inner;
  return {
    ...inner,
    blocks: {
      ...blocks,
      put: (block) => around(() => blocks.put(block)),
      delete: (cid) => around(async () => await blocks.delete?.(cid)),
    },
    heads: {
      ...heads,
      read: (world) => around(() => heads.read(world)),
      swap: (world, next, over) => around(() => heads.swap(world, next, over)),
    },
  };
}
