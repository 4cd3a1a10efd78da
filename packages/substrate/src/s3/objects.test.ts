import { startTestS3, type TestS3 } from "@sojourn/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { checkConditions } from "./conditions.ts";
import { readListPage } from "./list-page.ts";
import { openS3, type S3Objects } from "./objects.ts";
import { checkS3Options, type S3Options } from "./options.ts";

const services: TestS3[] = [];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function start(options: Parameters<typeof startTestS3>[0] = {}): Promise<TestS3> {
  const service = await startTestS3(options);
  services.push(service);
  return service;
}

function open(service: TestS3, more: Partial<S3Options> = {}): S3Objects {
  const opened = openS3({ ...service.options("worlds"), prefix: "tavern/", ...more });
  if (!opened.ok) throw new Error(opened.fault.detail);
  return opened.value;
}

async function names(objects: S3Objects, beginning: string): Promise<string[]> {
  const listed: string[] = [];
  for await (const entry of objects.list(beginning)) listed.push(entry.ok ? entry.value.name : entry.fault.detail);
  return listed;
}

afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

describe("objects in an S3 service", () => {
  test("are written, read, seen, listed and deleted under the prefix alone", async () => {
    const service = await start();
    const objects = open(service);
    const written = await objects.put("heads/a.head", bytes("one"));
    expect(written).toEqual({ kind: "written", etag: "f97c5d29941bfb1b2fdab0874906ab82" });
    expect([...(service.buckets.get("worlds")?.keys() ?? [])]).toEqual(["tavern/heads/a.head"]);
    expect(await objects.get("heads/a.head", 3)).toEqual({
      ok: true,
      value: { bytes: bytes("one"), etag: "f97c5d29941bfb1b2fdab0874906ab82" },
    });
    expect(await objects.head("heads/a.head")).toEqual({ ok: true, value: { bytes: 3, etag: "f97c5d29941bfb1b2fdab0874906ab82" } });
    expect(await names(objects, "heads/")).toEqual(["heads/a.head"]);
    expect(await names(objects, "blocks/")).toEqual([]);
    expect(await names(open(service, { prefix: "" }), "")).toEqual(["tavern/heads/a.head"]);
    expect(await objects.delete("heads/a.head")).toEqual({ ok: true, value: undefined });
    expect(await objects.delete("heads/a.head")).toEqual({ ok: true, value: undefined });
    expect([await objects.get("heads/a.head", 3), await objects.head("heads/a.head")]).toEqual(
      Array(2).fill({ ok: true, value: undefined }),
    );
  });

  test("are read up to the limit and not a byte further", async () => {
    const objects = open(await start());
    await objects.put("a", new Uint8Array(11));
    expect(await objects.get("a", 10)).toMatchObject({ ok: false, fault: { code: "oversized", blame: "peer" } });
  });

  test("are listed page by page, to the last", async () => {
    const service = await start({ pageKeys: 7 });
    const objects = open(service);
    const wanted = Array.from({ length: 23 }, (_, i) => `blocks/${String(i).padStart(3, "0")}`);
    for (const name of wanted) await objects.put(name, bytes(name));
    await objects.put("heads/one", bytes("1"));
    service.requests.length = 0;
    expect(await names(objects, "blocks/")).toEqual(wanted);
    expect(service.requests.length).toBe(4);
    service.trouble({ kind: "refuse", method: "GET", status: 500, code: "InternalError" });
    expect(await names(objects, "blocks/")).toEqual([`${objects.name} answered 500: InternalError`]);
  });

  test("written under a condition have one winner of twenty, each time", async () => {
    const objects = open(await start());
    const race = async (condition: Parameters<S3Objects["put"]>[2]): Promise<string[]> => {
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) => objects.put("head", bytes(`writer ${i} ${Math.random()}`), condition)),
      );
      return all.map(({ kind }) => kind).sort();
    };
    const oneWon = [...Array(19).fill("beaten"), "written"];
    expect(await race({ kind: "absent" })).toEqual(oneWon);
    for (let round = 0; round < 5; round++) {
      const head = await objects.head("head");
      expect(await race({ kind: "etag", etag: (head.ok && head.value?.etag) || "" })).toEqual(oneWon);
    }
    await objects.delete("head");
    expect(await objects.put("head", bytes("late"), { kind: "etag", etag: "0".repeat(32) })).toMatchObject({ kind: "beaten" });
  });

  test.each([
    ["refused for a while", { kind: "refuse", status: 429, code: "SlowDown" }, "failed", false],
    ["refused for good", { kind: "refuse", status: 403, code: "AccessDenied" }, "failed", false],
    ["not understood", { kind: "refuse", status: 501, code: "NotImplemented" }, "failed", false],
    ["met by another write", { kind: "refuse", status: 409, code: "ConditionalRequestConflict" }, "beaten", false],
    ["too late", { kind: "refuse", status: 412, code: "PreconditionFailed" }, "beaten", false],
    ["failed inside", { kind: "refuse", status: 503, code: "SlowDown" }, "unknown", false],
    ["never answered", { kind: "silent" }, "unknown", false],
    ["done and never answered", { kind: "done-silent" }, "unknown", true],
    ["done and then failed", { kind: "done-refuse", status: 500, code: "InternalError" }, "unknown", true],
  ] as const)("tell what became of a write that was %s", async (_, trouble, kind, isThere) => {
    const service = await start();
    const objects = open(service, { timeoutMs: 250 });
    service.trouble({ ...trouble, method: "PUT" });
    const put = await objects.put("head", bytes("one"), { kind: "absent" });
    expect(put.kind).toBe(kind);
    expect(service.buckets.get("worlds")?.has("tavern/head")).toBe(isThere);
    if (put.kind === "failed") expect(put.fault.retryAfterMs > 0).toBe(trouble.kind === "refuse" && trouble.status === 429);
    // Whatever it was: who then reads and decides anew gets there.
    const now = await objects.get("head", 100);
    if (now.ok && now.value === undefined) expect((await objects.put("head", bytes("one"), { kind: "absent" })).kind).toBe("written");
    else expect(now).toMatchObject({ ok: true, value: { bytes: bytes("one") } });
  });

  test("say that nothing was sent where no service is", async () => {
    const service = await startTestS3();
    const objects = open(service);
    await service.close();
    expect(await objects.put("head", bytes("one"))).toMatchObject({ kind: "failed", fault: { blame: "link", retryAfterMs: 1_000 } });
  });

  test("say which key, bucket or region is wrong, and never a secret", async () => {
    const service = await start();
    const told = async (more: Partial<S3Options>): Promise<string> => {
      const got = await open(service, more).get("a", 1);
      return got.ok ? "nothing wrong" : got.fault.detail;
    };
    expect(await told({ secretAccessKey: "another" })).toContain("the secret key does not belong to the access key");
    expect(await told({ accessKeyId: "nobody" })).toContain("does not know this access key");
    expect(await told({ bucket: "elsewhere" })).toContain("no such bucket");
    expect(await told({ region: "mars" })).toContain("the region is another");
    expect(await told({})).toBe("nothing wrong");
    expect(JSON.stringify([service.unsigned, await told({ secretAccessKey: "another" }), open(service).name])).not.toMatch(
      /another"|test-secret/,
    );
  });

  test("take no name that a URL or a signature could read in two ways", async () => {
    const service = await start();
    const objects = open(service);
    for (const name of [
      "",
      ".",
      "..",
      "../x",
      "a/../b",
      "a//b",
      "/a",
      "a/",
      "a b",
      "a%2fb",
      "a?b",
      "ä",
      ".hidden",
      "a/.b",
      "x".repeat(1_025),
    ]) {
      expect((await objects.put(name, bytes("x"))).kind).toBe("failed");
      expect((await objects.get(name, 1)).ok).toBe(false);
      expect((await objects.delete(name)).ok).toBe(false);
    }
    expect(service.requests).toEqual([]);
  });

  test("break off in the middle of a body without giving any of it", async () => {
    const service = await start();
    const objects = open(service);
    await objects.put("a", new Uint8Array(100_000));
    service.trouble({ kind: "cut", method: "GET" });
    expect(await objects.get("a", 100_000)).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "link" } });
  });
});

describe("a service that forgets conditions", () => {
  test("is found out before a head is kept there", async () => {
    const honest = await start();
    expect(await checkConditions(open(honest), "probe")).toEqual({ ok: true, value: undefined });
    expect(honest.buckets.get("worlds")?.size).toBe(0);
    const forgetful = await checkConditions(open(await start({ hasConditions: false })), "probe");
    expect(forgetful).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "peer" } });
  });
});

describe("options and lists", () => {
  const good: S3Options = { endpoint: "https://s3.example/", bucket: "worlds", accessKeyId: "a", secretAccessKey: "b" };

  test("are looked over before anything is sent", () => {
    expect(checkS3Options({ ...good, prefix: "/a/b" })).toMatchObject({
      ok: true,
      value: { base: "https://s3.example/worlds/a/b/", prefix: "a/b/" },
    });
    const wrong: Partial<S3Options>[] = [
      ...["", "s3.example", "ftp://s3.example", "https://a:b@s3.example", "https://s3.example/?x=1"].map((endpoint) => ({ endpoint })),
      ...["", "a", "a/b", "..", "x".repeat(64)].map((bucket) => ({ bucket })),
      ...["../up", "a b", "a//b", "x".repeat(513)].map((prefix) => ({ prefix })),
      { accessKeyId: "" },
    ];
    for (const one of wrong) expect([one, checkS3Options({ ...good, ...one }).ok]).toEqual([one, false]);
  });

  test("that are no lists are faults", () => {
    const texts = ["", "<", "<html/>", "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>"];
    texts.push("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>");
    for (const text of texts) expect([text, readListPage(text, "s3").ok]).toEqual([text, false]);
  });

  test("that go round in a circle end", async () => {
    const page = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>";
    const opened = openS3({ ...good, fetch: async () => new Response(page) });
    if (opened.ok) expect(await names(opened.value, "")).toEqual([expect.stringContaining("the same page again")]);
    expect(opened.ok).toBe(true);
  });
});
