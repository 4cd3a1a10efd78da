// `sojourn resume`: an heir goes on with a world that fell silent, from one of its replicas and under its statement.
import { resolve } from "node:path";
import { type ResumedWorld, resumeWorld } from "@sojourn/world";
import type { Command } from "commander";
import { spanWords } from "../ago.ts";
import { replicaSource } from "../options.ts";
import { result, run } from "../output.ts";
import { byteWords, progress } from "../progress.ts";
import { readStatementFile } from "./heirs.ts";

interface Options {
  readonly from: string;
  readonly key: string;
  readonly data: string;
  readonly statement?: string;
  readonly json?: boolean;
}

export function resumeCommand(program: Command): void {
  program
    .command("resume")
    .argument("<world>", "the id of the world that fell silent: did:key:z6Mk…")
    .requiredOption(
      "--from <place>",
      "a replica of it: folder:/backup/tavern, s3:https://s3.example/bucket/prefix, ipfs:FOLDER, or the address of a neighbour or copy",
      replicaSource,
    )
    .requiredOption("--key <file>", "your key, which the world names as its heir (sojourn heirs key)")
    .requiredOption("--data <folder>", "the data folder to make; nothing is overwritten")
    .option("--statement <file>", "a newer statement of the world's heirs than its replica shows (sojourn heirs … --out)")
    .option("--json", "print one JSON object")
    .description("go on with a silent world, as an heir that it named")
    .addHelpText(
      "after",
      `
The world's newest head there is verified, its statement must name your key, and the silence it asks for must be over:
too early is refused, with the time from which it is not. Then a folder is made with the land and all that was built.

  sojourn resume did:key:z6Mk… --from folder:/backup/tavern --key tavern-heir.key --data .sojourn/tavern
  sojourn serve tavern --data .sojourn/tavern --replica folder:/backup/tavern --public-url https://heir.example
  sojourn serve --data .sojourn/tavern                   without the world's rules: one can walk, look and talk

Served, it is a world of your key's id on the old one's land, and says under the old one's name where it goes on: give it
a replica that visitors of the old world know, if you can write there. Their pages verify your statement and the silence,
follow by themselves, and show under whose statement you go on.

Nobody who was in the old world, and nothing they had, is in yours: that stays sealed for the world's own key. You carry
it along unopened. Who enters begins anew. When the world itself comes back and is taken back, yours goes on as a world
of its own. Somebody who is named before you counts before you, also when they come later.`,
    )
    .action((world: string, options: Options) => run(options.json === true, () => resume(world, options)));
}

async function resume(world: string, { from, key, data, statement, json }: Options): Promise<void> {
  const shown = progress(json === true);
  const dataFolder = resolve(data);
  const newer = statement === undefined ? {} : { statement: await readStatementFile(statement) };
  const resumed = await resumeWorld({
    ...{ world, from: { replica: from }, keyFile: key, dataFolder, ...newer },
    onProgress: ({ blocks, bytes }) => shown.at(undefined, `bringing it here: ${blocks} blocks, ${byteWords(bytes)}`),
  }).finally(() => shown.done());
  result(json === true, { ...resumed, dataFolder }, sheet(resumed, dataFolder));
}

function sheet(
  { world, heir, statementVersion, rank, lastMs, afterMs, sinceMs, root, blocks, bytes }: ResumedWorld,
  folder: string,
): string {
  const rows = [
    ["you are", `${heir}, by statement ${statementVersion} of its heirs${rank === 0 ? "" : `; ${rank} named before you count before you`}`],
    ["last heard", `${new Date(lastMs).toISOString()}, ${spanWords(sinceMs - lastMs)} ago; ${spanWords(afterMs)} were asked for`],
    ["land", `${root}, as it was then, with what was built`],
    ["people", "nobody: who was there and what they have stays sealed for the world's own key"],
    ["brought", `${blocks} blocks, ${byteWords(bytes)}, what is sealed among them`],
  ];
  const table = rows.map(([name, value]) => `  ${name?.padEnd(12)}${value}`).join("\n");
  return `you go on with ${world}, in ${folder}\n${table}\n  next        sojourn serve … --data ${folder} --replica … --public-url …`;
}
