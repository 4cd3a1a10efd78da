// The root of a version: a small node that names everything else. It holds no world id, no key and no clock of its own, so
// that the same map is the same root everywhere; whose root it is, the manifest says. Pure.
import type { ContentId, Result } from "@sojourn/protocol";
import { Link, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { Fields, readShape } from "./fields.ts";
import type { IndexEntry } from "./index-tree.ts";

const FORMAT = "sojourn-substrate";
const FORMAT_VERSION = 1;

export interface Root {
  readonly name: string;
  readonly parent: ContentId | null;
  readonly tick: number;
  readonly timeMs: number;
  readonly scene: ContentId;
  /** Null: no chunk has anything in it. */
  readonly index: IndexEntry | null;
  /** The scene, its assets and the index: everything but the root itself. */
  readonly below: { readonly blocks: number; readonly bytes: number };
}

export function rootNode(root: Root): NodeMap {
  const { index } = root;
  return {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    name: root.name,
    parent: root.parent === null ? null : new Link(root.parent),
    tick: root.tick,
    timeMs: root.timeMs,
    scene: new Link(root.scene),
    index: index === null ? null : { link: new Link(index.cid), blocks: index.blocks, bytes: index.bytes },
    below: { blocks: root.below.blocks, bytes: root.below.bytes },
  };
}

/** Fault `bad-block`: the node is no root of a version that we can read. */
export function readRoot(value: NodeValue): Result<Root> {
  return readShape("the root", () => {
    const fields = new Fields(value, "root");
    fields.one("format", [FORMAT]);
    fields.int("formatVersion", FORMAT_VERSION, FORMAT_VERSION);
    const below = fields.map("below");
    const root: Root = {
      name: fields.text("name", LIMITS.nameBytes),
      parent: fields.raw("parent") === null ? null : fields.link("parent"),
      tick: fields.int("tick", 0, Number.MAX_SAFE_INTEGER),
      timeMs: fields.int("timeMs", 0, Number.MAX_SAFE_INTEGER),
      scene: fields.link("scene"),
      index: fields.raw("index") === null ? null : readIndexEntry(fields.map("index")),
      below: { blocks: below.int("blocks", 1, LIMITS.versionBlocks), bytes: below.int("bytes", 1, LIMITS.versionBytes) },
    };
    below.end();
    fields.end();
    return root;
  });
}

function readIndexEntry(fields: Fields): IndexEntry {
  const entry = {
    cid: fields.link("link"),
    blocks: fields.int("blocks", 1, LIMITS.versionBlocks),
    bytes: fields.int("bytes", 1, LIMITS.versionBytes),
  };
  fields.end();
  return entry;
}
