// A Tiled map in the making: layers of tiles by picture name, objects with classes and properties, written as Tiled's own
// JSON (.tmj). Nothing here knows a world; what Tiled cannot open does not come out.
import { Buffer } from "node:buffer";
import { zlibBytes } from "./deflate.ts";
import { type Sheet, TILE } from "./sheet.ts";

export type LayerName = "ground" | "fringe" | "shade" | "light" | "walls" | "decor" | "above";
const LAYERS: readonly LayerName[] = ["ground", "fringe", "shade", "light", "walls", "decor", "above"];
/** Places lie under everything that is drawn, things between the furniture and what hangs over travellers. */
const THINGS_AFTER: LayerName = "decor";

export type PropertyValue = string | number | boolean;
export type Properties = Readonly<Record<string, PropertyValue>>;

interface MapObject {
  readonly id: number;
  readonly [field: string]: unknown;
}

export interface DraftOptions {
  readonly width: number;
  readonly height: number;
  /** First sheet: names without a prefix. Others: `sheet:name`. */
  readonly sheets: readonly { readonly sheet: Sheet; readonly source: string }[];
  readonly encoding: "csv" | "zlib";
  readonly background: string;
  readonly properties: Properties;
}

export class MapDraft {
  readonly width: number;
  readonly height: number;
  private readonly options: DraftOptions;
  private readonly layers: Map<LayerName, Uint32Array>;
  private readonly things: MapObject[] = [];
  private readonly places: MapObject[] = [];
  private nextObject = 1;

  constructor(options: DraftOptions) {
    this.options = options;
    this.width = options.width;
    this.height = options.height;
    this.layers = new Map(LAYERS.map((name) => [name, new Uint32Array(this.width * this.height)]));
  }

  /** Puts a picture down with its top left tile at (x, y). Empty tiles of the picture leave what is there. */
  put(layer: LayerName, x: number, y: number, name: string): void {
    const { piece, firstgid } = this.find(name);
    piece.ids.forEach((id, i) => {
      if (id !== undefined) this.set(layer, x + (i % piece.across), y + Math.floor(i / piece.across), firstgid + id);
    });
  }

  /** Like put, but nothing may be there yet, and the upper `over` rows go above travellers, who can walk behind them. */
  stand(x: number, y: number, name: string, over: number): void {
    const { piece, firstgid } = this.find(name);
    piece.ids.forEach((id, i) => {
      const row = Math.floor(i / piece.across);
      const layer = row < over ? "above" : "decor";
      const [tx, ty] = [x + (i % piece.across), y + row];
      if (id === undefined || tx < 0 || ty < 0 || tx >= this.width || ty >= this.height) return;
      if (!this.isFree(layer, tx, ty)) throw new Error(`"${name}" at ${x},${y} would cut into what stands at ${tx},${ty}`);
      this.set(layer, tx, ty, firstgid + id);
    });
  }

  /** A pool of light on the ground around tile (x, y). Where two pools meet the older one stays. */
  pool(x: number, y: number, name: string): void {
    const { piece, firstgid } = this.find(name);
    piece.ids.forEach((id, i) => {
      const [tx, ty] = [x - (piece.across >> 1) + (i % piece.across), y - (piece.down >> 1) + Math.floor(i / piece.across)];
      if (id !== undefined && this.isFree("light", tx, ty)) this.set("light", tx, ty, firstgid + id);
    });
  }

  /** A carpet of any size from a picture of three tiles square. */
  spread(x: number, y: number, across: number, down: number, name: string): void {
    const { piece, firstgid } = this.find(name);
    const part = (i: number, count: number): number => (i === 0 ? 0 : i === count - 1 ? 2 : 1);
    for (let j = 0; j < down; j++)
      for (let i = 0; i < across; i++) {
        const id = piece.ids[part(j, down) * 3 + part(i, across)];
        if (id !== undefined) this.set("fringe", x + i, y + j, firstgid + id);
      }
  }

  private set(layer: LayerName, x: number, y: number, gid: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    (this.layers.get(layer) as Uint32Array)[y * this.width + x] = gid;
  }

  isFree(layer: LayerName, x: number, y: number): boolean {
    return (this.layers.get(layer) as Uint32Array)[y * this.width + x] === 0;
  }

  private find(name: string): { piece: ReturnType<Sheet["piece"]>; firstgid: number } {
    const [prefix, rest] = name.includes(":") ? (name.split(":") as [string, string]) : [undefined, name];
    let firstgid = 1;
    for (const { sheet } of this.options.sheets) {
      if (prefix === undefined || sheet.name === prefix) return { piece: sheet.piece(rest), firstgid };
      firstgid += sheet.rows * TILE;
    }
    throw new Error(`no sheet is called "${prefix}"`);
  }

  /** A thing one tile large that shows its own picture; (x, y) is its tile, fractions allowed in sixteenths. */
  thing(kind: string, x: number, y: number, picture: string, properties: Properties = {}, name = ""): void {
    const { piece, firstgid } = this.find(picture);
    const gid = firstgid + (piece.ids[0] as number);
    // Tiled hangs tile objects by their bottom left corner.
    this.things.push({ gid, ...this.box(kind, name, x, y + 1, 1, 1, properties) });
  }

  /** An item that lies there for someone to take: the world makes it, so the map shows nothing. (x, y) is its tile. */
  lie(kind: string, x: number, y: number): void {
    this.point(kind, x + 0.5, y + 0.5, "", "things");
  }

  /** A thing whose picture is already in the layers. */
  spot(kind: string, x: number, y: number, width: number, height: number, properties: Properties = {}, name = ""): void {
    this.things.push(this.box(kind, name, x, y, width, height, properties));
  }

  place(kind: string, x: number, y: number, width: number, height: number, properties: Properties = {}, name = ""): void {
    this.places.push(this.box(kind, name, x, y, width, height, properties));
  }

  /** A spot on the map: somewhere to appear (among places), or someone who lives there (among things). */
  point(kind: string, x: number, y: number, name: string, among: "places" | "things" = "places", properties: Properties = {}): void {
    this[among].push({ ...this.box(kind, name, x, y, 0, 0, properties), point: true });
  }

  private box(kind: string, name: string, x: number, y: number, width: number, height: number, properties: Properties): MapObject {
    const listed = list(properties);
    return {
      height: height * TILE,
      id: this.nextObject++,
      name,
      ...(listed.length > 0 ? { properties: listed } : {}),
      rotation: 0,
      type: kind,
      visible: true,
      width: width * TILE,
      x: x * TILE,
      y: y * TILE,
    };
  }

  /** The map file. */
  tmj(): string {
    const layers: string[] = [];
    let id = 1;
    layers.push(this.group(id++, "places", this.places));
    for (const name of LAYERS) {
      layers.push(this.tileLayer(id++, name));
      if (name === THINGS_AFTER) layers.push(this.group(id++, "things", this.things));
    }
    let firstgid = 1;
    const tilesets = this.options.sheets.map(({ sheet, source }) => {
      const entry = { firstgid, source };
      firstgid += sheet.rows * TILE;
      return entry;
    });
    const fields: (readonly [string, string])[] = [
      ["backgroundcolor", JSON.stringify(this.options.background)],
      ["compressionlevel", "-1"],
      ["height", String(this.height)],
      ["infinite", "false"],
      ["layers", `[\n${layers.join(",\n")}\n ]`],
      ["nextlayerid", String(id)],
      ["nextobjectid", String(this.nextObject)],
      ["orientation", '"orthogonal"'],
      ["properties", JSON.stringify(list(this.options.properties))],
      ["renderorder", '"right-down"'],
      ["tiledversion", '"1.11.0"'],
      ["tileheight", String(TILE)],
      ["tilesets", JSON.stringify(tilesets)],
      ["tilewidth", String(TILE)],
      ["type", '"map"'],
      ["version", '"1.10"'],
      ["width", String(this.width)],
    ];
    return `{\n${fields.map(([key, value]) => ` "${key}": ${value}`).join(",\n")}\n}\n`;
  }

  private tileLayer(id: number, name: LayerName): string {
    const gids = this.layers.get(name) as Uint32Array;
    const { width, height } = this;
    const frame = {
      height,
      id,
      name,
      opacity: 1,
      ...(name === "above" ? { properties: list({ above: true }) } : {}),
      type: "tilelayer",
      visible: true,
      width,
      x: 0,
      y: 0,
    };
    const head = JSON.stringify(frame).slice(1);
    if (this.options.encoding === "csv") {
      const rows = Array.from({ length: height }, (_, y) => gids.subarray(y * width, (y + 1) * width).join(","));
      return `  {"data": [\n${rows.join(",\n")}\n  ],${head}`;
    }
    const bytes = Buffer.alloc(gids.length * 4);
    gids.forEach((gid, i) => {
      bytes.writeUInt32LE(gid, i * 4);
    });
    return `  {"compression":"zlib","data":"${zlibBytes(bytes).toString("base64")}","encoding":"base64",${head}`;
  }

  private group(id: number, name: string, objects: readonly MapObject[]): string {
    const rows = objects.map((object) => `   ${JSON.stringify(object)}`).join(",\n");
    return `  {"draworder":"topdown","id":${id},"name":"${name}","objects":[\n${rows}\n  ],"opacity":1,"type":"objectgroup","visible":true,"x":0,"y":0}`;
  }
}

function list(properties: Properties): { name: string; type: string; value: PropertyValue }[] {
  return Object.entries(properties)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, type: typeof value === "string" ? "string" : typeof value === "boolean" ? "bool" : "float", value }));
}
