// A replica in a bucket of any S3 service that keeps the conditions of writes. One that does not is refused before anything is put there.
import { ok, type Result } from "@sojourn/protocol";
import { checkConditions } from "../s3/conditions.ts";
import { openS3 } from "../s3/objects.ts";
import type { S3Options } from "../s3/options.ts";
import { s3Store } from "../stores/s3.ts";
import type { Replica } from "./port.ts";
import { s3Heads } from "./s3-heads.ts";

/** For a reader nothing is written: `isWriter` false leaves the conditions untried. Faults: `store-failed`, with the option or the service that is wrong. */
export async function s3Replica(options: S3Options, isWriter = true): Promise<Result<Replica>> {
  const objects = openS3(options);
  if (!objects.ok) return objects;
  const probe = `probes/${globalThis.crypto.randomUUID()}`;
  const checked = isWriter ? await checkConditions(objects.value, probe) : ok(undefined);
  if (!checked.ok) return checked;
  const { name } = objects.value;
  return ok({ name, kind: "s3", blocks: s3Store(objects.value), heads: s3Heads(objects.value), close: async () => undefined });
}
