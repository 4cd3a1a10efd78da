// Signature Version 4 as a service checks it, written from its description and not with the signer that clients use here:
// two readings of it have to agree. A body's hash counts only when it is the body's.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export interface SignedRequest {
  readonly method: string;
  /** As it was sent, `?` and all behind it. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const SKEW_MS = 15 * 60_000;
const FORM = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** The service's word for what is wrong with it, or undefined. */
export function signatureProblem(request: SignedRequest, keys: S3Keys, nowMs: number): string | undefined {
  const header = (name: string): string => String(request.headers[name] ?? "");
  const parts = FORM.exec(header("authorization"));
  if (parts === null) return "AccessDenied";
  const [, accessKey, day, region, names, signature] = parts as unknown as [string, string, string, string, string, string];
  if (accessKey !== keys.accessKeyId) return "InvalidAccessKeyId";
  if (region !== keys.region) return "AuthorizationHeaderMalformed";
  const stamp = header("x-amz-date");
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
  if (form === null || !stamp.startsWith(day)) return "AccessDenied";
  const [, year, month, date, hour, minute, second] = form.map(Number) as [number, number, number, number, number, number, number];
  if (Math.abs(Date.UTC(year, month - 1, date, hour, minute, second) - nowMs) > SKEW_MS) return "RequestTimeTooSkewed";
  const signed = names.split(";");
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === "host" || name.startsWith("x-amz-"));
  if (!mustBeSigned.every((name) => signed.includes(name))) return "AccessDenied";
  const stated = header("x-amz-content-sha256");
  if (stated !== "UNSIGNED-PAYLOAD" && stated !== sha256(request.body)) return "XAmzContentSHA256Mismatch";
  const canonical = canonicalRequest(request, signed, stated);
  const toSign = ["AWS4-HMAC-SHA256", stamp, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join("\n");
  const key = ["s3", "aws4_request"].reduce(hmac, hmac(hmac(`AWS4${keys.secretAccessKey}`, day), region));
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex")) ? undefined : "SignatureDoesNotMatch";
}

function canonicalRequest({ method, target, headers }: SignedRequest, signed: readonly string[], bodyHash: string): string {
  const [path = "", query = ""] = target.split("?", 2);
  const terms = [...new URLSearchParams(query)].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort();
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? "")
        .trim()
        .replace(/\s+/g, " ")}\n`,
  );
  const cleanPath = decodeURIComponent(path).split("/").map(escaped).join("/");
  return [method, cleanPath, terms.join("&"), lines.join(""), signed.join(";"), bodyHash].join("\n");
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
