// Objects of one bucket, under one prefix, in any S3-compatible service: what stores of blocks and of heads are built on.
// Its law is that of a conditional write: the caller always learns whether it is done, somebody else was faster, or nobody knows.
import { type Fault, fail, fault, ok, type Result } from "@sojourn/protocol";
import { S3 } from "../limits.ts";
import { readListPage, type S3Entry } from "./list-page.ts";
import { checkS3Options, isObjectName, type S3Options, type S3Place } from "./options.ts";
import { askS3, type S3Answer } from "./request.ts";

export interface S3Object {
  readonly bytes: Uint8Array;
  /** Names exactly what was read: the condition of the next write. Undefined where a service (or a page's CORS) does not tell it. */
  readonly etag: string | undefined;
}

/** Only where nothing is yet; only in place of exactly what has this ETag. */
export type S3Condition = { readonly kind: "absent" } | { readonly kind: "etag"; readonly etag: string };

/**
 * What became of a write.
 * - `written`: it is there, under this ETag.
 * - `beaten`: the condition did not hold (412, 404 for one that was there) or somebody wrote at the same moment (409). Nothing of
 *   ours was written: read, and decide anew.
 * - `unknown`: it was sent and no clear answer came (timeout, broken connection, 5xx). It may be there now, or be there later: read
 *   before doing anything that assumes either.
 * - `failed`: it was certainly not written. `fault.retryAfterMs` says whether another try may help.
 */
export type S3Written =
  | { readonly kind: "written"; readonly etag: string | undefined }
  | { readonly kind: "beaten"; readonly detail: string }
  | { readonly kind: "unknown"; readonly fault: Fault }
  | { readonly kind: "failed"; readonly fault: Fault };

/** Names are letters, digits, `_`, `-` and `.`, with `/` between; each is relative to the prefix. */
export interface S3Objects {
  readonly name: string;
  /** Undefined when there is none. Faults: `store-failed`; `oversized` when it has more than `limitBytes` (the rest is not read). */
  get(name: string, limitBytes: number, signal?: AbortSignal): Promise<Result<S3Object | undefined>>;
  head(name: string): Promise<Result<{ readonly bytes: number; readonly etag: string | undefined } | undefined>>;
  put(name: string, bytes: Uint8Array, condition?: S3Condition): Promise<S3Written>;
  /** Done as well when there is none. */
  delete(name: string): Promise<Result<void>>;
  /** All whose names begin so, page by page. A fault ends it: what was listed till then is not all. */
  list(beginning: string): AsyncIterable<Result<S3Entry>>;
}

/** Asks nothing yet. Fault `store-failed` when an option is wrong. */
export function openS3(options: S3Options): Result<S3Objects> {
  const place = checkS3Options(options);
  if (!place.ok) return place;
  return ok({
    name: place.value.name,
    get: (name, limitBytes, signal) => getObject(place.value, name, limitBytes, signal),
    head: (name) => headObject(place.value, name),
    put: (name, bytes, condition) => putObject(place.value, name, bytes, condition),
    delete: (name) => deleteObject(place.value, name),
    list: (beginning) => listObjects(place.value, beginning),
  });
}

async function getObject(place: S3Place, name: string, limit: number, signal?: AbortSignal): Promise<Result<S3Object | undefined>> {
  if (!isObjectName(name)) return badName(name);
  const answer = await askS3(place, { method: "GET", url: place.base + name, limit, signal });
  if (answer.kind === "answered") return ok({ bytes: answer.body, etag: answer.etag });
  return isNoObject(answer) ? ok(undefined) : { ok: false, fault: answer.fault };
}

async function headObject(place: S3Place, name: string): ReturnType<S3Objects["head"]> {
  if (!isObjectName(name)) return badName(name);
  const answer = await askS3(place, { method: "HEAD", url: place.base + name, limit: 0 });
  if (answer.kind === "answered") return ok({ bytes: answer.length, etag: answer.etag });
  return isNoObject(answer) ? ok(undefined) : { ok: false, fault: answer.fault };
}

async function putObject(place: S3Place, name: string, bytes: Uint8Array, condition?: S3Condition): Promise<S3Written> {
  if (!isObjectName(name)) return { kind: "failed", fault: nameFault(name) };
  const answer = await askS3(place, {
    method: "PUT",
    url: place.base + name,
    headers: conditionHeaders(condition),
    body: bytes,
    limit: S3.errorBytes,
  });
  if (answer.kind === "answered") return { kind: "written", etag: answer.etag };
  if (answer.kind === "silent") return { kind: answer.isSent ? "unknown" : "failed", fault: answer.fault };
  if (condition !== undefined && isBeaten(answer, condition))
    return { kind: "beaten", detail: `${place.name}: ${name} was written by somebody else` };
  // A service that failed while it worked may have written all the same; what it has no code for, it did not begin.
  return { kind: answer.status >= 500 && answer.status !== 501 ? "unknown" : "failed", fault: answer.fault };
}

function conditionHeaders(condition: S3Condition | undefined): Record<string, string> {
  if (condition === undefined) return {};
  return condition.kind === "absent" ? { "if-none-match": "*" } : { "if-match": condition.etag };
}

function isBeaten(answer: S3Answer & { kind: "refused" }, condition: S3Condition): boolean {
  const isGone = answer.status === 404 && condition.kind === "etag" && answer.code !== "NoSuchBucket";
  return answer.status === 412 || answer.status === 409 || isGone;
}

async function deleteObject(place: S3Place, name: string): Promise<Result<void>> {
  if (!isObjectName(name)) return badName(name);
  const answer = await askS3(place, { method: "DELETE", url: place.base + name, limit: S3.errorBytes });
  return answer.kind === "answered" || isNoObject(answer) ? ok(undefined) : { ok: false, fault: answer.fault };
}

async function* listObjects(place: S3Place, beginning: string): AsyncIterable<Result<S3Entry>> {
  if (beginning !== "" && !isObjectName(beginning.replace(/\/$/, ""))) return yield badName(beginning);
  const told = new Set<string>();
  let token = "";
  for (let page = 0; page < S3.listPages; page++) {
    const terms = new URLSearchParams({ "list-type": "2", prefix: place.prefix + beginning });
    if (token !== "") terms.set("continuation-token", token);
    const answer = await askS3(place, { method: "GET", url: `${place.bucketUrl}?${terms}`, limit: S3.listPageBytes });
    if (answer.kind !== "answered") return yield { ok: false, fault: answer.fault };
    const read = readListPage(new TextDecoder().decode(answer.body), place.name);
    if (!read.ok) return yield read;
    for (const entry of read.value.entries) {
      const name = entry.name.slice(place.prefix.length);
      if (entry.name.startsWith(place.prefix + beginning) && isObjectName(name)) yield ok({ ...entry, name });
    }
    if (read.value.next === "") return;
    if (told.has(read.value.next)) return yield fail("store-failed", "peer", `${place.name} lists the same page again and again`);
    token = read.value.next;
    told.add(token);
  }
  yield fail("store-failed", "peer", `${place.name} lists more than ${S3.listPages} pages`);
}

/** A bucket that is not there is another trouble than an object that is not. A head has no body to say which. */
function isNoObject(answer: S3Answer): boolean {
  return answer.kind === "refused" && answer.status === 404 && answer.code !== "NoSuchBucket";
}

function badName(name: string): Result<never> {
  return { ok: false, fault: nameFault(name) };
}

function nameFault(name: string): Fault {
  return fault("store-failed", "client", `${JSON.stringify(name.slice(0, 80))} is no name for an object here`);
}
