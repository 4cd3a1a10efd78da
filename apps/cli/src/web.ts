// The browser client, served by a world's own HTTP server: built once at first start, kept in memory.
import type { IncomingMessage, ServerResponse } from "node:http";
import { buildWeb } from "@sojourn/web/build";

/** A world that the start page offers. */
export interface OfferedWorld {
  readonly name: string;
  readonly id: string;
  readonly url: string;
}

const MIME: { readonly [ending: string]: string } = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

/** What the page may do: its own files, blocks and links of any world, pictures made from verified blocks; nothing else. */
const POLICY =
  "default-src 'self'; connect-src *; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Answers the requests that belong to the browser client and says whether it did. */
export type WebHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Builds the client (about a second) and returns the handler that serves it. */
export async function webClient(offered: () => readonly OfferedWorld[]): Promise<WebHandler> {
  const files = await buildWeb({ minify: true });
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const path = new URL(request.url ?? "/", "http://world").pathname;
    const name = path === "/" ? "index.html" : path.slice(1);
    const body = name === "worlds.json" ? Buffer.from(JSON.stringify(offered())) : files.get(name);
    if (body === undefined) return false;
    response.writeHead(200, {
      "content-type": MIME[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream",
      "content-length": body.length,
      "cache-control": "no-cache",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  };
}
