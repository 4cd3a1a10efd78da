// What each decoder is fed with: bytes that are right (the vectors, and small files made here), and the dearest of at most 64 KiB that
// we could think of. Mutations of both come on top.
import { readFileSync } from "node:fs";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { carHeader, carSection, decodeNode, encodeNode, Link, makeBlock, type NodeMap, type NodeValue } from "@sojourn/substrate";
import { joined } from "./mutations.ts";

export const INPUT_BYTES = 65_536;

interface HexBlock {
  readonly cid: string;
  readonly hex: string;
}

function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/substrate/${name}.json`, import.meta.url), "utf8")) as T;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const unhex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

let made: Promise<Record<string, Uint8Array[]>> | undefined;

/** Decoder → its inputs. */
export function corpus(): Promise<Record<string, Uint8Array[]>> {
  made ??= makeCorpus();
  return made;
}

async function makeCorpus(): Promise<Record<string, Uint8Array[]>> {
  const version = vectors<{ root: string; blocks: HexBlock[] }>("version");
  const valid = vectors<{ valid: { hex: string }[] }>("nodes").valid.map(({ hex }) => unhex(hex));
  const heads = goodHeads();
  const blocks = version.blocks.map(({ cid, hex }) => ({ cid, bytes: unhex(hex) }));
  const nodes = blocks.filter(({ cid }) => cid.startsWith("bafy"));
  const ofKeys = (...keys: string[]): Uint8Array[] =>
    nodes.filter(({ bytes }) => keys.every((key) => key in mapOf(bytes))).map(({ bytes }) => bytes);
  const root = nodes.filter(({ cid }) => cid === version.root).map(({ bytes }) => bytes);
  const dear = dearNodes();
  const withGrown = (some: Uint8Array[]): Uint8Array[] => [...some, ...some.flatMap(grown), ...dear];
  const png = blocks.filter(({ cid }) => cid.startsWith("bafk")).map(({ bytes }) => bytes);
  const dust = await Promise.all(Array.from({ length: 1_600 }, (_, i) => makeBlock("raw", new Uint8Array([i & 255, i >> 8]))));
  const chunks = ofKeys("objects").concat(ofKeys("tiles"), ofKeys("layers"));
  return {
    "content id": [utf8(version.root), utf8("b".repeat(INPUT_BYTES)), utf8("z".repeat(INPUT_BYTES)), new Uint8Array(INPUT_BYTES)],
    node: withGrown(valid),
    root: withGrown(root),
    scene: withGrown(ofKeys("tilesets")),
    chunk: withGrown(chunks.length > 0 ? chunks : nodes.map(({ bytes }) => bytes)),
    "index node": withGrown(ofKeys("level")),
    car: [
      joined(carHeader([version.root]), ...blocks.map(carSection)),
      joined(carHeader([version.root]), ...dust.map(carSection)),
      joined(carHeader(Array.from({ length: 64 }, () => version.root))),
    ],
    "image header": [
      ...png,
      jpeg(),
      utf8("GIF89a\x01\x00\x01\x00"),
      utf8("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"),
      joined(png[0] ?? jpeg(), new Uint8Array(60_000)),
    ],
    "tiled map": maps(),
    head: [...heads.heads, ...withGrown(valid)],
    heartbeat: withGrown(heads.heartbeats),
    "statement of heirs": withGrown(heads.statements),
    "list of a bucket": lists(),
  };
}

/** Heads, heartbeats and statements of heirs as they are written. */
function goodHeads(): Record<"heads" | "heartbeats" | "statements", Uint8Array[]> {
  type Good = { valid: { hex: string }[] };
  const good = vectors<{ heads: Good; heartbeats: Good; statements: Good }>("heads");
  const bytesOf = ({ valid }: Good): Uint8Array[] => valid.map(({ hex }) => unhex(hex));
  return { heads: bytesOf(good.heads), heartbeats: bytesOf(good.heartbeats), statements: bytesOf(good.statements) };
}

function mapOf(bytes: Uint8Array): NodeMap {
  const node = decodeNode(bytes);
  return node.ok && node.value !== null && typeof node.value === "object" && !Array.isArray(node.value) ? (node.value as NodeMap) : {};
}

/** The node with each of its lists repeated until it is as long as it may be. */
function grown(bytes: Uint8Array): Uint8Array[] {
  const node = mapOf(bytes);
  return Object.entries(node).flatMap(([key, value]) => {
    if (!Array.isArray(value) || value.length === 0) return [];
    const times = Math.floor((INPUT_BYTES - bytes.length) / Math.max(1, bytes.length)) + 1;
    for (let n = times * 8; n >= 1; n = Math.floor(n / 2)) {
      const made = encodeNode({ ...node, [key]: Array.from({ length: n }, () => value as readonly NodeValue[]).flat() });
      if (made.ok && made.value.length <= INPUT_BYTES) return [made.value];
    }
    return [];
  });
}

/** Many of the smallest things, as deep and as wide as they go. */
function dearNodes(): Uint8Array[] {
  const many = (item: NodeValue, bytes: number): NodeValue => Array.from({ length: Math.floor(INPUT_BYTES / bytes) - 8 }, () => item);
  const nested = Array.from({ length: 4_000 }, () => Array.from({ length: 12 }).reduce<NodeValue>((inner) => [inner], 0));
  const keyed = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`k${i}`, 0]));
  const link = new Link("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
  const values = [
    many(null, 1),
    many(0, 1),
    many([], 1),
    many({}, 1),
    many("", 1),
    many("é", 3),
    many(new Uint8Array(), 1),
    many(0.5, 9),
    many(link, 42),
    nested,
    keyed,
  ];
  return [
    ...values.flatMap((value) => {
      const made = encodeNode(value);
      return made.ok ? [made.value] : [];
    }),
    new Uint8Array(INPUT_BYTES).fill(0x81),
    new Uint8Array(INPUT_BYTES).fill(0xa1),
  ];
}

/** As many segments as fit before the one that says the size. */
function jpeg(): Uint8Array {
  const segment = [0xff, 0xe0, 0x00, 0x02];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...Array.from({ length: 16_000 }, () => segment).flat(),
    0xff,
    0xc0,
    0,
    11,
    8,
    0,
    1,
    0,
    1,
    1,
    0,
    0,
    0,
  ]);
}

function maps(): Uint8Array[] {
  const map = (width: number, height: number, layers: readonly object[], more: object = {}): Uint8Array =>
    utf8(
      JSON.stringify({
        type: "map",
        orientation: "orthogonal",
        width,
        height,
        tilewidth: 16,
        tileheight: 16,
        infinite: false,
        tilesets: [],
        layers,
        ...more,
      }),
    );
  const layer = (width: number, height: number, data: unknown, more: object = {}): object => ({
    type: "tilelayer",
    name: "l",
    width,
    height,
    data,
    ...more,
  });
  const packed = (tiles: number, pack: (bytes: Uint8Array) => Uint8Array, compression: string): object => {
    const data = Buffer.from(pack(new Uint8Array(tiles * 4))).toString("base64");
    return { data, encoding: "base64", compression };
  };
  // Small ones, the largest that is unpacked, and one that must not be.
  const bomb = (side: number, name: string, pack: (bytes: Uint8Array) => Uint8Array): Uint8Array =>
    map(side, side, [layer(side, side, "", packed(side * side, pack, name))]);
  const bombs = [
    ...[512, 1_772, 4_096].map((side) => bomb(side, "zstd", zstdCompressSync)),
    ...[512, 1_772].map((side) => bomb(side, "zlib", deflateSync)),
    bomb(1_024, "gzip", gzipSync),
  ];
  const row = packed(512 * 512, (bytes) => zstdCompressSync(bytes), "zstd");
  const many = map(
    512,
    512,
    Array.from({ length: 60 }, () => layer(512, 512, "", row)),
  );
  const piece = packed(65_536, (bytes) => zstdCompressSync(bytes), "zstd");
  const pieces = Array.from({ length: 300 }, (_, i) => ({ x: i * 256, y: 0, width: 256, height: 256, ...piece }));
  const infinite = map(0, 0, [{ type: "tilelayer", name: "l", encoding: "base64", compression: "zstd", chunks: pieces }], {
    infinite: true,
  });
  const csv = Array.from({ length: 160 * 160 }, (_, i) => i % 7);
  const xml = (inside: string): Uint8Array =>
    utf8(`<map orientation="orthogonal" width="160" height="160" tilewidth="16" tileheight="16">${inside}</map>`);
  return [
    map(160, 160, [layer(160, 160, csv)]),
    map(160, 160, [layer(160, 160, csv.join(","))]),
    ...[...bombs, many, infinite].filter(({ length }) => length <= INPUT_BYTES),
    xml(`<layer name="l" width="160" height="160"><data encoding="csv">${csv.join(",")}</data></layer>`),
    xml("<group>".repeat(4_000) + "</group>".repeat(4_000)),
    xml("<a/>".repeat(16_000)),
    xml("&amp;".repeat(12_000)),
    utf8("[".repeat(INPUT_BYTES)),
    utf8(`{"type":"map","layers":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
    utf8(`{${Array.from({ length: 6_000 }, (_, i) => `"k${i}":0`).join(",")}}`),
  ];
}

function lists(): Uint8Array[] {
  const entry = (name: string): string => `<Contents><Key>${name}</Key><ETag>&quot;0&quot;</ETag><Size>1</Size></Contents>`;
  const list = (inside: string): Uint8Array => utf8(`<ListBucketResult><IsTruncated>false</IsTruncated>${inside}</ListBucketResult>`);
  return [
    list(entry("a")),
    list(Array.from({ length: 800 }, (_, i) => entry(`n${i}`)).join("")),
    list("<a>".repeat(9_000) + "</a>".repeat(9_000)),
    list("<Key/>".repeat(10_000)),
  ];
}
