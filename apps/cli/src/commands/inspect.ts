// `sojourn inspect`: what a map, a folder of blocks or a running world is made of, every block verified on the way.
import { valueOf } from "@sojourn/protocol";
import type { Command } from "commander";
import { result, run } from "../output.ts";
import { areaOption, type PictureFacts, type PictureOptions, pictureOption, scaleOption, writePicture } from "../picture/file.ts";
import { type Looked, lookAt, SOURCES } from "../source.ts";

export function inspectCommand(program: Command): void {
  program
    .command("inspect")
    .argument("<what>", SOURCES)
    .option("--root <cid>", "the version to look at (default: the world's present one)")
    .option("--picture <file>", "draw the world: .png as it looks, .svg as a plan with names", pictureOption(".png", ".svg"))
    .option("--scale <n>", "size of the picture: 2, 1/4 (default: the largest that fits, up to 1)", scaleOption)
    .option("--area <x0,y0,x1,y1>", "the part of the world to draw, in tiles (default: all of it)", areaOption)
    .option("--json", "print one JSON object")
    .description("show what a substrate is made of, in words or as a picture")
    .addHelpText(
      "after",
      `
  sojourn inspect castle.tmx                         a map, before anybody plays in it
  sojourn inspect http://127.0.0.1:7801              a running world: who it is, and its static world
  sojourn inspect .sojourn/tavern --root bafy…       an older version of a world of yours (sojourn log lists them)
  sojourn inspect ./blocks --root bafy…              blocks in a folder; each is checked against its name
  sojourn inspect .sojourn/tavern --picture tavern.png --scale 2
  sojourn inspect castle.tmx --picture plan.svg --area 0,0,32,32

A picture shows the static world by day, with nobody in it; pictures in JPEG or WebP are grey squares in it, and you are told.`,
    )
    .action((what: string, options: PictureOptions & { root?: string }) =>
      run(options.json === true, async () => {
        const looked = valueOf(await lookAt(what, options.root));
        valueOf(await looked.view.loadAll());
        const picture = options.picture === undefined ? undefined : await writePicture(looked.view, options.picture, options);
        const facts = { ...factsOf(looked), ...(picture === undefined ? {} : { picture }) };
        result(options.json === true, facts, sheetOf(facts));
      }),
    );
}

interface Facts {
  readonly root: string;
  readonly name: string;
  readonly parent: string | null;
  readonly tick: number;
  readonly width: number;
  readonly height: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly chunks: number;
  readonly objects: number;
  readonly placed: number;
  readonly layers: readonly { readonly name: string; readonly kind: string }[];
  readonly tilesets: readonly { readonly name: string; readonly tiles: number }[];
  readonly zones: readonly { readonly class: string; readonly name: string; readonly x: number; readonly y: number }[];
  readonly picture?: PictureFacts;
  readonly world?: { readonly id: string; readonly name: string; readonly url: string };
}

function factsOf({ view, card }: Looked): Facts {
  const { root, name, parent, tick, width, height, blocks, bytes, layers, tilesets, zones } = view.version;
  const chunks = [...view.loadedChunks()];
  const objects = chunks.flatMap((chunk) => chunk.objects);
  return {
    root,
    name,
    parent,
    tick,
    width,
    height,
    blocks,
    bytes,
    chunks: chunks.length,
    objects: objects.length,
    placed: objects.filter((object) => object.by !== undefined).length,
    layers: layers.map((layer) => ({ name: layer.name, kind: layer.kind })),
    tilesets: tilesets.map((set) => ({ name: set.name, tiles: set.tileCount })),
    zones: zones.map((zone) => ({ class: zone.class, name: zone.name, x: zone.x, y: zone.y })),
    ...(card === undefined ? {} : { world: { id: card.id, name: card.name, url: card.url } }),
  };
}

function sheetOf(facts: Facts): string {
  const rows: [string, string][] = [
    ["root", facts.root],
    ["name", facts.name],
    ["size", `${facts.width} × ${facts.height} tiles in ${facts.chunks} chunks`],
    ["stored", `${facts.blocks} blocks, ${facts.bytes.toLocaleString("en")} bytes`],
    ["parent", facts.parent ?? "none: the first version"],
    ["layers", facts.layers.map((layer) => `${layer.name} (${layer.kind})`).join(", ")],
    ["tilesets", facts.tilesets.map((set) => `${set.name} (${set.tiles} tiles)`).join(", ")],
    ["objects", `${facts.objects}, of which travellers placed ${facts.placed}`],
    ["zones", facts.zones.map((zone) => `${zone.class === "" ? "zone" : zone.class} "${zone.name}"`).join(", ") || "none"],
  ];
  const { picture } = facts;
  if (picture !== undefined)
    rows.push(["picture", picture.width === undefined ? picture.file : `${picture.file}, ${picture.width} × ${picture.height} pixels`]);
  if (facts.world !== undefined) rows.unshift(["world", `${facts.world.name} at ${facts.world.url}`], ["id", facts.world.id]);
  return rows.map(([name, value]) => `${name.padEnd(10)}${value}`).join("\n");
}
