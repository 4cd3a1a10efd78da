// The worlds a start page offers: the one that serves the page, then its pinned peers by the names they give themselves.
import type { RunningWorld } from "@sojourn/world";
import { askCard } from "./card.ts";
import type { OfferedWorld } from "./web.ts";

/** @returns what to offer now. A peer is asked for its card once; until it answers, it goes by the name it was pinned under. */
export function offerNeighbours(world: () => RunningWorld | undefined): () => readonly OfferedWorld[] {
  const names = new Map<string, string>();
  const learn = async (id: string, url: string): Promise<void> => {
    names.set(id, "");
    const card = await askCard(url);
    if (card.ok && card.value.id === id) names.set(id, card.value.name);
    else names.delete(id);
  };
  return () => {
    const here = world();
    if (here === undefined) return [];
    const peers = here.peers().map(({ world: id, name, url }) => {
      if (!names.has(id)) void learn(id, url);
      return { id, url, name: names.get(id) || name };
    });
    return [{ name: here.name, id: here.id, url: here.url }, ...peers];
  };
}
