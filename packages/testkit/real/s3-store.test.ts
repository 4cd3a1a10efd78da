// The S3 store and its conditional writes against a real S3 service, Ceph's gateway: where it can be started, and said where it cannot.
import { type Block, type BlockStore, checkConditions, openS3, type S3Condition, type S3Objects, s3Store } from "@sojourn/substrate";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blockStoreRules } from "../src/block-store-contract.ts";
import { findRgw, type Rgw, startRgw } from "../src/s3/rgw.ts";

const found = findRgw();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let rgw: Rgw;
let opened = 0;
const places = new Map<BlockStore, S3Objects>();

beforeAll(async () => {
  if ("missing" in found) return console.warn(`the S3 store was not tried against Ceph: ${found.missing}`);
  rgw = await startRgw(found.script);
  const { accessKeyId, secretAccessKey } = rgw;
  const made = await new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1" }).fetch(`${rgw.endpoint}/worlds`, {
    method: "PUT",
  });
  expect(made.status).toBe(200);
});
afterAll(() => rgw?.close());

function objectsAt(prefix: string): S3Objects {
  const objects = openS3({ ...rgw, bucket: "worlds", prefix });
  if (!objects.ok) throw new Error(objects.fault.detail);
  return objects.value;
}

async function open(seed: readonly Block[]): Promise<BlockStore> {
  const objects = objectsAt(`run-${opened++}/`);
  const store = s3Store(objects);
  places.set(store, objects);
  for (const block of seed) expect(await store.put(block)).toEqual({ ok: true, value: undefined });
  return store;
}

async function damage(store: BlockStore, { cid }: Block, wrong: Uint8Array): Promise<void> {
  expect(await places.get(store)?.put(`ipfs/${cid}`, wrong)).toMatchObject({ kind: "written" });
}

describe.skipIf("missing" in found)(`the S3 store over Ceph${"missing" in found ? ` (not run: ${found.missing})` : ""}`, () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open, damage }));

  test("keeps the conditions of writes: of twenty writers one wins, the others are told so", async () => {
    const objects = objectsAt("race/");
    expect(await checkConditions(objects, "probe")).toEqual({ ok: true, value: undefined });
    const race = async (condition: S3Condition): Promise<void> => {
      const texts = Array.from({ length: 20 }, (_, i) => `writer ${i} ${Math.random()}`);
      const outcomes = await Promise.all(texts.map((text) => objects.put("head", bytes(text), condition)));
      const now = await objects.get("head", 100);
      const winner = texts.indexOf(new TextDecoder().decode((now.ok && now.value?.bytes) || undefined));
      // A service under load may leave a writer in the dark ("unknown"); it may never tell two that they won, or a loser that it did.
      for (const [i, { kind }] of outcomes.entries()) expect(i === winner ? ["written", "unknown"] : ["beaten", "unknown"]).toContain(kind);
      expect(winner).toBeGreaterThanOrEqual(0);
    };
    await race({ kind: "absent" });
    for (let round = 0; round < 3; round++) {
      const head = await objects.head("head");
      await race({ kind: "etag", etag: (head.ok && head.value?.etag) || "" });
    }
  });

  test("lists more than one page, and tells a bucket that is not there from an object that is not", async () => {
    const objects = objectsAt("many/");
    const names = Array.from({ length: 1_050 }, (_, i) => `n${String(i).padStart(4, "0")}`);
    for (let at = 0; at < names.length; at += 50) await Promise.all(names.slice(at, at + 50).map((name) => objects.put(name, bytes(name))));
    const listed: string[] = [];
    for await (const entry of objects.list("")) listed.push(entry.ok ? entry.value.name : entry.fault.detail);
    expect(listed).toEqual(names);
    const nowhere = openS3({ ...rgw, bucket: "nowhere" });
    const got = nowhere.ok ? await nowhere.value.get("a", 1) : nowhere;
    expect(got.ok ? "" : got.fault.detail).toContain("no such bucket");
    expect(await objects.get("a", 1)).toEqual({ ok: true, value: undefined });
  });
});
