// A replica in a bucket of any S3 service that keeps the conditions of writes. One that does not is refused before a head is put there.
import { ok, type Result } from "@sojourn/protocol";
import { checkConditions } from "../s3/conditions.ts";
import { openS3 } from "../s3/objects.ts";
import type { S3Options } from "../s3/options.ts";
import { s3Store } from "../stores/s3.ts";
import type { HeadStore, Replica } from "./port.ts";
import { s3Heads } from "./s3-heads.ts";

/** Asks nothing yet: whether the service keeps conditions is tried before the first head is put. Fault `store-failed`: an option is wrong. */
export function s3Replica(options: S3Options): Result<Replica> {
  const objects = openS3(options);
  if (!objects.ok) return objects;
  const heads = s3Heads(objects.value);
  let checked: Result<void> | undefined;
  const swap: HeadStore["swap"] = async (world, next, over) => {
    if (checked?.ok !== true) checked = await checkConditions(objects.value, `probes/${globalThis.crypto.randomUUID()}`);
    return checked.ok ? await heads.swap(world, next, over) : checked;
  };
  const { name } = objects.value;
  return ok({ name, kind: "s3", blocks: s3Store(objects.value), heads: { ...heads, swap }, close: async () => undefined });
}
