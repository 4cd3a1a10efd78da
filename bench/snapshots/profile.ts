// Reads a CPU profile and says where the time went: by function, its own time, the largest first.
import { readFileSync } from "node:fs";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export type Hot = {
  readonly function: string;
  readonly place: string;
  /** Own time, and its share of the time in which the process did something. */
  readonly ms: number;
  readonly percent: number;
};

export function hottest(file: string, count: number): Hot[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const ownMs = new Map<string, number>();
  let busyMs = 0;
  samples.forEach((id, i) => {
    const frame = frames.get(id) as ProfileNode["callFrame"];
    const ms = (timeDeltas[i] as number) / 1_000;
    if (frame.functionName === "(idle)") return;
    busyMs += ms;
    const name = `${frame.functionName === "" ? "(anonymous)" : frame.functionName}\t${placeOf(frame)}`;
    ownMs.set(name, (ownMs.get(name) ?? 0) + ms);
  });
  return [...ownMs]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, ms]) => {
      const [own = "", place = ""] = name.split("\t");
      return { function: own, place, ms: Math.round(ms), percent: Math.round((ms / busyMs) * 1_000) / 10 };
    });
}

/** The last three steps of the path: enough to find it, and nothing of the machine. */
function placeOf({ url, lineNumber }: ProfileNode["callFrame"]): string {
  return url === "" ? "" : `${url.split("/").slice(-3).join("/")}:${lineNumber + 1}`;
}
