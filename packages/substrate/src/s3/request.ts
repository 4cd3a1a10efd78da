// One signed request to an S3-compatible service (Signature Version 4, the body's hash signed too) and what came of it. It is
// asked once: whether to ask again is for the caller, who knows what a second try would mean.
import { type Fault, fault } from "@sojourn/protocol";
import { AwsV4Signer } from "aws4fetch";
import { sha256Of } from "../blocks/hash.ts";
import { S3 } from "../limits.ts";
import { readBody } from "../stores/body.ts";
import type { S3Place } from "./options.ts";

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The longest answer that is read. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * `answered`: with success, and the body. `refused`: with another status, and the service's own word for why. `silent`: no whole
 * answer came; `isSent` false when the request certainly never reached the service.
 */
export type S3Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly etag: string | undefined;
      readonly length: number;
      readonly body: Uint8Array;
    }
  | { readonly kind: "refused"; readonly status: number; readonly code: string; readonly fault: Fault }
  | { readonly kind: "silent"; readonly isSent: boolean; readonly fault: Fault };

/** Errors after which nothing can have arrived. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ERR_INVALID_URL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const SENTENCES: Readonly<Record<string, string>> = {
  AccessDenied: "these keys may not do that here",
  InvalidAccessKeyId: "it does not know this access key",
  SignatureDoesNotMatch: "the secret key does not belong to the access key (or the region is another)",
  AuthorizationHeaderMalformed: "the region is another",
  NoSuchBucket: "there is no such bucket; make it first",
  RequestTimeTooSkewed: "this machine's clock and its own differ by too much; set the clock",
  NotImplemented: "it does not know what was asked for (conditional writes, perhaps)",
  SlowDown: "it is asked too much; ask later",
};

export async function askS3(place: S3Place, request: S3Request): Promise<S3Answer> {
  // Nothing is sent while the keys are at work: what goes wrong there is ours.
  const signed = await sign(place, request).catch((error: Error) => error);
  if (signed instanceof Error) return { kind: "silent", isSent: false, fault: unsigned(place, signed) };
  const deadline = AbortSignal.timeout(place.timeoutMs);
  try {
    const response = await place.fetch(request.url, {
      method: request.method,
      headers: signed,
      ...(request.body === undefined ? {} : { body: request.body as Uint8Array<ArrayBuffer> }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]),
    });
    if (!response.ok) return await refusal(place, response);
    const body = request.method === "HEAD" ? new Uint8Array() : await readBody(response, request.limit);
    if (body === undefined) {
      const detail = `${place.name} sent more than the ${request.limit} bytes that were expected`;
      return { kind: "silent", isSent: true, fault: fault("oversized", "peer", detail) };
    }
    const length = Number(response.headers.get("content-length") ?? body.length);
    return { kind: "answered", status: response.status, etag: plainEtag(response.headers.get("etag")), length, body };
  } catch (error) {
    return silence(place, error);
  }
}

async function sign(place: S3Place, { method, url, headers, body }: S3Request): Promise<Headers> {
  const hash = await sha256Of(body ?? new Uint8Array());
  const signer = new AwsV4Signer({
    method,
    url,
    headers: { ...headers, "x-amz-content-sha256": hex(hash) },
    accessKeyId: place.accessKeyId,
    secretAccessKey: place.secretAccessKey,
    ...(place.sessionToken === undefined ? {} : { sessionToken: place.sessionToken }),
    service: "s3",
    region: place.region,
  });
  return (await signer.sign()).headers;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Services give it quoted; some want it back without. Conditions are sent as it is kept: unquoted. */
function plainEtag(etag: string | null): string | undefined {
  const plain = etag?.replace(/^W\//, "").replaceAll('"', "") ?? "";
  return plain === "" ? undefined : plain;
}

async function refusal(place: S3Place, response: Response): Promise<S3Answer> {
  const body = await readBody(response, S3.errorBytes).catch(() => undefined);
  const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(new TextDecoder().decode(body))?.[1] ?? "";
  const { status } = response;
  const isLater = status === 429 || (status >= 500 && status !== 501) || code === "RequestTimeout";
  const why = SENTENCES[code] ?? (code === "" ? "without saying why" : code);
  return {
    kind: "refused",
    status,
    code,
    fault: fault("store-failed", "peer", `${place.name} answered ${status}: ${why}`, isLater ? 1_000 : 0),
  };
}

function unsigned(place: S3Place, error: Error): Fault {
  const detail = globalThis.crypto?.subtle === undefined ? "signing needs WebCrypto, which a page has over https alone" : error.message;
  return fault("store-failed", "client", `${place.name} could not be asked: ${detail}`);
}

function silence(place: S3Place, error: unknown): S3Answer {
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error));
  const inner = cause instanceof Error ? cause : undefined;
  const isSent = !NOT_SENT.has(String((inner as { code?: unknown } | undefined)?.code ?? ""));
  const said = (blame: "link" | "client", detail: string, retryAfterMs: number): S3Answer => {
    return { kind: "silent", isSent, fault: fault("store-failed", blame, detail, retryAfterMs) };
  };
  if (name === "TimeoutError") return said("link", `${place.name} did not answer within ${place.timeoutMs} ms`, 1_000);
  if (name === "AbortError") return said("client", `the request to ${place.name} was cancelled`, 0);
  return said("link", `${place.name} could not be asked: ${inner?.message ?? message}`, 1_000);
}
