// Heads over http, as IPFS gateways give IPNS records: GET /ipns/<name>. What lies here is a stranger's word for whoever reads it: signed, and old
// or new by what it says itself.
import type { ServerResponse } from "node:http";
import { worldOfHeadName } from "@sojourn/substrate";
import { answer, OPEN, TEXT } from "../authority/answer.ts";
import { GATEWAY_LIMITS } from "../limits.ts";
import type { Mesh } from "./mesh.ts";

const RECORD = "application/vnd.ipfs.ipns-record";

/** `name`: behind `/ipns/`. */
export async function giveHead(mesh: Mesh | undefined, name: string, isHead: boolean, response: ServerResponse): Promise<void> {
  const world = name.length > GATEWAY_LIMITS.pathChars ? undefined : worldOfHeadName(name);
  if (world === undefined)
    return answer(response, 400, TEXT, "Not a world's name: the k51… form of its key, and no path behind it.\n", OPEN, isHead);
  const bytes = await mesh?.headOf(world).catch(() => undefined);
  if (bytes === undefined) return answer(response, 404, TEXT, "No head of that world is kept here.\n", OPEN, isHead);
  const headers = { ...OPEN, "cache-control": "no-cache", "content-disposition": `attachment; filename="${name}.ipns-record"` };
  answer(response, 200, RECORD, bytes, headers, isHead);
}
