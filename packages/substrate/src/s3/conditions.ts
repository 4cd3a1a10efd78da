// Whether a service keeps the conditions of a write. Some take them and forget them: two writers would both believe that they had won,
// and a world would have two newest versions. It is found out by writing, before anything depends on it.
import { fail, ok, type Result } from "@sojourn/protocol";
import type { S3Objects } from "./objects.ts";

/**
 * Writes `probeName` (an object of its own that nobody else writes; it is removed again) under conditions that hold and conditions that do not.
 * Fault `store-failed`, blame `peer`, when the service does not keep them: then no head may be kept there.
 */
export async function checkConditions(objects: S3Objects, probeName: string): Promise<Result<void>> {
  const bytes = (what: string): Uint8Array => new TextEncoder().encode(what);
  const cleared = await objects.delete(probeName);
  if (!cleared.ok) return cleared;
  const outcomes: string[] = [];
  const first = await objects.put(probeName, bytes("first"), { kind: "absent" });
  if (first.kind === "unknown" || first.kind === "failed") return { ok: false, fault: first.fault };
  const etag = first.kind === "written" ? (first.etag ?? "") : "";
  outcomes.push(first.kind, (await objects.put(probeName, bytes("second"), { kind: "absent" })).kind);
  outcomes.push((await objects.put(probeName, bytes("third"), { kind: "etag", etag: "0".repeat(32) })).kind);
  outcomes.push((await objects.put(probeName, bytes("fourth"), { kind: "etag", etag })).kind);
  outcomes.push((await objects.put(probeName, bytes("fifth"), { kind: "etag", etag })).kind);
  await objects.delete(probeName);
  if (outcomes.join() === "written,beaten,beaten,written,beaten") return ok(undefined);
  const detail = `${objects.name} does not keep the conditions of writes (${outcomes.join(", ")}), so that of two writers both would win; use a service that does`;
  return fail("store-failed", "peer", detail);
}
