// How a world answers a plain HTTP request.
import type { ServerResponse } from "node:http";

export type Headers = { readonly [name: string]: string };

export const TEXT = "text/plain; charset=utf-8";
export const JSON_TYPE = "application/json; charset=utf-8";
/** Everything public here grants nothing by cookies, so any page may read it. */
export const OPEN: Headers = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, OPTIONS",
  "access-control-allow-headers": "accept, cache-control, content-type, if-none-match, range",
  "access-control-max-age": "86400",
  "x-content-type-options": "nosniff",
};

export function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Headers,
  isHead = false,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { "content-type": type, "content-length": bytes.length, "x-content-type-options": "nosniff", ...headers });
  response.end(isHead ? undefined : bytes);
}
