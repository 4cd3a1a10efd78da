// What a bucket does with one request, as S3 is described: objects under names in byte order, ETags, conditions that hold or
// do not, lists in pages. No network in here.
import { createHash } from "node:crypto";

export interface StoredObject {
  readonly bytes: Uint8Array;
  /** MD5 of the bytes, unquoted. */
  readonly etag: string;
}

export type Bucket = Map<string, StoredObject>;

export interface BucketRequest {
  readonly method: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly body: Uint8Array;
}

export interface BucketAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export function objectOf(bytes: Uint8Array): StoredObject {
  return { bytes: new Uint8Array(bytes), etag: createHash("md5").update(bytes).digest("hex") };
}

export function refusalOf(status: number, code: string): BucketAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}

/** `pageKeys` at most are listed at once. */
export function answerBucket(bucket: Bucket, request: BucketRequest, pageKeys: number, hasConditions: boolean): BucketAnswer {
  const { method, key } = request;
  if (key === "")
    return method === "GET" ? listPage(bucket, request.query, pageKeys) : { status: method === "HEAD" ? 200 : 405, headers: {}, body: "" };
  const found = bucket.get(key);
  const broken = hasConditions ? brokenCondition(found, request) : undefined;
  if (method === "PUT") {
    if (broken !== undefined) return broken;
    const object = objectOf(request.body);
    bucket.set(key, object);
    return { status: 200, headers: { etag: `"${object.etag}"` }, body: "" };
  }
  if (method === "DELETE") {
    if (broken !== undefined && found !== undefined) return broken;
    bucket.delete(key);
    return { status: 204, headers: {}, body: "" };
  }
  if (method !== "GET" && method !== "HEAD") return refusalOf(405, "MethodNotAllowed");
  if (found === undefined) return refusalOf(404, "NoSuchKey");
  if (request.ifMatch !== undefined && request.ifMatch.replaceAll('"', "") !== found.etag) return refusalOf(412, "PreconditionFailed");
  return { status: 200, headers: { etag: `"${found.etag}"`, "content-type": "application/octet-stream" }, body: found.bytes };
}

function brokenCondition(found: StoredObject | undefined, { ifMatch, ifNoneMatch }: BucketRequest): BucketAnswer | undefined {
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") return refusalOf(501, "NotImplemented");
  if (ifNoneMatch === "*" && found !== undefined) return refusalOf(412, "PreconditionFailed");
  if (ifMatch === undefined) return undefined;
  if (found === undefined) return refusalOf(404, "NoSuchKey");
  return ifMatch.replaceAll('"', "") === found.etag ? undefined : refusalOf(412, "PreconditionFailed");
}

function listPage(bucket: Bucket, query: URLSearchParams, pageKeys: number): BucketAnswer {
  if (query.get("list-type") !== "2") return refusalOf(501, "NotImplemented");
  const prefix = query.get("prefix") ?? "";
  const token = query.get("continuation-token");
  const after = token === null ? "" : Buffer.from(token, "base64url").toString();
  const limit = Math.min(pageKeys, Number(query.get("max-keys") ?? pageKeys));
  const names = [...bucket.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
  const page = names.slice(0, limit);
  const contents = page.map((name) => {
    const { bytes, etag } = bucket.get(name) as StoredObject;
    return `<Contents><Key>${xml(name)}</Key><ETag>&quot;${etag}&quot;</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const isCut = names.length > page.length;
  const next = isCut ? `<NextContinuationToken>${Buffer.from(page.at(-1) as string).toString("base64url")}</NextContinuationToken>` : "";
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>${xml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${isCut}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

function xml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
