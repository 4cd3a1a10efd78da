// `bench plot`: makes the picture and the table in the docs from the newest results.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Misuse } from "../command.ts";
import { picture, withFigures } from "./figures-page.ts";

const DOCS = join(import.meta.dirname, "..", "..", "docs");
export const PICTURE: string = join(DOCS, "images", "snapshots.svg");
export const PAGE: string = join(DOCS, "bench.md");

export const plot: Command = {
  name: "plot",
  about: "draw the newest results into docs/images/snapshots.svg and docs/bench.md",
  options: {},
  more: ["Results are added to bench/results by a benchmark's --keep."],
  run: async () => {
    const drawn = picture();
    if (drawn === undefined) throw new Misuse("there are no results yet: npm run -s bench -- snapshots --workload W1 --keep");
    writeFileSync(PICTURE, drawn);
    writeFileSync(PAGE, withFigures(readFileSync(PAGE, "utf8")));
    return { picture: "docs/images/snapshots.svg", page: "docs/bench.md" };
  },
};
