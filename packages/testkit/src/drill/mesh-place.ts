// A mesh of three worlds, each a process of its own: the one that will be lost, and two neighbours that pinned it and keep copies by themselves.
// It has no other replica; what is left of it is what its neighbours took.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { WorldId } from "@sojourn/protocol";
import { httpReplica } from "@sojourn/substrate";
import { newestHead } from "@sojourn/world";
import { type Served, serve, sojourn } from "./command.ts";
import type { DrillPlace } from "./places.ts";

export async function meshPlace(folder: string): Promise<DrillPlace> {
  const neighbours: Served[] = [];
  let world: WorldId | undefined;
  const dataOf = (name: string): string => join(folder, name);
  return {
    serveArgs: ["--mesh"],
    env: {},
    async joined({ url, id }, data) {
      if (world !== undefined) return;
      world = id;
      for (const name of ["north", "south"]) {
        await mkdir(dataOf(name), { recursive: true });
        const args = ["dungeon", "--data", dataOf(name), "--port", "0", "--heartbeat", "0", "--name", name, "--mesh"];
        const neighbour = await serve(args, {});
        neighbours.push(neighbour);
        await sojourn(["peer", "add", url, "--data", dataOf(name)], {});
        await sojourn(["peer", "add", neighbour.url, "--data", data, "--as", name], {});
      }
    },
    // Both neighbours must have it: either may be the one that is asked.
    keptSeq: async () => Math.min(...(await Promise.all(neighbours.map((one) => keptBy(one, world))))),
    // What a neighbour gives is asked of the one that came last.
    from: () => `mesh:${neighbours.at(-1)?.url ?? ""}`,
    stop: async () => void (await Promise.all(neighbours.map((one) => one.kill()))),
  };
}

/** The last journal record of the world in the newest head that this neighbour gives to anybody; 0: it has none. */
async function keptBy({ url }: Served, world: WorldId | undefined): Promise<number> {
  const found = world === undefined ? undefined : await newestHead(httpReplica(url), world);
  return found?.ok === true ? found.value.heartbeat.journalSeq : 0;
}
