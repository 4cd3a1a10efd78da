// `sojourn diff`: what changed between two versions of a world.
import { type ContentId, valueOf } from "@sojourn/protocol";
import { type BlockStore, diffVersions, type Named, openVersion, readLog, type VersionDiff } from "@sojourn/substrate";
import type { Command } from "commander";
import { result, run } from "../output.ts";
import { areaOption, type PictureFacts, type PictureOptions, pictureOption, scaleOption, writePicture } from "../picture/file.ts";
import { byteWords } from "../progress.ts";
import { SOURCES, sourceAt, versionMeant } from "../source.ts";

const SHOWN = 20;

export function diffCommand(program: Command): void {
  program
    .command("diff")
    .argument("<where>", SOURCES)
    .argument("[before]", "content id of the older version (default: the one before the newer one)")
    .argument("[after]", "content id of the newer version (default: the present one)")
    .option("--picture <file>", "draw the newer version in grey, what came, went and changed marked on it (.png)", pictureOption(".png"))
    .option("--scale <n>", "size of the picture: 2, 1/4 (default: the largest that fits, up to 1)", scaleOption)
    .option("--area <x0,y0,x1,y1>", "the part of the world to draw, in tiles (default: all of it)", areaOption)
    .option("--json", "print one JSON object")
    .description("tell what changed between two versions of a world")
    .addHelpText(
      "after",
      `
Only what differs is read, so a small change in a large world is told at once.

  sojourn diff .sojourn/tavern                   what the last heartbeat wrote
  sojourn diff .sojourn/tavern bafy… bafy…       between two versions that sojourn log lists
  sojourn diff .sojourn/tavern --picture changes.png`,
    )
    .action((where: string, before: string | undefined, after: string | undefined, options: PictureOptions) =>
      run(options.json === true, async () => {
        const source = valueOf(await sourceAt(where));
        const newer = valueOf(versionMeant(source, after));
        const older = before ?? valueOf(await readLog(newer, source.store, 1)).versions[0]?.parent ?? newer;
        const diff = valueOf(await diffVersions(older, newer, source.store));
        const picture = options.picture === undefined ? undefined : await drawChanges(newer, source.store, options.picture, options, diff);
        const facts = { ...diff, ...(picture === undefined ? {} : { picture }) };
        result(options.json === true, facts, older === newer ? `${newer} is the first version: there is nothing before it` : sheetOf(diff));
      }),
    );
}

async function drawChanges(
  newer: ContentId,
  store: BlockStore,
  file: string,
  options: PictureOptions,
  diff: VersionDiff,
): Promise<PictureFacts> {
  const view = valueOf(await openVersion(newer, store));
  valueOf(await view.loadAll());
  return await writePicture(view, file, options, diff);
}

function sheetOf(diff: VersionDiff): string {
  const { map, chunks, tiles, objects, newBlocks, newBytes } = diff;
  const rows: [string, string][] = [
    ["from", diff.before],
    ["to", diff.after],
    ["map", map.length === 0 ? "the same" : `changed: ${map.join(", ")}`],
    ["chunks", `${chunks.changed} changed, ${chunks.added} added, ${chunks.removed} gone`],
    ["tiles", `${tiles} show something else`],
    ["to fetch", `${newBlocks} blocks, ${byteWords(newBytes)}, for who has the older one`],
  ];
  return [
    ...rows.map(([name, value]) => `${name.padEnd(10)}${value}`),
    ...listed("+", objects.added, (object) => `${object.kind} ${object.id} at ${at(object)}`),
    ...listed("-", objects.removed, (object) => `${object.kind} ${object.id} at ${at(object)}`),
    ...listed("~", objects.changed, ({ before, after }) => `${after.kind} ${after.id} at ${at(before)}, now at ${at(after)}`),
  ].join("\n");
}

function listed<T>(mark: string, list: Named<T>, words: (item: T) => string): string[] {
  const rest = list.named.length - SHOWN + list.more;
  return [
    ...list.named.slice(0, SHOWN).map((item) => `${mark} ${words(item)}`),
    ...(rest > 0 ? [`${mark} … and ${rest} more (--json)`] : []),
  ];
}

function at({ x, y }: { readonly x: number; readonly y: number }): string {
  return `${x.toFixed(2)}, ${y.toFixed(2)}`;
}
