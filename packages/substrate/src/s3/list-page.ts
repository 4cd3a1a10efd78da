// One page of an S3 bucket's list (ListObjectsV2): names, sizes and ETags, and where the next page begins.
import { parseXml, type XmlElement } from "@rgrove/parse-xml";
import { fail, ok, type Result } from "@sojourn/protocol";

export interface S3Entry {
  readonly name: string;
  readonly bytes: number;
  readonly etag: string | undefined;
}

export interface ListPage {
  readonly entries: readonly S3Entry[];
  /** Token of the next page; empty on the last. */
  readonly next: string;
}

/** Fault `store-failed` when it is no such page. */
export function readListPage(text: string, service: string): Result<ListPage> {
  const wrong = (detail: string): Result<never> => fail("store-failed", "peer", `${service} sent a list that cannot be read: ${detail}`);
  let root: XmlElement | null;
  try {
    root = parseXml(text).root;
  } catch (error) {
    return wrong((error as Error).message.split("\n")[0] as string);
  }
  if (root?.name !== "ListBucketResult") return wrong("it is no ListBucketResult");
  const entries: S3Entry[] = [];
  for (const found of elementsOf(root, "Contents")) {
    const [name, size] = [textOf(found, "Key"), textOf(found, "Size")];
    if (name === "" || !/^\d{1,15}$/.test(size)) return wrong("an object has no name or size");
    const etag = textOf(found, "ETag").replaceAll('"', "");
    entries.push({ name, bytes: Number(size), etag: etag === "" ? undefined : etag });
  }
  const next = textOf(root, "IsTruncated") === "true" ? textOf(root, "NextContinuationToken") : "";
  if (next === "" && textOf(root, "IsTruncated") === "true") return wrong("it goes on, but does not say where");
  return ok({ entries, next });
}

function elementsOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child): child is XmlElement => child.type === "element" && (child as XmlElement).name === name);
}

function textOf(parent: XmlElement, name: string): string {
  return elementsOf(parent, name)[0]?.text.trim() ?? "";
}
