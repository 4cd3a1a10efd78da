// What a world says over plain HTTP: its signed card, its blocks by content id (the trustless gateway convention), messages between
// worlds, and whether it is well. Everything else is offered to the operator's own handler, then 404.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fault, fault, LIMITS } from "@sojourn/protocol";
import type { BlockStore } from "@sojourn/substrate";
import { BORDER_LIMITS } from "../limits.ts";
import { giveHead } from "../mesh/head-door.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { answer, type Headers, JSON_TYPE, OPEN, TEXT } from "./answer.ts";
import type { Arriving } from "./core.ts";
import { openGateway } from "./gateway.ts";

export interface HttpParts {
  readonly store: BlockStore;
  /** The card as text, as it is now. */
  readonly card: () => string;
  readonly health: () => { readonly [name: string]: string | number | boolean };
  /** Takes a token in for the next tick; false when too many wait. */
  readonly arrive: (arriving: Arriving) => boolean;
  /** Heads of this world and of those it keeps. */
  readonly mesh?: Mesh | undefined;
  readonly web: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

export function httpHandler(parts: HttpParts): (request: IncomingMessage, response: ServerResponse) => void {
  const gateway = openGateway(parts.store);
  return (request, response) => {
    const [path = "/", query = ""] = (request.url ?? "/").slice(0, 2_048).split("?");
    const { method = "GET" } = request;
    if (path === "/border") return border(parts, request, response);
    const isOurs = path.startsWith("/ipfs/") || path.startsWith("/ipns/") || path === "/.well-known/sojourn" || path === "/healthz";
    if (!isOurs) {
      if (parts.web?.(request, response) === true) return;
      return answer(response, 404, TEXT, "There is nothing here.\n", OPEN);
    }
    if (method === "OPTIONS") return answer(response, 204, TEXT, "", OPEN);
    if (method !== "GET" && method !== "HEAD")
      return answer(response, 405, TEXT, "GET or HEAD.\n", { ...OPEN, allow: "GET, HEAD, OPTIONS" });
    const isHead = method === "HEAD";
    if (path === "/healthz")
      return answer(response, 200, JSON_TYPE, `${JSON.stringify(parts.health())}\n`, { ...OPEN, "cache-control": "no-store" }, isHead);
    if (path === "/.well-known/sojourn")
      return answer(response, 200, JSON_TYPE, parts.card(), { ...OPEN, "cache-control": "no-cache" }, isHead);
    if (path.startsWith("/ipns/")) return void giveHead(parts.mesh, path.slice("/ipns/".length), isHead, response);
    const { accept = "", range = "", "if-none-match": ifNoneMatch = "", "cache-control": cacheControl = "" } = request.headers;
    gateway.serve({ path: path.slice("/ipfs/".length), query, isHead, accept, range, ifNoneMatch, cacheControl }, response);
  };
}

/** The rest of what is too long is not read: nothing more can be asked on that connection. */
const LAST = { connection: "close" };

function border(parts: HttpParts, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "POST") {
    answer(response, 405, TEXT, "POST a signed message.\n", { allow: "POST" });
    return;
  }
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.tokenBytes) {
    refuse(response, 413, fault("oversized", "peer", "This message is too long."), LAST);
    return;
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  request.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= LIMITS.tokenBytes) pieces.push(piece);
    else if (!response.headersSent) {
      refuse(response, 413, fault("oversized", "peer", "This message is too long."), LAST);
      request.destroy();
    }
  });
  request.on("end", () => {
    if (response.headersSent) return;
    const token = Buffer.concat(pieces).toString("latin1");
    const late = setTimeout(() => refuse(response, 503, fault("busy", "world", "No tick came in time.", 1_000)), BORDER_LIMITS.answerMs);
    const isTaken = parts.arrive({
      token,
      answer(replies, why) {
        clearTimeout(late);
        if (response.headersSent || response.destroyed) return;
        if (why === undefined || replies.length > 0) answer(response, 200, TEXT, replies.join("\n"), { "cache-control": "no-store" });
        else refuse(response, 409, { ...why, blame: "peer" });
      },
    });
    if (!isTaken) {
      clearTimeout(late);
      refuse(response, 503, fault("busy", "world", "Too many messages wait.", 1_000));
    }
  });
  request.on("error", () => {});
}

function refuse(response: ServerResponse, status: number, why: Fault, more: Headers = {}): void {
  if (!response.headersSent) answer(response, status, JSON_TYPE, JSON.stringify(why), { "cache-control": "no-store", ...more });
}
