import { headStoreRules, startTestS3, type TestS3 } from "@sojourn/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headName } from "../heads/head-name.ts";
import type { HeadStore } from "./port.ts";
import { s3Replica } from "./s3.ts";

const WORLD = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
let service: TestS3;
let forgetful: TestS3;
let opened = 0;
const prefixes = new Map<HeadStore, string>();

beforeAll(async () => {
  service = await startTestS3();
  forgetful = await startTestS3({ hasConditions: false });
});
afterAll(async () => {
  await service.close();
  await forgetful.close();
});

function headsAt(prefix: string): HeadStore {
  const replica = s3Replica({ ...service.options("worlds"), prefix, timeoutMs: 1_000 });
  if (!replica.ok) throw new Error(replica.fault.detail);
  prefixes.set(replica.value.heads, prefix);
  return replica.value.heads;
}
const open = (): HeadStore => headsAt(`heads-${opened++}`);
const again = (store: HeadStore): HeadStore => headsAt(prefixes.get(store) as string);

describe("the heads of an S3 replica", () => {
  for (const rule of headStoreRules) test(rule.title, () => rule.check({ open, again }));

  test("lie where a gateway has them, and no probe is left", async () => {
    const heads = open();
    await heads.swap(WORLD, new Uint8Array([1]), undefined);
    const prefix = prefixes.get(heads) as string;
    const names = [...(service.buckets.get("worlds")?.keys() ?? [])].filter((name) => name.startsWith(prefix));
    expect(names).toEqual([`${prefix}/ipns/${headName(WORLD)}`]);
  });

  test("a swap that was done and not answered says that nobody knows; read, it lies there", async () => {
    const heads = open();
    await heads.swap(WORLD, new Uint8Array([1]), undefined);
    service.trouble({ kind: "done-silent", method: "PUT" });
    expect(await heads.swap(WORLD, new Uint8Array([2]), new Uint8Array([1]))).toMatchObject({ fault: { code: "store-failed" } });
    expect(await heads.read(WORLD)).toEqual({ ok: true, value: new Uint8Array([2]) });
    expect(await heads.swap(WORLD, new Uint8Array([3]), new Uint8Array([2]))).toEqual({ ok: true, value: undefined });
  });

  test("are not kept in a service that forgets the conditions of writes", async () => {
    const replica = s3Replica({ ...forgetful.options("worlds") });
    const refused = replica.ok ? await replica.value.heads.swap(WORLD, new Uint8Array([1]), undefined) : replica;
    expect(refused).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "peer" } });
  });
});
