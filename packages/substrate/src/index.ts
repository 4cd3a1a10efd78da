// The door of the substrate room: the static world as content-addressed blocks. This door works in browsers and in Node;
// what needs Node's files and zlib is behind `@sojourn/substrate/node`.
export { makeBlock, verifyBlock } from "./blocks/block.ts";
export { type Codec, formatContentId, type ParsedContentId, parseContentId } from "./blocks/content-id.ts";
export { decodeNode, encodeNode, Link, linksOf, type NodeMap, type NodeValue } from "./blocks/node-codec.ts";
export { LIMITS } from "./limits.ts";
export { memoryStore } from "./stores/memory.ts";
export type { Block, BlockStore, GetOptions } from "./stores/port.ts";
export type {
  AnimationFrame,
  AssetInfo,
  AssetMime,
  Box,
  Chunk,
  ChunkCoord,
  ImageInfo,
  LayerInfo,
  Properties,
  PropertyValue,
  Solids,
  StaticObject,
  SubstrateVersion,
  SubstrateView,
  TileInfo,
  TilesetInfo,
  Zone,
} from "./versions/types.ts";
