// What one has to know of an S3-compatible service to use it: where, which bucket, under which names, with which keys.
import { fail, ok, type Result } from "@sojourn/protocol";
import { S3 } from "../limits.ts";

export interface S3Options {
  /** The service, as `https://s3.eu-central-1.amazonaws.com` or `http://127.0.0.1:7480`. Buckets are addressed by path. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Put before every object's name, as `worlds/tavern/`; nothing outside it is read or written. */
  readonly prefix?: string;
  /** Default `us-east-1`, which services without regions take. */
  readonly region?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For keys that were lent for a while. */
  readonly sessionToken?: string;
  /** For one request, its answer included. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  /** For people; by default bucket, prefix and host. Never says a key. */
  readonly name?: string;
}

/** An {@link S3Options} that was looked over, with nothing left open. */
export interface S3Place {
  /** Endpoint, bucket and prefix: an object's address is this and its name. */
  readonly base: string;
  /** Endpoint and bucket. */
  readonly bucketUrl: string;
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly timeoutMs: number;
  readonly fetch: typeof globalThis.fetch;
  readonly name: string;
}

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;
/** Names that mean the same to every service, URL parser and signature: none has to be escaped, none is `.` or `..`. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Whether an object may be called this: letters, digits, `_`, `-` and `.`, with `/` between, none beginning with a dot. */
export function isObjectName(name: string): boolean {
  return name.length <= S3.keyBytes && NAME.test(name);
}

/** Fault `store-failed` with the option that is wrong, and how it should look. */
export function checkS3Options(options: S3Options): Result<S3Place> {
  const wrong = (detail: string): Result<never> => fail("store-failed", "client", `S3: ${detail}`);
  const endpoint = URL.parse(options.endpoint);
  if (endpoint === null || !/^https?:$/.test(endpoint.protocol))
    return wrong(`endpoint ${JSON.stringify(options.endpoint)} is no http(s) address, as https://s3.eu-central-1.amazonaws.com`);
  if (endpoint.username !== "" || endpoint.password !== "" || endpoint.search !== "" || endpoint.hash !== "")
    return wrong("the endpoint is an address alone; keys go into accessKeyId and secretAccessKey");
  if (!BUCKET.test(options.bucket)) return wrong(`${JSON.stringify(options.bucket)} is no bucket's name`);
  const folder = (options.prefix ?? "").replace(/^\/+|\/+$/g, "");
  if (folder !== "" && (folder.length >= S3.prefixBytes || !NAME.test(folder)))
    return wrong(
      `prefix ${JSON.stringify(folder.slice(0, 80))} must be letters, digits, _, - and ., with / between, at most ${S3.prefixBytes} in all`,
    );
  if (options.accessKeyId === "" || options.secretAccessKey === "") return wrong("accessKeyId and secretAccessKey are both needed");
  const bucketUrl = `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, "")}/${options.bucket}`;
  const prefix = folder === "" ? "" : `${folder}/`;
  return ok({
    base: `${bucketUrl}/${prefix}`,
    bucketUrl,
    prefix,
    region: options.region ?? "us-east-1",
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    sessionToken: options.sessionToken,
    timeoutMs: options.timeoutMs ?? S3.requestMs,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    name: options.name ?? `s3 ${options.bucket}/${prefix} at ${endpoint.host}`,
  });
}
