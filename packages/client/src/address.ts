// The addresses of one world: what a person types, where its link opens, and where its blocks are. Pure.
import { fail, LIMITS, ok, type Result } from "@sojourn/protocol";

/** The path of a world's link when its address names none. */
const LINK_PATH = "/play";

export interface WorldAddress {
  /** The base address, http or https, without a path: how the world is known here. */
  readonly base: string;
  /** Where the link opens, ws or wss. */
  readonly link: string;
}

/** `host:port`, `http(s)://…` or `ws(s)://…` → the world's addresses. Fault `malformed` for anything else. */
export function worldAddress(typed: string): Result<WorldAddress> {
  const text = typed.trim();
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (full.length > LIMITS.urlBytes || !URL.canParse(full))
    return fail("malformed", "client", `"${typed.slice(0, 80)}" is no address of a world`);
  const url = new URL(full);
  const isSecure = url.protocol === "https:" || url.protocol === "wss:";
  if (!isSecure && url.protocol !== "http:" && url.protocol !== "ws:") {
    return fail("malformed", "client", `a world's address begins with http, https, ws or wss, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") return fail("malformed", "client", "a world's address holds no name and password");
  const path = url.protocol.startsWith("ws") && url.pathname !== "/" ? url.pathname : LINK_PATH;
  return ok({ base: `${isSecure ? "https" : "http"}://${url.host}`, link: `${isSecure ? "wss" : "ws"}://${url.host}${path}` });
}

/** A manifest's gateways as full addresses; one that is none is left out. */
export function gatewayAddresses(base: string, gateways: readonly string[]): string[] {
  return gateways.flatMap((gateway) => {
    const full = gateway.startsWith("/") ? `${base}${gateway}` : gateway;
    return URL.canParse(full) && /^https?:$/.test(new URL(full).protocol) ? [full.replace(/\/+$/, "")] : [];
  });
}
