// Assets and the images that show them, as a scene holds them. Pure.
import { Link, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { isColour } from "./colour.ts";
import { badShape, Fields } from "./fields.ts";
import type { AssetInfo, ImageInfo } from "./types.ts";

const ASSET_MIMES = ["image/png", "image/jpeg", "image/webp"] as const;

/** Leaves out what is undefined, so that an absent field and an undefined one are the same node. */
export function present(map: { readonly [key: string]: NodeValue | undefined }): NodeMap {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, NodeValue] => entry[1] !== undefined));
}

export function readColour(fields: Fields, key: string): string {
  const text = fields.text(key, 9);
  return isColour(text) ? text : badShape(`${key} is no colour`);
}

export function assetNode(asset: AssetInfo): NodeMap {
  return present({ link: new Link(asset.cid), mime: asset.mime, bytes: asset.bytes, width: asset.width, height: asset.height });
}

export function readAsset(item: NodeValue, path: string): AssetInfo {
  const fields = new Fields(item, path);
  const asset: AssetInfo = {
    cid: fields.link("link"),
    mime: fields.one("mime", ASSET_MIMES),
    bytes: fields.int("bytes", 1, LIMITS.assetBytes),
    ...fields.optional("width", (f, key) => f.int(key, 1, LIMITS.assetPixels)),
    ...fields.optional("height", (f, key) => f.int(key, 1, LIMITS.assetPixels)),
  };
  fields.end();
  return asset;
}

/** An image names its asset by link; everything else about it is read from the list of assets. */
export function imageNode(image: ImageInfo): NodeMap {
  return present({ asset: new Link(image.asset), transparent: image.transparent });
}

export function readImage(fields: Fields, path: string, assets: ReadonlyMap<string, AssetInfo>): ImageInfo {
  const cid = fields.link("asset");
  const asset = assets.get(cid) ?? badShape(`${path} shows an asset that the scene does not list`);
  if (asset.width === undefined || asset.height === undefined) return badShape(`${path} shows an asset without a size`);
  const size = { width: asset.width, height: asset.height };
  const transparent = fields.has("transparent") ? { transparent: readColour(fields, "transparent") } : {};
  return { asset: cid, mime: asset.mime, ...size, ...transparent };
}
